"""The signed statement about one issuer, and the native list that says the same of all."""

import json
import re
from dataclasses import replace
from typing import Any

import cbor2
import pytest

from registry.domain.recognition import Reason, Status
from registry.domain.scope import Scope
from registry.domain.trust_list import Entry, entry_to_wire, wire_instant
from registry.publishers import PUBLISHERS, STATEMENT, build
from registry.publishers.base import JOSE, Document
from registry.signing.cose import looks_like_cose, peek_cose
from registry.signing.jws import peek_compact

from vectors.sample import (
    DAY,
    GRANTED_AT,
    ISSUED_AT,
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


def statement(about: Entry) -> Any:
    return json.loads(peek_compact(STATEMENT.statement(about, header(), signer()).body).payload)


def test_a_statement_names_its_signer_by_thumbprint_and_stays_small() -> None:
    document = STATEMENT.statement(entry(1, [grant(1)], [did(1), x509(1)]), header(), signer())
    protected = peek_compact(document.body).header
    assert set(protected) == {"alg", "typ", "kid", "iat", "x5t#S256"}
    assert len(document.body) < 4_096


def test_a_statement_says_what_the_native_list_says_but_for_certificates() -> None:
    for about in sample_entries():
        wire: Any = json.loads(json.dumps(entry_to_wire(about, ISSUED_AT)))
        for identity in wire["identities"]:
            identity.pop("certificate", None)
        assert statement(about)["entry"] == wire


def test_a_statement_carries_the_whole_timeline_oldest_first() -> None:
    suspended, lifted, until = GRANTED_AT + 10 * DAY, GRANTED_AT + 20 * DAY, GRANTED_AT + 365 * DAY
    about = entry(
        1,
        [
            grant(1, valid_until=until),
            event(2, Status.SUSPENDED, Reason.FRAUD_SUSPECTED, suspended),
            event(3, Status.ACTIVE, Reason.SUSPENSION_LIFTED, lifted),
        ],
        [did(1)],
    )
    found = [
        (stretch["status"], stretch["start"], stretch["end"]) for stretch in statement(about)["intervals"]
    ]
    assert found == [
        ("active", wire_instant(GRANTED_AT), wire_instant(suspended)),
        ("suspended", wire_instant(suspended), wire_instant(lifted)),
        ("active", wire_instant(lifted), wire_instant(until)),
        ("expired", wire_instant(until), None),
    ]


def test_an_interval_names_its_scope_where_it_was_another_one() -> None:
    narrow = Scope((replace(SCOPE.grants[0], fields=frozenset({"0613"})),))
    changed = event(2, Status.ACTIVE, Reason.SCOPE_CHANGED, GRANTED_AT + DAY, scope=narrow)
    first, second, _ = statement(entry(1, [grant(1), changed], [did(1)]))["intervals"]
    assert first["scope"]["grants"][0]["fields"] == ["061"]
    assert "scope" not in second


def test_the_native_list_holds_every_entry_in_full() -> None:
    document = build(PUBLISHERS["native_json"], sample_list(), header(), signer())
    payload = json.loads(peek_compact(document.body).payload)
    assert payload["scheme"]["id"] == SCHEME.id
    assert payload["entries"] == [
        json.loads(json.dumps(entry_to_wire(about, ISSUED_AT))) for about in sample_list().entries
    ]


def words(document: Document) -> bytes:
    """Everything in a document that a person can read; what CBOR has in bytes aside."""
    if looks_like_cose(document.body):
        return json.dumps(cbor2.loads(peek_cose(document.body).payload), default=lambda _bytes: "").encode()
    return peek_compact(document.body).payload if document.media_type == JOSE else document.body


@pytest.mark.parametrize("format_id", [*PUBLISHERS, STATEMENT.format_id])
def test_what_is_published_names_no_person(format_id: str) -> None:
    """The only electronic address anywhere is the one of the operator's office."""
    if format_id == STATEMENT.format_id:
        documents = [STATEMENT.statement(about, header(), signer()) for about in sample_entries()]
    else:
        documents = [build(PUBLISHERS[format_id], sample_list(), header(), signer())]
    for document in documents:
        assert set(re.findall(rb"[\w.+-]+@[\w.-]+", words(document))) <= {b"lists@board.example"}
