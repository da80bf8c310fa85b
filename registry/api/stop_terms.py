"""What a stop says to learners, on the wire: the same for decisions and for orders of two people."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from registry.api.schemas import Strict, line, prose
from registry.domain.terms import KEEPER_LIMIT, REMEDY_LIMIT


class BilingualSchema(Strict):
    """A text that is published, in every language of the registry."""

    en = prose(REMEDY_LIMIT, required=True)
    pl = prose(REMEDY_LIMIT, required=True)


class StopTermsSchema(Strict):
    """What follows from a stop for learners; it names institutions, never people."""

    teach_out_until = fields.Date(metadata={"description": "Last day of teaching for those enrolled"})
    records_kept_by = line(KEEPER_LIMIT)
    status_service_kept_by = line(KEEPER_LIMIT)
    remedy = fields.Nested(BilingualSchema)


def terms_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms as the services take them: days as text."""
    terms = dict(body)
    if "teach_out_until" in terms:
        terms["teach_out_until"] = terms["teach_out_until"].isoformat()
    return terms
