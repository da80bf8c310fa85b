"""Certificates for institutions that only have a key: the request, checked when it is handed in.

The key is an identity like any other: named, proven by our challenge, confirmed by two people. The request adds that a
certificate is wanted over it; `certificate_issuing` makes it once the key is listed.
"""

import json
import uuid

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.identifiers import IdentifierScheme
from registry.errors import FieldError, InvalidInput
from registry.models.certificates import CertificateRequest
from registry.models.institution import Institution, InstitutionIdentifier
from registry.services import authorities
from registry.services.institutions import current_facts
from registry.services.trust_lists import legal_name_of
from registry.signing.certificates import LONGEST_NAME, CertificateSubject, subject_name
from registry.signing.key_records import AuthorityLine
from registry.signing.possession import PublicKey, read_jwk
from registry.signing.requests import check_subject, read_request

_OFFICIAL = {
    IdentifierScheme.VAT: "VAT{country}-{number}",
    IdentifierScheme.KRS: "NTRPL-{number}",
    IdentifierScheme.LEI: "LEIXG-{number}",
}
"""Official numbers in the form of ETSI EN 319 412-1, 5.1.4, the first that an institution has."""


def read_certificate_request(
    session: Session, text: str, institution_id: uuid.UUID
) -> tuple[dict[str, str], CertificateRequest]:
    """Return the public JWK of a request's key, and the request to be kept.

    Raises:
        InvalidInput: this registry issues no certificates, or the request is unreadable, weak, not signed by its key, or
            for somebody else; with the reason.
    """
    if not authorities.certificates(session, AuthorityLine.ISSUERS):
        message = (
            "this registry issues no certificates; name your key itself, or a certificate from elsewhere"
        )
        raise InvalidInput(message, [FieldError("request", message)])
    facts, subject = read_request(text), certified_subject(session, institution_id)
    check_subject(facts, organization=subject.organization, country=subject.country)
    _check_name(subject)
    return _jwk(facts.key), CertificateRequest(request=facts.der)


def certified_subject(session: Session, institution_id: uuid.UUID) -> CertificateSubject:
    """Return what a certificate says of an institution: as its facts are now, whatever a request asked for."""
    facts, institution = current_facts(session, institution_id), session.get_one(Institution, institution_id)
    legal_name = legal_name_of(facts, institution.name)
    known = institution.name if len(institution.name) <= LONGEST_NAME else legal_name
    return CertificateSubject(
        country=facts["country"],
        organization=legal_name,
        common_name=known,
        organization_identifier=_official_number(session, institution_id),
    )


def _official_number(session: Session, institution_id: uuid.UUID) -> str:
    query = select(InstitutionIdentifier.scheme, InstitutionIdentifier.value)
    rows = session.execute(query.where(InstitutionIdentifier.institution_id == institution_id))
    held = {row.scheme: row.value for row in rows}
    for scheme, form in _OFFICIAL.items():
        if scheme in held:
            number = held[scheme]
            is_vat = scheme is IdentifierScheme.VAT
            return form.format(country=number[:2], number=number[2:] if is_vat else number)
    return ""


def _check_name(subject: CertificateSubject) -> None:
    try:
        subject_name(subject)
    except InvalidInput as error:
        raise InvalidInput(str(error), [FieldError("request", str(error))]) from error


def _jwk(key: PublicKey) -> dict[str, str]:
    """Return a key as `read_jwk` gives it, so that it has one name however it was handed in."""
    spki = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    kind = next(made for kind, made in _KINDS if isinstance(key, kind))
    return read_jwk(json.dumps(kind.import_key(spki).as_dict(private=False)))[0]


_KINDS = (
    (ec.EllipticCurvePublicKey, ECKey),
    (ed25519.Ed25519PublicKey, OKPKey),
    (rsa.RSAPublicKey, RSAKey),
)
