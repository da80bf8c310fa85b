"""Legacy issuer registry of the Digital Credentials Consortium: `registry.json`, an object keyed by DID; unsigned.

There is no text of a standard; the form is that of the community registry of the consortium and of what its
clients read: `meta` with `created` and `updated`, `registry` from a DID, exactly as it stands in a
credential, to `name`, `location` and `url`. Media type `application/json`. Read by
@digitalcredentials/issuer-registry-client and the verifiers of the consortium built on it.

One document for the whole registry. A DID stands for one institution: where two institutions have it, the
one that has had it longest keeps it (then the smaller issuer id), and `meta.conflicts` names both.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from registry.domain.trust_list import Entry, Header, IdentityKind, SchemeInfo, canonical_json, wire_instant
from registry.publishers.base import Document, Loss, Reach
from registry.signing.signers import Signer

LOSSES: tuple[Loss, ...] = (
    Loss("a signature", "the form has none; the SHA-256 stands in /lists/index.json"),
    Loss(
        "issuers without a DID of their own",
        "a DID is the key of the object; certificates and bare keys have no place",
    ),
    Loss("platform keys", "a key shared by many institutions alone says nothing about one of them"),
    Loss("issuers not recognized at the moment of issue", "to be listed is to be recognized"),
    Loss("status, its start and history", "an issuer has a name, a place and an address, nothing else"),
    Loss("scope", "clients ask whether an issuer is known, not for what"),
    Loss(
        "scheme, policy and decision",
        "the document is one for all schemes; the address of an issuer leads on",
    ),
    Loss("names in other languages", "there is one name; it is the English one"),
    Loss("next update", "the form has none; it stands in /lists/index.json"),
)


class DccRegistry:
    """DIDs of all issuers recognized now, over all schemes; `addresses`: where verifiers look for it."""

    format_id = "dcc_registry"
    standard = "DCC registry.json"
    file_name = "registry.json"
    media_type = "application/json"
    lifetime = timedelta(hours=24)
    signed = False
    reach = Reach.REGISTRY
    addresses = ("/registry.json",)
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the DIDs of a recognized issuer with what is said about each, or None if it has none now."""
        usable = [i for i in entry.identities if i.kind is IdentityKind.DID and i.usable_at(at)]
        held = {i.value: wire_instant(i.valid_from) for i in usable}
        if not held or not entry.status(at).is_recognized:
            return None
        numbers = [f"{name}:{value}" for name, value in entry.identifiers]
        return canonical_json(
            {
                "dids": held,
                "issuer": entry.id,
                "institution": [f"name:{entry.legal_name}", *numbers],
                "said": {
                    "name": entry.names["en"],
                    "location": ", ".join(
                        part for part in (entry.address.locality, entry.address.country) if part
                    ),
                    "url": entry.website or scheme.page(entry, "en"),
                },
            }
        )

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the registry; `fragments` may come from several schemes and in any order."""
        claims = _claims(map(orjson.loads, fragments))
        conflicts = [conflict for conflict in map(_conflict, claims.values()) if conflict]
        oldest = min((found[0]["since"] for found in claims.values()), default=wire_instant(header.issued_at))
        meta = {
            "created": oldest,
            "updated": wire_instant(header.issued_at),
            **({"conflicts": conflicts} if conflicts else {}),
        }
        listed = {did: found[0]["said"] for did, found in claims.items()}
        return Document(self.file_name, canonical_json({"meta": meta, "registry": listed}), self.media_type)


def _claims(issuers: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return DID to those who have it, in the order of precedence; DIDs in order."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for issuer in issuers:
        for did, since in issuer["dids"].items():
            claims.setdefault(did, []).append({**issuer, "did": did, "since": since})
    return {did: sorted(claims[did], key=lambda c: (c["since"], c["issuer"])) for did in sorted(claims)}


def _conflict(claims: list[dict[str, Any]]) -> dict[str, object] | None:
    """Return who else has a DID and is not the institution that keeps it, or None.

    Two entries are one institution if they have the legal name or an identifier in common.
    """
    first = set(claims[0]["institution"])
    others = [claim["issuer"] for claim in claims[1:] if not first & set(claim["institution"])]
    return {"did": claims[0]["did"], "kept": claims[0]["issuer"], "left_out": others} if others else None
