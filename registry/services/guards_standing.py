"""Guards about a standing: whether an urgent suspension has run out before the committee had its say."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.application import Application
from registry.models.decision import Decision
from registry.models.standing import UrgentOrder


def order_lapsed(session: Session, application: Application, at: datetime) -> str | None:
    """Say that no urgent suspension has run out in this case, or nothing where one has."""
    order = session.scalars(
        select(UrgentOrder).where(UrgentOrder.application_id == application.id, UrgentOrder.confirm_by < at)
    ).one_or_none()
    decided = select(Decision.id).where(Decision.application_id == application.id).limit(1)
    if order is None or session.scalar(decided) is not None:
        return "no urgent suspension has run out here"
    return None
