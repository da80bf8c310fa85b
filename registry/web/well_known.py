"""What programs look for at well-known addresses: how to get a token (RFC 8414)."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from registry.domain.api_scopes import SCOPES
from registry.http.access import PUBLIC, allow
from registry.http.oauth import AUTH_METHODS, GRANT, TOKEN_PATH
from registry.http.transaction import settings
from registry.web.root import root


@root.get("/.well-known/oauth-authorization-server")
@allow(PUBLIC)
def authorization_server() -> ResponseReturnValue:
    """Tell programs where tokens are issued, and for what."""
    base = settings().base_url
    endpoints = {"revocation": "revoke", "introspection": "introspect"}
    answer = jsonify(
        issuer=base,
        token_endpoint=base + TOKEN_PATH,
        token_endpoint_auth_methods_supported=AUTH_METHODS,
        grant_types_supported=[GRANT],
        response_types_supported=[],
        scopes_supported=list(SCOPES),
        service_documentation=f"{base}/api/openapi.json",
        **{f"{name}_endpoint": f"{base}/api/v1/oauth/{path}" for name, path in endpoints.items()},
        **{f"{name}_endpoint_auth_methods_supported": AUTH_METHODS for name in endpoints},
    )
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
