"""The intake through the services: what is missing, returned, handed in again, eligible or not, decisions of others."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from registry.demo import detours_intake as detours
from registry.domain.clocks import Side
from registry.domain.completeness import PointMark, PointPlace, PointReason
from registry.domain.handed_in import Difference, compare_manifests
from registry.domain.policy import Outcome
from registry.domain.reuse import ExternalKind
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, RegistryError, TransitionRefused
from registry.models.application import Application, EvidenceVersion
from registry.models.institution import InstitutionIdentifier
from registry.services import (
    applications,
    completeness,
    duplicates,
    eligibility,
    eligibility_standing,
    evidence,
    external_decisions,
    identities,
    institutions,
    missing,
    returning,
    two_people,
)
from registry.services.case_file import policy_for
from registry.services.completeness import NewPoint
from registry.services.external_decisions import NewDecision

from support.world import SCOPE, World, did_key


def refusal(world: World, act: Callable[[], object], kind: type[RegistryError]) -> str:
    """Return the sentence of a refusal; what was tried leaves nothing behind."""
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def opened(world: World, **changes: object) -> Application:
    def tell(world: World) -> uuid.UUID:
        application = world.application(world.story(**changes))
        detours.opened(world.walk, application)
        return application.id

    return world.told_case(f"opened {sorted(changes.items())}", tell)


def checked(world: World, **changes: object) -> Application:
    """Return a case at its identity check."""

    def tell(world: World) -> uuid.UUID:
        application = world.application(world.story(**changes))
        detours.opened(world.walk, application)
        world.walk.act(application, Action.CONFIRM_COMPLETE, world.people["intake"])
        return application.id

    return world.told_case(f"complete {sorted(changes.items())}", tell)


def hand_in(world: World, application: Application, item: str, **more: object) -> EvidenceVersion:
    return evidence.add_text(
        world.session,
        application.id,
        item,
        str(more.pop("words", "We say so.")),
        actor=application.created_by,
        at=world.clock(),
        **more,  # type: ignore[arg-type]
    )


def resubmit(world: World, application: Application) -> object:
    return applications.resubmit(
        world.session,
        application.id,
        version=application.version,
        actor=application.created_by,
        at=world.clock(),
    )


def give_back(world: World, application: Application, who: str = "intake") -> Application:
    return returning.return_for_completion(
        world.session,
        application.id,
        version=application.version,
        actor=world.people[who],
        at=world.clock(),
    )


def test_a_complete_application_lacks_nothing_and_cannot_be_returned(world: World) -> None:
    application = opened(world)
    assert missing.findings(world.session, application, world.clock()) == []
    assert refusal(world, lambda: give_back(world, application), TransitionRefused) == (
        "nothing is missing; add a point that says what the applicant has to mend"
    )


def test_the_list_names_what_is_missing_too_old_too_few_and_unproven(world: World) -> None:
    story = world.story()
    application = applications.start(
        world.session, story.institution, story.scheme, actor=story.applicant, at=world.clock()
    )
    items = [i for _c, i in policy_for(application).evidence_items() if i.provided_by == "applicant"]
    old = next(i for i in items if i.max_age_days and i.min_count == 1)
    few = next(i for i in items if i.min_count > 1 and not i.max_age_days)
    long_ago = world.clock().date() - timedelta(days=old.max_age_days + 1)
    hand_in(world, application, old.id, words="https://example.org/y", issued_on=long_ago)
    hand_in(world, application, few.id, words="https://example.org/x", items=few.min_count - 1)
    key = did_key()
    identities.add(world.session, application.id, key.new, actor=story.applicant, at=world.clock())
    found = missing.findings(world.session, application, world.clock())
    by_evidence = {f.evidence_id: f for f in found if f.evidence_id}
    assert by_evidence[old.id].reason is PointReason.TOO_OLD
    assert by_evidence[old.id].detail["dated"] == long_ago.isoformat()
    assert (by_evidence[few.id].reason, by_evidence[few.id].detail["given"]) == (
        PointReason.TOO_FEW,
        few.min_count - 1,
    )
    assert {f.reason for f in found} >= {PointReason.MISSING, PointReason.UNPROVEN, PointReason.SCOPE}
    required = {i.id for i in items if i.required} - {old.id, few.id}
    assert {e for e, f in by_evidence.items() if f.reason is PointReason.MISSING} == required


@pytest.mark.parametrize(
    ("stated", "field"), [({"issued_on": date(2999, 1, 1)}, "issued_on"), ({"items": 0}, "items")]
)
def test_a_day_to_come_and_no_pieces_cannot_be_stated(
    world: World, stated: dict[str, object], field: str
) -> None:
    application = world.draft()
    _criterion, item = detours.asked_about(application)
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        hand_in(world, application, item, **stated)
    assert set(caught.value.by_field()) == {field}


def test_a_returned_application_runs_on_the_applicants_clock_and_lapses(world: World) -> None:
    application = opened(world)
    point = detours.returned(world.walk, application)
    assert (application.state, application.clock_side) == (State.RETURNED, Side.APPLICANT)
    assert point.mark is PointMark.SENT
    assert application.due_at is not None
    # 20 working days of Poland from 1 September 2026, to the end of the day
    assert application.due_at.date() == date(2026, 9, 29)
    lapse = lambda: world.walk.act(application, Action.LAPSE, world.people["intake"])  # noqa: E731
    assert refusal(world, lapse, TransitionRefused) == "the applicant's days are not over yet"
    world.clock.skip(days=40)
    _criterion, item = detours.asked_about(application)
    over = "the days to complete this application are over; it lapses"
    assert refusal(world, lambda: hand_in(world, application, item), TransitionRefused) == over
    assert refusal(world, lambda: resubmit(world, application), TransitionRefused) == over
    lapse()
    assert application.state is State.LAPSED


def test_only_what_a_point_names_may_change(world: World) -> None:
    application = opened(world)
    detours.returned(world.walk, application)
    criterion, item = detours.asked_about(application)
    other = next(
        i.id
        for c, i in policy_for(application).evidence_items()
        if c.id != criterion and i.provided_by == "applicant" and i.kind != "public_url"
    )
    who, at = application.created_by, world.clock
    kept = "no point of the list names this; what was not asked for stays as it was handed in"
    key = did_key().new
    for act in (
        lambda: hand_in(world, application, other),
        lambda: applications.set_scope(world.session, application.id, SCOPE, actor=who, at=at()),
        lambda: identities.add(world.session, application.id, key, actor=who, at=at()),
        lambda: detours.cited(world.walk, application),
    ):
        assert refusal(world, act, TransitionRefused) == kept
    assert hand_in(world, application, item).number == 2


def test_points_on_scope_keys_and_a_criterion_open_exactly_these(world: World) -> None:
    application = opened(world)
    policy, intake = policy_for(application), world.people["intake"]
    criterion, _item = detours.asked_about(application)
    for new in (
        NewPoint(PointPlace.SCOPE, "Name the levels."),
        NewPoint(PointPlace.IDENTITIES, "Name the key of your second platform."),
        NewPoint(PointPlace.CRITERION, "Say more.", criterion),
    ):
        completeness.add_point(world.session, application.id, new, actor=intake, at=world.clock())
    give_back(world, application)
    asked = completeness.asked_of(world.session, application)
    assert asked.opens(PointPlace.SCOPE)
    assert asked.opens(PointPlace.IDENTITIES)
    assert not asked.opens(PointPlace.DECISIONS)
    below = {i.id for i in policy.criterion(criterion).evidence if i.provided_by == "applicant"}
    assert asked.evidence == below
    wider = {"grants": [{**SCOPE["grants"][0], "languages": ["pl"]}]}
    applications.set_scope(
        world.session, application.id, wider, actor=application.created_by, at=world.clock()
    )
    key = did_key()
    claim = identities.add(
        world.session, application.id, key.new, actor=application.created_by, at=world.clock()
    )
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        resubmit(world, application)
    assert [e.field for e in caught.value.errors] == [f"identities.{claim.id}", "points.3"]
    world.walk.prove(claim, key.private, application.created_by)  # type: ignore[arg-type]
    completeness.answer_point(
        world.session,
        application.id,
        3,
        "The document of last year says all there is.",
        actor=application.created_by,
        at=world.clock(),
    )
    resubmit(world, application)
    assert application.state is State.COMPLETENESS_CHECK
    assert {p.mark for p in completeness.points_of(world.session, application.id)} == {PointMark.SETTLED}


def test_handing_in_again_makes_a_new_manifest_that_can_be_compared(world: World) -> None:
    application = opened(world)
    detours.returned(world.walk, application)
    _criterion, item = detours.asked_about(application)
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        resubmit(world, application)
    assert [e.message for e in caught.value.errors] == ["point 1 of the list is neither mended nor answered"]
    second = detours.resubmitted(world.walk, application)
    first = next(m for m in completeness_manifests(world, application) if m.number == 1)
    assert second.number == 2
    assert second.sha256 != first.sha256
    changed = [
        r for r in compare_manifests(first.content, second.content) if r.difference is not Difference.SAME
    ]
    assert [(row.part, row.id, row.difference) for row in changed] == [("evidence", item, Difference.CHANGED)]
    world.walk.act(application, Action.CONFIRM_COMPLETE, world.people["intake"])
    assert application.state is State.IDENTITY_CHECK


def completeness_manifests(world: World, application: Application) -> list[object]:
    from registry.services.stated import manifests

    return list(manifests(world.session, application.id))


def test_a_reopened_point_is_sent_again_with_reasons(world: World) -> None:
    application, intake = opened(world), world.people["intake"]
    point = detours.returned(world.walk, application)
    detours.resubmitted(world.walk, application)
    by = {"actor": intake, "at": world.clock()}
    empty = refusal(
        world,
        lambda: completeness.reopen_point(world.session, application.id, 1, " ", **by),
        InvalidInput,
    )
    assert empty == "give your reasons"
    completeness.reopen_point(world.session, application.id, 1, "It is the same page again.", **by)
    give_back(world, application)
    assert [m.mark for m in point.marks] == [
        PointMark.SENT,
        PointMark.SETTLED,
        PointMark.REOPENED,
        PointMark.SENT,
    ]
    assert application.due_at is not None
    assert application.due_at - application.entered_at > timedelta(days=20)


def test_a_point_can_be_dropped_before_it_is_sent_and_not_after(world: World) -> None:
    application, intake = opened(world), world.people["intake"]
    new = NewPoint(PointPlace.SCOPE, "Name the levels.")
    completeness.add_point(world.session, application.id, new, actor=intake, at=world.clock())
    drop = lambda number: completeness.drop_point(  # noqa: E731
        world.session, application.id, number, actor=intake, at=world.clock()
    )
    assert drop(1).mark is PointMark.DROPPED
    assert refusal(world, lambda: give_back(world, application), TransitionRefused).startswith("nothing")
    detours.returned(world.walk, application)
    detours.resubmitted(world.walk, application)
    assert refusal(world, lambda: drop(2), TransitionRefused) == (
        "this point has been sent to the applicant already"
    )


@pytest.mark.parametrize("who", ["officer", "verifier-1", "applicant", "registrar-1"])
def test_only_the_intake_officer_returns_from_the_completeness_check(world: World, who: str) -> None:
    application = opened(world)
    actor = application.created_by if who == "applicant" else world.people[who]
    new = NewPoint(PointPlace.SCOPE, "Name the levels.")
    add = lambda: completeness.add_point(  # noqa: E731
        world.session, application.id, new, actor=actor, at=world.clock()
    )
    assert "may take this step" in refusal(world, add, NotAllowed)


def test_people_of_another_body_find_nothing(world: World) -> None:
    application = opened(world)
    other = World(world.session, world.files, world.clock, slug="elsewhere").build()
    new = NewPoint(PointPlace.SCOPE, "Name the levels.")
    for who in ("intake", "officer"):
        by = {"actor": other.people[who], "at": world.clock()}
        for act in (
            lambda by=by: completeness.add_point(world.session, application.id, new, **by),
            lambda by=by: eligibility.run_again(world.session, application.id, **by),
            lambda by=by: external_decisions.answer(
                world.session, application.id, 1, "A1", accepted=True, reasons="x", **by
            ),
        ):
            assert "no application" in refusal(world, act, NotFound)


def test_two_officers_who_return_at_once_meet_a_conflict(world: World) -> None:
    application = opened(world)
    seen = application.version
    detours.returned(world.walk, application)
    late = lambda: returning.return_for_completion(  # noqa: E731
        world.session, application.id, version=seen, actor=world.people["intake"], at=world.clock()
    )
    assert "somebody else changed this application" in refusal(world, late, Conflict)


@pytest.mark.parametrize("table", ["completeness_point", "completeness_mark", "eligibility_answer"])
def test_the_database_keeps_what_was_said(world: World, table: str) -> None:
    application = checked(world)
    detours.failed(world.walk, application)
    by = {"actor": world.people["officer"], "at": world.clock()}
    new = NewPoint(PointPlace.SCOPE, "Name the levels.")
    completeness.add_point(world.session, application.id, new, **by)
    completeness.drop_point(world.session, application.id, 1, **by)
    with pytest.raises(DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(text(f"DELETE FROM {table}"))


# eligibility


def standing(world: World, application: Application, check: str) -> eligibility_standing.Standing:
    found = eligibility_standing.standings(world.session, application)
    return next(s for s in found if s.check.check == check)


def test_automatic_checks_run_with_the_facts_that_they_judged(world: World) -> None:
    application = checked(world)
    found = eligibility_standing.standings(world.session, application)
    assert {s.check.check: s.passed for s in found if s.check.check} == {
        "all_required_evidence_present": True,
        "no_recent_adverse_decision": True,
        "duplicate_candidate": True,
    }
    assert standing(world, application, "no_recent_adverse_decision").machine.facts == {"adverse": []}
    assert [s.check.id for s in found if s.passed is None] == [s.check.id for s in found if not s.check.check]


def test_identity_is_confirmed_only_when_every_check_is_answered(world: World) -> None:
    application = checked(world)
    walk, verifiers = world.walk, world.cast.verifiers
    walk.gather(application, verifiers[0])
    for claim in application.identity_claims:
        for verifier in verifiers:
            identities.confirm(world.session, claim.id, actor=verifier, at=world.clock())
    confirm = lambda: walk.act(application, Action.CONFIRM_IDENTITY, verifiers[0])  # noqa: E731
    assert refusal(world, confirm, TransitionRefused) == "answer the eligibility checks first: E2, E4"
    walk.answer_eligibility(application)
    failed = detours.failed(walk, application)
    assert refusal(world, confirm, TransitionRefused) == f"the application is not eligible by: {failed}"
    walk.answer_eligibility(application)
    confirm()
    assert application.state is State.ELIGIBLE


def test_a_person_does_not_overrule_a_machine_that_could_tell(world: World) -> None:
    application = checked(world)
    check = standing(world, application, "no_recent_adverse_decision").check.id
    by = {"actor": world.people["officer"], "at": world.clock()}
    answer = lambda check_id, reasons="Seen.": eligibility.answer(  # noqa: E731
        world.session, application.id, check_id, passed=True, reasons=reasons, **by
    )
    assert refusal(world, lambda: answer(check), TransitionRefused).endswith("its answer stands")
    assert refusal(world, lambda: answer("E99"), NotFound) == "this policy has no eligibility check E99"
    assert refusal(world, lambda: answer("E2", " "), InvalidInput) == "give your reasons"


def test_a_recent_refusal_blocks_the_next_application(world: World) -> None:
    institution = world.institution()
    walk = world.walk
    refused = world.application(world.story(institution))
    walk.open(refused)
    walk.identify(refused)
    walk.judge(refused, {})
    walk.release(walk.decide(refused, Outcome.REFUSE))
    again = checked(world, institution=institution)
    found = standing(world, again, "no_recent_adverse_decision")
    assert found.blocks
    assert len(found.machine.facts["adverse"]) == 1


def test_another_institution_of_the_same_name_is_told_to_the_panel_and_blocks_nothing(world: World) -> None:
    world.institution("Invented Twin School")
    application = checked(world, institution=world.institution("Invented Twin School"))
    found = standing(world, application, "duplicate_candidate")
    assert (found.machine.passed, found.blocks, found.flagged) == (None, False, True)
    assert found.asks_person


def test_candidates_go_by_identifier_domain_and_name_the_strong_ones_first(world: World) -> None:
    mine = world.institution("Invented North School")
    namesake = world.institution("Invented North School")
    holder = world.institution("Something Else")
    world.session.add(
        InstitutionIdentifier(scheme="vat", value="PL6750002236", institution_id=holder.id, source="self")
    )
    facts = institutions.current_facts(world.session, mine.id) | {
        "identifiers": [{"scheme": "nip", "value": "6750002236"}],
        "website": "https://www.north.example/en",
    }
    institutions.record(
        world.session, mine, facts, source="self", source_key="x", actor="t", at=world.clock()
    )
    other = institutions.current_facts(world.session, holder.id) | {
        "identifiers": [{"scheme": "vat", "value": "PL6750002236"}],
        "website": "https://north.example",
    }
    institutions.record(
        world.session, holder, other, source="self", source_key="y", actor="t", at=world.clock()
    )
    found = duplicates.candidates(world.session, mine)
    assert [(c.institution.id, c.strong) for c in found] == [(holder.id, True), (namesake.id, False)]
    assert {scheme for scheme, _v in found[0].agrees} == {"vat", "nip", "domain"}
    assert [scheme for scheme, _v in found[1].agrees] == ["normalized_name"]


def test_two_officers_find_an_application_not_eligible_and_the_window_for_appeal_opens(world: World) -> None:
    application = checked(world)
    proposal = detours.proposed_ineligible(world.walk, application)
    assert application.state is State.IDENTITY_CHECK
    confirm = lambda who: two_people.confirm(  # noqa: E731
        world.session, proposal.id, actor=world.people[who], at=world.clock()
    )
    assert "another person" in refusal(world, lambda: confirm("officer"), NotAllowed)
    for stranger in ("registrar-1", "verifier-1", "reviewer-1"):
        refusal(world, lambda who=stranger: confirm(who), NotFound)
    confirm("intake")
    assert (application.state, application.clock_side) == (State.INELIGIBLE, Side.APPLICANT)
    assert application.due_at is not None
    assert application.due_at > datetime(2026, 11, 1, tzinfo=UTC)
    assert eligibility.finding_of(world.session, application) == proposal
    assert application.events[-1].note == proposal.reasons


def test_only_a_failed_check_that_blocks_makes_an_application_ineligible(world: World) -> None:
    application = checked(world)
    propose = lambda content, reasons="Because.": two_people.propose(  # noqa: E731
        world.session,
        ProposalKind.INELIGIBLE,
        two_people.NewProposal(str(application.id), reasons, content, application_id=application.id),
        actor=world.people["officer"],
        at=world.clock(),
    )
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        propose({"checks": ["E3"]})
    assert [e.message for e in caught.value.errors] == ["check E3 has not failed, or does not block"]
    with pytest.raises(InvalidInput, match="cannot be proposed"), world.session.begin_nested():
        propose({})


def test_what_was_proposed_is_not_confirmed_once_the_check_holds(world: World) -> None:
    application = checked(world)
    proposal = detours.proposed_ineligible(world.walk, application)
    world.walk.answer_eligibility(application)
    confirm = lambda: two_people.confirm(  # noqa: E731
        world.session, proposal.id, actor=world.people["intake"], at=world.clock()
    )
    assert "cannot be confirmed any more" in refusal(world, confirm, Conflict)
    assert application.state is State.IDENTITY_CHECK


def test_an_ineligible_institution_may_apply_again(world: World) -> None:
    application = checked(world)
    detours.ineligible(world.walk, application)
    story = world.story(world.session.get_one(type(application.institution), application.institution_id))
    assert world.walk.apply(story).state is State.DRAFT


# decisions of others


def decision(world: World, **changes: object) -> NewDecision:
    told: dict[str, object] = {
        "kind": ExternalKind.DEQAR,
        "issuer": "Invented Agency",
        "reference": "https://data.deqar.eu/reports/41876",
        "decided_on": date(2025, 3, 1),
        "valid_until": date(2028, 3, 1),
        "outcome": "positive",
        "criteria": (policy_for(world.draft()).criteria[0].id,),
    }
    return NewDecision(**{**told, **changes})  # type: ignore[arg-type]


def test_a_cited_decision_is_frozen_with_the_application_and_saves_days_once_accepted(world: World) -> None:
    story = world.story()
    application = world.walk.apply(story)
    criteria = tuple(c.id for c in policy_for(application).criteria[:7])
    row = detours.cited(world.walk, application, *criteria)
    world.walk.submit(application, story.applicant)
    assert completeness_manifests(world, application)[0].content["decisions"][0]["criteria"] == sorted(
        criteria
    )
    detours.opened(world.walk, application)
    assert external_decisions.saved(world.session, application).days == 0
    detours.reuse(world.walk, application)
    saved = external_decisions.saved(world.session, application)
    # 7 of 15 criteria of 30 working days
    assert (saved.reused, saved.criteria, saved.days) == (7, 15, 14)
    hints = external_decisions.suggestions(world.session, application)
    assert set(hints) == set(criteria)
    assert hints[criteria[0]].reuses[0].decision == row
    detours.reuse(world.walk, application, accepted=False)
    assert external_decisions.saved(world.session, application).days == 0
    assert external_decisions.suggestions(world.session, application) == {}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"valid_until": date(2026, 8, 31)}, "valid_until", "this decision ended on 2026-08-31"),
        ({"decided_on": date(2026, 9, 2)}, "decided_on", "this day has not come yet"),
        ({"valid_until": date(2024, 1, 1)}, "valid_until", "does not end before it was made"),
        ({"reference": "DEQARINST0123"}, "reference", "identifier of an institution"),
        ({"reference": "report"}, "reference", "a DEQAR report has a number"),
        ({"kind": ExternalKind.ISO}, "reference", "name the standard"),
        ({"reference": " "}, "reference", "give the number"),
        ({"criteria": ("Z9",)}, "criteria", "choose the criteria"),
        ({"issuer": ""}, "issuer", "name the body"),
        ({"url": "ftp://x"}, "url", "web address"),
    ],
)
def test_a_decision_that_cannot_be_reused_is_refused_with_a_sentence(
    world: World, changes: dict[str, object], field: str, sentence: str
) -> None:
    application = world.draft()
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        external_decisions.cite(
            world.session,
            application.id,
            decision(world, **changes),
            actor=application.created_by,
            at=world.clock(),
        )
    assert set(caught.value.by_field()) == {field}
    assert sentence in caught.value.by_field()[field]


def test_a_decision_that_ends_before_submission_has_to_be_taken_back(world: World) -> None:
    application = world.draft()
    by = {"actor": application.created_by, "at": world.clock()}
    soon = decision(world, valid_until=world.clock().date() + timedelta(days=3))
    row = external_decisions.cite(world.session, application.id, soon, **by)
    world.clock.skip(days=10)
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        world.walk.submit(application, application.created_by)
    assert [e.field for e in caught.value.errors] == ["decisions.1"]
    external_decisions.take_back(
        world.session, application.id, row.number, actor=application.created_by, at=world.clock()
    )
    assert world.walk.submit(application, application.created_by).state is State.SUBMITTED


@pytest.mark.parametrize("who", ["intake", "verifier-1", "registrar-1"])
def test_reuse_is_judged_by_the_case_officer_and_the_panel_alone(world: World, who: str) -> None:
    story = world.story()
    application = world.walk.apply(story)
    row = detours.cited(world.walk, application)
    world.walk.submit(application, story.applicant)
    detours.opened(world.walk, application)
    judge = lambda actor: external_decisions.answer(  # noqa: E731
        world.session,
        application.id,
        row.number,
        row.criteria[0],
        accepted=True,
        reasons="Seen.",
        actor=actor,
        at=world.clock(),
    )
    assert "of this case may do this" in refusal(world, lambda: judge(world.people[who]), NotAllowed)
    assert judge(world.people["officer"]).accepted


def test_the_file_of_a_cited_decision_is_evidence_of_the_case(world: World) -> None:
    application = world.draft()
    row = detours.cited(world.walk, application)
    version = evidence.add_file(
        world.session,
        world.files,
        application.id,
        row.evidence_id,
        name="decision.txt",
        data=b"The decision in full",
        limit=2**20,
        case_limit=2**26,
        actor=application.created_by,
        at=world.clock(),
    )
    assert external_decisions.reuses(world.session, application)[0].file == version
    unknown = lambda: evidence.add_file(  # noqa: E731
        world.session,
        world.files,
        application.id,
        "external-2",
        name="x.txt",
        data=b"x",
        limit=2**20,
        case_limit=2**26,
        actor=application.created_by,
        at=world.clock(),
    )
    assert "asks the applicant for no evidence" in refusal(world, unknown, NotFound)


def test_a_case_on_hold_goes_on_where_it_stood(world: World) -> None:
    application = opened(world)
    intake = world.people["intake"]
    hold = lambda note: applications.act(  # noqa: E731
        world.session, application.id, Action.PUT_ON_HOLD, note=note, actor=intake, at=world.clock()
    )
    assert refusal(world, lambda: hold("  "), InvalidInput) == "give your reasons"
    hold("A court looks at the ownership.")
    assert (application.state, application.clock_side, application.due_at) == (State.ON_HOLD, None, None)
    assert application.events[-1].note == "A court looks at the ownership."
    world.walk.act(application, Action.TAKE_UP, intake)
    assert (application.state, application.clock_side) == (State.COMPLETENESS_CHECK, Side.BODY)
    assert isinstance(application.id, uuid.UUID)
