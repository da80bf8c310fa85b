"""The wire form of an application and of what is done to it."""

from marshmallow import fields, validate

from registry.api.schemas import PageQuery, Strict, line, prose
from registry.domain.clocks import Side
from registry.domain.workflow import Action, State
from registry.services.applications import PLAIN_ACTIONS


class ApplicationQuery(PageQuery):
    """Whose applications: all that the caller may know of, or those of one institution."""

    institution_id = fields.UUID(load_default=None)


class StartSchema(Strict):
    """A new application."""

    institution_id = fields.UUID(required=True)
    scheme = line(100, required=True, metadata={"description": "Slug of the scheme"})


class ScopeSchema(Strict):
    """What recognition is asked for, in the form that lists publish it."""

    grants = fields.List(fields.Dict(keys=fields.String()), required=True, validate=validate.Length(1, 200))


class StatementSchema(Strict):
    """Evidence that is a statement or an address."""

    text = fields.String(required=True, validate=validate.Length(1, 20_000))
    issued_on = fields.Date(load_default=None, allow_none=True)
    items = fields.Integer(load_default=None, allow_none=True, strict=True)


class FileQuery(Strict):
    """The name of a file that is sent as the body."""

    name = line(255, required=True)
    issued_on = fields.Date(load_default=None, metadata={"description": "Day of the document"})
    items = fields.Integer(load_default=None, metadata={"description": "How many pieces the file holds"})


class VersionSchema(Strict):
    """The version of the application that the caller has read; another one now is a conflict."""

    version = fields.Integer(required=True, strict=True)


class StepSchema(VersionSchema):
    """A step without content of its own."""

    action = fields.String(
        required=True, validate=validate.OneOf(sorted(action.value for action in PLAIN_ACTIONS))
    )
    note = prose(2000, load_default="", metadata={"description": "Reasons, where the step asks for them"})


class EvidenceSchema(Strict):
    """One version of one piece of evidence."""

    evidence_id = fields.String()
    number = fields.Integer()
    file_name = fields.String(allow_none=True)
    media_type = fields.String(allow_none=True)
    size = fields.Integer()
    sha256 = fields.String()
    uploaded_at = fields.AwareDateTime()


class OpenStepSchema(Strict):
    """A step that the caller may take, or could if nothing were missing."""

    action = fields.Enum(Action, by_value=True)
    target = fields.Enum(State, by_value=True)
    missing = fields.List(fields.String())


class EventSchema(Strict):
    """A step that was taken; who took it is not told here."""

    sequence = fields.Integer()
    action = fields.Enum(Action, by_value=True)
    source = fields.Enum(State, by_value=True)
    target = fields.Enum(State, by_value=True)
    at = fields.AwareDateTime()


class PolicySchema(Strict):
    """The frozen policy version of a case."""

    id = fields.String(attribute="policy_id")
    version = fields.String()
    sha256 = fields.String()


class SummarySchema(Strict):
    """An application in a collection."""

    id = fields.UUID()
    reference = fields.String()
    institution_id = fields.UUID()
    scheme = fields.String(attribute="scheme.slug")
    procedure = fields.String()
    state = fields.Enum(State, by_value=True)
    created_at = fields.AwareDateTime()
    submitted_at = fields.AwareDateTime(allow_none=True)
    entered_at = fields.AwareDateTime(metadata={"description": "When the present state began"})
    due_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the present step should be over"}
    )
    clock_side = fields.Enum(Side, by_value=True, allow_none=True, metadata={"description": "Whose days run"})
    version = fields.Integer()


class ApplicationSchema(SummarySchema):
    """An application as the caller may see it; evidence is listed where the caller may read the file."""

    policy = fields.Nested(PolicySchema)
    scope = fields.Dict()
    evidence = fields.List(fields.Nested(EvidenceSchema))
    events = fields.List(fields.Nested(EventSchema))
    steps = fields.List(fields.Nested(OpenStepSchema))


class ReceiptSchema(Strict):
    """What was frozen at submission."""

    sha256 = fields.String()
    at = fields.AwareDateTime()
    content = fields.Dict()
