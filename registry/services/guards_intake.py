"""Guards of the intake: something to return for, eligibility answered."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.models.application import Application
from registry.services import completeness, eligibility_standing


def something_missing(session: Session, application: Application, at: datetime) -> str | None:
    """Hold when the list of what is missing has at least one point."""
    if completeness.is_something_missing(session, application, at):
        return None
    return "nothing is missing; add a point that says what the applicant has to mend"


def eligibility_answered(session: Session, application: Application, _at: datetime) -> str | None:
    """Hold when every eligibility check is answered and none that blocks has failed."""
    return eligibility_standing.problem(session, application)
