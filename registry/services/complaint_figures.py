"""Yearly figures of complaints, for the public: how many came in and what came of those that ended, by scheme."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.complaints import ComplaintOutcome
from registry.domain.figures import shown
from registry.domain.policy import Policy
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.complaint import Complaint
from registry.services.bodies import policy_of

RECEIVED: Final = "received"
COUNTED: Final = (RECEIVED, *(outcome.value for outcome in ComplaintOutcome))
"""What is counted, all of it whether it happened or not."""
_YEARLY: Final = "yearly_figures_without_names"


def complaint_figures(session: Session, start: datetime, end: datetime) -> dict[str, dict[str, int | None]]:
    """Return per scheme the complaints received and ended from `start` to before `end`; what is below 10 is None.

    Only complaints under a policy that publishes yearly figures count, and only schemes with one are named.
    """
    policies = [
        one.id for one in session.scalars(select(AdoptedPolicy)) if publishes_figures(policy_of(one).policy)
    ]
    naming = select(Scheme.slug).join(
        AdoptedPolicy,
        (AdoptedPolicy.body_id == Scheme.body_id) & (AdoptedPolicy.policy_id == Scheme.policy_id),
    )
    told = {
        slug: dict.fromkeys(COUNTED, 0)
        for slug in session.scalars(naming.where(AdoptedPolicy.id.in_(policies)))
    }
    counted = select(Scheme.slug, Complaint.outcome, func.count()).join(
        Scheme, Scheme.id == Complaint.scheme_id
    )
    counted = counted.where(Complaint.policy_id.in_(policies)).group_by(Scheme.slug, Complaint.outcome)
    came = counted.where(Complaint.received_at >= start, Complaint.received_at < end)
    for slug, _outcome, count in session.execute(came):
        told[slug][RECEIVED] += count
    over = counted.where(Complaint.closed_at >= start, Complaint.closed_at < end)
    for slug, outcome, count in session.execute(over):
        if outcome is not None:
            told[slug][outcome.value] += count
    return {slug: {what: shown(n) for what, n in counts.items()} for slug, counts in sorted(told.items())}


def publishes_figures(policy: Policy) -> bool:
    """Whether a policy publishes yearly figures of anything."""
    outcomes: Any = policy.publication.outcomes
    return any(_YEARLY in getattr(outcomes, name).what for name in outcomes.__slots__)
