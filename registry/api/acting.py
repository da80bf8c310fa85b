"""What the signed-in resources share: who acts when, and which cases and files are open to them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from registry.errors import FieldError, InvalidInput
from registry.http.transaction import absolute_url

TOKEN: list[dict[str, list[str]]] = [{"token": []}, {"oauth2": []}]
"""For `doc(security=…)`: the operation needs a bearer token, a person's or a program's."""

LOCATION = {"Location": {"schema": {"type": "string", "format": "uri"}, "description": "Where it is"}}
"""Headers of an answer that tells where something that was made is."""

Answer = tuple[Mapping[str, Any], int, dict[str, str]]
"""Body, status and headers."""


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
