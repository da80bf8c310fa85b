"""Published documents and schemes: `/lists`, `/schemes`."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, line, page_of, page_schema
from registry.http.access import PUBLIC, allow
from registry.http.editions import published
from registry.http.transaction import absolute_url

lists = Resource("api-lists", __name__, description="Signed lists: what is published, where, until when")


class ListQuery(PageQuery):
    """Which documents to name."""

    scheme = line(100, load_default=None, metadata={"description": "Slug of a scheme"})
    format = line(100, load_default=None, metadata={"description": "Format, such as `native_json`"})


class DocumentSchema(Strict):
    """One current document; `permanent_url` names these very bytes for ever."""

    scheme = fields.String()
    format = fields.String(attribute="format_id")
    shard = fields.String()
    url = fields.Function(lambda head: absolute_url(head.path))
    permanent_url = fields.Function(lambda head: absolute_url(head.permanent_path))
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    sequence = fields.Integer()
    issued_at = fields.AwareDateTime()
    next_update = fields.AwareDateTime()


class SchemeSchema(Strict):
    """One body applying one policy: the unit of lists and of signing certificates."""

    slug = fields.String()
    facts = fields.Dict(attribute="wire")


DocumentPage = page_schema("DocumentPage", DocumentSchema)
SchemePage = page_schema("SchemePage", SchemeSchema)


@lists.get("/lists")
@allow(PUBLIC)
@lists.arguments(ListQuery, location="query")
@lists.response(200, DocumentPage)
def find_lists(query: dict[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """List the current documents"""
    reader = published()
    heads = [
        head
        for head in (reader.heads() if reader else ())
        if query["scheme"] in {None, head.scheme} and query["format"] in {None, head.format_id}
    ]
    return _cut(heads, query)


@lists.get("/schemes")
@allow(PUBLIC)
@lists.arguments(PageQuery, location="query")
@lists.response(200, SchemePage)
def find_schemes(query: dict[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """List the schemes that publish"""
    reader = published()
    return _cut(reader.schemes() if reader else [], query)


def _cut(items: list[Any], query: dict[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    page, size = query["page"], query["page_size"]
    return page_of(items[(page - 1) * size : page * size], page=page, page_size=size, total=len(items))
