"""What a proposal about an event of an institution must hold: what happened, what shows it, a fate for each recognition."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.institution_events import FATES, SAME_BODY, EventKind, Fate, carried
from registry.domain.recognition import Status
from registry.domain.scope import parse_scope, scope_to_wire
from registry.domain.stops import STOPS
from registry.domain.terms import KEEPER_LIMIT, check_terms, text_problems
from registry.errors import FieldError, InvalidInput, NotAllowed
from registry.models.body import Body, Scheme
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.models.two_people import Proposal
from registry.services import access
from registry.services.carrying import conditions_of, holding_of
from registry.services.orders import unknown
from registry.services.scope_rules import mandate_problems
from registry.services.standing import (
    is_standing,
    policy_row,
)

EVIDENCE_LIMIT = 2_000
"""Most characters of what shows an event."""
_CONTENT = (
    *("kind", "occurred_on", "evidence", "successors", "names", "legal_name", "effects", "terms"),
    "work",
)
_CARRYING = frozenset({Fate.CARRY_OVER, Fate.CARRY_PART})


def listings(session: Session, institution_id: uuid.UUID, body_id: uuid.UUID, at: datetime) -> list[Issuer]:
    """Return the listings of an institution under a body whose recognition has not ended."""
    query = (
        select(Issuer)
        .join(Scheme, Scheme.id == Issuer.scheme_id)
        .where(Issuer.institution_id == institution_id, Scheme.body_id == body_id)
        .order_by(Scheme.slug)
    )
    return [issuer for issuer in session.scalars(query) if is_standing(issuer, at)]


def check_event(session: Session, row: Proposal, at: datetime) -> list[FieldError]:
    """Check an event of the institution `object_id`: what happened, its evidence, and the fate of each recognition.

    Raises:
        NotAllowed: the person who proposes it has acted for one of the institutions.
    """
    content = row.content
    problems = unknown(content, *_CONTENT)
    institution = _institution(session, row.object_id)
    if institution is None:
        return [*problems, FieldError("institution", "choose an institution of this registry")]
    if content.get("kind") not in {kind.value for kind in EventKind}:
        return [*problems, FieldError("kind", "say what happened")]
    refuse_own(session, row, row.first_by)
    kind = EventKind(content["kind"])
    problems += _day_problems(content.get("occurred_on"), at)
    problems += _evidence_problems(content.get("evidence"))
    problems += _successor_problems(session, kind, institution, content.get("successors") or [])
    problems += _name_problems(kind, content)
    return problems or _effects_problems(session, row, kind, institution, at)


def _institution(session: Session, text: object) -> Institution | None:
    try:
        return session.get(Institution, uuid.UUID(str(text)))
    except ValueError:
        return None


def refuse_own(session: Session, row: Proposal, person: uuid.UUID) -> None:
    """Raise `NotAllowed` where a person has acted for one of the institutions of an event."""
    for text in (row.object_id, *(row.content.get("successors") or ())):
        found = _institution(session, text)
        if found is not None and access.has_acted_for(session, person, found.id):
            raise NotAllowed("you have acted for one of these institutions; other people decide about them")


def _day_problems(value: object, at: datetime) -> list[FieldError]:
    try:
        day = date.fromisoformat(str(value or ""))
    except ValueError:
        return [FieldError("occurred_on", "write a day as 2026-03-01")]
    return [FieldError("occurred_on", "this day has not come yet")] if day > at.date() else []


def _evidence_problems(value: object) -> list[FieldError]:
    if not str(value or "").strip():
        return [FieldError("evidence", "say what shows it, such as the act or the register extract")]
    return text_problems("evidence", value, EVIDENCE_LIMIT)


def _successor_problems(
    session: Session, kind: EventKind, institution: Institution, successors: list[str]
) -> list[FieldError]:
    found = [_institution(session, one) for one in successors]
    if any(one is None or one.id == institution.id for one in found) or len(set(successors)) < len(found):
        return [FieldError("successors", "choose other institutions of this registry, each once")]
    wanted = {EventKind.MERGER: (1, 1), EventKind.SPLIT: (1, 20)}.get(kind, (0, 0))
    if not wanted[0] <= len(found) <= wanted[1]:
        return [FieldError("successors", _SUCCESSORS.get(kind, "nobody comes after it in this event"))]
    return []


_SUCCESSORS: Mapping[EventKind, str] = {
    EventKind.MERGER: "choose the one institution that takes this one up",
    EventKind.SPLIT: "choose the institutions that come out of this one",
}


def _name_problems(kind: EventKind, content: Mapping[str, Any]) -> list[FieldError]:
    names = content.get("names") or {}
    if kind is not EventKind.RENAME:
        given = bool(names or content.get("legal_name"))
        return [FieldError("names", "a new name goes with a change of name alone")] if given else []
    problems = text_problems("legal_name", content.get("legal_name") or "", KEEPER_LIMIT)
    if not str(content.get("legal_name") or "").strip():
        problems.append(FieldError("legal_name", "enter the new legal name"))
    if not isinstance(names, Mapping) or not any(str(text).strip() for text in names.values()):
        return [*problems, FieldError("names", "give the name in at least one language")]
    return problems + [p for text in names.values() for p in text_problems("names", text, KEEPER_LIMIT)]


def _effects_problems(
    session: Session, row: Proposal, kind: EventKind, institution: Institution, at: datetime
) -> list[FieldError]:
    concerned = {str(one.id): one for one in listings(session, institution.id, body_of(row), at)}
    effects = effects_of(row, kind, list(concerned.values()))
    problems = []
    for number, effect in enumerate(effects):
        path = f"effects.{number}"
        issuer = concerned.get(str(effect.get("issuer")))
        if issuer is None or effect.keys() - {"issuer", "fate", "to", "scope"}:
            problems.append(FieldError(path, "this is no recognition of the institution under this body"))
        elif effect.get("fate") not in {fate.value for fate in FATES[kind]}:
            problems.append(FieldError(path, "this cannot become of a recognition in this event"))
        else:
            problems += _effect_problems(session, row, kind, issuer, effect, path, at)
    if concerned.keys() - {str(effect.get("issuer")) for effect in effects}:
        problems.append(FieldError("effects", "say what becomes of each recognition"))
    problems += _mixed(effects)
    ending = kind is EventKind.CLOSURE
    needs = STOPS[Status.WITHDRAWN] if ending and concerned else STOPS[Status.SUPERSEDED]
    return problems + check_terms(row.content.get("terms") or {}, needs)


def effects_of(row: Proposal, kind: EventKind, concerned: list[Issuer]) -> list[dict[str, Any]]:
    """Return the fates that a proposal states; a split or a closure that says nothing of one carries it nowhere."""
    stated: list[dict[str, Any]] = list(row.content.get("effects") or [])
    if kind not in {EventKind.SPLIT, EventKind.CLOSURE}:
        return stated
    named = {str(effect.get("issuer")) for effect in stated}
    silent = [str(issuer.id) for issuer in concerned if str(issuer.id) not in named]
    return stated + [{"issuer": issuer, "fate": Fate.END.value} for issuer in silent]


def _mixed(effects: list[dict[str, Any]]) -> list[FieldError]:
    """A recognition has several fates only where parts of it go to several successors."""
    seen: dict[str, list[str]] = {}
    for effect in effects:
        seen.setdefault(str(effect.get("issuer")), []).append(str(effect.get("fate")))
    several = [fates for fates in seen.values() if len(fates) > 1 and set(fates) != {Fate.CARRY_PART.value}]
    return [FieldError("effects", "only parts of a recognition can go several ways")] if several else []


def _effect_problems(
    session: Session,
    row: Proposal,
    kind: EventKind,
    issuer: Issuer,
    effect: Mapping[str, Any],
    path: str,
    at: datetime,
) -> list[FieldError]:
    fate = Fate(effect["fate"])
    if fate not in _CARRYING or kind in SAME_BODY:
        extra = effect.get("to") or effect.get("scope")
        return [FieldError(path, "nothing is carried over here")] if extra else []
    if str(effect.get("to")) not in (row.content.get("successors") or []):
        return [FieldError(path, "choose the successor that carries it on")]
    try:
        part = parse_scope(effect["scope"]) if effect.get("scope") else None
    except InvalidInput as error:
        return [FieldError(path, str(error))]
    if (part is None) != (fate is Fate.CARRY_OVER) or (part is not None and not part.grants):
        return [FieldError(path, "say which part of the scope is carried over")]
    giving = holding_of(issuer, at)
    if giving is None:
        return [FieldError(path, "a suspended recognition is not carried over; have it reviewed anew")]
    if part is not None and not giving.scope.covers(part):
        return [FieldError(path, "no more can be carried over than is recognized")]
    return _taking_problems(session, row, issuer, effect, path, at)


def _taking_problems(
    session: Session, row: Proposal, issuer: Issuer, effect: Mapping[str, Any], path: str, at: datetime
) -> list[FieldError]:
    """What stands against the successor's taking it: its own suspension, other terms, the mandate of the body."""
    giving = holding_of(issuer, at)
    taker = _listing(session, uuid.UUID(effect["to"]), issuer.scheme_id)
    if giving is None:
        return []
    held = holding_of(taker, at) if taker is not None else None
    if taker is not None and held is None and is_standing(taker, at):
        return [FieldError(path, "the recognition of the successor is suspended")]
    if taker is not None and held is not None:
        sha = {policy_row(session, one).sha256 for one in (issuer, taker) if conditions_of(one, at)}
        if len(sha) > 1:
            return [
                FieldError(path, "their conditions rest on two versions of the policy; have it reviewed anew")
            ]
    part = parse_scope(effect["scope"]) if effect.get("scope") else None
    scope = scope_to_wire(carried(giving, part, held).scope)
    body = session.get_one(Body, body_of(row))
    return [FieldError(path, problem.message) for problem in mandate_problems(body, scope, at)]


def _listing(session: Session, institution_id: uuid.UUID, scheme_id: uuid.UUID) -> Issuer | None:
    query = select(Issuer).where(Issuer.institution_id == institution_id, Issuer.scheme_id == scheme_id)
    return session.scalars(query).one_or_none()


def body_of(row: Proposal) -> uuid.UUID:
    """Return the body that decides."""
    if row.body_id is None:
        raise NotAllowed("an accreditation body decides about its own recognitions")
    return row.body_id
