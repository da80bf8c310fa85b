"""XAdES of others: real lists hold under their signer alone, and no rearranged or weakened signature does."""

import base64
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from registry.signing.xades_verify import DS, XADES, XadesInvalid, peek_xades, verify_xades
from registry.signing.xml_reading import parse_xml

from support.foreign import LOTL, SWEDEN, RealList

TSL = "{http://uri.etsi.org/02231/v2#}"
Change = Callable[[etree._Element, etree._Element], object]


@pytest.mark.parametrize("real", [SWEDEN, LOTL], ids=lambda real: real.name)
def test_a_real_list_holds_and_what_comes_back_is_what_was_signed(real: RealList) -> None:
    root = parse_xml(real.body)
    signed = verify_xades(root, real.pins[0], real.at)
    assert signed is not root
    assert signed.tag == root.tag
    assert [child.tag for child in signed] == [child.tag for child in root][:-1]
    assert peek_xades(root).certificates == real.pins
    assert datetime.fromisoformat(peek_xades(root).signed_at).year in {2025, 2026}


@pytest.mark.parametrize("real", [SWEDEN, LOTL], ids=lambda real: real.name)
def test_the_certificate_of_another_list_does_not_do(real: RealList) -> None:
    other = LOTL if real is SWEDEN else SWEDEN
    with pytest.raises(XadesInvalid, match="another certificate"):
        verify_xades(parse_xml(real.body), other.pins[0], real.at)


def test_a_certificate_is_not_taken_after_its_end() -> None:
    with pytest.raises(XadesInvalid, match="does not fit"):
        verify_xades(parse_xml(SWEDEN.body), SWEDEN.pins[0], datetime(2031, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<TSLSequenceNumber>55<", b"<TSLSequenceNumber>56<"),
        (b"Svcstatus/withdrawn", b"Svcstatus/granted"),
        (b"SignGuard Europe AB", b"SignGuard Europe BA"),
        (b"2025-10-10T11:16:01Z", b"2035-10-10T11:16:01Z"),
        (b"<xades:SigningTime>2025-04-10", b"<xades:SigningTime>2025-04-11"),
        (b"</TrustServiceProviderList>", b"<TrustServiceProvider/></TrustServiceProviderList>"),
    ],
)
def test_a_real_list_with_one_change_is_refused(old: bytes, new: bytes) -> None:
    assert old in SWEDEN.body
    with pytest.raises(XadesInvalid, match="changed after it was signed"):
        verify_xades(parse_xml(SWEDEN.body.replace(old, new, 1)), SWEDEN.pins[0], SWEDEN.at)


def own_certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate that a key issued itself, DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented signer")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (rsa.generate_private_key(65537, 1024), "too weak"),
        (ec.generate_private_key(ec.SECP192R1()), "too weak"),
        (ec.generate_private_key(ec.SECP256R1()), "does not fit"),
        (rsa.generate_private_key(65537, 2048), "does not fit"),
    ],
    ids=["RSA 1024", "P-192", "P-256", "RSA 2048"],
)
def test_a_pinned_key_that_is_weak_or_did_not_sign_is_refused(key: rsa.RSAPrivateKey, said: str) -> None:
    root, pin = parse_xml(SWEDEN.body), own_certificate(key)
    root[-1].find(f".//{{{DS}}}X509Certificate").text = base64.b64encode(pin).decode()
    with pytest.raises(XadesInvalid, match=said):
        verify_xades(root, pin, SWEDEN.at)


def wrap_in_another_root(root: etree._Element, signature: etree._Element) -> None:
    inner = deepcopy(root)
    for child in list(root):
        root.remove(child)
    root.append(inner)


def second_signature(root: etree._Element, signature: etree._Element) -> None:
    root.append(deepcopy(signature))


def hidden_signature(root: etree._Element, signature: etree._Element) -> None:
    root[0].append(deepcopy(signature))


def content_after_the_signature(root: etree._Element, signature: etree._Element) -> None:
    root.append(deepcopy(root[0]))


def text_after_the_signature(root: etree._Element, signature: etree._Element) -> None:
    signature.tail = "granted"


def whole_by_id(root: etree._Element, signature: etree._Element) -> None:
    references(signature)[0].set("URI", f"#{root.get('Id')}")


def only_the_properties(root: etree._Element, signature: etree._Element) -> None:
    info(signature).remove(references(signature)[0])


def not_the_properties(root: etree._Element, signature: etree._Element) -> None:
    info(signature).remove(references(signature)[1])


def a_third_reference(root: etree._Element, signature: etree._Element) -> None:
    info(signature).append(deepcopy(references(signature)[1]))


def properties_elsewhere(root: etree._Element, signature: etree._Element) -> None:
    references(signature)[1].set("URI", "#elsewhere")
    root[0].set("Id", "elsewhere")


def a_transform_more(root: etree._Element, signature: etree._Element) -> None:
    transforms = references(signature)[0].find(f"{{{DS}}}Transforms")
    xpath = etree.SubElement(
        transforms, f"{{{DS}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"
    )
    etree.SubElement(xpath, f"{{{DS}}}XPath").text = "false()"


def another_canonical_form(root: etree._Element, signature: etree._Element) -> None:
    inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    info(signature).find(f"{{{DS}}}CanonicalizationMethod").set("Algorithm", inclusive)


def no_certificate(root: etree._Element, signature: etree._Element) -> None:
    signature.remove(signature.find(f"{{{DS}}}KeyInfo"))


def broken_certificate(root: etree._Element, signature: etree._Element) -> None:
    signature.find(f".//{{{DS}}}X509Certificate").text = "AAAA"


def no_properties(root: etree._Element, signature: etree._Element) -> None:
    signature.remove(signature.find(f"{{{DS}}}Object"))


def no_signing_time(root: etree._Element, signature: etree._Element) -> None:
    time = signature.find(f".//{{{XADES}}}SigningTime")
    time.getparent().remove(time)


def no_signature(root: etree._Element, signature: etree._Element) -> None:
    root.remove(signature)


def weak_digest(root: etree._Element, signature: etree._Element) -> None:
    for method in info(signature).iter(f"{{{DS}}}DigestMethod"):
        method.set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def weak_signature(root: etree._Element, signature: etree._Element) -> None:
    info(signature).find(f"{{{DS}}}SignatureMethod").set("Algorithm", f"{DS}rsa-sha1")


def symmetric_signature(root: etree._Element, signature: etree._Element) -> None:
    hmac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    info(signature).find(f"{{{DS}}}SignatureMethod").set("Algorithm", hmac)


def unknown_signature(root: etree._Element, signature: etree._Element) -> None:
    info(signature).find(f"{{{DS}}}SignatureMethod").set("Algorithm", "urn:none")


def no_value(root: etree._Element, signature: etree._Element) -> None:
    signature.find(f"{{{DS}}}SignatureValue").text = ""


def info(signature: etree._Element) -> etree._Element:
    return signature.find(f"{{{DS}}}SignedInfo")


def references(signature: etree._Element) -> list[etree._Element]:
    return info(signature).findall(f"{{{DS}}}Reference")


REARRANGED: list[tuple[Change, str]] = [
    (wrap_in_another_root, "not the last child"),
    (second_signature, "more than one signature"),
    (hidden_signature, "more than one signature"),
    (content_after_the_signature, "not the last child"),
    (text_after_the_signature, "not the last child"),
    (whole_by_id, "two references"),
    (only_the_properties, "two references"),
    (not_the_properties, "two references"),
    (a_third_reference, "two references"),
    (properties_elsewhere, "own properties"),
    (a_transform_more, "another form of the document"),
    (another_canonical_form, "exclusive C14N"),
    (no_certificate, "names no certificate"),
    (broken_certificate, "cannot be read"),
    (no_properties, "no signed properties"),
    (no_signing_time, "no signing time"),
    (no_signature, "carries no signature"),
    (weak_digest, "does not fit"),
    (weak_signature, "does not fit"),
    (symmetric_signature, "does not fit"),
    (unknown_signature, "does not fit"),
    (no_value, "does not fit"),
]


@pytest.mark.parametrize(("change", "said"), REARRANGED, ids=[change.__name__ for change, _ in REARRANGED])
@pytest.mark.parametrize("real", [SWEDEN, LOTL], ids=lambda real: real.name)
def test_a_rearranged_or_weakened_signature_is_refused(real: RealList, change: Change, said: str) -> None:
    root = parse_xml(real.body)
    change(root, root[-1])
    with pytest.raises(XadesInvalid, match=said):
        verify_xades(parse_xml(etree.tostring(root)), real.pins[0], real.at)
