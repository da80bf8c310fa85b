"""Ratings: alone, given anew after an answer, and never from an older version of the evidence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DatabaseError

from registry.demo import detours_judgement as detours
from registry.demo.walk import rating_for
from registry.domain.roles import CaseRole
from registry.errors import Conflict, NotAllowed, TransitionRefused
from registry.models.application import Application
from registry.models.base import new_id
from registry.models.review import Rating, RatingLayer
from registry.services import (
    clarifications,
    evidence,
    rating_rounds,
    reviews,
)
from registry.services.case_file import policy_for

from support.panel_people import refusal
from support.panel_work import agree, criterion, give, is_theirs, member, raters
from support.world import World


def test_what_was_asked_about_is_rated_again_alone_and_nothing_else(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    asked, other = criterion(case, 0), criterion(case, 1)
    detours.clarified(world.walk, case, asked.id)
    assert rating_rounds.open_criteria(world.session, case) == [asked.id]
    assert asked.id not in reviews.agreed_ratings(world.session, case)
    assert other.id in reviews.agreed_ratings(world.session, case)
    assert "every member has rated" in refusal(
        world, lambda: give(world, case, other, member(world)), TransitionRefused
    )
    shown = reviews.spread(world.session, case, actor=member(world), at=world.clock())
    assert asked.id not in shown
    assert len(shown[other.id]) == len(raters(case))
    assert "rates alone first" in refusal(world, lambda: agree(world, case, asked), TransitionRefused)
    for who in raters(case):
        give(world, case, asked, who)
    assert asked.id in reviews.spread(world.session, case, actor=member(world), at=world.clock())
    agree(world, case, asked)
    assert rating_rounds.open_criteria(world.session, case) == []
    assert len(reviews.agreed_ratings(world.session, case)) == len(policy_for(case).criteria)


def test_a_report_waits_until_what_was_asked_about_is_agreed_again(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    detours.clarified(world.walk, case)

    def file() -> Any:
        return reviews.file_draft_report(
            world.session, case.id, "Seen.", version=case.version, actor=member(world, 0), at=world.clock()
        )

    assert "rates alone first" in refusal(world, file, TransitionRefused)
    for who in raters(case):
        give(world, case, criterion(case), who)
    assert "has not agreed on 1" in refusal(world, file, TransitionRefused)
    agree(world, case, criterion(case))
    assert file()


def test_a_rating_made_from_an_older_version_of_the_evidence_is_refused(
    world: World, case: Application
) -> None:
    one = next(c for c in policy_for(case).criteria if any(is_theirs(e) for e in c.evidence))
    item = next(e.id for e in one.evidence if is_theirs(e))
    question = detours.ask(world.walk, case, one.id)
    evidence.add_text(
        world.session, case.id, item, "https://example.org/new", actor=case.created_by, at=world.clock()
    )
    clarifications.answer(world.session, question.id, "See it.", actor=case.created_by, at=world.clock())
    clarifications.send_answers(
        world.session, case.id, version=case.version, actor=case.created_by, at=world.clock()
    )
    new = rating_for(policy_for(case), one, None)
    stale = replace(new, seen=((item, 1),))

    def rate(what) -> Callable[[], object]:
        return lambda: reviews.rate_alone(world.session, case.id, what, actor=member(world), at=world.clock())

    assert item in refusal(world, rate(stale), Conflict)
    assert rate(replace(new, seen=((item, 2),)))()


def test_a_rating_says_that_newer_evidence_came_in_after_it(world: World, case: Application) -> None:
    one = next(c for c in policy_for(case).criteria if any(is_theirs(e) for e in c.evidence))
    item = next(e.id for e in one.evidence if is_theirs(e))
    given = give(world, case, one, member(world))
    assert rating_rounds.newer_evidence(case, given) == []
    detours.ask(world.walk, case, one.id)
    evidence.add_text(
        world.session, case.id, item, "https://example.org/new", actor=case.created_by, at=world.clock()
    )
    assert rating_rounds.newer_evidence(case, given) == [item]


def test_a_secretary_rates_neither_through_the_service_nor_past_it(world: World, case: Application) -> None:
    secretary = next(a for a in case.assignments if a.role is CaseRole.PANEL_MEMBER)
    secretary.role = CaseRole.PANEL_SECRETARY
    world.session.flush()
    assert secretary.account_id not in raters(case)
    refused = refusal(world, lambda: give(world, case, criterion(case), secretary.account_id), NotAllowed)
    assert "only the" in refused
    row = {
        "id": new_id(),
        "application_id": case.id,
        "criterion": criterion(case).id,
        "layer": RatingLayer.ALONE,
        "sequence": 1,
        "value": "met",
        "reasons": "",
        "cited": [],
        "recommendation": "",
        "author": secretary.account_id,
        "at": world.clock(),
    }
    with pytest.raises(DatabaseError), world.session.begin_nested():
        world.session.execute(insert(Rating).values(**row))
    row |= {"author": member(world, 0)}
    world.session.execute(insert(Rating).values(**row))


def test_ratings_alone_of_a_layer_are_kept_apart(world: World, case: Application) -> None:
    detours.rate(world.walk, case, {})
    agreed = rating_rounds.ratings_of(world.session, case, RatingLayer.AGREED)
    alone = rating_rounds.ratings_of(world.session, case, RatingLayer.ALONE, member(world))
    assert len(agreed) == len(alone) == len(policy_for(case).criteria)
