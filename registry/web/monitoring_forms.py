"""Forms of monitoring: what came of an item, what somebody saw, what an issuer shows, reports and asks for."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired

_CHOOSE = InputRequired(lazy_gettext("Choose one."))


class CloseItemForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What came of an item."""

    result = RadioField(lazy_gettext("What came of it?"), validators=[_CHOOSE])
    reasons = TextAreaField(
        lazy_gettext("What you found and did"),
        validators=[InputRequired(lazy_gettext("Say what you found and did."))],
    )


class NoteSignalForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A signal that a person has noticed."""

    signal = SelectField(lazy_gettext("Signal"), validators=[_CHOOSE])
    text = TextAreaField(
        lazy_gettext("What was seen, where and when"),
        validators=[InputRequired(lazy_gettext("Say what was seen."))],
    )


class MetForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """That a condition is met."""

    reasons = TextAreaField(
        lazy_gettext("How the condition is met"),
        validators=[InputRequired(lazy_gettext("Give your reasons."))],
    )


class ShowConditionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What an issuer hands in for a condition."""

    text = TextAreaField(
        lazy_gettext("How is the condition met?"),
        validators=[InputRequired(lazy_gettext("Say how the condition is met."))],
    )
    file = FileField(lazy_gettext("File"))


class ReportChangeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A change that an issuer tells."""

    change = SelectField(lazy_gettext("What changes?"), validators=[_CHOOSE])
    text = TextAreaField(
        lazy_gettext("What changes, and from when"),
        validators=[InputRequired(lazy_gettext("Say what changes."))],
    )
