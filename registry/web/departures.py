"""People who leave: an operator closes the account, and proposes to erase what is personal; another operator confirms."""

from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from registry.domain.roles import Role
from registry.errors import Conflict, InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.services import accounts, two_people
from registry.web.records import records
from registry.web.sentences import sentence
from registry.web.work import put_errors

ERASE: Final = "erase"
"""What the button sends that proposes the erasure; the other one closes the account."""


class DepartureForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """Who leaves, and why what is personal goes."""

    email = StringField(
        lazy_gettext("E-mail address"), validators=[InputRequired(lazy_gettext("Enter the e-mail address."))]
    )
    reasons = TextAreaField(lazy_gettext("Reasons for the erasure"))


@records.route("/admin/departures", methods=["GET", "POST"])
@allow(Role.OPERATOR)
def departures() -> ResponseReturnValue:
    """Close the account of somebody who leaves; propose to erase their personal data."""
    form, status = DepartureForm(), 422
    if form.validate_on_submit():
        try:
            with acting() as act:
                said = _done(act, form)
            flash(said)
            return redirect(url_for("records.departures"), 303)
        except NotFound:
            form.email.errors = [*form.email.errors, gettext("There is no account with this address.")]
        except InvalidInput as error:
            put_errors(form, error, {"object_id": "email"})
        except Conflict as error:
            form.email.errors, status = [*form.email.errors, sentence(str(error))], 409
    page = render_template("records/departures.html", form=form, erase=ERASE)
    return page, status if form.errors or form.form_errors else 200


def _done(act: Acting, form: DepartureForm) -> str:
    account = accounts.account_by_email(act.session, form.email.data or "")
    if request.form.get("do") == ERASE:
        two_people.propose_erasure(act.session, account.id, form.reasons.data or "", **act.by)
        return str(gettext("Proposed; another operator confirms it."))
    accounts.disable_account(act.session, account.id, **act.by)
    return str(gettext("The account is closed."))
