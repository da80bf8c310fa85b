"""Bearer tokens as they come in (RFC 6750): read through Authlib's resource protector, both kinds alike."""

from datetime import datetime

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2.rfc6749 import MissingAuthorizationError, TokenMixin, UnsupportedTokenTypeError
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError
from flask import request

from registry.errors import NotAllowed, RegistryError
from registry.http.transaction import now, reading
from registry.services import bearers
from registry.services.bearers import Bearer

REALM = "registry"


class NotSignedIn(RegistryError):
    """The view needs to know who calls. `error`: the code of RFC 6750, 3.1, when a token was shown that does not work."""

    def __init__(self, message: str = "Sign in to go on.", error: str | None = None) -> None:
        super().__init__(message)
        self.error = error


class InsufficientScope(NotAllowed):
    """The token does not open this, whatever its program may do; `scope` would."""

    def __init__(self, scope: str) -> None:
        super().__init__("This token does not open that: ask for one with the scope that is needed.")
        self.scope = scope


class Shown(TokenMixin):
    """A token as Authlib asks about it, at one instant."""

    def __init__(self, bearer: Bearer, at: datetime) -> None:
        self.bearer, self.at = bearer, at

    def get_scope(self) -> str:
        """Return the scopes in wire form."""
        return self.bearer.scope

    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.bearer.has_expired(self.at)

    def is_revoked(self) -> bool:
        """Whether somebody has ended it."""
        return self.bearer.was_revoked(self.at)


class _Validator(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> Shown | None:
        with reading() as session:
            bearer = bearers.find(session, token_string)
            return Shown(bearer, now()) if bearer else None


_protector = ResourceProtector()
_protector.register_token_validator(_Validator())


def shown_bearer() -> Bearer | None:
    """Return the live token of this request, or None if none is shown.

    Raises:
        NotSignedIn: one is shown that is unknown, has ended or was revoked.
    """
    try:
        shown: Shown = _protector.acquire_token()  # type: ignore[no-untyped-call]  # authlib carries no type here
    except (MissingAuthorizationError, UnsupportedTokenTypeError):
        return None
    except InvalidTokenError as error:
        raise NotSignedIn("This token is unknown, has ended or was revoked.", error.error) from error
    return shown.bearer


def bearer_token() -> str | None:
    """Return the token of the `Authorization` header, or None."""
    given = request.authorization
    return given.token if given is not None and given.type == "bearer" else None


def challenge(error: Exception) -> str | None:
    """Return the `WWW-Authenticate` header that an error asks for (RFC 6750, 3), or None."""
    if isinstance(error, InsufficientScope):
        return f'Bearer realm="{REALM}", error="insufficient_scope", scope="{error.scope}"'
    if not isinstance(error, NotSignedIn):
        return None
    # 3.1: a request without a token gets no error code.
    return f'Bearer realm="{REALM}"' + (f', error="{error.error}"' if error.error else "")
