"""Institutions as the world knows them, and people's claims to act for them."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.countries import COUNTRIES, EU_SPELLINGS, parse_country
from registry.domain.identifiers import Identifier, IdentifierScheme, parse_identifier
from registry.domain.prose import SHORT, prose
from registry.domain.roles import Role
from registry.domain.text import clean, fold
from registry.domain.trust_list import canonical_json
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.account import RoleGrant
from registry.models.institution import (
    ClaimConfirmation,
    ClaimState,
    Institution,
    InstitutionClaim,
    InstitutionIdentifier,
    InstitutionRecord,
)
from registry.services import programs
from registry.services.accounts import record_grant, roles_of
from registry.services.institution_names import names_by_language
from registry.services.recording import FACT, audit, enqueue, stamp

CONFIRMATIONS_NEEDED = 2
"""How many people confirm that somebody acts for an institution."""


@dataclass(frozen=True, slots=True)
class NewInstitution:
    """What a person registers. `names` is language tag to name; `identifiers` are (scheme, text) as typed."""

    names: dict[str, str]
    legal_name: str
    country: str
    locality: str
    street: str
    postal_code: str
    kind: str
    website: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


def register(session: Session, new: NewInstitution, *, actor: uuid.UUID, at: datetime) -> Institution:
    """Register an institution that no source has brought yet; it is a fact like an imported one, still unclaimed.

    Raises:
        InvalidInput: a name, the country or an identifier cannot be read.
        Conflict: an identifier belongs to an institution that is here already; claim that one.
    """
    identifiers = _read_identifiers(new)
    _refuse_known(session, identifiers)
    facts = {
        "names": [
            {"text": clean(text), "language": tag, "kind": "display"} for tag, text in new.names.items()
        ]
        + [{"text": clean(new.legal_name), "language": None, "kind": "legal"}],
        "identifiers": [{"scheme": i.scheme.value, "value": i.value} for i in identifiers],
        "country": parse_country(new.country),
        "city": clean(new.locality),
        "street": clean(new.street),
        "postal_code": clean(new.postal_code),
        "website": new.website or None,
        "kind": new.kind,
        "status": "active",
    }
    institution = add_institution(
        session, facts, source="self", source_key=str(uuid.uuid4()), actor=str(actor), at=at
    )
    for identifier in identifiers:
        session.add(
            InstitutionIdentifier(
                scheme=identifier.scheme.value,
                value=identifier.value,
                institution_id=institution.id,
                source="self",
            )
        )
    session.flush()
    audit(session, "institution.registered", actor=actor, at=at, of=("institution", institution.id))
    return institution


def _read_identifiers(new: NewInstitution) -> list[Identifier]:
    problems = [FieldError(name, "fill this in") for name in _REQUIRED if not str(getattr(new, name)).strip()]
    if new.country.strip() and new.country.strip().upper() not in COUNTRIES | EU_SPELLINGS.keys():
        problems.append(FieldError("country", "choose a country"))
    if not any(text.strip() for text in new.names.values()):
        problems.append(FieldError("names", "give the name in at least one language"))
    found: list[Identifier] = []
    for number, (scheme, text) in enumerate(new.identifiers):
        try:
            found.append(parse_identifier(IdentifierScheme(scheme), text))
        except (InvalidInput, ValueError) as error:
            problems.append(FieldError(f"identifiers.{number}", str(error)))
    if problems:
        raise InvalidInput("the institution could not be registered", problems)
    return found


def _refuse_known(session: Session, identifiers: Sequence[Identifier]) -> None:
    for identifier in identifiers:
        if session.get(InstitutionIdentifier, (identifier.scheme.value, identifier.value)) is not None:
            raise Conflict(
                f"an institution with the identifier {identifier.value} is here already; claim that one"
            )


_REQUIRED = ("legal_name", "country", "locality", "street", "postal_code", "kind")


def add_institution(
    session: Session, facts: dict[str, Any], *, source: str, source_key: str, actor: str, at: datetime
) -> Institution:
    """Add an institution with its first recorded version."""
    name = display_name(facts)
    institution = Institution(
        id=uuid.uuid4(),
        slug=free_slug(session, name),
        name=name,
        names=names_by_language(facts),
        country=facts["country"],
        kind=facts["kind"],
        status=facts["status"],
        folded=search_text(facts),
        created_at=at,
    )
    session.add(institution)
    session.flush()
    record(session, institution, facts, source=source, source_key=source_key, actor=actor, at=at)
    return institution


def record(
    session: Session,
    institution: Institution,
    facts: dict[str, Any],
    *,
    source: str,
    source_key: str,
    actor: str,
    at: datetime,
) -> InstitutionRecord:
    """Record a version of what a source says of an institution."""
    number, recorded = stamp(session, FACT, at)
    row = InstitutionRecord(
        number=number,
        institution_id=institution.id,
        source=source,
        source_key=source_key,
        facts=facts,
        digest=facts_digest(facts),
        recorded_at=recorded,
        actor=actor,
    )
    session.add(row)
    session.flush()
    return row


def facts_digest(facts: dict[str, Any]) -> str:
    """Return the hex SHA-256 of facts in canonical form."""
    return hashlib.sha256(canonical_json(facts)).hexdigest()


def display_name(facts: dict[str, Any]) -> str:
    """Return the name to show: the display name, else the legal one, else the first."""
    names: Sequence[dict[str, Any]] = facts["names"]
    for kind in ("display", "legal"):
        for name in names:
            if name["kind"] == kind:
                return str(name["text"])
    return str(names[0]["text"])


def search_text(facts: dict[str, Any]) -> str:
    """Return all names and the place, folded, for search."""
    words = [str(name["text"]) for name in facts["names"]] + [str(facts.get("city") or "")]
    return " ".join(dict.fromkeys(fold(word) for word in words if word))


def free_slug(session: Session, name: str) -> str:
    """Return a slug for a name that no institution has."""
    stem = "-".join(fold(name).split())[:80].strip("-") or "institution"
    taken = set(session.scalars(select(Institution.slug).where(Institution.slug.like(f"{stem}%"))).all())
    return next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)


def search(session: Session, text: str, *, limit: int = 20) -> Sequence[Institution]:
    """Return institutions whose names or identifiers fit what somebody typed, for claiming."""
    words = fold(text).split()
    by_identifier = select(InstitutionIdentifier.institution_id).where(
        InstitutionIdentifier.value.in_((text.strip(), text.strip().lower()))
    )
    query = select(Institution).where(Institution.id.in_(by_identifier))
    found = list(session.scalars(query.limit(limit)))
    if words and not found:
        query = select(Institution).order_by(Institution.name).limit(limit)
        for word in words:
            query = query.where(Institution.folded.contains(word, autoescape=True))
        found = list(session.scalars(query))
    return found


SOURCE_RANK = ("self", "ror", "csv", "eche")
"""Whose word counts first for names and kind; what the first leaves empty, the next fills."""
_FILLED = ("city", "street", "postal_code", "website", "founded")
DECIDED = "decided"
"""Source of what a body decided about an institution, such as its new name: only what was decided, and above all sources."""


def current_facts(session: Session, institution_id: uuid.UUID) -> dict[str, Any]:
    """Return what is known of an institution now: the newest version of every source, merged."""
    found = facts_of(session, [institution_id])
    if institution_id not in found:
        raise NotFound(f"no institution {institution_id}")
    return found[institution_id]


def facts_of(session: Session, institutions: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return the merged facts of institutions, by id, in one query."""
    found = newest_by_source(session, institutions)
    return {institution: merge_facts(by_source) for institution, by_source in found.items()}


def newest_by_source(
    session: Session, institutions: Iterable[uuid.UUID]
) -> dict[uuid.UUID, dict[str, dict[str, Any]]]:
    """Return the newest facts that each source brought of institutions, in one query; for none, without asking."""
    wanted = list(institutions)
    if not wanted:
        return {}
    query = (
        select(InstitutionRecord.institution_id, InstitutionRecord.source, InstitutionRecord.facts)
        .where(InstitutionRecord.institution_id.in_(wanted))
        .order_by(InstitutionRecord.number)
    )
    versions: dict[uuid.UUID, dict[str, dict[str, Any]]] = {}
    for institution, source, facts in session.execute(query):
        versions.setdefault(institution, {})[source] = facts
    return versions


def merge_facts(by_source: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one set of facts from the newest version of each source, by `SOURCE_RANK`."""
    ranked = sorted(
        by_source.keys() - {DECIDED},
        key=lambda s: (SOURCE_RANK.index(s) if s in SOURCE_RANK else len(SOURCE_RANK), s),
    )
    merged = dict(by_source[ranked[0]])
    for source in ranked[1:]:
        for field in _FILLED:
            merged[field] = merged.get(field) or by_source[source].get(field)
    return merged | by_source.get(DECIDED, {})


def decide_facts(
    session: Session, institution: Institution, decided: Mapping[str, Any], *, actor: str, at: datetime
) -> InstitutionRecord:
    """Record what a body decided about an institution, beside what it decided before; names and search follow it."""
    before = newest_by_source(session, [institution.id]).get(institution.id, {}).get(DECIDED, {})
    row = record(
        session,
        institution,
        {**before, **decided},
        source=DECIDED,
        source_key=str(institution.id),
        actor=actor,
        at=at,
    )
    facts = current_facts(session, institution.id)
    institution.name, institution.status = display_name(facts), facts["status"]
    institution.names = names_by_language(facts)
    institution.folded = search_text(facts)
    session.flush()
    return row


def claim(
    session: Session, institution_id: uuid.UUID, *, statement: str, actor: uuid.UUID, at: datetime
) -> InstitutionClaim:
    """Claim to act for an institution. Nothing follows until two people have confirmed it.

    Raises:
        NotAllowed: a program claims; only people do.
        Conflict: the person has an open claim on it, or acts for it already.
    """
    programs.require_person(session, actor)
    institution = session.get(Institution, institution_id)
    if institution is None:
        raise NotFound(f"no institution {institution_id}")
    statement = prose("statement", statement, SHORT, missing="say on what grounds you act for it")
    mine = select(InstitutionClaim).where(
        InstitutionClaim.institution_id == institution_id,
        InstitutionClaim.account_id == actor,
        InstitutionClaim.state != ClaimState.REFUSED,
    )
    if session.scalars(mine).first() is not None:
        raise Conflict("you have claimed this institution already")
    if any(grant.institution_id == institution_id for grant in roles_of(session, actor, at=at)):
        raise Conflict("you act for this institution already")
    row = InstitutionClaim(
        institution_id=institution_id,
        account_id=actor,
        statement=statement,
        created_at=at,
        institution=institution,
        confirmations=[],
    )
    session.add(row)
    session.flush()
    audit(session, "claim.opened", actor=actor, at=at, of=("institution_claim", row.id))
    return row


def open_claims(session: Session) -> Sequence[InstitutionClaim]:
    """Return the claims that still need confirmation, oldest first."""
    query = select(InstitutionClaim).where(InstitutionClaim.state == ClaimState.OPEN)
    return session.scalars(query.order_by(InstitutionClaim.created_at)).all()


def claims_of(session: Session, account_id: uuid.UUID) -> Sequence[InstitutionClaim]:
    """Return a person's claims, newest first."""
    query = select(InstitutionClaim).where(InstitutionClaim.account_id == account_id)
    return session.scalars(query.order_by(InstitutionClaim.created_at.desc())).all()


def institutions_of(session: Session, account_id: uuid.UUID) -> Sequence[Institution]:
    """Return the institutions that a person acts for."""
    held = select(RoleGrant.institution_id).where(
        RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
    )
    query = select(Institution).where(Institution.id.in_(held))
    return session.scalars(query.order_by(Institution.name)).all()


def judge_claim(
    session: Session, claim_id: uuid.UUID, *, confirmed: bool, basis: str, actor: uuid.UUID, at: datetime
) -> InstitutionClaim:
    """Confirm or refuse a claim, naming what one saw. The second confirmation by another person lets the claimant act.

    Raises:
        NotAllowed: not an identity verifier or operator, the claimant, or the person who confirmed first.
        Conflict: the claim is settled.
    """
    row = session.get(InstitutionClaim, claim_id, with_for_update=True)
    if row is None:
        raise NotFound(f"no claim {claim_id}")
    _may_judge(session, row, actor, at)
    if row.state is not ClaimState.OPEN:
        raise Conflict("this claim is settled already")
    basis = prose("basis", basis, SHORT, missing="say what you saw, such as the register extract")
    row.confirmations.append(
        ClaimConfirmation(claim_id=row.id, account_id=actor, confirmed=confirmed, basis=basis, at=at)
    )
    session.flush()
    if not confirmed:
        row.state = ClaimState.REFUSED
    elif sum(1 for c in row.confirmations if c.confirmed) >= CONFIRMATIONS_NEEDED:
        _let_act(session, row, actor, at)
    audit(
        session,
        "claim.confirmed" if confirmed else "claim.refused",
        actor=actor,
        at=at,
        of=("institution_claim", row.id),
    )
    return row


def _may_judge(session: Session, row: InstitutionClaim, actor: uuid.UUID, at: datetime) -> None:
    if row.account_id == actor:
        raise NotAllowed("nobody confirms their own claim")
    if any(c.account_id == actor for c in row.confirmations):
        raise NotAllowed("you have given your word on this claim; somebody else has to confirm it too")
    if _is_interested(session, row, actor):
        raise NotAllowed(
            "you have claimed this institution, or acted for it; other people look at its claims"
        )
    if not may_judge_claims(session, actor, at):
        raise NotAllowed("only an identity verifier or the operator may do this")


def _is_interested(session: Session, row: InstitutionClaim, actor: uuid.UUID) -> bool:
    """Whether a person has ever acted for the institution of a claim, or claimed to."""
    acted = select(RoleGrant.id).where(
        RoleGrant.account_id == actor, RoleGrant.institution_id == row.institution_id
    )
    claimed = select(InstitutionClaim.id).where(
        InstitutionClaim.account_id == actor, InstitutionClaim.institution_id == row.institution_id
    )
    return any(session.scalar(query.limit(1)) is not None for query in (acted, claimed))


def may_judge_claims(session: Session, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person may confirm claims: an identity verifier of any body, or the operator."""
    return any(g.role in {Role.IDENTITY_VERIFIER, Role.OPERATOR} for g in roles_of(session, actor, at=at))


def _let_act(session: Session, row: InstitutionClaim, actor: uuid.UUID, at: datetime) -> None:
    row.state = ClaimState.CONFIRMED
    row.institution.owned = True
    for role in (Role.OWNER, Role.SIGNATORY, Role.KEY_CUSTODIAN):
        record_grant(session, row.account_id, role, institution_id=row.institution_id, actor=actor, at=at)
    enqueue(session, "mail", {"kind": "claim_confirmed", "account": str(row.account_id)}, at=at)
