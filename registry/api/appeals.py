"""After a decision: its letter and the proof of its delivery, the appeal, who hears it, and what they decide."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.application_schemas import ScopeSchema, VersionSchema
from registry.api.decisions import NewVoteSchema, TallySchema
from registry.api.enclosed import EnclosedSchema, bytes_of
from registry.api.resource import Resource
from registry.api.schemas import Strict, prose
from registry.domain.policy import Outcome
from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import Action
from registry.errors import NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting, files
from registry.http.transaction import settings
from registry.models.appeal import Appeal, AppealMotion, AppealResult
from registry.models.application import Application
from registry.models.letter import Delivered, DeliveryKind, Letter
from registry.services import access, deliveries, finality, letters
from registry.services import appeals as service
from registry.services.appeals import NewAppeal, NewAppealMotion
from registry.services.guards_decision import appeal_members

appeals = Resource("api-appeals", __name__, description="Letters, deliveries and appeals")


class DeliverySchema(Strict):
    """When and how a letter was delivered."""

    kind = fields.Enum(DeliveryKind, by_value=True)
    delivered_at = fields.AwareDateTime()
    proof_sha256 = fields.String(allow_none=True)
    recorded_at = fields.AwareDateTime()


class LetterSchema(Strict):
    """A letter as it was frozen; `content` is told to the institution once it was delivered."""

    id = fields.UUID()
    number = fields.Integer()
    decision_id = fields.UUID(allow_none=True)
    sha256 = fields.String()
    at = fields.AwareDateTime()
    content = fields.Dict(allow_none=True)
    delivery = fields.Nested(DeliverySchema, allow_none=True)
    appeal_until = fields.AwareDateTime(allow_none=True)


class LetterFileSchema(Strict):
    """The body's own signed file of a letter, kept by its SHA-256."""

    id = fields.UUID()
    file_name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    at = fields.AwareDateTime()


class NewProofSchema(EnclosedSchema):
    """The proof that the newest letter was delivered; `file` in base64."""

    kind = fields.Enum(DeliveryKind, by_value=True, required=True)
    delivered_at = fields.AwareDateTime(required=True)


class NewAppealSchema(Strict):
    """Grounds (ids of the policy's list) and what the institution says to them."""

    grounds = fields.List(fields.String(validate=validate.Length(1, 100)), required=True)
    text = prose(service.TEXT_LIMIT, required=True)
    version = fields.Integer(required=True, strict=True)


class MemberSchema(Strict):
    """Who is put on the appeals panel."""

    account_id = fields.UUID(required=True)


class SeatedSchema(Strict):
    """A member of the appeals panel."""

    account_id = fields.UUID()
    name = fields.String()
    assigned_at = fields.AwareDateTime()


class NewAppealMotionSchema(Strict):
    """What becomes of the decision; `outcome` and `scope` only where it is replaced."""

    action = fields.Enum(Action, by_value=True, required=True)
    reasons = prose(service.TEXT_LIMIT, required=True)
    outcome = fields.Enum(Outcome, by_value=True, load_default=None)
    scope = fields.Nested(ScopeSchema, load_default=None)
    admissible = fields.Boolean(load_default=True)


class AppealMotionSchema(Strict):
    """The motion before the appeals panel; the tally is told to who has voted."""

    id = fields.UUID()
    number = fields.Integer()
    action = fields.Enum(Action, by_value=True)
    admissible = fields.Boolean()
    outcome = fields.String()
    reasons = fields.String()
    at = fields.AwareDateTime()
    voted = fields.List(fields.UUID())
    tally = fields.Nested(TallySchema, allow_none=True)


class ResultSchema(Strict):
    """What the panel decided."""

    action = fields.Enum(Action, by_value=True)
    verdict = fields.String()
    reasons = fields.String()
    tally = fields.Dict()
    replacement_id = fields.UUID(allow_none=True)
    at = fields.AwareDateTime()


class AppealSchema(Strict):
    """An appeal; the panel's members are told to the people of the body."""

    id = fields.UUID()
    application_id = fields.UUID()
    decision_id = fields.UUID(allow_none=True)
    against = fields.String()
    grounds = fields.List(fields.String())
    text = fields.String()
    at = fields.AwareDateTime()
    due = fields.AwareDateTime()
    ways = fields.List(fields.Enum(Action, by_value=True))
    outcomes_open = fields.List(fields.Enum(Outcome, by_value=True))
    members = fields.List(fields.Nested(SeatedSchema))
    result = fields.Nested(ResultSchema, allow_none=True)


@appeals.get("/applications/<uuid:application_id>/letter")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.response(200, LetterSchema)
def show_letter(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the newest letter of a case, to the institution, its case officer and registrars"""
    with acting() as act:
        application = act.application(application_id)
        return _letter(act, application, _newest(act, application))


@appeals.post("/applications/<uuid:application_id>/letter/opening")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.response(201, LetterSchema, headers=LOCATION)
def open_letter(application_id: uuid.UUID) -> Answer:
    """As the institution's owner or signatory: open the newest letter; the time to appeal runs from now"""
    with acting() as act:
        application = act.application(application_id)
        found = _newest(act, application)
        deliveries.open_letter(act.session, application_id, found.id, **act.by)
        return created(_letter(act, application, found), f"/applications/{application_id}/letter")


@appeals.post("/applications/<uuid:application_id>/letter/proof")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(NewProofSchema)
@appeals.response(201, LetterSchema, headers=LOCATION)
def file_proof(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the case officer or a registrar: file the proof that the newest letter was delivered"""
    with acting() as act:
        application = act.application(application_id)
        file_enclosed(act, application_id, body, deliveries.file_proof)
        found = _newest(act, application)
        return created(_letter(act, application, found), f"/applications/{application_id}/letter")


def file_enclosed(
    act: Acting, application_id: uuid.UUID, body: Mapping[str, Any], file_it: Callable[..., Delivered]
) -> Delivered:
    """File the proof of a delivery that a body of `NewProofSchema` brings, by the service of what was delivered."""
    return file_it(
        act.session,
        files(),
        application_id,
        body["kind"],
        body["delivered_at"],
        name=body["name"],
        data=bytes_of(body["file"]),
        limit=settings().upload_limit,
        **act.by,
    )


@appeals.post("/applications/<uuid:application_id>/letter/files")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(EnclosedSchema)
@appeals.response(201, LetterFileSchema, headers=LOCATION)
def file_letter(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As a registrar: file the body's own signed PDF of the newest letter"""
    data = bytes_of(body["file"])
    with acting() as act:
        act.body_case(application_id)
        row = letters.file_signed(
            act.session,
            files(),
            application_id,
            name=body["name"],
            data=data,
            limit=settings().upload_limit,
            **act.by,
        )
        names = LetterFileSchema._declared_fields
        return created({name: getattr(row, name) for name in names}, f"/applications/{application_id}/letter")


def _newest(act: Acting, application: Application) -> Letter:
    found = letters.current_letter(act.session, application)
    if found is None or not _reads_letters(act, application):
        raise NotFound("there is no letter yet")
    return found


def _reads_letters(act: Acting, application: Application) -> bool:
    if act.acts_for(application.institution_id):
        return True
    part = act.part(application)
    officers = {CaseRole.CASE_OFFICER, CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER}
    body = application.scheme.body_id
    return (part is not None and part.role in officers) or access.holds(
        act.session, act.actor, Role.REGISTRAR, Role.AUDITOR, at=act.at, body=body
    )


def _letter(act: Acting, application: Application, letter: Letter) -> dict[str, Any]:
    hidden = letter.delivery is None and act.acts_for(application.institution_id)
    names = ("id", "number", "decision_id", "sha256", "at")
    appealable = application.state in deliveries.APPEALABLE
    return {name: getattr(letter, name) for name in names} | {
        "content": None if hidden else letter.content,
        "delivery": letter.delivery,
        "appeal_until": application.due_at if appealable else None,
    }


@appeals.get("/applications/<uuid:application_id>/appeal")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.response(200, AppealSchema)
def show_appeal(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the newest appeal of a case, to the institution and to those who hear it"""
    with acting() as act:
        application = act.application(application_id)
        found = service.current(act.session, application.id)
        if found is None or not _reads_appeal(act, application):
            raise NotFound("there is no appeal")
        return _appeal(act, application, found)


def _reads_appeal(act: Acting, application: Application) -> bool:
    if act.acts_for(application.institution_id):
        return True
    part = act.part(application)
    if part is None or part.role not in {CaseRole.APPEALS_MEMBER, CaseRole.CASE_OFFICER}:
        return access.audits(act.session, application, actor=act.actor, at=act.at)
    access.require_unlocked(act.session, act.actor, application, at=act.at)
    return True


@appeals.post("/applications/<uuid:application_id>/appeal")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(NewAppealSchema)
@appeals.response(201, AppealSchema, headers=LOCATION)
def file_appeal(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As the institution: appeal against the decision, free of charge"""
    new = NewAppeal(tuple(body["grounds"]), body["text"])
    with acting() as act:
        made = service.file(act.session, application_id, new, version=body["version"], **act.by)
        application = act.application(application_id)
        return created(_appeal(act, application, made), f"/applications/{application_id}/appeal")


@appeals.post("/applications/<uuid:application_id>/appeal/waiver")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(VersionSchema)
@appeals.response(204)
def waive_appeal(body: dict[str, Any], application_id: uuid.UUID) -> None:
    """As the institution: give the appeal up, so that the decision is final now"""
    with acting() as act:
        finality.waive_appeal(act.session, application_id, version=body["version"], **act.by)


@appeals.post("/applications/<uuid:application_id>/appeal/members")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(MemberSchema)
@appeals.response(201, SeatedSchema, headers=LOCATION)
def seat_member(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As an administrator, or a registrar without a part in the case: put somebody on the appeals panel"""
    with acting() as act:
        row = service.seat(act.session, application_id, body["account_id"], **act.by)
        shown = {"account_id": row.account_id, "name": row.account.name, "assigned_at": row.assigned_at}
        return created(shown, f"/applications/{application_id}/appeal")


@appeals.get("/applications/<uuid:application_id>/appeal/motion")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.response(200, AppealMotionSchema)
def show_appeal_motion(application_id: uuid.UUID) -> Mapping[str, Any]:
    """Show the motion before the appeals panel to its members"""
    with acting() as act:
        return _motion(act, _before_panel(act, application_id))


@appeals.post("/applications/<uuid:application_id>/appeal/motion")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(NewAppealMotionSchema)
@appeals.response(201, AppealMotionSchema, headers=LOCATION)
def put_appeal_motion(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As a member of the appeals panel: put what becomes of the decision to the vote"""
    new = NewAppealMotion(
        body["action"], body["reasons"], body["outcome"], body["scope"], admissible=body["admissible"]
    )
    with acting() as act:
        application = _before_panel(act, application_id)
        service.put_motion(act.session, application_id, new, **act.by)
        return created(_motion(act, application), f"/applications/{application_id}/appeal/motion")


@appeals.post("/applications/<uuid:application_id>/appeal/motion/votes")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(NewVoteSchema)
@appeals.response(201, AppealMotionSchema, headers=LOCATION)
def vote_on_appeal(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As a member of the appeals panel: vote on its current motion, once"""
    with acting() as act:
        application = _before_panel(act, application_id)
        motion = service.current_motion(act.session, application)
        if motion is None:
            raise NotFound("no motion has been put yet")
        service.cast_vote(act.session, motion.id, body["ballot"], **act.by)
        return created(_motion(act, application), f"/applications/{application_id}/appeal/motion")


@appeals.post("/applications/<uuid:application_id>/appeal/result")
@allow(SIGNED_IN)
@appeals.doc(security=TOKEN)
@appeals.arguments(VersionSchema)
@appeals.response(201, ResultSchema, headers=LOCATION)
def conclude(body: dict[str, Any], application_id: uuid.UUID) -> Answer:
    """As a member of the appeals panel: declare the result of its vote"""
    with acting() as act:
        _before_panel(act, application_id)
        made = service.conclude(act.session, application_id, version=body["version"], **act.by)
        return created(_result(act, made), f"/applications/{application_id}/appeal")


def _before_panel(act: Acting, application_id: uuid.UUID) -> Application:
    application = act.open_file(application_id)
    part = act.part(application)
    if part is None or part.role is not CaseRole.APPEALS_MEMBER:
        raise NotAllowed("only the appeals member of this case may do this")
    return application


def _appeal(act: Acting, application: Application, appeal: Appeal) -> dict[str, Any]:
    names = ("id", "application_id", "decision_id", "against", "grounds", "text", "at", "due")
    ours = act.acts_for(application.institution_id)
    members = [
        {"account_id": m.account_id, "name": m.account.name, "assigned_at": m.assigned_at}
        for m in appeal_members(application)
    ]
    return {name: getattr(appeal, name) for name in names} | {
        "ways": service.ways(application, appeal),
        "outcomes_open": service.outcomes_open(application, appeal),
        "members": [] if ours else members,
        "result": _result(act, appeal.result) if appeal.result else None,
    }


def _result(act: Acting, result: AppealResult) -> dict[str, Any]:
    names = ("action", "verdict", "tally", "replacement_id", "at")
    return {name: getattr(result, name) for name in names} | {"reasons": result.motion.reasons}


def _motion(act: Acting, application: Application) -> dict[str, Any]:
    motion = service.current_motion(act.session, application)
    if motion is None:
        raise NotFound("no motion has been put yet")
    put = act.session.get_one(AppealMotion, motion.id)
    voted = [vote.account_id for vote in motion.votes]
    tally = service.tally_of(act.session, application, motion) if act.actor in voted else None
    return {name: getattr(motion, name) for name in ("id", "number", "outcome", "reasons", "at")} | {
        "action": put.action,
        "admissible": put.admissible,
        "voted": voted,
        "tally": asdict(tally) if tally else None,
    }
