"""The pool of experts: for whoever keeps it, for the experts themselves, and for those who are invited."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm

from registry.domain.roles import PanelSeat
from registry.errors import Conflict, InvalidInput, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.body import Body
from registry.models.institution import Institution
from registry.models.people import Expert
from registry.services import desk, experts, institutions, invitations
from registry.services.experts import PoolFilter
from registry.web.expert_forms import NAMES, ExpertForm, InviteForm, OwnExpertForm, PoolForm, held
from registry.web.i18n import text
from registry.web.reviewer import reviewer
from registry.web.work import leads_back, posted_version, put_errors

LISTED_INSTITUTIONS = 20


def _bodies(act: Acting) -> Sequence[Body]:
    return desk.bodies_of(act.session, *experts.MANAGERS, **act.by)


@reviewer.get("/experts")
@allow(*experts.MANAGERS)
def expert_pool() -> ResponseReturnValue:
    """List the experts of the bodies whose pool the person keeps, those who fit what is looked for."""
    form = PoolForm(request.args)
    form.validate()
    with acting() as act:
        pools = []
        for body in _bodies(act):
            months = experts.shortest_training(act.session, body)
            wanted = PoolFilter(
                text=form.q.data or "",
                field=form.field.data or "",
                seat=PanelSeat(form.seat.data) if form.seat.data else None,
                on=form.on.data,
                trained_months=months,
            )
            rows = [_row(one, months) for one in experts.pool(act.session, body.id, wanted)]
            pools.append((body, rows))
        return render_template("reviewer/experts.html", pools=pools, form=form)


def _row(row: Expert, months: int | None) -> dict[str, Any]:
    return {"expert": row, "trained_until": experts.trained_until(row, months) if months else row.trained_on}


@reviewer.route("/experts/new", methods=["GET", "POST"])
@allow(*experts.MANAGERS)
def invite_expert() -> ResponseReturnValue:
    """Put somebody into the pool; who has no part in the body yet gets an invitation by mail."""
    form = InviteForm()
    with acting() as act:
        form.body.choices = [(str(one.id), text(one.names)) for one in _bodies(act)]
    if form.validate_on_submit():
        try:
            with acting() as act:
                row = invitations.invite(
                    act.session,
                    uuid.UUID(form.body.data),
                    form.name.data or "",
                    form.email.data or "",
                    form.language.data,
                    form.details(),
                    **act.by,
                )
                joined, expert_id = row.account_id is not None, row.id
            flash(
                gettext("The person is in the pool.")
                if joined
                else gettext("An invitation will be mailed to the person.")
            )
            return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)
        except InvalidInput as error:
            put_errors(form, error, NAMES)
        except Conflict:
            form.email.errors = [*form.email.errors, gettext("The pool has this address already.")]
    page = render_template("reviewer/expert_new.html", form=form)
    return page, 422 if form.errors or form.form_errors else 200


@reviewer.get("/experts/me")
@allow(SIGNED_IN)
def own_experts() -> ResponseReturnValue:
    """Lead somebody to their own entry; list them where several bodies have the person in their pool."""
    with acting() as act:
        rows = experts.mine(act.session, act.actor)
        if len(rows) == 1:
            return redirect(url_for("reviewer.expert", expert_id=rows[0].id))
        return render_template("reviewer/experts_own.html", rows=rows)


@reviewer.route("/experts/<uuid:expert_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def expert(expert_id: uuid.UUID) -> ResponseReturnValue:
    """Show an entry of the pool, and change it: all of it who keeps the pool, their own words the expert."""
    with acting() as act:
        row = experts.visible(act.session, expert_id, **act.by)
        manages = experts.is_manager(act.session, row.body_id, act.actor, act.at)
        kind: type[OwnExpertForm] = ExpertForm if manages else OwnExpertForm
        form = kind(data=held(row)) if request.method == "GET" else kind()
    if form.validate_on_submit():
        try:
            with acting() as act:
                experts.edit(act.session, expert_id, form.details(), version=posted_version(), **act.by)
            flash(gettext("The entry is saved."))
            return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)
        except InvalidInput as error:
            put_errors(form, error, NAMES)
    return _expert_page(expert_id, form, manages)


def _expert_page(expert_id: uuid.UUID, form: FlaskForm, manages: bool) -> ResponseReturnValue:
    query = request.args.get("q", "").strip()[:200]
    with acting() as act:
        row = experts.visible(act.session, expert_id, **act.by)
        named = {tie.institution_id for tie in row.ties}
        found = institutions.search(act.session, query, limit=LISTED_INSTITUTIONS) if query else ()
        page = render_template(
            "reviewer/expert.html",
            expert=row,
            form=form,
            manages=manages,
            own=row.account_id == act.actor,
            institutions={one: act.session.get_one(Institution, one) for one in named},
            found=found,
            query=query,
            waiting=[one for one in row.invitations if not one.accepted_at and not one.withdrawn_at],
        )
    return page, 422 if form.errors or form.form_errors else 200


@reviewer.post("/experts/<uuid:expert_id>/known-conflicts")
@allow(SIGNED_IN)
def note_expert_tie(expert_id: uuid.UUID) -> ResponseReturnValue:
    """Note a known conflict with an institution."""
    try:
        institution_id = uuid.UUID(request.form.get("institution", ""))
    except ValueError as error:
        raise NotFound("no such institution") from error
    with acting() as act:
        experts.note_tie(act.session, expert_id, institution_id, request.form.get("reason", ""), **act.by)
    flash(gettext("The conflict is noted: the person will not sit on panels for this institution."))
    return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)


@reviewer.post("/experts/<uuid:expert_id>/known-conflicts/<uuid:tie_id>/end-conflict")
@allow(*experts.MANAGERS)
def end_expert_tie(expert_id: uuid.UUID, tie_id: uuid.UUID) -> ResponseReturnValue:
    """Note that a known conflict has ended."""
    with acting() as act:
        experts.end_tie(act.session, tie_id, **act.by)
    flash(gettext("The conflict has ended."))
    return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)


@reviewer.post("/experts/<uuid:expert_id>/invite-again")
@allow(*experts.MANAGERS)
def invite_expert_again(expert_id: uuid.UUID) -> ResponseReturnValue:
    """Send another invitation."""
    with acting() as act:
        invitations.invite_again(act.session, expert_id, **act.by)
    flash(gettext("Another invitation will be mailed; the earlier link no longer works."))
    return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)


@reviewer.post("/experts/<uuid:expert_id>/leave-pool")
@allow(SIGNED_IN)
def expert_leaves(expert_id: uuid.UUID) -> ResponseReturnValue:
    """Take an expert out of the pool."""
    with acting() as act:
        experts.leave(act.session, expert_id, **act.by)
    flash(gettext("The person has left the pool. Parts that they play already go on."))
    return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)


@reviewer.post("/experts/<uuid:expert_id>/rejoin-pool")
@allow(*experts.MANAGERS)
def expert_returns(expert_id: uuid.UUID) -> ResponseReturnValue:
    """Take an expert who had left into the pool again."""
    with acting() as act:
        experts.come_back(act.session, expert_id, **act.by)
    flash(gettext("The person is in the pool."))
    return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)


@reviewer.route("/invitations/<secret>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def invitation(secret: str) -> ResponseReturnValue:
    """Show an invitation to somebody who has signed in, and let them accept it."""
    if request.method == "POST":
        with acting() as act:
            expert_id = invitations.accept(act.session, secret, **act.by).id
        flash(gettext("You are in the pool. Say when you are available, and with whom you have conflicts."))
        return redirect(url_for("reviewer.expert", expert_id=expert_id), 303)
    with acting() as act:
        found = invitations.open_invitation(act.session, secret, at=act.at)
        return render_template("reviewer/invitation.html", invitation=found, expert=found.expert)


for _rule in ("known-conflicts", "invite-again", "leave-pool", "rejoin-pool"):
    leads_back(reviewer, f"/experts/<uuid:expert_id>/{_rule}", "reviewer.expert")
leads_back(
    reviewer, "/experts/<uuid:expert_id>/known-conflicts/<uuid:tie_id>/end-conflict", "reviewer.expert"
)
del _rule
