"""Making a declaration of interests, and the waiver by which two others open the file in spite of a tie."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.conflicts import WAIVABLE, Answer, DeclarationOutcome, Finding, judge_declaration
from registry.domain.policy_terms import ConflictRule
from registry.domain.text import clean
from registry.domain.two_people import ProposalKind
from registry.errors import Conflict, FieldError, NotAllowed
from registry.models.application import Application
from registry.models.people import ConflictWaiver
from registry.models.review import Assignment, Declaration
from registry.models.two_people import Proposal
from registry.services import access, interests, ties
from registry.services.recording import audit

MOST_TEXT = 2_000
"""Characters of an explanation that are kept."""


def asked(
    session: Session, application: Application, actor: uuid.UUID
) -> tuple[Assignment, tuple[ConflictRule, ...], tuple[Finding, ...]]:
    """Return a person's part, the rules to answer, and the ties that the registry found, to be explained.

    Raises:
        NotAllowed: the person plays no part in the case.
    """
    part = access.part_of(session, actor, application.id)
    if part is None:
        raise NotAllowed("only people with a part in the case declare interests in it")
    rules = interests.rules_for(application, part.role)
    return part, rules, ties.found_for(session, application, actor, part.role)


def declare(
    session: Session,
    application_id: uuid.UUID,
    answers: Mapping[str, Answer],
    *,
    actor: uuid.UUID,
    at: datetime,
) -> Declaration:
    """Declare one's interests, rule by rule. A clean declaration opens the file; any other locks it.

    Raises:
        NotAllowed: the person plays no part in the case.
        Conflict: a tie that nobody waived was declared or found; saying something else now does not undo it.
        InvalidInput: a rule is not answered, or a yes, or a no to what was found, is not explained.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    part, rules, found = asked(session, application, actor)
    newest = interests.latest_declaration(session, actor, application.id)
    if newest is not None and interests.is_conflicted(session, application, newest):
        raise Conflict(
            "you have declared a conflict of interest; somebody else takes over your part, unless two others waive it"
        )
    outcome = judge_declaration(rules, answers, found)
    row = Declaration(
        application_id=application.id,
        account_id=part.account_id,
        answers={
            rule.id: {"yes": answers[rule.id].yes, "text": clean(answers[rule.id].text)[:MOST_TEXT]}
            for rule in rules
        },
        findings=[{"rule": one.rule, "hint": one.hint, "detail": one.detail} for one in found],
        outcome=outcome,
        at=at,
    )
    session.add(row)
    session.flush()
    detail = {"outcome": outcome.value, "stage": interests.stage_of(application, part.role, row).value}
    audit(session, "conflict.declared", actor=actor, at=at, of=("application", application.id), detail=detail)
    return row


def waivable(session: Session, application: Application) -> list[tuple[Assignment, Declaration]]:
    """Return the parts whose file is locked by a tie that two others may waive, with the declarations."""
    found = []
    for part in application.assignments:
        made = interests.latest_declaration(session, part.account_id, application.id)
        waits = made is not None and made.outcome in WAIVABLE and part.ended_at is None
        if made is not None and waits and interests.is_conflicted(session, application, made):
            found.append((part, made))
    return found


def to_waive(session: Session, proposal: Proposal) -> tuple[Application, Assignment, Declaration] | None:
    """Return the case, the part and the newest declaration that a proposed waiver is about; None for other proposals."""
    if proposal.kind is not ProposalKind.CONFLICT_WAIVER:
        return None
    application, account_id = _about(session, proposal)
    if application is None or account_id is None:
        return None
    made = interests.latest_declaration(session, account_id, application.id)
    parts = [one for one in application.assignments if one.account_id == account_id]
    return (application, parts[-1], made) if parts and made is not None else None


def waiver_problems(session: Session, proposal: Proposal, _at: datetime) -> list[FieldError]:
    """Return why a conflict cannot be waived; the proposal's object is the account, its case the case.

    Only what has to be disclosed, or was found and denied, can be waived, and never by the person or the applicant's people.
    """
    application, account_id = _about(session, proposal)
    if application is None or account_id is None:
        return [FieldError("object_id", "name the case and the person whose conflict is waived")]
    if proposal.first_by == account_id:
        return [FieldError("object_id", "nobody waives their own conflict of interest")]
    if access.is_of_applicant(session, proposal.first_by, application):
        return [FieldError("object_id", "the applicant's people waive no conflict of interest")]
    part = access.part_of(session, account_id, application.id)
    made = interests.latest_declaration(session, account_id, application.id)
    if part is None or made is None or not interests.is_conflicted(session, application, made):
        return [FieldError("object_id", "this person's declaration holds nothing to waive")]
    if made.outcome is DeclarationOutcome.EXCLUDED:
        return [FieldError("object_id", "a conflict that excludes is never waived; somebody else takes over")]
    return []


def apply_waiver(session: Session, proposal: Proposal, second: uuid.UUID, at: datetime) -> None:
    """Waive what the person's newest declaration names, once a second person has confirmed it.

    Raises:
        NotAllowed: the second person is the one concerned, or has acted for the applicant.
    """
    application, account_id = _about(session, proposal)
    if application is None or account_id is None or second == account_id:
        raise NotAllowed("nobody waives their own conflict of interest")
    if access.is_of_applicant(session, second, application):
        raise NotAllowed("the applicant's people waive no conflict of interest")
    made = interests.latest_declaration(session, account_id, application.id)
    if made is None:
        raise Conflict("this person's declaration holds nothing to waive")
    row = ConflictWaiver(
        application_id=application.id,
        account_id=account_id,
        declaration_id=made.id,
        proposal_id=proposal.id,
        rules=list(interests.ties_of(application, made)),
        reasons=proposal.reasons,
        first_by=proposal.first_by,
        second_by=second,
        at=at,
    )
    session.add(row)
    session.flush()
    detail = {"account": str(account_id), "rules": row.rules}
    audit(session, "conflict.waived", actor=second, at=at, of=("application", application.id), detail=detail)


def _about(session: Session, proposal: Proposal) -> tuple[Application | None, uuid.UUID | None]:
    application = session.get(Application, proposal.application_id) if proposal.application_id else None
    try:
        return application, uuid.UUID(proposal.object_id.rpartition("/")[2])
    except ValueError:
        return application, None


def waiver_object(application: Application, account_id: uuid.UUID) -> str:
    """Return what a proposal to waive somebody's conflict in a case is about."""
    return f"{application.id}/{account_id}"


def public_summaries(session: Session, cases: Collection[uuid.UUID]) -> Mapping[uuid.UUID, dict[str, object]]:
    """Return by case what is published of conflicts: how many declared a tie, and what was waived for which part."""
    tied = (
        select(Declaration.application_id, func.count(Declaration.account_id.distinct()))
        .where(Declaration.application_id.in_(cases), Declaration.outcome != DeclarationOutcome.CLEAN)
        .group_by(Declaration.application_id)
    )
    waived = (
        select(ConflictWaiver.application_id, ConflictWaiver.rules, Assignment.role)
        .join(
            Assignment,
            (Assignment.application_id == ConflictWaiver.application_id)
            & (Assignment.account_id == ConflictWaiver.account_id),
        )
        .where(ConflictWaiver.application_id.in_(cases))
    )
    found: dict[uuid.UUID, list[tuple[str, str]]] = {}
    for case, rules, role in session.execute(waived):
        found.setdefault(case, []).extend((rule, role.value) for rule in rules)
    declared = {row[0]: row[1] for row in session.execute(tied)}
    return {
        case: {
            "declared": declared.get(case, 0),
            "waived": [{"rule": rule, "role": role} for rule, role in sorted(found.get(case, ()))],
        }
        for case in cases
    }
