"""Asking for a certificate on the pages and through the API, and having it at the end; nobody else sees any of it."""

import base64
import html
import re
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from registry.jobs.certificates import issue_certificates
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.services import authorities, list_keys
from registry.services.certificate_requests import certified_subject
from registry.signing.certificates import describe_certificate, load_certificate, parse_certificates
from registry.signing.keys import AuthorityLine, KeyStore, Use

from support.callers import Callers
from support.published import publish
from support.requests import request
from support.town import Town
from support.world import key_store

CHOICE = 'value="request"'


@pytest.fixture
def keys(town: Town, tmp_path: Path) -> KeyStore:
    """Keys of a registry with an authority for issuers."""
    made = key_store(tmp_path / "keys")
    with town.database.transaction() as session:
        authorities.make(
            session,
            made,
            AuthorityLine.ISSUERS,
            operator="Invented Operator",
            country="PL",
            actor="operator",
            at=town.clock(),
        )
    return made


def listed(town: Town) -> tuple[str, str]:
    """Id of the one issuer, and the legal name of its institution."""
    town.walk(until="released")
    with town.database.transaction() as session:
        issuer = session.scalars(select(Issuer)).one()
        return str(issuer.id), certified_subject(session, issuer.institution_id).organization


def confirmed_by_two(town: Town, issuer: str) -> None:
    page = f"/cases/issuers/{issuer}"
    for name in ("verifier1", "verifier2"):
        browser = town.browser(name)
        found = re.search(rf'action="(/en{page}/keys/[0-9a-f-]+)"', browser.see(page))
        assert found is not None
        browser.do(page, found[1])


def proof_of(key: ec.EllipticCurvePrivateKey, page: str) -> str:
    found = re.search(r"<code>(registry-proof-of-control:[^<]+)</code>", page)
    assert found is not None
    signature = key.sign(html.unescape(found[1]).encode(), ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(signature).decode()


def test_an_institution_asks_for_a_certificate_and_downloads_it(town: Town, keys: KeyStore) -> None:
    (issuer, name), ada = listed(town), town.browser("ada")
    page, key = f"/apply/issuers/{issuer}/keys", ec.generate_private_key(ec.SECP256R1())
    assert CHOICE in ada.see(page)
    asked = request(key, organization=(name,))
    address = ada.do(page, kind="request", text=asked.decode())
    assert "the registry issues a certificate over it" in ada.see(address)
    ada.do(address, proof=proof_of(key, ada.see(address)))
    assert "the registry issues a certificate" in town.browser("verifier1").see(f"/cases/issuers/{issuer}")
    confirmed_by_two(town, issuer)
    assert issue_certificates(town.database, keys, town.clock()) == 1
    shown = ada.see(page)
    addresses = dict.fromkeys(re.findall(r'href="(?:/en)?(/apply/keys/[0-9a-f-]+)"', shown))
    (made,) = [one for one in addresses if "certificate.pem" in ada.see(one)]
    answer = ada.client.get(ada.address(f"{made}/certificate.pem"))
    assert answer.mimetype == "application/x-pem-file"
    leaf, above = parse_certificates(answer.data)
    load_certificate(leaf).verify_directly_issued_by(load_certificate(above))
    assert describe_certificate(leaf).organizations == (name,)
    town.browser("stranger").see(f"{made}/certificate.pem", 404)
    ada.see(address.removeprefix("/en") + "/certificate.pem", 404)


def test_a_request_may_come_as_a_file_in_either_form(town: Town, keys: KeyStore) -> None:
    (issuer, name), ada = listed(town), town.browser("ada")
    page = f"/apply/issuers/{issuer}/keys"
    for encoding in (Encoding.PEM, Encoding.DER):
        body = request(organization=(name,), encoding=encoding)
        address = ada.do(page, kind="request", file=FileStorage(BytesIO(body), "request.csr"))
        assert "the registry issues a certificate" in ada.see(address)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "roszę wkleić żądanie podpisania certyfikatu"),
        (request(organization=("Cudza Szkoła",)).decode(), "ądanie dotyczy organizacji: Cudza Szkoła"),
        (request(ec.generate_private_key(ec.SECP521R1())).decode(), "roszę użyć klucza P-256, P-384"),
    ],
)
def test_a_request_that_cannot_be_taken_says_why(town: Town, keys: KeyStore, text: str, reason: str) -> None:
    issuer, _name = listed(town)
    answer = town.browser("ada", "pl").send(f"/apply/issuers/{issuer}/keys", kind="request", text=text)
    assert answer.status_code == 422
    assert reason in answer.text


def test_a_registry_without_authority_does_not_offer_certificates(town: Town) -> None:
    issuer, _name = listed(town)
    assert CHOICE not in town.browser("ada").see(f"/apply/issuers/{issuer}/keys")


def test_a_program_asks_for_a_certificate_and_reads_it(town: Town, keys: KeyStore) -> None:
    (issuer, name), calls = listed(town), Callers(town)
    path, key = f"/issuers/{issuer}/identities", ec.generate_private_key(ec.SECP256R1())
    wrong = {"kind": "jwk", "value": request(key, organization=("Another",)).decode()}
    answer = calls.call("ada", "POST", path, json=wrong)
    assert answer.status_code == 422
    assert "O has to be the legal name" in answer.text
    asked = calls.make(
        "ada", "POST", path, {"kind": "jwk", "value": request(key, organization=(name,)).decode()}
    )
    assert (asked["certificate_requested"], asked["certificate"]) == (True, None)
    signature = key.sign(asked["challenge"].encode(), ec.ECDSA(hashes.SHA256()))
    proof = {"proof": base64.b64encode(signature).decode()}
    calls.make("ada", "POST", f"/identities/{asked['id']}/proof", proof)
    for verifier in ("verifier1", "verifier2"):
        calls.make(verifier, "POST", f"/identities/{asked['id']}/confirmations", {})
    assert issue_certificates(town.database, keys, town.clock()) == 1
    (made,) = [one for one in calls.items("ada", path) if one["certificate"]]
    leaf, above = parse_certificates(made["certificate"].encode())
    load_certificate(leaf).verify_directly_issued_by(load_certificate(above))
    assert (made["kind"], made["confirmations"]) == ("x509", 2)


def test_verifiers_find_the_authority_to_pin_with_its_digest(
    town: Town, keys: KeyStore, tmp_path: Path
) -> None:
    with town.database.transaction() as session:
        scheme = session.get_one(Scheme, town.scheme_id)
        list_keys.first(session, keys, scheme, actor="operator", at=town.clock())
    listed(town)
    publish(town, tmp_path / "keys")
    (pem,) = parse_certificates(keys.certificates(AuthorityLine.ISSUERS, use=Use.AUTHORITY).encode())
    for page in ("/verifiers", "/schemes/registry"):
        seen = town.browser("stranger", "pl").see(page)
        assert 'href="/certificates/issuers.pem"' in seen
        assert describe_certificate(pem).sha256 in seen
        assert "Dla wydawców, którzy mają sam klucz" in seen
        assert "/certificates/lists.pem" not in seen, "there is no such authority here"
