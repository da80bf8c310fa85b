"""Let the clock act: all cases whose deadline is near or has passed, batch by batch, each in a transaction of its own."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from registry.database import Database
from registry.services import conditions, orders, policy_transition, renewals, rounds, ticking

EVERY = 60.0
"""Seconds between two rounds."""

ROUNDS: Mapping[str, Callable[[Session, datetime], int]] = {
    "urgent orders": orders.lapse_unconfirmed,
    "conditions": conditions.tick_conditions,
    "renewals": renewals.tick_prolong,
    "monitoring": rounds.tick_rounds,
    "policies": lambda session, at: policy_transition.apply_due(session, at=at),
}
"""What else the calendar brings, beside the deadlines of cases; each returns how much it did."""


def tick_all(database: Database, at: datetime) -> int:
    """Handle every deadline and return how many cases moved or were reminded of."""
    done, after = 0, None
    while True:
        with database.transaction() as session:
            batch = ticking.tick(session, at, after)
        done += batch.moved + batch.reminded
        after = batch.last
        if after is None:
            break
    for act in ROUNDS.values():
        with database.transaction() as session:
            done += act(session, at)
    return done
