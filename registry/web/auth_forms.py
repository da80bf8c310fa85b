"""Forms of the account pages. The services say what a field must be; forms only ask for what is missing."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, IntegerField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, NumberRange

from registry.errors import InvalidInput
from registry.web.i18n import LANGUAGE_NAMES

_ENTER_EMAIL = InputRequired(lazy_gettext("Enter your e-mail address."))
_LANGUAGE = RadioField(
    lazy_gettext("Language of pages and messages"),
    choices=[SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()],
    validators=[InputRequired(lazy_gettext("Choose English or Polish."))],
)


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """E-mail address and password."""

    next = HiddenField()
    email = EmailField(lazy_gettext("E-mail address"), validators=[_ENTER_EMAIL])
    password = PasswordField(
        lazy_gettext("Password"), validators=[InputRequired(lazy_gettext("Enter your password."))]
    )


class SignUpForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What a person tells of themselves to get an account."""

    name = StringField(
        lazy_gettext("Your name"), validators=[InputRequired(lazy_gettext("Enter your name."))]
    )
    email = EmailField(lazy_gettext("E-mail address"), validators=[_ENTER_EMAIL])
    password = PasswordField(
        lazy_gettext("Password"), validators=[InputRequired(lazy_gettext("Choose a password."))]
    )
    language = _LANGUAGE


class LanguageForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The language of an account."""

    language = _LANGUAGE


class PasswordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The old password and the new."""

    current = PasswordField(
        lazy_gettext("Current password"),
        validators=[InputRequired(lazy_gettext("Enter your current password."))],
    )
    new = PasswordField(
        lazy_gettext("New password"), validators=[InputRequired(lazy_gettext("Choose a new password."))]
    )


class TokenForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What a token is for and how long it lives."""

    name = StringField(
        lazy_gettext("What the token is for"),
        validators=[InputRequired(lazy_gettext("Say what the token is for."))],
    )
    days = IntegerField(
        lazy_gettext("Days until it ends"),
        default=90,
        validators=[NumberRange(1, 365, lazy_gettext("Enter a number of days from 1 to 365."))],
    )


def put_errors(form: FlaskForm, error: InvalidInput) -> None:
    """Show the problems that a service found at the fields they belong to, the others at the top."""
    for problem in error.errors or ():
        field = form._fields.get(problem.field)
        if field is None:
            form.form_errors.append(gettext(problem.message))
        else:
            field.errors = [*field.errors, gettext(problem.message)]
    if not error.errors:
        form.form_errors.append(gettext(str(error)))
