"""Whatever the bytes of a list and whatever a trusted key signed in it, reading ends with a named check, never a crash."""

import contextlib
from copy import deepcopy
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from registry.errors import InvalidInput
from registry.importers.lists import list_names, list_source, parse_parties
from registry.publishers import PUBLISHERS, build
from registry.publishers.facts import VerificationFailed
from registry.publishers.foreign_lists import OPENERS, OpenedList, open_list
from registry.publishers.verify import Trust, verify_document
from registry.signing.cose import peek_cose, sign_cose
from registry.signing.xades import sign_enveloped
from registry.signing.xml_reading import parse_xml

from support.foreign import AAMVA, SWEDEN
from vectors.sample import ISSUED_AT, header, sample_entries, sample_list, signer

SIGNER = signer()
TRUST = Trust(certificates=SIGNER.certificates)
ENTRIES = sample_entries()[:2]
XML = {
    name: build(PUBLISHERS[name], sample_list(ENTRIES), header(), SIGNER).body
    for name in ("tl_xml", "lote_anchors_xml", "lote_register_xml")
}
FORMATS = {"tl_xml": "tl-xml", "lote_anchors_xml": "lote-xml", "lote_register_xml": "lote-xml"}
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=8
)
CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.binary(max_size=6)
    | st.text(max_size=6)
    | st.just(cbor2.CBORTag(0, "2026-13-01T00:00:00Z"))
    | st.just(cbor2.CBORSimpleValue(7)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def take(
    body: bytes, format_: str, at: Any = ISSUED_AT, pins: tuple[bytes, ...] | None = None
) -> OpenedList | None:
    """Read a list as an import does, to the last listing."""
    with contextlib.suppress(VerificationFailed):
        opened = open_list(body, format_, pins, at)
        with contextlib.suppress(InvalidInput):
            list_names(opened.contents)
        for party in parse_parties(opened.contents, list_source(opened.contents)):
            assert party.row.facts is not None or party.row.refusal is not None
            assert len(party.row.key) <= 500
            assert all(len(listing.key) <= 40 for listing in party.listings)
        return opened
    return None


def signed_again(root: etree._Element) -> bytes:
    """Sign a changed tree as the publisher would."""
    whole = etree.tostring(root, method="c14n", exclusive=True)
    end = f"</{etree.QName(root).localname}>".encode()
    if not whole.endswith(end):
        return whole
    return sign_enveloped([whole[: -len(end)]], end, SIGNER, ISSUED_AT)


def unsigned(body: bytes) -> etree._Element:
    root = parse_xml(body)
    root.remove(root[-1])
    return root


def change(root: etree._Element, data: st.DataObject) -> None:
    """Change one element somewhere: its text, an attribute, its place, or its being there."""
    element = data.draw(st.sampled_from(list(root.iter("{*}*"))))
    parent = element.getparent()
    match data.draw(st.sampled_from(["text", "attribute", "remove", "repeat", "move", "nest", "rename"])):
        case "text":
            element.text = data.draw(TEXT)
        case "attribute":
            element.set(data.draw(st.sampled_from(["Critical", "Id", "TSLTag"])), data.draw(TEXT))
        case "rename":
            element.tag = data.draw(st.sampled_from(["other", *(child.tag for child in root.iter("{*}*"))]))
        case "nest":
            element.append(deepcopy(root[0]))
        case "remove" if parent is not None:
            parent.remove(element)
        case "repeat" if parent is not None:
            parent.append(deepcopy(element))
        case "move" if parent is not None:
            root.append(element)


@pytest.mark.parametrize("format_id", XML)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_change_of_a_tree_that_a_trusted_key_signed_is_accepted_or_refused_with_a_check(
    format_id: str, data: st.DataObject
) -> None:
    root = unsigned(XML[format_id])
    change(root, data)
    body = signed_again(root)
    with contextlib.suppress(VerificationFailed):
        verify_document(body, TRUST, ISSUED_AT, None)
    take(body, FORMATS[format_id], pins=SIGNER.certificates)
    take(body, FORMATS[format_id])


@pytest.mark.parametrize("format_id", XML)
@settings(deadline=None, max_examples=60)
@given(place=st.integers(min_value=0), byte=st.integers(0, 255))
def test_a_changed_byte_never_changes_what_a_verifier_is_told(format_id: str, place: int, byte: int) -> None:
    body = XML[format_id]
    honest = verify_document(body, TRUST, ISSUED_AT, None).facts
    place %= len(body)
    changed = body[:place] + bytes([byte]) + body[place + 1 :]
    with contextlib.suppress(VerificationFailed):
        assert verify_document(changed, TRUST, ISSUED_AT, None).facts == honest


@settings(deadline=None, max_examples=60)
@given(place=st.integers(min_value=0), more=st.binary(max_size=6))
def test_a_real_list_with_bytes_put_in_is_read_or_refused(place: int, more: bytes) -> None:
    body = SWEDEN.body
    place %= len(body)
    take(body[:place] + more + body[place + len(more) // 2 :], "tl-xml", SWEDEN.at)


@pytest.mark.parametrize("format_", OPENERS)
@settings(deadline=None, max_examples=80)
@given(body=st.binary(max_size=60))
def test_no_bytes_crash_any_reader(format_: str, body: bytes) -> None:
    for start in (b"", b"<", b"\x84", b"{", b"eyJhbGciOiJFUzI1NiJ9."):
        take(start + body, format_)
        take(start + body, format_, pins=SIGNER.certificates)
        with pytest.raises(VerificationFailed):
            verify_document(start + body, TRUST, ISSUED_AT, None)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in inside for found in places(inner, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    changed = deepcopy(value)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    return changed


REAL_VICAL = cbor2.loads(peek_cose(AAMVA.body).payload)
REAL_VICAL["certificateInfos"] = REAL_VICAL["certificateInfos"][:2]
OUR_VICAL = cbor2.loads(
    peek_cose(build(PUBLISHERS["vical"], sample_list(ENTRIES), header(), SIGNER).body).payload
)


@pytest.mark.parametrize("vical", [REAL_VICAL, OUR_VICAL], ids=["real", "ours"])
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_any_value_at_any_place_of_a_signed_vical_is_accepted_or_refused_with_a_check(
    vical: dict[str, Any], data: st.DataObject
) -> None:
    changed = put(vical, data.draw(st.sampled_from(places(vical))), data.draw(CBOR))
    body = sign_cose(cbor2.dumps(changed, timezone=ISSUED_AT.tzinfo), SIGNER)
    with contextlib.suppress(VerificationFailed):
        verify_document(body, TRUST, ISSUED_AT, None)
    take(body, "vical", pins=SIGNER.certificates)
    take(body, "vical", AAMVA.at)


@settings(deadline=None, max_examples=60)
@given(place=st.integers(min_value=0), byte=st.integers(0, 255))
def test_no_changed_byte_of_the_real_vical_goes_unnoticed(place: int, byte: int) -> None:
    body = AAMVA.body
    place %= len(body)
    changed = body[:place] + bytes([byte]) + body[place + 1 :]
    opened = take(changed, "vical", AAMVA.at, AAMVA.pins)
    assert opened is None or opened.contents == open_list(body, "vical", AAMVA.pins, AAMVA.at).contents
