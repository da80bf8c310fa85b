"""JSON-LD without a network: contexts come from what the project carries, and a term that drops out is an error."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pyld import jsonld
from rdflib import Graph

import registry.publishers

SCHEMAS = Path(registry.publishers.__file__).parent / "schemas"
CARRIED = {
    "https://credreg.net/ctdl/schema/context/json": "ctdl/context.json",
    "http://data.europa.eu/snb/model/context/edc-ap": "elm/edc-ap-context.jsonld",
}
"""Address of a context to the copy of it in the package."""


class TermDropped(AssertionError):
    """A member of a document has no meaning in its contexts."""


def expand(body: bytes, contexts: Mapping[str, bytes] | None = None) -> Any:
    """Return the expanded form; `contexts`: further addresses, such as that of a file beside the document.

    Raises:
        TermDropped: a member means nothing.
        LookupError: a context is not carried.
    """

    def dropped(name: str | None) -> None:
        raise TermDropped(name)

    options = {"documentLoader": _loader(contexts or {}), "processingMode": "json-ld-1.1"}
    return jsonld.expand(json.loads(body), options, on_property_dropped=dropped)


def graph(body: bytes, contexts: Mapping[str, bytes] | None = None) -> Graph:
    """Return the RDF graph of a document, of which nothing dropped out."""
    quads = jsonld.to_rdf(expand(body, contexts), {"format": "application/n-quads"})
    return Graph().parse(data=quads, format="nt")


def _loader(contexts: Mapping[str, bytes]) -> Callable[[str, Any], Mapping[str, Any]]:
    def load(url: str, options: Any) -> Mapping[str, Any]:
        carried = CARRIED.get(url)
        body = (SCHEMAS / carried).read_bytes() if carried else contexts.get(url)
        if body is None:
            raise LookupError(f"no context is carried for {url}")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": json.loads(body),
        }

    return load
