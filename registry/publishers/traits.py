"""What a format may say about itself beyond `Publisher`; one that says nothing has the usual trait.

| attribute | usual | meaning |
| --- | --- | --- |
| `list_type` | the format id | last part of the type URI that stands in the list: `<scheme>/list-type/<list_type>` |
| `addresses` | none | further addresses under which the current document stands, such as `/registry.json` |
"""

from registry.domain.trust_list import SchemeInfo
from registry.publishers.base import ListOfLists, Publisher, Reach

REGISTRY = "registry"
"""Slug under which documents of the whole registry are published; no scheme and no body can take it."""
REGISTRY_WIRE = f"/schemes/{REGISTRY}.json"
"""Where an edition says who signs them."""


def is_registry_wide(publisher: Publisher) -> bool:
    """Whether one document gathers the issuers of all schemes."""
    return publisher.reach is Reach.REGISTRY


def list_type(format_: Publisher | ListOfLists, scheme: SchemeInfo) -> str:
    """Return the type URI that stands in the lists of a format."""
    return scheme.uri("list-type", getattr(format_, "list_type", format_.format_id.replace("_", "-")))


def further_addresses(publisher: Publisher) -> tuple[str, ...]:
    """Return the further addresses of a format's current document."""
    return tuple(getattr(publisher, "addresses", ()))
