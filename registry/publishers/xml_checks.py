"""Strict checks of our own lists in XML: the official schema, the reading of `tl_checks`, and what each kind promises."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lxml import etree

from registry.errors import InvalidInput
from registry.publishers.facts import ListFacts
from registry.publishers.list_contents import ListContents, ListedEntity, ServiceState
from registry.publishers.list_pointers import LIST_OF_LISTS
from registry.publishers.tl_checks import (
    TS_119_602,
    TS_119_612,
    Binding,
    binding_of,
    parse_tl_xml,
    read_xml_list,
)
from registry.publishers.xml_schemas import LOTE_SCHEMA, TSL_SCHEMA, load_schema

_SCHEMAS: Mapping[str, Path] = {TS_119_612.root: TSL_SCHEMA, TS_119_602.root: LOTE_SCHEMA}
RECOGNIZED = ("/status/active", "/status/active-with-conditions")
"""How the status of a service that is recognized ends."""
_TYPES = "/list-type/"


def parse_own_xml(root: etree._Element) -> ListFacts | None:
    """Check one of our lists strictly and return what it says of itself; None for a list that is of no kind of ours.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    binding = binding_of(root)
    contents = read_xml_list(root)
    kind = _KINDS.get((binding.root, contents.list_type.rpartition(_TYPES)[2]))
    if kind is None:
        return None
    format_id, check = kind
    _check_schema(root, binding)
    facts = parse_tl_xml(root, format_id)
    check(contents)
    return facts


def _check_schema(root: etree._Element, binding: Binding) -> None:
    schema = load_schema(_SCHEMAS[binding.root])
    if not schema.validate(root):
        problem = schema.error_log.last_error
        raise InvalidInput(
            f"line {problem.line}: {problem.message[:200]}" if problem else "not of the schema"
        )


def _check_register(contents: ListContents) -> None:
    for place, state in _states(contents):
        if state.status is None or state.since is None:
            raise InvalidInput(f"entity {place}: a service of a register has a status and its start")
        if not state.status.endswith(RECOGNIZED) and state.identity.certificates:
            raise InvalidInput(f"entity {place}: a service that is not recognized carries a certificate")


def _check_anchors(contents: ListContents) -> None:
    for place, state in _states(contents):
        if state.status is not None or state.since is not None:
            raise InvalidInput(f"entity {place}: a list of anchors has no status")
        if not state.identity.certificates:
            raise InvalidInput(f"entity {place}: an anchor without a certificate")


def _check_pointers(contents: ListContents) -> None:
    if contents.entities:
        raise InvalidInput("a list of lists has pointers, and no entities")
    if not contents.pointers:
        raise InvalidInput("the list of lists points to nothing, not even to itself")


def _states(contents: ListContents) -> Iterator[tuple[int, ServiceState]]:
    for entity in contents.entities:
        if isinstance(entity, ListedEntity):
            for service in entity.services:
                yield entity.place, service.state


_KINDS: Mapping[tuple[str, str], tuple[str, Callable[[ListContents], None]]] = {
    (TS_119_612.root, "issuers"): ("tl_xml", _check_register),
    (TS_119_612.root, LIST_OF_LISTS): ("lotl_xml", _check_pointers),
    (TS_119_602.root, "anchors"): ("lote_anchors_xml", _check_anchors),
    (TS_119_602.root, "register"): ("lote_register_xml", _check_register),
}
"""Root and last part of the list type to format id and what the kind promises beyond the schema."""
