"""Who acts when: what every signed-in page and resource begins with."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from registry.errors import NotAllowed, NotFound
from registry.files import FileStore
from registry.http.access import signed_in_actor
from registry.http.kept_pages import followed
from registry.http.transaction import SAFE, now, reading, settings, transaction
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import access, desk
from registry.signing.sealing import Seals


@dataclass(frozen=True, slots=True)
class Acting:
    """One person's act: the session it is read or written in, the person, and the instant."""

    session: Session
    actor: uuid.UUID
    at: datetime

    @property
    def by(self) -> dict[str, Any]:
        """The keyword arguments that every service asks for."""
        return {"actor": self.actor, "at": self.at}

    def application(self, application_id: uuid.UUID) -> Application:
        """Return a case that the person may know of, or raise `NotFound`."""
        return access.visible_application(self.session, application_id, **self.by)

    def acts_for(self, institution_id: uuid.UUID) -> bool:
        """Whether the person holds a role for an institution."""
        return desk.acts_for(self.session, institution_id, **self.by)

    def body_case(self, application_id: uuid.UUID) -> Application:
        """Return a case as the body sees it; for the applicant's people this side of it is not there."""
        application = self.application(application_id)
        if self.acts_for(application.institution_id):
            raise NotFound(f"no application {application_id}")
        return application

    def open_file(self, application_id: uuid.UUID) -> Application:
        """Return a case whose file is open to the person: a part in it and a clean declaration.

        To read it, the body's auditor needs neither.

        Raises:
            NotFound: the person may not know of the case, or acts for the applicant.
            NotAllowed: no part, no declaration, or a conflict.
        """
        application = self.body_case(application_id)
        if self.audits(application):
            return application
        if self.part(application) is None:
            raise NotAllowed("only people with a part in this case read its file")
        access.require_unlocked(self.session, self.actor, application, at=self.at)
        return application

    def audits(self, application: Application) -> bool:
        """Whether this request only reads, and the person reads the whole case as the auditor of its body."""
        return request.method in SAFE and access.audits(self.session, application, **self.by)

    def part(self, application: Application) -> Assignment | None:
        """Return the part that the person plays in a case now, or None."""
        return access.part_of(self.session, self.actor, application.id)


@contextmanager
def acting() -> Iterator[Acting]:
    """Open one transaction for what the signed-in person does in this request; reading ones wait for no writer."""
    actor = signed_in_actor().account_id
    with (
        reading() if request.method in SAFE else transaction() as session,
        # The lock comes before the clock, so that two who act at once are recorded in the order of their instants.
        followed(session.connection(), now()) as at,
    ):
        yield Acting(session, actor, at)


def seals() -> Seals:
    """Return what seals and opens how to reach whoever complained."""
    return Seals(settings().seals)


def files() -> FileStore:
    """Return the store of evidence files, outside everything that is served."""
    return FileStore(settings().evidence)
