"""What a released decision sets going: conditions to be shown, and the end of a term that only waited for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.policy import Outcome
from registry.models.application import Application, Procedure
from registry.models.decision import Decision
from registry.models.issuer import Issuer
from registry.services import conditions, renewals


def begin(session: Session, application: Application, decision: Decision, at: datetime) -> None:
    """Enter the conditions of a grant; let a prolonged term end whose renewal was refused."""
    if application.issuer_id is None:
        return
    if decision.outcome == Outcome.RECOGNIZE_WITH_CONDITIONS:
        conditions.open_conditions(session, session.get_one(Issuer, application.issuer_id), decision, at)
    if decision.outcome == Outcome.REFUSE and application.procedure is Procedure.RENEWAL:
        renewals.end_prolonged(session, application, decision, at)
