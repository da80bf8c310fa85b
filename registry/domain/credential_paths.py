"""Find elements in sample credentials: European Learning Model v3 and Open Badges 3.0.

A path such as `credentialSubject.hasClaim.title` goes through lists on its way (JSON-LD writes one value or many) and ends
at a value that says something: not null, not an empty text, not a language map of empty texts, not only a `type`.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any


class CredentialFormat(StrEnum):
    """A format that a policy has paths for; the value is the parameter that holds them."""

    ELM_V3 = "elm_v3"
    OB_V3 = "ob_v3"


_TYPES = {
    "EuropeanDigitalCredential": CredentialFormat.ELM_V3,
    "OpenBadgeCredential": CredentialFormat.OB_V3,
    "AchievementCredential": CredentialFormat.OB_V3,
}
# Members that only say what kind of thing a node is, not what it says.
_STRUCTURE = frozenset({"type", "@type", "@context", "inScheme"})


def unwrap(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the credential inside what people hand in.

    European Digital Credentials are uploaded as `{"credential": {...}}` and come back signed as a JWS in JSON form,
    `{"payload": ..., "signatures": [...]}`. Nothing is verified here; that is the business of `credential_verifies`.
    """
    if "type" in sample:
        return sample
    inner = sample.get("credential")
    if isinstance(inner, Mapping):
        return inner
    return _payload(sample.get("payload")) or sample


def _payload(payload: object) -> Mapping[str, Any] | None:
    """Return the JSON of a JWS payload, base64url or plain (RFC 7797), or None if it is none."""
    if not isinstance(payload, str):
        return None
    try:
        text = (
            payload
            if payload.lstrip().startswith("{")
            else urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        )
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def credential_format(sample: Mapping[str, Any]) -> CredentialFormat | None:
    """Return the format that the `type` of the credential names, or None."""
    types = unwrap(sample).get("type")
    names = [types] if isinstance(types, str) else types if isinstance(types, Sequence) else []
    return next((_TYPES[name] for name in names if isinstance(name, str) and name in _TYPES), None)


def has_element(sample: Mapping[str, Any], paths: Sequence[str]) -> bool:
    """Tell whether at least one of the paths ends at a value that says something."""
    credential = unwrap(sample)
    return any(_says_something(value) for path in paths for value in _walk(credential, path.split(".")))


def _walk(node: object, steps: Sequence[str]) -> Iterator[object]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, steps)
    elif not steps:
        yield node
    elif isinstance(node, Mapping) and steps[0] in node:
        yield from _walk(node[steps[0]], steps[1:])


def _says_something(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_says_something(inner) for key, inner in value.items() if key not in _STRUCTURE)
    if isinstance(value, list):
        return any(map(_says_something, value))
    return value is not None
