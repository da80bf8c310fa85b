"""What the signed-in resources share: who acts when, and which cases and files are open to them."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.errors import FieldError, InvalidInput, NotAllowed, NotFound
from registry.files import FileStore
from registry.http.access import signed_in_actor
from registry.http.transaction import absolute_url, now, settings, transaction
from registry.models.application import Application
from registry.models.review import Assignment
from registry.services import access, desk

TOKEN: list[dict[str, list[str]]] = [{"token": []}]
"""For `doc(security=…)`: the operation needs a bearer token."""

LOCATION = {"Location": {"schema": {"type": "string", "format": "uri"}, "description": "Where it is"}}
"""Headers of an answer that tells where something that was made is."""

Answer = tuple[Mapping[str, Any], int, dict[str, str]]
"""Body, status and headers."""


@dataclass(frozen=True, slots=True)
class Acting:
    """One person's act: the session it is written in, the person, and the instant."""

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

        Raises:
            NotFound: the person may not know of the case, or acts for the applicant.
            NotAllowed: no part, no declaration, or a conflict.
        """
        application = self.body_case(application_id)
        if self.part(application) is None:
            raise NotAllowed("only people with a part in this case read its file")
        access.require_unlocked(self.session, self.actor, application)
        return application

    def part(self, application: Application) -> Assignment | None:
        """Return the part that the person plays in a case now, or None."""
        return access.part_of(self.session, self.actor, application.id)


@contextmanager
def acting() -> Iterator[Acting]:
    """Open one transaction for what the caller does in this request."""
    actor = signed_in_actor().account_id
    with transaction() as session:
        # The lock comes before the clock, so that two who act at once are recorded in the order of their instants.
        session.connection()
        yield Acting(session, actor, now())


def files() -> FileStore:
    """Return the store of evidence files, outside everything that is served."""
    return FileStore(settings().evidence)


def created(body: Mapping[str, Any], path: str) -> Answer:
    """Return what was made, 201, and its address; `path` is below `/api/v1`."""
    return body, 201, {"Location": absolute_url(f"/api/v1{path}")}


def refuse_unknown(field: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise `InvalidInput` that names each key of an object field that is not among `known`."""
    unknown = [FieldError(f"{field}.{key}", "Unknown field.") for key in given if key not in known]
    if unknown:
        raise InvalidInput("The input cannot be accepted: check the fields named.", unknown)


@contextmanager
def fields_below(place: str) -> Iterator[None]:
    """Name the fields of an `InvalidInput` as they stand in the request: below `place`."""
    try:
        yield
    except InvalidInput as error:
        problems = [FieldError(f"{place}.{p.field}".strip("."), p.message) for p in error.errors]
        raise InvalidInput(str(error), problems) from error


@contextmanager
def fields_named(names: Collection[str], default: str) -> Iterator[None]:
    """Name the fields of an `InvalidInput` as the request does: those of `names` stay, all others are `default`."""
    try:
        yield
    except InvalidInput as error:
        found = error.errors or (FieldError(default, str(error)),)
        problems = [FieldError(p.field if p.field in names else default, p.message) for p in found]
        raise InvalidInput(str(error), problems) from error
