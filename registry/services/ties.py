"""What the registry knows of ties between a person and an applicant: gathered here, judged by `domain/hints.py`."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.conflicts import Finding
from registry.domain.hints import CYCLES, ApplicantFacts, PersonFacts, find_ties, host_of
from registry.domain.roles import PANEL, CaseRole
from registry.domain.scope import Scope, parse_scope
from registry.models.account import Account
from registry.models.application import Application, Procedure
from registry.models.institution import InstitutionIdentifier
from registry.models.issuer import IdentityClaim
from registry.models.people import Expert
from registry.models.review import Assignment
from registry.services import institutions
from registry.services.interests import rules_for

_KIN = frozenset({"parent", "child", "predecessor", "successor"})
_LEVELS = 3
"""How many steps up and down a hierarchy are followed."""


def found_for(
    session: Session, application: Application, account_id: uuid.UUID, role: CaseRole
) -> tuple[Finding, ...]:
    """Return the ties that the registry finds between somebody in a part and the applicant of a case."""
    rules = rules_for(application, role)
    return find_ties(rules, _person(session, application, account_id), _applicant(session, application))


def _applicant(session: Session, application: Application) -> ApplicantFacts:
    family = _family(session, [application.institution_id])
    claims = select(IdentityClaim.platform_id).where(
        IdentityClaim.institution_id == application.institution_id, IdentityClaim.platform_id.is_not(None)
    )
    platforms = [one for one in set(session.scalars(claims)) if one is not None]
    vendors = institutions.facts_of(session, platforms).values()
    facts = family[application.institution_id]
    return ApplicantFacts(
        hosts=_hosts(family.values()),
        identifiers=frozenset(_identifiers(family)),
        countries=_countries(facts, parse_scope(application.scope)),
        scope=parse_scope(application.scope),
        platforms=frozenset(map(str, platforms)) | {i for f in vendors for i in _own(f)},
        platform_hosts=_hosts(vendors),
    )


def _person(session: Session, application: Application, account_id: uuid.UUID) -> PersonFacts:
    account = session.get_one(Account, account_id)
    known: dict[str, Any] = {
        "email": account.email,
        "same_case": _same_case(session, application, account_id),
        "cycles": _cycles(session, application, account_id),
    }
    expert = session.scalars(
        select(Expert).where(Expert.account_id == account_id, Expert.body_id == application.scheme.body_id)
    ).one_or_none()
    if expert is None or not expert.employer_id:
        return PersonFacts(**known)
    return PersonFacts(**known, **_employer(session, expert))


def _employer(session: Session, expert: Expert) -> dict[str, Any]:
    """Return what is known of an expert's employer; where the registry has it, with its hierarchy, scopes and platforms."""
    named = {"employer": expert.employer_name or expert.employer_id}
    scheme, _, value = expert.employer_id.partition(":")
    row = session.get(InstitutionIdentifier, (scheme, value))
    if row is None:
        return named | {"employer_ids": frozenset({expert.employer_id})}
    family = _family(session, [row.institution_id])
    cases = session.execute(
        select(Application.scope).where(
            Application.institution_id == row.institution_id, Application.submitted_at.is_not(None)
        )
    )
    scopes = tuple(parse_scope(scope) for (scope,) in cases if scope)
    claims = select(IdentityClaim.platform_id).where(IdentityClaim.institution_id == row.institution_id)
    return named | {
        "employer_ids": frozenset({expert.employer_id, *_identifiers(family)}),
        "employer_countries": frozenset().union(
            *(_countries(family[row.institution_id], scope) for scope in scopes)
        ),
        "employer_scopes": scopes,
        "employer_platforms": frozenset(str(one) for one in session.scalars(claims) if one is not None),
    }


def _family(session: Session, start: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return the facts of institutions and of those in their hierarchy that the registry has, by id."""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    edge = set(start)
    for _level in range(_LEVELS):
        facts = institutions.facts_of(session, edge)
        found |= facts
        kin = {target for one in facts.values() for target in _kin(one)}
        edge = set(_known(session, kin)) - found.keys()
        if not edge:
            break
    return found


def _known(session: Session, identifiers: Iterable[str]) -> Iterable[uuid.UUID]:
    for text in identifiers:
        scheme, _, value = text.partition(":")
        row = session.get(InstitutionIdentifier, (scheme, value))
        if row is not None:
            yield row.institution_id


def _identifiers(family: Mapping[uuid.UUID, Mapping[str, Any]]) -> Iterable[str]:
    """Yield the identifiers of a hierarchy: its members', those that their facts name as kin, and our own ids."""
    for institution_id, facts in family.items():
        yield str(institution_id)
        yield from _own(facts)
        yield from _kin(facts)


def _own(facts: Mapping[str, Any]) -> Iterable[str]:
    return (f"{one['scheme']}:{one['value']}" for one in facts.get("identifiers", ()))


def _kin(facts: Mapping[str, Any]) -> Iterable[str]:
    targets = (r["target"] for r in facts.get("relations", ()) if r["kind"] in _KIN)
    return (f"{target['scheme']}:{target['value']}" for target in targets)


def _hosts(many: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(host for facts in many if (host := host_of(facts.get("website"))))


def _countries(facts: Mapping[str, Any], scope: Scope) -> frozenset[str]:
    """Return the region of an institution: the countries of its scope, and its seat's where the scope names none."""
    named = frozenset(country for grant in scope.grants for country in grant.countries)
    return named or frozenset({facts["country"]})


def _same_case(session: Session, application: Application, account_id: uuid.UUID) -> tuple[str, ...]:
    """Return the parts that a person played before in this case; a part that was ended counts."""
    query = select(Assignment.role).where(
        Assignment.application_id == application.id,
        Assignment.account_id == account_id,
        Assignment.ended_at.is_not(None),
    )
    return tuple(role.value for role in session.scalars(query))


def _cycles(session: Session, application: Application, account_id: uuid.UUID) -> tuple[bool, ...]:
    """Return, for each earlier cycle of the applicant here, the newest first, whether the person was on its panel."""
    cycles = session.scalars(
        select(Application.id)
        .where(
            Application.institution_id == application.institution_id,
            Application.scheme_id == application.scheme_id,
            Application.procedure.in_((Procedure.INITIAL, Procedure.RENEWAL)),
            Application.submitted_at < (application.submitted_at or application.created_at),
            Application.id != application.id,
        )
        .order_by(Application.submitted_at.desc())
        .limit(CYCLES)
    ).all()
    if not cycles:
        return ()
    mine = set(
        session.scalars(
            select(Assignment.application_id).where(
                Assignment.account_id == account_id,
                Assignment.application_id.in_(cycles),
                Assignment.role.in_(PANEL),
            )
        )
    )
    return tuple(cycle in mine for cycle in cycles)
