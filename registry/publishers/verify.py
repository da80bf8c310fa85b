"""Verify a published document as a verifier would: trust, signature, schema, freshness, sequence, in this order.

Pure: the caller says what it trusts, what time it is and what it saw last; nothing is fetched or written
here.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from registry.domain.trust_list import wire_instant
from registry.errors import InvalidInput
from registry.publishers.facts import Check, ListFacts, VerificationFailed
from registry.publishers.formats import (
    csv_list,
    cte,
    lote_anchors,
    lote_of_lotes,
    lote_register,
    native_json,
    ndjson,
    statement,
)
from registry.publishers.list_pointers import LIST_OF_LISTS
from registry.publishers.lote_checks import list_type
from registry.publishers.tl_checks import binding_of
from registry.publishers.trust import (
    NotTrusted,
    Trust,
    TrustedSigner,
    certified_signer,
    find_signer,
    parse_trust,
)
from registry.publishers.vical_checks import vical_facts
from registry.publishers.xml_checks import parse_own_xml
from registry.signing.certificates import describe_certificate
from registry.signing.cose import CoseInvalid, looks_like_cose, peek_cose, verify_cose
from registry.signing.jws import Jws, JwsInvalid, peek_compact, verify_compact
from registry.signing.xades_verify import XadesInvalid, peek_xades, verify_xades
from registry.signing.xml_reading import is_xml, parse_xml

__all__ = ["Check", "Seen", "Trust", "VerificationFailed", "Verified", "parse_trust", "verify_document"]
CLOCK_SKEW = timedelta(minutes=5)
"""How far the issuer's clock may be ahead of ours."""
_PARSERS: Mapping[str, Callable[[Any], ListFacts]] = {
    native_json.FORMAT: native_json.parse_native_json,
    statement.FORMAT: statement.parse_statement,
    lote_anchors.LIST_TYPE: lote_anchors.parse_lote_anchors,
    lote_register.LIST_TYPE: lote_register.parse_lote_register,
    LIST_OF_LISTS: lote_of_lotes.parse_lote_of_lotes,
    cte.VERSION: cte.parse_cte,
}
_TYPES = {native_json.FORMAT: native_json.TYPE, statement.FORMAT: statement.TYPE, cte.VERSION: cte.TYPE}
"""The header `typ` of our own formats; without it one kind of document could pass for another."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verifier remembers of a list and its signer: the highest number, and the hex SHA-256 of those bytes."""

    sequence: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A document that passed every check. `signer` is the hex SHA-256 of the public key, `sha256` that of the bytes."""

    facts: ListFacts
    signer: str
    sha256: str


def verify_document(
    body: bytes, trust: Trust, now: datetime, seen: Callable[[str, str], Seen | None] | None
) -> Verified:
    """Return what a document says, after every check.

    `seen` gives what the caller remembers for (list id, signer id); None leaves the sequence unchecked.

    Raises:
        VerificationFailed: `check` names the first check that failed.
    """
    _refuse_unsigned(body)
    read = next(read for begins, read in _READERS if begins(body))
    facts, signer, signed = read(body, trust, now)
    if facts.sequence < 1:
        raise VerificationFailed("schema", f"the sequence number {facts.sequence} is not 1 or more")
    _check_operator(facts, signer)
    _check_freshness(facts, now)
    verified = Verified(facts, signer.id, hashlib.sha256(signed).hexdigest())
    if seen is not None:
        check_sequence(verified, seen(facts.list_id, signer.id))
    return verified


_Read = tuple[ListFacts, TrustedSigner, bytes]
"""What a document says, who signed it, and the bytes that its sequence number stands for."""


def _read_jws(body: bytes, trust: Trust, now: datetime) -> _Read:
    token = body.strip()
    header = _peek(token).header
    signer = _signer(header, trust, now)
    facts = _facts(header, _signed_payload(token, signer))
    # TS 119 182-1 v1.2.1, 5.1.12: `iat` is the signing time; we sign at the moment of issue.
    if header.get("iat") != int(facts.issued_at.timestamp()):
        raise VerificationFailed("schema", "the signing time in the header is not the time of issue")
    return facts, signer, token


def _read_cose(body: bytes, trust: Trust, now: datetime) -> _Read:
    try:
        chain = peek_cose(body).chain
    except CoseInvalid as error:
        raise VerificationFailed("format", str(error)) from error
    try:
        signer = certified_signer(chain, trust, now)
    except NotTrusted as error:
        raise VerificationFailed("trust", str(error)) from error
    try:
        return vical_facts(verify_cose(body, signer.key).payload), signer, body
    except CoseInvalid as error:
        raise VerificationFailed("signature", str(error)) from error
    except InvalidInput as error:
        raise VerificationFailed("schema", str(error)) from error


def _read_xml(body: bytes, trust: Trust, now: datetime) -> _Read:
    try:
        root = parse_xml(body)
        binding_of(root)
        peeked = peek_xades(root)
    except (InvalidInput, XadesInvalid) as error:
        raise VerificationFailed("format", str(error)) from error
    try:
        signer = certified_signer(peeked.certificates, trust, now)
    except NotTrusted as error:
        raise VerificationFailed("trust", str(error)) from error
    try:
        facts = parse_own_xml(verify_xades(root, peeked.certificates[0], now))
    except XadesInvalid as error:
        raise VerificationFailed("signature", str(error)) from error
    except InvalidInput as error:
        raise VerificationFailed("schema", str(error)) from error
    if facts is None:
        raise VerificationFailed("format", _UNKNOWN)
    if peeked.signed_at != wire_instant(facts.issued_at):
        raise VerificationFailed("schema", "the signing time is not the time of issue")
    return facts, signer, body


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, Trust, datetime], _Read]], ...] = (
    (looks_like_cose, _read_cose),
    (is_xml, _read_xml),
    (lambda _body: True, _read_jws),
)
"""How a document begins to what reads it; the first that fits."""
_UNKNOWN = "it is signed by a trusted key, but is no list or statement known here"


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


_UNSIGNED: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("CSV", csv_list.is_csv_list),
    ("NDJSON", ndjson.is_ndjson),
    ("plain JSON", _is_json),
)
"""What we publish without a signature, and how it is told."""


def _refuse_unsigned(body: bytes) -> None:
    for name, found in _UNSIGNED:
        if found(body):
            raise VerificationFailed(
                "format",
                f"{name} carries no signature; compare its SHA-256, {hashlib.sha256(body).hexdigest()}, "
                "with the one in /lists/index.json of the registry, or verify list.jws instead",
            )


def _peek(token: bytes) -> Jws:
    try:
        return peek_compact(token)
    except JwsInvalid as error:
        raise VerificationFailed("format", str(error)) from error


def _signer(header: Mapping[str, Any], trust: Trust, now: datetime) -> TrustedSigner:
    try:
        return find_signer(header, trust, now)
    except NotTrusted as error:
        raise VerificationFailed("trust", str(error)) from error


def _signed_payload(token: bytes, signer: TrustedSigner) -> Any:
    try:
        return orjson.loads(verify_compact(token, signer.key).payload)
    except JwsInvalid as error:
        raise VerificationFailed("signature", str(error)) from error
    except ValueError as error:
        raise VerificationFailed("schema", "the signed content is not JSON") from error


def _facts(header: Mapping[str, Any], payload: Any) -> ListFacts:
    named = payload.get("format") if isinstance(payload, dict) else None
    kind = named if isinstance(named, str) else list_type(payload)
    parse = _PARSERS.get(kind or "")
    if parse is None or kind is None:
        raise VerificationFailed("format", _UNKNOWN)
    if header.get("typ") != _TYPES.get(kind):
        raise VerificationFailed("format", "the header names another kind of document than the content")
    try:
        return parse(payload)
    except InvalidInput as error:
        raise VerificationFailed("schema", str(error)) from error


def _check_operator(facts: ListFacts, signer: TrustedSigner) -> None:
    """ETSI TS 119 602, 6.8: O of the certificate is an operator name, C the territory."""
    # A foreign VICAL names no territory, and ISO/IEC 18013-5 ties no name in it to the certificate.
    if signer.certificate is None or not facts.territory:
        return
    certificate = describe_certificate(signer.certificate)
    if not set(certificate.organizations) & set(facts.operators):
        raise VerificationFailed("trust", f"the signer's certificate is not that of {facts.operators[0]}")
    if facts.territory not in certificate.countries:
        raise VerificationFailed(
            "trust", f"the signer's certificate is not of the territory {facts.territory}"
        )


def _check_freshness(facts: ListFacts, now: datetime) -> None:
    if facts.issued_at > now + CLOCK_SKEW:
        raise VerificationFailed(
            "freshness", f"it says it was issued at {facts.issued_at:%Y-%m-%dT%H:%M:%SZ}, in the future"
        )
    if facts.next_update <= facts.issued_at:
        raise VerificationFailed("freshness", "its next update does not come after its issue")
    if facts.next_update <= now:
        raise VerificationFailed(
            "freshness",
            f"it is out of date: the next one was due at {facts.next_update:%Y-%m-%dT%H:%M:%SZ}",
        )


def check_sequence(verified: Verified, seen: Seen | None) -> None:
    """Check a number against the highest one seen of the same list and signer.

    Raises:
        VerificationFailed: it went back, or stands on two different documents.
    """
    sequence = verified.facts.sequence
    if seen is None:
        return
    if sequence < seen.sequence:
        raise VerificationFailed(
            "sequence", f"number {sequence} is older than number {seen.sequence}, seen before"
        )
    if sequence == seen.sequence and verified.sha256 != seen.sha256:
        raise VerificationFailed("sequence", f"number {sequence} was seen before with other content")
