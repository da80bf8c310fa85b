"""Hints at a conflict of interest: ties that the registry finds by itself, one small function per `detect` word of a policy.

A hint accuses nobody. It is shown to the person, who explains it, and kept with the declaration.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from registry.domain.conflicts import Finding
from registry.domain.policy_terms import ConflictRule
from registry.domain.scope import Scope
from registry.errors import InvalidInput

CYCLES = 2
"""Cycles before this one that count for `second_opinion`."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of a person. Identifiers are `scheme:value`; `employer_*` is empty where no employer is known.

    `same_case` are the parts played in this case before, `cycles` says for each earlier cycle of the applicant in this
    scheme, the newest first, whether the person was on its panel.
    """

    email: str = ""
    employer: str = ""
    employer_ids: frozenset[str] = frozenset()
    employer_countries: frozenset[str] = frozenset()
    employer_scopes: tuple[Scope, ...] = ()
    employer_platforms: frozenset[str] = frozenset()
    same_case: tuple[str, ...] = ()
    cycles: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicantFacts:
    """What is known of the applicant: its sites and identifiers with its hierarchy's, its platforms, what it asks for."""

    hosts: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    scope: Scope = field(default_factory=lambda: Scope(()))
    platforms: frozenset[str] = frozenset()
    platform_hosts: frozenset[str] = frozenset()


Hint = Callable[[PersonFacts, ApplicantFacts, ConflictRule], str | None]
"""Returns what was seen, or None."""


def host_of(website: str | None) -> str:
    """Return the host of an address without `www.`, folded; empty when there is none."""
    if not website:
        return ""
    host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    return host.removeprefix("www.").lower()


def email_domain_match(person: PersonFacts, applicant: ApplicantFacts, _rule: ConflictRule) -> str | None:
    """See whether the mail address lies in a domain of the applicant or its hierarchy, or the other way round."""
    return _within(person.email, applicant.hosts)


def _within(email: str, hosts: frozenset[str]) -> str | None:
    domain = email.rpartition("@")[2].lower()
    related = (
        h for h in sorted(hosts) if domain == h or domain.endswith(f".{h}") or h.endswith(f".{domain}")
    )
    return domain if domain and next(related, None) else None


def employer_identifier_in_hierarchy(
    person: PersonFacts, applicant: ApplicantFacts, _rule: ConflictRule
) -> str | None:
    """See whether the person's employer is the applicant, or belongs to its hierarchy."""
    shared = sorted(person.employer_ids & applicant.identifiers)
    return shared[0] if shared else None


def vendor_match(person: PersonFacts, applicant: ApplicantFacts, _rule: ConflictRule) -> str | None:
    """See whether the person works for the applicant's platform, or for somebody who issues on the same one."""
    shared = sorted((person.employer_platforms | person.employer_ids) & applicant.platforms)
    return shared[0] if shared else _within(person.email, applicant.platform_hosts)


def scope_overlap_same_region(
    person: PersonFacts, applicant: ApplicantFacts, _rule: ConflictRule
) -> str | None:
    """See whether the person's employer is recognized, or asks to be, for what the applicant asks for, in one country."""
    if person.employer_ids & applicant.identifiers or not person.employer_countries & applicant.countries:
        return None
    return person.employer if any(_overlap(s, applicant.scope) for s in person.employer_scopes) else None


def _overlap(one: Scope, other: Scope) -> bool:
    try:
        return bool(one.intersect(other).grants)
    except InvalidInput:  # they overlap in too many ways to write down
        return True


def case_role_history(person: PersonFacts, _applicant: ApplicantFacts, rule: ConflictRule) -> str | None:
    """See the person's earlier parts: in this case, or, for a second opinion, on the panels of both previous cycles."""
    if rule.effect == "second_opinion":
        both = len(person.cycles) >= CYCLES and all(person.cycles[:CYCLES])
        return "both previous cycles" if both else None
    return ", ".join(person.same_case) or None


HINTS: Mapping[str, Hint] = {
    "email_domain_match": email_domain_match,
    "employer_identifier_in_hierarchy": employer_identifier_in_hierarchy,
    "vendor_match": vendor_match,
    "scope_overlap_same_region": scope_overlap_same_region,
    "case_role_history": case_role_history,
}
"""Every `detect` word of the policy schema."""


def find_ties(
    rules: Sequence[ConflictRule], person: PersonFacts, applicant: ApplicantFacts
) -> tuple[Finding, ...]:
    """Return what the rules' hints see, in the order of the rules."""
    return tuple(
        Finding(rule.id, word, seen)
        for rule in rules
        for word in rule.detect
        if (seen := HINTS[word](person, applicant, rule))
    )
