"""Looking outside for an applicant: the challenge at a domain, the keys of a did:web. Pages and API share it."""

from typing import Final, cast

from flask import current_app

from registry.errors import FieldError, InvalidInput
from registry.outbound import FetchRefused, Outbound, outbound
from registry.services.did_resolving import web_resolver
from registry.services.identities import DidResolver

WELL_KNOWN: Final = "/.well-known/registry-proof-of-control.txt"


def challenge_address(domain: str) -> str:
    """Return where a domain has to show its challenge."""
    return f"https://{domain}{WELL_KNOWN}"


def read_challenge(domain: str) -> str:
    """Return what a domain shows.

    Raises:
        InvalidInput: it could not be read.
    """
    address = challenge_address(domain)
    try:
        return _outbound().fetch(address).decode("utf-8", "replace").strip()
    except FetchRefused as error:
        message = f"the address {address} could not be read"
        raise InvalidInput(message, [FieldError("proof", message)]) from error


def keys_of(did: str) -> DidResolver | None:
    """Fetch the keys of a did:web now, before any transaction, since that may be slow; None for DIDs that need no fetching.

    Raises:
        InvalidInput: the DID document could not be read.
    """
    if not did.startswith("did:web:"):
        return None
    try:
        keys = web_resolver(_outbound())(did)
    except FetchRefused as error:
        message = f"the DID document could not be read: {error}"
        raise InvalidInput(message, [FieldError("proof", message)]) from error
    return lambda _did: keys


def _outbound() -> Outbound:
    """Return what fetches; tests put their own in its place."""
    return cast("Outbound | None", current_app.extensions.get("registry.outbound")) or outbound()
