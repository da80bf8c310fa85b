"""Whether a panel is composed as the policy says: its size, its chair, and a learner on every panel."""

from collections.abc import Sequence

from registry.domain.policy_terms import Panel
from registry.domain.roles import RATERS, CaseRole, PanelSeat


def panel_problems(panel: Panel, seats: Sequence[tuple[CaseRole, PanelSeat | None]]) -> list[str]:
    """Return what a panel lacks, as sentences; `seats` are the parts and seats of its people. The secretary does not rate.

    A seat of the policy may be filled by anybody on the panel who rates; one person fills one seat here, the chair besides.
    """
    rating = [(role, seat) for role, seat in seats if role in RATERS]
    problems = []
    if not panel.size.min <= len(rating) <= panel.size.max:
        problems.append(f"the panel needs {panel.size.min} to {panel.size.max} members; it has {len(rating)}")
    chairs = sum(1 for role, _seat in rating if role is CaseRole.PANEL_CHAIR)
    if chairs != 1:
        problems.append(f"the panel needs exactly one chair; it has {chairs}")
    filled = {seat for _role, seat in rating if seat is not None}
    filled |= {PanelSeat.CHAIR} if chairs else set()
    wanted = {seat.seat for seat in panel.seats} | {PanelSeat.LEARNER}
    missing = sorted(seat.value.replace("_", " ") for seat in wanted - filled)
    if missing:
        problems.append(f"the panel has nobody for: {', '.join(missing)}")
    return problems
