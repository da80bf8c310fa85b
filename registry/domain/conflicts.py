"""Conflicts of interest: what a declaration leads to, and when it has to be made again.

A conflict locks the file; nobody notes one and goes on. What must only be disclosed may be waived by two other people.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import COMMITTEE, PANEL, CaseRole
from registry.domain.workflow import State
from registry.errors import FieldError, InvalidInput


class DeclarationOutcome(StrEnum):
    """What a declaration of interests leads to; every one but `clean` locks the file, the later the harder."""

    CLEAN = "clean"
    DISCLOSED = "disclosed"
    SECOND_OPINION = "second_opinion"
    QUESTIONED = "questioned"
    EXCLUDED = "excluded"


WAIVABLE = frozenset(
    {DeclarationOutcome.DISCLOSED, DeclarationOutcome.SECOND_OPINION, DeclarationOutcome.QUESTIONED}
)
"""What two other people may waive: a tie to disclose, or one that was found and that the person denies."""
_EFFECTS: Mapping[str, DeclarationOutcome] = {
    "exclude": DeclarationOutcome.EXCLUDED,
    "second_opinion": DeclarationOutcome.SECOND_OPINION,
    "disclose": DeclarationOutcome.DISCLOSED,
}
_DENIED: Mapping[str, DeclarationOutcome] = {
    "exclude": DeclarationOutcome.QUESTIONED,
    "second_opinion": DeclarationOutcome.SECOND_OPINION,
    "disclose": DeclarationOutcome.CLEAN,
}
"""What a tie leads to that the registry found and the person denies, by the effect of its rule."""
_HARDER = tuple(DeclarationOutcome)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one rule: does the tie exist, and what it is (or, where one was found, why it is none)."""

    yes: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A tie that the registry found: under which rule of the policy, by which hint, and what it saw."""

    rule: str
    hint: str
    detail: str


def judge_declaration(
    rules: Sequence[ConflictRule], answers: Mapping[str, Answer], findings: Sequence[Finding] = ()
) -> DeclarationOutcome:
    """Return what a declaration leads to.

    Raises:
        InvalidInput: a rule has no answer, a yes has no explanation, or a no to what was found has none.
    """
    found = {finding.rule for finding in findings}
    problems = [FieldError(rule.id, "answer yes or no") for rule in rules if rule.id not in answers]
    for rule in rules:
        answer = answers.get(rule.id)
        if answer is None or answer.text.strip():
            continue
        if answer.yes:
            problems.append(FieldError(rule.id, "say what the tie is"))
        elif rule.id in found:
            problems.append(FieldError(rule.id, "say why what was found is no tie"))
    if problems:
        raise InvalidInput("answer every rule", problems)
    outcomes = [_outcome(rule, answers[rule.id].yes, rule.id in found) for rule in rules]
    return max(outcomes, key=_HARDER.index, default=DeclarationOutcome.CLEAN)


def _outcome(rule: ConflictRule, yes: bool, found: bool) -> DeclarationOutcome:
    if yes:
        return _EFFECTS[rule.effect]
    return _DENIED[rule.effect] if found else DeclarationOutcome.CLEAN


def locking_rules(
    rules: Iterable[ConflictRule], yes: Collection[str], found: Collection[str]
) -> tuple[str, ...]:
    """Return the rules that keep a file locked: those answered with yes, and those of findings that do not go away."""
    return tuple(
        rule.id
        for rule in rules
        if _outcome(rule, rule.id in yes, rule.id in found) is not DeclarationOutcome.CLEAN
    )


class Stage(StrEnum):
    """When interests are declared, in the words of the policy."""

    BEFORE_ASSIGNMENT = "before_assignment"
    BEFORE_SITE_VISIT = "before_site_visit"
    BEFORE_DECISION = "before_decision"
    ON_CHANGE = "on_change"


@dataclass(frozen=True, slots=True)
class Renewal:
    """A stretch of the case for which these parts declare anew: a declaration from before it no longer opens the file."""

    stage: Stage
    states: frozenset[State]
    roles: frozenset[CaseRole]


RENEWALS: tuple[Renewal, ...] = (
    Renewal(Stage.BEFORE_SITE_VISIT, frozenset({State.VISIT}), PANEL),
    Renewal(
        Stage.BEFORE_DECISION,
        frozenset(
            {
                State.FINAL_REPORT,
                State.FIRST_CONSIDERATION,
                State.REPRESENTATION,
                State.SECOND_CONSIDERATION,
            }
        ),
        COMMITTEE,
    ),
)
"""Who declares again for what. Whoever gets a part within the stretch has declared for it by declaring at all."""


def renewal_for(when: Collection[str], role: CaseRole, state: State) -> Renewal | None:
    """Return the renewal that a part owes where the case stands, or None; `when` is what the policy asks for."""
    return next((r for r in RENEWALS if r.stage in when and role in r.roles and state in r.states), None)


def entered(states: Collection[State], steps: Sequence[tuple[State, State, datetime]]) -> datetime | None:
    """Return when a case last came into `states` from elsewhere; None where it began in them.

    `steps` are source, target and instant of each step, oldest first. A case on hold has not gone elsewhere.
    """
    inside, since = True, None
    for source, target, at in steps:
        if source is not State.ON_HOLD:
            inside = source in states
        if target in states and not inside:
            since = at
    return since
