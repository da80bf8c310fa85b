"""A VICAL of somebody else (ISO/IEC 18013-5, C.1.7.1) in the shape of any other list: its authorities, what they may sign.

The format knows no status and no address. An authority is named by the organization of its certificate, since deployed
lists write a whole distinguished name where the standard has the name of the authority.
"""

import warnings

from cryptography.utils import CryptographyDeprecationWarning

from registry.publishers.list_contents import (
    ListContents,
    ListedAddress,
    ListedEntity,
    ListedService,
    ServiceIdentity,
    ServiceState,
)
from registry.publishers.vical_checks import VicalCertificate, parse_vical
from registry.signing.certificates import describe_certificate

LIST_TYPE = "vical"


def read_vical_list(payload: bytes) -> ListContents:
    """Return what a VICAL says, one entity for each authority, in the order of the list.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    vical = parse_vical(payload)
    named: dict[tuple[str, str], list[VicalCertificate]] = {}
    for certificate in vical.certificates:
        named.setdefault(_authority(certificate), []).append(certificate)
    entities = enumerate(named.items(), 1)
    return ListContents(
        version=1,
        # Without a number the time of issue orders the issues of a list.
        sequence=int(vical.issued_at.timestamp()) if vical.issue_id is None else vical.issue_id,
        list_type=LIST_TYPE,
        operator_names=(("", vical.provider),),
        scheme_names=(("", vical.scheme or vical.provider),),
        territory=vical.territory,
        issued_at=vical.issued_at,
        next_update=vical.next_update,
        distribution_points=(vical.list_url,) if vical.list_url else (),
        entities=tuple(_entity(place, name, country, those) for place, ((name, country), those) in entities),
        pointers=(),
    )


def _authority(certificate: VicalCertificate) -> tuple[str, str]:
    """Return name and country (as stated) of who is behind a certificate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        facts = describe_certificate(certificate.certificate)
    distinguished = "=" in certificate.authority or not certificate.authority
    name = next(iter(facts.organizations), "") if distinguished else ""
    country = certificate.country or next(iter(facts.countries), "")
    return name or certificate.authority or facts.subject, country


def _entity(place: int, name: str, country: str, certificates: list[VicalCertificate]) -> ListedEntity:
    return ListedEntity(
        place=place,
        names=(("", name),),
        trade_names=(),
        address=ListedAddress(country=country),
        websites=(),
        services=tuple(
            ListedService(
                ServiceState(
                    service_type=doc_type,
                    names=(("", name),),
                    identity=ServiceIdentity(certificates=(certificate.certificate,)),
                    status=None,
                    since=None,
                )
            )
            for certificate in certificates
            for doc_type in certificate.doc_types
        ),
    )
