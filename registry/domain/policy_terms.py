"""The terms of a policy: how long, how fast, who sits where, what it costs, what is published.

Frozen values only. What a criterion asks and what a rule concludes is in `policy.py`; the file form of all of it is
described by `policies/policy.schema.yaml`, key by key with the same names.
"""

from dataclasses import dataclass

from registry.domain.recognition import Effect, Reason
from registry.domain.roles import CaseRole, PanelSeat
from registry.domain.trust_list import Text


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a closed list with its name for people."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Committee:
    """How the committee decides; `quorum` is a share of its members, 0 to 1."""

    min_members: int
    quorum: float
    majority: str
    exclude_case_roles: tuple[CaseRole, ...]
    deviation_needs_reasons: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """Limits of the conditions a recognition may carry, in calendar days."""

    max_conditions: int
    default_days: int
    max_days: int
    verified_by: Text
    on_missed: str


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a recognition lasts, in months, and from when it counts."""

    full_months: int
    conditional_months: int
    renewal_window_months: int
    starts: str
    next_cycle_from: str
    first_recognition_months: int | None = None
    extension_while_renewal_pending_days: int = 0


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """The yearly report of an issuer."""

    due_days_after_year_end: int
    fields: tuple[Item, ...]
    suspend_after_overdue_days: int


@dataclass(frozen=True, slots=True)
class Surveillance:
    """The check between two reviews."""

    every_months: int
    mode: str
    sample: Text
    risk_based_shorter: bool


@dataclass(frozen=True, slots=True)
class ChangeReporting:
    """Which changes an issuer must tell, and how soon."""

    notify_days: int
    urgent_hours: int
    urgent: tuple[Item, ...]
    substantive: tuple[Item, ...]
    minor: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Monitoring:
    """What happens between two decisions."""

    annual_report: AnnualReport
    surveillance: Surveillance
    change_reporting: ChangeReporting
    signals: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """Who declares interests, when, and for how many days a declaration holds."""

    who: tuple[CaseRole, ...]
    when: tuple[str, ...]
    form: str
    valid_days: int
    public: str


@dataclass(frozen=True, slots=True)
class ConflictRule:
    """One tie that a person must answer; `applies_to` empty means everybody who plays a part in the case."""

    id: str
    text: Text
    applies_to: tuple[CaseRole, ...]
    lookback_months: int
    detect: tuple[str, ...]
    effect: str


@dataclass(frozen=True, slots=True)
class ConflictRules:
    """Conflicts of interest: declarations, rules, objection of the applicant, what a conflict leads to."""

    declaration: Declaration
    rules: tuple[ConflictRule, ...]
    applicant_objection_days: int
    on_conflict: Text
    waiver_needs_people: int


@dataclass(frozen=True, slots=True)
class Size:
    """A range, both ends included."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat on every panel."""

    seat: PanelSeat
    title: Text


@dataclass(frozen=True, slots=True)
class ConditionalSeat:
    """A seat that a panel needs in some cases; `when` is a closed word, `text` says it to people."""

    seat: PanelSeat
    when: str
    text: Text


@dataclass(frozen=True, slots=True)
class Panel:
    """Who reviews. One person may fill two seats, except the learner's."""

    size: Size
    seats: tuple[Seat, ...]
    training_valid_months: int
    learner_seat_combined: bool
    secretary_rates: bool
    independent_rating_first: bool
    conditional_seats: tuple[ConditionalSeat, ...] = ()


@dataclass(frozen=True, slots=True)
class SlaStep:
    """One step with a limit in days of the policy's calendar."""

    step: str
    title: Text
    owner: str
    days: int
    stops_body_clock: bool = False
    on_overdue: str = "remind"


@dataclass(frozen=True, slots=True)
class Sla:
    """Time limits."""

    calendar: str
    steps: tuple[SlaStep, ...]

    def days(self, step: str) -> int | None:
        """Return the limit of a step, or None when the policy has no such step."""
        return next((s.days for s in self.steps if s.step == step), None)


@dataclass(frozen=True, slots=True)
class AppealsBody:
    """Who decides an appeal; never anybody of the groups it excludes."""

    min_members: int
    excludes: tuple[str, ...]
    decides: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class AppealEffects:
    """What holds while an appeal runs, per outcome appealed against."""

    ineligible: Text
    refuse: Text
    recognize_with_conditions: Text
    suspend: Text
    reduce_scope: Text
    withdraw: Text
    void: Text


@dataclass(frozen=True, slots=True)
class Appeals:
    """The way against a decision; every formal decision is open to it, free of charge."""

    window_days: int
    against: tuple[str, ...]
    grounds: tuple[Item, ...]
    new_evidence: Text
    body: AppealsBody
    decide_days: int
    effect_during_appeal: AppealEffects
    fee: str


@dataclass(frozen=True, slots=True)
class Complaints:
    """Complaints about an issuer, the body or the register; times in days."""

    who: tuple[Item, ...]
    about: tuple[Item, ...]
    not_about: tuple[Item, ...]
    acknowledge_days: int
    admissibility_days: int
    issuer_reply_days: int
    resolve_days: int
    outcomes: tuple[Item, ...]
    protect_complainant_identity: bool
    anonymous_allowed: bool
    fee: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason for a sanction; the id is a reason of a status event."""

    id: Reason
    title: Text


@dataclass(frozen=True, slots=True)
class FormalWarning:
    """A published note; it never changes the status."""

    text: Text
    published: bool
    changes_status: bool
    expires_months: int


@dataclass(frozen=True, slots=True)
class UrgentSuspension:
    """Suspension before the hearing, by two people, confirmed by the committee within days."""

    allowed_for: tuple[Ground, ...]
    people: int
    confirm_by_committee_days: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """A stop for a time; the hearing comes first unless `urgent`."""

    grounds: tuple[Ground, ...]
    hearing_days: int
    urgent: UrgentSuspension
    max_days: int
    then: Text


@dataclass(frozen=True, slots=True)
class Sanction:
    """A measure with its grounds and the days the issuer has to be heard before it."""

    grounds: tuple[Ground, ...]
    hearing_days: int


@dataclass(frozen=True, slots=True)
class IssuedEffect:
    """What an event does to credentials issued before it, as data and as a sentence."""

    effect: Effect
    text: Text


@dataclass(frozen=True, slots=True)
class IssuedEffects:
    """The effect on credentials already issued, per end or stop of a recognition."""

    suspended: IssuedEffect
    withdrawn: IssuedEffect
    expired: IssuedEffect
    relinquished: IssuedEffect
    superseded: IssuedEffect
    key_compromised: IssuedEffect
    void: IssuedEffect


@dataclass(frozen=True, slots=True)
class Sanctions:
    """What the body may do when an issuer no longer keeps to the policy."""

    formal_warning: FormalWarning
    suspend: Suspension
    reduce_scope: Sanction
    withdraw: Sanction
    void: Sanction
    effect_on_issued_credentials: IssuedEffects

    def measure(self, outcome: str) -> "Sanction | Suspension | None":
        """Return the measure that an outcome is, with its grounds and the days to be heard; None for any other outcome."""
        measures: dict[str, Sanction | Suspension] = {
            "reduce_scope": self.reduce_scope,
            "suspend": self.suspend,
            "withdraw": self.withdraw,
            "void": self.void,
        }
        return measures.get(outcome)

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """The grounds of all measures: those that a hearing comes before, and those of an urgent suspension."""
        measures = (self.suspend, self.withdraw, self.void, self.reduce_scope)
        told = tuple(ground for measure in measures for ground in measure.grounds)
        return told + self.suspend.urgent.allowed_for


@dataclass(frozen=True, slots=True)
class Refund:
    """How much comes back when a case ends early; `percent` 0 to 100."""

    when: str
    percent: int
    text: Text


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee; amounts in whole units of the policy's currency, before tax."""

    id: str
    title: Text
    amount: int
    small_applicant_amount: int
    due: str
    due_days: int
    refunds: tuple[Refund, ...]


@dataclass(frozen=True, slots=True)
class Fees:
    """What a review costs. No fee depends on the outcome; checks, appeals and complaints are free."""

    currency: str
    tied_to_outcome: bool
    items: tuple[Fee, ...]
    small_applicant: Text
    free: tuple[Item, ...]
    note: Text


@dataclass(frozen=True, slots=True)
class OutcomePublication:
    """What an outcome publishes, when, and for how many years (0: not at all; `keep_from` says from when)."""

    what: tuple[str, ...]
    when: str
    keep_years: int
    keep_from: str
    note: Text


@dataclass(frozen=True, slots=True)
class OutcomePublications:
    """Publication per outcome; refused, deferred and ineligible cases leave no trace with a name."""

    ineligible: OutcomePublication
    recognize: OutcomePublication
    recognize_with_conditions: OutcomePublication
    defer: OutcomePublication
    refuse: OutcomePublication
    no_change: OutcomePublication
    formal_warning: OutcomePublication
    suspend: OutcomePublication
    reduce_scope: OutcomePublication
    withdraw: OutcomePublication
    void: OutcomePublication
    expire: OutcomePublication
    relinquish: OutcomePublication


@dataclass(frozen=True, slots=True)
class Publication:
    """What the public sees."""

    always: tuple[Item, ...]
    report: str
    outcomes: OutcomePublications
    languages: tuple[str, ...]
    retention_years_after_end: int
    note: Text
