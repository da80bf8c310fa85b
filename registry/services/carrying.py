"""What an issuer holds at an instant, as far as it can be handed on to a successor."""

from datetime import datetime
from typing import Any

from registry.domain.institution_events import Holding
from registry.domain.recognition import Status, interval_at
from registry.models.issuer import Issuer
from registry.services.trust_lists import status_events


def holding_of(issuer: Issuer, at: datetime) -> Holding | None:
    """Return what an issuer is recognized for now, or None where it is not: suspended, ended, or never listed."""
    interval = interval_at(status_events(issuer), at)
    if interval is None or not interval.status.is_recognized:
        return None
    return Holding(interval.scope, interval.valid_until, interval.status)


def conditions_of(issuer: Issuer, at: datetime) -> list[dict[str, Any]]:
    """Return the conditions that an issuer still has to meet, in wire form."""
    holding = holding_of(issuer, at)
    if holding is None or holding.status is not Status.ACTIVE_WITH_CONDITIONS:
        return []
    return next((list(event.conditions) for event in reversed(issuer.events) if event.conditions), [])
