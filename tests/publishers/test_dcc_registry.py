"""The legacy registry of the DCC: which DIDs are in it, who keeps one that two have, and that its client reads it."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from registry.domain.recognition import Reason, Status
from registry.domain.trust_list import Entry, IdentityKind
from registry.publishers import PUBLISHERS, build
from registry.publishers.base import Reach

from support.components import NODE_FOLDER, require_node
from vectors.make import HERE
from vectors.sample import (
    DAY,
    DOMAIN,
    EC_JWK,
    GRANTED_AT,
    ISSUED_AT,
    PLATFORM,
    SCHEME,
    did,
    entry,
    event,
    grant,
    header,
    sample_entries,
    sample_list,
    x509,
)

DCC = PUBLISHERS["dcc_registry"]
OTHER_SCHEME = replace(SCHEME, id="7a1f1c1e-0d5c-4f2b-9b0a-000000000002", slug="another-board")


def document(*entries: Entry, at: datetime = ISSUED_AT) -> Any:
    return json.loads(build(DCC, sample_list(entries, at), header(at=at), None).body)


def look_up(file: Path, *dids: str) -> Mapping[str, Any]:
    """Ask the client of the consortium."""
    command = [require_node(), str(NODE_FOLDER / "dcc_registry.mjs"), str(file), *dids]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def test_it_is_one_document_for_the_whole_registry() -> None:
    assert DCC.reach is Reach.REGISTRY


def test_it_lists_exactly_the_usable_dids_of_issuers_recognized_now() -> None:
    expected = {
        identity.value
        for listed in sample_entries()
        for identity in listed.identities
        if listed.status(ISSUED_AT).is_recognized
        and identity.kind is IdentityKind.DID
        and identity.usable_at(ISSUED_AT)
    }
    assert len(expected) == 5
    assert set(document(*sample_entries())["registry"]) == expected


def test_an_issuer_has_a_name_a_place_and_an_address() -> None:
    with_site, without = entry(1, [grant(1)], [did(1)]), entry(2, [grant(2)], [did(2)])
    assert document(with_site, without)["registry"] == {
        "did:web:college-1.example": {
            "name": "Invented College 1",
            "location": "Niebywałowo, PL",
            "url": "https://college-1.example/",
        },
        "did:web:college-2.example": {
            "name": "Invented College 2",
            "location": "Niebywałowo, PL",
            "url": "https://registry.example/en/issuers/invented-college-2",
        },
    }


@pytest.mark.parametrize("identity", [PLATFORM, x509(1), EC_JWK, DOMAIN], ids=lambda i: i.kind)
def test_what_is_no_did_of_the_issuer_itself_is_left_out(identity: Any) -> None:
    assert document(entry(1, [grant(1)], [identity]))["registry"] == {}


@pytest.mark.parametrize(
    "status", [s for s in Status if not s.is_recognized and s not in {"expired", "pending_effective"}]
)
def test_an_issuer_that_is_not_recognized_any_more_is_not_listed(status: Status) -> None:
    over = event(2, status, Reason.SERIOUS_BREACH, ISSUED_AT - DAY)
    assert document(entry(1, [grant(1), over], [did(1)]))["registry"] == {}


def test_meta_tells_since_when_dids_are_listed_and_when_it_was_issued() -> None:
    assert document(entry(1, [grant(1)], [did(1)]))["meta"] == {
        "created": "2026-02-01T12:00:00Z",
        "updated": "2026-09-01T09:00:00Z",
    }
    assert document()["meta"]["created"] == "2026-09-01T09:00:00Z"


def claimants() -> Sequence[tuple[Entry, Any]]:
    """Three institutions that have one DID, in two schemes; the second has had it longest."""
    late = replace(did(1), valid_from=GRANTED_AT + DAY)
    entries = [
        replace(
            entry(number, [grant(number)], [identity]), identifiers=(("ror", f"https://ror.org/{number}"),)
        )
        for number, identity in ((1, late), (2, did(1)), (3, late))
    ]
    return list(zip(entries, [SCHEME, OTHER_SCHEME, SCHEME], strict=True))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_did_that_several_institutions_have_stays_with_the_one_that_had_it_first(order: Any) -> None:
    fragments = [DCC.entry(listed, scheme, ISSUED_AT) for listed, scheme in claimants()]
    made = json.loads(DCC.assemble(header(), [fragments[i] or b"" for i in order], None).body)
    assert [said["name"] for said in made["registry"].values()] == ["Invented College 2"]
    ids = [listed.id for listed, _ in claimants()]
    assert made["meta"]["conflicts"] == [
        {"did": "did:web:college-1.example", "kept": ids[1], "left_out": [ids[0], ids[2]]}
    ]


def test_one_institution_in_two_schemes_is_listed_once_and_is_no_conflict() -> None:
    here = entry(1, [grant(1)], [did(1)])
    there = replace(here, id="00000000-0000-4000-8000-000000000099")
    fragments = [DCC.entry(here, SCHEME, ISSUED_AT), DCC.entry(there, OTHER_SCHEME, ISSUED_AT)]
    made = json.loads(DCC.assemble(header(), [f for f in fragments if f], None).body)
    assert len(made["registry"]) == 1
    assert "conflicts" not in made["meta"]


def test_the_client_of_the_consortium_finds_every_listed_did_and_no_other() -> None:
    file = HERE / "dcc_registry" / "registry.json"
    listed = json.loads(file.read_bytes())["registry"]
    unknown = ["did:web:college-4.example", "did:web:nobody.example", PLATFORM.value]
    assert look_up(file, *listed, *unknown) == {**listed, **dict.fromkeys(unknown)}
