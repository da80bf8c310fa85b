"""Identifiers: every scheme has one canonical form, and a typing mistake is told."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.dids import base58_decode, base58_encode, did_key_from_p256
from registry.domain.identifiers import (
    PARSERS,
    SCHEMES,
    Identifier,
    IdentifierScheme,
    did_key_from_ed25519,
    didkey_public_key,
    identifier_uri,
    parse_identifier,
    parse_scheme,
)
from registry.domain.web_names import parse_website, website_host
from registry.errors import InvalidInput

ED25519_KEY = "did:key:z6MkpMKDNykeb9hSQkz8RWCRrqHoo3y56gQb3Lj78xWgkNZh"  # a real college
P256_KEY = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"  # did:key specification, test vector
THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"  # RFC 7638, 3.1
FINGERPRINT = hashlib.sha256(b"certificate").hexdigest()

ACCEPTED = [
    ("ror", "https://ror.org/03bqmcz70", "https://ror.org/03bqmcz70"),
    ("ror", " 03BQMCZ70 ", "https://ror.org/03bqmcz70"),
    ("ror", "ror.org/03bqmcz70/", "https://ror.org/03bqmcz70"),
    ("deqarinst", "deqarinst0123", "DEQARINST0123"),
    ("deqarinst", "DEQARINST10234", "DEQARINST10234"),
    ("deqarinst", "DEQARINSTAP0005", "DEQARINSTAP0005"),
    ("eter", "pl0025", "PL0025"),
    ("eter", "GR0001", "EL0001"),
    ("eter", "EL0001", "EL0001"),
    ("eter", "UK0032", "UK0032"),
    ("erasmus_code", "PL KRAKOW01", "PL KRAKOW01"),
    ("erasmus_code", "A\u00a0\u00a0BADEN01", "A  BADEN01"),
    ("erasmus_code", "D\u00a0 BERLIN01 ", "D  BERLIN01"),
    ("erasmus_code", "d aachen01", "D  AACHEN01"),
    ("erasmus_code", "IRLDUBLIN01", "IRLDUBLIN01"),
    ("erasmus_code", "IRL DUBLIN01", "IRLDUBLIN01"),
    ("erasmus_code", "CZ C-BUDEJ01", "CZ C-BUDEJ01"),
    ("erasmus_code", "D  BERLIN270", "D  BERLIN270"),
    ("pic", "999 843 662", "999843662"),
    ("oid", "e10208308", "E10208308"),
    ("eche", "101012444", "101012444"),
    ("schac", "UJ.edu.pl", "uj.edu.pl"),
    ("whed", "iau-019999", "IAU-019999"),
    ("vat", "PL 675-000-22-36", "PL6750002236"),
    ("vat", "DE 136695976", "DE136695976"),
    ("vat", "GR123456789", "EL123456789"),
    ("vat", "EL123456789", "EL123456789"),
    ("vat", "ATU12345678", "ATU12345678"),
    ("vat", "CHE-123.456.789 MWST", "CHE123456789MWST"),
    ("vat", "BE0202239951", "BE0202239951"),
    ("vat", "PT501442600", "PT501442600"),
    ("vat", "SK2020845057", "SK2020845057"),
    ("euid", "plkrs.0000123456", "PLKRS.0000123456"),
    ("euid", "DEK1101R.HRB116737", "DEK1101R.HRB116737"),
    ("lei", "5493001kjtiigc8y1r12", "5493001KJTIIGC8Y1R12"),
    ("nip", "675-000-22-36", "6750002236"),
    ("nip", "PL6750002236", "6750002236"),
    ("regon", "000001270", "000001270"),
    ("regon", "12345678512347", "12345678512347"),
    ("krs", "KRS: 0000123456", "0000123456"),
    ("grid", "https://grid.ac/institutes/grid.5522.0", "grid.5522.0"),
    ("isni", "0000 0001 2162 9631", "0000000121629631"),
    ("isni", "https://isni.org/isni/000000012146438X", "000000012146438X"),
    ("wikidata", "http://www.wikidata.org/entity/Q189441", "Q189441"),
    ("fundref", "https://doi.org/10.13039/501100002745", "501100002745"),
    ("ctid", "CE-1B0A262D-8c1e-4a5f-9a7e-0123456789AB", "ce-1b0a262d-8c1e-4a5f-9a7e-0123456789ab"),
    ("did", ED25519_KEY, ED25519_KEY),
    ("did", P256_KEY, P256_KEY),
    ("did", "did:web:Dibiho.ORG:TUM.Test", "did:web:dibiho.org:TUM.Test"),
    ("did", "did:web:example.edu%3a8443:u", "did:web:example.edu%3A8443:u"),
    ("did", "did:ebsi:zvHWX359A3CvfJnCYaAiAde", "did:ebsi:zvHWX359A3CvfJnCYaAiAde"),
    ("did", "did:example:a::b", "did:example:a::b"),
    ("x509_sha256", ":".join(FINGERPRINT[i : i + 2].upper() for i in range(0, 64, 2)), FINGERPRINT),
    ("x509_subject", "cn=Seal, o=Example\\, Ltd,c=PL", "CN=Seal,O=Example\\, Ltd,C=PL"),
    ("jwk_thumbprint", THUMBPRINT, THUMBPRINT),
    ("jwk_thumbprint", f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{THUMBPRINT}", THUMBPRINT),
    ("web_origin", "HTTPS://Example.EDU:443/", "https://example.edu"),
    ("web_origin", "https://example.edu:8443", "https://example.edu:8443"),
    ("web_origin", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("web_origin", "http://[::1]:8000", "http://[::1]:8000"),
    ("domain", "Straße.de", "xn--strae-oqa.de"),
    ("domain", "XN--strae-oqa.de", "xn--strae-oqa.de"),
    ("domain", "uj.edu.pl.", "uj.edu.pl"),
    ("platform_profile", "https://Example.com/issuers/7", "https://example.com/issuers/7"),
]

REFUSED = [
    ("ror", "03bqmcz71", "check digits"),
    ("ror", "https://ror.org/03bqmcl70", "example"),
    ("deqarinst", "DEQARINST012", "example"),
    ("eter", "XX0001", "PL0025"),
    ("erasmus_code", "KRAKOW", "PL KRAKOW01"),
    ("pic", "99984366", "example"),
    ("oid", "#N/A", "example"),
    ("lei", "5493001KJTIIGC8Y1R13", "check digits"),
    ("nip", "6750002237", "check digits"),
    ("vat", "PL6750002237", "check digit"),
    ("vat", "6750002236", "country prefix"),
    ("vat", "ZZ123", "country prefix"),
    ("vat", "DE13669597", "form that DE uses"),
    ("regon", "000001271", "check digits"),
    ("regon", "12345678512346", "check digits"),
    ("krs", "123456", "leading zeros"),
    ("isni", "0000 0001 2162 9632", "check digits"),
    ("wikidata", "P31", "example"),
    ("ctid", "ce-123", "example"),
    ("euid", "XXKRS.1", "PLKRS"),
    ("did", "did:Web:example.edu", "not a DID"),
    ("did", "did:web:example.edu#key-1", "DID URL"),
    ("did", "did:web:example.edu?service=a", "DID URL"),
    ("did", "did:web:127.0.0.1", "not a domain name"),
    ("did", "did:web:example.edu%3A99999", "port"),
    ("did", "did:web:example.edu::a", "empty or unsafe"),
    ("did", "did:web:example.edu:..:a", "empty or unsafe"),
    ("did", "did:web:example.edu:a%2Fb", "empty or unsafe"),
    ("did", "did:example:", "not a DID"),
    ("did", "did:example:a b", "not a DID"),
    ("did", "did:example:a%2", "not a DID"),
    ("did", f"{ED25519_KEY[:-1]}0", "base58"),
    ("did", ED25519_KEY[:-1], "Ed25519 or P-256"),
    ("did", "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "no other kind"),
    ("x509_sha256", "ab" * 31, "hexadecimal"),
    ("x509_subject", "Seal of Example", "CN="),
    ("jwk_thumbprint", THUMBPRINT[:-1] + "t", "base64url"),
    ("jwk_thumbprint", "not a thumbprint", "base64url"),
    ("web_origin", "http://example.edu", "https://"),
    ("web_origin", "https://example.edu/path", "more than a web origin"),
    ("web_origin", "https://user@example.edu", "user name"),
    ("web_origin", "https://example.edu:port", "web address"),
    ("domain", "https://example.edu", "without https"),
    ("domain", "localhost", "domain name"),
    ("domain", "10.0.0.1", "domain name"),
    ("domain", "-a.example.edu", "domain name"),
    ("domain", f"{'a' * 64}.edu", "domain name"),
    ("domain", "\u0660.\u0661", "internationalized|domain name"),
    ("platform_profile", "http://example.com/7", "https://"),
    ("pic", "", "not empty"),
    ("pic", "٩٩٩٨٤٣٦٦٢", "example"),
]


@pytest.mark.parametrize(("scheme", "text", "value"), ACCEPTED)
def test_a_good_identifier_gets_its_canonical_form(scheme, text, value):
    identifier = parse_identifier(IdentifierScheme(scheme), text)
    assert identifier == Identifier(IdentifierScheme(scheme), value)
    assert parse_identifier(identifier.scheme, identifier.value) == identifier


@pytest.mark.parametrize(("scheme", "text", "why"), REFUSED)
def test_a_bad_identifier_is_refused_with_the_reason(scheme, text, why):
    with pytest.raises(InvalidInput, match=why):
        parse_identifier(IdentifierScheme(scheme), text)


def test_every_scheme_is_tried_above_and_stands_in_exactly_one_table():
    assert {scheme for scheme, *_ in ACCEPTED} == {scheme for scheme, *_ in REFUSED} | {
        "whed", "eche", "grid", "fundref", "schac",
    }  # fmt: skip
    assert set(SCHEMES) | set(PARSERS) == set(IdentifierScheme)
    assert not set(SCHEMES) & set(PARSERS)
    assert {scheme for scheme, *_ in ACCEPTED} == set(IdentifierScheme)


@given(st.sampled_from(IdentifierScheme), st.text(max_size=60))
def test_any_text_is_refused_or_has_a_form_that_stays(scheme, text):
    try:
        identifier = parse_identifier(scheme, text)
    except InvalidInput:
        return
    assert parse_identifier(scheme, identifier.value) == identifier


@pytest.mark.parametrize(
    ("scheme", "good"),
    [
        ("ror", "03bqmcz70"),
        ("nip", "6750002236"),
        ("lei", "5493001KJTIIGC8Y1R12"),
        ("isni", "0000000121629631"),
    ],
)
def test_any_one_wrong_digit_is_noticed(scheme, good):
    for position, character in enumerate(good):
        if character.isdigit() and position > 0:
            wrong = good[:position] + str((int(character) + 1) % 10) + good[position + 1 :]
            with pytest.raises(InvalidInput):
                parse_identifier(IdentifierScheme(scheme), wrong)


def test_the_key_of_a_did_key_comes_out_as_the_library_knows_it():
    raw = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x01" * 32).public_key().public_bytes_raw()
    did = did_key_from_ed25519(raw)
    assert parse_identifier(IdentifierScheme.DID, did).value == did
    key = didkey_public_key(did)
    assert (key.curve, key.raw) == ("Ed25519", raw)


def test_a_p256_key_survives_its_did():
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    compressed = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    key = didkey_public_key(did_key_from_p256(compressed))
    assert (key.curve, key.raw) == ("P-256", compressed)
    assert didkey_public_key(P256_KEY).curve == "P-256"


@pytest.mark.parametrize(
    "raw",
    [
        bytes(32),
        b"\x01" + bytes(31),
        (2**255 - 20).to_bytes(32, "little"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        b"\x02" + bytes(31),
    ],
)
def test_bytes_that_are_no_usable_ed25519_key_are_refused(raw):
    with pytest.raises(InvalidInput, match="no usable Ed25519 key"):
        didkey_public_key(did_key_from_ed25519(raw))


def test_bytes_that_are_no_point_of_p256_are_refused():
    with pytest.raises(InvalidInput, match="no point of P-256"):
        didkey_public_key(did_key_from_p256(b"\x02" + b"\x00" * 31 + b"\x01"))
    with pytest.raises(InvalidInput, match="not a did:key"):
        didkey_public_key("did:web:example.edu")


@given(st.binary(max_size=40))
def test_base58_comes_back_as_it_went(data):
    assert base58_decode(base58_encode(data)) == data


def test_a_scheme_is_known_by_name():
    assert parse_scheme(" ROR ") is IdentifierScheme.ROR
    with pytest.raises(InvalidInput, match="known are ror"):
        parse_scheme("orcid")


def test_identifiers_of_the_web_have_an_address():
    ror = parse_identifier(IdentifierScheme.ROR, "03bqmcz70")
    assert identifier_uri(ror) == "https://ror.org/03bqmcz70"
    assert identifier_uri(Identifier(IdentifierScheme.PIC, "999843662")) is None


@pytest.mark.parametrize(
    ("text", "website", "host"),
    [
        ("www.UJ.edu.pl ", "https://www.uj.edu.pl", "uj.edu.pl"),
        (" http://www.uni-kiel.de/", "http://www.uni-kiel.de", "uni-kiel.de"),
        ("https://example.edu/en/?a=b#c", "https://example.edu/en/?a=b#c", "example.edu"),
        ("https://example.edu:8443/", "https://example.edu:8443", "example.edu"),
    ],
)
def test_a_website_is_completed_and_its_host_is_evidence(text, website, host):
    assert parse_website(text) == website
    assert website_host(website) == host


@pytest.mark.parametrize(
    "text", ["", "javascript:alert(1)", "ftp://a.edu", "https://a b.edu", "see above", "https://a.edu:0"]
)
def test_what_is_no_website_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_website(text)
