"""What the public reads of decisions, from the edition store alone: as the policy says, and no trace of others."""

from typing import Any

import orjson

from registry.demo import detours_decision as detours
from registry.demo.detours_decision import AppealCast
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import Action
from registry.models.application import Application
from registry.models.decision import Decision
from registry.services import publication, supervision
from registry.services.appeals import NewAppealMotion
from registry.services.case_file import decision_of
from registry.services.decision_files import (
    INDEX,
    appeals_path,
    decision_path,
    figures_path,
    precedents_path,
    year_path,
    yearly_figures,
)

from support.deciding import before_committee, decided, gap
from support.world import Registry, World


def publish(registry: Registry) -> None:
    registry.clock.skip(days=1)
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)


def read(registry: Registry, path: str) -> Any:
    document = registry.publishing.store.document(path)
    return orjson.loads(document.body) if document else None


def paths(registry: Registry) -> set[str]:
    """Return every address that is published, but those of lists: they are issued again as time passes."""
    rows = registry.publishing.store.connection.execute("SELECT path FROM address")
    return {path for (path,) in rows if not path.startswith("/lists/")}


def panel(world: World) -> AppealCast:
    people = tuple(world.person(f"appeals-{n}", Role.APPEALS_MEMBER, body=world.body.id) for n in range(1, 4))
    return AppealCast(world.people["administrator"], people)


def withdrawal(world: World, application: Application) -> Application:
    """Withdraw, and let the issuer appeal."""
    walk, officer, owner = world.walk, world.people["officer"], world.owners[application.institution_id]
    assert application.issuer_id is not None
    case = supervision.open_hearing(
        world.session,
        application.issuer_id,
        proposed=Outcome.WITHDRAW,
        ground=Reason.SERIOUS_BREACH,
        notice="What was reported is serious.",
        actor=officer,
        at=world.clock(),
    )
    walk.declare(case, officer, CaseRole.CASE_OFFICER)
    supervision.answer_hearing(world.session, case.id, "No.", actor=owner, at=world.clock())
    walk.seat_committee(case)
    walk.act(case, Action.CLOSE_HEARING, officer)
    walk.release(walk.decide(case))
    return case


def test_a_refusal_and_its_appeal_leave_no_trace_in_what_is_published(registry: Registry) -> None:
    with registry.world() as world:
        application = world.application(world.story(scheme="european"))
        walk = world.walk
        walk.open(application)
        walk.identify(application)
        walk.judge(application, {})
        detours.refused_after_hearing(walk, application)
    publish(registry)
    before = paths(registry)
    with registry.world() as world:
        found = world.session.get_one(Application, application.id)
        detours.appealed(world.walk, found, world.owners[found.institution_id])
    publish(registry)
    assert paths(registry) == before
    assert read(registry, INDEX) is None


def test_a_withdrawal_is_published_when_it_is_final_and_until_then_a_note_says_appeal(
    registry: Registry,
) -> None:
    granted = registry.granted(scheme="european")
    with registry.world() as world:
        application = world.session.get_one(Application, granted)
        issuer = application.issuer_id
        case = withdrawal(world, application)
        decision = decision_of(world.session, case.id)
        assert decision is not None
    publish(registry)
    assert issuer is not None
    assert read(registry, decision_path(decision.id)) is None
    assert read(registry, appeals_path(issuer)) is None
    with registry.world() as world:
        found = world.session.get_one(Application, case.id)
        detours.appealed(world.walk, found, world.owners[found.institution_id])
    publish(registry)
    note = read(registry, appeals_path(issuer))["pending"]
    assert [(one["standing_holds"], one["decision"]) for one in note] == [(True, None)]
    assert read(registry, decision_path(decision.id)) is None
    with registry.world() as world:
        found = world.session.get_one(Application, case.id)
        people = panel(world)
        detours.appeal_seated(world.walk, found, people)
        new = NewAppealMotion(Action.UPHOLD, "It was serious.")
        detours.appeal_decided(world.walk, found, people, new)
    publish(registry)
    assert read(registry, appeals_path(issuer))["pending"] == []
    public = read(registry, decision_path(decision.id))
    assert (public["outcome"], public["appeal"]["state"]) == ("withdraw", "upheld_decision")
    index = read(registry, INDEX)["files"]
    rows = [row for entry in index for row in read(registry, entry["path"])["decisions"]]
    assert {row["outcome"] for row in rows} == {"recognize", "withdraw"}
    published = b"".join(
        document.body for path in paths(registry) if (document := registry.publishing.store.document(path))
    ).decode("latin-1")
    assert not [text for text in registry.personal_data() if text in published]
    assert "It was serious." not in published


def test_an_annulled_suspension_stays_published_with_what_became_of_it(registry: Registry) -> None:
    granted = registry.granted(scheme="european")
    with registry.world() as world:
        application = world.session.get_one(Application, granted)
        assert application.issuer_id is not None
        applicant = world.owners[application.institution_id]
        case = world.walk.stop(
            application.issuer_id, applicant, Outcome.SUSPEND, Reason.ANNUAL_REPORT_OVERDUE
        )
        decision = decision_of(world.session, case.id)
        assert decision is not None
    publish(registry)
    assert read(registry, decision_path(decision.id))["appeal"] is None
    with registry.world() as world:
        found = world.session.get_one(Application, case.id)
        people, owner = panel(world), world.owners[found.institution_id]
        detours.appealed_and_returned(world.walk, found, owner, people, Action.RETURN_TO_COMMITTEE)
    publish(registry)
    assert read(registry, decision_path(decision.id))["appeal"]["state"] == "annulled_and_returned"
    record = registry.publishing.store.issuer(str(application.issuer_id))
    assert record is not None
    assert record.entry_wire["status"] == "active"


def test_published_precedents_name_a_criterion_its_rating_and_the_outcome(registry: Registry) -> None:
    with registry.world() as world:
        ratings = gap(world, "european")
        application = before_committee(world, "european", ratings)
        decision = decided(world, application, Outcome.RECOGNIZE_WITH_CONDITIONS, None)
        slug = application.scheme.slug
    publish(registry)
    criteria = read(registry, precedents_path(slug))["criteria"]
    assert set(criteria) == set(ratings)
    row = next(iter(criteria.values()))["precedents"][0]
    assert (row["decision"], row["condition"]) == (str(decision.id), True)
    year = read(registry, INDEX)["files"][0]["year"]
    assert [r["id"] for r in read(registry, year_path(slug, year))["decisions"]] == [str(decision.id)]


def test_figures_of_a_year_come_when_it_is_over_and_tell_no_small_number(registry: Registry) -> None:
    registry.granted(scheme="european")
    year = registry.clock.moment.year
    publish(registry)
    assert read(registry, figures_path(year)) is None
    registry.clock.skip(days=366)
    publication.publish(registry.publishing, at=registry.clock(), everything=True)
    figures = read(registry, figures_path(year))
    assert figures["suppressed_below"] == 10
    assert {n for rows in figures["schemes"].values() for n in rows.values()} == {None}


def test_a_count_of_ten_is_told(world: World) -> None:
    from sqlalchemy import insert

    from registry.models.base import new_id
    from registry.models.decision import Motion, Release

    application, _story = world.granted(scheme="european")
    first = decision_of(world.session, application.id)
    assert first is not None
    for number in range(2, 11):
        motion, decision = new_id(), new_id()
        world.session.execute(
            insert(Motion).values(
                id=motion,
                application_id=application.id,
                number=number,
                outcome="recognize",
                proposed_outcome="recognize",
                rule="R1",
                explanation=[],
                reasons="",
                terms={"scope": {"grants": []}, "conditions": []},
                put_by=world.people["chair"],
                at=world.clock(),
            )
        )
        world.session.execute(
            insert(Decision).values(
                id=decision,
                application_id=application.id,
                motion_id=motion,
                outcome="recognize",
                tally={},
                present=3,
                decided_by=world.people["chair"],
                decided_at=world.clock(),
            )
        )
        one, two = world.cast.registrars
        world.session.execute(
            insert(Release).values(decision_id=decision, first_by=one, second_by=two, at=world.clock())
        )
    rows = yearly_figures(world.session, world.clock.moment.year)["schemes"][application.scheme.slug]
    assert rows["recognize"] == 10
    assert rows["refuse"] is None
