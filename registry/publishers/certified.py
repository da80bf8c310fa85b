"""The protected header of signed lists: the signer's certificates and the signing time."""

import pybase64

from registry.domain.trust_list import Header
from registry.publishers.base import signer_thumbprint, signing_time
from registry.signing.jws import sign_compact
from registry.signing.signers import Signer


def sign_list(
    payload: bytes, header: Header, signer: Signer, typ: str | None, key_id: str | None = None
) -> bytes:
    """Return the compact JWS of a list, as JAdES baseline B (ETSI TS 119 182-1 v1.2.1, 5.1) has it.

    `key_id` becomes `kid`, for readers who find keys by it. `x5c` (5.1.8), `x5t#S256` (5.1.7) and `iat`
    (5.1.12) are protected; nothing is critical, because clients differ in what they know.
    """
    protected = {
        **({"kid": key_id} if key_id else {}),
        "iat": signing_time(header),
        "x5c": [pybase64.b64encode_as_string(certificate) for certificate in signer.certificates],
        **signer_thumbprint(signer),
    }
    return sign_compact(payload, signer, typ, protected)
