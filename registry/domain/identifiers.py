"""Identifiers of institutions and issuers: one scheme, one canonical value, so that equal things compare
equal.

`SCHEMES` holds one row per scheme: prefixes that people write in front, a form, check digits if it has any,
an example. What needs more than a row has a function in `PARSERS`. A value that passed `parse_identifier` is
never repaired again.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.domain import check_digits
from registry.domain.countries import COUNTRIES
from registry.domain.dids import did_key_from_ed25519, didkey_public_key, parse_did
from registry.domain.text import clean
from registry.domain.vat import parse_vat
from registry.domain.web_names import parse_domain, parse_origin, parse_website
from registry.errors import InvalidInput

__all__ = [
    "Identifier",
    "IdentifierScheme",
    "did_key_from_ed25519",
    "didkey_public_key",
    "identifier_uri",
    "parse_identifier",
    "parse_scheme",
]


class IdentifierScheme(StrEnum):
    """Who numbers institutions, and what issuers sign with."""

    ROR = "ror"
    DEQARINST = "deqarinst"
    ETER = "eter"
    ERASMUS_CODE = "erasmus_code"
    PIC = "pic"
    OID = "oid"
    ECHE = "eche"
    SCHAC = "schac"
    WHED = "whed"
    VAT = "vat"
    EUID = "euid"
    LEI = "lei"
    NIP = "nip"
    REGON = "regon"
    KRS = "krs"
    GRID = "grid"
    ISNI = "isni"
    WIKIDATA = "wikidata"
    FUNDREF = "fundref"
    CTID = "ctid"
    DID = "did"
    X509_SHA256 = "x509_sha256"
    X509_SUBJECT = "x509_subject"
    JWK_THUMBPRINT = "jwk_thumbprint"
    WEB_ORIGIN = "web_origin"
    DOMAIN = "domain"
    PLATFORM_PROFILE = "platform_profile"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A scheme and the canonical value that `parse_identifier` gave."""

    scheme: IdentifierScheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


@dataclass(frozen=True, slots=True)
class Form:
    """How one scheme is written: everything in `removed` is typing, `pattern` is what is left, in full."""

    pattern: str
    example: str
    removed: str = r"\s"
    case: Callable[[str], str] = str.upper
    check: Callable[[str], bool] | None = None
    canonical: str = "{}"


_DIGIT_SIGNS = r"[\s\-]"
SCHEMES: Mapping[IdentifierScheme, Form] = {
    IdentifierScheme.ROR: Form(
        r"0[a-hj-km-np-tv-z0-9]{6}\d{2}",
        "https://ror.org/03bqmcz70",
        r"\s|^(https?://)?(www\.)?ror\.org/|/$",
        str.lower,
        check_digits.ror,
        "https://ror.org/{}",
    ),
    # At least four digits: the width grew in 2025; AP marks other providers.
    IdentifierScheme.DEQARINST: Form(r"DEQARINST(AP)?\d{4,}", "DEQARINST0123"),
    IdentifierScheme.PIC: Form(r"\d{9}", "999843662"),
    IdentifierScheme.OID: Form(r"E\d{8}", "E10208308"),
    IdentifierScheme.ECHE: Form(r"\d{5,9}", "101012444"),
    IdentifierScheme.WHED: Form(r"IAU-\d{4,}", "IAU-019999"),
    IdentifierScheme.LEI: Form(r"[0-9A-Z]{18}\d{2}", "259400L3KBYEVNHEJF55", check=check_digits.mod_97_10),
    IdentifierScheme.NIP: Form(r"\d{10}", "6750002236", r"[\s\-]|^PL", check=check_digits.nip),
    IdentifierScheme.REGON: Form(r"\d{9}|\d{14}", "000001270", _DIGIT_SIGNS, check=check_digits.regon),
    IdentifierScheme.KRS: Form(r"\d{10}", "0000123456, with its leading zeros", r"\s|^KRS:?"),
    IdentifierScheme.GRID: Form(
        r"grid\.\d{1,7}\.[0-9a-f]{1,2}",
        "grid.5522.0",
        r"\s|^https?://(www\.)?grid\.ac/institutes/",
        str.lower,
    ),
    IdentifierScheme.ISNI: Form(
        r"\d{15}[\dX]",
        "0000 0001 2162 9631",
        r"[\s\-]|^https?://(www\.)?isni\.org/(isni/)?",
        check=check_digits.mod_11_2,
    ),
    IdentifierScheme.WIKIDATA: Form(
        r"Q[1-9]\d*", "Q189441", r"\s|^HTTPS?://(www\.)?WIKIDATA\.ORG/(WIKI|ENTITY)/"
    ),
    IdentifierScheme.FUNDREF: Form(r"\d{4,}", "501100002745", r"\s|^(https?://(dx\.)?doi\.org/)?10\.13039/"),
    IdentifierScheme.CTID: Form(
        r"ce-[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
        "ce-1b0a262d-8c1e-4a5f-9a7e-0123456789ab",
        case=str.lower,
    ),
    IdentifierScheme.X509_SHA256: Form(r"[0-9a-f]{64}", "64 hexadecimal digits", r"[\s:]", str.lower),
}
_PATTERNS = {
    scheme: (re.compile(form.pattern, re.ASCII), re.compile(form.removed, re.IGNORECASE))
    for scheme, form in SCHEMES.items()
}

# Eurostat writes EL and UK where ISO 3166-1 has GR and GB; ETER and the company registers follow it.
_EUROSTAT = {"GR": "EL", "GB": "UK"}


def parse_scheme(text: str) -> IdentifierScheme:
    """Return the scheme of this name.

    Raises:
        InvalidInput: no such scheme.
    """
    try:
        return IdentifierScheme(text.strip().lower())
    except ValueError:
        known = ", ".join(IdentifierScheme)
        raise InvalidInput(f"“{text}” is not a scheme of identifiers; known are {known}.") from None


def parse_identifier(scheme: IdentifierScheme, text: str) -> Identifier:
    """Return the identifier in its one canonical form.

    Raises:
        InvalidInput: with a sentence that says what is wrong and how the scheme is written.
    """
    if not text or len(text) > 4_000:
        raise InvalidInput("An identifier is not empty and no longer than 4,000 characters.")
    form = SCHEMES.get(scheme)
    value = _parse_form(scheme, form, text) if form else PARSERS[scheme](text)
    return Identifier(scheme, value)


def _parse_form(scheme: IdentifierScheme, form: Form, text: str) -> str:
    pattern, typing = _PATTERNS[scheme]
    value = form.case(typing.sub("", text.strip()))
    if not pattern.fullmatch(value):
        raise InvalidInput(f"“{text}” is not written like {_NAMES[scheme]}; an example is {form.example}.")
    if form.check and not form.check(value):
        raise InvalidInput(
            f"The check digits of “{text}” do not fit {_NAMES[scheme]}; look for a typing mistake."
        )
    return form.canonical.format(value)


def _parse_erasmus_code(text: str) -> str:
    """The country prefix fills three columns: `A  BADEN01`, `PL KRAKOW01`, `IRLDUBLIN01`."""
    code = re.sub(r"\s+", " ", text.strip()).upper()
    match = re.fullmatch(r"([A-Z]{1,3}) ([A-Z-]{3,9}\d{2,3})|([A-Z]{3})([A-Z-]{3,9}\d{2,3})", code, re.ASCII)
    if match is None:
        raise InvalidInput(f"“{text}” is not an Erasmus code; it looks like PL KRAKOW01.")
    prefix, place = match.group(1) or match.group(3), match.group(2) or match.group(4)
    return f"{prefix:<3}{place}"


def _parse_eter(text: str) -> str:
    code = re.sub(r"\s", "", text).upper()
    match = re.fullmatch(r"([A-Z]{2})(\d{4,})", code, re.ASCII)
    if match is None or _iso(match[1]) not in COUNTRIES:
        raise InvalidInput(f"“{text}” is not an ETER identifier, a country code and digits, such as PL0025.")
    return _EUROSTAT.get(match[1], match[1]) + match[2]


def _parse_euid(text: str) -> str:
    """Country, register, a dot, number (Implementing Regulation (EU) 2021/1042, annex, 8)."""
    code = re.sub(r"\s", "", text).upper()
    match = re.fullmatch(r"([A-Z]{2})([A-Z0-9]*)\.([A-Z0-9./_()-]+)", code, re.ASCII)
    if match is None or _iso(match[1]) not in COUNTRIES:
        raise InvalidInput(f"“{text}” is not an EUID; it looks like PLKRS.0000123456.")
    return f"{_EUROSTAT.get(match[1], match[1])}{match[2]}.{match[3]}"


def _iso(code: str) -> str:
    return {"EL": "GR", "UK": "GB"}.get(code, code)


def _parse_jwk_thumbprint(text: str) -> str:
    """RFC 7638 with SHA-256: 32 bytes in base64url, without padding; the URN of RFC 9278 is accepted."""
    value = text.strip().removeprefix("urn:ietf:params:oauth:jwk-thumbprint:sha-256:").rstrip("=")
    try:
        digest = base64.b64decode(value + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    # Encoding again refuses the spare bits of the last character: one key has one thumbprint.
    if len(digest) != 32 or base64.urlsafe_b64encode(digest).decode().rstrip("=") != value:
        raise InvalidInput(f"“{text}” is not a JWK thumbprint; it has 43 characters of base64url.")
    return value


def _parse_x509_subject(text: str) -> str:
    """RFC 4514 text with attribute types in capitals; the order of the parts is kept."""
    parts = [part.strip() for part in re.split(r"(?<!\\),", clean(text))]
    pairs = [re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*(.+)", part) for part in parts]
    if not all(pairs):
        raise InvalidInput(f"“{text}” is not a certificate subject; it looks like CN=Seal,O=Example,C=PL.")
    return ",".join(f"{pair[1].upper()}={pair[2]}" for pair in pairs if pair)


def _parse_profile(text: str) -> str:
    address = parse_website(text)
    if not address.startswith("https://"):
        raise InvalidInput(f"“{text}” is not a platform profile; it is an address that starts with https://.")
    return address


PARSERS: Mapping[IdentifierScheme, Callable[[str], str]] = {
    IdentifierScheme.ETER: _parse_eter,
    IdentifierScheme.ERASMUS_CODE: _parse_erasmus_code,
    IdentifierScheme.SCHAC: parse_domain,
    IdentifierScheme.VAT: parse_vat,
    IdentifierScheme.EUID: _parse_euid,
    IdentifierScheme.DID: parse_did,
    IdentifierScheme.X509_SUBJECT: _parse_x509_subject,
    IdentifierScheme.JWK_THUMBPRINT: _parse_jwk_thumbprint,
    IdentifierScheme.WEB_ORIGIN: parse_origin,
    IdentifierScheme.DOMAIN: parse_domain,
    IdentifierScheme.PLATFORM_PROFILE: _parse_profile,
}

_NAMES: Mapping[IdentifierScheme, str] = {
    IdentifierScheme.ROR: "a ROR identifier",
    IdentifierScheme.DEQARINST: "a DEQAR identifier",
    IdentifierScheme.PIC: "a participant identification code (PIC)",
    IdentifierScheme.OID: "an organisation identifier (OID) of the EU",
    IdentifierScheme.ECHE: "a proposal number of the Erasmus Charter",
    IdentifierScheme.WHED: "an identifier of the World Higher Education Database",
    IdentifierScheme.LEI: "a legal entity identifier (LEI)",
    IdentifierScheme.NIP: "a Polish tax number (NIP)",
    IdentifierScheme.REGON: "a Polish statistical number (REGON)",
    IdentifierScheme.KRS: "a number of the Polish court register (KRS)",
    IdentifierScheme.GRID: "a GRID identifier",
    IdentifierScheme.ISNI: "an ISNI",
    IdentifierScheme.WIKIDATA: "a Wikidata item",
    IdentifierScheme.FUNDREF: "a number of the Funder Registry",
    IdentifierScheme.CTID: "a CTID",
    IdentifierScheme.X509_SHA256: "the SHA-256 of a certificate",
}

_URIS: Mapping[IdentifierScheme, str] = {
    IdentifierScheme.ROR: "{}",
    IdentifierScheme.ISNI: "https://isni.org/isni/{}",
    IdentifierScheme.WIKIDATA: "http://www.wikidata.org/entity/{}",
    IdentifierScheme.CTID: "https://credentialengineregistry.org/resources/{}",
    IdentifierScheme.LEI: "https://search.gleif.org/#/record/{}",
    IdentifierScheme.DID: "{}",
    IdentifierScheme.WEB_ORIGIN: "{}",
    IdentifierScheme.DOMAIN: "https://{}",
    IdentifierScheme.PLATFORM_PROFILE: "{}",
    IdentifierScheme.JWK_THUMBPRINT: "urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}",
}


def identifier_uri(identifier: Identifier) -> str | None:
    """Return the address of the identifier on the web, or None where its scheme has none."""
    form = _URIS.get(identifier.scheme)
    return form.format(identifier.value) if form else None
