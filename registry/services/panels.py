"""The panel of a case: which seats it needs, and what it still lacks."""

from sqlalchemy.orm import Session

from registry.domain.panels import CaseKind, Place, panel_problems, seats_needed
from registry.domain.roles import PANEL, PanelSeat
from registry.domain.scope import parse_scope
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import institutions
from registry.services.case_file import policy_for


def seats_of(part: Assignment) -> frozenset[PanelSeat]:
    """Return the seats that somebody on a panel fills."""
    return frozenset(seat for seat in (part.seat, part.also_seat) if seat is not None)


def needed_for(session: Session, application: Application) -> tuple[PanelSeat, ...]:
    """Return the seats that the panel of a case fills: those of the policy, and those that this case makes necessary."""
    facts = institutions.current_facts(session, application.institution_id)
    case = CaseKind(parse_scope(application.scope), facts.get("kind") or application.institution.kind)
    return seats_needed(policy_for(application).panel, case)


def problems_of(session: Session, application: Application) -> list[str]:
    """Return what the panel of a case lacks, as sentences."""
    places = [
        Place(a.role, seats_of(a)) for a in application.assignments if a.ended_at is None and a.role in PANEL
    ]
    return panel_problems(policy_for(application).panel, places, needed_for(session, application))
