"""Whatever a trusted key signed and whatever the bytes are, verifying ends with a named check and never with a crash."""

import contextlib
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.publishers import PUBLISHERS, STATEMENT, build
from registry.publishers.base import JOSE
from registry.publishers.verify import Trust, VerificationFailed, verify_document
from registry.signing.jws import peek_compact, sign_compact

from vectors.sample import ISSUED_AT, header, sample_entries, sample_list, signer

SIGNER = signer()
TRUST = Trust(certificates=SIGNER.certificates)
ENTRIES = sample_entries()[1:2]
BODIES = {
    **{
        name: build(publisher, sample_list(ENTRIES), header(), SIGNER).body
        for name, publisher in PUBLISHERS.items()
        if publisher.media_type in {JOSE, "application/cbor"}
    },
    "statement": STATEMENT.statement(ENTRIES[0], header(), SIGNER).body,
}
JWS = [name for name, body in BODIES.items() if body.startswith(b"ey")]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in inside for found in places(inner, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Return a copy of `value` with `new` at `path`."""
    if not path:
        return new
    changed = deepcopy(value)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    return changed


@pytest.mark.parametrize("format_id", JWS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_value_at_any_place_of_a_signed_document_is_accepted_or_refused_with_a_check(
    format_id: str, data: st.DataObject
) -> None:
    token = peek_compact(BODIES[format_id])
    payload = json.loads(token.payload)
    changed = put(payload, data.draw(st.sampled_from(places(payload))), data.draw(JSON))
    kept = {name: value for name, value in token.header.items() if name not in {"alg", "typ"}}
    body = sign_compact(json.dumps(changed).encode(), SIGNER, token.header.get("typ"), kept)
    with contextlib.suppress(VerificationFailed):
        verify_document(body, TRUST, ISSUED_AT, None)


@pytest.mark.parametrize("format_id", JWS)
@settings(deadline=None, max_examples=60)
@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "iat", "x5c", "x5t#S256", "typ", "b64"]), JSON))
def test_any_header_is_refused_with_a_check(format_id: str, header: dict[str, Any]) -> None:
    body = sign_compact(peek_compact(BODIES[format_id]).payload, SIGNER, None, header)
    with pytest.raises(VerificationFailed):
        verify_document(body, TRUST, ISSUED_AT, None)


@pytest.mark.parametrize("format_id", BODIES)
@settings(deadline=None, max_examples=80)
@given(place=st.integers(min_value=0), byte=st.integers(0, 255))
def test_no_changed_byte_goes_unnoticed(format_id: str, place: int, byte: int) -> None:
    body = BODIES[format_id]
    place %= len(body)
    changed = body[:place] + bytes([byte]) + body[place + 1 :]
    if changed.strip() == body:
        return
    with pytest.raises(VerificationFailed):
        verify_document(changed, TRUST, ISSUED_AT, None)
