"""Giving several cases of the desk to one case officer, in one form."""

import uuid

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from registry.errors import FieldError, InvalidInput
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import bulk_parts
from registry.web.reviewer import desk_page, reviewer
from registry.web.sentences import sentence
from registry.web.work import leads_back, posted_id


@reviewer.post("/cases/assign")
@allow(SIGNED_IN)
def assign_cases() -> ResponseReturnValue:
    """Give the chosen cases to a case officer: all of them, or none."""
    try:
        chosen = [uuid.UUID(text) for text in request.form.getlist("cases")]
    except ValueError:
        chosen = []
    try:
        with acting() as act:
            given = bulk_parts.give_to_officer(act.session, chosen, _officer(), **act.by)
    except InvalidInput as error:
        with acting() as act:
            return desk_page(act, problems=_told(error), chosen=chosen), 422
    flash(ngettext("%(num)s case is given.", "%(num)s cases are given.", len(given)))
    return redirect(url_for("reviewer.inbox"), 303)


def _officer() -> uuid.UUID:
    officer = posted_id("officer")
    if officer is None:
        raise InvalidInput("choose a person", [FieldError("officer", "choose a person")])
    return officer


def _told(error: InvalidInput) -> list[tuple[str, str]]:
    """Return each problem with its anchor; of a refused case with its reference."""
    found = []
    for problem in error.errors:
        field, _, reference = problem.field.partition(".")
        message = sentence(problem.message)
        told = gettext("%(case)s: %(problem)s", case=reference, problem=message) if reference else message
        found.append((field, told))
    return found


leads_back(reviewer, "/cases/assign", "reviewer.inbox")
