"""Tokens and who holds them: `/tokens`, `/me`."""

import uuid
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import TOKEN
from registry.api.resource import Resource
from registry.api.schemas import Strict, line
from registry.domain.roles import Role
from registry.http.access import PUBLIC, SIGNED_IN, allow, check_password, signed_in_actor
from registry.http.bearer import NotSignedIn, bearer_token
from registry.http.transaction import now, transaction
from registry.services import bearers, passwords, sessions

accounts = Resource("api-accounts", __name__, description="Tokens, and who holds them")


class TokenRequestSchema(Strict):
    """Address and password, exchanged for a token."""

    email = line(254, required=True)
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, passwords.MAX_LENGTH))
    name = line(100, load_default="API", metadata={"description": "What the token is for"})
    hours = fields.Integer(
        strict=True,
        load_default=12,
        validate=validate.Range(1, 8760),
        metadata={"description": "Hours until it ends"},
    )


class TokenSchema(Strict):
    """A token, shown this once."""

    id = fields.UUID()
    token = fields.String()
    token_type = fields.String()
    expires_at = fields.AwareDateTime()


class HeldRoleSchema(Strict):
    """A role and where it holds."""

    role = fields.Enum(Role, by_value=True)
    body_id = fields.UUID(allow_none=True)
    institution_id = fields.UUID(allow_none=True)


class MeSchema(Strict):
    """Whose token it is."""

    id = fields.UUID(attribute="account_id")
    name = fields.String()
    email = fields.String()
    language = fields.String()
    roles = fields.List(fields.Nested(HeldRoleSchema))
    scopes = fields.List(
        fields.String(),
        allow_none=True,
        metadata={"description": "What the token of a program names; null for a person's token"},
    )


@accounts.post("/tokens")
@allow(PUBLIC)
@accounts.arguments(TokenRequestSchema)
@accounts.response(201, TokenSchema, headers={"Cache-Control": {"schema": {"type": "string"}}})
def create_token(body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Exchange address and password for a bearer token

    Send it as `Authorization: Bearer ...`. Tries are limited by account and by network address.
    """
    account = check_password(body["email"], body["password"])
    if account is None:
        raise NotSignedIn("The e-mail address or the password is not right.")
    with transaction() as session:
        secret, token = sessions.create_token(
            session, account.id, name=body["name"], at=now(), life=timedelta(hours=body["hours"])
        )
    answer = {"id": token.id, "token": secret, "token_type": "Bearer", "expires_at": token.expires_at}
    return answer, 201, {"Cache-Control": "no-store"}


@accounts.delete("/tokens")
@allow(SIGNED_IN)
@accounts.doc(security=TOKEN)
@accounts.response(204)
def revoke_this_token() -> None:
    """End the token that this request is sent with"""
    with transaction() as session:
        bearers.end(session, bearer_token() or "", at=now())


@accounts.delete("/tokens/<uuid:token_id>")
@allow(SIGNED_IN)
@accounts.doc(security=TOKEN)
@accounts.response(204)
def revoke_token(token_id: uuid.UUID) -> None:
    """End one of one's own tokens"""
    with transaction() as session:
        sessions.revoke_token(session, signed_in_actor().account_id, token_id, at=now())


@accounts.get("/me")
@allow(SIGNED_IN)
@accounts.doc(security=TOKEN)
@accounts.response(200, MeSchema)
def me() -> object:
    """Tell whose token this is, and which roles may be used now"""
    return signed_in_actor()
