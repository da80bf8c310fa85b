"""Who else in the registry may be the same institution: by identifiers, by domain, by name. Only a person concludes from it.

No match is made on a name or a host alone (see `importers.matching`): such a hit is shown, and marked as one that proves
nothing by itself.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from registry.domain.check_facts import ListedParty
from registry.domain.text import fold
from registry.domain.trust_list import IdentityKind
from registry.domain.web_names import website_host
from registry.models.institution import Institution, InstitutionIdentifier, InstitutionRecord
from registry.models.issuer import IdentityClaim, Issuer
from registry.services.institutions import current_facts, facts_of, newest_by_source

DOMAIN, NAME = "domain", "normalized_name"
WEAK = frozenset({DOMAIN, NAME})
"""What never makes a match alone."""
MOST = 50
"""Most candidates looked at for one institution."""
Values = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another institution that shares something; `agrees` are (scheme, value). `strong`: an identifier is among them."""

    institution: Institution
    agrees: tuple[tuple[str, str], ...]
    listed: bool

    @property
    def strong(self) -> bool:
        """Whether more than a name and a domain agrees."""
        return any(scheme not in WEAK for scheme, _value in self.agrees)


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What one source says of an institution now: its status there, and the key under which it is found."""

    source: str
    key: str
    status: str


def values_of(facts: Mapping[str, Any], domains: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """Return what an institution can be recognized by, per scheme; numbers that follow from each other are added."""
    found: dict[str, set[str]] = {NAME: {fold(str(name["text"])) for name in facts["names"]} - {""}}
    for one in facts.get("identifiers") or ():
        found.setdefault(str(one["scheme"]), set()).add(str(one["value"]))
    hosts = {website_host(str(facts.get("website") or "")), *domains} | found.pop("schac", set())
    found.setdefault(DOMAIN, set()).update(host for host in hosts if host)
    found.setdefault("vat", set()).update(f"PL{nip}" for nip in found.get("nip", ()))
    found.setdefault("nip", set()).update(v[2:] for v in found["vat"] if v.startswith("PL"))
    found.setdefault("euid", set()).update(f"PLKRS.{krs}" for krs in found.get("krs", ()))
    return {scheme: frozenset(values) for scheme, values in found.items() if values}


def own_values(session: Session, institution: Institution) -> dict[str, frozenset[str]]:
    """Return what an institution can be recognized by, the domains that it names as its own among it."""
    query = select(IdentityClaim.value).where(
        IdentityClaim.institution_id == institution.id, IdentityClaim.kind == IdentityKind.DOMAIN
    )
    return values_of(current_facts(session, institution.id), session.scalars(query))


def candidates(session: Session, institution: Institution) -> list[Candidate]:
    """Return the other institutions that share an identifier, a domain or a name, the strongest first."""
    own = own_values(session, institution)
    found = set(_by_identifier(session, own)) | set(_by_domain(session, institution, own))
    found |= set(_by_name(session, own))
    ids = sorted(found - {institution.id})[:MOST]
    facts, named = facts_of(session, ids), _domains_of(session, ids)
    rows = {i.id: i for i in session.scalars(select(Institution).where(Institution.id.in_(ids)))}
    listed = set(session.scalars(select(Issuer.institution_id).where(Issuer.institution_id.in_(ids))))
    made = [
        Candidate(rows[one], _shared(own, values_of(facts[one], named.get(one, ()))), one in listed)
        for one in ids
    ]
    return sorted(
        (c for c in made if c.agrees), key=lambda c: (not c.strong, -len(c.agrees), c.institution.name)
    )


def _shared(own: Values, other: Values) -> tuple[tuple[str, str], ...]:
    return tuple(
        (scheme, value)
        for scheme in sorted(own)
        for value in sorted(own[scheme] & other.get(scheme, frozenset()))
    )


def _by_identifier(session: Session, own: Values) -> Iterator[uuid.UUID]:
    wanted: list[ColumnElement[bool]] = [
        (InstitutionIdentifier.scheme == scheme) & InstitutionIdentifier.value.in_(sorted(values))
        for scheme, values in own.items()
        if scheme not in WEAK
    ]
    if wanted:
        yield from session.scalars(
            select(InstitutionIdentifier.institution_id).where(or_(*wanted)).limit(MOST)
        )


def _by_domain(session: Session, institution: Institution, own: Values) -> Iterator[uuid.UUID]:
    """Find the domain among identities, and among the websites of institutions of the same country."""
    domains = sorted(own.get(DOMAIN, ()))
    if not domains:
        return
    claims = select(IdentityClaim.institution_id).where(
        IdentityClaim.kind == IdentityKind.DOMAIN, IdentityClaim.value.in_(domains)
    )
    yield from session.scalars(claims.limit(MOST))
    website = InstitutionRecord.facts["website"].as_string()
    records = (
        select(InstitutionRecord.institution_id)
        .join(Institution, Institution.id == InstitutionRecord.institution_id)
        .where(Institution.country == institution.country)
        .where(or_(*(website.contains(domain, autoescape=True) for domain in domains)))
    )
    yield from session.scalars(records.distinct().limit(MOST))


def _by_name(session: Session, own: Values) -> Iterator[uuid.UUID]:
    names = sorted(own.get(NAME, ()))
    if names:
        folded = (Institution.folded.contains(name, autoescape=True) for name in names)
        yield from session.scalars(select(Institution.id).where(or_(*folded)).limit(MOST))


def _domains_of(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    query = select(IdentityClaim.institution_id, IdentityClaim.value).where(
        IdentityClaim.institution_id.in_(ids), IdentityClaim.kind == IdentityKind.DOMAIN
    )
    found: dict[uuid.UUID, list[str]] = {}
    for institution, value in session.execute(query):
        found.setdefault(institution, []).append(value)
    return found


def parties(found: Iterable[Candidate]) -> tuple[ListedParty, ...]:
    """Return candidates as the facts that the check for duplicates judges."""
    made = []
    for candidate in found:
        values: dict[str, set[str]] = {}
        for scheme, value in candidate.agrees:
            values.setdefault(scheme, set()).add(value)
        named = {scheme: frozenset(held) for scheme, held in values.items()}
        made.append(ListedParty(str(candidate.institution.id), named))
    return tuple(made)


def sources_of(session: Session, institution_id: uuid.UUID) -> list[SourceStatus]:
    """Return what each source says of an institution now, by source."""
    newest = newest_by_source(session, [institution_id]).get(institution_id, {})
    recorded = (
        select(InstitutionRecord.source, InstitutionRecord.source_key)
        .where(InstitutionRecord.institution_id == institution_id)
        .order_by(InstitutionRecord.number)
    )
    keys = {row.source: row.source_key for row in session.execute(recorded)}
    return [
        SourceStatus(source, keys.get(source, ""), str(facts.get("status") or "unknown"))
        for source, facts in sorted(newest.items())
    ]


def names_of(session: Session, ids: Iterable[uuid.UUID]) -> dict[str, str]:
    """Return the names of institutions by the text of their id."""
    query = select(Institution.id, Institution.name).where(Institution.id.in_(list(ids)))
    return {str(found): name for found, name in session.execute(query)}
