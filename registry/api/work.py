"""Work as people see it: the caller's inbox, and the figures of a body."""

from dataclasses import asdict
from typing import Any, Final

from marshmallow import fields, validate

from registry.api.acting import TOKEN
from registry.api.resource import Resource
from registry.api.schemas import Strict
from registry.domain.clocks import Side
from registry.domain.roles import CaseRole
from registry.domain.workflow import Action, State
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import dashboards
from registry.services import inbox as tasks
from registry.services import waiting as beside

work = Resource("api-work", __name__, description="What somebody has to do, and how a body's work stands")
MOST_PAGES: Final = 1000
"""The last page that may be asked for: tasks are sorted anew for each."""


class TaskSchema(Strict):
    """A case on the caller's desk: what they could do next, and who else has the move."""

    application_id = fields.UUID()
    reference = fields.String()
    institution = fields.String()
    scheme = fields.Dict(metadata={"description": "Names by language"})
    state = fields.Enum(State, by_value=True)
    part = fields.Enum(CaseRole, by_value=True, allow_none=True)
    entered_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    side = fields.Enum(Side, by_value=True, allow_none=True, metadata={"description": "Whose days run"})
    next_steps = fields.List(fields.Enum(Action, by_value=True))
    holders = fields.List(fields.String(), metadata={"description": "Names of those who have the move"})
    declares = fields.Boolean(metadata={"description": "Interests have to be declared first"})
    overdue = fields.Boolean()


class WaitingSchema(Strict):
    """How much waits beside cases."""

    proposals = fields.Integer()
    monitoring_items = fields.Integer(attribute="items")
    appeals_to_seat = fields.Integer(attribute="seats")
    meetings = fields.Integer()
    complaints = fields.Integer()


class InboxSchema(Strict):
    """One page of tasks, those due first."""

    items = fields.List(fields.Nested(TaskSchema))
    page = fields.Integer()
    more = fields.Boolean(metadata={"description": "Whether another page follows"})
    waiting = fields.Nested(WaitingSchema)


class InboxQuery(Strict):
    """Which page, and whether the cases in which others have the move are meant."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST_PAGES))
    show = fields.String(load_default="mine", validate=validate.OneOf(["mine", "waiting"]))


class StageSchema(Strict):
    """A state of cases; the median is of the stays that ended in the last twelve months, in working days."""

    state = fields.Enum(State, by_value=True)
    cases = fields.Integer()
    overdue = fields.Integer()
    stays = fields.Integer()
    median_days = fields.Float(allow_none=True)


class LateSchema(Strict):
    """A case that is overdue."""

    application_id = fields.UUID()
    reference = fields.String()
    institution = fields.String()
    state = fields.Enum(State, by_value=True)
    due_at = fields.AwareDateTime()
    side = fields.Enum(Side, by_value=True, allow_none=True)


class DashboardSchema(Strict):
    """The figures of a body; `late` is empty for an administrator, who sees counts only."""

    body = fields.Function(lambda found: found.body.slug)
    at = fields.AwareDateTime()
    since = fields.AwareDateTime()
    open_cases = fields.Integer()
    overdue = fields.Integer()
    stages = fields.List(fields.Nested(StageSchema))
    late = fields.List(fields.Nested(LateSchema))


@work.get("/inbox")
@allow(SIGNED_IN)
@work.doc(security=TOKEN)
@work.arguments(InboxQuery, location="query")
@work.response(200, InboxSchema)
def inbox(query: dict[str, Any]) -> dict[str, Any]:
    """List what the caller has to do by its deadline, and how much waits beside cases"""
    with acting() as act:
        found = tasks.inbox(act.session, page=query["page"], waiting=query["show"] == "waiting", **act.by)
        return {
            "items": found.tasks,
            "page": found.page,
            "more": found.more,
            "waiting": asdict(beside.waiting(act.session, **act.by)),
        }


@work.get("/bodies/<slug>/dashboard")
@allow(SIGNED_IN)
@work.doc(security=TOKEN)
@work.response(200, DashboardSchema)
def dashboard(slug: str) -> dashboards.Dashboard:
    """Show how the work of a body stands: cases by stage, working days per stage, what is overdue"""
    with acting() as act:
        return dashboards.dashboard(act.session, slug, **act.by)
