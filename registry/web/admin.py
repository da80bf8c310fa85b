"""For administrators of a body and the operator: people and roles, open work, what is published, policies in force."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import BODY_ROLES, Role
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.http.access import allow, signed_in_actor
from registry.http.acting import Acting, acting
from registry.http.editions import published
from registry.models.body import Body
from registry.models.institution import WorkItem
from registry.publishers.traits import REGISTRY
from registry.services import accounts, bodies, desk, work_items
from registry.web.formats import format_text
from registry.web.forms import GrantForm, TextForm
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.sentences import sentence
from registry.web.work import leads_back, put_errors, work_blueprint

admin = work_blueprint("admin", "/admin")
WORK_PAGE: Final = 20
"""Open items on one page."""
ADMINISTRATORS = (Role.ADMINISTRATOR, Role.OPERATOR)
WHOLE: Final = "registry"
"""What the form sends where a role is given for the whole registry."""
READERS = (*ADMINISTRATORS, Role.REGISTRAR, Role.AUDITOR)


@admin.get("")
@allow(*READERS)
def index() -> ResponseReturnValue:
    """Show the ways into administration."""
    actor = signed_in_actor()
    return render_template(
        "admin/index.html",
        administers=actor.holds(*ADMINISTRATORS),
        operates=actor.holds(Role.OPERATOR),
        keeps_pool=actor.holds(Role.ADMINISTRATOR),
        audits=actor.holds(Role.AUDITOR),
        registers=actor.holds(Role.REGISTRAR),
    )


def _bodies(act: Acting, *roles: Role) -> Sequence[Body]:
    """Return the bodies of a person; all of them for the operator."""
    if signed_in_actor().holds(Role.OPERATOR):
        return desk.all_bodies(act.session)
    return desk.bodies_of(act.session, *roles, **act.by)


@admin.route("/people", methods=["GET", "POST"])
@allow(*ADMINISTRATORS)
def people() -> ResponseReturnValue:
    """Show who holds which role for a body, and give a role."""
    form, status = GrantForm(), 422
    with acting() as act:
        form.body.choices = [(str(one.id), text(one.names)) for one in _bodies(act, Role.ADMINISTRATOR)]
    if signed_in_actor().holds(Role.OPERATOR):
        form.body.choices.append(
            (WHOLE, gettext("The whole registry (auditors, confirmed by another operator)"))
        )
    form.role.choices = [("", gettext("Choose")), *_roles()]
    if form.validate_on_submit():
        try:
            with acting() as act:
                _grant(act, form)
            flash(gettext("The role has been given."))
            return redirect(url_for("admin.people"), 303)
        except NotFound:
            form.email.errors = [*form.email.errors, gettext("There is no account with this address.")]
        except InvalidInput as error:
            put_errors(form, error)
        except Conflict as error:  # a role that this person cannot hold beside another
            form.role.errors = [*form.role.errors, sentence(str(error))]
            status = 409
    with acting() as act:
        rows = [
            (text(body.names), desk.grants_at(act.session, body.id))
            for body in _bodies(act, Role.ADMINISTRATOR)
        ]
        if signed_in_actor().holds(Role.OPERATOR):
            rows.append((gettext("The whole registry"), desk.grants_at(act.session, None)))
        usable_from = {
            grant.id: None if accounts.waits_for_second(grant) else accounts.usable_from(grant)
            for _place, grants in rows
            for grant, _account in grants
            if not accounts.is_usable(grant, act.at)
        }
        page = render_template(
            "admin/people.html", form=form, rows=rows, usable_from=usable_from, me=act.actor
        )
    return page, status if form.errors or form.form_errors else 200


def _roles() -> list[tuple[str, str]]:
    return sorted(((role.value, label(role)) for role in BODY_ROLES), key=lambda pair: pair[1])


def _grant(act: Acting, form: GrantForm) -> None:
    account = accounts.account_by_email(act.session, form.email.data or "")
    body = None if form.body.data == WHOLE else uuid.UUID(form.body.data)
    accounts.grant_role(act.session, account.id, Role(form.role.data), body_id=body, **act.by)


@admin.post("/people/<uuid:grant_id>/end")
@allow(*ADMINISTRATORS)
def end_role(grant_id: uuid.UUID) -> ResponseReturnValue:
    """Take a role away; the grant stays on record."""
    with acting() as act:
        accounts.revoke_role(act.session, grant_id, **act.by)
    flash(gettext("The role has ended."))
    return redirect(url_for("admin.people"), 303)


@admin.post("/people/<uuid:grant_id>/confirm-role")
@allow(*ADMINISTRATORS)
def confirm_role(grant_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm a role that another person gave to themselves, so that it counts at once."""
    with acting() as act:
        accounts.confirm_grant(act.session, grant_id, **act.by)
    flash(gettext("The role is confirmed and can be used."))
    return redirect(url_for("admin.people"), 303)


@admin.get("/work")
@allow(*work_items.LOOKERS)
def work() -> ResponseReturnValue:
    """List what imports and signals noticed and a person has to look at."""
    return _work_page(None, None)


def _work_page(refused: uuid.UUID | None, form: TextForm | None) -> ResponseReturnValue:
    number = max(1, request.args.get("page", 1, type=int))
    with acting() as act:
        found, total = desk.open_work(act.session, number, WORK_PAGE)
        forms = [(item, form if item.id == refused and form else _work_form(item)) for item in found]
        page = render_template(
            "admin/work.html",
            items=forms,
            problems=form or (),
            total=total,
            page_number=number,
            pages=max(1, -(-total // WORK_PAGE)),
            page_url=lambda to: url_for("admin.work", page=to),
        )
    return page, 422 if form else 200


def _work_form(item: WorkItem) -> TextForm:
    return _named(TextForm(formdata=None), item.id)


def _named(form: TextForm, item_id: uuid.UUID) -> TextForm:
    form.text.id, form.text.label.text = f"text-{item_id}", gettext("What you found and did")
    return form


@admin.post("/work/<uuid:item_id>")
@allow(*work_items.LOOKERS)
def close_work(item_id: uuid.UUID) -> ResponseReturnValue:
    """Close an item, saying what was found and done."""
    form = _named(TextForm(), item_id)
    if not form.validate():
        return _work_page(item_id, form)
    with acting() as act:
        work_items.close(act.session, item_id, outcome=form.text.data or "", **act.by)
    flash(gettext("The work is closed."))
    return redirect(url_for("admin.work", page=request.args.get("page", 1, type=int)), 303)


@admin.get("/policies")
@allow(*READERS)
def policies() -> ResponseReturnValue:
    """List the schemes with the policy version that new applications come under."""
    with acting() as act:
        mine = {body.id for body in _bodies(act, *READERS)}
        rows = [
            (scheme, adopted, bodies.policy_of(adopted).policy)
            for scheme in desk.all_schemes(act.session)
            if scheme.body_id in mine and (adopted := _adopted(act, scheme)) is not None
        ]
        of_body = bool(desk.bodies_of(act.session, *sorted(BODY_ROLES), **act.by))
        return render_template("admin/policies.html", rows=rows, of_body=of_body)


def _adopted(act: Acting, scheme: Any) -> Any:
    try:
        return bodies.current_policy(act.session, scheme)
    except NotFound:
        return None


@admin.get("/publishing")
@allow(*READERS)
def publishing() -> ResponseReturnValue:
    """Show every published document with its sequence and times, and above them what could not be built and waits."""
    with acting() as act:
        schemes = {
            scheme.slug
            for body in _bodies(act, *READERS)
            for scheme in desk.all_schemes(act.session)
            if scheme.body_id == body.id
        }
    operates = signed_in_actor().holds(Role.OPERATOR)
    if not schemes and not operates:
        raise NotAllowed("Your roles do not include this work.")
    if operates:
        schemes.add(REGISTRY)  # documents of the whole registry are the operator's
    reader = published()
    heads = [head for head in reader.heads() if head.scheme in schemes] if reader else []
    aside = [one for one in reader.rework() if one.error and one.scheme in schemes] if reader else []
    return render_template(
        "admin/publishing.html",
        rows=[(head, _life(head, act)) for head in heads],
        aside=[(one, format_text(one.format_id), reader.head(*one.key) if reader else None) for one in aside],
        operates=operates,
        edition=reader.edition() if reader else None,
        path=request.path,
    )


def _life(head: Any, act: Acting) -> str:
    """Return whether a document is fresh, due to be signed again (half of its life), late (three quarters), or run out."""
    whole = (head.next_update - head.issued_at).total_seconds()
    used = (act.at - head.issued_at).total_seconds() / whole if whole else 1.0
    return next(
        word for bound, word in ((1.0, "out"), (0.75, "late"), (0.5, "due"), (-1e9, "fresh")) if used >= bound
    )


leads_back(admin, "/work/<uuid:item_id>", "admin.work")
leads_back(admin, "/people/<uuid:grant_id>/confirm-role", "admin.people")
