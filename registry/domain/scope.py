"""Scope: what an issuer is recognized for, as a set of grants ("EQF 5 in computing, EQF 7 in law").

A scope means the set of questions that it covers. `covers`, `intersect`, `union` and `normal` follow that
meaning exactly, whatever the order, overlap or splitting of the grants; `==` compares what was written, so
compare `normal()` forms or use `equivalent`. What empty sets and marks of levels mean:
`registry.domain.grants`. Wire form: `registry.domain.scope_wire`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from registry.domain import scope_algebra, scope_wire
from registry.domain.grants import (
    CredentialType,
    Dimension,
    Grant,
    Level,
    LevelMark,
    Mode,
    Question,
    Shortfall,
    check_grant,
)
from registry.domain.isced import leaves
from registry.domain.latest import recent

__all__ = [
    "CredentialType",
    "Dimension",
    "Grant",
    "Level",
    "LevelMark",
    "Match",
    "MatchOutcome",
    "Mode",
    "Question",
    "Scope",
    "Shortfall",
    "kept_scope_wire",
    "parse_scope",
    "scope_to_wire",
]


class MatchOutcome(StrEnum):
    """What a scope says to a question."""

    MATCH = "match"
    NO_MATCH = "no_match"
    QUESTION_INCOMPLETE = "question_incomplete"


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome with its reasons.

    `grants`: positions of the grants that cover the question; several where only together they cover a broad
    field. `shortfalls`: one per grant when nothing matched. `failed` and `missing` are those of the nearest
    grant.
    """

    outcome: MatchOutcome
    grants: tuple[int, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()

    def __bool__(self) -> bool:
        return self.outcome is MatchOutcome.MATCH

    @property
    def nearest(self) -> Shortfall | None:
        """The grant with the fewest failed, then missing dimensions; None on a match or an empty scope."""
        return min(self.shortfalls, key=lambda s: (len(s.failed), len(s.missing), s.grant), default=None)

    @property
    def failed(self) -> frozenset[Dimension]:
        """Dimensions in which the question lies outside the nearest grant."""
        return self.nearest.failed if self.nearest else frozenset()

    @property
    def missing(self) -> frozenset[Dimension]:
        """Dimensions that the nearest grant limits and the question does not state."""
        return self.nearest.missing if self.nearest else frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of grants; a question is covered if one of them covers it. No grants: nothing is covered."""

    grants: tuple[Grant, ...]

    def covers(self, other: "Scope | Question") -> bool:
        """Tell whether everything that `other` covers, or asks, is covered here."""
        if isinstance(other, Question):
            return bool(self.matches(other))
        return scope_algebra.covers(self.grants, other.grants)

    def intersect(self, other: "Scope") -> "Scope":
        """Return the scope of exactly the questions that both cover, in canonical form."""
        return Scope(scope_algebra.intersect(self.grants, other.grants))

    def union(self, other: "Scope") -> "Scope":
        """Return the scope of the questions that either covers, in canonical form."""
        return Scope(self.grants + other.grants).normal()

    def normal(self) -> "Scope":
        """Return the canonical form: equal for scopes that cover the same questions, and only for those.

        Raises:
            InvalidInput: the grants overlap in so many ways that the form would be unreadable (so do
            `intersect`, `union`).
        """
        return Scope(scope_algebra.canonical(self.grants))

    def equivalent(self, other: "Scope") -> bool:
        """Tell whether both cover the same questions."""
        return self.normal() == other.normal()

    def matches(self, question: Question) -> Match:
        """Say whether one credential lies in this scope, and if not, why.

        `question_incomplete` when no grant covers it but one would, for some value of what the question
        leaves open.
        """
        checks = [check_grant(number, grant, question) for number, grant in enumerate(self.grants)]
        covering = tuple(check.grant for check in checks if not check.failed and not check.missing)
        covering = covering or self._together(question)
        if covering:
            return Match(MatchOutcome.MATCH, covering)
        open_ended = any(not check.failed for check in checks)
        outcome = MatchOutcome.QUESTION_INCOMPLETE if open_ended else MatchOutcome.NO_MATCH
        return Match(outcome, shortfalls=tuple(checks))

    def _together(self, question: Question) -> tuple[int, ...]:
        """Return the grants that only together cover a field with several detailed ones, or nothing."""
        parts = leaves(question.field) if question.field else frozenset()
        if len(parts) < 2:
            return ()
        per_part = [self._covering(replace(question, field=part)) for part in parts]
        return tuple(sorted(set().union(*per_part))) if all(per_part) else ()

    def _covering(self, question: Question) -> set[int]:
        checks = (check_grant(number, grant, question) for number, grant in enumerate(self.grants))
        return {check.grant for check in checks if not check.failed and not check.missing}


def scope_to_wire(scope: Scope) -> dict[str, object]:
    """Return the JSON-ready form of a scope, grants in their order."""
    return {"grants": [scope_wire.grant_to_wire(grant) for grant in scope.grants]}


@recent(4)
@lru_cache(maxsize=256)
def kept_scope_wire(scope: Scope) -> Mapping[str, object]:
    """Return the JSON-ready form of a scope, one object for all that are equal: nobody changes it."""
    return scope_to_wire(scope)


def parse_scope(wire: object) -> Scope:
    """Read a scope from its wire form.

    Raises:
        InvalidInput: with a path such as `grants.0.fields` for every field that is wrong.
    """
    return Scope(scope_wire.parse_grants(wire))
