"""The committee: what the policy proposes and why, the motion, the votes, the decision; then its release by two people."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from marshmallow import fields

from registry.api.acting import LOCATION, TOKEN, Answer, created, fields_below
from registry.api.application_schemas import ScopeSchema, VersionSchema
from registry.api.resource import Resource
from registry.api.schemas import Strict, prose
from registry.api.stop_terms import StopTermsSchema, terms_from
from registry.domain.policy import Outcome
from registry.domain.roles import COMMITTEE, CaseRole, Role
from registry.domain.scope import parse_scope
from registry.domain.voting import Ballot
from registry.errors import NotAllowed, NotFound, TransitionRefused
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.decision import Decision, Motion
from registry.services import access, case_file, releases, reviews
from registry.services import decisions as service
from registry.services.guards import seated

decisions = Resource("api-decisions", __name__, description="Motions, votes, decisions and their release")


class ProposalSchema(Strict):
    """What the policy proposes for the agreed ratings; every rule tried, with what it measured."""

    outcome = fields.Enum(Outcome, by_value=True)
    rule = fields.String()
    explanation = fields.List(fields.Dict())
    conditions = fields.List(
        fields.Dict(), metadata={"description": "What a recognition with conditions would carry"}
    )
    outcomes_open = fields.List(fields.Enum(Outcome, by_value=True))


class NewMotionSchema(Strict):
    """What is put to the vote; `scope` may narrow what was asked for, `reasons` are needed where it deviates."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    reasons = prose(20_000, load_default="")
    scope = fields.Nested(ScopeSchema, load_default=None)
    meeting_id = fields.UUID(load_default=None)
    ending = fields.Nested(
        StopTermsSchema, load_default=None, metadata={"description": "What a stop means for learners"}
    )


class NoticeSchema(VersionSchema):
    """What the applicant is told of what the committee intends, and why."""

    notice = prose(20_000, required=True)


class NoticedSchema(Strict):
    """The notice, and until when it can be answered."""

    number = fields.Integer()
    proposed = fields.Enum(Outcome, by_value=True)
    notice = fields.String()
    opened_at = fields.AwareDateTime()
    due = fields.AwareDateTime()


class TallySchema(Strict):
    """How a vote stands."""

    members = fields.Integer()
    present = fields.Integer()
    in_favour = fields.Integer()
    against = fields.Integer()
    abstained = fields.Integer()
    quorate = fields.Boolean()
    carried = fields.Boolean()


class SeatSchema(Strict):
    """A member of the committee; `ballot` is told to who has voted."""

    account_id = fields.UUID()
    name = fields.String()
    has_voted = fields.Boolean()
    ballot = fields.Enum(Ballot, by_value=True, allow_none=True)


class MotionSchema(Strict):
    """The motion put last; tally and ballots are told to who has voted, and to all once notice or decision rests on it."""

    id = fields.UUID()
    number = fields.Integer()
    outcome = fields.Enum(Outcome, by_value=True)
    proposed_outcome = fields.Enum(Outcome, by_value=True)
    rule = fields.String()
    explanation = fields.List(fields.Dict())
    reasons = fields.String()
    terms = fields.Dict()
    put_by = fields.UUID()
    at = fields.AwareDateTime()
    replaceable = fields.Boolean()
    settled = fields.Boolean(metadata={"description": "A notice or a decision rests on it"})
    members = fields.List(fields.Nested(SeatSchema))
    tally = fields.Nested(TallySchema, allow_none=True)


class NewVoteSchema(Strict):
    """One member's vote."""

    ballot = fields.Enum(Ballot, by_value=True, required=True)


class DecisionSchema(Strict):
    """What the body decided; nobody outside learns of it before `released_at`."""

    id = fields.UUID()
    application_id = fields.UUID()
    outcome = fields.Enum(Outcome, by_value=True)
    proposed_outcome = fields.Enum(Outcome, by_value=True)
    rule = fields.String()
    reasons = fields.String()
    terms = fields.Dict()
    tally = fields.Dict()
    decided_at = fields.AwareDateTime()
    first_signed_at = fields.AwareDateTime(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)
    issuer_id = fields.UUID(allow_none=True)


@decisions.get("/applications/<uuid:application_id>/proposal")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.response(200, ProposalSchema)
def show_proposal(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show what the policy proposes and why, to the committee and the case officer, once the report is filed"""
    with acting() as act:
        application = _before_committee(act, application_id)
        found = service.proposal_for(act.session, application)
        return {
            **asdict(found),
            "conditions": reviews.conditions_for(act.session, application),
            "outcomes_open": service.outcomes_open(application),
        }


@decisions.get("/applications/<uuid:application_id>/motion")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.response(200, MotionSchema)
def show_motion(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the motion put last to the committee, and how the vote stands to who has voted, or once it is settled"""
    with acting() as act:
        application = _before_committee(act, application_id)
        motion = service.newest_motion(act.session, application.id, of_appeals=False)
        if motion is None:
            raise NotFound("no motion has been put yet")
        return _motion(act, application, motion)


@decisions.post("/applications/<uuid:application_id>/motion")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.arguments(NewMotionSchema)
@decisions.response(201, MotionSchema, headers=LOCATION)
def put_motion(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the chair: put an outcome to the vote"""
    ending = terms_from(body["ending"]) if body["ending"] else None
    new = service.NewMotion(body["outcome"], body["reasons"], body["scope"], body["meeting_id"], ending)
    if new.scope is not None:
        with fields_below("scope"):
            parse_scope(new.scope)
    with acting() as act:
        application = _before_committee(act, application_id)
        made = service.put_motion(act.session, application_id, new, **act.by)
        return created(_motion(act, application, made), f"/applications/{application_id}/motion")


@decisions.post("/motions/<uuid:motion_id>/votes")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.arguments(NewVoteSchema)
@decisions.response(201, MotionSchema, headers=LOCATION)
def cast_vote(body: dict[str, Any], motion_id: uuid.UUID) -> Answer:
    """As a member of the committee: vote on the current motion, once"""
    with acting() as act:
        motion = act.session.get(Motion, motion_id)
        if motion is None:
            raise NotFound(f"no motion {motion_id}")
        application = _before_committee(act, motion.application_id)
        service.cast_vote(act.session, motion_id, body["ballot"], **act.by)
        return created(_motion(act, application, motion), f"/applications/{application.id}/motion")


@decisions.post("/applications/<uuid:application_id>/decision")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.arguments(VersionSchema)
@decisions.response(201, DecisionSchema, headers=LOCATION)
def decide(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the chair: declare the result of the vote; two registrars release it"""
    with acting() as act:
        _before_committee(act, application_id)
        made = service.decide(act.session, application_id, version=body["version"], **act.by)
        return created(_decision(act, made), f"/applications/{application_id}/decision")


@decisions.post("/applications/<uuid:application_id>/notice")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.arguments(NoticeSchema)
@decisions.response(201, NoticedSchema, headers=LOCATION)
def give_notice(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the chair: tell the applicant of a carried motion that is worse than asked, and hear it first"""
    with acting() as act:
        _before_committee(act, application_id)
        made = service.give_notice(
            act.session, application_id, body["notice"], version=body["version"], **act.by
        )
        names = ("number", "notice", "opened_at", "due")
        shown = {name: getattr(made, name) for name in names} | {"proposed": Outcome(made.proposed)}
        return created(shown, f"/applications/{application_id}/hearing")


@decisions.get("/applications/<uuid:application_id>/decision")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.response(200, DecisionSchema)
def show_decision(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the decision: before its release to the committee, the case officer and registrars alone"""
    with acting() as act:
        application = act.application(application_id)
        found = case_file.decision_of(act.session, application.id)
        if found is None or not _may_read(act, application, found):
            raise NotFound("there is no decision yet")
        return _decision(act, found)


def _may_read(act: Acting, application: Application, decision: Decision) -> bool:
    _first, release = releases.release_state(act.session, decision)
    if release is not None:
        return True
    if act.acts_for(application.institution_id):
        return False
    part = act.part(application)
    if part is not None and part.role in COMMITTEE | {CaseRole.CASE_OFFICER}:
        access.require_unlocked(act.session, act.actor, application, at=act.at)
        return True
    return _signs(act, application)


def _signs(act: Acting, application: Application) -> bool:
    body = application.scheme.body_id
    return access.holds(act.session, act.actor, Role.REGISTRAR, at=act.at, body=body)


@decisions.post("/decisions/<uuid:decision_id>/first-signature")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.response(201, DecisionSchema, headers=LOCATION)
def propose_release(decision_id: uuid.UUID) -> Answer:
    """As a registrar: give the first signature under a decision"""
    with acting() as act:
        releases.propose(act.session, decision_id, **act.by)
        return _signed(act, decision_id)


@decisions.post("/decisions/<uuid:decision_id>/release")
@allow(SIGNED_IN)
@decisions.doc(security=TOKEN)
@decisions.response(201, DecisionSchema, headers=LOCATION)
def release(decision_id: uuid.UUID) -> Answer:
    """As another registrar: give the second signature; the decision takes effect and is published"""
    with acting() as act:
        releases.release(act.session, decision_id, **act.by)
        return _signed(act, decision_id)


def _signed(act: Acting, decision_id: uuid.UUID) -> Answer:
    found = act.session.get_one(Decision, decision_id)
    return created(_decision(act, found), f"/applications/{found.application_id}/decision")


def _before_committee(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case with a report, or a hearing, to those who decide it and to its case officer."""
    application = act.open_file(application_id)
    part = act.part(application)
    if part is None or part.role not in COMMITTEE | {CaseRole.CASE_OFFICER}:
        raise NotAllowed("only the committee chair or committee member of this case may do this")
    if application.hearing is None and case_file.report_of(act.session, application.id) is None:
        raise TransitionRefused("the panel has not filed its report yet")
    return application


_MOTION = (
    "id", "number", "outcome", "proposed_outcome", "rule", "explanation", "reasons", "terms", "put_by", "at"
)  # fmt: skip


def _motion(act: Acting, application: Application, motion: Motion) -> dict[str, Any]:
    votes = {vote.account_id: vote.ballot for vote in motion.votes}
    settled = service.current_motion(act.session, application) is not motion
    told = votes if settled or act.actor in votes else {}
    return {
        **{name: getattr(motion, name) for name in _MOTION},
        "outcome": Outcome(motion.outcome),
        "proposed_outcome": Outcome(motion.proposed_outcome),
        "replaceable": not settled and service.is_replaceable(application, motion),
        "settled": settled,
        "members": [
            {
                "account_id": member.account_id,
                "name": member.account.name,
                "has_voted": member.account_id in votes,
                "ballot": told.get(member.account_id),
            }
            for member in seated(application, *COMMITTEE)
        ],
        "tally": asdict(service.tally_of(application, motion)) if told else None,
    }


def _decision(act: Acting, decision: Decision) -> dict[str, Any]:
    first, second = releases.release_state(act.session, decision)
    motion = decision.motion
    application = act.session.get_one(Application, decision.application_id)
    released_at: datetime | None = second.at if second else None
    return {
        "id": decision.id,
        "application_id": decision.application_id,
        "outcome": Outcome(decision.outcome),
        "proposed_outcome": Outcome(motion.proposed_outcome),
        "rule": motion.rule,
        "reasons": motion.reasons,
        "terms": motion.terms,
        "tally": decision.tally,
        "decided_at": decision.decided_at,
        "first_signed_at": first.at if first else None,
        "released_at": released_at,
        "issuer_id": application.issuer_id if released_at else None,
    }
