"""Separation of duties: kept by the services, and by the database where somebody goes past them."""

import uuid

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from registry.domain.roles import CaseRole, Role
from registry.errors import Conflict, NotAllowed
from registry.models.account import RoleGrant
from registry.models.application import Application
from registry.models.base import new_id
from registry.models.decision import Motion, Vote
from registry.models.review import Assignment, Rating, RatingLayer
from registry.services import (
    access,
    accounts,
)

from support.panel_people import (
    owner,
    refusal,
)
from support.world import World


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("editor", Role.POLICY_APPROVER),
        ("approver", Role.POLICY_EDITOR),
        ("administrator", Role.COMMITTEE_MEMBER),
        ("administrator", Role.REGISTRAR),
        ("reviewer-1", Role.ADMINISTRATOR),
    ],
)
def test_exclusive_roles_are_refused_by_the_service_and_by_the_database(
    world: World, held: str, asked: Role
) -> None:
    session, who = world.session, world.people[held]
    said = refusal(
        world,
        lambda: accounts.record_grant(
            session, who, asked, body_id=world.body.id, actor=None, at=world.clock()
        ),
        Conflict,
    )
    assert said.startswith("Whoever is ")
    row = {
        "id": new_id(),
        "account_id": who,
        "role": asked,
        "body_id": world.body.id,
        "granted_at": world.clock(),
    }
    with pytest.raises(IntegrityError, match="exclude each other"), session.begin_nested():
        session.execute(insert(RoleGrant), [row])
    elsewhere = World(session, world.files, world.clock, slug="elsewhere").build()
    session.execute(insert(RoleGrant), [row | {"body_id": elsewhere.body.id}])


def test_a_self_granted_role_waits_an_hour_or_for_a_second_administrator(world: World) -> None:
    session, body = world.session, world.body.id
    first = world.people["administrator"]
    second = world.person("second-admin", Role.ADMINISTRATOR, body=body)
    grant = accounts.grant_role(session, first, Role.AUDITOR, body_id=body, actor=first, at=world.clock())
    assert not access.holds(session, first, Role.AUDITOR, at=world.clock(), body=body)
    said = refusal(
        world,
        lambda: access.require(session, first, Role.AUDITOR, at=world.clock(), body=body),
        NotAllowed,
    )
    assert said.startswith("You gave this role to yourself: it can be used once another administrator")
    own = refusal(
        world, lambda: accounts.confirm_grant(session, grant.id, actor=first, at=world.clock()), NotAllowed
    )
    assert own == "Another person has to confirm this role."
    with pytest.raises(IntegrityError, match="another person confirms"), session.begin_nested():
        session.execute(update(RoleGrant).where(RoleGrant.id == grant.id).values(confirmed_by=first))
    accounts.confirm_grant(session, grant.id, actor=second, at=world.clock())
    assert access.holds(session, first, Role.AUDITOR, at=world.clock(), body=body)


@pytest.fixture
def stranger(world: World) -> uuid.UUID:
    """Somebody who holds every role that judges for the body, and plays no part in the case."""
    return world.person("stranger", Role.REVIEWER, Role.COMMITTEE_MEMBER, body=world.body.id)


def test_the_database_lets_nobody_rate_move_or_vote_without_a_part(
    world: World, proposed: Application, stranger: uuid.UUID
) -> None:
    session = world.session
    rating = {
        "id": new_id(),
        "application_id": proposed.id,
        "criterion": "A1",
        "layer": RatingLayer.ALONE,
        "sequence": 1,
        "value": "x",
        "reasons": "",
        "cited": [],
        "recommendation": "",
        "author": stranger,
        "at": world.clock(),
    }
    motion = {
        "id": new_id(),
        "application_id": proposed.id,
        "number": 1,
        "outcome": "recognize",
        "proposed_outcome": "recognize",
        "rule": "R1",
        "explanation": [],
        "reasons": "",
        "terms": {},
        "put_by": stranger,
        "at": world.clock(),
    }
    with pytest.raises(IntegrityError, match="only the panel"), session.begin_nested():
        session.execute(insert(Rating), [rating])
    with pytest.raises(IntegrityError, match="puts a motion"), session.begin_nested():
        session.execute(insert(Motion), [motion])
    secretary = world.cast.reviewers[4]
    for who, role in (
        (secretary, CaseRole.PANEL_SECRETARY),
        (world.people["chair"], CaseRole.COMMITTEE_CHAIR),
    ):
        session.execute(
            insert(Assignment),
            [
                {
                    "id": new_id(),
                    "application_id": proposed.id,
                    "account_id": who,
                    "role": role,
                    "assigned_by": world.cast.case_officer,
                    "assigned_at": world.clock(),
                }
            ],
        )
    with pytest.raises(IntegrityError, match="only the panel"), session.begin_nested():
        session.execute(insert(Rating), [rating | {"author": secretary}])
    session.execute(insert(Rating), [rating | {"author": world.cast.reviewers[0]}])
    session.execute(insert(Motion), [motion | {"put_by": world.people["chair"]}])
    vote = {"motion_id": motion["id"], "account_id": stranger, "ballot": "for", "at": world.clock()}
    for who in (stranger, world.cast.reviewers[0]):
        with pytest.raises(IntegrityError, match="votes in it"), session.begin_nested():
            session.execute(insert(Vote), [vote | {"account_id": who}])
    session.execute(insert(Vote), [vote | {"account_id": world.people["chair"]}])


def test_the_database_gives_the_applicants_people_no_part(world: World, eligible: Application) -> None:
    row = {
        "id": new_id(),
        "application_id": eligible.id,
        "account_id": owner(world, eligible),
        "role": CaseRole.COMMITTEE_MEMBER,
        "assigned_by": world.cast.case_officer,
        "assigned_at": world.clock(),
    }
    with pytest.raises(IntegrityError, match="nobody of the applicant"), world.session.begin_nested():
        world.session.execute(insert(Assignment), [row])
