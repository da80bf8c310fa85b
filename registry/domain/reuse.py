"""Reuse of what others have decided: which decisions may be cited, how they are written, and the days that they save."""

import re
from datetime import date
from enum import StrEnum
from typing import Final

from registry.domain.policy import Policy
from registry.errors import InvalidInput

REVIEW_STEP: Final = "desk_review_and_first_ratings"
"""The step of the time limits that a reused criterion shortens."""


class ExternalKind(StrEnum):
    """Who decided."""

    NATIONAL_AGENCY = "national_agency"
    DEQAR = "deqar"
    ISO = "iso"
    OTHER = "other"


_DEQAR = re.compile(
    r"(?:https?://(?:www\.)?(?:data\.)?(?:deqar\.eu|eqar\.eu)/\S*?reports?/)?(\d{1,9})/?", re.IGNORECASE
)
_ISO = re.compile(r"ISO(?:/IEC)?\s?\d{4,5}(?:-\d{1,2})?(?::\d{4})?\b.*", re.IGNORECASE)


def parse_reference(kind: ExternalKind, text: str) -> str:
    """Return the id or address of an external decision in one form: a DEQAR report by its number, others as written.

    Raises:
        InvalidInput: no reference, or one that a decision of this kind does not have.
    """
    words = " ".join(text.split())
    if not words:
        raise InvalidInput("give the number or the address of the decision")
    if kind is ExternalKind.DEQAR:
        return _deqar(words)
    if kind is ExternalKind.ISO and not _ISO.fullmatch(words):
        raise InvalidInput(
            "name the standard and the certificate, for example ISO 21001:2018, certificate 4711"
        )
    return words


def _deqar(words: str) -> str:
    if words.upper().startswith("DEQARINST"):
        raise InvalidInput("this is the DEQAR identifier of an institution; give the number of the report")
    found = _DEQAR.fullmatch(words)
    if found is None:
        raise InvalidInput("a DEQAR report has a number, such as 41876; give that or its address")
    return found[1]


def date_problem(decided_on: date, valid_until: date | None, today: date) -> tuple[str, str] | None:
    """Return which date (`decided_on` or `valid_until`) speaks against citing a decision today, and why; None: neither."""
    if decided_on > today:
        return "decided_on", "this day has not come yet; a decision is cited once it has been made"
    if valid_until is not None and valid_until < decided_on:
        return "valid_until", "a decision does not end before it was made"
    if valid_until is not None and valid_until < today:
        return "valid_until", f"this decision ended on {valid_until.isoformat()} and cannot be reused"
    return None


def days_saved(policy: Policy, reused: int) -> int:
    """Return the working days that reuse saves: share of criteria reused times the policy's days of review, rounded down."""
    days = policy.sla.days(REVIEW_STEP) or 0
    return days * reused // len(policy.criteria)
