"""Errors as answers: ONE table from class to HTTP status; RFC 9457 for programs, pages for people."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from markupsafe import escape
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from registry.errors import (
    ClockWentBack,
    Conflict,
    FieldError,
    InvalidInput,
    NotAllowed,
    NotConfigured,
    NotFound,
    RegistryError,
)
from registry.http.bearer import NotSignedIn, challenge
from registry.services.sign_in import TooManyAttempts

log = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"

STATUS: Mapping[type[Exception], HTTPStatus] = {
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    ClockWentBack: HTTPStatus.SERVICE_UNAVAILABLE,
    NotConfigured: HTTPStatus.SERVICE_UNAVAILABLE,
    RegistryError: HTTPStatus.BAD_REQUEST,
    # Errors of libraries that mean something to a person.
    StaleDataError: HTTPStatus.CONFLICT,
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
    DataError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RecursionError: HTTPStatus.BAD_REQUEST,
}
"""The nearest class of an error's family counts."""

_SENTENCES: Mapping[type[Exception], str] = {
    StaleDataError: "Somebody else changed this first. Load it again and repeat what you wanted to do.",
    OperationalError: "The database cannot be reached. What is published stays available; try again later.",
    DataError: "The input holds characters or numbers that cannot be stored.",
    RecursionError: "The input is nested too deeply.",
}


def status_of(error: Exception) -> HTTPStatus:
    """Return the HTTP status of an error; 500 for one that is not in the table."""
    found = (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def init_problems(app: Flask) -> None:
    """Answer every error from the table, and every HTTP error, in the caller's form."""
    for kind in STATUS:
        app.register_error_handler(kind, answer_error)
    app.register_error_handler(HTTPException, answer_http_error)


def wants_problem() -> bool:
    """Whether the caller is a program: everything under /api, and whoever asks for JSON rather than HTML."""
    if request.path == "/api" or request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", PROBLEM_JSON], "text/html")
    return best != "text/html"


def answer_error(error: Exception) -> ResponseReturnValue:
    """Answer an error of the table."""
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request_failed", exc_info=error)
    if isinstance(error, NotSignedIn) and not wants_problem():
        return _to_sign_in()
    sentence = next((_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES), str(error))
    errors = error.errors if isinstance(error, InvalidInput) else ()
    response = _answer(status, sentence, errors)
    challenged = challenge(error)
    if challenged is not None:
        response.headers["WWW-Authenticate"] = challenged
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "10"
    return response


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask or a library refused."""
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):
        # The host name is not ours: no page can be made, since its addresses would be wrong too.
        return Response("Unknown host name.\n", 400, mimetype="text/plain")
    status = HTTPStatus(error.code)
    sentence, errors = _explain(error, status)
    response = _answer(status, sentence, errors)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _explain(error: HTTPException, status: HTTPStatus) -> tuple[str, tuple[FieldError, ...]]:
    if isinstance(error, CSRFError):
        return "This form is too old or came from another site. Load the page again and repeat the step.", ()
    if isinstance(error, RequestEntityTooLarge):
        return "What you sent is too large.", ()
    messages = getattr(error, "data", {}).get("messages") if getattr(error, "data", None) else None
    if messages:
        return "The input cannot be accepted: check the fields named.", tuple(_flatten(messages))
    return _HTTP_SENTENCES.get(status, error.description or status.phrase), ()


_HTTP_SENTENCES: Mapping[HTTPStatus, str] = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take requests of that method.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side. It has been recorded.",
}


def _flatten(messages: Mapping[str, Any]) -> Iterator[FieldError]:
    """Yield the field errors of webargs' tree, whose first level names the place (`json`, `query` …)."""
    for place, tree in messages.items():
        yield from _walk(tree, place, "")


def _walk(tree: Any, place: str, path: str) -> Iterator[FieldError]:
    if isinstance(tree, Mapping):
        for key, below in tree.items():
            part = "" if key == "_schema" else str(key)
            yield from _walk(below, place, ".".join(filter(None, (path, part))))
    else:
        for message in tree if isinstance(tree, list | tuple) else [tree]:
            yield FieldError(path or place, str(message))


def _answer(status: HTTPStatus, sentence: str, errors: tuple[FieldError, ...]) -> Response:
    return _problem(status, sentence, errors) if wants_problem() else _page(status, sentence, errors)


def _problem(status: HTTPStatus, sentence: str, errors: tuple[FieldError, ...]) -> Response:
    """Return an RFC 9457 document; `errors` names each field as a path such as `grants.0.fields`."""
    body: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body["detail"] = gettext(sentence)
    body["instance"] = request.path
    if errors:
        body["errors"] = [{"field": error.field, "detail": gettext(error.message)} for error in errors]
    return Response(orjson.dumps(body), status.value, content_type=PROBLEM_JSON)


def _page(status: HTTPStatus, sentence: str, errors: tuple[FieldError, ...]) -> Response:
    heading = gettext(_HEADINGS.get(status, "This request cannot be answered"))
    context = {"status": status.value, "heading": heading, "message": gettext(sentence), "errors": errors}
    try:
        html = render_template([f"errors/{status.value}.html", "errors/error.html"], **context)
    except TemplateNotFound:
        title = f"<!doctype html><title>{status.phrase}</title><h1>{status.phrase}</h1>"
        html = f"{title}<p>{escape(gettext(sentence))}"
    return make_response(html, status.value)


_HEADINGS: Mapping[HTTPStatus, str] = {
    HTTPStatus.UNAUTHORIZED: "Sign in first",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page does not take that request",
    HTTPStatus.UNPROCESSABLE_ENTITY: "There is a problem with what you sent",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many attempts",
}
"""Headings of the error pages that have no template of their own."""


def _to_sign_in() -> ResponseReturnValue:
    came_for = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
    return redirect(url_for("auth.sign_in", next=came_for))
