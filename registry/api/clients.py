"""The programs of a body or an institution: `/clients`."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, validate

from registry.api.acting import LOCATION, TOKEN, Answer, created
from registry.api.resource import Resource
from registry.api.schemas import PageQuery, Strict, cut, line, page_schema
from registry.domain.api_scopes import PROGRAM_ROLES
from registry.domain.roles import Role
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.models.oauth import ApiClient
from registry.services import api_clients

clients = Resource("api-clients", __name__, description="Programs of a body or an institution")
IN_CHARGE = (Role.ADMINISTRATOR, Role.OWNER)


class NewClientSchema(Strict):
    """A program to be registered, for one body or for one institution."""

    name = line(api_clients.NAME_MAX, required=True)
    roles = fields.List(
        fields.Enum(Role, by_value=True),
        required=True,
        validate=validate.Length(1, len(PROGRAM_ROLES)),
        metadata={"description": "Those that a program may hold"},
    )
    body_id = fields.UUID(load_default=None, allow_none=True)
    institution_id = fields.UUID(load_default=None, allow_none=True)


class ClientSchema(Strict):
    """A program; `id` is its `client_id`."""

    id = fields.UUID()
    name = fields.String()
    account_id = fields.UUID()
    body_id = fields.UUID(allow_none=True)
    institution_id = fields.UUID(allow_none=True)
    roles = fields.List(fields.Enum(Role, by_value=True))
    registered_at = fields.AwareDateTime()
    usable_from = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)


class SecretSchema(ClientSchema):
    """A program with its secret, shown this once."""

    client_secret = fields.String()


def _to_wire(act: Acting, client: ApiClient, **more: str) -> Mapping[str, Any]:
    return {
        **{name: getattr(client, name) for name in ("id", "name", "account_id", "body_id", "institution_id")},
        "roles": api_clients.roles_of_client(act.session, client),
        "registered_at": client.registered_at,
        "usable_from": client.registered_at + api_clients.USABLE_AFTER,
        "revoked_at": client.revoked_at,
        **more,
    }


@clients.get("/clients")
@allow(*IN_CHARGE)
@clients.doc(security=TOKEN)
@clients.arguments(PageQuery, location="query")
@clients.response(200, page_schema("ClientPage", ClientSchema))
def list_clients(query: Mapping[str, Any]) -> tuple[Mapping[str, Any], int, dict[str, str]]:
    """List the programs that one has charge of"""
    with acting() as act:
        found: Sequence[Any] = [_to_wire(act, c) for c in api_clients.clients_of(act.session, **act.by)]
    return cut(found, query)


@clients.post("/clients")
@allow(*IN_CHARGE)
@clients.doc(security=TOKEN)
@clients.arguments(NewClientSchema)
@clients.response(201, SecretSchema, headers=LOCATION)
def register(body: dict[str, Any]) -> Answer:
    """Register a program; its secret is shown this once

    It can be used after an hour, so that others can notice it.
    """
    new = api_clients.NewClient(**{**body, "roles": frozenset(body["roles"])})
    with acting() as act:
        secret, client = api_clients.register(act.session, new, **act.by)
        return created(_to_wire(act, client, client_secret=secret), f"/clients/{client.id}")


@clients.get("/clients/<uuid:client_id>")
@allow(*IN_CHARGE)
@clients.doc(security=TOKEN)
@clients.response(200, ClientSchema)
def show(client_id: uuid.UUID) -> Mapping[str, Any]:
    """Show a program"""
    with acting() as act:
        return _to_wire(act, api_clients.in_charge_of(act.session, client_id, **act.by))


@clients.post("/clients/<uuid:client_id>/secret")
@allow(*IN_CHARGE)
@clients.doc(security=TOKEN)
@clients.response(201, SecretSchema, headers=LOCATION)
def rotate(client_id: uuid.UUID) -> Answer:
    """Give a program a new secret, shown this once; the old one and all tokens end"""
    with acting() as act:
        secret = api_clients.rotate_secret(act.session, client_id, **act.by)
        client = api_clients.in_charge_of(act.session, client_id, **act.by)
        return created(_to_wire(act, client, client_secret=secret), f"/clients/{client.id}")


@clients.delete("/clients/<uuid:client_id>")
@allow(*IN_CHARGE)
@clients.doc(security=TOKEN)
@clients.response(204)
def revoke(client_id: uuid.UUID) -> None:
    """Shut a program out for good"""
    with acting() as act:
        api_clients.revoke(act.session, client_id, **act.by)
