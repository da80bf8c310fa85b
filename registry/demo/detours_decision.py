"""Detours of the decision: a refusal after a hearing, a deferral, an appeal that returned the case; for tests and demo."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from registry.demo.walk import Walk, rating_for
from registry.domain.policy import Outcome
from registry.domain.roles import COMMITTEE, CaseRole
from registry.domain.two_people import ProposalKind
from registry.domain.voting import Ballot
from registry.domain.workflow import Action
from registry.models.appeal import Appeal, AppealResult
from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.letter import Delivery
from registry.models.meeting import Meeting
from registry.services import (
    appeals,
    committee_again,
    deliveries,
    finality,
    letters,
    meetings,
    reviews,
    two_people,
)
from registry.services.case_file import policy_for
from registry.services.committees import stood_down
from registry.services.guards import seated
from registry.services.two_people import NewProposal


@dataclass(frozen=True, slots=True)
class AppealCast:
    """Who hears an appeal, and who has chosen them: nobody of them plays another part in the case."""

    chooser: uuid.UUID
    panel: tuple[uuid.UUID, ...]


def delivered(walk: Walk, application: Application, who: uuid.UUID) -> Delivery:
    """The institution opens its letter; from now on its time to appeal runs."""
    letter = letters.current_letter(walk.session, application)
    if letter is None:
        raise ValueError(f"{application.reference} has no letter")
    return deliveries.open_letter(walk.session, application.id, letter.id, actor=who, at=walk.clock())


def refused_after_hearing(walk: Walk, application: Application) -> Decision:
    """The committee refuses: notice, answer, second consideration, decision, release."""
    decision = walk.decide(application, Outcome.REFUSE)
    walk.release(decision)
    return decision


def deferred(walk: Walk, application: Application) -> Decision:
    """The committee puts its decision off and says which evidence is missing; two registrars release that."""
    decision = walk.decide(application, Outcome.DEFER)
    walk.release(decision)
    return decision


def resumed(walk: Walk, application: Application, ratings: Mapping[str, str]) -> None:
    """The officer takes a deferred case up, the panel agrees anew and reports, and the committee gets the case again."""
    walk.act(application, Action.RESUME_DEFERRED, walk.cast.case_officer)
    reconsidered(walk, application, ratings)


def reconsidered(walk: Walk, application: Application, ratings: Mapping[str, str]) -> None:
    """The panel agrees on what it sees differently now and reports; the case goes to its committee again."""
    policy = policy_for(application)
    chair = walk.cast.reviewers[0]
    for criterion, value in ratings.items():
        found = policy.criterion(criterion)
        if found is not None:
            rating = rating_for(policy, found, value)
            reviews.agree(walk.session, application.id, rating, actor=chair, at=walk.clock())
    walk.report(application)
    redeclared(walk, application)
    walk.act(application, Action.REFER_TO_COMMITTEE, walk.cast.case_officer)
    redeclared(walk, application)


def seated_again(walk: Walk, application: Application) -> None:
    """The body has no others than those whose decision was annulled: two people let as many as it takes decide again."""
    gone = {part.account_id for part in stood_down(walk.session, application)}
    free = committee_again.places(walk.session, application, walk.clock())
    people = [str(who) for who in walk.cast.committee if who in gone][:free]
    if not people:
        return
    reasons = "The body has no others who could sit on this committee."
    new = NewProposal(str(application.id), reasons, {"people": people}, application.id)
    kind, officer = ProposalKind.COMMITTEE_AGAIN, walk.cast.case_officer
    asked = two_people.propose(walk.session, kind, new, actor=officer, at=walk.clock())
    two_people.confirm(walk.session, asked.id, actor=walk.cast.registrars[0], at=walk.clock())


def redeclared(walk: Walk, application: Application) -> None:
    """Everybody on the committee declares interests again, as before every decision; a body has but one committee here."""
    if stood_down(walk.session, application):
        seated_again(walk, application)
    for part in seated(application, *COMMITTEE):
        walk.declare(application, part.account_id, part.role)


def appealed(
    walk: Walk, application: Application, who: uuid.UUID, ground: str = "facts_overlooked_or_misread"
) -> Appeal:
    """The institution takes its letter in and appeals."""
    delivered(walk, application, who)
    new = appeals.NewAppeal((ground,), "The evidence that was handed in shows otherwise.")
    return appeals.file(
        walk.session, application.id, new, version=application.version, actor=who, at=walk.clock()
    )


def appeal_seated(walk: Walk, application: Application, people: AppealCast) -> None:
    """Somebody without a part in the case chooses the panel, and its members declare."""
    for who in people.panel:
        appeals.seat(walk.session, application.id, who, actor=people.chooser, at=walk.clock())
        walk.declare(application, who, CaseRole.APPEALS_MEMBER)


def appeal_decided(
    walk: Walk, application: Application, people: AppealCast, new: appeals.NewAppealMotion
) -> AppealResult:
    """A member puts the motion, all vote for it, and its result is declared."""
    first = people.panel[0]
    put = appeals.put_motion(walk.session, application.id, new, actor=first, at=walk.clock())
    for who in people.panel:
        appeals.cast_vote(walk.session, put.motion_id, Ballot.FOR, actor=who, at=walk.clock())
    return appeals.conclude(
        walk.session, application.id, version=application.version, actor=first, at=walk.clock()
    )


def appealed_and_returned(
    walk: Walk,
    application: Application,
    who: uuid.UUID,
    people: AppealCast,
    to: Action = Action.RETURN_TO_REVIEW,
) -> AppealResult:
    """An appeal with its panel, which annuls the decision and sends the case back to a step."""
    appealed(walk, application, who)
    appeal_seated(walk, application, people)
    new = appeals.NewAppealMotion(to, "The panel did not weigh the evidence on the learners' side.")
    return appeal_decided(walk, application, people, new)


def final(walk: Walk, application: Application) -> Application:
    """The time to appeal passes without an appeal, and the officer closes the case."""
    if application.due_at is not None:
        walk.clock.moment = max(walk.clock.moment, application.due_at + timedelta(seconds=1))
    return finality.close(walk.session, application.id, actor=walk.cast.case_officer, at=walk.clock())


def met(walk: Walk, cases: Sequence[Application], outcome: Outcome | None = None) -> Meeting:
    """The committee meets over cases before it, votes on each as on paper, and its minutes are frozen."""
    chair = walk.cast.committee[0]
    meeting = meetings.call(
        walk.session,
        cases[0].scheme.body_id,
        meetings.NewMeeting(walk.clock() + timedelta(days=1), "ul. Zmyślona 1, Nibylandia"),
        actor=chair,
        at=walk.clock(),
    )
    for application in cases:
        meetings.add_item(walk.session, meeting.id, application.id, actor=chair, at=walk.clock())
    walk.clock.skip(days=1)
    for application in cases:
        walk.decide(application, outcome)
    meetings.close(walk.session, meeting.id, version=meeting.version, actor=chair, at=walk.clock())
    return meeting
