"""What goes over the wire. Schemas state their fields one by one; unknown input is refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from registry.http.transaction import absolute_url

PAGE_SIZE_MAX = 100


class Strict(Schema):
    """Base of every schema: what is not named is an error."""

    class Meta:
        """Options of marshmallow."""

        unknown = RAISE
        ordered = True


class FieldProblemSchema(Strict):
    """One problem with one field of the input."""

    field = fields.String(metadata={"description": "Path such as `grants.0.fields`"})
    detail = fields.String()


class ProblemSchema(Strict):
    """A problem document (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String()
    errors = fields.List(fields.Nested(FieldProblemSchema))


def no_control_characters(text: str) -> None:
    """Refuse text with characters that cannot be seen.

    Raises:
        ValidationError: there is one.
    """
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise ValidationError("Remove the control characters.")


def line(most: int, *, required: bool = False, **options: Any) -> fields.String:
    """Return a field for one line of text with at most `most` characters."""
    checks: list[Callable[[str], object]] = [
        validate.Length(1 if required else 0, most),
        no_control_characters,
    ]
    return fields.String(required=required, validate=checks, **options)


def no_unprintable_characters(text: str) -> None:
    """Refuse text of several lines with characters that cannot be seen, other than line ends and tabs.

    Raises:
        ValidationError: there is one.
    """
    no_control_characters(text.translate({ord(c): None for c in "\n\r\t"}))


def prose(most: int, *, required: bool = False, **options: Any) -> fields.String:
    """Return a field for text of several lines with at most `most` characters."""
    checks: list[Callable[[str], object]] = [
        validate.Length(1 if required else 0, most),
        no_unprintable_characters,
    ]
    return fields.String(required=required, validate=checks, **options)


class PageQuery(Strict):
    """Which page of a collection."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))
    page_size = fields.Integer(load_default=20, validate=validate.Range(1, PAGE_SIZE_MAX))


def page_schema(name: str, item: type[Schema]) -> type[Schema]:
    """Return the schema of one page of `item`s."""
    return Strict.from_dict(
        {
            "items": fields.List(fields.Nested(item)),
            "page": fields.Integer(),
            "page_size": fields.Integer(),
            "total": fields.Integer(metadata={"description": "Number of all items, over all pages"}),
        },
        name=name,
    )


def page_of(
    items: Sequence[Any], *, page: int, page_size: int, total: int
) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """Return body, status and `Link` header (RFC 8288) of one page."""
    body = {"items": items, "page": page, "page_size": page_size, "total": total}
    last = max(1, -(-total // page_size))
    pages = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    links = [f'<{_address(n)}>; rel="{name}"' for name, n in pages.items() if 1 <= n <= last]
    return body, 200, {"Link": ", ".join(links)}


def _address(page: int) -> str:
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
    return absolute_url(f"{request.path}?{urlencode([*query, ('page', str(page))])}")


def cut(items: Sequence[Any], query: Mapping[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """Return the page of `items` that a `PageQuery` asks for; see `page_of`."""
    page, size = query["page"], query["page_size"]
    return page_of(items[(page - 1) * size : page * size], page=page, page_size=size, total=len(items))
