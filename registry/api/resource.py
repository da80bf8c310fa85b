"""The blueprint of every resource: input is JSON and nothing else, and what is not named is refused."""

from typing import Any

import orjson
from flask import Request
from flask_smorest import Blueprint
from marshmallow import RAISE
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType


class StrictParser(FlaskParser):
    """Reads the body with orjson (no NaN, no broken text) and refuses unknown fields everywhere."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 - typed so by webargs
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": RAISE,
        "query": RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        """Return the body; `missing` when there is none.

        Raises:
            RequestEntityTooLarge: the body reaches the limit.
            UnsupportedMediaType: the body is said to be something else.
        """
        body = req.get_data(cache=True)
        if req.max_content_length is not None and len(body) >= req.max_content_length:
            raise RequestEntityTooLarge  # a body without a stated length is cut there, silently
        if not body:
            return missing
        if not req.is_json:
            raise UnsupportedMediaType("Send the body as application/json.")
        return orjson.loads(body.decode())  # bytes that are no UTF-8 would pass for an empty body


class Resource(Blueprint):  # type: ignore[misc]  # flask_smorest carries no types
    """A blueprint of the API."""

    ARGUMENTS_PARSER = StrictParser()
