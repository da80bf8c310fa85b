"""Programs of a town: registered by its administrator, with tokens of their own."""

import uuid
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from registry.domain.roles import Role
from registry.services import api_clients

from support.town import Town

TOKEN = "/api/v1/oauth/token"


@dataclass
class Program:
    """A program at the API, with its credentials."""

    town: Town
    id: uuid.UUID
    secret: str
    account: uuid.UUID

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form to an endpoint of the authorization server, showing the credentials by HTTP Basic."""
        return self.town.app.test_client().post(path, data=form, auth=(str(self.id), self.secret))

    def token(self, scope: str) -> str:
        """Return a token with the scopes asked for."""
        answer = self.post(TOKEN, grant_type="client_credentials", scope=scope)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["access_token"])

    def call(self, token: str, method: str, path: str, **options: Any) -> TestResponse:
        """Send one request with a token; `path` is below `/api/v1`."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.town.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **options)


def register(town: Town, *roles: Role, by: str = "administrator", name: str = "Case system") -> Program:
    """Register a program of the town's body by its administrator, and wait until it may be used."""
    with town.database.transaction() as session:
        new = api_clients.NewClient(name, frozenset(roles), body_id=town.body_id)
        secret, client = api_clients.register(session, new, actor=town.people[by], at=town.clock())
        made = Program(town, client.id, secret, client.account_id)
    town.clock.advance(hours=1)
    return made
