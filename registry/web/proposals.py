"""What waits for a person's second word: the list, and one page per proposal to confirm it or turn it down."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.two_people import ProposalKind
from registry.errors import InvalidInput
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.two_people import Proposal
from registry.services import desk, orders, two_people
from registry.web.proposal_words import confirmers_of, facts_of, subject_of
from registry.web.standing_forms import SecondWordForm
from registry.web.work import put_errors, work_blueprint

proposals = work_blueprint("proposals", "/proposals")


@proposals.get("")
@allow(SIGNED_IN)
def index() -> ResponseReturnValue:
    """List what waits for the person's word, and what the person has proposed."""
    with acting() as act:
        waiting = two_people.waiting_for(act.session, **act.by)
        own = two_people.proposed_by(act.session, act.actor)
        names = desk.names_of(act.session, [row.first_by for row in waiting])
        return render_template(
            "decision/proposals.html",
            waiting=[(row, subject_of(act.session, row)) for row in waiting],
            own=[(row, subject_of(act.session, row)) for row in own],
            names=names,
        )


@proposals.route("/<uuid:proposal_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def show(proposal_id: uuid.UUID) -> ResponseReturnValue:
    """Show a proposal with all it says, and take the second word."""
    form = SecondWordForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                kind = _answer(act, proposal_id, form)
            flash(
                gettext("Confirmed; it holds now.")
                if kind is not None
                else gettext("You have turned it down.")
            )
            return redirect(url_for(".index"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        row = two_people.visible(act.session, proposal_id, **act.by)
        page = render_template("decision/proposal.html", form=form, **_shown(act, row))
    return page, 422 if form.errors or form.form_errors else 200


def _answer(act: Acting, proposal_id: uuid.UUID, form: SecondWordForm) -> ProposalKind | None:
    reasons = form.reasons.data or ""
    if form.answer.data == "confirm":
        two_people.confirm(act.session, proposal_id, reasons=reasons, **act.by)
        return act.session.get_one(Proposal, proposal_id).kind
    two_people.turn_down(act.session, proposal_id, reasons=reasons, **act.by)
    return None


def _obstacle(act: Acting, row: Proposal) -> str | None:
    """Return why the person who looks could only turn a proposal down; None where they could confirm it."""
    if row.kind is not ProposalKind.URGENT_SUSPENSION:
        return None
    officers = (orders.is_officer(act.session, row, one, act.at) for one in (row.first_by, act.actor))
    return None if any(officers) else orders.NO_OFFICER


def _shown(act: Acting, row: Proposal) -> dict[str, Any]:
    people = [row.first_by, *([row.answer.second_by] if row.answer else [])]
    own = act.actor == row.first_by
    return {
        "row": row,
        "subject": subject_of(act.session, row),
        "facts": facts_of(act.session, row, act.at),
        "names": desk.names_of(act.session, people),
        "own": own,
        "confirmers": confirmers_of(act.session, row, act.at),
        "obstacle": _obstacle(act, row),
        "may_answer": not own and row.answer is None and two_people.may_answer(act.session, row, **act.by),
    }
