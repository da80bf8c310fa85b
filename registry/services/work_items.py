"""Open work: what imports and signals noticed. A person looks at it and says what came of it; nothing else follows."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.domain.text import clean
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.institution import WorkItem
from registry.services.accounts import roles_of
from registry.services.recording import audit

LOOKERS = frozenset({Role.OPERATOR, Role.IDENTITY_VERIFIER})
"""Who may look at open work and close it; an identity verifier of any body may."""


def item_by_id(session: Session, item_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> WorkItem:
    """Return an item to somebody who may look at it.

    Raises:
        NotAllowed: the person is neither operator nor identity verifier.
    """
    if not any(grant.role in LOOKERS for grant in roles_of(session, actor, at=at)):
        raise NotAllowed("only an identity verifier or the operator may do this")
    item = session.get(WorkItem, item_id, with_for_update=True)
    if item is None:
        raise NotFound(f"no open work {item_id}")
    return item


def close(session: Session, item_id: uuid.UUID, *, outcome: str, actor: uuid.UUID, at: datetime) -> WorkItem:
    """Close an item, saying what was found and done.

    Raises:
        Conflict: somebody closed it already.
        InvalidInput: no outcome is given.
    """
    item = item_by_id(session, item_id, actor=actor, at=at)
    if item.closed_at is not None:
        raise Conflict("this work is closed already")
    if not outcome.strip():
        problem = "say what you found and did"
        raise InvalidInput(problem, [FieldError("outcome", problem)])
    item.closed_at, item.closed_by, item.outcome = at, str(actor), clean(outcome)
    session.flush()
    audit(session, "work.closed", actor=actor, at=at, of=("work_item", item.id))
    return item
