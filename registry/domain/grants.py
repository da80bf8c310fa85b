"""One grant of a scope: a product of sets, one set per dimension, and how a question meets it.

Fields, credential types and countries are always stated. In the other dimensions an empty set (or None) means
*not limited*: the decision said nothing about it, so a question need not say anything about it either. What a
grant does limit, a question must state: without it the grant can be neither confirmed nor denied.

Levels carry a mark. `claimed` is the issuer's own statement of an EQF level; `framework_referenced` says that
the credential stands in a national framework referenced to the EQF, which is the stronger statement. A grant
of the stronger one covers both. A grant without levels covers every claimed level and no referenced one,
since nobody decided on that.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from registry.domain.countries import COUNTRIES
from registry.domain.isced import codes, leaves
from registry.errors import FieldError, InvalidInput

_FIELDS = frozenset(codes())


class LevelMark(StrEnum):
    """Who stands behind the level of a credential."""

    CLAIMED = "claimed"
    FRAMEWORK_REFERENCED = "framework_referenced"


class CredentialType(StrEnum):
    """What kind of credential is issued."""

    MICRO_CREDENTIAL = "micro_credential"
    BADGE_WITH_ASSESSMENT = "badge_with_assessment"
    CERTIFICATE_OF_SHORT_PROGRAMME = "certificate_of_short_programme"


class Mode(StrEnum):
    """Form of participation."""

    ON_SITE = "on_site"
    BLENDED = "blended"
    ONLINE = "online"
    WORK_BASED = "work_based"


class Dimension(StrEnum):
    """What a grant can limit, in the order of the canonical form."""

    FIELD = "field"
    LEVEL = "level"
    CREDENTIAL_TYPE = "credential_type"
    COUNTRY = "country"
    MODE = "mode"
    LANGUAGE = "language"
    PROGRAMME = "programme"
    ECTS = "ects"


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """An EQF level, `value` 1 to 8, and who stands behind it."""

    value: int
    mark: LevelMark = LevelMark.CLAIMED

    def __post_init__(self) -> None:
        if not 1 <= self.value <= 8:
            raise InvalidInput(f"{self.value} is not an EQF level; levels run from 1 to 8.")

    def covers(self, asked: "Level") -> bool:
        """Tell whether a grant of this level covers a credential of the level asked about."""
        return self.value == asked.value and self.mark in (asked.mark, LevelMark.FRAMEWORK_REFERENCED)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an issuer may issue, as a product of sets.

    `fields`: ISCED-F 2013 codes of 2, 3 or 4 digits, a broad one covers the narrower. `countries`: ISO 3166-1
    alpha-2. `languages`: ISO 639 codes in lower case. `programmes`: names of single programmes. `max_ects`:
    largest notional workload of one credential, in ECTS. Empty and None: see the head of this module.

    Raises:
        InvalidInput: a dimension that must be stated is empty, or a code is unknown.
    """

    fields: frozenset[str]
    credential_types: frozenset[CredentialType]
    countries: frozenset[str]
    levels: frozenset[Level] = frozenset()
    modes: frozenset[Mode] = frozenset()
    languages: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()
    max_ects: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("fields", "credential_types", "countries"):
            if not getattr(self, name):
                raise InvalidInput(f"A grant needs {name}.", (FieldError(name, "Choose at least one."),))
        unknown = (self.fields - _FIELDS) | (self.countries - COUNTRIES)
        if unknown:
            raise InvalidInput(f"A grant names unknown codes: {', '.join(sorted(unknown))}.")

    def level_covers(self, asked: Level) -> bool:
        """Tell whether the levels of this grant cover the one asked about."""
        if not self.levels:
            return asked.mark is LevelMark.CLAIMED
        return any(level.covers(asked) for level in self.levels)

    def limits(self) -> frozenset[Dimension]:
        """Return the dimensions that a question must state for this grant to answer it."""
        optional = {
            Dimension.LEVEL: self.levels,
            Dimension.MODE: self.modes,
            Dimension.LANGUAGE: self.languages,
            Dimension.PROGRAMME: self.programmes,
            Dimension.ECTS: self.max_ects is not None,
        }
        always = {Dimension.FIELD, Dimension.CREDENTIAL_TYPE, Dimension.COUNTRY}
        return frozenset(always | {dimension for dimension, limited in optional.items() if limited})


@dataclass(frozen=True, slots=True)
class Question:
    """What a verifier asks about one credential; None means that the asker does not know.

    Same codes as in `Grant`; `ects` is the notional workload of the credential.
    """

    field: str | None = None
    level: Level | None = None
    credential_type: CredentialType | None = None
    country: str | None = None
    mode: Mode | None = None
    language: str | None = None
    programme: str | None = None
    ects: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why one grant does not cover a question: dimensions that fail, and those the question leaves open."""

    grant: int
    failed: frozenset[Dimension]
    missing: frozenset[Dimension]


def check_grant(number: int, grant: Grant, question: Question) -> Shortfall:
    """Return what stands between a question and a grant; both sets empty means that the grant covers it."""
    missing = frozenset(d for d in grant.limits() if getattr(question, d.value) is None)
    return Shortfall(number, _failed(grant, question), missing)


def _failed(grant: Grant, question: Question) -> frozenset[Dimension]:
    fits = {
        Dimension.FIELD: question.field is None or _in_fields(question.field, grant.fields),
        Dimension.LEVEL: question.level is None or grant.level_covers(question.level),
        Dimension.CREDENTIAL_TYPE: question.credential_type in (None, *grant.credential_types),
        Dimension.COUNTRY: question.country in (None, *grant.countries),
        Dimension.MODE: not grant.modes or question.mode in (None, *grant.modes),
        Dimension.LANGUAGE: not grant.languages or question.language in (None, *grant.languages),
        Dimension.PROGRAMME: not grant.programmes or question.programme in (None, *grant.programmes),
        Dimension.ECTS: grant.max_ects is None or question.ects is None or question.ects <= grant.max_ects,
    }
    return frozenset(dimension for dimension, fit in fits.items() if not fit)


def _in_fields(asked: str, granted: frozenset[str]) -> bool:
    """A field is in its parents, and in all its children together; an unknown code is in none."""
    wanted = leaves(asked)
    return bool(wanted) and wanted <= frozenset[str]().union(*(leaves(code) for code in granted))
