"""Sessions of browsers: the cookie holds a random id, all else stands in the database and can be revoked.

Nothing is read without a cookie, nothing is written until something is stored: public pages need no database.
"""

import logging
import uuid
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import CallbackDict

from registry.http.transaction import database, now, transaction
from registry.services import sessions as store

log = logging.getLogger(__name__)
API_PREFIX = "/api/"
ACCOUNT_KEY = "_user_id"  # where Flask-Login keeps it


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What one browser's session holds. `secret` is the cookie's value, None until the first save.

    `visit` is what was read at the beginning of the request, with the person whose session it was then.
    """

    def __init__(self, data: dict[str, Any] | None = None, secret: str | None = None) -> None:
        def mark(session: "ServerSession") -> None:
            session.modified = True

        super().__init__(data, mark)
        self.secret = secret
        self.replaced: str | None = None
        self.modified = False
        self.failure: OperationalError | None = None
        self.visit: store.Visit | None = None

    def renew(self) -> None:
        """Take a new id at the end of the request; the old one is revoked. Done whenever rights change."""
        self.replaced, self.secret = self.secret or self.replaced, None
        self.modified = True


class ServerSessions(SessionInterface):
    """Keep sessions in the table `web_session`."""

    session_class = ServerSession

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of the request's cookie, or an empty one; the API and static files have none."""
        secret = request.cookies.get(self.get_cookie_name(app))
        if (
            not secret
            or len(secret) > 100
            or request.path.startswith((API_PREFIX, f"{app.static_url_path}/"))
        ):
            return ServerSession()
        try:
            return _opened(secret)
        except OperationalError as error:
            # Public pages go on without a session; `access` raises this where one is needed.
            log.warning("session_store_down")
            session_less = ServerSession()
            session_less.failure = error
            return session_less

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write a changed session; one emptied on purpose is revoked and its cookie removed."""
        if not isinstance(session, ServerSession) or not session.modified:
            return
        try:
            secret = _store(session)
        except OperationalError:
            log.warning("session_store_down")
            return
        response.set_cookie(
            self.get_cookie_name(app),
            secret or "",
            max_age=None if secret else 0,  # None: as long as the browser is open
            path="/",
            secure=self.get_cookie_secure(app),
            httponly=True,
            samesite=self.get_cookie_samesite(app),
        )
        response.vary.add("Cookie")


def _opened(secret: str) -> ServerSession:
    """Return the session of a secret by reading alone; that it was used is written once a minute."""
    at = now()
    with database().glancing() as connection:
        visit = store.find_visit(connection, secret, at=at)
    if visit is None:
        return ServerSession()
    if visit.touch:
        with transaction() as session:
            if store.live_session(session, secret, at=at) is None:
                return ServerSession()
    opened = ServerSession(visit.data, secret)
    opened.visit = visit
    return opened


def _store(browser: ServerSession) -> str | None:
    """Write the row and return the secret for the cookie, or None if the session has ended."""
    at = now()
    with transaction() as session:
        if browser.replaced:
            store.end_session(session, browser.replaced, at=at)
        if not browser:
            if browser.secret:
                store.end_session(session, browser.secret, at=at)
            return None
        secret = browser.secret or store.new_secret()
        account_id = uuid.UUID(browser[ACCOUNT_KEY]) if ACCOUNT_KEY in browser else None
        store.save_session(session, secret, dict(browser), account_id=account_id, at=at)
    return secret
