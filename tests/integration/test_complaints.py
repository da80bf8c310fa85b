"""Complaints: anybody brings one, the issuer is heard without knowing from whom, and what follows takes two people."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.demo import detours_complaints
from registry.domain.complaints import ComplaintOutcome, ComplaintState, ComplaintStep, steps_from
from registry.domain.recognition import Status, status_at
from registry.domain.retention import RecordKind
from registry.domain.roles import CaseRole, Role
from registry.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.complaint import Complaint, ComplaintContact
from registry.models.institution import WorkItem
from registry.models.issuer import Issuer
from registry.models.monitoring import MonitoringItem, MonitoringKind
from registry.models.two_people import Proposal
from registry.services import cases, complaint_contacts, complaint_handling, complaints, retention, two_people
from registry.services.complaint_figures import complaint_figures
from registry.services.complaint_handling import Resolution
from registry.services.complaints import NewComplaint
from registry.services.trust_lists import status_events
from registry.signing.sealing import Seals, Unreadable

from support.world import World

STEP, OUTCOME = ComplaintStep, ComplaintOutcome
KIND = RecordKind.COMPLAINT_CONTACT
MAIL = "Zofia Ucząca, zofia@learner.example"


@pytest.fixture
def issuer(world: World) -> Issuer:
    """A listed issuer."""
    application, _story = world.granted()
    return world.session.get_one(Issuer, application.issuer_id)


def seals(world: World) -> Seals:
    """Return the keys beside the world's files."""
    return Seals(world.files.directory.with_name("seals.json"))


def brought(world: World, issuer: Issuer | None, **more: str) -> complaints.Lodged:
    new = NewComplaint(
        scheme="agency-quality",
        who="learner",
        about="issuer_compliance" if issuer else "panel_or_body_conduct",
        text="The course that I paid for was never held.",
        issuer=issuer.institution.slug if issuer else "",
        contact=MAIL,
    )
    return complaints.lodge(world.session, seals(world), replace(new, **more), at=world.clock())


def act(
    world: World, row: Complaint, step: ComplaintStep, text: str = "In the officer's words."
) -> Complaint:
    return complaint_handling.act(
        world.session, row.id, step, text, actor=world.people["complaints"], at=world.clock()
    )


def admitted(world: World, issuer: Issuer | None, **more: str) -> Complaint:
    row = brought(world, issuer, **more).complaint
    act(world, row, STEP.ACKNOWLEDGE, "")
    return act(world, row, STEP.ADMIT)


def resolve(world: World, row: Complaint, outcome: ComplaintOutcome, **more: object) -> Complaint:
    told = Resolution(outcome, "What was found.", **more)  # type: ignore[arg-type]
    return complaint_handling.resolve(
        world.session, row.id, told, actor=world.people["complaints"], at=world.clock()
    )


def refused(world: World, act: Callable[[], object], kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    world.session.expire_all()
    return str(caught.value)


def owner(world: World, issuer: Issuer) -> uuid.UUID:
    return world.owners[issuer.institution_id]


def test_a_complaint_is_acknowledged_admitted_answered_and_resolved(world: World, issuer: Issuer) -> None:
    made = brought(world, issuer)
    row, session, person = made.complaint, world.session, owner(world, issuer)
    assert row.state is ComplaintState.RECEIVED
    assert row.due_at is not None
    assert timedelta(days=5) <= row.due_at - row.received_at < timedelta(days=9)
    assert complaints.follow(session, made.secret) is row
    refused(world, lambda: complaints.follow(session, row.reference), NotFound)
    refused(world, lambda: act(world, row, STEP.ADMIT), TransitionRefused)
    act(world, row, STEP.ACKNOWLEDGE, "")
    refused(world, lambda: act(world, row, STEP.ADMIT, " "), InvalidInput)
    act(world, row, STEP.ADMIT)
    assert complaints.asked_of(session, issuer.id, actor=person, at=world.clock()) == []
    refused(world, lambda: resolve(world, row, OUTCOME.RECOMMENDATION), TransitionRefused)
    act(world, row, STEP.ASK_ISSUER, "A course is said not to have been held.")
    refused(world, lambda: resolve(world, row, OUTCOME.RECOMMENDATION), TransitionRefused)
    (asked,) = complaints.asked_of(session, issuer.id, actor=person, at=world.clock())
    assert (asked.text, asked.reply) == ("A course is said not to have been held.", None)
    reply = lambda who: complaint_handling.reply(  # noqa: E731
        session, row.id, "It was moved to May.", actor=who, at=world.clock()
    )
    refused(world, lambda: reply(world.people["officer"]), NotFound)
    reply(person)
    refused(world, lambda: reply(person), TransitionRefused)
    refused(world, lambda: resolve(world, row, OUTCOME.INADMISSIBLE), InvalidInput)
    resolve(world, row, OUTCOME.RECOMMENDATION)
    (asked,) = complaints.asked_of(session, issuer.id, actor=person, at=world.clock())
    assert (asked.outcome, asked.reasons) == (OUTCOME.RECOMMENDATION, "What was found.")
    assert (row.state, row.due_at, steps_from(row.state)) == (ComplaintState.RESOLVED, None, frozenset())


def test_nothing_the_issuer_gets_tells_who_complained(world: World, issuer: Issuer) -> None:
    row = admitted(world, issuer)
    act(world, row, STEP.ASK_ISSUER, "A course is said not to have been held.")
    person = owner(world, issuer)
    told = repr(complaints.asked_of(world.session, issuer.id, actor=person, at=world.clock()))
    assert "learner" not in told
    assert "Zofia" not in told
    assert row.text not in told
    for stranger in (person, world.people["auditor"], world.people["officer"]):
        refused(
            world,
            lambda who=stranger: complaints.contact_of(
                world.session, seals(world), row.id, actor=who, at=world.clock()
            ),  # type: ignore[misc]
            NotFound,
        )
    officer = world.people["complaints"]
    assert complaints.contact_of(world.session, seals(world), row.id, actor=officer, at=world.clock()) == MAIL
    complaints.erase_contact(world.session, row.id, actor=officer, at=world.clock())
    assert world.session.get(ComplaintContact, row.id) is None


def test_what_a_complaint_lacks_is_named(world: World, issuer: Issuer) -> None:
    lack = {"who": "nobody", "about": "weather", "text": " ", "contact": "x" * 501}
    with pytest.raises(InvalidInput) as caught:
        brought(world, issuer, **lack)
    assert [problem.field for problem in caught.value.errors] == ["who", "about", "text", "contact"]
    assert "cannot be taken in" in refused(
        world, lambda: brought(world, issuer, scheme="agency-european"), InvalidInput
    )
    anonymous = brought(world, issuer, who="anonymous", contact="").complaint
    assert world.session.get(ComplaintContact, anonymous.id) is None


def test_too_many_at_once_are_told_to_wait(world: World) -> None:
    first = brought(world, None)
    at = first.complaint.received_at
    new = NewComplaint("agency-quality", "learner", "panel_or_body_conduct", "Again.")
    for _ in range(complaints.MOST_IN_WINDOW - 1):
        complaints.lodge(world.session, seals(world), new, at=at)
    with pytest.raises(complaints.TooManyComplaints, match="Too many complaints"):
        complaints.lodge(world.session, seals(world), new, at=at)
    complaints.lodge(world.session, seals(world), new, at=at + complaints.WINDOW)


def test_who_has_a_part_in_a_case_of_the_issuer_handles_no_complaint_about_it(
    world: World, issuer: Issuer
) -> None:
    both = world.person("both", Role.COMPLAINTS_OFFICER, Role.CASE_OFFICER, body=world.body.id)
    row = brought(world, issuer).complaint
    read = lambda: complaints.visible(  # noqa: E731
        world.session, row.id, *complaints.OFFICERS, actor=both, at=world.clock()
    )
    assert read() is row
    case = world.walk.submit(*_draft(world))
    acknowledge = lambda of: complaint_handling.act(  # noqa: E731
        world.session, of.id, STEP.ACKNOWLEDGE, "", actor=both, at=world.clock()
    )
    acknowledge(row)
    own = issuer_case(world, issuer)
    assert "handled a complaint" in refused(
        world,
        lambda: cases.add_part(
            world.session, own, both, CaseRole.CASE_OFFICER, None, actor=both, at=world.clock()
        ),
        NotAllowed,
    )
    cases.add_part(world.session, case, both, CaseRole.CASE_OFFICER, None, actor=both, at=world.clock())
    third = world.person("third", Role.COMPLAINTS_OFFICER, body=world.body.id)
    cases.add_part(world.session, own, third, CaseRole.CASE_OFFICER, None, actor=both, at=world.clock())
    assert row not in complaints.complaints_of(world.session, actor=third, at=world.clock())
    refused(
        world,
        lambda: complaints.visible(
            world.session, row.id, *complaints.OFFICERS, actor=third, at=world.clock()
        ),
        NotFound,
    )


def _draft(world: World):  # type: ignore[no-untyped-def]
    story = world.story()
    return world.walk.apply(story), story.applicant


def issuer_case(world: World, issuer: Issuer):  # type: ignore[no-untyped-def]
    from registry.models.application import Application

    return world.session.scalars(select(Application).where(Application.issuer_id == issuer.id)).first()


def test_another_body_does_not_see_a_complaint(world: World, issuer: Issuer) -> None:
    stranger = world.person("stranger")
    row = brought(world, issuer).complaint
    for who in (stranger, world.people["officer"], world.people["administrator"]):
        assert complaints.complaints_of(world.session, actor=who, at=world.clock()) == []
        refused(
            world,
            lambda who=who: complaints.visible(  # type: ignore[misc]
                world.session, row.id, *complaints.READERS, actor=who, at=world.clock()
            ),
            NotFound,
        )
    assert list(complaints.complaints_of(world.session, actor=world.people["auditor"], at=world.clock())) == [
        row
    ]


def heard(world: World, issuer: Issuer) -> Complaint:
    row = admitted(world, issuer)
    act(world, row, STEP.ASK_ISSUER)
    complaint_handling.reply(
        world.session, row.id, "So it was.", actor=owner(world, issuer), at=world.clock()
    )
    return row


def standing(world: World, issuer: Issuer) -> Status | None:
    return status_at(status_events(issuer), world.clock())


def test_a_warning_is_proposed_and_a_second_person_gives_it(world: World, issuer: Issuer) -> None:
    row = heard(world, issuer)
    assert refused(world, lambda: resolve(world, row, OUTCOME.WARNING, text={"en": "Mend it."}), InvalidInput)
    resolve(world, row, OUTCOME.WARNING, text={"en": "Mend it.", "pl": "Proszę to naprawić."})
    proposal = world.session.scalars(select(Proposal).order_by(Proposal.at.desc())).first()
    assert proposal is not None
    assert proposal.first_by == world.people["complaints"]
    assert proposal.answer is None
    two_people.confirm(world.session, proposal.id, actor=world.people["registrar-1"], at=world.clock())
    assert standing(world, issuer) is Status.ACTIVE


def test_an_extraordinary_review_lands_on_the_list_of_the_case_officers(world: World, issuer: Issuer) -> None:
    resolve(world, heard(world, issuer), OUTCOME.REVIEW)
    (item,) = world.session.scalars(
        select(MonitoringItem).where(MonitoringItem.kind == MonitoringKind.COMPLAINT)
    )
    assert (item.subject, item.owner) == ("extraordinary_review", None)
    assert standing(world, issuer) is Status.ACTIVE


def test_an_urgent_suspension_need_not_wait_for_the_issuer_but_takes_two(
    world: World, issuer: Issuer
) -> None:
    row = admitted(world, issuer)
    resolve(world, row, OUTCOME.URGENT_SUSPENSION, ground="fraud_suspected")
    assert standing(world, issuer) is Status.ACTIVE
    proposal = world.session.scalars(select(Proposal).order_by(Proposal.at.desc())).first()
    assert proposal is not None
    two_people.confirm(world.session, proposal.id, actor=world.people["officer"], at=world.clock())
    assert standing(world, issuer) is Status.SUSPENDED


def test_once_the_days_of_the_issuer_are_over_a_complaint_is_resolved_without_it(
    world: World, issuer: Issuer
) -> None:
    row = act(world, admitted(world, issuer), STEP.ASK_ISSUER)
    assert row.due_at is not None
    world.clock.moment = row.due_at + timedelta(seconds=1)
    assert resolve(world, row, OUTCOME.RECOMMENDATION).outcome is OUTCOME.RECOMMENDATION


def test_a_complaint_may_be_dismissed_with_reasons(world: World, issuer: Issuer) -> None:
    row = act(world, brought(world, issuer).complaint, STEP.ACKNOWLEDGE)
    act(world, row, STEP.DISMISS, "Single grades are for the issuer's own appeals.")
    assert (row.state, row.outcome) == (ComplaintState.INADMISSIBLE, OUTCOME.INADMISSIBLE)
    assert row.closed_at is not None


def test_a_complaint_about_the_body_needs_no_issuer_and_touches_none(world: World) -> None:
    row = admitted(world, None)
    refused(world, lambda: act(world, row, STEP.ASK_ISSUER), TransitionRefused)
    assert "needs an issuer" in refused(world, lambda: resolve(world, row, OUTCOME.REVIEW), InvalidInput)
    assert resolve(world, row, OUTCOME.RECOMMENDATION).state is ComplaintState.RESOLVED


def test_wrong_data_goes_to_those_who_keep_the_register(world: World, issuer: Issuer) -> None:
    admitted(world, issuer, about="wrong_register_data")
    (item,) = world.session.scalars(select(WorkItem).where(WorkItem.kind == "complaint"))
    assert item.detail["text"] == "In the officer's words."


def test_more_than_three_complaints_in_ninety_days_are_a_signal_once(world: World, issuer: Issuer) -> None:
    def seen() -> int:
        query = select(MonitoringItem).where(MonitoringItem.subject == "complaint_rate")
        return len(world.session.scalars(query).all())

    for expected in (0, 0, 0, 1, 1):
        brought(world, issuer)
        assert seen() == expected
    assert standing(world, issuer) is Status.ACTIVE


def test_few_complaints_are_no_figure(world: World) -> None:
    row = brought(world, None).complaint
    act(world, row, STEP.ACKNOWLEDGE)
    act(world, row, STEP.DISMISS)
    assert complaints.statistics(world.session, world.body.id) is None


def test_the_demo_has_one_that_waits_and_one_that_ended_with_a_recommendation(
    world: World, issuer: Issuer
) -> None:
    officer = world.people["complaints"]
    waiting = detours_complaints.complained(world.walk, seals(world), issuer.id, "Nobody answers my letters.")
    assert waiting.state is ComplaintState.RECEIVED
    ended = detours_complaints.recommended(
        world.walk, seals(world), issuer.id, officer, owner(world, issuer), "The course was not held."
    )
    assert (ended.state, ended.outcome) == (ComplaintState.RESOLVED, OUTCOME.RECOMMENDATION)


def test_how_to_reach_them_goes_a_year_after_the_end(world: World, issuer: Issuer) -> None:
    row, session = act(world, brought(world, issuer).complaint, STEP.ACKNOWLEDGE), world.session
    assert retention.apply(session, at=world.clock() + timedelta(days=800))[KIND] == 0
    act(world, row, STEP.DISMISS)
    assert row.closed_at is not None
    assert retention.apply(session, at=row.closed_at + timedelta(days=365))[KIND] == 0
    assert retention.apply(session, at=row.closed_at + timedelta(days=366))[KIND] == 1
    assert session.get(ComplaintContact, row.id, populate_existing=True) is None


def test_yearly_figures_count_complaints_and_tell_no_small_number(world: World) -> None:
    start = world.clock()
    for number in range(11):
        row = admitted(world, None, text=f"Complaint {number}.")
        if number:
            resolve(world, row, ComplaintOutcome.NOT_SUBSTANTIATED)
        world.clock.skip(days=1)
    figures = complaint_figures(world.session, start, world.clock())
    assert figures["agency-quality"]["received"] == 11
    assert figures["agency-quality"]["not_substantiated"] == 10
    assert figures["agency-quality"]["recommendation"] is None
    assert set(figures["agency-european"].values()) == {None}
    assert set(complaint_figures(world.session, world.clock(), world.clock())["agency-quality"].values()) == {
        None
    }


def kept(world: World, row: Complaint) -> str:
    return world.session.get_one(ComplaintContact, row.id, populate_existing=True).contact


def read(world: World, row: Complaint) -> str | None:
    officer = world.people["complaints"]
    return complaints.contact_of(world.session, seals(world), row.id, actor=officer, at=world.clock())


def test_the_database_does_not_tell_how_to_reach_them(world: World, issuer: Issuer) -> None:
    row, other = brought(world, issuer).complaint, brought(world, issuer).complaint
    assert "zofia" not in kept(world, row)
    assert kept(world, row) != kept(world, other)
    assert read(world, row) == MAIL
    moved = world.session.get_one(ComplaintContact, other.id)
    moved.contact = kept(world, row)
    with pytest.raises(Unreadable):
        read(world, other)


def test_rows_from_before_are_read_and_sealed_in_the_next_round(world: World, issuer: Issuer) -> None:
    row = brought(world, issuer, contact="").complaint
    world.session.add(ComplaintContact(complaint_id=row.id, contact=MAIL))
    world.session.flush()
    assert read(world, row) == MAIL
    assert complaint_contacts.seal_all(world.session, seals(world)) == 1
    world.session.flush()
    assert "zofia" not in kept(world, row)
    assert read(world, row) == MAIL
    assert complaint_contacts.seal_all(world.session, seals(world)) == 0


def test_a_rotation_seals_everything_anew_and_erasure_stays(world: World, issuer: Issuer) -> None:
    row = brought(world, issuer).complaint
    before = kept(world, row)
    for _turn in range(3):
        key_id, count = complaint_contacts.rotate(
            world.session, seals(world), actor="operator", at=world.clock()
        )
        seals(world).drop_old_keys()
        assert count == 1
        assert kept(world, row).startswith(f"sealed:{key_id}:")
        assert read(world, row) == MAIL
    with pytest.raises(Unreadable, match="put back a copy"):
        seals(world).open(before, str(row.id))
    officer = world.people["complaints"]
    complaints.erase_contact(world.session, row.id, actor=officer, at=world.clock())
    assert read(world, row) is None


def test_what_does_not_open_stands_in_nobodys_way(world: World, issuer: Issuer) -> None:
    lost, row = brought(world, issuer).complaint, brought(world, issuer).complaint
    gone = "sealed:0000000000000000:AAAA"
    world.session.get_one(ComplaintContact, lost.id).contact = gone
    _key, count = complaint_contacts.rotate(world.session, seals(world), actor="operator", at=world.clock())
    assert (count, kept(world, lost), read(world, row)) == (1, gone, MAIL)
