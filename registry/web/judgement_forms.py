"""What the forms of the judgement share: fields made of what was typed and refused, criteria to choose from, agendas."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask import request
from flask_babel import gettext

from registry.domain.policy import Policy
from registry.domain.visits import AgendaItem, VisitGroup, VisitMode
from registry.errors import Conflict, FieldError, InvalidInput
from registry.http.acting import Acting, acting
from registry.web.i18n import day, text
from registry.web.labels import label
from registry.web.sentences import sentence
from registry.web.work import errors_at, problems_of

AGENDA_ROWS: Final = 8
"""Rows of an agenda that a page without scripts offers at least; two more than are filled in."""


def tried(change: Callable[[Acting], object]) -> list[FieldError]:
    """Make a change in one transaction and return what was wrong with what was typed; empty when it was made."""
    try:
        with acting() as act:
            change(act)
    except InvalidInput as error:
        return problems_of(error)
    return []


def tried_or_overtaken(change: Callable[[Acting], object]) -> tuple[list[FieldError], int]:
    """As `tried`, with the status of the answer; who was overtaken keeps what they typed and sees what is there now."""
    try:
        problems = tried(change)
    except Conflict as error:
        return [FieldError("", sentence(str(error)))], 409
    return problems, 422 if problems else 303


def field(
    name: str, problems: Sequence[FieldError] = (), data: Any = "", choices: Sequence[Any] = ()
) -> dict[str, Any]:
    """Return a field for the form macros: what was typed, else `data`, with what was wrong."""
    typed = request.method == "POST" and name in request.form
    many = isinstance(data, list)
    shown = (request.form.getlist(name) if many else request.form.get(name, "")) if typed else data
    return {
        "name": name,
        "id": name.replace(".", "-"),
        "data": shown,
        "errors": errors_at(problems).get(name, []),
        "choices": choices,
    }


def fields(
    problems: Sequence[FieldError], kept: Mapping[str, Any], choices: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Return several fields by name, with what they keep."""
    return {name: field(name, problems, data, (choices or {}).get(name, ())) for name, data in kept.items()}


def criteria_choices(policy: Policy) -> list[tuple[str, str]]:
    """Return (id, id and title) of every criterion."""
    return [(c.id, f"{c.id} {text(c.title)}") for c in policy.criteria]


def group_choices() -> list[tuple[str, str]]:
    """Return whom a panel may meet."""
    return [(group.value, label(group)) for group in VisitGroup]


def posted_agenda() -> list[AgendaItem]:
    """Return the rows of an agenda that were filled in.

    Raises:
        InvalidInput: a row names nobody whom the panel could meet.
    """
    rows = range(100)
    found = []
    for number in rows:
        starts, group, subject = (
            request.form.get(f"{name}-{number}", "").strip() for name in ("starts", "group", "subject")
        )
        if not starts and not subject:
            continue
        if group not in {member.value for member in VisitGroup}:
            message = "choose whom the panel meets"
            raise InvalidInput(message, [FieldError("agenda", message)])
        found.append(AgendaItem(starts, VisitGroup(group), subject))
    return found


def agenda_rows(kept: Sequence[AgendaItem]) -> list[dict[str, str]]:
    """Return the rows of an agenda to show: what was typed, else what is kept, and empty ones below."""
    if request.method == "POST":
        names = ("starts", "group", "subject")
        typed = [{n: request.form.get(f"{n}-{i}", "") for n in names} for i in range(100)]
        filled = [row for row in typed if row["starts"] or row["subject"]]
    else:
        filled = [{"starts": i.starts, "group": i.group.value, "subject": i.subject} for i in kept]
    missing = max(AGENDA_ROWS - len(filled), 2)
    empty = [{"starts": "", "group": "", "subject": ""} for _ in range(missing)]
    if not filled:
        empty[0]["group"] = VisitGroup.LEARNERS.value  # whom every visit meets
    return filled + empty


def visit_words(visit: Mapping[str, str]) -> str:
    """Return what a filed report says of a visit that took place; its `mode` and `day` are kept in wire form."""
    when = str(day(date.fromisoformat(visit["day"])).striptags())
    return str(
        gettext("The panel visited the institution on %(day)s.", day=when)
        if visit["mode"] == VisitMode.ON_SITE.value
        else gettext("The panel held its visit remotely, on %(day)s.", day=when)
    )


def group_word(value: str) -> str:
    """Return whom a panel meets, in words."""
    return label(VisitGroup(value))
