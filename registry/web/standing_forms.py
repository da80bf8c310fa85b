"""Forms of what two people stand behind: orders on a standing, keys, institution events, and the second word."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired

_REASONS = InputRequired(lazy_gettext("Give your reasons."))


class ReasonsForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """Reasons alone."""

    reasons = TextAreaField(lazy_gettext("Reasons"), validators=[_REASONS])


class WarningForm(ReasonsForm):
    """A note that is published in both languages."""

    text_en = TextAreaField(
        lazy_gettext("Text of the warning in English"),
        validators=[InputRequired(lazy_gettext("Write the text in English."))],
    )
    text_pl = TextAreaField(
        lazy_gettext("Text of the warning in Polish"),
        validators=[InputRequired(lazy_gettext("Write the text in Polish."))],
    )


class UrgentForm(ReasonsForm):
    """An urgent suspension."""

    ground = SelectField(lazy_gettext("Ground"), validators=[InputRequired(lazy_gettext("Choose one."))])


class CompromiseForm(ReasonsForm):
    """Since when a key is in other hands."""

    since = StringField(
        lazy_gettext("Since when (day and time, UTC)"),
        validators=[InputRequired(lazy_gettext("Say since when."))],
    )


class TermsForm(ReasonsForm):
    """What a stop says about those who learn there."""

    teach_out_until = StringField(lazy_gettext("Those enrolled are taught until"))
    records_kept_by = StringField(lazy_gettext("Who keeps the records of learners"))
    status_service_kept_by = StringField(lazy_gettext("Who keeps the status service of credentials running"))


class RelinquishForm(TermsForm):
    """A recognition given up."""

    day = StringField(lazy_gettext("From which day"))


class SecondWordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The second person's word."""

    answer = RadioField(
        lazy_gettext("Do you stand behind this?"),
        choices=[
            SelectChoice("confirm", lazy_gettext("Yes, I confirm it")),
            SelectChoice("turn_down", lazy_gettext("No, I turn it down")),
        ],
        validators=[InputRequired(lazy_gettext("Choose one."))],
    )
    reasons = TextAreaField(lazy_gettext("Reasons"))


def stated_terms(form: TermsForm) -> dict[str, str]:
    """Return the terms that a form states, in wire form; what was left empty is not said."""
    names = ("teach_out_until", "records_kept_by", "status_service_kept_by")
    given = {name: (form[name].data or "").strip() for name in names}
    return {name: text for name, text in given.items() if text}
