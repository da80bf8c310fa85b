"""Pages that are kept together with the questions they asked, and given again while every answer is the same.

A signed-in page is a function of the address, of who asks, of the instant, and of what the database answers. A view under
`kept` is followed while it makes its page: each query with its parameters, and each comparison with the instant. The
next time the same person asks for the same address, the same queries are asked again on a bare cursor, in one transaction;
only if all answers and comparisons are the same is the kept page given, since making it anew could then give no other. So
nothing has to be told that something changed, by this process or another one, and no table can be forgotten. What is saved
is the work of building queries, objects and text. PostgreSQL names the moment that it shows: while that is the same, nobody
has written anything at all, and nothing is asked again.

A kept page belongs to one person with the roles they may use now; each answer gets its own form token and nonce.
"""

import hashlib
import marshal
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Final, ParamSpec, cast

from flask import Flask, current_app, g, request
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from psycopg import RawCursor
from sqlalchemy import Connection, event

from registry.http.access import signed_in_actor
from registry.http.headers import csp_nonce
from registry.http.sessions import ServerSession
from registry.http.transaction import database, now
from registry.http.watched import Comparisons, WatchedInstant

MOST_PAGES: Final = 256
"""Pages that one process keeps; those not asked for longest go first."""
MOST_LETTERS: Final = 200_000
"""Longer pages are not kept."""
_EXTENSION: Final = "registry.kept_pages"
P = ParamSpec("P")
Question = tuple[str, Any]
"""A statement and its parameters, as the driver takes them."""


@dataclass(slots=True)
class Trail:
    """What a page asked while it was made, and how that is asked again.

    `answers` is the digest of what the database said to `asked`; None: the page is not kept. `moment` is when it last said
    so, as `Visit` has it.
    """

    questions: list[Question] = field(default_factory=list)
    asked: Sequence[Question] = ()
    comparisons: Comparisons = field(default_factory=Comparisons)
    answers: bytes | None = None
    moment: str | None = None
    begun: bool = False


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page in pieces, between which stands what is new in every answer, and the trail that proves it."""

    pieces: tuple[str, ...]
    trail: Trail

    def is_true(self) -> bool:
        """Whether making the page anew would give the same one."""
        if not self.trail.comparisons.hold_at(now()):
            return False
        visit = cast(ServerSession, browser._get_current_object()).visit  # type: ignore[attr-defined]  # a werkzeug proxy
        if visit is not None and visit.moment is not None and visit.moment == self.trail.moment:
            return True
        look = database().glancing if len(self.trail.asked) == 1 else database().looking
        with look() as connection:
            answers, moment = answers_to(connection, self.trail.asked)
        if answers != self.trail.answers:
            return False
        self.trail.moment = moment
        return True

    def text(self) -> str:
        """Return the page for this answer."""
        new = _new_in_each()
        return "".join(new[piece] if odd % 2 else piece for odd, piece in enumerate(self.pieces))


class KeptPages:
    """The pages that a process keeps, by address and person."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> KeptPage | None:
        """Return the page kept under `key`, proven or not."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Hashable, page: KeptPage) -> None:
        """Keep a page in place of the one before."""
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            if len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)

    def forget(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._pages.clear()


def init_kept_pages(app: Flask) -> None:
    """Give the application a place for kept pages."""
    app.extensions[_EXTENSION] = KeptPages()


def kept(view: Callable[P, str]) -> Callable[P, ResponseReturnValue]:
    """Keep the pages of a view that only reads, acts by `acting` alone, and returns its page as text.

    Beside the database, such a view may read the address, the person, the instant of its `Acting`, the language of the
    address, and what stays the same while the process lives.
    """

    @wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> str:
        key = _key()
        if key is None:
            return view(*args, **kwargs)
        pages: KeptPages = current_app.extensions[_EXTENSION]
        page = pages.get(key)
        if page is not None and page.is_true():
            return page.text()
        g.trail = trail = Trail()
        try:
            made = view(*args, **kwargs)
        except TypeError:
            # Something takes a real instant only. The page reads, so that it can be made once more, with one.
            g.trail = None
            return view(*args, **kwargs)
        finally:
            g.trail = None
        if trail.answers is not None and not trail.comparisons.exact and len(made) <= MOST_LETTERS:
            pages.put(key, KeptPage(_pieces(made), trail))
        return made

    return shown


def _key() -> Hashable | None:
    """Return under what a page is kept: all that it may depend on beside database and instant; None: do not keep it.

    A message that is shown once makes a page of its own.
    """
    actor = signed_in_actor()
    if actor.scopes is not None or "_flashes" in browser:
        return None
    return request.host, request.script_root, request.full_path, actor


def _new_in_each() -> dict[str, str]:
    return {"token": generate_csrf(), "nonce": csp_nonce()}


def _pieces(made: str) -> tuple[str, ...]:
    """Return the page around the values that are new in every answer, each second piece being the name of one."""
    pieces = [made]
    for name, value in _new_in_each().items():
        cut = [piece.split(value) if number % 2 == 0 else [piece] for number, piece in enumerate(pieces)]
        pieces = [one for parts in cut for one in _between(parts, name)]
    return tuple(pieces)


def _between(parts: Sequence[str], name: str) -> list[str]:
    """Return parts with `name` between each two of them."""
    return [one for part in parts for one in (name, part)][1:]


@contextmanager
def followed(connection: Connection, at: datetime) -> Iterator[datetime]:
    """Follow what is asked of a connection that reads from one moment, if the view's page is to be kept.

    Yields the instant to act with.
    """
    trail: Trail | None = g.get("trail")
    if trail is None:
        yield at
        return
    if trail.begun:  # two transactions are two moments
        g.trail = None
        trail.comparisons.exact = True
        yield at
        return
    trail.begun = True

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        trail.questions.append((statement, parameters))
        trail.comparisons.exact |= many

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield cast(datetime, WatchedInstant(at, trail.comparisons))
    finally:
        event.remove(connection, "before_cursor_execute", note)
    if not trail.comparisons.exact:
        trail.asked = as_asked(connection, trail.questions)
        trail.answers, trail.moment = answers_to(connection, trail.asked)


def answers_to(connection: Connection, questions: Sequence[Question]) -> tuple[bytes, str | None]:
    """Return a digest (SHA-256) of what the database answers to questions that `as_asked` returned, in their order, and
    the moment of which that holds."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql":
        [(statement, parameters)] = questions
        [(moment, *answers)] = RawCursor(raw).execute(statement, parameters).fetchall()
        return hashlib.sha256(b"".join(answers)).digest(), moment
    cursor, digest = raw.cursor(), hashlib.sha256()
    for statement, parameters in questions:
        # Version 2 writes what is equal the same way; later ones look at which objects are shared.
        digest.update(marshal.dumps(cursor.execute(statement, parameters).fetchall(), 2))
    return digest.digest(), None


def as_asked(connection: Connection, questions: Sequence[Question]) -> Sequence[Question]:
    """Return how questions are asked again, past the layers that build them.

    SQLite lies beside us and is asked one by one. To PostgreSQL every question is a journey: it gets one, whose answer are
    the digests of the answers to all, with parameters by number as the server counts them.
    """
    if connection.dialect.name != "postgresql":
        return questions
    given: list[Any] = []
    parts = []
    for statement, named in questions:

        def number(found: re.Match[str], named: Mapping[str, Any] = named) -> str:
            if found[1] is None:
                return "%"
            given.append(named[found[1]])
            return f"${len(given)}"

        parts.append(_DIGEST.format(_PLACE.sub(number, statement)))
    return [(f"SELECT pg_current_snapshot()::text, {', '.join(parts)}", given)]


_PLACE: Final = re.compile(r"%%|%\((\w+)\)s")
_DIGEST: Final = (
    "(SELECT sha256(convert_to(coalesce(string_agg(t::text, chr(10)), ''), 'UTF8')) FROM ({}) AS t)"
)
