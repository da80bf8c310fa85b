"""Automatic checks: small pure functions named by policies and found in `CHECKS`.

Each takes gathered facts and the policy's parameters and answers True (shown), False (shown not to hold) or None (a machine
cannot tell; a person must look), with a sentence in English and Polish.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.domain.check_facts import CheckInput
from registry.domain.credential_paths import credential_format, has_element
from registry.domain.policy import CheckParams
from registry.domain.text import fold
from registry.domain.trust_list import Text

MANDATORY_DESCRIPTORS = frozenset(
    {
        "learner",
        "title",
        "country",
        "awarding_body",
        "date_of_issue",
        "learning_outcomes",
        "workload",
        "level",
        "assessment",
        "participation",
        "quality_assurance",
    }
)
"""The elements of Annex I of Council Recommendation 2022/C 243/02."""
PAGE_DESCRIPTORS = MANDATORY_DESCRIPTORS - {"learner", "date_of_issue"}
"""Those that a catalogue page can show: it knows neither the learner nor the date."""
_WEAK = frozenset({"domain", "normalized_name"})
"""Agreement on these alone never makes a match."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer of a check; `passed` None means that a person must decide."""

    passed: bool | None
    summary: Text


Check = Callable[[CheckInput, CheckParams], CheckResult]


def all_required_evidence_present(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when every required piece of evidence is there, as often as asked for."""
    missing = sorted(
        evidence
        for evidence, wanted in facts.evidence_required.items()
        if facts.evidence_present.get(evidence, 0) < wanted
    )
    if missing:
        names = ", ".join(missing)
        return _result(False, f"Missing evidence: {names}.", f"Brakujące dowody: {names}.")
    return _result(True, "All required evidence is there.", "Złożono wszystkie wymagane dowody.")


def no_recent_adverse_decision(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when no refusal or withdrawal under the policy lies within the last `months`."""
    since = _months_before(facts.at, params.months or 0)
    recent = [decided for decided in facts.adverse_decisions if since < decided <= facts.at]
    if recent:
        day = max(recent).date().isoformat()
        return _result(
            False, f"Refusal or withdrawal on {day}.", f"Odmowa lub cofnięcie uznania z dnia {day}."
        )
    months = params.months
    return _result(
        True,
        f"No refusal or withdrawal in the last {months} months.",
        f"Brak odmowy i cofnięcia uznania w okresie ostatnich {months} miesięcy.",
    )


def duplicate_candidate(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when no other party shares anything; only two shared identifiers make a duplicate, less asks a person."""
    hits = {other.id: _shared(facts.own_values, other.values, params.match_on) for other in facts.others}
    hits = {other: schemes for other, schemes in hits.items() if schemes}
    if not hits:
        return _result(
            True,
            "No other record looks like this institution.",
            "Żaden inny wpis nie przypomina tej instytucji.",
        )
    worst = max(hits, key=lambda other: (len(hits[other] - _WEAK), len(hits[other])))
    schemes = ", ".join(sorted(hits[worst]))
    certain = len(hits[worst] - _WEAK) > 1
    return _result(
        False if certain else None,
        f"{len(hits)} possible duplicate(s); the closest agrees on {schemes}.",
        f"Możliwe powtórzenia: {len(hits)}; najbliższy wpis zgadza się w polach: {schemes}.",
    )


def external_decisions_lookup(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when every register named answered and none holds an adverse decision still in force."""
    answers = {lookup.register: lookup for lookup in facts.lookups if lookup.answered}
    decisions = [d for name in params.registers if name in answers for d in answers[name].decisions]
    in_force = [d for d in decisions if d.valid_until is None or d.valid_until > facts.at]
    if any(not decision.positive for decision in in_force):
        sources = ", ".join(sorted({d.source for d in in_force if not d.positive}))
        return _result(
            False, f"Adverse decision found: {sources}.", f"Odnaleziono niekorzystną decyzję: {sources}."
        )
    silent = sorted(set(params.registers) - set(answers))
    if silent:
        names = ", ".join(silent)
        return _result(None, f"No answer from: {names}.", f"Brak odpowiedzi z rejestrów: {names}.")
    count = len(in_force)
    return _result(
        True, f"Decisions that can be reused: {count}.", f"Decyzje możliwe do wykorzystania: {count}."
    )


def identifier_agreement(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when enough registers, each of another scheme, agree on a name and the country of the applicant."""
    own = {fold(name) for name in facts.names}
    found = [record for record in facts.records if record.found]
    elsewhere = sorted({r.scheme for r in found if r.country and r.country != facts.country})
    if elsewhere:
        names = ", ".join(elsewhere)
        return _result(False, f"Another country according to: {names}.", f"Inne państwo według: {names}.")
    agreeing = {r.scheme for r in found if fold(r.name) in own and r.country == facts.country}
    wanted = params.min_agreeing or 1
    text = (
        f"{len(agreeing)} of {wanted} agreeing registers.",
        f"Zgodne rejestry: {len(agreeing)} z wymaganych {wanted}.",
    )
    if len(agreeing) >= wanted:
        return _result(True, *text)
    # A name that differs may be a translation or a former name, a silent register may answer tomorrow.
    undecided = any(r.found is None or (r.found and r.scheme not in agreeing) for r in facts.records)
    return _result(None if undecided else False, *text)


def identifier_unique(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when no other listed issuer uses an identity of the applicant."""
    taken = sorted(identity for identity in facts.identities if facts.holders.get(identity))
    if taken:
        names = ", ".join(taken)
        return _result(
            False, f"In use by another issuer: {names}.", f"Używane przez innego wydawcę: {names}."
        )
    if not facts.identities:
        return _result(False, "No issuing identity was named.", "Nie podano tożsamości wydawcy.")
    return _result(
        True, "No other issuer uses these identities.", "Żaden inny wydawca nie używa tych tożsamości."
    )


def domain_control(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when every domain named carries the challenge, seen lately enough."""
    if not facts.domains:
        return _result(False, "No domain was named.", "Nie podano domeny.")
    fresh = [proof for proof in facts.domain_proofs if _is_fresh(proof.observed_at, facts)]
    proved = {proof.domain for proof in fresh if proof.matched}
    unreached = {proof.domain for proof in fresh if proof.matched is None}
    return _all_proved(facts.domains, proved, unreached)


def key_possession(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when control of every issuing identity was proved lately enough, by a method we know."""
    if not facts.identities:
        return _result(False, "No issuing identity was named.", "Nie podano tożsamości wydawcy.")
    known = ("signed_challenge", "platform_confirmation")
    fresh = [p for p in facts.key_proofs if _is_fresh(p.proved_at, facts) and p.method in known]
    proved = {proof.identity for proof in fresh if proof.valid}
    unreached = {proof.identity for proof in fresh if proof.valid is None}
    return _all_proved(facts.identities, proved, unreached)


def status_resolves(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when enough sample credentials read as valid, then as revoked after their revocation."""
    if any(seen.valid_before is False or seen.revoked_after is False for seen in facts.statuses):
        return _result(
            False, "A status did not read as it should.", "Odczytano niewłaściwy status poświadczenia."
        )
    complete = sum(1 for seen in facts.statuses if seen.valid_before and seen.revoked_after)
    if complete >= facts.min_count:
        return _result(
            True,
            "The status resolves before and after.",
            "Status można odczytać przed unieważnieniem i po nim.",
        )
    if not facts.statuses:
        return _result(
            False, "No sample credential has a status.", "Żadne przykładowe poświadczenie nie ma statusu."
        )
    return _result(
        None,
        "The status was not seen both before and after.",
        "Statusu nie sprawdzono przed unieważnieniem i po nim.",
    )


def credential_verifies(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when enough sample credentials verify with keys that the applicant proved, and none fails."""
    failed = [
        v.credential for v in facts.verifications if v.signature_valid is False or v.key_proved is False
    ]
    if failed:
        return _result(
            False,
            f"{len(failed)} sample credential(s) do not verify.",
            f"Liczba przykładowych poświadczeń, które nie przeszły weryfikacji: {len(failed)}.",
        )
    passed = sum(1 for v in facts.verifications if v.signature_valid and v.key_proved)
    wanted = facts.min_count
    text = (
        f"{passed} of {wanted} sample credentials verify.",
        f"Zweryfikowano {passed} z wymaganych {wanted} poświadczeń.",
    )
    if passed >= wanted:
        return _result(True, *text)
    return _result(None if len(facts.verifications) >= wanted else False, *text)


def credential_element(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when enough sample credentials carry the element at one of the paths of their format.

    Left to a person: samples of an unknown format, and of a format that has no place for the element.
    """
    paths = {"elm_v3": params.elm_v3, "ob_v3": params.ob_v3}
    judged = [
        (sample, paths[found])
        for sample in facts.samples
        if (found := credential_format(sample)) and paths[found]
    ]
    having = sum(1 for sample, places in judged if has_element(sample, places))
    if len(facts.samples) < facts.min_count:
        return _result(False, "Too few sample credentials.", "Zbyt mało przykładowych poświadczeń.")
    text = (
        f"Found in {having} of {len(judged)} credentials.",
        f"Element obecny w {having} z {len(judged)} poświadczeń.",
    )
    if having < (params.min_share or 1) * len(judged):
        return _result(False, *text)
    return _result(True if len(judged) == len(facts.samples) else None, *text)


def catalogue_descriptor_coverage(facts: CheckInput, params: CheckParams) -> CheckResult:
    """Hold when the pages show at least the share asked for of all descriptors a page can show."""
    if not facts.catalogue:
        return _result(False, "No catalogue page was named.", "Nie podano strony katalogu.")
    read = [page.descriptors for page in facts.catalogue if page.descriptors is not None]
    if len(read) < len(facts.catalogue):
        silent = len(facts.catalogue) - len(read)
        return _result(
            None, f"{silent} page(s) could not be read.", f"Liczba stron, których nie odczytano: {silent}."
        )
    shown = sum(len(found & PAGE_DESCRIPTORS) for found in read)
    share = shown / (len(read) * len(PAGE_DESCRIPTORS))
    percent = f"{100 * share:.0f}"
    return _result(
        share >= (params.min_share or 1),
        f"{percent} % of the descriptors are on the pages.",
        f"Na stronach jest {percent} % elementów opisu.",
    )


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        all_required_evidence_present,
        no_recent_adverse_decision,
        duplicate_candidate,
        external_decisions_lookup,
        identifier_agreement,
        identifier_unique,
        domain_control,
        key_possession,
        status_resolves,
        credential_verifies,
        credential_element,
        catalogue_descriptor_coverage,
    )
}
"""Every automatic check by the name policies use; an unknown name makes a policy invalid."""

PARAMS: Mapping[str, frozenset[str]] = {name: frozenset() for name in CHECKS} | {
    "no_recent_adverse_decision": frozenset({"months"}),
    "duplicate_candidate": frozenset({"match_on"}),
    "external_decisions_lookup": frozenset({"registers"}),
    "identifier_agreement": frozenset({"min_agreeing"}),
    "credential_element": frozenset({"elm_v3", "ob_v3", "min_share"}),
    "catalogue_descriptor_coverage": frozenset({"min_share"}),
}
"""The parameters each check takes, all of them required."""


def run_check(name: str, facts: CheckInput, params: CheckParams) -> CheckResult:
    """Return the answer of the check of that name. Names are checked when a policy is read."""
    return CHECKS[name](facts, params)


def _result(passed: bool | None, en: str, pl: str) -> CheckResult:
    return CheckResult(passed, Text.of(en=en, pl=pl))


def _all_proved(wanted: tuple[str, ...], proved: set[str], unreached: set[str]) -> CheckResult:
    open_ = [name for name in wanted if name not in proved]
    if not open_:
        return _result(
            True, f"Proved: {len(wanted)} of {len(wanted)}.", f"Wykazano: {len(wanted)} z {len(wanted)}."
        )
    names = ", ".join(open_)
    undecided = all(name in unreached for name in open_)
    return _result(None if undecided else False, f"Not proved: {names}.", f"Nie wykazano: {names}.")


def _is_fresh(seen: datetime, facts: CheckInput) -> bool:
    """A proof from the future is no proof; without a limit any earlier one will do."""
    limit = facts.max_age_days
    return seen <= facts.at and (limit is None or facts.at - seen <= timedelta(days=limit))


def _months_before(at: datetime, months: int) -> datetime:
    """Return the same day and time `months` earlier, at the latest the last day of that month."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def _shared(
    own: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]], match_on: tuple[str, ...]
) -> frozenset[str]:
    return frozenset(
        scheme for scheme in match_on if own.get(scheme, frozenset()) & other.get(scheme, frozenset())
    )
