"""Listed issuers, as published: `/issuers`, `/issuers/<id>`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields, validate
from webargs.fields import DelimitedList

from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, line, page_of, page_schema
from registry.domain.recognition import Status
from registry.domain.scope import scope_to_wire
from registry.domain.standing import parse_event, standing_at
from registry.editions import IssuerRecord
from registry.errors import NotFound
from registry.http.access import PUBLIC, allow
from registry.http.editions import published
from registry.http.transaction import absolute_url, now

issuers = Resource("api-issuers", __name__, description="Listed issuers, each in each scheme that lists it")

FACETS = {
    "country": "ISO 3166-1 alpha-2 codes",
    "scheme": "Slugs of schemes",
    "field": "ISCED-F codes; a broad field finds the narrower ones",
    "level": "EQF levels",
    "credential_type": "Types of credential",
}
"""Query parameter (a facet of the edition store) and what stands in it."""


class MomentQuery(Strict):
    """The two times of every answer about a standing."""

    at = fields.AwareDateTime(
        load_default=None, metadata={"description": "How did it stand at this instant? Default: now"}
    )
    known = fields.AwareDateTime(
        load_default=None, metadata={"description": "Of what was recorded up to this instant. Default: all"}
    )


class IssuerQuery(PageQuery, MomentQuery):
    """What to look for; several values of one filter widen the search, several filters narrow it."""

    q = line(200, load_default="", metadata={"description": "Words of names or identifiers"})
    identifier = line(
        2000, load_default=None, metadata={"description": "DID, ROR id, domain …, in exactly this spelling"}
    )
    status = DelimitedList(fields.String(validate=validate.OneOf([s.value for s in Status])))
    country = DelimitedList(line(60), metadata={"description": FACETS["country"]})
    scheme = DelimitedList(line(100), metadata={"description": FACETS["scheme"]})
    field = DelimitedList(line(10), metadata={"description": FACETS["field"]})
    level = DelimitedList(line(10), metadata={"description": FACETS["level"]})
    credential_type = DelimitedList(line(60), metadata={"description": FACETS["credential_type"]})


class IssuerSchema(Strict):
    """One issuer in one scheme, its standing `at` an instant; the signed statement is at `statement`."""

    id = fields.String()
    slug = fields.String()
    scheme = fields.String()
    institution_id = fields.String()
    legal_name = fields.String()
    names = fields.Dict(fields.String(), fields.String())
    identifiers = fields.List(fields.Dict())
    address = fields.Dict()
    website = fields.String(allow_none=True)
    at = fields.AwareDateTime()
    known = fields.AwareDateTime(allow_none=True)
    status = fields.String(allow_none=True)
    status_since = fields.AwareDateTime(allow_none=True)
    status_reason = fields.String(allow_none=True)
    valid_until = fields.AwareDateTime(allow_none=True)
    scope = fields.Dict()
    conditions = fields.List(fields.Dict())
    identities = fields.List(fields.Dict())
    events = fields.List(fields.Dict())
    policy = fields.Dict()
    decision = fields.Dict()
    statement = fields.URL()
    page = fields.URL()


IssuerPage = page_schema("IssuerPage", IssuerSchema)


@issuers.get("/issuers")
@allow(PUBLIC)
@issuers.arguments(IssuerQuery, location="query")
@issuers.response(200, IssuerPage)
def find_issuers(query: dict[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """Search the listed issuers

    Without a query all of them, by name. `identifier` alone answers "who is this DID?".
    """
    page, size = query["page"], query["page_size"]
    moment = query["at"], query["known"]
    reader = published()
    if reader is None:
        return page_of([], page=page, page_size=size, total=0)
    if query["identifier"]:
        found = reader.issuers_by_identifier(query["identifier"])
        part = found[(page - 1) * size : page * size]
        return page_of(
            [issuer_to_wire(r, *moment) for r in part], page=page, page_size=size, total=len(found)
        )
    filters = {name: query[name] for name in ("status", *FACETS) if query.get(name)}
    result = reader.search(query["q"], filters, page=page, size=size)
    items = [issuer_to_wire(record, *moment) for record in result.records]
    return page_of(items, page=page, page_size=size, total=result.total)


@issuers.get("/issuers/<string:issuer_id>")
@allow(PUBLIC)
@issuers.arguments(MomentQuery, location="query")
@issuers.response(200, IssuerSchema)
def show_issuer(query: dict[str, Any], issuer_id: str) -> Mapping[str, Any]:
    """Show one listed issuer

    With `at` as it stood then, as known now; with `known` as we said then.
    """
    reader = published()
    record = reader.issuer(issuer_id) if reader else None
    if record is None:
        raise NotFound("No issuer with this id is listed.")
    return issuer_to_wire(record, query["at"], query["known"])


def issuer_to_wire(record: IssuerRecord, at: datetime | None, known: datetime | None) -> dict[str, Any]:
    """Return the published entry with its standing at an instant, and where its statement and page are.

    The standing is derived here, since the calendar may have changed it after the entry was published.
    """
    moment = at or known or now()
    events = record.entry_wire["events"]
    standing = standing_at(map(parse_event, events), moment, known)
    counted = {event.number for event in standing.events}
    return {
        **record.entry_wire,
        "at": moment,
        "known": known,
        "status": standing.status,
        "status_since": standing.since,
        "status_reason": standing.reason,
        "valid_until": standing.valid_until,
        "scope": scope_to_wire(standing.scope),
        "events": [event for event in events if event["number"] in counted],
        "scheme": record.scheme,
        "institution_id": record.institution_id,
        "statement": absolute_url(f"/issuers/{record.issuer_id}/statement.jws"),
        "page": absolute_url(f"/en/issuers/{record.slug}"),
    }
