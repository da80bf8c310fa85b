"""Canonical XML and the enveloped signature: what is written is what canonicalization would give."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from registry.signing.canonical_xml import UNKNOWN, as_bytes, element, text
from registry.signing.signers import EcSigner
from registry.signing.xades import DSIG, XADES, sign_enveloped

from vectors.sample import private_key, signer

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec=None))


def canonical(node: Any) -> bytes:
    """Exclusive canonical form, by libxml2."""
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


@given(content=ANY_TEXT, attribute=ANY_TEXT)
def test_any_text_is_written_in_canonical_form(content: str, attribute: str) -> None:
    written = as_bytes(element("a", text(content), {"xml:lang": attribute, "b": attribute}))
    assert canonical(etree.fromstring(written)) == written


@given(content=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Co"))))
def test_text_that_xml_can_carry_is_read_back_as_it_was(content: str) -> None:
    root = etree.fromstring(as_bytes(element("a", text(content), {"b": content})))
    assert (root.text or "", root.get("b")) == (content, content)


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_replaced(character: str) -> None:
    assert as_bytes(text(f"a{character}b")).decode() == f"a{UNKNOWN}b"


def test_declarations_come_before_attributes_and_plain_names_before_those_of_xml() -> None:
    written = element("a", "", {"xml:lang": "en", "b": "1", "a": "2", "xmlns": "urn:x"})
    assert written == '<a xmlns="urn:x" a="2" b="1" xml:lang="en"></a>'
    assert canonical(etree.fromstring(written)) == written.encode()


def signed(content: bytes = b"<x>text</x>", key: Any = None) -> Any:
    document = sign_enveloped([b'<r xmlns="urn:r">', content], b"</r>", key or signer(), AT)
    return etree.fromstring(document)


def test_the_signature_is_the_last_child_of_a_root_without_id() -> None:
    root = signed()
    assert root[-1].tag == f"{{{DSIG}}}Signature"
    assert "Id" not in root.attrib


def test_each_reference_holds_the_digest_that_canonicalization_gives() -> None:
    root = signed()
    properties = root.find(f".//{{{XADES}}}SignedProperties")
    digests = [node.text for node in root.findall(f".//{{{DSIG}}}Reference/{{{DSIG}}}DigestValue")]
    wanted = [canonical(properties)]
    root.remove(root[-1])
    wanted.insert(0, canonical(root))
    assert digests == [base64.b64encode(hashlib.sha256(form).digest()).decode() for form in wanted]


def test_the_signature_value_is_over_the_canonical_signed_info() -> None:
    given_bytes: list[bytes] = []

    class Watched(EcSigner):
        def sign(self, data: bytes) -> bytes:
            given_bytes.append(data)
            return super().sign(data)

    root = signed(key=Watched("watched", private_key(1), signer().certificates))
    assert given_bytes == [canonical(root.find(f".//{{{DSIG}}}SignedInfo"))]


class Hardware:
    """Nothing but what the interface of signers promises: no private key in sight."""

    key_id = "slot-1"
    algorithm = "ES256"
    certificates = signer().certificates

    def sign(self, data: bytes) -> bytes:
        """Sign in the device."""
        return signer().sign(data)


def test_a_key_that_never_leaves_its_device_signs_the_same() -> None:
    assert etree.tostring(signed(key=Hardware())) == etree.tostring(signed())


def test_the_signing_time_is_the_one_given_and_the_bytes_are_the_same_each_time() -> None:
    assert signed().findtext(f".//{{{XADES}}}SigningTime") == "2026-09-01T09:00:00Z"
    assert etree.tostring(signed()) == etree.tostring(signed())


def test_a_key_without_certificate_signs_no_list() -> None:
    with pytest.raises(ValueError, match="has no certificate"):
        signed(key=EcSigner("bare", private_key(1)))
