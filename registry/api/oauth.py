"""Tokens for programs: `/oauth/token`, `/oauth/revoke`, `/oauth/introspect` (RFC 6749, 7009, 7662)."""

from typing import Any

from flask import Response
from marshmallow import fields

from registry.api.resource import Resource
from registry.api.schemas import Strict
from registry.domain.api_scopes import SCOPES
from registry.http import oauth as server
from registry.http.access import PUBLIC, allow

oauth = Resource(
    "api-oauth", __name__, description="Tokens for programs, by their own credentials (OAuth 2.0)"
)


class OAuthErrorSchema(Strict):
    """An error as RFC 6749, 5.2, has it."""

    error = fields.String()
    error_description = fields.String()


class IssuedSchema(Strict):
    """A token for a program (RFC 6749, 5.1)."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer(metadata={"description": "Seconds"})
    scope = fields.String(metadata={"description": "Scopes by spaces"})


class InspectedSchema(Strict):
    """What a token stands for (RFC 7662, 2.2); only `active`, false, for any that the caller may not know of."""

    active = fields.Boolean()
    scope = fields.String()
    client_id = fields.String()
    token_type = fields.String()
    sub = fields.String()
    iss = fields.String()
    iat = fields.Integer()
    exp = fields.Integer()


def _form(required: dict[str, str], optional: dict[str, str]) -> dict[str, Any]:
    texts = {name: {"type": "string", "description": told} for name, told in (required | optional).items()}
    schema = {"type": "object", "properties": texts, "required": sorted(required)}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}


_SECRET = {"client_id": "Unless shown by HTTP Basic", "client_secret": "Unless shown by HTTP Basic"}
_ONE_TOKEN = _form({"token": "The token"}, {"token_type_hint": "access_token", **_SECRET})
_GRANT = _form(
    {"grant_type": "client_credentials"}, {"scope": "Scopes by spaces; without any: read", **_SECRET}
)


@oauth.post("/oauth/token")
@allow(PUBLIC)
@oauth.doc(requestBody=_GRANT)
@oauth.response(200, IssuedSchema)
@oauth.alt_response(400, schema=OAuthErrorSchema)
@oauth.alt_response(401, schema=OAuthErrorSchema)
@oauth.alt_response(429, schema=OAuthErrorSchema)
def issue() -> Response:
    """Give a program a token for its own credentials

    The grant is `client_credentials` (RFC 6749, 4.4). A token carries the scopes asked for, never more, and lives an hour.
    """
    return server.answer_token_request()


@oauth.post("/oauth/revoke")
@allow(PUBLIC)
@oauth.doc(requestBody=_ONE_TOKEN)
@oauth.response(200)
@oauth.alt_response(400, schema=OAuthErrorSchema)
@oauth.alt_response(401, schema=OAuthErrorSchema)
@oauth.alt_response(429, schema=OAuthErrorSchema)
def revoke() -> Response:
    """End a token of the calling program

    See RFC 7009; a token that does not exist has ended too.
    """
    return server.answer_revocation()


@oauth.post("/oauth/introspect")
@allow(PUBLIC)
@oauth.doc(requestBody=_ONE_TOKEN)
@oauth.response(200, InspectedSchema)
@oauth.alt_response(400, schema=OAuthErrorSchema)
@oauth.alt_response(401, schema=OAuthErrorSchema)
@oauth.alt_response(429, schema=OAuthErrorSchema)
def introspect() -> Response:
    """Tell what a token of the same body or institution stands for

    See RFC 7662. The program shows its own credentials.
    """
    return server.answer_introspection()


def security_scheme(base_url: str) -> dict[str, Any]:
    """Return the OAuth 2.0 scheme for the OpenAPI document."""
    flow = {"tokenUrl": base_url + server.TOKEN_PATH, "scopes": dict(SCOPES)}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}
