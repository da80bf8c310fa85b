"""Keys from a DID document (W3C DID Core, 5.2), and where did:web documents lie (did:web method, 3.2)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from registry.domain.dids import didkey_public_key
from registry.errors import FieldError, InvalidInput
from registry.signing.possession import PublicKey, key_from_raw, read_jwk


def web_document_url(did: str) -> str:
    """Return the https address of a did:web document.

    Raises:
        InvalidInput: another method, or a port (only the usual one is fetched).
    """
    method = "did:web:"
    if not did.startswith(method):
        raise _refused("only did:key and did:web can be proven here")
    host, *path = [unquote(part) for part in did.removeprefix(method).split(":")]
    if ":" in host:
        raise _refused("a did:web with a port cannot be fetched")
    return f"https://{host}/{'/'.join(path) if path else '.well-known'}/did.json"


def keys_of_document(did: str, body: bytes) -> Sequence[PublicKey]:
    """Return the keys that a DID document lets sign assertions, in its order; kinds of key that we do not know are left out.

    Raises:
        InvalidInput: no JSON, the document of another DID, or no key that could sign.
    """
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _refused("the DID document is not JSON") from error
    if not isinstance(document, dict) or document.get("id") != did:
        raise _refused("the DID document speaks of another DID")
    methods = _methods(document)
    named = document.get("assertionMethod") or list(methods)
    found = [_key(_absolute(did, item), methods) for item in named if isinstance(item, str | dict)]
    keys = [key for key in found if key is not None]
    if not keys:
        raise _refused("the DID document names no key that we can check with")
    return keys


def _methods(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    did = str(document["id"])
    listed = document.get("verificationMethod") or []
    return {str(_absolute(did, str(m.get("id")))): m for m in listed if isinstance(m, dict)}


def _absolute(did: str, item: str | dict[str, Any]) -> str | dict[str, Any]:
    return did + item if isinstance(item, str) and item.startswith("#") else item


def _key(item: str | dict[str, Any], methods: Mapping[str, Mapping[str, Any]]) -> PublicKey | None:
    method = methods.get(item) if isinstance(item, str) else item
    if method is None:
        return None
    try:
        if isinstance(method.get("publicKeyJwk"), dict):
            return read_jwk(json.dumps(method["publicKeyJwk"]))[1]
        if isinstance(method.get("publicKeyMultibase"), str):
            key = didkey_public_key(f"did:key:{method['publicKeyMultibase']}")
            return key_from_raw(key.curve, key.raw)
    except InvalidInput:
        return None
    return None


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, [FieldError("proof", message)])
