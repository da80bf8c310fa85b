"""What the frame and the macros of every page need: the site's name, static files, fields, labels."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app, request
from flask_babel import gettext

from registry.errors import FieldError
from registry.http.access import current_actor
from registry.web import labels
from registry.web.i18n import init_i18n

STATIC: Final = Path(__file__).with_name("static")


def init_pages(app: Flask) -> None:
    """Give the application what templates use: languages, labels, and the functions of this module.

    `app.config` may hold `DEMO` (banner on every page) and `SITE_NAME` (default: a translated name).
    """
    init_i18n(app)
    app.config.setdefault("DEMO", False)
    app.config.setdefault("SITE_NAME", "")
    app.jinja_env.globals.update(labels.FUNCTIONS)
    app.jinja_env.globals.update(
        form_errors=form_errors,
        has_session=has_session,
        is_chosen=is_chosen,
        plain_choices=plain_choices,
        signed_in=current_actor,
        site_name=site_name,
        static_version=static_version,
    )


def site_name() -> str:
    """Return the name of this registry as pages show it."""
    named: str = current_app.config["SITE_NAME"] or gettext("Issuer Registry")
    return named


def has_session() -> bool:
    """Whether the browser carries a session cookie; says nothing about whether it is still good."""
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


@cache
def static_version(name: str) -> str:
    """Return a short hash of a static file, so that its address changes with its content."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def form_errors(errors: Any) -> list[tuple[str, str]]:
    """Return (anchor, message) for the error summary from a form, field errors, pairs or messages."""
    if hasattr(errors, "errors") and hasattr(errors, "_fields"):
        own = [("", str(message)) for message in getattr(errors, "form_errors", ())]
        return own + [pair for field in errors for pair in _field_errors(field)]
    return [_pair(error) for error in errors or ()]


def _field_errors(field: Any) -> Iterator[tuple[str, str]]:
    if isinstance(field.errors, Mapping) or (hasattr(field, "entries") and field.errors):
        for inner in getattr(field, "entries", None) or field:
            yield from _field_errors(inner)
    elif field.errors:
        yield field.id, str(field.errors[0])


def _pair(error: Any) -> tuple[str, str]:
    if isinstance(error, FieldError):
        return error.field, error.message
    return ("", str(error)) if isinstance(error, str) else (str(error[0]), str(error[1]))


def plain_choices(field: Any) -> list[tuple[Any, Any]]:
    """Return (value, label) pairs, or (group label, pairs), of a WTForms field or a plain one."""
    if hasattr(field, "has_groups") and field.has_groups():
        return [(group, [choice[:2] for choice in inner]) for group, inner in field.iter_groups()]
    if hasattr(field, "iter_choices"):
        return [tuple(choice)[:2] for choice in field.iter_choices()]
    choices = field["choices"] if isinstance(field, Mapping) else field.choices
    return list(choices.items() if isinstance(choices, Mapping) else choices)


def is_chosen(field: Any, value: Any) -> bool:
    """Whether a value is among the data of a field; compared as text, since that is how forms send it."""
    data = field.get("data") if isinstance(field, Mapping) else field.data
    if data is None:
        return False
    chosen: Iterable[Any] = (
        data if isinstance(data, Sequence | set | frozenset) and not isinstance(data, str) else (data,)
    )
    return str(value) in {str(item) for item in chosen}
