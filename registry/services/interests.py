"""Declarations of interests: whether somebody's newest one opens the file of a case now, and if not, why."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain.conflicts import (
    WAIVABLE,
    DeclarationOutcome,
    Finding,
    Renewal,
    Stage,
    entered,
    locking_rules,
    renewal_for,
)
from registry.domain.policy_terms import ConflictRule
from registry.domain.roles import CaseRole
from registry.domain.workflow import State
from registry.models.application import Application
from registry.models.judgement import VisitPlan
from registry.models.people import ConflictWaiver
from registry.models.review import Assignment, Declaration
from registry.services.case_file import policy_for
from registry.services.remembering import once

_LOCKED = {
    DeclarationOutcome.EXCLUDED: "a declared conflict of interest locks this file for you",
    DeclarationOutcome.QUESTIONED: "the registry found a tie that you deny; it locks this file until two others clear it",
    DeclarationOutcome.SECOND_OPINION: "a tie locks this file for you until two others give a second opinion and waive it",
    DeclarationOutcome.DISCLOSED: "a tie that you disclosed locks this file for you until two others waive it",
}
_RENEW = {
    Stage.BEFORE_SITE_VISIT: "declare your interests again before the visit; the file opens after that",
    Stage.BEFORE_DECISION: "declare your interests again before the decision; the file opens after that",
}


def rules_for(application: Application, role: CaseRole) -> tuple[ConflictRule, ...]:
    """Return the conflict rules that somebody in this part has to answer."""
    rules = policy_for(application).conflict_rules.rules
    return tuple(rule for rule in rules if not rule.applies_to or role in rule.applies_to)


_LATEST = (
    select(Declaration)
    .where(
        Declaration.application_id == bindparam("application_id"),
        Declaration.account_id == bindparam("account_id"),
    )
    .order_by(Declaration.at.desc(), Declaration.outcome == DeclarationOutcome.CLEAN)
    .limit(1)
)


def latest_declaration(session: Session, actor: uuid.UUID, application_id: uuid.UUID) -> Declaration | None:
    """Return a person's newest declaration of interests in a case, or None."""
    given = {"application_id": application_id, "account_id": actor}
    return once(
        session,
        ("declared", actor, application_id),
        lambda: session.scalars(_LATEST, given).one_or_none(),
        of=Declaration,
    )


def lock_of(
    session: Session, account_id: uuid.UUID, application: Application, role: CaseRole | None, at: datetime
) -> str | None:
    """Return why a person's declaration does not open the file at `at`, as a sentence to them; None: it opens it."""
    declaration = latest_declaration(session, account_id, application.id)
    if declaration is None:
        return "declare your interests first; the file opens after that"
    if is_conflicted(session, application, declaration):
        return _LOCKED[declaration.outcome]
    if at >= valid_until(application, declaration):
        return "your declaration of interests has run out; declare again, and the file opens"
    renewal = renewal_owed(session, application, declaration, role)
    return _RENEW[renewal.stage] if renewal else None


def is_open(session: Session, application: Application, part: Assignment, at: datetime) -> bool:
    """Whether the file is open to somebody with a part."""
    return lock_of(session, part.account_id, application, part.role, at) is None


def is_conflicted(session: Session, application: Application, declaration: Declaration) -> bool:
    """Whether a declaration names a tie that nobody waived; one that excludes cannot be waived."""
    if declaration.outcome is DeclarationOutcome.CLEAN:
        return False
    if declaration.outcome not in WAIVABLE:
        return True
    waived = waived_rules(session, application, declaration.account_id)
    return not set(ties_of(application, declaration)) <= waived


def conflicted_people(session: Session, application: Application) -> set[uuid.UUID]:
    """Return everybody whose newest declaration in a case names a tie that nobody waived: they are recused."""
    people = select(Declaration.account_id).where(
        Declaration.application_id == application.id, Declaration.outcome != DeclarationOutcome.CLEAN
    )
    newest = ((who, latest_declaration(session, who, application.id)) for who in set(session.scalars(people)))
    return {who for who, made in newest if made is not None and is_conflicted(session, application, made)}


def ties_of(application: Application, declaration: Declaration) -> tuple[str, ...]:
    """Return the rules under which a declaration locks a file: answered with yes, or found and denied."""
    rules = policy_for(application).conflict_rules.rules
    yes = {rule for rule, answer in declaration.answers.items() if answer["yes"]}
    return locking_rules(rules, yes, {finding.rule for finding in findings_of(declaration)})


def findings_of(declaration: Declaration) -> tuple[Finding, ...]:
    """Return the ties that the registry had found when a declaration was made."""
    return tuple(Finding(one["rule"], one["hint"], one["detail"]) for one in declaration.findings)


def waivers_of(session: Session, application_id: uuid.UUID) -> Collection[ConflictWaiver]:
    """Return the waivers of a case, oldest first."""
    query = select(ConflictWaiver).where(ConflictWaiver.application_id == application_id)
    return session.scalars(query.order_by(ConflictWaiver.at)).all()


def waived_rules(session: Session, application: Application, account_id: uuid.UUID) -> set[str]:
    """Return the rules that two people have waived for a person in a case."""
    mine = (w for w in waivers_of(session, application.id) if w.account_id == account_id)
    return {rule for waiver in mine for rule in waiver.rules}


def valid_until(application: Application, declaration: Declaration) -> datetime:
    """Return the instant from which a declaration no longer holds."""
    return declaration.at + timedelta(days=policy_for(application).conflict_rules.declaration.valid_days)


def renewal_owed(
    session: Session, application: Application, declaration: Declaration, role: CaseRole | None
) -> Renewal | None:
    """Return what a part has to declare again for where the case stands, or None when the declaration was made for it."""
    renewal = _renewal(application, role, application.state)
    if renewal is None:
        return None
    steps = [(event.source, event.target, event.at) for event in application.events]
    since = entered(renewal.states, steps)
    if renewal.stage is Stage.BEFORE_SITE_VISIT and since is not None:
        since = min(since, _planned(session, application) or since)
    return renewal if since is not None and declaration.at < since else None


def _planned(session: Session, application: Application) -> datetime | None:
    """Return when the visit was planned: from then on people know what they declare for."""
    query = select(VisitPlan.at).where(VisitPlan.application_id == application.id)
    return session.scalars(query.order_by(VisitPlan.number.desc()).limit(1)).one_or_none()


def stage_of(application: Application, role: CaseRole, declaration: Declaration) -> Stage:
    """Return what a declaration was made for, by where the case stood when it was made."""
    states = [event.target for event in application.events if event.at <= declaration.at]
    renewal = _renewal(application, role, states[-1]) if states else None
    return renewal.stage if renewal else Stage.BEFORE_ASSIGNMENT


def _renewal(application: Application, role: CaseRole | None, state: State) -> Renewal | None:
    when = policy_for(application).conflict_rules.declaration.when
    return renewal_for(when, role, state) if role else None
