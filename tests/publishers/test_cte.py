"""The governance file of Credential Trust Establishment: its schemas, who has a role and when, and whose key signs it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import registry.publishers
from registry.domain.recognition import Reason, Status
from registry.domain.scope import CredentialType, Scope
from registry.domain.trust_list import Entry, IdentityKind, SchemeInfo, wire_instant
from registry.publishers import PUBLISHERS, build
from registry.publishers.base import Document
from registry.publishers.formats.cte import CONTEXT, DESCRIPTION, ROLES, author_did
from registry.signing.certificates import load_certificate
from registry.signing.did_documents import keys_of_document, web_document_url
from registry.signing.jws import peek_compact

from vectors.sample import (
    DAY,
    GRANTED_AT,
    ISSUED_AT,
    PLATFORM,
    SCHEME,
    SCOPE,
    did,
    entry,
    event,
    grant,
    header,
    sample_entries,
    sample_list,
    signer,
    x509,
)

SCHEMAS = Path(registry.publishers.__file__).parent / "schemas" / "cte"
UNTIL = datetime.fromisoformat("2031-02-01T00:00:00Z")
DID = "did:web:college-1.example"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text())


def document(entries: Sequence[Entry], at: datetime = ISSUED_AT, sequence: int = 7) -> Document:
    return build(PUBLISHERS["cte"], sample_list(entries, at), header(sequence, at), signer())


def governance(entries: Sequence[Entry], at: datetime = ISSUED_AT, sequence: int = 7) -> Any:
    return json.loads(peek_compact(document(entries, at, sequence).body).payload)


def roles(*entries: Entry, at: datetime = ISSUED_AT) -> Any:
    """DID to roles as (role, start, end)."""
    told = governance(entries, at)["participants"]["entries"][ROLES]
    return {
        name: [(role["role"], role["start"], role.get("end")) for role in item["roles"]]
        for name, item in told.items()
    }


def held(start: datetime, end: datetime | None, role: str = "issue_micro_credential") -> Any:
    return (role, wire_instant(start), wire_instant(end) if end else None)


def test_participants_are_a_trust_document_by_the_schema_of_trust_establishment() -> None:
    checker = jsonschema.FormatChecker()
    for entries in (sample_entries(), ()):
        participants = governance(entries)["participants"]
        jsonschema.Draft7Validator(schema("trust-establishment.json"), format_checker=checker).validate(
            participants
        )


@pytest.mark.parametrize(("topic", "name"), [(ROLES, "roles.json"), (DESCRIPTION, "description.json")])
def test_what_is_said_of_each_participant_is_valid_by_the_schema_of_its_topic(topic: str, name: str) -> None:
    said = governance(sample_entries())["participants"]["entries"][topic]
    assert said
    for statement in said.values():
        jsonschema.Draft4Validator(schema(name)).validate(statement)


def test_every_member_of_the_metadata_is_a_term_of_the_context() -> None:
    terms = schema("context.jsonld")["@context"]
    made = governance(sample_entries())
    assert made["@context"] == [CONTEXT]
    assert set(made) - {"@context"} <= set(terms)


def test_roles_name_schemas_of_the_file_and_participants_name_roles_of_it() -> None:
    made = governance(sample_entries())
    schemas = {item["id"] for item in made["schemas"]}
    assert {issued for role in made["roles"].values() for issued in role["issue"]} <= schemas
    told = made["participants"]["entries"][ROLES]
    assert {role["role"] for item in told.values() for role in item["roles"]} <= set(made["roles"])
    assert set(told) <= set(made["participants"]["entries"][DESCRIPTION])


def test_the_version_is_the_number_and_leads_to_the_one_before() -> None:
    made = governance((), sequence=7)
    folder = f"{SCHEME.base_url}/lists/{SCHEME.slug}/1"
    assert (made["version"], made["uri"]) == (7, f"{folder}/governance.jwt")
    assert made["current_version"] == f"{folder}/7/governance.jwt"
    assert made["previous_versions"] == [{"version": 6, "uri": f"{folder}/6/governance.jwt"}]
    assert governance((), sequence=1)["previous_versions"] == []


def test_a_role_lasts_while_recognition_and_did_do() -> None:
    suspended, lifted = GRANTED_AT + 10 * DAY, GRANTED_AT + 20 * DAY
    issuer = entry(
        1,
        [
            grant(1),
            event(2, Status.SUSPENDED, Reason.FRAUD_SUSPECTED, suspended),
            event(3, Status.ACTIVE, Reason.SUSPENSION_LIFTED, lifted),
        ],
        [did(1), did(2, valid_to=lifted + DAY), did(3, compromised_from=GRANTED_AT + DAY)],
    )
    assert roles(issuer) == {
        DID: [held(GRANTED_AT, suspended), held(lifted, UNTIL)],
        "did:web:college-2.example": [held(GRANTED_AT, suspended), held(lifted, lifted + DAY)],
        "did:web:college-3.example": [held(GRANTED_AT, GRANTED_AT + DAY)],
    }


def test_a_change_of_scope_does_not_interrupt_a_role_that_it_leaves() -> None:
    wide = replace(SCOPE.grants[0], credential_types=frozenset(CredentialType))
    widened = event(2, Status.ACTIVE, Reason.SCOPE_CHANGED, GRANTED_AT + DAY, scope=Scope((wide,)))
    assert roles(entry(1, [grant(1), widened], [did(1)]))[DID] == [
        held(GRANTED_AT, UNTIL),
        held(GRANTED_AT + DAY, UNTIL, "issue_badge_with_assessment"),
        held(GRANTED_AT + DAY, UNTIL, "issue_certificate_of_short_programme"),
    ]


@pytest.mark.parametrize(
    "issuer",
    [
        entry(1, [grant(1), event(2, Status.VOID, Reason.FALSE_EVIDENCE, ISSUED_AT - DAY)], [did(1)]),
        entry(1, [grant(1, at=ISSUED_AT + DAY, recorded_at=ISSUED_AT - DAY)], [did(1)]),
        entry(1, [grant(1)], [replace(did(1), valid_from=ISSUED_AT + DAY)]),
        entry(1, [grant(1)], [PLATFORM, x509(1)]),
    ],
    ids=["void", "not begun", "DID not begun", "no DID"],
)
def test_who_never_held_a_role_by_a_did_is_no_participant(issuer: Entry) -> None:
    assert roles(issuer) == {}
    assert len(governance([issuer])["participants"]["entries"][DESCRIPTION]) == 1


def test_entries_that_share_a_did_are_one_participant_with_all_roles() -> None:
    later = replace(did(1), valid_from=GRANTED_AT + DAY)
    one, two = entry(1, [grant(1)], [did(1)]), entry(2, [grant(2)], [later])
    assert roles(one, two) == {DID: [held(GRANTED_AT, UNTIL), held(GRANTED_AT + DAY, UNTIL)]}


def test_the_file_is_signed_with_a_key_of_its_author() -> None:
    made = document(sample_entries())
    author = governance(sample_entries())["author"]
    [companion] = made.companions
    assert web_document_url(author) == f"{SCHEME.base_url}/lists/{SCHEME.slug}/1/{companion.file_name}"
    [key] = keys_of_document(author, companion.body)
    assert key == load_certificate(signer().certificates[0]).public_key()
    [method] = json.loads(companion.body)["verificationMethod"]
    assert peek_compact(made.body).header["kid"] == method["id"]


@pytest.mark.parametrize(
    ("base_url", "author"),
    [
        ("https://registry.example", "did:web:registry.example:lists:board:1"),
        ("http://127.0.0.1:8000", "did:web:127.0.0.1%3A8000:lists:board:1"),
        ("https://site.example/register", "did:web:site.example:register:lists:board:1"),
    ],
)
def test_the_author_is_named_by_where_the_lists_are(base_url: str, author: str) -> None:
    scheme: SchemeInfo = replace(SCHEME, base_url=base_url, slug="board")
    assert author_did(scheme) == author


def test_only_dids_are_participants() -> None:
    participants = set(roles(*sample_entries()))
    known = {i.value for e in sample_entries() for i in e.identities if i.kind is IdentityKind.DID}
    assert participants < known
    assert timedelta(seconds=governance(())["ttl"]) == timedelta(days=1)
