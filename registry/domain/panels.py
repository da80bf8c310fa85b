"""Whether a panel is composed as the policy says: its size, its chair, its seats, and a learner on every panel."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from registry.domain.grants import Mode
from registry.domain.policy_terms import Panel
from registry.domain.roles import RATERS, CaseRole, PanelSeat
from registry.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """One person on a panel: the part, and the seats that the person fills."""

    role: CaseRole
    seats: frozenset[PanelSeat] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseKind:
    """What decides which conditional seats a case needs: what is asked for, and the applicant's kind."""

    scope: Scope
    applicant_kind: str


def _work_based_or_employer(case: CaseKind) -> bool:
    # a grant that names no modes asks for all of them
    work_based = any(not g.modes or Mode.WORK_BASED in g.modes for g in case.scope.grants)
    return work_based or case.applicant_kind == "employer"


WHEN: Mapping[str, Callable[[CaseKind], bool]] = {"work_based_or_employer": _work_based_or_employer}
"""Every `when` word of a conditional seat."""


def seats_needed(panel: Panel, case: CaseKind) -> tuple[PanelSeat, ...]:
    """Return the seats that the panel of a case fills, in the order of the policy; the learner's is always one."""
    wanted = [seat.seat for seat in panel.seats]
    wanted += [seat.seat for seat in panel.conditional_seats if WHEN[seat.when](case)]
    return tuple(dict.fromkeys([*wanted, PanelSeat.LEARNER]))


def panel_problems(panel: Panel, places: Sequence[Place], needed: Collection[PanelSeat]) -> list[str]:
    """Return what a panel lacks, as sentences. The secretary does not rate and fills no seat."""
    rating = [place for place in places if place.role in RATERS]
    problems = []
    if not panel.size.min <= len(rating) <= panel.size.max:
        problems.append(f"the panel needs {panel.size.min} to {panel.size.max} members; it has {len(rating)}")
    chairs = sum(1 for place in rating if place.role is CaseRole.PANEL_CHAIR)
    if chairs != 1:
        problems.append(f"the panel needs exactly one chair; it has {chairs}")
    filled = {seat for place in rating for seat in place.seats} | ({PanelSeat.CHAIR} if chairs else set())
    missing = sorted(seat.value.replace("_", " ") for seat in set(needed) - filled)
    if missing:
        problems.append(f"the panel has nobody for: {', '.join(missing)}")
    return problems + [
        problem for place in rating if (problem := seat_problem(panel, place.role, place.seats))
    ]


def seat_problem(panel: Panel, role: CaseRole, seats: Collection[PanelSeat]) -> str | None:
    """Return why one person may not fill these seats together, or None. The chair's seat goes with the chair's part."""
    if role not in RATERS:
        return "the secretary fills no seat" if seats else None
    if (PanelSeat.CHAIR in seats) != (role is CaseRole.PANEL_CHAIR):
        return "the seat of the chair goes with the part of the chair"
    if len(seats) > _MOST_SEATS:
        return f"one person fills at most {_MOST_SEATS} seats"
    if PanelSeat.LEARNER in seats and len(seats) > 1 and not panel.learner_seat_combined:
        return "the learner's seat is never combined with another"
    return None


_MOST_SEATS = 2
