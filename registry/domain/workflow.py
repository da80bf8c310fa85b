"""The path of an application: states, actions, and who may take which step from where.

One table. The buttons, the permission check, the diagram in the docs and the tests are derived from it; nobody compares
states elsewhere. Guards that need more than the state (declarations clean, ratings agreed, quorum) live in the services that
gather the facts, named here by `Guard`. Whose days run in a state stands in `clocks.py`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from registry.domain.roles import COMMITTEE, PANEL, RATERS, CaseRole, Role
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
    RETURN_FOR_COMPLETION = "return_for_completion"
    RESUBMIT = "resubmit"
    CONFIRM_IDENTITY = "confirm_identity"
    DECLARE_INELIGIBLE = "declare_ineligible"
    PROPOSE_PANEL = "propose_panel"
    RECOMPOSE_PANEL = "recompose_panel"
    APPOINT_PANEL = "appoint_panel"
    OPEN_REVIEW = "open_review"
    ASK_APPLICANT = "ask_applicant"
    ANSWER_QUESTIONS = "answer_questions"
    RESUME_REVIEW = "resume_review"
    BEGIN_VISIT = "begin_visit"
    END_VISIT = "end_visit"
    FILE_DRAFT_REPORT = "file_draft_report"
    SEND_FOR_FACTUAL_CHECK = "send_for_factual_check"
    END_FACTUAL_CHECK = "end_factual_check"
    CLOSE_FACTUAL_CHECK = "close_factual_check"
    FILE_REPORT = "file_report"
    REFER_TO_COMMITTEE = "refer_to_committee"
    GIVE_NOTICE = "give_notice"
    CLOSE_HEARING = "close_hearing"
    DECIDE = "decide"
    RELEASE = "release"
    RESUME_DEFERRED = "resume_deferred"
    WAIVE_APPEAL = "waive_appeal"
    FILE_APPEAL = "file_appeal"
    UPHOLD = "uphold"
    REPLACE = "replace"
    RETURN_TO_IDENTITY = "return_to_identity"
    RETURN_TO_PANEL = "return_to_panel"
    RETURN_TO_REVIEW = "return_to_review"
    RETURN_TO_COMMITTEE = "return_to_committee"
    CLOSE = "close"
    WITHDRAW_APPLICATION = "withdraw_application"
    PUT_ON_HOLD = "put_on_hold"
    TAKE_UP = "take_up"
    LAPSE = "lapse"


class Guard(StrEnum):
    """A condition beside the state; the service that takes the step proves it and names what is missing."""

    EVIDENCE_COMPLETE = "evidence_complete"
    SOMETHING_MISSING = "something_missing"
    CASE_OFFICER_ASSIGNED = "case_officer_assigned"
    IDENTITIES_CONFIRMED_BY_TWO = "identities_confirmed_by_two"
    ELIGIBILITY_ANSWERED = "eligibility_answered"
    CONFIRMED_BY_TWO = "confirmed_by_two"
    PANEL_COMPLETE = "panel_complete"
    OBJECTIONS_SETTLED = "objections_settled"
    DECLARATIONS_CLEAN = "declarations_clean"
    QUESTIONS_ASKED = "questions_asked"
    QUESTIONS_ANSWERED = "questions_answered"
    VISIT_PLANNED = "visit_planned"
    RATINGS_AGREED = "ratings_agreed"
    APPLICANTS_DAYS_OVER = "applicants_days_over"
    FACTS_SETTLED = "facts_settled"
    REPORT_FILED = "report_filed"
    COMMITTEE_SEATED = "committee_seated"
    HEARD = "heard"
    VOTE_CARRIED = "vote_carried"
    APPLICANT_WAS_HEARD = "applicant_was_heard"
    TWO_SIGNERS = "two_signers"
    DECISION_DEFERRED = "decision_deferred"
    APPEAL_OPEN = "appeal_open"
    APPEAL_DAYS_OVER = "appeal_days_over"
    APPEAL_PANEL_SEATED = "appeal_panel_seated"
    OVERDUE_AND_LAPSING = "overdue_and_lapsing"
    ORDER_LAPSED = "order_lapsed"
    REASONS_GIVEN = "reasons_given"


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed step. Who holds any of `roles` (in the case, or for the institution or body of the case) may take it.

    `target` None leads back to the state that the case was put on hold from.
    """

    source: State
    action: Action
    target: State | None
    roles: frozenset[Role | CaseRole]
    guards: frozenset[Guard] = frozenset()


def _row(
    source: State, action: Action, target: State | None, roles: Iterable[Role | CaseRole], *guards: Guard
) -> Transition:
    return Transition(source, action, target, frozenset(roles), frozenset(guards))


_S, _A, _G, _C = State, Action, Guard, CaseRole
_APPLICANT = (Role.SIGNATORY, Role.OWNER)
_PANEL_DESK = (_C.PANEL_CHAIR, _C.PANEL_SECRETARY)

_INTAKE: tuple[Transition, ...] = (
    _row(_S.DRAFT, _A.SUBMIT, _S.SUBMITTED, [Role.SIGNATORY], _G.EVIDENCE_COMPLETE),
    _row(_S.SUBMITTED, _A.OPEN, _S.COMPLETENESS_CHECK, [Role.INTAKE_OFFICER]),
    _row(
        _S.COMPLETENESS_CHECK,
        _A.CONFIRM_COMPLETE,
        _S.IDENTITY_CHECK,
        [_C.INTAKE_OFFICER],
        _G.CASE_OFFICER_ASSIGNED,
        _G.EVIDENCE_COMPLETE,
    ),
    _row(
        _S.COMPLETENESS_CHECK,
        _A.RETURN_FOR_COMPLETION,
        _S.RETURNED,
        [_C.INTAKE_OFFICER],
        _G.SOMETHING_MISSING,
    ),
    _row(_S.IDENTITY_CHECK, _A.RETURN_FOR_COMPLETION, _S.RETURNED, [_C.CASE_OFFICER], _G.SOMETHING_MISSING),
    _row(_S.RETURNED, _A.RESUBMIT, _S.COMPLETENESS_CHECK, [Role.SIGNATORY], _G.EVIDENCE_COMPLETE),
    _row(
        _S.IDENTITY_CHECK,
        _A.CONFIRM_IDENTITY,
        _S.ELIGIBLE,
        [_C.IDENTITY_VERIFIER],
        _G.IDENTITIES_CONFIRMED_BY_TWO,
        _G.ELIGIBILITY_ANSWERED,
    ),
    _row(
        _S.IDENTITY_CHECK,
        _A.DECLARE_INELIGIBLE,
        _S.INELIGIBLE,
        [_C.INTAKE_OFFICER, _C.CASE_OFFICER],
        _G.CONFIRMED_BY_TWO,
    ),
)

_REVIEW: tuple[Transition, ...] = (
    _row(_S.ELIGIBLE, _A.PROPOSE_PANEL, _S.PANEL_PROPOSED, [_C.CASE_OFFICER], _G.PANEL_COMPLETE),
    _row(_S.PANEL_PROPOSED, _A.RECOMPOSE_PANEL, _S.ELIGIBLE, [_C.CASE_OFFICER]),
    _row(
        _S.PANEL_PROPOSED,
        _A.APPOINT_PANEL,
        _S.PANEL_APPOINTED,
        [_C.CASE_OFFICER],
        _G.PANEL_COMPLETE,
        _G.DECLARATIONS_CLEAN,
        _G.OBJECTIONS_SETTLED,
    ),
    _row(_S.PANEL_APPOINTED, _A.OPEN_REVIEW, _S.REVIEW, [_C.CASE_OFFICER]),
    _row(_S.REVIEW, _A.ASK_APPLICANT, _S.CLARIFICATION, _PANEL_DESK, _G.QUESTIONS_ASKED),
    _row(_S.CLARIFICATION, _A.ANSWER_QUESTIONS, _S.REVIEW, _APPLICANT, _G.QUESTIONS_ANSWERED),
    _row(
        _S.CLARIFICATION,
        _A.RESUME_REVIEW,
        _S.REVIEW,
        [*_PANEL_DESK, Role.CLOCK],
        _G.QUESTIONS_ANSWERED,
    ),
    _row(
        _S.REVIEW,
        _A.BEGIN_VISIT,
        _S.VISIT,
        [_C.PANEL_CHAIR],
        _G.VISIT_PLANNED,
        _G.DECLARATIONS_CLEAN,
    ),
    _row(_S.VISIT, _A.END_VISIT, _S.REVIEW, _PANEL_DESK),
    _row(
        _S.REVIEW,
        _A.FILE_DRAFT_REPORT,
        _S.DRAFT_REPORT,
        _PANEL_DESK,
        _G.PANEL_COMPLETE,
        _G.DECLARATIONS_CLEAN,
        _G.RATINGS_AGREED,
    ),
    _row(_S.DRAFT_REPORT, _A.SEND_FOR_FACTUAL_CHECK, _S.FACTUAL_CHECK, [_C.PANEL_CHAIR]),
    _row(_S.FACTUAL_CHECK, _A.END_FACTUAL_CHECK, _S.FINAL_REPORT, _APPLICANT),
    _row(
        _S.FACTUAL_CHECK,
        _A.CLOSE_FACTUAL_CHECK,
        _S.FINAL_REPORT,
        [_C.CASE_OFFICER, Role.CLOCK],
        _G.APPLICANTS_DAYS_OVER,
    ),
    _row(
        _S.FINAL_REPORT,
        _A.FILE_REPORT,
        _S.FINAL_REPORT,
        [_C.PANEL_CHAIR],
        _G.PANEL_COMPLETE,
        _G.DECLARATIONS_CLEAN,
        _G.RATINGS_AGREED,
        _G.FACTS_SETTLED,
    ),
)

_DECISION: tuple[Transition, ...] = (
    _row(
        _S.FINAL_REPORT,
        _A.REFER_TO_COMMITTEE,
        _S.FIRST_CONSIDERATION,
        [_C.CASE_OFFICER],
        _G.REPORT_FILED,
        _G.COMMITTEE_SEATED,
    ),
    *(
        row
        for considering in (_S.FIRST_CONSIDERATION, _S.SECOND_CONSIDERATION)
        for row in (
            _row(considering, _A.GIVE_NOTICE, _S.REPRESENTATION, [_C.COMMITTEE_CHAIR], _G.VOTE_CARRIED),
            _row(
                considering,
                _A.DECIDE,
                _S.DECIDED,
                [_C.COMMITTEE_CHAIR],
                _G.VOTE_CARRIED,
                _G.APPLICANT_WAS_HEARD,
            ),
        )
    ),
    _row(
        _S.REPRESENTATION,
        _A.CLOSE_HEARING,
        _S.SECOND_CONSIDERATION,
        [_C.CASE_OFFICER],
        _G.HEARD,
        _G.COMMITTEE_SEATED,
    ),
    _row(_S.DECIDED, _A.RELEASE, _S.APPEAL_WINDOW, [Role.REGISTRAR], _G.TWO_SIGNERS),
    _row(_S.APPEAL_WINDOW, _A.RESUME_DEFERRED, _S.REVIEW, [_C.CASE_OFFICER], _G.DECISION_DEFERRED),
)

_APPEAL: tuple[Transition, ...] = (
    *(
        row
        for appealable in (_S.APPEAL_WINDOW, _S.INELIGIBLE)
        for row in (
            _row(appealable, _A.FILE_APPEAL, _S.APPEAL, _APPLICANT, _G.APPEAL_OPEN),
            _row(appealable, _A.WAIVE_APPEAL, _S.CLOSED, _APPLICANT, _G.APPEAL_OPEN),
            _row(appealable, _A.CLOSE, _S.CLOSED, [_C.CASE_OFFICER, Role.CLOCK], _G.APPEAL_DAYS_OVER),
        )
    ),
    *(
        _row(_S.APPEAL, action, target, [_C.APPEALS_MEMBER], _G.APPEAL_PANEL_SEATED, _G.VOTE_CARRIED)
        for action, target in (
            (_A.UPHOLD, _S.CLOSED),
            (_A.REPLACE, _S.DECIDED),
            (_A.RETURN_TO_IDENTITY, _S.IDENTITY_CHECK),
            (_A.RETURN_TO_PANEL, _S.ELIGIBLE),
            (_A.RETURN_TO_REVIEW, _S.REVIEW),
            (_A.RETURN_TO_COMMITTEE, _S.FIRST_CONSIDERATION),
        )
    ),
)

ENDED = frozenset({_S.CLOSED, _S.WITHDRAWN_BY_APPLICANT, _S.LAPSED})
"""States nothing leads out of."""
SETTLED = ENDED | {_S.INELIGIBLE, _S.APPEAL_WINDOW, _S.APPEAL}
"""States in which a decision has been told: the applicant may have another case open beside it."""

_BEFORE_DECIDED = tuple(state for state in State if state not in SETTLED | {_S.DECIDED, _S.ON_HOLD})
_APPLICANTS_MOVE = (_S.RETURNED, _S.CLARIFICATION, _S.FACTUAL_CHECK, _S.REPRESENTATION)

_ANYTIME: tuple[Transition, ...] = (
    *(
        _row(state, _A.WITHDRAW_APPLICATION, _S.WITHDRAWN_BY_APPLICANT, _APPLICANT)
        for state in (*_BEFORE_DECIDED, _S.ON_HOLD)
    ),
    *(
        _row(state, _A.PUT_ON_HOLD, _S.ON_HOLD, [_C.INTAKE_OFFICER, _C.CASE_OFFICER], _G.REASONS_GIVEN)
        for state in _BEFORE_DECIDED
        if state not in {_S.DRAFT, _S.SUBMITTED}
    ),
    _row(_S.ON_HOLD, _A.TAKE_UP, None, [_C.INTAKE_OFFICER, _C.CASE_OFFICER]),
    *(
        _row(
            state,
            _A.LAPSE,
            _S.LAPSED,
            [_C.INTAKE_OFFICER, _C.CASE_OFFICER, Role.CLOCK],
            _G.OVERDUE_AND_LAPSING,
        )
        for state in _APPLICANTS_MOVE
    ),
    _row(_S.FIRST_CONSIDERATION, _A.LAPSE, _S.LAPSED, [Role.CLOCK], _G.ORDER_LAPSED),
)

TRANSITIONS: tuple[Transition, ...] = _INTAKE + _REVIEW + _DECISION + _APPEAL + _ANYTIME

GATHERING_STATES = frozenset(
    {
        _S.COMPLETENESS_CHECK,
        _S.IDENTITY_CHECK,
        _S.ELIGIBLE,
        _S.PANEL_PROPOSED,
        _S.PANEL_APPOINTED,
        _S.REVIEW,
        _S.VISIT,
    }
)
"""States in which the body may add evidence that it gathers itself."""
RATING_STATES = frozenset({_S.REVIEW})
"""States in which members rate alone."""
AGREEING_STATES = frozenset({_S.REVIEW, _S.FINAL_REPORT})
"""States in which the panel agrees; after the factual check what was accepted may change a rating."""
VOTING_STATES = frozenset({_S.FIRST_CONSIDERATION, _S.SECOND_CONSIDERATION})
"""States in which the committee votes."""
EDITABLE_STATES = frozenset({_S.DRAFT, _S.RETURNED})
"""States in which the applicant may change scope, keys and evidence."""
SUPPLYING_STATES = EDITABLE_STATES | {_S.CLARIFICATION, _S.REPRESENTATION, _S.APPEAL_WINDOW}
"""States in which the applicant may hand in new evidence versions; in the window only after a deferral."""
ANYTIME = frozenset({_A.WITHDRAW_APPLICATION, _A.PUT_ON_HOLD, _A.LAPSE})
"""Actions that are nobody's next move."""
AFTERWARDS = frozenset({_A.CLOSE, _A.CLOSE_FACTUAL_CHECK, _A.RESUME_REVIEW, _A.RESUME_DEFERRED})
"""What the body may do once somebody else's days are over: until then the case lies on no desk of the body for it."""


WORKERS: Mapping[State, frozenset[CaseRole]] = {
    _S.IDENTITY_CHECK: frozenset({_C.IDENTITY_VERIFIER}),
    _S.REVIEW: RATERS,
    _S.VISIT: PANEL,
    _S.DRAFT_REPORT: frozenset(_PANEL_DESK),
    _S.FIRST_CONSIDERATION: COMMITTEE,
    _S.SECOND_CONSIDERATION: COMMITTEE,
    _S.APPEAL: frozenset({_C.APPEALS_MEMBER}),
}
"""Who has work in a state, whether or not they take the step that ends it."""


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


@cache
def movers(state: State) -> frozenset[Role | CaseRole]:
    """Return the roles whose move it is: who may take a step that is neither possible at any time nor only afterwards."""
    rows = (t for t in TRANSITIONS if t.source is state and t.action not in ANYTIME | AFTERWARDS)
    return frozenset(role for t in rows for role in t.roles if role is not Role.CLOCK)


@cache
def busy(state: State) -> frozenset[Role | CaseRole]:
    """Return whose desk a case lies on: who can move it on, and who has work in it."""
    return movers(state) | WORKERS.get(state, frozenset())


def _words(member: StrEnum) -> str:
    return member.value.replace("_", " ")
