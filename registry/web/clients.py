"""Programs that may use the API: whoever has charge of a body or an institution registers them and shuts them out."""

import uuid
from collections.abc import Sequence
from typing import Final

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired

from registry.domain.api_scopes import WORK
from registry.domain.roles import Role
from registry.errors import InvalidInput
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.models.oauth import ApiClient
from registry.services import api_clients, desk, institutions
from registry.web.admin import admin
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.work import leads_back, put_errors

IN_CHARGE: Final = (Role.ADMINISTRATOR, Role.OWNER)
_TOLD: Final = {
    Role.CONTRIBUTOR: lazy_gettext("For an institution: write drafts; a person submits them."),
    Role.INTAKE_OFFICER: lazy_gettext("For a body: open cases, check completeness, give parts."),
    Role.CASE_OFFICER: lazy_gettext("For a body: lead cases from step to step; people decide."),
    Role.AUDITOR: lazy_gettext("For a body: read its cases."),
}


class ClientForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A program to be registered."""

    holder = SelectField(
        lazy_gettext("Whose program is it?"), validators=[InputRequired(lazy_gettext("Choose one."))]
    )
    name = StringField(
        lazy_gettext("Name of the program"),
        validators=[InputRequired(lazy_gettext("Give the program a name."))],
    )
    roles = SelectMultipleField(
        lazy_gettext("Roles of the program"), validators=[InputRequired(lazy_gettext("Choose at least one."))]
    )


@admin.route("/clients", methods=["GET", "POST"])
@allow(*IN_CHARGE)
def clients() -> ResponseReturnValue:
    """List the programs, and register one; its secret is kept nowhere, so there is no redirect."""
    form = ClientForm()
    with acting() as act:
        _offer(act, form)
    if form.validate_on_submit():
        try:
            with acting() as act:
                secret, client = api_clients.register(act.session, _new(form), **act.by)
                return _page(act, ClientForm(formdata=None), client, secret)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        return _page(act, form), 422 if form.errors or form.form_errors else 200


def _offer(act: Acting, form: ClientForm) -> None:
    form.holder.choices = _holders(act)
    form.roles.choices = [(work.role.value, label(work.role)) for work in WORK]


def _holders(act: Acting) -> list[tuple[str, str]]:
    bodies = desk.bodies_of(act.session, Role.ADMINISTRATOR, **act.by)
    owned = [
        one
        for one in institutions.institutions_of(act.session, act.actor)
        if api_clients.is_in_charge(act.session, None, one.id, **act.by)
    ]
    return [
        *((f"body:{body.id}", text(body.names)) for body in bodies),
        *((f"institution:{one.id}", one.name) for one in owned),
    ]


def _new(form: ClientForm) -> api_clients.NewClient:
    kind, _, holder = str(form.holder.data).partition(":")
    return api_clients.NewClient(
        form.name.data or "",
        frozenset(Role(value) for value in form.roles.data or ()),
        **{f"{kind}_id": uuid.UUID(holder)},
    )


def _page(act: Acting, form: ClientForm, fresh: ApiClient | None = None, secret: str | None = None) -> str:
    _offer(act, form)
    rows: Sequence[tuple[ApiClient, Sequence[Role]]] = [
        (client, api_clients.roles_of_client(act.session, client))
        for client in api_clients.clients_of(act.session, **act.by)
    ]
    return render_template(
        "admin/clients.html",
        form=form,
        rows=rows,
        fresh=fresh,
        secret=secret,
        holders=dict(_holders(act)),
        usable_after=api_clients.USABLE_AFTER,
        told={role.value: told for role, told in _TOLD.items()},
    )


@admin.post("/clients/<uuid:client_id>/secret")
@allow(*IN_CHARGE)
def rotate_client(client_id: uuid.UUID) -> ResponseReturnValue:
    """Give a program a new secret and show it this once."""
    with acting() as act:
        secret = api_clients.rotate_secret(act.session, client_id, **act.by)
        client = api_clients.in_charge_of(act.session, client_id, **act.by)
        return _page(act, ClientForm(formdata=None), client, secret)


@admin.post("/clients/<uuid:client_id>/revoke")
@allow(*IN_CHARGE)
def revoke_client(client_id: uuid.UUID) -> ResponseReturnValue:
    """Shut a program out."""
    with acting() as act:
        api_clients.revoke(act.session, client_id, **act.by)
    flash(gettext("The program is shut out."))
    return redirect(url_for("admin.clients"), 303)


leads_back(admin, "/clients/<uuid:client_id>/secret", "admin.clients")
leads_back(admin, "/clients/<uuid:client_id>/revoke", "admin.clients")
