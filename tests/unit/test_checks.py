"""Automatic checks judge gathered facts: shown, shown not to hold, or left to a person."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.check_facts import (
    CataloguePage,
    CheckInput,
    DomainProof,
    ExternalDecision,
    KeyProof,
    ListedParty,
    RegisterLookup,
    RegisterRecord,
    StatusObservation,
    Verification,
)
from registry.domain.checks import CHECKS, PAGE_DESCRIPTORS, PARAMS, run_check
from registry.domain.credential_paths import credential_format, has_element
from registry.domain.policy import CheckParams, Policy
from registry.policy_files import available

AT = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)
NONE = CheckParams()
POLICIES = [loaded.policy for loaded in available().values()]
EU = next(policy for policy in POLICIES if policy.id.startswith("eu-"))


def days(count: int) -> datetime:
    """Return the instant that many days before the check."""
    return AT - timedelta(days=count)


def passed(name: str, facts: CheckInput, params: CheckParams = NONE) -> bool | None:
    """Run a check; every answer speaks both languages."""
    result = run_check(name, facts, params)
    assert result.summary["en"].endswith(".")
    assert result.summary["pl"].endswith(".")
    assert result.summary["en"] != result.summary["pl"]
    return result.passed


def test_there_are_exactly_the_twelve_checks_that_policies_may_name() -> None:
    assert sorted(CHECKS) == [
        "all_required_evidence_present", "catalogue_descriptor_coverage", "credential_element", "credential_verifies",
        "domain_control", "duplicate_candidate", "external_decisions_lookup", "identifier_agreement",
        "identifier_unique", "key_possession", "no_recent_adverse_decision", "status_resolves",
    ]  # fmt: skip
    assert set(PARAMS) == set(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_that_knows_nothing_never_shows_an_issuer_fit(name: str) -> None:
    # What asks for the absence of something is content with nothing found; all else must be shown.
    content = {"all_required_evidence_present", "no_recent_adverse_decision", "duplicate_candidate"}
    params = CheckParams(months=6, registers=("deqar",), min_agreeing=2, min_share=1.0, elm_v3=("issued",))
    found = passed(name, CheckInput(at=AT), params)
    assert found is True if name in content else found is not True


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.id} {policy.version}")
def test_every_check_of_a_policy_can_be_run_with_its_parameters(policy: Policy) -> None:
    named = [(item.check, item.params) for _, item in policy.evidence_items() if item.check]
    named += [(gate.check, gate.params) for gate in policy.eligibility if gate.check]
    assert len(named) >= 8
    for name, params in named:
        passed(name, CheckInput(at=AT), params)


def test_evidence_is_counted() -> None:
    facts = CheckInput(at=AT, evidence_required={"A": 1, "B": 5}, evidence_present={"A": 1, "B": 4})
    result = run_check("all_required_evidence_present", facts, NONE)
    assert result.passed is False
    assert result.summary["pl"] == "Brakujące dowody: B."
    assert passed(
        "all_required_evidence_present",
        CheckInput(at=AT, evidence_required={"A": 1}, evidence_present={"A": 2}),
    )


@pytest.mark.parametrize(
    ("decided", "months", "expected"),
    [
        (
            datetime(2025, 11, 30, 12, 0, tzinfo=UTC),
            6,
            True,
        ),  # exactly half a year ago: 31 May has no 31 November
        (datetime(2025, 11, 30, 12, 0, 1, tzinfo=UTC), 6, False),
        (AT, 6, False),
        (AT + timedelta(seconds=1), 6, True),
        (datetime(2025, 5, 31, 12, 0, 1, tzinfo=UTC), 12, False),
        (datetime(2025, 5, 31, 12, 0, tzinfo=UTC), 12, True),
    ],
)
def test_an_adverse_decision_counts_for_whole_months(decided: datetime, months: int, expected: bool) -> None:
    facts = CheckInput(at=AT, adverse_decisions=(decided,))
    assert passed("no_recent_adverse_decision", facts, CheckParams(months=months)) is expected


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        ([], True),
        (["normalized_name"], None),
        (["domain"], None),
        (["domain", "normalized_name"], None),
        (["ror"], None),
        (["ror", "domain"], None),
        (["ror", "vat"], False),
        (["lei"], True),  # this policy does not compare it
    ],
)
def test_no_duplicate_is_certain_on_name_or_host(shared: list[str], expected: bool | None) -> None:
    own = {key: frozenset({f"own {key}"}) for key in ("ror", "vat", "lei", "domain", "normalized_name")}
    other = {key: own[key] if key in shared else frozenset({"different"}) for key in own}
    facts = CheckInput(at=AT, own_values=own, others=(ListedParty("x", other),))
    params = CheckParams(match_on=("ror", "euid", "vat", "domain", "normalized_name"))
    assert passed("duplicate_candidate", facts, params) is expected


def test_external_decisions_are_reused_explained_or_asked_for_again() -> None:
    params = CheckParams(registers=("deqar", "national"))
    good = RegisterLookup("deqar", answered=True, decisions=(ExternalDecision("Agency A", positive=True),))
    bad = RegisterLookup("national", answered=True, decisions=(ExternalDecision("Agency B", positive=False),))
    over = RegisterLookup(
        "national",
        answered=True,
        decisions=(ExternalDecision("Agency B", positive=False, valid_until=days(1)),),
    )
    silent = RegisterLookup("national", answered=False)
    name = "external_decisions_lookup"
    assert passed(name, CheckInput(at=AT, lookups=(good, over)), params) is True
    assert passed(name, CheckInput(at=AT, lookups=(good, bad)), params) is False
    assert passed(name, CheckInput(at=AT, lookups=(good, silent)), params) is None
    assert passed(name, CheckInput(at=AT, lookups=(bad,)), params) is False


def record(
    scheme: str, name: str = "Akademia Śląska", country: str = "PL", found: bool | None = True
) -> RegisterRecord:
    """Return what a register says, in agreement unless told otherwise."""
    return RegisterRecord(scheme, "1", found, name, country)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([record("ror"), record("vat", "AKADEMIA SLASKA")], True),
        ([record("ror"), record("ror")], False),  # one register twice is one register
        ([record("ror"), record("vat", country="CZ")], False),
        ([record("ror"), record("vat", found=None)], None),
        ([record("ror"), record("vat", "Silesian Academy")], None),
        ([record("ror"), record("vat", found=False)], False),
        ([], False),
    ],
)
def test_registers_must_agree_on_name_and_country(
    records: list[RegisterRecord], expected: bool | None
) -> None:
    facts = CheckInput(at=AT, names=("Akademia Śląska",), country="PL", records=tuple(records))
    assert passed("identifier_agreement", facts, CheckParams(min_agreeing=2)) is expected


def test_an_identity_belongs_to_one_issuer() -> None:
    facts = CheckInput(at=AT, identities=("did:web:a.example",), holders={"did:web:a.example": ()})
    assert passed("identifier_unique", facts) is True
    taken = CheckInput(at=AT, identities=("did:web:a.example",), holders={"did:web:a.example": ("other",)})
    assert passed("identifier_unique", taken) is False


@pytest.mark.parametrize(
    ("seen", "matched", "expected"),
    [(30, True, True), (31, True, False), (-1, True, False), (1, False, False), (1, None, None)],
)
def test_a_domain_is_proved_lately(seen: int, matched: bool | None, expected: bool | None) -> None:
    proof = DomainProof("a.example", "dns", days(seen), matched)
    facts = CheckInput(at=AT, max_age_days=30, domains=("a.example",), domain_proofs=(proof,))
    assert passed("domain_control", facts) is expected
    two = CheckInput(at=AT, max_age_days=30, domains=("a.example", "b.example"), domain_proofs=(proof,))
    assert passed("domain_control", two) is False


@pytest.mark.parametrize(
    ("method", "seen", "valid", "expected"),
    [
        ("signed_challenge", 1, True, True),
        ("platform_confirmation", 1, True, True),
        ("somebody_said_so", 1, True, False),
        ("signed_challenge", 31, True, False),
        ("signed_challenge", 1, False, False),
        ("signed_challenge", 1, None, None),
    ],
)
def test_every_key_is_proved_by_a_known_method(
    method: str, seen: int, valid: bool | None, expected: bool | None
) -> None:
    proof = KeyProof("did:web:a.example", method, days(seen), valid)
    facts = CheckInput(at=AT, max_age_days=30, identities=("did:web:a.example",), key_proofs=(proof,))
    assert passed("key_possession", facts) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(True, True, True), (True, None, None), (None, None, None), (False, True, False), (True, False, False)],
)
def test_a_status_is_seen_before_and_after_revocation(
    before: bool | None, after: bool | None, expected: bool | None
) -> None:
    facts = CheckInput(at=AT, statuses=(StatusObservation("c1", before, after),))
    assert passed("status_resolves", facts) is expected


@pytest.mark.parametrize(
    ("signature", "proved", "expected"),
    [(True, True, True), (True, False, False), (False, True, False), (None, True, None), (True, None, None)],
)
def test_samples_verify_with_a_key_the_applicant_proved(
    signature: bool | None, proved: bool | None, expected: bool | None
) -> None:
    facts = CheckInput(at=AT, verifications=(Verification("c1", signature, proved),))
    assert passed("credential_verifies", facts) is expected


def test_too_few_verified_samples_are_not_enough() -> None:
    facts = CheckInput(at=AT, min_count=5, verifications=(Verification("c1", True, True),))
    assert passed("credential_verifies", facts) is False


def test_catalogue_pages_show_nearly_everything() -> None:
    full = CataloguePage("https://a.example/1", PAGE_DESCRIPTORS)
    lacking = CataloguePage("https://a.example/2", PAGE_DESCRIPTORS - {"workload"})
    unread = CataloguePage("https://a.example/3", None)
    name, params = "catalogue_descriptor_coverage", CheckParams(min_share=0.95)
    assert passed(name, CheckInput(at=AT, catalogue=(full, full, lacking)), params) is True  # 26 of 27
    assert passed(name, CheckInput(at=AT, catalogue=(full, lacking)), params) is False  # 17 of 18
    assert passed(name, CheckInput(at=AT, catalogue=(full, unread)), params) is None


# ---- elements in credentials: samples of our own, in the shape of the published models

ELM: dict[str, Any] = {
    "id": "urn:credential:1",
    "evidence": [{"type": "Evidence", "accreditation": {"id": "https://registry.example/issuers/1"}}],
    "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
    "issued": "2026-03-01T10:00:00Z",
    "issuer": {
        "type": "Organisation",
        "legalName": {"en": "Example College"},
        "homepage": {"type": "WebResource", "contentURL": "https://college.example"},
        "location": [
            {
                "address": {
                    "countryCode": {"id": "http://publications.europa.eu/resource/authority/country/POL"}
                }
            }
        ],
    },
    "credentialSubject": {
        "type": "Person",
        "givenName": {"pl": "Ada"},
        "familyName": {"pl": "Przykładowa"},
        "hasClaim": [
            {
                "type": "LearningAchievement",
                "title": {"en": "Data for beginners"},
                "awardedBy": {
                    "awardingDate": "2026-02-28T00:00:00Z",
                    "awardingBody": {
                        "legalName": {"en": "Example College"},
                    },
                },
                "provenBy": [
                    {
                        "grade": {"noteLiteral": {"en": "passed"}},
                        "idVerification": {"id": "http://data.europa.eu/snb/supervision-verification/1"},
                        "specifiedBy": {"dcType": {"prefLabel": {"en": "written test"}}},
                    }
                ],
                "specifiedBy": {
                    "learningOutcome": [{"title": {"en": "cleans data"}}],
                    "volumeOfLearning": "PT50H",
                    "eqfLevel": {"id": "http://data.europa.eu/snb/eqf/5"},
                    "mode": {"prefLabel": {"en": "Blended"}},
                    "entryRequirement": {"noteLiteral": {"en": "none"}},
                    "isPartialQualification": False,
                    "homepage": {"contentURL": "https://college.example/data"},
                },
            }
        ],
    },
}
BADGE: dict[str, Any] = {
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "validFrom": "2026-03-01T10:00:00Z",
    "issuer": {"type": ["Profile"], "name": "Example College", "address": {"addressCountryCode": "PL"}},
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "id": "did:key:zExample",
        "result": [{"value": "B"}],
        "achievement": {
            "id": "https://college.example/badges/1",
            "name": "Data for beginners",
            "criteria": {"narrative": "cleans data"},
            "alignment": [{"targetName": "EQF level 5"}],
            "creditsAvailable": 2,
            "resultDescription": [{"name": "Written test"}],
            "related": [{"id": "https://college.example/badges/2"}],
        },
    },
    "endorsement": [{"id": "https://registry.example/credentials/endorsements/1"}],
}
ELEMENTS = [item for _, item in EU.evidence_items() if item.check == "credential_element"]


@pytest.mark.parametrize("item", ELEMENTS, ids=lambda item: item.id)
def test_a_complete_european_credential_has_every_element(item: Any) -> None:
    assert (
        passed("credential_element", CheckInput(at=AT, samples=(ELM, {"credential": ELM})), item.params)
        is True
    )


@pytest.mark.parametrize("item", ELEMENTS, ids=lambda item: item.id)
def test_a_complete_badge_has_every_element_that_badges_have_room_for(item: Any) -> None:
    expected = True if item.params.ob_v3 else None
    assert passed("credential_element", CheckInput(at=AT, samples=(BADGE,)), item.params) is expected


@pytest.mark.parametrize("item", ELEMENTS, ids=lambda item: item.id)
def test_a_signed_credential_is_looked_into(item: Any) -> None:
    text = json.dumps(ELM)
    plain = {"payload": text, "signatures": [{"protected": "e30", "signature": "x"}]}
    encoded = {"payload": urlsafe_b64encode(text.encode()).decode().rstrip("="), "signatures": []}
    assert passed("credential_element", CheckInput(at=AT, samples=(plain, encoded)), item.params) is True


@pytest.mark.parametrize("payload", ["{", "e30", "W10", "%%%", "é", "", "{" * 100_000, 7, None])
def test_a_payload_that_is_no_credential_is_none(payload: object) -> None:
    assert credential_format({"payload": payload}) is None


def test_badges_have_no_room_for_three_of_the_elements() -> None:
    assert [item.id for item in ELEMENTS if not item.params.ob_v3] == ["D10-a", "O1-a", "O2-a"]


@pytest.mark.parametrize("item", ELEMENTS, ids=lambda item: item.id)
@pytest.mark.parametrize("kind", ["EuropeanDigitalCredential", "OpenBadgeCredential"])
def test_an_empty_credential_has_no_element(item: Any, kind: str) -> None:
    found = passed("credential_element", CheckInput(at=AT, samples=({"type": [kind]},)), item.params)
    assert found is (None if kind == "OpenBadgeCredential" and not item.params.ob_v3 else False)


def test_the_share_of_credentials_decides() -> None:
    without = {**BADGE, "issuer": {"name": "Example College"}}
    params = CheckParams(ob_v3=("issuer.address.addressCountryCode",), min_share=0.5)
    assert passed("credential_element", CheckInput(at=AT, samples=(BADGE, without)), params) is True
    assert passed("credential_element", CheckInput(at=AT, samples=(BADGE, without, without)), params) is False
    assert passed("credential_element", CheckInput(at=AT, samples=(BADGE, {"type": "Other"})), params) is None
    assert passed("credential_element", CheckInput(at=AT, samples=(BADGE,), min_count=2), params) is False


@pytest.mark.parametrize("empty", ["", "  ", {}, [], None, {"en": ""}, {"type": "Note"}, [{"en": [" "]}]])
def test_a_value_that_says_nothing_is_no_element(empty: object) -> None:
    assert not has_element({"a": [{"b": empty}]}, ["a.b"])
    assert has_element({"a": [{"b": empty}, {"b": 0}]}, ["a.b"])


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ({"type": "OpenBadgeCredential"}, "ob_v3"),
        ({"type": ["VerifiableCredential", "AchievementCredential"]}, "ob_v3"),
        ({"credential": {"type": ["EuropeanDigitalCredential"]}}, "elm_v3"),
        ({"type": ["VerifiableCredential"]}, None),
        ({"type": {"odd": 1}}, None),
        ({"type": [{"odd": 1}]}, None),
        ({}, None),
    ],
)
def test_the_format_is_read_from_the_type(sample: dict[str, Any], expected: str | None) -> None:
    assert credential_format(sample) == expected


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(sample=st.dictionaries(st.sampled_from(["a", "b", "type", "credential"]), ANY_JSON, max_size=3))
def test_any_json_can_be_looked_through(sample: dict[str, Any]) -> None:
    found = passed(
        "credential_element",
        CheckInput(at=AT, samples=(sample,)),
        CheckParams(elm_v3=("a.b.c",), min_share=1.0),
    )
    assert found is None
    assert has_element(sample, ["a.b"]) in (True, False)
