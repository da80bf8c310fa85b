"""A review policy as a frozen value: what it asks, how it is rated, what follows from the ratings.

A policy is data. Its file form is `policies/<id>/<version>.yaml`, read by `registry.policy_files`; keys and attributes
have the same names. What ratings lead to is worked out in `evaluation.py`; terms such as fees and time limits are in
`policy_terms.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.domain.policy_terms import (
    Appeals,
    Committee,
    Complaints,
    Conditions,
    ConflictRules,
    Fees,
    Monitoring,
    Panel,
    Publication,
    Sanctions,
    Sla,
    Validity,
)
from registry.domain.trust_list import Text


class Outcome(StrEnum):
    """What a rule may propose and a committee may decide."""

    RECOGNIZE = "recognize"
    RECOGNIZE_WITH_CONDITIONS = "recognize_with_conditions"
    DEFER = "defer"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    REDUCE_SCOPE = "reduce_scope"
    VOID = "void"
    NO_CHANGE = "no_change"


class Standing(StrEnum):
    """How far a rating meets its criterion, the same over all scales."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"
    NOT_APPLICABLE = "not_applicable"


class Need(StrEnum):
    """What a rating must bring with it."""

    REASONS = "reasons"
    CITED_EVIDENCE = "cited_evidence"
    RECOMMENDATION = "recommendation"
    CONDITION = "condition"


class Metric(StrEnum):
    """What a rule can measure; nothing else."""

    COUNT = "count"
    SHARE = "share"
    POINTS_PERCENT = "points_percent"
    KNOCK_OUTS_FAILED = "knock_outs_failed"
    UNRATED = "unrated"


@dataclass(frozen=True, slots=True)
class Source:
    """A text the policy draws on; `relation` says how, and never claims that text's authority."""

    title: Text
    relation: str
    reference: str | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """What a new version means for open cases and for recognitions that stand."""

    cases_in_progress: str
    existing_recognitions: str
    grace_days: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Name, version and validity of the policy itself; `disclaimer` says what its recognition is not."""

    id: str
    version: str
    status: str
    title: Text
    summary: Text
    disclaimer: Text
    languages: tuple[str, ...]
    owner: Text
    effective_from: date
    derived_from: tuple[Source, ...]
    transition: Transition
    effective_to: date | None = None
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Countries (ISO 3166-1 alpha-2), groups such as `@eu`, or `*`."""

    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the scope: which vocabulary, whether it must be stated, which values are open."""

    scheme: str
    required: bool
    allowed: tuple[str | int, ...] = ()
    note: Text | None = None
    level_mark: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeTerms:
    """What scope may be asked for."""

    fields_of_study: Dimension
    eqf_levels: Dimension
    credential_types: Dimension
    jurisdictions: Dimension
    delivery_modes: Dimension | None = None
    languages: Dimension | None = None
    max_workload_ects: float | None = None


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """Who may apply, how, and for what."""

    applicant_kinds: tuple[str, ...]
    procedures: tuple[str, ...]
    jurisdictions: Places
    scope: ScopeTerms


@dataclass(frozen=True, slots=True)
class CheckParams:
    """Parameters of an automatic check; each check accepts only its own (`checks.PARAMS`)."""

    months: int | None = None
    match_on: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    min_agreeing: int | None = None
    min_share: float | None = None
    elm_v3: tuple[str, ...] = ()
    ob_v3: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EligibilityCheck:
    """A gate before the review; `on_fail` is block, return_to_applicant or flag."""

    id: str
    title: Text
    mode: str
    on_fail: str
    check: str | None = None
    params: CheckParams = CheckParams()


@dataclass(frozen=True, slots=True)
class ScaleValue:
    """One rating: `rank` orders it, `points` count it (None: not counted), `requires` is what it must bring."""

    id: str
    rank: int
    points: float | None
    standing: Standing
    label: Text
    meaning: Text
    requires: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale."""

    id: str
    values: tuple[ScaleValue, ...]

    def value(self, value_id: str) -> ScaleValue | None:
        """Return a rating of this scale, or None when it has no such rating."""
        return next((value for value in self.values if value.id == value_id), None)

    @property
    def max_points(self) -> float:
        """The most points a rating of this scale brings."""
        return max((value.points for value in self.values if value.points is not None), default=0)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of criteria: access, core, supplementary or horizontal."""

    id: str
    kind: str
    title: Text


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence for a criterion; `provided_by` is applicant, body or machine, ages are days."""

    id: str
    title: Text
    kind: str
    required: bool
    visibility: str
    provided_by: str
    max_age_days: int | None = None
    min_count: int = 1
    check: str | None = None
    params: CheckParams = CheckParams()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One requirement with its questions, sources, scale and evidence."""

    id: str
    group: str
    title: Text
    requirement: Text
    scale: str
    weight: float
    evidence: tuple[Evidence, ...]
    source_refs: tuple[Text, ...]
    inheritable: bool
    review_by: tuple[str, ...]
    questions: tuple[Text, ...] = ()
    knock_out: bool = False
    not_applicable_when: Text | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A comparison in a rule: `metric` over the criteria selected, against `value`.

    `ratings` selects ratings (count, share); `groups` and `criteria` select criteria, both empty selects all.
    """

    metric: Metric
    op: str
    value: float
    ratings: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: "Condition"


Condition = Measure | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: when the condition holds, it proposes the outcome and says why."""

    id: str
    when: Condition
    outcome: Outcome
    because: Text


@dataclass(frozen=True, slots=True)
class Default:
    """What is proposed when no rule holds."""

    outcome: Outcome
    because: Text


@dataclass(frozen=True, slots=True)
class OutcomeTerms:
    """An outcome with its name, the status it leads to (or none, unchanged) and the procedures it belongs to."""

    id: Outcome
    label: Text
    recognition_status: str
    needs_representation: bool
    appealable: bool
    procedures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcomes, the rules that propose them, and the committee that decides."""

    outcomes: tuple[OutcomeTerms, ...]
    rules: tuple[Rule, ...]
    default: Default
    committee: Committee
    conditions: Conditions

    def outcome(self, outcome: Outcome) -> OutcomeTerms | None:
        """Return the terms of an outcome, or None when the policy does not know it."""
        return next((terms for terms in self.outcomes if terms.id == outcome), None)


@dataclass(frozen=True, slots=True)
class Vector:
    """A test of the rules: ratings, the outcome expected and the rule that must propose it (None: the default).

    `default_rating` pairs a scale with the rating of every criterion of it that `ratings` does not name.
    """

    name: str
    default_rating: tuple[tuple[str, str], ...]
    ratings: tuple[tuple[str, str], ...]
    expect: Outcome
    rule: str | None


@dataclass(frozen=True, slots=True)
class RatingVector:
    """A test of one rating: what is handed in with it, and what must be reported as missing or refused."""

    name: str
    criterion: str
    rating: str
    gives: tuple[Need, ...]
    expect: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy of one version."""

    identity: Identity
    applies_to: AppliesTo
    eligibility: tuple[EligibilityCheck, ...]
    rating_scales: tuple[Scale, ...]
    criteria_groups: tuple[Group, ...]
    criteria: tuple[Criterion, ...]
    decision: Decision
    validity: Validity
    monitoring: Monitoring
    conflict_rules: ConflictRules
    panel: Panel
    sla: Sla
    appeals: Appeals
    complaints: Complaints
    sanctions: Sanctions
    fees: Fees
    publication: Publication
    tests: tuple[Vector, ...]
    rating_tests: tuple[RatingVector, ...]

    @property
    def id(self) -> str:
        """The id, the same over all versions."""
        return self.identity.id

    @property
    def version(self) -> str:
        """The version, three numbers."""
        return self.identity.version

    @property
    def title(self) -> Text:
        """The title."""
        return self.identity.title

    def criterion(self, criterion_id: str) -> Criterion | None:
        """Return a criterion, or None when the policy has no such criterion."""
        return next((criterion for criterion in self.criteria if criterion.id == criterion_id), None)

    def group(self, group_id: str) -> Group:
        """Return a group that a criterion names; references are checked when the file is read."""
        return next(group for group in self.criteria_groups if group.id == group_id)

    def criteria_in(self, group_id: str) -> tuple[Criterion, ...]:
        """Return the criteria of a group in the order of the file."""
        return tuple(criterion for criterion in self.criteria if criterion.group == group_id)

    def scale_of(self, criterion: Criterion) -> Scale:
        """Return the scale by which a criterion is rated."""
        return next(scale for scale in self.rating_scales if scale.id == criterion.scale)

    def evidence_items(self) -> Iterator[tuple[Criterion, Evidence]]:
        """Yield every piece of evidence with its criterion, in the order of the file."""
        for criterion in self.criteria:
            for evidence in criterion.evidence:
                yield criterion, evidence

    def is_open_on(self, day: date) -> bool:
        """Tell whether new applications may be made under this version on `day`."""
        start, end = self.identity.effective_from, self.identity.effective_to
        return self.identity.status == "adopted" and start <= day and (end is None or day <= end)
