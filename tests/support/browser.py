"""A person at a browser: fills in forms the way the pages show them."""

import re
from collections.abc import Mapping
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.database import Database
from registry.services import accounts

PASSWORD = "violin under the bridge"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def create_person(
    database: Database, name: str = "Ada Lovelace", *, at: datetime, language: str = "en"
) -> accounts.Account:
    """Create an account with `PASSWORD`; its address is made from the name."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    with database.transaction() as session:
        return accounts.create_account(
            session, name=name, email=email, password=PASSWORD, language=language, at=at
        )


def submit(client: FlaskClient, page: str, action: str | None = None, /, **fields: str) -> TestResponse:
    """Open `page`, then send a form of it to `action` (default: the page) with the page's hidden token."""
    found = _TOKEN.search(client.get(page).text)
    token: Mapping[str, str] = {"csrf_token": found[1]} if found else {}
    return client.post(action or page, data={**token, **fields})


def signed_in(app: Flask, account: accounts.Account, password: str = PASSWORD) -> FlaskClient:
    """Return a browser in which the person has signed in."""
    client = app.test_client()
    answer = submit(client, "/en/sign-in", email=account.email, password=password)
    assert answer.status_code == 303, answer.text
    return client
