"""Forms of the expert pool, and how what they hold becomes details of an expert."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, Optional, ValidationError

from registry.domain.roles import PanelSeat
from registry.models.people import Expert
from registry.services.experts import ExpertDetails
from registry.web.labels import label

SEATS = tuple(PanelSeat)


class OwnExpertForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What an expert says of themself."""

    profile_en = TextAreaField(lazy_gettext("Short profile in English"))
    profile_pl = TextAreaField(lazy_gettext("Short profile in Polish"))
    languages = StringField(lazy_gettext("Languages"))
    employer_name = StringField(lazy_gettext("Employer"))
    employer_id = StringField(lazy_gettext("Identifier of the employer"))
    periods = TextAreaField(lazy_gettext("When available"))

    def details(self) -> ExpertDetails:
        """Return what the form holds; what it does not show stays empty."""
        data: Mapping[str, Any] = self.data
        return ExpertDetails(
            profile={"en": data["profile_en"] or "", "pl": data["profile_pl"] or ""},
            languages=_words(data["languages"]),
            employer_name=data["employer_name"] or "",
            employer_id=data["employer_id"] or "",
            periods=_periods(data["periods"] or ""),
            fields=_words(data.get("fields")),
            seats=tuple(PanelSeat(seat) for seat in data.get("seats") or ()),
            trained_on=data.get("trained_on"),
        )

    def validate_periods(self, field: Any) -> None:
        """Say which line is no period."""
        _periods(field.data or "")


class ExpertForm(OwnExpertForm):
    """What whoever keeps the pool says of an expert."""

    fields = StringField(lazy_gettext("Fields (ISCED-F codes)"))
    seats = SelectMultipleField(lazy_gettext("Seats on a panel"), choices=[])
    trained_on = DateField(lazy_gettext("Day of the last training"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats.choices = [(seat.value, label(seat)) for seat in SEATS]


class InviteForm(ExpertForm):
    """A new expert: who, and what whoever keeps the pool knows already."""

    body = SelectField(lazy_gettext("Accreditation body"))
    name = StringField(
        lazy_gettext("First name and surname"), validators=[InputRequired(lazy_gettext("Write the name."))]
    )
    email = StringField(
        lazy_gettext("E-mail address"), validators=[InputRequired(lazy_gettext("Enter the e-mail address."))]
    )
    language = SelectField(
        lazy_gettext("Language of the invitation"),
        choices=[SelectChoice("en", "English"), SelectChoice("pl", "Polski")],
    )


class PoolForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """What to look for in a pool."""

    class Meta:
        """A search changes nothing, so it needs no token."""

        csrf = False

    q = StringField(lazy_gettext("Name, address or employer"))
    field = StringField(lazy_gettext("Field (ISCED-F code)"))
    seat = SelectField(lazy_gettext("Seat on the panel"), validators=[Optional()])
    on = DateField(lazy_gettext("Available, with valid training, on"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seat.choices = [("", gettext("Any")), *((seat.value, label(seat)) for seat in SEATS)]


def held(row: Expert) -> dict[str, Any]:
    """Return what a form shows of an expert."""
    return {
        "profile_en": row.profile.get("en", ""),
        "profile_pl": row.profile.get("pl", ""),
        "languages": ", ".join(row.languages),
        "employer_name": row.employer_name,
        "employer_id": row.employer_id,
        "periods": "\n".join(f"{one.starts} {one.ends}" for one in row.periods),
        "fields": ", ".join(row.fields),
        "seats": list(row.seats),
        "trained_on": row.trained_on,
    }


NAMES = {"profile": "profile_en"}
"""Names that the service has for fields of the forms."""


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in (text or "").replace(",", " ").split() if word)


def _periods(text: str) -> tuple[tuple[date, date], ...]:
    """Return the periods of a text, one a line: first day, a space, last day.

    Raises:
        ValidationError: names the line that is no period.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace("–", " ").split()
        if not words:
            continue
        try:
            starts, ends = (date.fromisoformat(word) for word in words)
        except ValueError as error:
            message = gettext(
                "Line %(number)s: write two days, such as 2027-01-15 2027-06-30.", number=number
            )
            raise ValidationError(message) from error
        found.append((starts, ends))
    return tuple(found)
