"""The wire form of the intake of a case."""

from marshmallow import fields, validate

from registry.api.application_schemas import ReceiptSchema, VersionSchema
from registry.api.schemas import Strict, line, page_schema, prose
from registry.domain.completeness import PointMark, PointPlace, PointReason
from registry.domain.handed_in import Difference
from registry.domain.reuse import ExternalKind


class PointMarkSchema(Strict):
    """What happened to a point, and the words that went with it."""

    mark = fields.Enum(PointMark, by_value=True)
    text = fields.String()
    at = fields.AwareDateTime()


class CompletenessPointSchema(Strict):
    """A point of the list; `mark` is null until it is sent."""

    number = fields.Integer()
    reason = fields.Enum(PointReason, by_value=True)
    place = fields.Enum(PointPlace, by_value=True)
    criterion = fields.String(allow_none=True)
    evidence_id = fields.String(allow_none=True)
    detail = fields.Dict()
    text = fields.String()
    mark = fields.Enum(PointMark, by_value=True, allow_none=True)
    marks = fields.List(fields.Nested(PointMarkSchema))


class MissingPartSchema(Strict):
    """What the registry finds missing now; it is written down when the application is returned."""

    reason = fields.Enum(PointReason, by_value=True)
    place = fields.Enum(PointPlace, by_value=True)
    criterion = fields.String(allow_none=True)
    evidence_id = fields.String(allow_none=True)
    detail = fields.Dict()


class CompletenessSchema(Strict):
    """What is missing now, and every point that was made; the applicant sees the points that were sent."""

    missing = fields.List(fields.Nested(MissingPartSchema))
    points = fields.List(fields.Nested(CompletenessPointSchema))


class NewCompletenessPointSchema(Strict):
    """A point of an officer: a piece of evidence, all of a criterion, or a part of the application."""

    place = fields.Enum(PointPlace, by_value=True, required=True)
    criterion = line(60, load_default=None)
    evidence_id = line(60, load_default=None)
    text = prose(2000, required=True)


class PointWordsSchema(Strict):
    """Words on a point: the applicant's answer, or why it is open again."""

    text = prose(2000, required=True)


class GiveBackSchema(VersionSchema):
    """Returning an application for completion."""

    note = prose(2000, load_default="")


class ManifestPartSchema(Strict):
    """A part of the application in two manifests; null where it is not there."""

    part = fields.String()
    id = fields.String()
    difference = fields.Enum(Difference, by_value=True)
    before = fields.Dict(allow_none=True)
    after = fields.Dict(allow_none=True)


class SubmissionsSchema(Strict):
    """Every time the application was handed in, the oldest first, and what the newest changed."""

    submissions = fields.List(fields.Nested(ReceiptSchema))
    changes = fields.List(fields.Nested(ManifestPartSchema))


class EligibilityWordSchema(Strict):
    """An answer to a check: a machine's with the facts judged, or a person's with reasons."""

    machine = fields.Boolean()
    passed = fields.Boolean(allow_none=True)
    summary = fields.Dict()
    facts = fields.Dict()
    reasons = fields.String()
    at = fields.AwareDateTime()


class EligibilityStandingSchema(Strict):
    """Where a check stands; `passed` null: still open."""

    check = fields.String(attribute="check.id")
    title = fields.Function(lambda standing: standing.check.title.as_dict())
    on_fail = fields.String(attribute="check.on_fail")
    passed = fields.Boolean(allow_none=True)
    asks_person = fields.Boolean()
    machine = fields.Nested(EligibilityWordSchema, allow_none=True)
    person = fields.Nested(EligibilityWordSchema, allow_none=True)


class EligibilityChecksSchema(Strict):
    """Every check of the policy."""

    checks = fields.List(fields.Nested(EligibilityStandingSchema))


class NewEligibilityWordSchema(Strict):
    """A person's answer to a check."""

    passed = fields.Boolean(required=True, truthy={True}, falsy={False})
    reasons = prose(2000, required=True)


class NewIneligibilitySchema(Strict):
    """Proposing to find the application not eligible; a second officer confirms the proposal."""

    checks = fields.List(line(60, required=True), required=True, validate=validate.Length(1, 50))
    reasons = prose(4000, required=True)


class IneligibilitySchema(Strict):
    """A proposal to find the application not eligible."""

    id = fields.UUID()
    reasons = fields.String()
    checks = fields.Function(lambda proposal: proposal.content["checks"])
    at = fields.AwareDateTime()


class CandidateInstitutionSchema(Strict):
    """Another institution that shares something; without an identifier it proves nothing."""

    institution_id = fields.UUID(attribute="institution.id")
    name = fields.String(attribute="institution.name")
    strong = fields.Boolean()
    listed = fields.Boolean()
    agrees = fields.Function(lambda one: [{"scheme": s, "value": v} for s, v in one.agrees])


class NewExternalDecisionSchema(Strict):
    """A decision of another body, and the criteria that it is cited for."""

    kind = fields.Enum(ExternalKind, by_value=True, required=True)
    issuer = line(300, required=True)
    reference = line(300, required=True)
    url = line(2000, load_default="")
    decided_on = fields.Date(required=True)
    valid_until = fields.Date(load_default=None, allow_none=True)
    outcome = line(300, required=True)
    criteria = fields.List(line(60, required=True), required=True, validate=validate.Length(1, 200))


class ReuseWordSchema(Strict):
    """The body's word on the reuse for one criterion."""

    criterion = fields.String()
    accepted = fields.Boolean()
    reasons = fields.String()
    at = fields.AwareDateTime()


class ExternalDecisionSchema(Strict):
    """A cited decision; its file is the evidence `evidence_id`."""

    number = fields.Integer()
    kind = fields.Enum(ExternalKind, by_value=True)
    issuer = fields.String()
    reference = fields.String()
    url = fields.String(allow_none=True)
    decided_on = fields.Date()
    valid_until = fields.Date(allow_none=True)
    outcome = fields.String()
    criteria = fields.List(fields.String())
    evidence_id = fields.String()
    answers = fields.List(fields.Nested(ReuseWordSchema))


class ReuseSchema(Strict):
    """The decisions cited, and the working days that accepted reuse saves."""

    decisions = fields.List(fields.Nested(ExternalDecisionSchema))
    criteria_reused = fields.Integer()
    days_saved = fields.Integer()


class NewReuseWordSchema(Strict):
    """Accepting or refusing the reuse for one criterion."""

    accepted = fields.Boolean(required=True, truthy={True}, falsy={False})
    reasons = prose(2000, required=True)


CandidateInstitutionPage = page_schema("CandidateInstitutionPage", CandidateInstitutionSchema)
