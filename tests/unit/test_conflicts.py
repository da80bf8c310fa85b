"""Conflicts of interest: what a declaration leads to, what hints see, when it is made again; and how panels are composed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from registry.domain import hints
from registry.domain.conflicts import (
    Answer,
    DeclarationOutcome,
    Finding,
    entered,
    judge_declaration,
    locking_rules,
    renewal_for,
)
from registry.domain.hints import HINTS, ApplicantFacts, PersonFacts, find_ties
from registry.domain.panels import CaseKind, Place, panel_problems, seat_problem, seats_needed
from registry.domain.policy import Policy
from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import EXCLUSIVE, CaseRole, PanelSeat, Role, excluded_by
from registry.domain.scope import parse_scope
from registry.domain.trust_list import Text
from registry.domain.workflow import State
from registry.errors import InvalidInput
from registry.policy_files import available
from registry.resources import data_dir

GRANT = {
    "fields": ["06"],
    "levels": [],
    "credential_types": ["micro_credential"],
    "countries": ["PL"],
    "modes": ["online"],
    "languages": [],
    "programmes": [],
    "max_ects": None,
}
AT = datetime(2026, 9, 1, tzinfo=UTC)


def policy(name: str = "esg-part1-microcredential-issuer") -> Policy:
    return next(one.policy for (found, _), one in available(None).items() if found == name)


def rule(effect: str, *detect: str, name: str = "R") -> ConflictRule:
    return ConflictRule(name, Text.of(en="A tie", pl="Powiązanie"), (), 0, detect, effect)


@pytest.mark.parametrize(
    ("effect", "yes", "found", "expected"),
    [
        ("exclude", True, False, DeclarationOutcome.EXCLUDED),
        ("exclude", True, True, DeclarationOutcome.EXCLUDED),
        ("exclude", False, True, DeclarationOutcome.QUESTIONED),
        ("second_opinion", True, False, DeclarationOutcome.SECOND_OPINION),
        ("second_opinion", False, True, DeclarationOutcome.SECOND_OPINION),
        ("disclose", True, False, DeclarationOutcome.DISCLOSED),
        ("disclose", False, True, DeclarationOutcome.CLEAN),
        ("exclude", False, False, DeclarationOutcome.CLEAN),
    ],
)
def test_a_declaration_leads_where_the_effect_of_the_rule_says(
    effect: str, yes: bool, found: bool, expected: DeclarationOutcome
) -> None:
    one = rule(effect)
    findings = [Finding("R", "email_domain_match", "x.example")] if found else []
    assert judge_declaration([one], {"R": Answer(yes, "because")}, findings) is expected
    locked = expected is not DeclarationOutcome.CLEAN
    assert locking_rules([one], {"R"} if yes else (), {"R"} if found else ()) == (("R",) if locked else ())


def test_the_hardest_of_several_ties_counts() -> None:
    rules = [rule("disclose", name="A"), rule("exclude", name="B"), rule("second_opinion", name="C")]
    yes = {one.id: Answer(True, "yes") for one in rules}
    assert judge_declaration(rules, yes) is DeclarationOutcome.EXCLUDED
    assert judge_declaration(rules, yes | {"B": Answer(False)}) is DeclarationOutcome.SECOND_OPINION


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "answer yes or no"),
        ({"R": Answer(True)}, "say what the tie is"),
        ({"R": Answer(False)}, "say why what was found is no tie"),
    ],
)
def test_what_is_said_of_a_tie_is_explained(answers: dict[str, Answer], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        judge_declaration([rule("exclude")], answers, [Finding("R", "vendor_match", "x")])
    assert [(one.field, one.message) for one in caught.value.errors] == [("R", message)]


def test_every_detect_word_of_the_schema_has_its_hint() -> None:
    schema = yaml.safe_load((data_dir("policies") / "policy.schema.yaml").read_bytes())
    words = schema["$defs"]["conflict_rules"]["properties"]["rules"]["items"]["properties"]["detect"]
    assert set(words["items"]["enum"]) == set(HINTS)


APPLICANT = ApplicantFacts(
    hosts=frozenset({"college.example", "group.example"}),
    identifiers=frozenset({"nip:1", "ror:2"}),
    countries=frozenset({"PL"}),
    scope=parse_scope({"grants": [GRANT]}),
    platforms=frozenset({"platform-id", "nip:9"}),
    platform_hosts=frozenset({"badges.example"}),
)


@pytest.mark.parametrize(
    ("word", "person", "seen"),
    [
        ("email_domain_match", PersonFacts(email="ada@mail.college.example"), True),
        ("email_domain_match", PersonFacts(email="ada@group.example"), True),
        ("email_domain_match", PersonFacts(email="ada@notcollege.example"), False),
        ("email_domain_match", PersonFacts(email="ada@example"), True),
        ("email_domain_match", PersonFacts(), False),
        ("employer_identifier_in_hierarchy", PersonFacts(employer_ids=frozenset({"ror:2"})), True),
        ("employer_identifier_in_hierarchy", PersonFacts(employer_ids=frozenset({"ror:3"})), False),
        ("vendor_match", PersonFacts(employer_ids=frozenset({"nip:9"})), True),
        ("vendor_match", PersonFacts(employer_platforms=frozenset({"platform-id"})), True),
        ("vendor_match", PersonFacts(email="x@badges.example"), True),
        ("vendor_match", PersonFacts(email="x@elsewhere.example"), False),
    ],
)
def test_hints_see_ties_and_nothing_else(word: str, person: PersonFacts, seen: bool) -> None:
    assert bool(HINTS[word](person, APPLICANT, rule("exclude", word))) is seen


def test_a_competitor_works_for_the_same_fields_in_the_same_country() -> None:
    rival = PersonFacts(
        employer="Rival",
        employer_ids=frozenset({"nip:7"}),
        employer_countries=frozenset({"PL"}),
        employer_scopes=(parse_scope({"grants": [GRANT | {"fields": ["0613"]}]}),),
    )
    look = rule("disclose", "scope_overlap_same_region")
    assert hints.scope_overlap_same_region(rival, APPLICANT, look) == "Rival"
    abroad = replace(rival, employer_countries=frozenset({"DE"}))
    other = replace(rival, employer_scopes=(parse_scope({"grants": [GRANT | {"fields": ["09"]}]}),))
    itself = replace(rival, employer_ids=frozenset({"nip:1"}))
    for person in (abroad, other, itself):
        assert hints.scope_overlap_same_region(person, APPLICANT, look) is None


@pytest.mark.parametrize(
    ("cycles", "seen"),
    [
        ((True, True), True),
        ((True, False), False),
        ((True,), False),
        ((), False),
        ((True, True, False), True),
    ],
)
def test_both_previous_cycles_ask_for_a_second_opinion(cycles: tuple[bool, ...], seen: bool) -> None:
    found = find_ties([rule("second_opinion", "case_role_history")], PersonFacts(cycles=cycles), APPLICANT)
    assert bool(found) is seen


def test_an_earlier_part_in_the_same_case_is_found() -> None:
    person = PersonFacts(same_case=("panel_member",))
    found = find_ties([rule("exclude", "case_role_history")], person, APPLICANT)
    assert found == (Finding("R", "case_role_history", "panel_member"),)


@pytest.mark.parametrize(
    ("role", "state", "stage"),
    [
        (CaseRole.PANEL_MEMBER, State.VISIT, "before_site_visit"),
        (CaseRole.PANEL_MEMBER, State.REVIEW, None),
        (CaseRole.COMMITTEE_MEMBER, State.FIRST_CONSIDERATION, "before_decision"),
        (CaseRole.CASE_OFFICER, State.VISIT, None),
    ],
)
def test_who_declares_again_for_what(role: CaseRole, state: State, stage: str | None) -> None:
    when = policy().conflict_rules.declaration.when
    renewal = renewal_for(when, role, state)
    assert (renewal.stage.value if renewal else None) == stage
    assert renewal_for((), role, state) is None


def test_a_case_enters_a_stretch_anew_only_from_elsewhere() -> None:
    one, two, three = State.REVIEW, State.VISIT, State.ON_HOLD
    steps = [
        (one, two, AT),
        (two, three, AT + timedelta(1)),
        (three, two, AT + timedelta(2)),
    ]
    assert entered({two}, steps) == AT
    again = [*steps, (two, one, AT + timedelta(3)), (one, two, AT + timedelta(4))]
    assert entered({two}, again) == AT + timedelta(4)
    assert entered({two}, []) is None


def places(*seats: PanelSeat) -> list[Place]:
    return [
        Place(CaseRole.PANEL_CHAIR if seat is PanelSeat.CHAIR else CaseRole.PANEL_MEMBER, frozenset({seat}))
        for seat in seats
    ]


@pytest.mark.parametrize(
    ("modes", "kind", "employer"),
    [
        (["online"], "other_provider", False),
        (["online", "work_based"], "other_provider", True),
        (["online"], "employer", True),
        ([], "other_provider", True),
    ],
)
def test_an_employer_sits_on_the_panel_where_learning_is_at_work_or_the_applicant_employs(
    modes: list[str], kind: str, employer: bool
) -> None:
    case = CaseKind(parse_scope({"grants": [GRANT | {"modes": modes}]}), kind)
    assert (PanelSeat.EMPLOYER in seats_needed(policy().panel, case)) is employer


def test_one_person_fills_two_seats_but_never_the_learners_too() -> None:
    panel = policy().panel
    needed = seats_needed(panel, CaseKind(parse_scope({"grants": [GRANT]}), "other_provider"))
    three = [
        Place(CaseRole.PANEL_CHAIR, frozenset({PanelSeat.CHAIR, PanelSeat.SUBJECT})),
        *places(PanelSeat.LEARNER, PanelSeat.CREDENTIAL_TECHNOLOGY),
    ]
    assert panel_problems(panel, three, needed) == []
    both = {PanelSeat.LEARNER, PanelSeat.SUBJECT}
    assert (
        seat_problem(panel, CaseRole.PANEL_MEMBER, both)
        == "the learner's seat is never combined with another"
    )
    wrong = [
        Place(CaseRole.PANEL_MEMBER, frozenset(both)),
        *places(PanelSeat.CHAIR, PanelSeat.CREDENTIAL_TECHNOLOGY),
    ]
    assert panel_problems(panel, wrong, needed) == ["the learner's seat is never combined with another"]


def test_a_panel_without_learner_or_chair_or_with_too_many_is_none() -> None:
    panel, needed = policy().panel, (PanelSeat.CHAIR, PanelSeat.LEARNER)
    said = " ".join(panel_problems(panel, places(PanelSeat.SUBJECT), needed))
    assert "3 to 5 members; it has 1" in said
    assert "exactly one chair; it has 0" in said
    assert "nobody for: chair, learner" in said


@pytest.mark.parametrize(("one", "other"), EXCLUSIVE)
def test_exclusive_roles_exclude_each_other(one: Role, other: Role) -> None:
    assert other in excluded_by(one)
    assert one in excluded_by(other)
