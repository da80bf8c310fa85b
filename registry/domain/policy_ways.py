"""Which way a change of a policy goes, key by key: ONE table of small functions.

A change *tightens* when it asks more of those it binds, or leaves them less time or fewer ways; it *loosens* in the opposite
case. What the table does not tell, a person has to read.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from math import inf
from typing import Any, Final

from registry.domain.policy import Evidence


class Way(StrEnum):
    """Which way a change goes for those it binds."""

    TIGHTENS = "tightens"
    LOOSENS = "loosens"
    EDITORIAL = "editorial"
    NEUTRAL = "neutral"
    UNCLEAR = "unclear"


Judge = Callable[[Any, Any], Way]
"""Which way a change from one value to another goes; an entry that is not there is None."""


def _signed(step: float) -> Way:
    return Way.TIGHTENS if step > 0 else Way.LOOSENS if step < 0 else Way.NEUTRAL


def _more(old: Any, new: Any) -> Way:
    """More asks more; nothing stated counts as none."""
    return _signed((new or 0) - (old or 0))


def _less(old: Any, new: Any) -> Way:
    """Less asks more: days to act in, years a standing lasts; nothing stated means no limit."""
    return _signed((inf if old is None else old) - (inf if new is None else new))


def _yes(old: Any, new: Any) -> Way:
    return _signed(bool(new) - bool(old))


def _no(old: Any, new: Any) -> Way:
    return _signed(bool(old) - bool(new))


def _set(sign: int, *, empty_is_all: bool = False) -> Judge:
    """Return a judge of word lists: `sign` 1, a longer one asks more; -1, it offers more."""

    def judge(old: Any, new: Any) -> Way:
        before, after = set(old or ()), set(new or ())
        if empty_is_all and bool(before) != bool(after):
            return _signed(sign if not after else -sign)
        if before < after or after < before:
            return _signed(sign if before < after else -sign)
        return Way.NEUTRAL if before == after else Way.UNCLEAR

    return judge


def _ladder(*words: str) -> Judge:
    """Return a judge of words that ask more one after the other."""

    def judge(old: Any, new: Any) -> Way:
        known = str(old) in words and str(new) in words
        return _signed(words.index(str(new)) - words.index(str(old))) if known else Way.UNCLEAR

    return judge


def _entry(sign: int) -> Judge:
    """Return a judge of entries that come and go: `sign` 1, one more asks more; -1, one more offers more."""
    return lambda old, new: _signed(sign * ((new is not None) - (old is not None)))


def _evidence(old: Evidence | None, new: Evidence | None) -> Way:
    """Evidence that may be left out, or that the applicant does not bring, asks nothing more of anybody."""
    item = new or old
    asks = item is not None and item.required and item.provided_by == "applicant"
    return _entry(1)(old, new) if asks else Way.NEUTRAL


def _neutral(_old: Any, _new: Any) -> Way:
    return Way.NEUTRAL


_HEARING = {
    f"sanctions.{name}.hearing_days": _less for name in ("suspend", "reduce_scope", "withdraw", "void")
}
_GROUNDS = {
    f"sanctions.{name}.grounds.*": _entry(1) for name in ("suspend", "reduce_scope", "withdraw", "void")
}
_ISSUED = {
    f"sanctions.effect_on_issued_credentials.{name}.effect": _ladder(
        "stay_covered", "not_from_instant", "never_covered"
    )
    for name in (
        *("suspended", "withdrawn", "expired", "relinquished"),
        *("superseded", "key_compromised", "void"),
    )
}
_SCOPE = {
    f"applies_to.scope.{name}.{key}": judge
    for name in (
        *("fields_of_study", "eqf_levels", "credential_types"),
        *("jurisdictions", "delivery_modes", "languages"),
    )
    for key, judge in (("required", _yes), ("allowed", _set(-1, empty_is_all=True)))
}

WAYS: Final[Mapping[str, Judge]] = {
    **_SCOPE,
    **_HEARING,
    **_GROUNDS,
    **_ISSUED,
    "applies_to.applicant_kinds": _set(-1),
    "applies_to.procedures": _set(-1),
    "applies_to.jurisdictions.include": _set(-1),
    "applies_to.jurisdictions.exclude": _set(1),
    "applies_to.scope.max_workload_ects": _less,
    "eligibility.*": _entry(1),
    "eligibility.*.on_fail": _ladder("flag", "return_to_applicant", "block"),
    "rating_scales.*.values.*.requires": _set(1),
    "rating_scales.*.values.*.standing": _ladder("met", "partly", "unmet"),
    "rating_scales.*.values.*.points": _less,
    "rating_scales.*.values.*.rank": _neutral,
    "criteria.*": _entry(1),
    "criteria.*.knock_out": _yes,
    "criteria.*.weight": _neutral,
    "criteria.*.inheritable": _no,
    "criteria.*.not_applicable_when": lambda old, new: (
        _entry(-1)(old, new) if None in (old, new) else Way.UNCLEAR
    ),
    "criteria.*.source_refs": _neutral,
    "criteria.*.review_by": _neutral,
    "criteria.*.evidence.*": _evidence,
    "criteria.*.evidence.*.required": _yes,
    "criteria.*.evidence.*.max_age_days": _less,
    "criteria.*.evidence.*.min_count": _more,
    "criteria.*.evidence.*.visibility": _neutral,
    "decision.conditions.max_conditions": _less,
    "decision.conditions.default_days": _less,
    "decision.conditions.max_days": _less,
    "decision.committee.min_members": _more,
    "decision.committee.quorum": _more,
    "decision.committee.exclude_case_roles": _set(1),
    "validity.full_months": _less,
    "validity.conditional_months": _less,
    "validity.first_recognition_months": _less,
    "validity.extension_while_renewal_pending_days": lambda old, new: _signed((old or 0) - (new or 0)),
    "monitoring.annual_report.due_days_after_year_end": _less,
    "monitoring.annual_report.suspend_after_overdue_days": _less,
    "monitoring.annual_report.fields.*": _entry(1),
    "monitoring.surveillance.every_months": _less,
    "monitoring.change_reporting.notify_days": _less,
    "monitoring.change_reporting.urgent_hours": _less,
    "monitoring.change_reporting.urgent.*": _entry(1),
    "monitoring.change_reporting.substantive.*": _entry(1),
    "monitoring.signals.*": _neutral,
    "conflict_rules.rules.*": _entry(1),
    "conflict_rules.rules.*.lookback_months": _more,
    "conflict_rules.rules.*.applies_to": _set(1, empty_is_all=True),
    "conflict_rules.rules.*.detect": _neutral,
    "conflict_rules.rules.*.effect": _ladder("disclose", "second_opinion", "exclude"),
    "conflict_rules.declaration.valid_days": _less,
    "conflict_rules.declaration.who": _set(1),
    "conflict_rules.declaration.when": _set(1),
    "conflict_rules.applicant_objection_days": _less,
    "conflict_rules.waiver_needs_people": _more,
    "panel.size.min": _more,
    "panel.seats.*": _entry(1),
    "panel.conditional_seats.*": _entry(1),
    "panel.training_valid_months": _less,
    "sla.steps.*.days": _less,
    "sla.steps.*": _neutral,
    "appeals.window_days": _less,
    "appeals.decide_days": _less,
    "appeals.grounds.*": _entry(-1),
    "complaints.resolve_days": _less,
    "complaints.acknowledge_days": _less,
    "complaints.issuer_reply_days": _less,
    "complaints.anonymous_allowed": _no,
    "sanctions.suspend.max_days": _more,
    "sanctions.suspend.urgent.people": _more,
    "sanctions.suspend.urgent.confirm_by_committee_days": _less,
    "sanctions.formal_warning.expires_months": _more,
    "fees.items.*": _entry(1),
    "fees.items.*.amount": _more,
    "fees.items.*.small_applicant_amount": _more,
    "fees.items.*.due_days": _less,
    "fees.items.*.refunds.*": _entry(-1),
    "fees.items.*.refunds.*.percent": lambda old, new: _signed(old - new),
    "publication.languages": _neutral,
}
"""Which way a change goes, by the keys of the file; `*` is the name of an entry of a list."""
