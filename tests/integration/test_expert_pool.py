"""The expert pool: who is in it, fit, trained and available, and who keeps it."""

import email
import email.policy
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.domain.roles import CaseRole, PanelSeat, Role
from registry.errors import Conflict, NotAllowed, NotFound
from registry.mail import FileMailer
from registry.models.application import Application
from registry.models.base import new_id
from registry.services import (
    access,
    cases,
    experts,
    invitations,
)
from registry.services.experts import ExpertDetails, PoolFilter

from support.panel_people import (
    enlist,
    fields,
    refusal,
    seat_first,
)
from support.world import World


def test_a_body_that_keeps_a_pool_seats_nobody_from_outside_it(world: World, eligible: Application) -> None:
    session, who = world.session, world.cast.reviewers
    assert len(cases.candidates(session, eligible, CaseRole.PANEL_MEMBER, world.clock())) == 5
    enlist(world, who[0])
    found = cases.considered(session, eligible, CaseRole.PANEL_MEMBER, (), world.clock())
    assert [one.account.id for one in found if not one.against] == [who[0]]
    assert {reason for one in found for reason in one.against} == {
        "the person is not in the expert pool of the body"
    }
    said = refusal(world, lambda: seat_first(world, eligible, who[1]), NotAllowed)
    assert said.endswith("the person is not in the expert pool of the body")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trained_on": None}, "the person has no training on record"),
        ({"trained_on": -37}, "the person's training ran out on"),
        ({"trained_on": 1}, "the person's training ran out on"),
        ({"periods": (-60, -30)}, "the person is not available on this day"),
        ({"seats": (PanelSeat.LEARNER,)}, "the person does not fill the seat: chair"),
    ],
)
def test_an_expert_is_trained_available_and_fit_for_the_seat(
    world: World, eligible: Application, changes: dict[str, Any], said: str
) -> None:
    today = world.clock().date()
    months = changes.get("trained_on")
    if isinstance(months, int):
        changes = changes | {"trained_on": today + timedelta(days=31 * months)}
    if "periods" in changes:
        first, last = changes["periods"]
        changes = changes | {"periods": ((today + timedelta(first), today + timedelta(last)),)}
    who = world.cast.reviewers[0]
    enlist(world, who, **changes)
    assert said in refusal(world, lambda: seat_first(world, eligible, who), NotAllowed)


def test_a_subject_expert_knows_a_field_that_is_asked_for(world: World, eligible: Application) -> None:
    who, officer = world.cast.reviewers[0], world.cast.case_officer
    row = enlist(world, who, fields=("09",))
    seat = lambda: cases.assign(  # noqa: E731
        world.session,
        eligible.id,
        who,
        CaseRole.PANEL_MEMBER,
        seat=PanelSeat.SUBJECT,
        actor=officer,
        at=world.clock(),
    )
    assert "knows none of the fields" in refusal(world, seat, NotAllowed)
    row.fields = ["0613"]
    assert seat().seat is PanelSeat.SUBJECT


def test_a_known_conflict_keeps_an_expert_from_every_part_until_another_ends_it(
    world: World, eligible: Application
) -> None:
    session, admin, who = world.session, world.people["administrator"], world.cast.reviewers[0]
    row = enlist(world, who)
    tie = experts.note_tie(
        session, row.id, eligible.institution_id, "A lawsuit.", actor=who, at=world.clock()
    )
    assert "known conflict" in refusal(world, lambda: seat_first(world, eligible, who), NotAllowed)
    own = refusal(world, lambda: experts.end_tie(session, tie.id, actor=who, at=world.clock()), NotAllowed)
    assert "administrator" in own
    experts.end_tie(session, tie.id, actor=admin, at=world.clock())
    seat_first(world, eligible, who)


def test_an_invited_expert_joins_by_the_link_in_the_mail(world: World, tmp_path: Path) -> None:
    session, admin = world.session, world.people["administrator"]
    invite = lambda: invitations.invite(  # noqa: E731
        session,
        world.body.id,
        "Nowa Osoba",
        "Nowa@Experts.example",
        "pl",
        ExpertDetails(seats=(PanelSeat.SUBJECT,)),
        actor=admin,
        at=world.clock(),
    )
    row = invite()
    assert refusal(world, invite, Conflict) == "this person is in the pool already"
    link = _mailed(world, tmp_path)
    joined = world.person("joined")
    assert invitations.accept(session, link, actor=joined, at=world.clock()).id == row.id
    assert access.holds(session, joined, Role.REVIEWER, at=world.clock(), body=world.body.id)
    assert refusal(world, lambda: invitations.accept(session, link, actor=joined, at=world.clock()), NotFound)
    assert "no longer holds" in refusal(
        world, lambda: invitations.accept(session, "guess", actor=joined, at=world.clock()), NotFound
    )


def test_an_invitation_runs_out_and_a_new_one_ends_the_old(world: World, tmp_path: Path) -> None:
    session, admin = world.session, world.people["administrator"]
    row = invitations.invite(
        session,
        world.body.id,
        "Nowa Osoba",
        "nowa@experts.example",
        "en",
        ExpertDetails(),
        actor=admin,
        at=world.clock(),
    )
    first = _mailed(world, tmp_path)
    invitations.invite_again(session, row.id, actor=admin, at=world.clock())
    second = _mailed(world, tmp_path)
    joined = world.person("joined")
    for late, secret in ((0, first), (31, second)):
        world.clock.skip(days=late)
        refusal(
            world, lambda s=secret: invitations.accept(session, s, actor=joined, at=world.clock()), NotFound
        )


def test_experts_change_their_own_words_and_nothing_that_makes_them_fit(world: World) -> None:
    session, who = world.session, world.cast.reviewers[0]
    row = enlist(world, who)
    changed = ExpertDetails(
        profile={"en": "New."}, seats=tuple(PanelSeat), trained_on=world.clock().date(), fields=("01",)
    )
    before = (list(row.seats), row.trained_on, list(row.fields))
    experts.edit(session, row.id, changed, version=row.version, actor=who, at=world.clock())
    assert row.profile == {"en": "New."}
    assert (row.seats, row.trained_on, row.fields) == before
    stale = refusal(
        world,
        lambda: experts.edit(session, row.id, changed, version=1, actor=who, at=world.clock()),
        Conflict,
    )
    assert "somebody else changed this entry" in stale
    stranger = world.person("stranger")
    refusal(
        world,
        lambda: experts.edit(session, row.id, changed, version=row.version, actor=stranger, at=world.clock()),
        NotFound,
    )


def test_a_pool_is_looked_through_by_field_seat_and_day(world: World) -> None:
    session, body, today = world.session, world.body.id, world.clock().date()
    first, second = world.cast.reviewers[:2]
    enlist(world, first, fields=("06",), seats=(PanelSeat.SUBJECT,))
    enlist(
        world,
        second,
        fields=("09",),
        seats=(PanelSeat.LEARNER,),
        periods=((today + timedelta(30), today + timedelta(60)),),
    )
    look = lambda **wanted: [  # noqa: E731
        one.account_id for one in experts.pool(session, body, PoolFilter(**wanted))
    ]
    assert look(field="0613") == [first]
    assert look(seat=PanelSeat.LEARNER) == [second]
    assert look(on=today, trained_months=36) == [first]
    assert set(look(on=today + timedelta(40))) == {first, second}
    assert set(look()) == {first, second}


def test_wrong_details_of_an_expert_are_named(world: World) -> None:
    today = world.clock().date()
    wrong = ExpertDetails(
        fields=("zz",), languages=("polish",), employer_id="nip", periods=((today, today - timedelta(1)),)
    )
    assert set(fields(world, lambda: enlist(world, world.cast.reviewers[0], details=wrong))) == {
        "fields",
        "languages",
        "employer_id",
        "periods",
    }


def test_only_the_keepers_of_a_pool_change_it(world: World) -> None:
    who = world.cast.reviewers[0]
    for word in ("registrar-1", "auditor", "chair"):
        refusal(
            world,
            lambda w=word: experts.enlist(
                world.session,
                world.body.id,
                who,
                ExpertDetails(),
                actor=world.people[w],
                at=world.clock(),
            ),
            NotAllowed,
        )
    experts.enlist(
        world.session,
        world.body.id,
        who,
        ExpertDetails(),
        actor=world.people["officer"],
        at=world.clock(),
    )


@pytest.fixture
def stranger(world: World) -> uuid.UUID:
    """Somebody who holds every role that judges for the body, and plays no part in the case."""
    return world.person("stranger", Role.REVIEWER, Role.COMMITTEE_MEMBER, body=world.body.id)


def _mailed(world: World, folder: Path) -> str:
    """Send the invitations that wait and return the secret of the newest link."""
    box = folder / str(new_id())
    sent = invitations.send_waiting(
        world.session, FileMailer(box), "https://registry.example", at=world.clock()
    )
    assert sent == 1
    letter = email.message_from_bytes(next(box.iterdir()).read_bytes(), policy=email.policy.default)
    return str(letter.get_content()).split("/invitations/")[1].split()[0]  # type: ignore[attr-defined]
