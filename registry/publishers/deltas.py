"""Deltas of the native list: what changed between two numbers of one shard, enough to reach the same bytes.

A delta is canonical JSON (RFC 8785). It holds the changed and new entries, the head of the newer payload, and the protected
header and signature of the newer document. A follower puts the entries in the place of those of the same id, keeps all in
the order of their ids, and writes head and entries down canonically: that is the payload that the signature stands for.
Nothing is ever removed from a list. Contract: docs/formats/native_json.md.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from registry.domain.trust_list import canonical_json
from registry.errors import InvalidInput
from registry.publishers.checks import Shape, check_shape
from registry.signing.jws import base64url, peek_compact

FORMAT = "issuer-registry/trust-list-delta/1"
MEDIA_TYPE = "application/json"
SHAPE: Shape = {
    "format": FORMAT,
    "scheme": str,
    "shard": int,
    "from": int,
    "to": int,
    "from_sha256": str,
    "to_sha256": str,
    "protected": str,
    "signature": str,
    "head": dict,
    "entries": list,
}


class DeltaRefused(InvalidInput):
    """A delta does not lead from this list to the one that it names; download the whole list."""


def build_delta(
    document: bytes, head: Mapping[str, Any], before: tuple[int, str], changed: Sequence[bytes]
) -> bytes:
    """Return the delta that leads to `document`, the native list with this head.

    `before`: number and SHA-256 of the document that it leads from; `changed`: the canonical entries that differ, by id.
    """
    protected, _payload, signature = document.split(b".")
    wire = {
        "format": FORMAT,
        "scheme": head["scheme"]["slug"],
        "shard": head["shard"],
        "from": before[0],
        "to": head["sequence"],
        "from_sha256": before[1],
        "to_sha256": hashlib.sha256(document).hexdigest(),
        "protected": protected.decode(),
        "signature": signature.decode(),
        "head": head,
        "entries": [],
    }
    return canonical_json(wire).replace(b'"entries":[]', b'"entries":[%b]' % b",".join(changed), 1)


def merge_deltas(deltas: Sequence[bytes]) -> bytes:
    """Return one delta for consecutive ones, oldest first."""
    steps = [orjson.loads(delta) for delta in deltas]
    entries = {entry["id"]: entry for step in steps for entry in step["entries"]}
    first = {name: steps[0][name] for name in ("from", "from_sha256")}
    return canonical_json({**steps[-1], **first, "entries": [entries[i] for i in sorted(entries)]})


def apply_delta(document: bytes, delta: bytes) -> bytes:
    """Return the newer document, byte for byte; `document` is the native list that the delta leads from.

    What is returned has the digest that the delta names, which says nothing about who signed it: verify it.

    Raises:
        DeltaRefused: the delta cannot be read, leads from another document, or does not lead to the one it names.
    """
    step = _read(delta)
    if hashlib.sha256(document).hexdigest() != step["from_sha256"]:
        raise DeltaRefused(
            f"the delta leads from number {step['from']}, which is another document than this one"
        )
    payload = orjson.loads(peek_compact(document).payload)
    entries = {entry["id"]: entry for entry in (*payload["entries"], *step["entries"])}
    head = canonical_json(step["head"])
    joined = b",".join(canonical_json(entries[i]) for i in sorted(entries))
    signed = base64url(b'%b,"entries":[%b]}' % (head[:-1], joined))
    newer = b".".join([step["protected"].encode(), signed, step["signature"].encode()])
    if hashlib.sha256(newer).hexdigest() != step["to_sha256"]:
        raise DeltaRefused(f"the delta does not lead to number {step['to']} as it was published")
    return newer


def _read(delta: bytes) -> dict[str, Any]:
    try:
        step = orjson.loads(delta)
        check_shape(step, SHAPE, "the delta")
    except (ValueError, InvalidInput) as error:
        raise DeltaRefused(f"this is no delta of a list: {error}") from error
    return dict(step)
