"""Which institution a record is about: the resolution rule.

**No match is made on a name or a web host alone**: one host serves several institutions, names repeat and
change. They are no
input of this module at all. In order:

1. The same source has brought this source key before: it is that institution.
2. Identifiers of the record that institutions here hold already are its *agreeing identifiers*. If they
belong to more than one institution, a person decides. 3. An institution that holds another value of a scheme
which gives each institution one number contradicts the record: a person decides, however much agrees. 4. An
agreeing identifier that the record's own source issues, and that this source has brought here itself,
suffices. 5. Two agreeing identifiers from independent authorities suffice. The numbers of one authority (PIC,
OID, Erasmus code, charter number) or numbers derived from each other (NIP and Polish VAT, GRID and ROR) count
once. 6. One agreeing identifier alone: a person decides. 7. None: it is an institution that is not here yet.

Rule 2 goes before rule 1: a known record that brings an identifier of another institution is for a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from registry.domain.identifiers import Identifier, IdentifierScheme
from registry.importers.base import InstitutionFacts

S = IdentifierScheme
# Who issues: agreeing numbers of one authority are one piece of evidence.
_AUTHORITIES: dict[IdentifierScheme, str] = {
    S.ROR: "ror",
    S.GRID: "ror",
    S.PIC: "european_commission",
    S.OID: "european_commission",
    S.ERASMUS_CODE: "european_commission",
    S.ECHE: "european_commission",
    S.NIP: "tax_office",
    S.VAT: "tax_office",
    S.KRS: "court_register",
    S.EUID: "court_register",
}
# What a source numbers itself, as far as its word on it is final.
_ISSUED_BY: dict[str, frozenset[IdentifierScheme]] = {
    "ror": frozenset({S.ROR}),
    "eche": frozenset({S.PIC}),
}
# Schemes that give one institution one number for good.
_ONE_EACH = frozenset({S.ROR, S.PIC, S.LEI, S.NIP, S.DEQARINST, S.ETER})
# A domain is a host under another name: evidence, never an identity.
_NO_EVIDENCE = frozenset({S.DOMAIN, S.SCHAC, S.WEB_ORIGIN})


class Outcome(StrEnum):
    """What the rule says of a record."""

    SAME = "same"
    NEW = "new"
    NEEDS_HUMAN = "needs_human"


class Ground(StrEnum):
    """Why it says so."""

    SOURCE_KEY = "source_key"
    ISSUED_BY_SOURCE = "issued_by_source"
    TWO_IDENTIFIERS = "two_identifiers"
    ONE_IDENTIFIER = "one_identifier"
    SEVERAL_INSTITUTIONS = "several_institutions"
    CONTRADICTION = "contradiction"
    NOTHING_AGREES = "nothing_agrees"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an identifier here, and the source that brought it."""

    institution: str
    source: str


class Lookup(Protocol):
    """What the registry knows; institutions are named by the text of their id."""

    def by_source(self, source: str, source_key: str) -> str | None:
        """Return the institution that this source brought under this key."""

    def holder(self, identifier: Identifier) -> Holder | None:
        """Return who holds this identifier now."""

    def identifiers(self, institution: str) -> Iterable[Identifier]:
        """Return the current identifiers of an institution."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a record is about.

    `institution` is set for `same`, and for `needs_human` where one is the likeliest. `candidates` are all
    institutions that hold one of its identifiers, `agreeing` these identifiers, `contradicting` what speaks
    against the likeliest.
    """

    outcome: Outcome
    ground: Ground
    institution: str | None = None
    candidates: tuple[str, ...] = ()
    agreeing: tuple[Identifier, ...] = ()
    contradicting: tuple[Identifier, ...] = ()


def match_candidates(facts: InstitutionFacts, lookup: Lookup) -> Resolution:
    """Apply the rule at the head of this module to one record."""
    known = lookup.by_source(facts.source, facts.source_key)
    held = _held(facts, lookup)
    agreeing = tuple(held)
    holders = [holder.institution for holder in held.values()]
    candidates = tuple(dict.fromkeys([known, *holders] if known else holders))
    if not candidates:
        return Resolution(Outcome.NEW, Ground.NOTHING_AGREES)
    if len(candidates) > 1:
        return Resolution(Outcome.NEEDS_HUMAN, Ground.SEVERAL_INSTITUTIONS, known, candidates, agreeing)
    if known:
        return Resolution(Outcome.SAME, Ground.SOURCE_KEY, known, candidates, agreeing)
    against = _contradicting(facts, lookup.identifiers(candidates[0]))
    outcome, ground = (Outcome.NEEDS_HUMAN, Ground.CONTRADICTION) if against else _weigh(facts, held)
    return Resolution(outcome, ground, candidates[0], candidates, agreeing, against)


def _held(facts: InstitutionFacts, lookup: Lookup) -> dict[Identifier, Holder]:
    usable = (identifier for identifier in facts.identifiers if identifier.scheme not in _NO_EVIDENCE)
    holders = ((identifier, lookup.holder(identifier)) for identifier in usable)
    return {identifier: holder for identifier, holder in holders if holder is not None}


def _contradicting(facts: InstitutionFacts, held: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Return the institution's own numbers that the record gives differently."""
    here = {identifier for identifier in held if identifier.scheme in _ONE_EACH}
    given = {identifier.scheme for identifier in facts.identifiers}
    return tuple(sorted(i for i in here if i.scheme in given and i not in facts.identifiers))


def _weigh(facts: InstitutionFacts, held: dict[Identifier, Holder]) -> tuple[Outcome, Ground]:
    own = _ISSUED_BY.get(facts.source, frozenset())
    if any(identifier.scheme in own and holder.source == facts.source for identifier, holder in held.items()):
        return Outcome.SAME, Ground.ISSUED_BY_SOURCE
    authorities = {_AUTHORITIES.get(identifier.scheme, identifier.scheme.value) for identifier in held}
    if len(authorities) > 1:
        return Outcome.SAME, Ground.TWO_IDENTIFIERS
    return Outcome.NEEDS_HUMAN, Ground.ONE_IDENTIFIER
