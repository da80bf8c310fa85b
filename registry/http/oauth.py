"""The authorization server for programs: Authlib decides what RFC 6749 says, the services keep clients and tokens.

Client credentials alone (RFC 6749, 4.4), revocation (RFC 7009), introspection (RFC 7662).
"""

import uuid
from collections.abc import Callable, Collection
from typing import Any, Final, cast

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    ClientMixin,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, g, request

from registry.domain.api_scopes import READ, SCOPES, in_order
from registry.http.bearer import REALM, Shown
from registry.http.transaction import now, settings, transaction
from registry.services import api_clients, bearers, sign_in
from registry.services.api_clients import KnownClient
from registry.services.sign_in import TooManyAttempts

AUTH_METHODS: Final = ["client_secret_basic", "client_secret_post"]
GRANT: Final = "client_credentials"
TOKEN_PATH: Final = "/api/v1/oauth/token"  # noqa: S105  (an address)


class Client(ClientMixin):
    """A program as Authlib asks about it."""

    def __init__(self, known: KnownClient) -> None:
        self.known = known

    def get_client_id(self) -> str:
        """Return the `client_id`."""
        return str(self.known.id)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is the program's; if so, the try counts as a right one."""
        right = self.known.has_secret(client_secret)
        if right and "oauth_attempt" in g:
            with transaction() as session:
                sign_in.mark_succeeded(session, g.oauth_attempt)
        return right

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the way of showing the secret is one of ours."""
        return method in AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the grant is the one that programs use."""
        return grant_type == GRANT

    def get_allowed_scope(self, scope: str | Collection[str] | None) -> str:
        """Return the scopes asked for (`read`, when none is).

        Raises:
            InvalidScopeError: one of them is not the program's.
        """
        asked = frozenset(str(scope or READ).split())
        if not asked <= self.known.scopes:
            raise InvalidScopeError
        return in_order(asked)


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def validate_token_request(self) -> None:
        super().validate_token_request()
        usable_from = self.client.known.usable_from
        if now() < usable_from:
            raise UnauthorizedClientError(
                "A new program waits an hour, so that others can notice it: until "
                f"{usable_from:%Y-%m-%dT%H:%M:%SZ}."
            )


class _Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> "_Issued | None":
        return _find(token_string)

    def revoke_token(self, token: "_Issued", request: OAuth2Request) -> None:
        with transaction() as session:
            bearers.end(session, token.secret, at=now())


class _Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> "_Issued | None":
        return _find(token_string)

    def check_permission(self, token: "_Issued", client: Client, request: OAuth2Request) -> bool:
        with transaction() as session:
            found = api_clients.find_token(session, token.secret)
            return found is not None and api_clients.may_inspect(session, client.known.id, found)

    def introspect_token(self, token: "_Issued") -> dict[str, Any]:
        with transaction() as session:
            found = api_clients.find_token(session, token.secret)
            if found is None:
                return {"active": False}
            return {
                "active": True,
                "scope": in_order(api_clients.scopes_now(session, found, at=now())),
                "client_id": str(found.client_id),
                "token_type": "Bearer",
                "sub": str(found.client.account_id),
                "iss": settings().base_url,
                "iat": int(found.issued_at.timestamp()),
                "exp": int(found.expires_at.timestamp()),
            }


class _Issued(Shown):
    """A token of a program, with the secret that was shown."""

    def __init__(self, shown: Shown, secret: str, client_id: uuid.UUID) -> None:
        super().__init__(shown.bearer, shown.at)
        self.secret, self.client_id = secret, client_id

    def check_client(self, client: Client) -> bool:
        """Whether it was issued to this program."""
        return self.client_id == client.known.id


def _find(secret: str) -> _Issued | None:
    with transaction() as session:
        issued = api_clients.find_token(session, secret)
        bearer = bearers.find(session, secret) if issued else None
        return _Issued(Shown(bearer, now()), secret, issued.client_id) if issued and bearer else None


def _query_client(client_id: str) -> Client:
    try:
        wanted = uuid.UUID(client_id)
    except ValueError:
        return Client(api_clients.NOBODY)
    with transaction() as session:
        return Client(api_clients.known_client(session, wanted, at=now()) or api_clients.NOBODY)


def _save_token(token: dict[str, Any], request: OAuth2Request) -> None:
    known = cast(Client, request.client).known
    scopes = token["scope"].split()
    with transaction() as session:
        kept = api_clients.save_token(
            session, known, token["access_token"], scopes, life=api_clients.TOKEN_LIFE, at=now()
        )
    if kept is None:
        raise InvalidClientError(status_code=401)


def _server() -> AuthorizationServer:
    server = AuthorizationServer(query_client=_query_client, save_token=_save_token)
    life = int(api_clients.TOKEN_LIFE.total_seconds())
    generator = BearerTokenGenerator(lambda **_: api_clients.new_token(), expires_generator=lambda *_: life)
    server.register_token_generator("default", generator)
    server.scopes_supported = list(SCOPES)
    server.register_grant(_Grant)
    server.register_endpoint(_Revocation)
    server.register_endpoint(_Introspection)
    return server


# Any: the stubs know the core of Authlib, and little of its Flask side.
_SERVER: Final[Any] = _server()


def answer_token_request() -> Response:
    """Answer `POST /oauth/token`."""
    return _answer(_SERVER.create_token_response)


def answer_revocation() -> Response:
    """Answer `POST /oauth/revoke`."""
    return _answer(lambda: _SERVER.create_endpoint_response(RevocationEndpoint.ENDPOINT_NAME))


def answer_introspection() -> Response:
    """Answer `POST /oauth/introspect`."""
    return _answer(lambda: _SERVER.create_endpoint_response(IntrospectionEndpoint.ENDPOINT_NAME))


def _answer(act: Callable[[], Response]) -> Response:
    """Count the try, let Authlib answer, and keep every answer out of caches (RFC 6749, 5.1)."""
    try:
        _count(_client_id())
        response: Response = act()
    except OAuth2Error as error:
        response = _SERVER.handle_error_response(None, error)
    except TooManyAttempts as error:
        body = {"error": "temporarily_unavailable", "error_description": "Too many attempts; wait."}
        response = _SERVER.handle_response(429, body, [("Content-Type", "application/json")])
        response.headers["Retry-After"] = str(error.retry_after)
    response.headers["Cache-Control"], response.headers["Pragma"] = "no-store", "no-cache"
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = f'Basic realm="{REALM}"'  # RFC 7617, 2: a realm is required
    return response


def _client_id() -> str | None:
    """Return the `client_id` that the request shows, in one way alone, or None.

    Raises:
        OAuth2Error: the request shows it twice, repeats a parameter, or puts one into the address (RFC 6749, 2.3 and 3.2).
    """
    if request.args:
        raise InvalidRequestError("Send parameters in the body, never in the address.")
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise InvalidRequestError("Send each parameter once.")
    try:
        shown, _secret = extract_basic_authorization(dict(request.headers))
    except ValueError as error:  # no base64, or no text in it
        raise InvalidClientError(status_code=401) from error
    if shown is not None and "client_secret" in request.form:
        raise InvalidRequestError("Show the secret in one way: by HTTP Basic, or in the body.")
    return shown if shown is not None else request.form.get("client_id")


def _count(client_id: str | None) -> None:
    if client_id is not None:
        name = f"client {client_id.strip().casefold()}"
        with transaction() as session:
            address = request.remote_addr or ""
            g.oauth_attempt = sign_in.count_attempt(session, name, address=address, at=now())
