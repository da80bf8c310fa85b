"""The path of an application: states, actions, and who may take which step from where.

One table. The buttons, the permission check, the diagram in the docs and the tests are derived from it; nobody compares
states elsewhere. Guards that need more than the state (declarations clean, ratings agreed, quorum) live in the services that
gather the facts, named here by `Guard`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from registry.domain.roles import CaseRole, Role
from registry.errors import TransitionRefused


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    COMPLETENESS_CHECK = "completeness_check"
    RETURNED = "returned"
    IDENTITY_CHECK = "identity_check"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    PANEL_PROPOSED = "panel_proposed"
    PANEL_APPOINTED = "panel_appointed"
    REVIEW = "review"
    CLARIFICATION = "clarification"
    VISIT = "visit"
    DRAFT_REPORT = "draft_report"
    FACTUAL_CHECK = "factual_check"
    FINAL_REPORT = "final_report"
    FIRST_CONSIDERATION = "first_consideration"
    REPRESENTATION = "representation"
    SECOND_CONSIDERATION = "second_consideration"
    DECIDED = "decided"
    APPEAL_WINDOW = "appeal_window"
    APPEAL = "appeal"
    CLOSED = "closed"
    WITHDRAWN_BY_APPLICANT = "withdrawn_by_applicant"
    LAPSED = "lapsed"
    ON_HOLD = "on_hold"


class Action(StrEnum):
    """A step somebody takes."""

    SUBMIT = "submit"
    OPEN = "open"
    CONFIRM_COMPLETE = "confirm_complete"
    CONFIRM_IDENTITY = "confirm_identity"
    PROPOSE_PANEL = "propose_panel"
    APPOINT_PANEL = "appoint_panel"
    OPEN_REVIEW = "open_review"
    FILE_REPORT = "file_report"
    REFER_TO_COMMITTEE = "refer_to_committee"
    CLOSE_HEARING = "close_hearing"
    DECIDE = "decide"
    RELEASE = "release"
    WITHDRAW_APPLICATION = "withdraw_application"


class Guard(StrEnum):
    """A condition beside the state; the service that takes the step proves it and names what is missing."""

    EVIDENCE_COMPLETE = "evidence_complete"
    CASE_OFFICER_ASSIGNED = "case_officer_assigned"
    IDENTITIES_CONFIRMED_BY_TWO = "identities_confirmed_by_two"
    PANEL_COMPLETE = "panel_complete"
    DECLARATIONS_CLEAN = "declarations_clean"
    RATINGS_AGREED = "ratings_agreed"
    COMMITTEE_SEATED = "committee_seated"
    HEARD = "heard"
    VOTE_CARRIED = "vote_carried"
    TWO_SIGNERS = "two_signers"


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed step. Who holds any of `roles` (in the case, or for the institution or body of the case) may take it."""

    source: State
    action: Action
    target: State
    roles: frozenset[Role | CaseRole]
    guards: frozenset[Guard] = frozenset()


def _row(
    source: State, action: Action, target: State, roles: Iterable[Role | CaseRole], *guards: Guard
) -> Transition:
    return Transition(source, action, target, frozenset(roles), frozenset(guards))


_APPLICANT = (Role.SIGNATORY, Role.OWNER)
_S, _A, _G, _C = State, Action, Guard, CaseRole

_STRAIGHT: tuple[Transition, ...] = (
    _row(_S.DRAFT, _A.SUBMIT, _S.SUBMITTED, [Role.SIGNATORY], _G.EVIDENCE_COMPLETE),
    _row(_S.SUBMITTED, _A.OPEN, _S.COMPLETENESS_CHECK, [Role.INTAKE_OFFICER]),
    _row(
        _S.COMPLETENESS_CHECK,
        _A.CONFIRM_COMPLETE,
        _S.IDENTITY_CHECK,
        [_C.INTAKE_OFFICER],
        _G.CASE_OFFICER_ASSIGNED,
    ),
    _row(
        _S.IDENTITY_CHECK,
        _A.CONFIRM_IDENTITY,
        _S.ELIGIBLE,
        [_C.IDENTITY_VERIFIER],
        _G.IDENTITIES_CONFIRMED_BY_TWO,
    ),
    _row(_S.ELIGIBLE, _A.PROPOSE_PANEL, _S.PANEL_PROPOSED, [_C.CASE_OFFICER], _G.PANEL_COMPLETE),
    _row(
        _S.PANEL_PROPOSED,
        _A.APPOINT_PANEL,
        _S.PANEL_APPOINTED,
        [_C.CASE_OFFICER],
        _G.PANEL_COMPLETE,
        _G.DECLARATIONS_CLEAN,
    ),
    _row(_S.PANEL_APPOINTED, _A.OPEN_REVIEW, _S.REVIEW, [_C.CASE_OFFICER]),
    _row(
        _S.REVIEW,
        _A.FILE_REPORT,
        _S.FINAL_REPORT,
        [_C.PANEL_CHAIR],
        _G.PANEL_COMPLETE,
        _G.DECLARATIONS_CLEAN,
        _G.RATINGS_AGREED,
    ),
    _row(
        _S.FINAL_REPORT,
        _A.REFER_TO_COMMITTEE,
        _S.FIRST_CONSIDERATION,
        [_C.CASE_OFFICER],
        _G.COMMITTEE_SEATED,
    ),
    _row(_S.FIRST_CONSIDERATION, _A.DECIDE, _S.DECIDED, [_C.COMMITTEE_CHAIR], _G.VOTE_CARRIED),
    _row(
        _S.REPRESENTATION,
        _A.CLOSE_HEARING,
        _S.SECOND_CONSIDERATION,
        [_C.CASE_OFFICER],
        _G.HEARD,
        _G.COMMITTEE_SEATED,
    ),
    _row(_S.SECOND_CONSIDERATION, _A.DECIDE, _S.DECIDED, [_C.COMMITTEE_CHAIR], _G.VOTE_CARRIED),
    _row(_S.DECIDED, _A.RELEASE, _S.APPEAL_WINDOW, [Role.REGISTRAR], _G.TWO_SIGNERS),
)

ENDED = frozenset({_S.CLOSED, _S.WITHDRAWN_BY_APPLICANT, _S.LAPSED, _S.INELIGIBLE})
"""States nothing leads out of by itself."""

_BEFORE_DECIDED = tuple(
    state for state in State if state not in ENDED | {_S.DECIDED, _S.APPEAL_WINDOW, _S.APPEAL, _S.ON_HOLD}
)

TRANSITIONS: tuple[Transition, ...] = _STRAIGHT + tuple(
    _row(state, _A.WITHDRAW_APPLICATION, _S.WITHDRAWN_BY_APPLICANT, _APPLICANT) for state in _BEFORE_DECIDED
)

GATHERING_STATES = frozenset(
    {
        _S.COMPLETENESS_CHECK,
        _S.IDENTITY_CHECK,
        _S.ELIGIBLE,
        _S.PANEL_PROPOSED,
        _S.PANEL_APPOINTED,
        _S.REVIEW,
    }
)
"""States in which the body may add evidence that it gathers itself."""
RATING_STATES = frozenset({_S.REVIEW})
"""States in which the panel rates."""
VOTING_STATES = frozenset({_S.FIRST_CONSIDERATION, _S.SECOND_CONSIDERATION})
"""States in which the committee votes."""
EDITABLE_STATES = frozenset({_S.DRAFT})
"""States in which the applicant may change scope and evidence."""


def step(state: State, action: Action) -> Transition:
    """Return the transition that `action` takes from `state`.

    Raises:
        TransitionRefused: the table has no such step.
    """
    for transition in TRANSITIONS:
        if transition.source is state and transition.action is action:
            return transition
    raise TransitionRefused(f"cannot {_words(action)} an application that is {_words(state)}")


def steps_open_to(state: State, roles: Collection[Role | CaseRole]) -> tuple[Transition, ...]:
    """Return the steps that somebody with these roles may try from `state`; guards are not looked at."""
    held = frozenset(roles)
    return tuple(t for t in TRANSITIONS if t.source is state and t.roles & held)


def movers(state: State) -> frozenset[Role | CaseRole]:
    """Return the roles whose move it is: who may take a step other than withdrawing the application."""
    rows = (t for t in TRANSITIONS if t.source is state and t.action is not _A.WITHDRAW_APPLICATION)
    return frozenset(role for t in rows for role in t.roles)


def _words(member: StrEnum) -> str:
    return member.value.replace("_", " ")
