"""Keys from DID documents: what did:web publishes is read, and nothing else is believed."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from registry.domain.dids import did_key_from_ed25519
from registry.errors import InvalidInput
from registry.signing.did_documents import keys_of_document, web_document_url

KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32).public_key()
MULTIBASE = did_key_from_ed25519(KEY.public_bytes_raw()).removeprefix("did:key:")
DID = "did:web:issuer.example"


def document(**changes: object) -> bytes:
    method = {"id": f"{DID}#1", "type": "Multikey", "controller": DID, "publicKeyMultibase": MULTIBASE}
    return json.dumps(
        {"id": DID, "verificationMethod": [method], "assertionMethod": [f"{DID}#1"], **changes}
    ).encode()


@pytest.mark.parametrize(
    ("did", "url"),
    [
        (DID, "https://issuer.example/.well-known/did.json"),
        ("did:web:issuer.example:unit:a", "https://issuer.example/unit/a/did.json"),
    ],
)
def test_documents_lie_where_the_method_says(did: str, url: str) -> None:
    assert web_document_url(did) == url


def test_a_port_is_refused() -> None:
    with pytest.raises(InvalidInput, match="port"):
        web_document_url("did:web:issuer.example%3A8443")


def test_other_methods_are_refused() -> None:
    with pytest.raises(InvalidInput, match="did:key and did:web"):
        web_document_url("did:ebsi:zabc")


def test_a_multikey_that_may_assert_is_found() -> None:
    [found] = keys_of_document(DID, document())
    assert found.public_bytes_raw() == KEY.public_bytes_raw()  # type: ignore[union-attr]


def test_a_relative_name_of_a_key_is_found() -> None:
    assert len(keys_of_document(DID, document(assertionMethod=["#1"]))) == 1


def test_a_key_that_may_not_assert_does_not_count() -> None:
    with pytest.raises(InvalidInput, match="no key"):
        keys_of_document(DID, document(assertionMethod=[f"{DID}#2"]))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", document(id="did:web:other.example")])
def test_something_else_than_this_dids_document_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        keys_of_document(DID, body)
