"""What the JSON-LD exports share: names in a language, and how a graph of fragments becomes a document."""

from collections.abc import Iterable, Mapping

from registry.domain.trust_list import Text, canonical_json

JSON_LD = "application/ld+json"
"""Media type of JSON-LD (JSON-LD 1.1, C)."""
UNKNOWN_LANGUAGE = "und"
"""BCP 47 tag of a text whose language nobody stated."""


def legal_name(name: str, names: Text) -> dict[str, str]:
    """Return a legal name under the language in which the institution has the same name, else as undetermined."""
    known = [language for language, text in sorted(names.as_dict().items()) if text == name]
    return {known[0] if known else UNKNOWN_LANGUAGE: name}


def graph_document(
    context: object, nodes: Iterable[Mapping[str, object]], fragments: Iterable[bytes]
) -> bytes:
    """Return a JSON-LD document of some nodes and the fragments; a fragment is one node, or several joined by commas."""
    graph = b",".join([*(canonical_json(node) for node in nodes), *fragments])
    return b'{"@context":%b,"@graph":[%b]}' % (canonical_json(context), graph)
