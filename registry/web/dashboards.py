"""The figures of a body: cases by stage, days per stage, what is overdue; drawn here, with the table behind each drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import dashboards
from registry.services.dashboards import Stage
from registry.web import case_view
from registry.web.i18n import number
from registry.web.labels import label
from registry.web.reviewer import reviewer

WIDTH: Final = 300
"""Length of the longest bar, in units of the drawing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is, its figure in words, its length and how much of it is late (both in units of the drawing)."""

    word: str
    figure: str
    length: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its table: `rows` are the cells of the table, the first of each its heading."""

    key: str
    title: str
    about: str
    bars: Sequence[Bar]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@reviewer.get("/body/<slug>/dashboard")
@allow(SIGNED_IN)
def dashboard(slug: str) -> ResponseReturnValue:
    """Show the figures of a body to those who may see them."""
    with acting() as act:
        found = dashboards.dashboard(act.session, slug, **act.by)
        return render_template(
            "reviewer/dashboard.html",
            found=found,
            charts=[_by_stage(found.stages), _days(found.stages)],
            tone=case_view.state_tone,
        )


def _by_stage(stages: Sequence[Stage]) -> Chart:
    shown = [one for one in stages if one.cases]
    scale = _scale([one.cases for one in shown])
    return Chart(
        "stages",
        gettext("Open cases by stage"),
        gettext("One bar per stage; the darker part, with the second figure, is overdue."),
        [
            Bar(
                label(one.state),
                gettext("%(cases)s, %(late)s overdue", cases=number(one.cases), late=number(one.overdue))
                if one.overdue
                else number(one.cases),
                scale(one.cases),
                scale(one.overdue),
            )
            for one in shown
        ],
        (gettext("Stage"), gettext("Cases"), gettext("Overdue")),
        [(label(one.state), number(one.cases), number(one.overdue)) for one in shown],
    )


def _days(stages: Sequence[Stage]) -> Chart:
    shown = [(one, one.median_days) for one in stages if one.median_days is not None]
    scale = _scale([days for _one, days in shown])
    return Chart(
        "days",
        gettext("Working days per stage"),
        gettext(
            "Half of the cases that left the stage in the last 12 months did so within this many working days."
        ),
        [Bar(label(one.state), _in_words(days), scale(days)) for one, days in shown],
        (gettext("Stage"), gettext("Median, working days"), gettext("Cases that left it")),
        [(label(one.state), _in_words(days), number(one.stays)) for one, days in shown],
    )


def _scale(values: Sequence[Fraction | int]) -> Callable[[Fraction | int], int]:
    """Return how a value becomes the length of a bar; what is not nothing stays visible."""
    top = max(values, default=0) or 1
    return lambda value: max(int(value * WIDTH / top), 2) if value else 0


def _in_words(days: Fraction) -> str:
    return number(float(days))
