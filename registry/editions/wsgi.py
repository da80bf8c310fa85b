"""The WSGI layer in front of Flask: published documents are answered from the edition store alone.

One SELECT by path on a connection of the thread; no routing, no write database, no key. What is not a
published address falls through to the application.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.editions import answers
from registry.editions.bodies import body_path
from registry.editions.delta_answers import Answer, delta_answer
from registry.editions.known import KnownRefused, document_known
from registry.editions.probes import Probes
from registry.editions.readers import EditionReaders

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NEVER_PUBLISHED = ("/en/", "/pl/", "/api/", "/static/")
"""Pages and the API are never published documents; asking the store for them would be in vain."""
LISTS = "/lists/"
REST_SECONDS = 0.02
_DOCUMENT = (
    "SELECT d.media_type, d.sha256, d.size, d.gzip_size, d.issued_at, a.immutable, d.body, d.gzip "
    "FROM address a JOIN document d ON d.number = a.document WHERE a.path = ?"
)
_last_modified = lru_cache(maxsize=4096)(lambda seconds: formatdate(seconds, usegmt=True))


def utc_now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


class EditionMiddleware:
    """Answers published addresses, `/healthz` and `/readyz`; passes everything else to `app`.

    `directory` is the edition store's and may appear later. `database_up` says whether the write database
    answers; it may be slow or raise.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        directory: Path,
        database_up: Callable[[], bool] | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._app = app
        self._directory = directory
        self._readers = EditionReaders(directory, hold=True)
        self._probes = Probes(self._readers, database_up, now)
        self._now = now
        self._turn = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if environ["PATH_INFO"].startswith(NEVER_PUBLISHED):
            return self._app(environ, start_response)
        alone = self._turn.acquire(blocking=False)
        try:
            answer = self._published(environ, start_response)
        finally:
            if alone:
                self._turn.release()
        if answer is None:
            return self._app(environ, start_response)
        return answer if alone else _ThenRest(answer)

    def _published(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes] | None:
        path: str = environ["PATH_INFO"]
        row = self._find(path)
        if row is not None and environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING"):
            return self._document(row, environ, start_response)
        if row is not None:
            return self._unusual(row, environ, start_response)
        found = self._computed(path, environ)
        if found is None:
            return None
        status, headers, body = found
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _computed(self, path: str, environ: "WSGIEnvironment") -> Answer | None:
        """Return what is put together when somebody asks for it: a probe, or a delta over several numbers."""
        probe = self._probes.get(path)
        if probe is not None:
            return probe()
        reader = self._readers.get() if path.startswith(LISTS) else None
        return delta_answer(reader, environ) if reader is not None else None

    def _find(self, path: str) -> Any:
        """Return the row of a published address, or None; a connection that broke is opened anew once."""
        reader = self._readers.get()
        if reader is None:
            return None
        if path in reader.held:
            return reader.held[path]
        try:
            row = reader.connection.execute(_DOCUMENT, (path,)).fetchone()
        except sqlite3.OperationalError:
            self._readers.forget()
            return self._find_again(path)
        reader.held[path] = row
        return row

    def _find_again(self, path: str) -> Any:
        reader = self._readers.get()
        return reader.connection.execute(_DOCUMENT, (path,)).fetchone() if reader else None

    def _document(
        self, row: Any, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        media_type, sha256, size, gzip_size, issued_at, immutable, body, packed = row
        gzipped = gzip_size is not None and answers.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        tag = f'"{sha256}-gzip"' if gzipped else f'"{sha256}"'
        headers = [
            ("Last-Modified", _last_modified(issued_at)),
            ("Cache-Control", answers.FOREVER if immutable else answers.SHORT),
            *answers.PUBLIC,
        ]
        named = environ.get("HTTP_IF_NONE_MATCH")
        # The plain form serves everybody, so its tag is as good as that of the compressed one.
        fresh = named and answers.matching_tag(named, (tag, f'"{sha256}"'))
        if fresh:
            start_response("304 Not Modified", [("ETag", fresh), *headers])
            return []
        headers += [("ETag", tag), ("Content-Type", media_type)]
        if gzipped:
            headers.append(("Content-Encoding", "gzip"))
            size, body = gzip_size, packed
        headers.append(("Content-Length", str(size)))
        start_response("200 OK", headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return [body if body is not None else self._file(sha256, ".gz" if gzipped else "")]

    def _file(self, sha256: str, ending: str) -> bytes:
        # Whole, so that the server sends it without us: a slow client of a stream would keep a thread waiting.
        path = body_path(self._directory, sha256)
        return path.with_name(path.name + ending).read_bytes()

    def _unusual(
        self, row: Any, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer what is no plain GET: HEAD, a preflight, another method, a question with parameters."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "OPTIONS":
            start_response("204 No Content", answers.PREFLIGHT)
            return []
        if method not in {"GET", "HEAD"}:
            detail = "A published document can only be read."
            headers, body = answers.problem("405 Method Not Allowed", detail, path)
            start_response("405 Method Not Allowed", [*headers, ("Allow", answers.METHODS)])
            return [body]
        try:
            permanent = document_known(self._readers.get(), path, environ.get("QUERY_STRING", ""), self._now)
        except KnownRefused as refusal:
            headers, body = answers.problem(refusal.status, str(refusal), path)
            start_response(refusal.status, headers)
            return [] if method == "HEAD" else [body]
        if permanent is None:
            return self._document(row, environ, start_response)
        start_response("307 Temporary Redirect", answers.redirect(permanent))
        return []


class _ThenRest:
    """An answer after which its thread rests, because another one was answering at the same time.

    Documents cost computing only, and computing in Python threads at once costs twice as much as one after
    the other (each hands the interpreter to the next several times per request). So under load all but one
    rest, after their answer is with the server; when the one takes up something slow, the others are back
    within `REST_SECONDS`.
    """

    __slots__ = ("_answer",)

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        time.sleep(REST_SECONDS)
