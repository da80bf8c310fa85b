"""Forms of the signed-in pages. Services say what a field must be; forms only ask for what is missing."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, Optional

_CHOOSE = InputRequired(lazy_gettext("Choose one."))


class ClaimForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """On what grounds somebody acts for an institution."""

    statement = TextAreaField(
        lazy_gettext("On what grounds do you act for this institution?"),
        validators=[InputRequired(lazy_gettext("Say on what grounds you act for it."))],
    )


class InstitutionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """An institution that no source has brought."""

    legal_name = StringField(
        lazy_gettext("Legal name"), validators=[InputRequired(lazy_gettext("Enter the legal name."))]
    )
    name_en = StringField(lazy_gettext("Name in English"))
    name_pl = StringField(lazy_gettext("Name in Polish"))
    kind = SelectField(lazy_gettext("Kind of institution"), validators=[_CHOOSE])
    country = SelectField(lazy_gettext("Country"), validators=[_CHOOSE])
    street = StringField(
        lazy_gettext("Street and number"), validators=[InputRequired(lazy_gettext("Enter the street."))]
    )
    postal_code = StringField(
        lazy_gettext("Postal code"), validators=[InputRequired(lazy_gettext("Enter the postal code."))]
    )
    locality = StringField(lazy_gettext("Town"), validators=[InputRequired(lazy_gettext("Enter the town."))])
    website = StringField(lazy_gettext("Website"))
    scheme = SelectField(lazy_gettext("Identifier in a register"))
    identifier = StringField(lazy_gettext("Its value"))


class StartForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """Who applies, and in which scheme."""

    institution = RadioField(lazy_gettext("For which institution do you apply?"), validators=[_CHOOSE])
    scheme = RadioField(lazy_gettext("In which scheme?"), validators=[_CHOOSE])


class EvidenceForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A file, or a text or address, for one piece of evidence."""

    file = FileField(lazy_gettext("File"))
    text = TextAreaField(lazy_gettext("Text"))
    issued_on = StringField(lazy_gettext("Day of the document"))
    items = StringField(lazy_gettext("How many does it hold?"))


class KeyForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """An issuing identity."""

    kind = RadioField(lazy_gettext("What do you sign with?"), validators=[_CHOOSE])
    text = TextAreaField(lazy_gettext("DID, certificate or request (PEM), or JWK"))
    file = FileField(lazy_gettext("Or the certificate or request as a file"))
    platform = SelectField(lazy_gettext("Platform"), validators=[Optional()])
    profile = StringField(lazy_gettext("Your profile id on the platform"))


class ProofForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The signed challenge."""

    proof = TextAreaField(
        lazy_gettext("Signature or JWS"),
        validators=[InputRequired(lazy_gettext("Paste the signature."))],
    )


class SubmitForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The declaration under an application."""

    declared = BooleanField(
        lazy_gettext(
            "I declare that what is handed in is true and complete, and that I may sign for the institution."
        ),
        validators=[InputRequired(lazy_gettext("Make the declaration to submit."))],
    )


class TextForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """One text: an answer, a summary, a note."""

    text = TextAreaField(validators=[InputRequired(lazy_gettext("Write something."))])


class JudgeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """Somebody's word on a claim."""

    confirmed = RadioField(
        lazy_gettext("Does this person act for the institution?"),
        choices=[
            SelectChoice("yes", lazy_gettext("Yes, I confirm the claim")),
            SelectChoice("no", lazy_gettext("No, I refuse the claim")),
        ],
        validators=[_CHOOSE],
    )
    basis = TextAreaField(
        lazy_gettext("What did you see?"), validators=[InputRequired(lazy_gettext("Say what you saw."))]
    )


class MotionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What the chair puts to the vote."""

    outcome = RadioField(lazy_gettext("Outcome"), validators=[_CHOOSE])
    reasons = TextAreaField(lazy_gettext("Reasons"))
    records_kept_by = StringField(lazy_gettext("Who keeps the records of learners"))
    status_service_kept_by = StringField(lazy_gettext("Who keeps the status service of credentials running"))
    teach_out_until = StringField(lazy_gettext("Those enrolled are taught until"))
    remedy_en = TextAreaField(lazy_gettext("Remedy for learners, in English"))
    remedy_pl = TextAreaField(lazy_gettext("Remedy for learners, in Polish"))


class VoteForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """One vote."""

    ballot = RadioField(lazy_gettext("Your vote"), validators=[_CHOOSE])


class HearingForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """The notice before a suspension or a withdrawal."""

    measure = SelectField(lazy_gettext("Measure and ground"), validators=[_CHOOSE])
    notice = TextAreaField(
        lazy_gettext("Notice to the issuer"),
        validators=[InputRequired(lazy_gettext("Tell the issuer what happened and what may follow."))],
    )


class GrantForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A role of a body for somebody."""

    body = SelectField(lazy_gettext("Accreditation body"), validators=[_CHOOSE])
    email = StringField(
        lazy_gettext("E-mail address"), validators=[InputRequired(lazy_gettext("Enter the e-mail address."))]
    )
    role = SelectField(lazy_gettext("Role"), validators=[_CHOOSE])
