"""DIF Credential Trust Establishment 1.0: a governance file that gives DIDs the role of issuing, with its times.

Ratified by the Decentralized Identity Foundation, November 2024. Implemented: metadata with versioning,
schemas, roles, participants (a Trust Establishment v1 document) with the topics `roles` and `description`;
no aliases, no `trusted_governance`. Media type `application/jose`: a compact JWS with ES256, header `typ`
`JWT`, because the file must be signed with a key of its `author`, and the specification leaves to a profile
how. Ours (docs/formats/cte.md): the author is a did:web in the folder of the list; its DID document, with
the key that signs the lists of the scheme, is published beside the file. Read by any JOSE library after
resolving the DID.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from registry.domain.scope import CredentialType
from registry.domain.trust_list import (
    Entry,
    Header,
    IdentityKind,
    ListedIdentity,
    SchemeInfo,
    canonical_json,
    wire_instant,
)
from registry.publishers.base import (
    JOSE,
    Document,
    Loss,
    Reach,
    list_url,
    need_signer,
)
from registry.publishers.certified import sign_list
from registry.publishers.checks import Shape, check_shape
from registry.publishers.facts import ListFacts, parse_instant
from registry.publishers.intervals import Recognized, recognized_stretches
from registry.signing.certificates import load_certificate
from registry.signing.possession import jwk_thumbprint
from registry.signing.signers import Signer

TYPE = "JWT"
VERSION = "1.0"
"""Member `format`: the version of the data type."""
CONTEXT = "https://identity.foundation/credential-trust-establishment/context.jsonld"
ROLES = "https://identity.foundation/credential-trust-establishment/schemas/roles.json"
DESCRIPTION = "https://identity.foundation/credential-trust-establishment/schemas/description.json"
LOSSES: tuple[Loss, ...] = (
    Loss(
        "issuers without a DID of their own",
        "a participant is a DID; certificates and bare keys have no place",
    ),
    Loss("platform keys", "a key shared by many institutions alone says nothing about one of them"),
    Loss("why a role ended", "a role has a start and an end; suspended, withdrawn and expired look the same"),
    Loss("conditions", "a role is held or not; active with conditions counts as held"),
    Loss(
        "scope beyond credential types",
        "a role names schemas of credentials; fields, levels and countries have no place",
    ),
    Loss("the two time axes", "roles are told as known at the moment of issue; see the native list"),
    Loss("issuers whose recognition is void", "a void recognition gave no role at any time"),
    Loss("policy and decision", "a participant is described by name and website alone"),
)
_TYPE_NAMES: Mapping[CredentialType, str] = {
    CredentialType.MICRO_CREDENTIAL: "Micro-credential",
    CredentialType.BADGE_WITH_ASSESSMENT: "Badge with assessment",
    CredentialType.CERTIFICATE_OF_SHORT_PROGRAMME: "Certificate of a short programme",
}
Wire = dict[str, Any]


class Cte:
    """Which DIDs may issue what, from when until when."""

    format_id = "cte"
    standard = "DIF Credential Trust Establishment 1.0"
    file_name = "governance.jwt"
    media_type = JOSE
    lifetime = timedelta(days=1)
    signed = True
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return DID to description and roles, or None for an issuer that never held a role by a DID."""
        begun = [stretch for stretch in recognized_stretches(entry) if stretch.start <= at]
        said = {
            "name": entry.names["en"],
            "website": entry.website or scheme.page(entry, "en"),
        }
        dids: dict[str, Wire] = {}
        for identity in entry.identities:
            held = _roles(identity, begun, at) if identity.kind is IdentityKind.DID else []
            if held:
                dids.setdefault(identity.value, {"description": said, "roles": []})["roles"] += held
        return canonical_json(dids) if dids else None

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed file and, beside it, the DID document of its author."""
        signer = need_signer(signer, self.format_id)
        author = author_did(header.scheme)
        jwk = _public_jwk(signer)
        key = f"{author}#{jwk['kid']}"
        payload = canonical_json(_governance(header, self.file_name, author, fragments))
        body = sign_list(payload, header, signer, TYPE, key)
        return Document(self.file_name, body, self.media_type, (_did_document(author, key, jwk),))


def _governance(header: Header, file_name: str, author: str, fragments: Iterable[bytes]) -> Wire:
    scheme, number = header.scheme, header.sequence
    versions = {n: list_url(header, f"{n}/{file_name}") for n in (number - 1, number) if n}
    return {
        "@context": [CONTEXT],
        "id": f"{scheme.id}/{header.shard}",
        "name": scheme.name["en"],
        "format": VERSION,
        "last_updated": wire_instant(header.issued_at),
        "author": author,
        "docs_uri": scheme.uri(),
        "ttl": int((header.next_update - header.issued_at).total_seconds()),
        "version": number,
        "uri": list_url(header, file_name),
        "current_version": versions.pop(number),
        "previous_versions": [{"version": n, "uri": uri} for n, uri in versions.items()],
        "schemas": [{"id": _schema(scheme, kind), "name": name} for kind, name in _TYPE_NAMES.items()],
        "roles": {_role(kind): {"issue": [_schema(scheme, kind)]} for kind in _TYPE_NAMES},
        "participants": _participants(header, author, fragments),
    }


def author_did(scheme: SchemeInfo) -> str:
    """Return the did:web whose document lies in the folder of the first shard of a list (did:web method, 3.2)."""
    parts = urlsplit(scheme.base_url)
    path = [quote(part) for part in parts.path.split("/") if part]
    return ":".join(["did:web", quote(parts.netloc), *path, "lists", scheme.slug, "1"])


def _schema(scheme: SchemeInfo, kind: CredentialType) -> str:
    return scheme.uri("credential-type", kind.value.replace("_", "-"))


def _role(kind: CredentialType) -> str:
    return f"issue_{kind.value}"


def _roles(identity: ListedIdentity, stretches: Iterable[Recognized], at: datetime) -> list[Wire]:
    """Return the roles that a DID held or holds at `at`, each with its time, oldest first."""
    ends = [instant for instant in (identity.valid_to, identity.compromised_from) if instant is not None]
    held = []
    for kind in _TYPE_NAMES:
        for start, end in _times(kind, stretches):
            first = max(start, identity.valid_from)
            last = min([*ends, *([end] if end else [])], default=None)
            if first <= at and (last is None or first < last):
                window = {"start": wire_instant(first), **({"end": wire_instant(last)} if last else {})}
                held.append({**window, "role": _role(kind)})
    return sorted(held, key=lambda role: (role["start"], role["role"]))


def _times(
    kind: CredentialType, stretches: Iterable[Recognized]
) -> Iterable[tuple[datetime, datetime | None]]:
    """Return when an issuer was recognized for a type of credential: start and end, neighbours joined."""
    times: list[tuple[datetime, datetime | None]] = []
    for interval in (interval for stretch in stretches for interval in stretch.intervals):
        if not any(kind in grant.credential_types for grant in interval.scope.grants):
            continue
        start = times.pop()[0] if times and times[-1][1] == interval.start else interval.start
        times.append((start, interval.end))
    return times


def _participants(header: Header, author: str, fragments: Iterable[bytes]) -> Wire:
    """Return the trust document: of entries that share a DID, the first describes it, and all roles are told."""
    scheme = header.scheme
    issued = wire_instant(header.issued_at)
    about = {
        "name": scheme.operator_legal_name,
        "website": scheme.operator_website,
        "email": scheme.operator_email,
        "territory": scheme.territory,
    }
    descriptions: dict[str, Wire] = {author: about}
    roles: dict[str, Wire] = {}
    for did, said in (item for fragment in fragments for item in orjson.loads(fragment).items()):
        descriptions.setdefault(did, said["description"])
        roles.setdefault(did, {"roles": []})["roles"] += said["roles"]
    return {
        "id": scheme.uri("participants", str(header.shard)),
        "author": author,
        "created": issued,
        "validFrom": issued,
        "validUntil": wire_instant(header.next_update),
        "version": header.sequence,
        "entries": {DESCRIPTION: descriptions, ROLES: roles},
    }


def _public_jwk(signer: Signer) -> dict[str, str]:
    """Return the public key of a signer, its RFC 7638 thumbprint as `kid`.

    Raises:
        ValueError: the signer has no certificate.
    """
    if not signer.certificates:
        raise ValueError(f"key {signer.key_id} has no certificate to sign lists under")
    public = load_certificate(signer.certificates[0]).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = ECKey.import_key(pem).as_dict(private=False)
    members = {name: str(key[name]) for name in ("kty", "crv", "x", "y")}
    return {**members, "kid": jwk_thumbprint(members)}


def _did_document(author: str, key: str, jwk: Mapping[str, str]) -> Document:
    """Return the DID document of the author (W3C DID Core 1.0, 5)."""
    method = {"id": key, "type": "JsonWebKey", "controller": author, "publicKeyJwk": jwk}
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": author,
        "verificationMethod": [method],
        "assertionMethod": [key],
    }
    return Document("did.json", canonical_json(document), "application/did+json")


def parse_cte(payload: Any) -> ListFacts:
    """Check the structure of a payload strictly; return what it says of itself.

    Raises:
        InvalidInput: naming the member that is missing, unknown or of the wrong kind.
    """
    check_shape(payload, SHAPE, "the governance file")
    issued_at = parse_instant(payload["last_updated"], "last_updated")
    entries = payload["participants"]["entries"]
    author = entries[DESCRIPTION].get(payload["author"])
    check_shape(author, _AUTHOR, f"participants.entries.{DESCRIPTION}.{payload['author']}")
    return ListFacts(
        format_id=Cte.format_id,
        list_id=f"{payload['author']} {payload['id']}",
        scheme=payload["name"],
        operators=(author["name"],),
        territory=author["territory"],
        sequence=payload["version"],
        issued_at=issued_at,
        next_update=issued_at + timedelta(seconds=payload["ttl"]),
        entries=len(entries[ROLES]),
    )


_AUTHOR: Shape = {"name": str, "website": str, "email": str, "territory": str}
SHAPE: Shape = {
    "@context": list,
    "id": str,
    "name": str,
    "format": VERSION,
    "last_updated": str,
    "author": str,
    "docs_uri": str,
    "ttl": int,
    "version": int,
    "uri": str,
    "current_version": str,
    "previous_versions": list,
    "schemas": list,
    "roles": dict,
    "participants": {
        "id": str,
        "author": str,
        "created": str,
        "validFrom": str,
        "validUntil": str,
        "version": int,
        "entries": {DESCRIPTION: dict, ROLES: dict},
    },
}
