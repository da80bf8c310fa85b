"""The programming interface, version 1: one blueprint per resource; the OpenAPI document says what it takes.

Everything public is read without a key. Whoever acts shows a bearer token; cookies count for nothing here.
"""

from http import HTTPStatus

from flask import Blueprint, Flask, Response, request
from flask_smorest import Api

from registry.api.accounts import accounts
from registry.api.appeals import appeals
from registry.api.applications import applications
from registry.api.case_file import case_file
from registry.api.cases import cases
from registry.api.clients import clients
from registry.api.committee_again import committee_again
from registry.api.complaints import complaints
from registry.api.decisions import decisions
from registry.api.identities import identities
from registry.api.institutions import institutions
from registry.api.intake import intake
from registry.api.issuers import issuers
from registry.api.judgement import judgement
from registry.api.lists import lists
from registry.api.meetings import meetings
from registry.api.monitoring import monitoring
from registry.api.oauth import oauth, security_scheme
from registry.api.people import people
from registry.api.policies import policies
from registry.api.policy_drafts import policy_life
from registry.api.proposals import proposals
from registry.api.records import records
from registry.api.redactions import redactions
from registry.api.report_drafts import report_drafts
from registry.api.reviews import reviews
from registry.api.schemas import ProblemSchema
from registry.api.supervision import supervision
from registry.api.work import work
from registry.config import Settings
from registry.http.access import PUBLIC, allow
from registry.http.problems import PROBLEM_JSON

PREFIX = "/api/v1"
RESOURCES = (
    issuers,
    lists,
    policies,
    accounts,
    oauth,
    clients,
    institutions,
    applications,
    identities,
    cases,
    people,
    case_file,
    intake,
    reviews,
    judgement,
    report_drafts,
    decisions,
    meetings,
    appeals,
    committee_again,
    supervision,
    monitoring,
    complaints,
    proposals,
    redactions,
    records,
    policy_life,
    work,
)
BODY_LIMIT = 2**20
"""Most bytes of a request to the API."""


class _Api(Api):  # type: ignore[misc]  # flask_smorest carries no types
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `http.problems`, which knows all of them."""

    def _register_pagination_header(self) -> None:
        """Leave out that header: pages are told by `Link` and in the body."""

    def _register_responses(self) -> None:
        """Describe every error as a problem document."""
        names = {status.name: status.phrase for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}
        for name, phrase in {**names, self.DEFAULT_ERROR_RESPONSE_NAME: "Any other error"}.items():
            content = {PROBLEM_JSON: {"schema": self.ERROR_SCHEMA}}
            self.spec.components.response(name, {"description": phrase, "content": content}, lazy=True)


def register(app: Flask) -> tuple[Blueprint, ...]:
    """Mount the API on the application; return its blueprints, which need no tokens against forged forms."""
    app.config.update(
        API_TITLE="Issuer registry",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    settings: Settings = app.extensions["registry.settings"]
    info = {"description": _DESCRIPTION, "license": _LICENSE}
    api = _Api(app, spec_kwargs={"info": info, "servers": [{"url": settings.base_url}]})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("oauth2", security_scheme(settings.base_url))
    for blueprint in RESOURCES:
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    document = "api-docs.openapi_json"
    app.view_functions[document] = allow(PUBLIC)(app.view_functions[document])
    app.before_request(_limit_body)
    app.after_request(_open_to_pages_elsewhere)
    return RESOURCES


def _limit_body() -> None:
    if request.path.startswith("/api/"):
        request.max_content_length = BODY_LIMIT


def _open_to_pages_elsewhere(response: Response) -> Response:
    """Let scripts of any site read answers; no cookie counts here, so nothing of a person's is opened."""
    if request.path.startswith("/api/") and request.method in {"GET", "HEAD"}:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Link, ETag"
    return response


_DESCRIPTION = (
    "Recognized issuers of micro-credentials. Reading what is public needs no key. "
    "Errors are problem documents (RFC 9457) that name each field."
)
_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
