"""For the applicant: the panel that is proposed, objections to its members, and the word that there is none."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import Role
from registry.domain.workflow import State
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.services import access, objections
from registry.web.applicant import applicant, own_application
from registry.web.work import leads_back, posted_id, problems_of


def panel_section(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return what the applicant's page says of a proposed panel, and of objections that were filed; None without either."""
    filed = objections.of_case(act.session, application)
    proposed = objections.proposed_panel(act.session, application)
    if not proposed and not filed:
        return None
    return {
        "panel": proposed,
        "filed": filed,
        "due": objections.due(application) if proposed else None,
        "accepted": objections.is_accepted(act.session, application),
    }


@applicant.get("/<uuid:application_id>/panel")
@allow(SIGNED_IN)
def panel(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the proposed panel, with a form for an objection to each of its members."""
    return _page(application_id, (), None)


def _page(
    application_id: uuid.UUID, problems: Sequence[FieldError], person: uuid.UUID | None
) -> ResponseReturnValue:
    with acting() as act:
        application = own_application(act, application_id)
        here = panel_section(act, application)
        if here is None:
            raise NotFound("no panel is proposed")
        signs = access.holds(
            act.session,
            act.actor,
            Role.SIGNATORY,
            Role.OWNER,
            at=act.at,
            institution=application.institution_id,
        )
        now = application.state is State.PANEL_PROPOSED and not here["accepted"]
        page = render_template(
            "applicant/panel.html",
            application=application,
            here=here,
            may=signs and now and here["due"] is not None and act.at <= here["due"],
            objected={
                one.account_id for one in here["filed"] if one.round == objections.round_of(application)
            },
            refused=person,
            typed=request.form.get("reasons", ""),
            problems=[FieldError(f"reasons-{person}", one.message) for one in problems],
        )
    return page, 422 if problems else 200


@applicant.post("/<uuid:application_id>/panel/object-to-panel")
@allow(Role.OWNER, Role.SIGNATORY)
def object_to_panel(application_id: uuid.UUID) -> ResponseReturnValue:
    """File an objection to somebody on the panel."""
    person = posted_id("person")
    if person is None:
        raise NotFound("no such person")
    try:
        with acting() as act:
            own_application(act, application_id)
            reasons = request.form.get("reasons", "")
            objections.object_to(act.session, application_id, person, reasons, **act.by)
    except InvalidInput as error:
        return _page(application_id, problems_of(error), person)
    flash(gettext("Your objection is filed. The case officer answers it, with reasons."))
    return redirect(url_for("applicant.panel", application_id=application_id), 303)


@applicant.post("/<uuid:application_id>/panel/accept-panel")
@allow(Role.OWNER, Role.SIGNATORY)
def accept_panel(application_id: uuid.UUID) -> ResponseReturnValue:
    """Say that there is no (further) objection, so that the case goes on."""
    with acting() as act:
        own_application(act, application_id)
        objections.accept_panel(act.session, application_id, **act.by)
    flash(gettext("Recorded: you have no further objection to the panel."))
    return redirect(url_for("applicant.show", application_id=application_id), 303)


for _word in ("object-to-panel", "accept-panel"):
    leads_back(applicant, f"/<uuid:application_id>/panel/{_word}", "applicant.panel")
del _word
