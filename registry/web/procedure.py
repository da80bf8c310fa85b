"""The procedure as people read it, drawn from the tables of the workflow and its clocks: for a page and for the docs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from registry.domain.clocks import CLOCKS, Side, clock_of
from registry.domain.policy import Policy
from registry.domain.trust_list import Text
from registry.domain.workflow import ANYTIME, TRANSITIONS, Action, State, Transition
from registry.http import known_policies
from registry.http.access import PUBLIC, allow
from registry.web.i18n import current_language
from registry.web.labels import LABELS
from registry.web.public import public

Language = str


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state: its steps, whose days run in it, and how many each policy gives (policy id -> days)."""

    state: State
    name: str
    side: str
    days: Mapping[str, int]
    steps: Sequence[tuple[str, str, str, str]]
    """Step, where it leads, who takes it, what has to hold."""


def word(member: object, language: Language) -> str:
    """Return the label of an enumeration's member."""
    found: Text = LABELS[type(member)][str(member)]  # type: ignore[index]  # only members of enumerations come here
    return found[language]


def rows(language: Language, policies: Sequence[Policy]) -> tuple[StateRow, ...]:
    """Return every state in the order of the table, with its steps; what is possible at any time comes apart."""
    return tuple(
        StateRow(
            state,
            word(state, language),
            word(CLOCKS[state].side, language) if state in CLOCKS else _appeal_side(state, language),
            {p.id: clock[1] for p in policies if (clock := clock_of(p, state))},
            tuple(_step(t, language) for t in _steps_of(state)),
        )
        for state in State
    )


def anytime(language: Language) -> tuple[tuple[str, str, str, str], ...]:
    """Return the steps that are possible from many states, each once."""
    once: dict[Action, Transition] = {t.action: t for t in TRANSITIONS if t.action in ANYTIME}
    return tuple(_step(t, language) for t in once.values())


def _appeal_side(state: State, language: Language) -> str:
    sides = {State.APPEAL_WINDOW: Side.APPLICANT, State.INELIGIBLE: Side.APPLICANT, State.APPEAL: Side.BODY}
    return word(sides[state], language) if state in sides else ""


def _steps_of(state: State) -> Iterator[Transition]:
    return (t for t in TRANSITIONS if t.source is state and t.action not in ANYTIME)


def _step(transition: Transition, language: Language) -> tuple[str, str, str, str]:
    back = {"en": "back to where it was", "pl": "tam, gdzie sprawa była"}[language]
    return (
        word(transition.action, language),
        word(transition.target, language) if transition.target else back,
        ", ".join(sorted(word(role, language) for role in transition.roles)),
        "; ".join(word(guard, language) for guard in sorted(transition.guards)),
    )


def mermaid(language: Language) -> str:
    """Return the diagram of all states and steps in Mermaid's notation; steps possible at any time are left out."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    lines += [f'    state "{word(state, language)}" as {state.value}' for state in State]
    lines += [
        f"    {t.source.value} --> {t.target.value}: {word(t.action, language)}"
        for t in TRANSITIONS
        if t.action not in ANYTIME and t.target is not None
    ]
    return "\n".join(lines)


def markdown(language: Language, policies: Sequence[Policy]) -> str:
    """Return the table of states and steps for the docs."""
    heads = {
        "en": ("State", "Step", "Leads to", "Taken by", "Holds before", "Working days"),
        "pl": ("Stan", "Krok", "Prowadzi do", "Wykonuje", "Musi być spełnione", "Dni robocze"),
    }[language]
    lines = [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for row in rows(language, policies):
        days = f"{' / '.join(map(str, row.days.values()))} ({row.side})" if row.days else row.side
        for number, step in enumerate(row.steps or [("", "", "", "")]):
            first = (f"**{row.name}**", days) if number == 0 else ("", "")
            lines.append(f"| {first[0]} | {' | '.join(step)} | {first[1]} |")
    return "\n".join(lines)


@public.get("/procedure")
@allow(PUBLIC)
def procedure() -> ResponseReturnValue:
    """Show how a review goes, step by step, with the days of every policy."""
    known = [item.policy for item in known_policies.newest().values()]
    language = current_language()
    return render_template(
        "public/procedure.html", rows=rows(language, known), anytime=anytime(language), policies=known
    )
