"""What is published of a decision: outcome, proposal, votes, ratings; a page of its own and a section of the issuer's.

Decisions that were never published answer exactly like those that never were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from registry import policy_files
from registry.domain.institution_events import EventKind
from registry.domain.policy import Outcome, Policy
from registry.domain.recognition import Reason
from registry.domain.trust_list import Text
from registry.domain.two_people import ProposalKind
from registry.http.transaction import settings
from registry.models.application import Procedure
from registry.web.i18n import parse_instant
from registry.web.labels import LABELS, label
from registry.web.policies import outcome_label
from registry.web.published import reader


@dataclass(frozen=True, slots=True)
class Decided:
    """A published decision; `policy` is None where this installation does not hold that version."""

    wire: Mapping[str, Any]
    policy: Policy | None

    @property
    def address(self) -> str:
        """Where the decision stands as JSON."""
        return _address(self.wire["id"])

    @property
    def order(self) -> ProposalKind | None:
        """What two people ordered, where it was no decision of a committee."""
        return ProposalKind(self.wire["order"]) if "order" in self.wire else None

    @property
    def reason(self) -> Reason:
        """Why it was ordered."""
        return Reason(self.wire["reason"])

    @property
    def happened(self) -> EventKind | None:
        """What had happened to an institution, where the order follows from that."""
        found = self.wire["happened"]
        return EventKind(found["kind"]) if found else None

    @property
    def procedure(self) -> Procedure:
        """The kind of procedure that led to it."""
        return Procedure(self.wire["procedure"])

    @property
    def is_measure(self) -> bool:
        """Whether a hearing, not the ratings, proposed the outcome."""
        return self.procedure is Procedure.EXTRAORDINARY

    def because(self) -> Text | None:
        """Return why the outcome was proposed: what the rule of the policy says, or the ground of the hearing."""
        rule = self.wire["rule"]
        if self.is_measure:
            return LABELS[Reason].get(rule)
        if self.policy is None:
            return None
        found = next((known for known in self.policy.decision.rules if known.id == rule), None)
        return found.because if found else self.policy.decision.default.because

    def outcome_words(self, name: str) -> str:
        """Return what people read for the field `outcome` or `proposed_outcome`."""
        outcome = Outcome(self.wire[name])
        return outcome_label(self.policy, outcome) if self.policy else label(outcome)


def published_decision(decision_id: str | None, known: datetime | None = None) -> Decided | None:
    """Return a decision as published up to `known` (None: all), or None."""
    document = reader().document(_address(decision_id)) if decision_id else None
    if document is None:
        return None
    wire = orjson.loads(document.body)
    if known is not None and parse_instant(wire["released_at"]) > known:
        return None
    return Decided(wire, _policy(wire["policy"]))


def _address(decision_id: str) -> str:
    return f"/decisions/{decision_id}.json"


def _policy(named: Mapping[str, str]) -> Policy | None:
    found = policy_files.available(settings().policies).get((named["id"], named["version"]))
    return found.policy if found and found.sha256 == named["sha256"] else None
