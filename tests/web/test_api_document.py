"""The OpenAPI document is valid, and docs/api.md names every call of it."""

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from registry.app import create_app
from registry.config import Settings
from registry.http.access import PUBLIC

from support.api_doc import DOC, drawn

GUIDE = DOC.read_text(encoding="utf-8")


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The application; its database is never asked."""
    return create_app(settings)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return found


def braced(rule: str) -> str:
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule).removeprefix("/api/v1")


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document, cls=OpenAPIV31SpecValidator)


def test_the_guide_names_every_call_with_its_summary(document: dict[str, Any]) -> None:
    told = dict(re.findall(r"^\| `([A-Z]+ /[^`]*)` \| (.+) \|$", GUIDE, flags=re.MULTILINE))
    assert told == {name: operation["summary"] for name, operation in operations(document).items()}


def test_the_guide_is_drawn_from_the_document(document: dict[str, Any]) -> None:
    assert drawn(GUIDE, document) == GUIDE, "run `python -m support.api_doc` in the folder of the tests"


def test_a_call_says_that_it_needs_a_token_unless_it_is_public(app: Flask, document: dict[str, Any]) -> None:
    public = {
        f"{method} {braced(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and PUBLIC in app.view_functions[rule.endpoint].__allowed__
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    silent = {name for name, operation in operations(document).items() if not operation.get("security")}
    assert silent == public


def test_what_makes_something_tells_where_it_is(document: dict[str, Any]) -> None:
    made = {
        name: op["responses"]["201"] for name, op in operations(document).items() if "201" in op["responses"]
    }
    assert made
    apart = {"POST /tokens"}  # a token has no address of its own
    puts = {name for name in made if re.fullmatch(r"PUT .*/(statement|file)", name)}
    receipt = {"POST /applications/{application_id}/submission"}
    assert {name for name, answer in made.items() if "Location" not in answer.get("headers", {})} == (
        apart | puts | receipt
    )


def test_every_field_of_every_input_is_named_and_no_other_is_taken(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is not None:
            found = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            assert found["properties"], name
            assert found["additionalProperties"] is False, name
