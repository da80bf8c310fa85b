"""Notices of hearings: the time to answer runs from when they provably reached the institution, as with letters."""

import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from registry.demo import detours_standing as detours
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason
from registry.domain.roles import CaseRole
from registry.domain.workflow import Action
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound, TransitionRefused
from registry.models.application import Application, Hearing
from registry.models.letter import DeliveryKind, HearingDelivery
from registry.services import (
    applications,
    audit_trail,
    case_export,
    deadlines,
    decisions,
    evidence_files,
    hearing_deliveries,
    supervision,
)
from registry.services.case_file import policy_for

from support.world import World, list_issuers

PROOF = b"Signed for."


@pytest.fixture
def case(world: World) -> Application:
    """A case against a listed issuer, opened with a notice."""
    issuer = list_issuers(world, 1)[0]
    return supervision.open_hearing(
        world.session,
        issuer,
        proposed=Outcome.WITHDRAW,
        ground=Reason.SERIOUS_BREACH,
        notice="A serious breach.",
        actor=world.people["officer"],
        at=world.clock(),
    )


def hearing_of(case: Application) -> Hearing:
    assert case.hearing is not None
    return case.hearing


def owner(world: World, case: Application) -> uuid.UUID:
    return world.owners[case.institution_id]


def opened(world: World, case: Application, who: uuid.UUID) -> HearingDelivery:
    return hearing_deliveries.open_notice(world.session, case.id, actor=who, at=world.clock())


def filed(
    world: World, case: Application, who: str, days: int, kind: DeliveryKind = DeliveryKind.REGISTERED_POST
) -> HearingDelivery:
    return hearing_deliveries.file_proof(
        world.session,
        world.files,
        case.id,
        kind,
        hearing_of(case).opened_at + timedelta(days=days),
        name="receipt.txt",
        data=PROOF,
        limit=2**20,
        actor=world.people[who],
        at=world.clock(),
    )


def message(world: World, act: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
        act()
    return caught.value.errors[0].message


def acts(world: World, case: Application) -> list[str]:
    return [event.act for event in audit_trail.case_events(world.session, case.id)]


def working_days(case: Application, since: datetime, days: int) -> datetime:
    return deadlines.calendar_of(case.scheme.body).plus(since, days)


def test_a_notice_that_nobody_opens_counts_as_delivered_after_fourteen_days(
    world: World, case: Application
) -> None:
    at, days = hearing_of(case).opened_at, policy_for(case).sanctions.withdraw.hearing_days
    assert case.due_at == hearing_of(case).due == working_days(case, at + timedelta(days=14), days)


def test_opening_the_notice_is_its_delivery_once(world: World, case: Application) -> None:
    assert not hearing_deliveries.is_told(hearing_of(case))
    with pytest.raises(NotAllowed):
        opened(world, case, world.people["officer"])
    row = opened(world, case, owner(world, case))
    assert (row.kind, row.delivered_at, row.proof_sha256) == (DeliveryKind.OPENED, row.recorded_at, None)
    world.clock.skip(days=1)
    assert opened(world, case, owner(world, case)) is row
    with pytest.raises(Conflict, match="counts as delivered already"):
        filed(world, case, "officer", 1)
    assert hearing_deliveries.is_told(hearing_of(case))
    days = policy_for(case).sanctions.withdraw.hearing_days
    assert case.due_at == working_days(case, row.delivered_at, days), "the time to answer runs from then"
    assert case.answer_due == case.due_at == hearing_of(case).due
    assert acts(world, case).count("hearing.delivered") == 1


def test_whoever_answers_has_the_notice(world: World, case: Application) -> None:
    supervision.answer_hearing(
        world.session, case.id, "It was mended.", actor=owner(world, case), at=world.clock()
    )
    row = hearing_of(case).delivery
    assert row is not None
    assert (row.kind, row.delivered_at) == (DeliveryKind.OPENED, hearing_of(case).answered_at)


def test_an_officer_files_the_proof_of_post(world: World, case: Application) -> None:
    world.clock.skip(days=5)
    for who in ("chair", "verifier-1"):
        with pytest.raises((NotAllowed, NotFound)):
            filed(world, case, who, 1)
    assert "only the institution itself" in message(
        world, lambda: filed(world, case, "officer", 1, DeliveryKind.OPENED)
    )
    assert "not written yet" in message(world, lambda: filed(world, case, "officer", -1))
    assert "in the future" in message(world, lambda: filed(world, case, "officer", 30))
    row = filed(world, case, "officer", 2)
    assert row.proof_sha256 is not None
    assert world.files.get(row.proof_sha256) == PROOF
    with pytest.raises(Conflict):
        filed(world, case, "registrar-1", 2)


def test_a_proof_that_ends_the_time_at_once_is_refused(world: World, case: Application) -> None:
    due = case.due_at
    assert due is not None
    world.clock.skip(days=(due - world.clock.moment).days - 1)
    assert "the later end that was told holds" in message(world, lambda: filed(world, case, "officer", 0))
    assert case.due_at == due
    filed(world, case, "officer", 15)
    assert case.due_at == due, "a later delivery than the one that counts moves nothing"


def test_on_hold_the_time_to_answer_stands_still(world: World, case: Application) -> None:
    opened(world, case, owner(world, case))
    days = policy_for(case).sanctions.withdraw.hearing_days
    world.walk.declare(case, world.people["officer"], CaseRole.CASE_OFFICER)
    world.clock.skip(days=7)
    since = acted(world, case, Action.PUT_ON_HOLD, "The register is closed.")
    assert case.due_at is None
    world.clock.skip(days=60)
    resumed = acted(world, case, Action.TAKE_UP)
    used = deadlines.calendar_of(case.scheme.body).days_between(hearing_of(case).opened_at, since)
    assert case.answer_due == case.due_at == working_days(case, resumed, days - used)
    world.walk.seat_committee(case)
    with pytest.raises(TransitionRefused, match="its days are not over"):
        acted(world, case, Action.CLOSE_HEARING)


def acted(world: World, case: Application, action: Action, note: str = "") -> datetime:
    at, officer = world.clock(), world.people["officer"]
    applications.act(world.session, case.id, action, note=note, actor=officer, at=at)
    return at


def test_an_urgent_suspension_is_confirmed_in_days_that_no_delivery_moves(world: World) -> None:
    case = detours.urgently_suspended(world.walk, list_issuers(world, 1)[0])
    due = case.due_at
    opened(world, case, owner(world, case))
    assert case.due_at == due == hearing_of(case).due == case.answer_due


def test_a_second_hearing_gives_all_its_days_again(world: World) -> None:
    case, walk = world.in_review(), world.walk
    walk.judge(case, {"S9": "partially_compliant"})
    days = policy_for(case).sla.days("representation")
    assert days is not None
    for outcome, note in ((None, "A survey is missing."), (Outcome.REFUSE, "It stays missing.")):
        walk.vote(case, outcome)
        at = world.clock()
        decisions.give_notice(
            world.session, case.id, note, version=case.version, actor=world.people["chair"], at=at
        )
        assert case.due_at == working_days(case, at + timedelta(days=14), days)
        row = opened(world, case, case.created_by)
        assert case.due_at == working_days(case, row.delivered_at, days)
        world.clock.skip(days=8)
        supervision.answer_hearing(
            world.session, case.id, "It is not.", actor=case.created_by, at=world.clock()
        )
        acted(world, case, Action.CLOSE_HEARING)


def test_the_proof_stays_as_long_as_the_case_and_goes_with_its_archive(
    world: World, case: Application
) -> None:
    world.clock.skip(days=5)
    row = filed(world, case, "registrar-1", 2)
    assert row.proof_sha256 is not None
    assert evidence_files.order_erasure(world.session, [row.proof_sha256], "test", at=world.clock()) == []
    target = io.BytesIO()
    case_export.write(world.session, world.files, case, target, at=world.clock.moment)
    assert case_export.verify(io.BytesIO(target.getvalue())).missing == 0
    with zipfile.ZipFile(target) as archive:
        name = f"files/hearing_delivery/{case.id}-{row.number}-receipt.txt"
        assert archive.read(name) == PROOF


def test_a_case_without_a_hearing_has_no_notice_to_deliver(world: World) -> None:
    case = world.submitted()
    with pytest.raises(NotFound):
        opened(world, case, case.created_by)
