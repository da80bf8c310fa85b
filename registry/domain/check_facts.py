"""Facts that the automatic checks judge, gathered beforehand; no check looks anything up itself.

`bool | None` means: observed to hold, observed not to hold, could not be observed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RegisterRecord:
    """What one register answered about the applicant; `found` None: the register did not answer."""

    scheme: str
    value: str
    found: bool | None
    name: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ListedParty:
    """Another institution the registry knows: per scheme (ror, vat, domain, normalized_name ...) its values."""

    id: str
    values: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class ExternalDecision:
    """A decision of another quality assurance body about the applicant."""

    source: str
    positive: bool
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisterLookup:
    """The answer of a register of decisions; `answered` False: it could not be asked."""

    register: str
    answered: bool
    decisions: tuple[ExternalDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainProof:
    """A challenge placed under a domain, by `dns` or `well_known`, and whether it was found there."""

    domain: str
    method: str
    observed_at: datetime
    matched: bool | None


@dataclass(frozen=True, slots=True)
class KeyProof:
    """Proof of control of one issuing identity: `signed_challenge` or `platform_confirmation`."""

    identity: str
    method: str
    proved_at: datetime
    valid: bool | None


@dataclass(frozen=True, slots=True)
class StatusObservation:
    """The status of one sample credential, read before and (None: not yet) after its revocation."""

    credential: str
    valid_before: bool | None
    revoked_after: bool | None


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a sample credential verifies, and whether its key is one the applicant proved."""

    credential: str
    signature_valid: bool | None
    key_proved: bool | None


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A catalogue page; `descriptors` are the elements found on it, None when it could not be read."""

    url: str
    descriptors: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class CheckInput:
    """Everything the checks may judge at the instant `at` (UTC). `max_age_days` is the limit of the evidence item checked.

    `evidence_required` and `evidence_present` give numbers of items per evidence id. `holders` gives, per identity of the
    applicant, the ids of other listed issuers that use it. `samples` are credentials as parsed JSON.
    """

    at: datetime
    max_age_days: int | None = None
    min_count: int = 1
    evidence_required: Mapping[str, int] = field(default_factory=dict)
    evidence_present: Mapping[str, int] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    country: str = ""
    records: tuple[RegisterRecord, ...] = ()
    own_values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    others: tuple[ListedParty, ...] = ()
    adverse_decisions: tuple[datetime, ...] = ()
    lookups: tuple[RegisterLookup, ...] = ()
    identities: tuple[str, ...] = ()
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    domain_proofs: tuple[DomainProof, ...] = ()
    key_proofs: tuple[KeyProof, ...] = ()
    statuses: tuple[StatusObservation, ...] = ()
    verifications: tuple[Verification, ...] = ()
    samples: tuple[Mapping[str, Any], ...] = ()
    catalogue: tuple[CataloguePage, ...] = ()
