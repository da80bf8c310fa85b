"""Conflicts of interest: what a declaration leads to. A conflict locks the file; nobody notes one and goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from registry.domain.policy_terms import ConflictRule
from registry.errors import FieldError, InvalidInput


class DeclarationOutcome(StrEnum):
    """What a declaration of interests leads to."""

    CLEAN = "clean"
    DISCLOSED = "disclosed"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one rule: does the tie exist, and what it is."""

    yes: bool
    text: str = ""


def judge_declaration(
    rules: Sequence[ConflictRule], answers: Mapping[str, Answer], finding: str | None = None
) -> DeclarationOutcome:
    """Return what a declaration leads to; `finding` is a tie that was found by machine, which excludes.

    Raises:
        InvalidInput: a rule has no answer, or a yes has no explanation.
    """
    problems = [FieldError(rule.id, "answer yes or no") for rule in rules if rule.id not in answers]
    problems += [
        FieldError(rule.id, "say what the tie is")
        for rule in rules
        if rule.id in answers and answers[rule.id].yes and not answers[rule.id].text.strip()
    ]
    if problems:
        raise InvalidInput("answer every rule", problems)
    effects = {rule.effect for rule in rules if answers[rule.id].yes}
    if finding is not None or "exclude" in effects:
        return DeclarationOutcome.EXCLUDED
    return DeclarationOutcome.DISCLOSED if effects else DeclarationOutcome.CLEAN


def mail_domain_finding(email: str, website: str | None) -> str | None:
    """Return a finding when somebody's mail address lies in the domain of the applicant's site, or the other way round."""
    host = urlsplit(website if website and "//" in website else f"//{website or ''}").hostname or ""
    site = host.removeprefix("www.").lower()
    domain = email.rpartition("@")[2].lower()
    if not site or not domain:
        return None
    related = domain == site or domain.endswith("." + site) or site.endswith("." + domain)
    return f"email_domain_match: {domain}" if related else None
