"""Verifiers that this project did not write accept what it publishes, and refuse tampered copies of it."""

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openvc.trustlist as openvc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from openvc.trustlist import TrustListError

from registry.publishers import PUBLISHERS, build
from registry.signing.jws import base64url, peek_compact

from support.components import NODE_FOLDER, require_node
from vectors.make import HERE
from vectors.sample import SCHEME, header, sample_list, signer

LOTES = ["lote_anchors/lote-anchors.json", "lote_register/lote-register.json"]
SIGNED = [*LOTES, "native_json/list.jws", "statement/invented-college-1.jws", "cte/governance.jwt"]
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def pinned() -> x509.Certificate:
    return x509.load_pem_x509_certificate((HERE / "signer.pem").read_bytes())


def tampered(token: bytes) -> bytes:
    """Raise the sequence number of a signed document."""
    head, _, signature = token.split(b".")
    payload = peek_compact(token).payload
    changed = payload
    for member in (b'equenceNumber":', b'"sequence":', b'"version":'):
        changed = changed.replace(member + b"7", member + b"8")
    assert changed != payload
    return b".".join([head, base64url(changed), signature])


def run_node(document: Path, kind: str = "", pem: str = "signer.pem") -> Mapping[str, Any]:
    command = [require_node(), str(NODE_FOLDER / "verify.mjs"), str(document), str(HERE / pem), kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise ValueError(done.stderr)
    parsed: Mapping[str, Any] = json.loads(done.stdout)
    return parsed


@pytest.mark.parametrize("name", LOTES)
def test_openvc_accepts_a_lote(name: str) -> None:
    consumed = openvc.consume_lote((HERE / name).read_text(), expected_signer_certs=[pinned()], now=NOW)
    assert consumed.sequence_number == 7
    assert consumed.territory == SCHEME.territory


@pytest.mark.parametrize("name", LOTES)
def test_openvc_refuses_a_tampered_lote(name: str) -> None:
    token = tampered((HERE / name).read_bytes()).decode()
    with pytest.raises(TrustListError, match="signature"):
        openvc.consume_lote(token, expected_signer_certs=[pinned()], now=NOW)


@pytest.mark.parametrize("name", LOTES)
def test_openvc_refuses_a_lote_of_another_signer(name: str) -> None:
    publisher = PUBLISHERS[name.partition("/")[0]]
    token = build(publisher, sample_list(), header(), signer(2)).body.decode()
    with pytest.raises(TrustListError, match="not pinned"):
        openvc.consume_lote(token, expected_signer_certs=[pinned()], now=NOW)


@pytest.mark.parametrize("name", LOTES)
def test_a_client_that_ignores_status_finds_only_certificates_of_recognized_issuers(name: str) -> None:
    entries = sample_list().entries
    recognized = {
        identity.certificate
        for entry in entries
        if entry.status(NOW).is_recognized
        for identity in entry.identities
        if identity.certificate and identity.usable_at(NOW)
    }
    consumed = openvc.consume_lote((HERE / name).read_text(), expected_signer_certs=[pinned()], now=NOW)
    anchors = {
        service.certificate.public_bytes(Encoding.DER)
        for provider in consumed.providers
        for service in provider.services
    }
    assert anchors == recognized


@pytest.mark.parametrize("name", SIGNED)
def test_node_jose_accepts_every_signed_format(name: str) -> None:
    verified = run_node(HERE / name, "lote" if name in LOTES else "")
    assert verified["header"]["alg"] == "ES256"
    assert verified["header"]["iat"] == int(datetime(2026, 9, 1, 9, 0, tzinfo=UTC).timestamp())


def test_node_jose_accepts_the_list_of_lists() -> None:
    verified = run_node(HERE / "lote_of_lotes" / "lotes.json", pem="registry-signer.pem")
    assert verified["header"]["alg"] == "ES256"


@pytest.mark.parametrize("name", SIGNED)
def test_node_jose_refuses_a_tampered_copy(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(tampered((HERE / name).read_bytes()))
    with pytest.raises(ValueError, match="signature verification failed"):
        run_node(copy)
