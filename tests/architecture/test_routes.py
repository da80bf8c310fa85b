"""Every address says who may call it, and the ones that are public are known."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from registry.app import create_app
from registry.config import Settings
from registry.domain.roles import Role
from registry.http.access import PUBLIC, SIGNED_IN, allow


@pytest.fixture
def routes(settings: Settings) -> list[tuple[Rule, object]]:
    """Each rule of the URL map with the view that answers it; no database is needed for that."""
    app: Flask = create_app(settings)
    return [(rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()]


def test_every_route_says_who_may_call_it(routes: list[tuple[Rule, object]]) -> None:
    unguarded = [
        f"{rule} ({rule.endpoint})" for rule, view in routes if not getattr(view, "__allowed__", None)
    ]
    assert unguarded == []


def test_every_allowance_is_a_role_or_an_audience(routes: list[tuple[Rule, object]]) -> None:
    known = {*Role, PUBLIC, SIGNED_IN}
    for rule, view in routes:
        allowed = view.__allowed__  # type: ignore[attr-defined]
        assert allowed <= known, rule
        assert len(allowed) == 1 or not allowed & {PUBLIC, SIGNED_IN}, f"{rule} mixes an audience with roles"


def test_the_public_changes_nothing_but_by_signing_in_and_up(routes: list[tuple[Rule, object]]) -> None:
    unsafe = {"POST", "PUT", "PATCH", "DELETE"}
    public = {
        rule.endpoint
        for rule, view in routes
        if PUBLIC in view.__allowed__ and unsafe & (rule.methods or set())  # type: ignore[attr-defined]
    }
    asks = {"api-policies.self_check"}  # a question with a body: nothing is stored
    programs = {"api-oauth.issue", "api-oauth.revoke", "api-oauth.introspect"}  # by credentials of their own
    complaints = {"complaints.lodge", "api-complaints.lodge"}  # anybody may, and need not say who
    expected = {"auth.sign_in_submit", "auth.sign_up_submit", "auth.sign_out", "api-accounts.create_token"}
    assert public - asks - programs - complaints == expected


def test_every_page_lies_below_a_language_and_every_resource_below_the_version(
    routes: list[tuple[Rule, object]],
) -> None:
    apart = {"static", "api-docs.openapi_json"}
    for rule, _ in routes:
        if rule.endpoint in apart or rule.endpoint.startswith("root."):
            continue
        assert rule.rule.startswith(("/<any(en,pl):lang>/", "/api/v1/")), rule


def test_a_view_that_says_nothing_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="who may call it"):
        allow()
