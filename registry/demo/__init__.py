"""The demo registry: real institutions as unclaimed facts, invented ones with cases, driven through the services."""
