"""What goes over the wire about policy versions in the making."""

from marshmallow import fields

from registry.api.schemas import Strict, line, page_schema, prose
from registry.domain.policy_diff import Kind, Part
from registry.domain.policy_transition import CaseFate, IssuerFate
from registry.domain.policy_ways import Way
from registry.domain.recognition import Status
from registry.domain.workflow import State
from registry.models.policy_draft import DraftState
from registry.policy_files import MAX_BYTES
from registry.services import policy_life as service


class PolicyChangeSchema(Strict):
    """One change; `path` are the keys of the file, with the names of list entries."""

    part = fields.String(metadata={"enum": [part.value for part in Part]})
    kind = fields.String(metadata={"enum": [kind.value for kind in Kind]})
    way = fields.String(metadata={"enum": [way.value for way in Way]})
    path = fields.List(fields.String())
    item = fields.String(allow_none=True)
    groups = fields.List(fields.String())
    old = fields.Raw(allow_none=True)
    new = fields.Raw(allow_none=True)


class PolicyDiffSchema(Strict):
    """All changes from one version to another."""

    policy = fields.String()
    old = fields.String()
    new = fields.String()
    ways = fields.Dict(fields.String(), fields.Integer(), metadata={"description": "Changes per way"})
    groups = fields.List(fields.String(), metadata={"description": "Groups of criteria touched"})
    changes = fields.List(fields.Nested(PolicyChangeSchema))


class ProblemOfTextSchema(Strict):
    """One problem of a text; line and column count from 1, 0 where there is none."""

    key = fields.String()
    line = fields.Integer()
    column = fields.Integer()
    message = fields.String()


class ConsultationSchema(Strict):
    """A text that is put to people."""

    id = fields.UUID()
    number = fields.Integer()
    public = fields.Boolean()
    publishes_comments = fields.Boolean()
    opened_at = fields.AwareDateTime()
    closes_on = fields.Date()
    closed_at = fields.AwareDateTime(allow_none=True)


class PolicyDraftSchema(Strict):
    """A draft without its text."""

    id = fields.UUID()
    body = fields.String()
    policy_id = fields.String()
    policy_version = fields.String()
    base_version = fields.String(allow_none=True)
    state = fields.Enum(DraftState, by_value=True)
    sha256 = fields.String()
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    version = fields.Integer(metadata={"description": "Send it back with every change"})


class SavedTextSchema(Strict):
    """A text that was saved."""

    number = fields.Integer()
    sha256 = fields.String()
    saved_by = fields.UUID()
    saved_at = fields.AwareDateTime()


class WholePolicyDraftSchema(PolicyDraftSchema):
    """A draft with its text, what checking it found, and its history; `adopts` is the hash that adopting takes."""

    source = fields.String()
    adopts = fields.String(allow_none=True)
    tests = fields.Integer()
    problems = fields.List(fields.Nested(ProblemOfTextSchema))
    versions = fields.List(fields.Nested(SavedTextSchema))
    consultations = fields.List(fields.Nested(ConsultationSchema))


class NewPolicyDraftSchema(Strict):
    """Either `from` and `version` (an adopted version of `body`), or `source` (a file's text)."""

    body = line(60, required=True, metadata={"description": "Slug of the body"})
    policy_id = line(64, load_default=None)
    base_version = line(20, load_default=None)
    version = line(20, load_default=None)
    source = prose(MAX_BYTES, load_default=None)


class DraftTextSchema(Strict):
    """A new text of a draft, and the draft's version as the caller saw it."""

    source = prose(MAX_BYTES, required=True)
    version = fields.Integer(required=True, strict=True)


class DraftVersionSchema(Strict):
    """The draft's version as the caller saw it."""

    version = fields.Integer(required=True, strict=True)


class NewConsultationSchema(DraftVersionSchema):
    """How a text is put to people."""

    closes_on = fields.Date(required=True)
    public = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    publishes_comments = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class AdoptDraftSchema(DraftVersionSchema):
    """The hash of the bytes that the approver has read: `adopts` of the draft."""

    sha256 = line(64, required=True)


class AdoptedPolicySchema(Strict):
    """A version as it was adopted."""

    policy_id = fields.String()
    version = fields.String()
    sha256 = fields.String()
    adopted_at = fields.AwareDateTime()


class NewConsultationCommentSchema(Strict):
    """A comment; `place` is a criterion, or empty for the whole text."""

    place = line(60, load_default="")
    text = prose(service.LONGEST_COMMENT, required=True)


class ConsultationCommentSchema(Strict):
    """A comment; its author is told to the people of the body alone."""

    id = fields.UUID()
    author = fields.UUID(allow_none=True)
    of_body = fields.Boolean(allow_none=True)
    place = fields.String()
    text = fields.String()
    at = fields.AwareDateTime()
    published = fields.Boolean(allow_none=True)


class JudgeCommentSchema(Strict):
    """Whether everybody may read a comment."""

    publish = fields.Boolean(required=True, truthy={True}, falsy={False})


class PublicConsultationSchema(ConsultationSchema):
    """A public consultation with the text it is about."""

    body = fields.String()
    policy_id = fields.String()
    policy_version = fields.String()
    sha256 = fields.String()
    open = fields.Boolean()


class TouchedCaseSchema(Strict):
    """An open case that the caller may know of."""

    id = fields.UUID()
    reference = fields.String()
    state = fields.Enum(State, by_value=True)
    version = fields.String()
    fate = fields.Enum(CaseFate, by_value=True)


class TouchedIssuerSchema(Strict):
    """A recognition that stands."""

    id = fields.UUID()
    slug = fields.String()
    status = fields.Enum(Status, by_value=True)
    version = fields.String()


class TouchedSchema(Strict):
    """What a version touches: counts over everything, names as far as the caller may see them."""

    states = fields.Dict(fields.String(), fields.Integer())
    fates = fields.Dict(fields.String(), fields.Integer())
    cases = fields.List(fields.Nested(TouchedCaseSchema))
    statuses = fields.Dict(fields.String(), fields.Integer())
    issuer_fate = fields.Enum(IssuerFate, by_value=True)
    due_on = fields.Date(allow_none=True)
    issuers = fields.List(fields.Nested(TouchedIssuerSchema))


class PolicyDraftChangesSchema(PolicyDiffSchema):
    """What a draft changes, and what it touches."""

    touched = fields.Nested(TouchedSchema)


class PolicyReassessmentSchema(Strict):
    """A recognition to look at again: by `due_on`, or (null) at its next monitoring."""

    id = fields.UUID()
    issuer_id = fields.UUID()
    policy_id = fields.Function(lambda row: row.adopted.policy_id)
    version = fields.Function(lambda row: row.adopted.version)
    due_on = fields.Date(allow_none=True)
    opened_at = fields.AwareDateTime()


class ReassessmentOutcomeSchema(Strict):
    """What looking again has come to."""

    outcome = prose(4000, required=True)


DraftPage = page_schema("PolicyDraftPage", PolicyDraftSchema)
CommentPage = page_schema("ConsultationCommentPage", ConsultationCommentSchema)
ConsultationPage = page_schema("ConsultationPage", PublicConsultationSchema)
ReassessmentPage = page_schema("PolicyReassessmentPage", PolicyReassessmentSchema)
