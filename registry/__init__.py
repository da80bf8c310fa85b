"""A registry of recognized issuers of micro-credentials."""
