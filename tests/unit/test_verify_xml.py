"""Our lists in XML as a verifier sees them: trust, signature, schema, freshness, sequence, as for every other format."""

import hashlib
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, build
from registry.publishers.verify import (
    Seen,
    Trust,
    VerificationFailed,
    Verified,
    parse_trust,
    verify_document,
)
from registry.signing.xades_verify import XadesInvalid, verify_xades
from registry.signing.xml_reading import parse_xml

from vectors.sample import (
    ISSUED_AT,
    PIVOTS,
    header,
    pointers,
    registry_header,
    registry_signer,
    sample_list,
    signer,
)

XML = [name for name, publisher in PUBLISHERS.items() if publisher.file_name.endswith(".xml")]
LISTS = [name for name, lists in LISTS_OF_LISTS.items()]
SIGNER, OFFICE = signer(), registry_signer()
TRUST = Trust(certificates=(*SIGNER.certificates, *OFFICE.certificates))


def published(format_id: str) -> bytes:
    if format_id in LISTS_OF_LISTS:
        lists = LISTS_OF_LISTS[format_id]
        head = registry_header(lists.lifetime)
        return lists.assemble(head, pointers(PUBLISHERS.values()), PIVOTS, OFFICE).body
    publisher = PUBLISHERS[format_id]
    return build(publisher, sample_list(), header(lifetime=publisher.lifetime), SIGNER).body


def verified(
    body: bytes, *, trust: Trust = TRUST, at: datetime = ISSUED_AT, seen: Seen | None = None
) -> Verified:
    return verify_document(body, trust, at, lambda _list, _signer: seen)


def refused(body: bytes, **more: object) -> tuple[str, str]:
    with pytest.raises(VerificationFailed) as failure:
        verified(body, **more)  # type: ignore[arg-type]
    return failure.value.check, str(failure.value)


def test_there_are_lists_in_xml() -> None:
    assert set(XML) == {"tl_xml", "lote_anchors_xml", "lote_register_xml"}
    assert set(LISTS) == {"lotl_xml", "lote_of_lotes"}


@pytest.mark.parametrize("format_id", [*XML, *LISTS])
def test_what_we_publish_verifies_and_says_what_it_is(format_id: str) -> None:
    facts = verified(published(format_id)).facts
    assert (facts.format_id, facts.sequence, facts.issued_at) == (format_id, 7, ISSUED_AT)
    assert facts.territory == "PL"
    assert facts.entries > 2


@pytest.mark.parametrize("format_id", PUBLISHERS)
def test_every_format_that_we_publish_is_read_or_said_to_carry_no_signature(format_id: str) -> None:
    publisher = PUBLISHERS[format_id]
    document = build(publisher, sample_list(), header(lifetime=publisher.lifetime), SIGNER)
    if publisher.signed:
        assert verified(document.body).facts.format_id == format_id
    else:
        check, said = refused(document.body)
        assert check == "format"
        assert hashlib.sha256(document.body).hexdigest() in said


@pytest.mark.parametrize("format_id", XML)
def test_a_bare_key_does_as_well_as_the_certificate(format_id: str) -> None:
    public = SIGNER.private_key.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    by_key = verified(published(format_id), trust=parse_trust(pem))
    assert by_key.signer == verified(published(format_id)).signer


@pytest.mark.parametrize("format_id", [*XML, "lotl_xml"])
def test_another_signer_is_not_trusted(format_id: str) -> None:
    other = Trust(certificates=signer(9).certificates)
    assert refused(published(format_id), trust=other)[0] == "trust"


@pytest.mark.parametrize("format_id", XML)
@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        (b"SequenceNumber>7<", b"SequenceNumber>8<", "signature"),
        (b"Invented College 1<", b"Invented College 2<", "signature"),
        (b"SigningTime>2026", b"SigningTime>2027", "signature"),
        (b"</ds:SignatureValue>", b"A</ds:SignatureValue>", "signature"),
        (b'encoding="UTF-8"?>', b'encoding="UTF-8"?><!DOCTYPE a>', "format"),
        (b"</ds:Signature>", b"</ds:Signature><x/>", "format"),
    ],
)
def test_a_change_is_refused_by_the_first_check_that_sees_it(
    format_id: str, old: bytes, new: bytes, check: str
) -> None:
    body = published(format_id)
    assert old in body
    assert refused(body.replace(old, new, 1))[0] == check


@pytest.mark.parametrize("format_id", [*XML, *LISTS])
def test_an_old_document_is_out_of_date_and_a_future_one_too_early(format_id: str) -> None:
    body = published(format_id)
    assert refused(body, at=ISSUED_AT + timedelta(days=30))[0] == "freshness"
    assert refused(body, at=ISSUED_AT - timedelta(minutes=6))[0] == "freshness"


@pytest.mark.parametrize("format_id", [*XML, *LISTS])
def test_a_number_that_went_back_is_refused(format_id: str) -> None:
    body = published(format_id)
    first = verified(body)
    assert verified(body, seen=Seen(7, first.sha256)) == first
    assert refused(body, seen=Seen(8, "0" * 64)) == (
        "sequence",
        "number 7 is older than number 8, seen before",
    )
    assert refused(body, seen=Seen(7, "0" * 64))[0] == "sequence"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html/>", "not that of a trusted list"),
        (b"<a", "not well formed"),
        (b'{"credentialSubject": {}}', "plain JSON carries no signature; compare its SHA-256"),
        (b' [{"id": 1}]', "plain JSON carries no signature; compare its SHA-256"),
    ],
)
def test_what_carries_no_signature_is_said_to_carry_none(body: bytes, said: str) -> None:
    check, message = refused(body)
    assert check == "format"
    assert said in message


def test_an_unsigned_list_is_told_from_other_xml() -> None:
    root = published("tl_xml")
    start = root.index(b"<ds:Signature ")
    unsigned = root[:start] + root[root.index(b"</ds:Signature>") + len(b"</ds:Signature>") :]
    assert refused(unsigned) == ("format", "the XML carries no signature")


def test_the_certificate_that_is_signed_must_be_the_one_that_is_carried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from registry.signing import xades

    honest = xades._signed_properties
    monkeypatch.setattr(
        xades, "_signed_properties", lambda _certificate, at: honest(signer(9).certificates[0], at)
    )
    root = parse_xml(published("tl_xml"))
    with pytest.raises(XadesInvalid, match="another"):
        verify_xades(root, SIGNER.certificates[0], ISSUED_AT)
