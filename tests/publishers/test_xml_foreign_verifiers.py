"""Verifiers that this project did not write accept the XML lists, and refuse tampered copies and other signers."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openvc.trustlist as openvc
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from openvc.trustlist import TrustListError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.qualified import eutl_parse
from signxml import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidSignature
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

from registry.domain.recognition import Status
from registry.domain.trust_list import SHARD_SIZE
from registry.publishers import PUBLISHERS, build
from registry.signing.certificates import to_pem
from registry.signing.xades import DSIG, XADES

from support.components import require_xmlsec1
from vectors.make import HERE
from vectors.sample import (
    ISSUED_AT,
    PIVOTS,
    SCHEME,
    entry,
    grant,
    header,
    sample_entries,
    sample_list,
    signer,
)
from vectors.sample import (
    x509 as listed_x509,
)

TSL = ["tl_xml/tl.xml", "lotl_xml/lotl.xml"]
LISTS = [*TSL, "lote_register_xml/lote-register.xml", "lote_anchors_xml/lote-anchors.xml"]
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
CONFIGURATION = XAdESSignatureConfiguration(
    require_x509=True,
    # signxml expects three references by default; clause B.6 of the standard has two.
    expect_references=2,
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
    verification_time=NOW,
)


def pem_of(name: str) -> Path:
    """The certificate to pin for a vector."""
    return HERE / ("registry-signer.pem" if name.startswith("lotl") else "signer.pem")


def pinned(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def by_xmlsec1(body: bytes, pem: Path, folder: Path) -> None:
    path = folder / "list.xml"
    path.write_bytes(body)
    command = [require_xmlsec1(), "--verify", "--enabled-reference-uris", "empty,same-doc"]
    command += ["--enabled-key-data", "key-value,rsa,ecdsa", "--pubkey-cert-pem", str(pem)]
    command += ["--id-attr:Id", f"{XADES}:SignedProperties", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # Old releases end with 0 and say FAIL; so both are asked for, and both references.
    if done.returncode or not re.search(r"^OK$", done.stdout + done.stderr, re.MULTILINE):
        raise ValueError(f"xmlsec1 refuses the signature: {done.stderr}")
    assert "2/2" in done.stdout + done.stderr


def by_signxml(body: bytes, pem: Path, _folder: Path) -> None:
    document, properties = XAdESVerifier().verify(
        body, x509_cert=pem.read_text(), expect_config=CONFIGURATION
    )
    assert document.signed_xml is not None
    assert document.signed_xml.tag == etree.fromstring(body).tag
    assert properties.signed_xml is not None
    assert properties.signed_xml.tag == f"{{{XADES}}}SignedProperties"


def by_pyhanko(body: bytes, pem: Path, _folder: Path) -> None:
    certificate = asn1_x509.Certificate.load(pinned(pem).public_bytes(Encoding.DER))
    eutl_parse._validate_and_extract_tl_data_multiple_certs(body.decode(), [certificate], NOW)


def by_openvc(body: bytes, pem: Path, _folder: Path) -> None:
    openvc.verify_xades_enveloped(body, [pinned(pem)])


Verify = Callable[[bytes, Path, Path], None]
EVERY: dict[str, Verify] = {
    "xmlsec1": by_xmlsec1,
    "signxml": by_signxml,
    "openvc": by_openvc,
    "pyhanko": by_pyhanko,
}
CASES = [(n, v) for n in LISTS for v in EVERY if v != "pyhanko" or n in TSL]
REFUSALS = (ValueError, InvalidSignature, TrustListError, SignatureValidationError)


@pytest.mark.parametrize(("name", "verifier"), CASES)
def test_each_verifier_accepts_the_list(name: str, verifier: str, tmp_path: Path) -> None:
    EVERY[verifier]((HERE / name).read_bytes(), pem_of(name), tmp_path)


def renamed(body: bytes) -> bytes:
    """Change one letter of a name."""
    return body.replace(b"Invented", b"Inverted", 1)


def backdated(body: bytes) -> bytes:
    """Change the signing time, which only the second reference covers."""
    return body.replace(b"<xades:SigningTime>2026", b"<xades:SigningTime>2025", 1)


def hidden(body: bytes) -> bytes:
    """Wrap: put the signed list below a root of the same name that says something else."""
    root = etree.fromstring(body)
    outer = etree.Element(root.tag, root.attrib, root.nsmap)
    signature = root[-1]
    outer.append(root)
    root.remove(signature)
    outer.append(signature)
    return etree.tostring(outer)


@pytest.mark.parametrize("change", [renamed, backdated, hidden])
@pytest.mark.parametrize(("name", "verifier"), CASES)
def test_each_verifier_refuses_a_tampered_copy(
    name: str, verifier: str, change: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    body = (HERE / name).read_bytes()
    changed = change(body)
    assert changed != body
    with pytest.raises(REFUSALS):
        EVERY[verifier](changed, pem_of(name), tmp_path)


@pytest.mark.parametrize(("name", "verifier"), CASES)
def test_each_verifier_refuses_the_list_under_the_certificate_of_another_signer(
    name: str, verifier: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_text(to_pem(signer(2).certificates[0]))
    with pytest.raises(REFUSALS):
        EVERY[verifier]((HERE / name).read_bytes(), other, tmp_path)


def test_pyhanko_reads_every_service_of_the_trusted_list() -> None:
    body = (HERE / "tl_xml/tl.xml").read_bytes()
    parsed = eutl_parse._raw_tl_parse(body.decode())
    assert parsed.scheme_information is not None
    assert parsed.scheme_information.tslsequence_number == 7
    assert parsed.trust_service_provider_list is not None
    providers = parsed.trust_service_provider_list.trust_service_provider
    assert len(providers) == len(sample_entries())
    read = sum(len(one.tspservices.tspservice) for one in providers if one.tspservices)
    assert read == len(etree.fromstring(body).findall(".//{*}TSPService"))


def test_pyhanko_takes_nobody_on_our_list_for_a_qualified_provider() -> None:
    registry, errors = eutl_parse.trust_list_to_registry_unsafe((HERE / "tl_xml/tl.xml").read_text())
    assert not errors
    assert list(registry.known_certificate_authorities) == []


def certificates_of_recognized() -> set[bytes | None]:
    return {
        identity.certificate
        for one in sample_list().entries
        if one.status(NOW).is_recognized
        for identity in one.identities
        if identity.certificate and identity.usable_at(NOW)
    }


def test_a_client_that_ignores_status_finds_only_certificates_of_recognized_issuers() -> None:
    parsed = openvc.parse_trust_list((HERE / "tl_xml/tl.xml").read_bytes())
    found = {
        service.certificate.public_bytes(Encoding.DER)
        for provider in parsed.providers
        for service in provider.services
    }
    assert found == certificates_of_recognized()


def test_a_client_told_our_type_and_status_finds_the_recognized_issuers() -> None:
    select = openvc.Select(
        service_types=frozenset({SCHEME.uri("svc-type", "microcredential-issuance")}),
        statuses=frozenset(SCHEME.status_uri(status) for status in Status if status.is_recognized),
    )
    parsed = openvc.parse_trust_list((HERE / "tl_xml/tl.xml").read_bytes())
    every = [service for provider in parsed.providers for service in provider.services]
    assert every
    assert all(select.matches(service) for service in every)
    assert not any(openvc.DEFAULT_SELECT.matches(service) for service in every)


def test_openvc_reads_a_full_shard_and_verifies_it() -> None:
    one = PUBLISHERS["tl_xml"].entry(entry(4_000, [grant(1)], [listed_x509(1)]), SCHEME, ISSUED_AT)
    body = PUBLISHERS["tl_xml"].assemble(header(), [one or b""] * SHARD_SIZE, signer()).body
    openvc.verify_xades_enveloped(body, [pinned(HERE / "signer.pem")])
    assert len(openvc.parse_trust_list(body).providers) == SHARD_SIZE


def test_pyhanko_follows_the_list_of_lists_and_knows_its_pivots() -> None:
    office = asn1_x509.Certificate.load(pinned(HERE / "registry-signer.pem").public_bytes(Encoding.DER))
    read = eutl_parse.validate_and_parse_lotl((HERE / "lotl_xml/lotl.xml").read_text(), [office], NOW)
    assert not read.errors
    assert read.pivot_urls == list(PIVOTS)
    folder = f"{SCHEME.base_url}/lists"
    assert [one.location_uri for one in read.references] == [
        f"{folder}/registry/1/lotl.xml",
        *(f"{folder}/{SCHEME.slug}/{shard}/tl.xml" for shard in (1, 2)),
    ]
    announced = [certificate.dump() for certificate in read.references[1].tlso_certs]
    assert announced == [signer(1).certificates[0], signer(2).certificates[0]]


def test_openvc_walks_from_the_list_of_lists_to_the_anchors_under_the_present_and_the_announced_key() -> None:
    for key in (signer(1), signer(2)):
        documents = {
            f"{SCHEME.base_url}/lists/registry/1/lotl.xml": (HERE / "lotl_xml/lotl.xml").read_bytes(),
            **{
                f"{SCHEME.base_url}/lists/{SCHEME.slug}/{shard}/tl.xml": build(
                    PUBLISHERS["tl_xml"], sample_list(), header(), key
                ).body
                for shard in (1, 2)
            },
        }
        walked = openvc.walk_lotl(
            next(iter(documents)),
            lotl_signer_certs=[pinned(HERE / "registry-signer.pem")],
            verify_signature=openvc.verify_xades_enveloped,
            fetch=documents.__getitem__,
            select=None,
            now=NOW,
        )
        assert walked.problems == ()
        assert {
            one.certificate.public_bytes(Encoding.DER) for one in walked.anchors
        } == certificates_of_recognized()


def test_openvc_follows_the_list_of_lists_of_trusted_entities() -> None:
    documents = {
        f"{SCHEME.base_url}/lists/registry/1/lotes.json": (HERE / "lote_of_lotes/lotes.json").read_bytes(),
        **{
            f"{SCHEME.base_url}/lists/{SCHEME.slug}/{shard}/{file}": (HERE / folder / file).read_bytes()
            for shard in (1, 2)
            for folder, file in (
                ("lote_anchors", "lote-anchors.json"),
                ("lote_register", "lote-register.json"),
            )
        },
    }
    walked = openvc.walk_lote(
        next(iter(documents)),
        lote_signer_certs=[pinned(HERE / "registry-signer.pem")],
        fetch=documents.__getitem__,
        now=NOW,
    )
    assert walked.problems == ()
    assert {
        one.certificate.public_bytes(Encoding.DER) for one in walked.anchors
    } == certificates_of_recognized()


def test_a_signature_names_its_references_as_the_standard_asks() -> None:
    for name in LISTS:
        root = etree.fromstring((HERE / name).read_bytes())
        [signature] = root.iter(f"{{{DSIG}}}Signature")
        assert signature is root[-1]
        assert [node.get("URI") for node in signature.iter(f"{{{DSIG}}}Reference")] == [
            "",
            "#signed-properties",
        ]
        certificates = [node.text for node in signature.iter(f"{{{DSIG}}}X509Certificate")]
        assert len(certificates) == 1
