"""HTTP answers to those who ask for a delta that is no published file: longer ranges, open ranges, mistakes."""

import hashlib
from typing import TYPE_CHECKING

from registry.editions import answers
from registry.editions.answers import Headers
from registry.editions.bodies import compress
from registry.editions.deltas import Asked, DeltaProblem, asked_delta, compose, newest
from registry.editions.reader import EditionReader
from registry.publishers.deltas import MEDIA_TYPE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Answer = tuple[str, Headers, bytes]


def delta_answer(reader: EditionReader, environ: "WSGIEnvironment") -> Answer | None:
    """Return status line, headers and body for the address of a delta; None for every other address."""
    path: str = environ["PATH_INFO"]
    try:
        asked = asked_delta(path)
        if asked is None:
            return None
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return "204 No Content", answers.PREFLIGHT, b""
        _check_plain(environ)
        with reader.snapshot():
            return _whole(reader, asked, environ) if asked.until is not None else _open(reader, asked)
    except DeltaProblem as problem:
        headers, body = answers.problem(problem.status, str(problem), path)
        allow = [("Allow", answers.METHODS)] if problem.status.startswith("405") else []
        return problem.status, [*headers, *allow], body


def _check_plain(environ: "WSGIEnvironment") -> None:
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        raise DeltaProblem("405 Method Not Allowed", "A published document can only be read.")
    if environ.get("QUERY_STRING"):
        raise DeltaProblem("400 Bad Request", "A delta takes no parameters; its address says everything.")


def _open(reader: EditionReader, asked: Asked) -> Answer:
    place = newest(reader, asked)
    if place is None:
        return "204 No Content", [*answers.PUBLIC, ("Cache-Control", answers.SHORT)], b""
    return "307 Temporary Redirect", answers.redirect(place), b""


def _whole(reader: EditionReader, asked: Asked, environ: "WSGIEnvironment") -> Answer:
    body = compose(reader, asked)
    gzipped = answers.accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    digest = hashlib.sha256(body).hexdigest()
    tag = f'"{digest}-gzip"' if gzipped else f'"{digest}"'
    headers = [("Cache-Control", answers.FOREVER), *answers.PUBLIC]
    named = environ.get("HTTP_IF_NONE_MATCH")
    fresh = named and answers.matching_tag(named, (tag, f'"{digest}"'))
    if fresh:
        return "304 Not Modified", [("ETag", fresh), *headers], b""
    headers += [("ETag", tag), ("Content-Type", MEDIA_TYPE)]
    if gzipped:
        body = compress(body)
        headers.append(("Content-Encoding", "gzip"))
    return "200 OK", [*headers, ("Content-Length", str(len(body)))], body
