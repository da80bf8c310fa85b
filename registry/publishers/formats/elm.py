"""European Learning Model 3, accreditations: what recognized issuers are accredited for, as JSON-LD.

Class `Accreditation` of the model, version 3.1, with the shapes of its accreditation application profile
(AMS 1.1.0); the members are the same in version 3.3. One accreditation for each grant of the scope of an
issuer that is recognized now, because an accreditation limits fields, levels and countries together, as a
grant does. The model cannot say that an accreditation is suspended, so that such issuers are left out.

The type is our own: no type of the EU list is claimed, which are those of licensing and quality assurance
authorities and of EQAR. A level of the EQF stands only where a national framework is referenced to it.
Media type `application/ld+json`; context `http://data.europa.eu/snb/model/context/edc-ap`; unsigned. Read by
every JSON-LD library.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from registry.domain import isced
from registry.domain.countries import ALPHA_3, EU_SPELLINGS
from registry.domain.identifiers import IdentifierScheme
from registry.domain.recognition import Interval, Status
from registry.domain.scope import CredentialType, Grant, LevelMark, Mode
from registry.domain.trust_list import (
    Entry,
    Header,
    IdentityKind,
    PostalAddress,
    SchemeInfo,
    Text,
    canonical_json,
    wire_instant,
)
from registry.publishers.base import Document, Loss, Reach
from registry.publishers.linked import JSON_LD, graph_document, legal_name
from registry.signing.signers import Signer

CONTEXT = "http://data.europa.eu/snb/model/context/edc-ap"
ISCED_SCHEME = "http://data.europa.eu/snb/isced-f/25831c2"
EQF_SCHEME = "http://data.europa.eu/snb/eqf/25831c2"
EQF_BASE = "http://data.europa.eu/snb/eqf/"
TERRITORIES = "http://publications.europa.eu/resource/authority/atu"
COUNTRIES = "http://publications.europa.eu/resource/authority/country"
LOSSES: tuple[Loss, ...] = (
    Loss("a signature", "the export carries none; the SHA-256 stands in /lists/index.json"),
    Loss("number and times of the list", "the model has no place for them; they stand in /lists/index.json"),
    Loss(
        "suspended issuers",
        "the model knows no suspended accreditation; left out until the suspension is lifted",
    ),
    Loss(
        "issuers not recognized at the moment of issue",
        "an accreditation has an end date, and none that came early",
    ),
    Loss("history", "an accreditation is told as it stands; earlier ones are in the native list"),
    Loss("texts of conditions", "the decision says that there are some; the native list has them"),
    Loss(
        "certificates, bare keys and domains",
        "an organisation has identifiers; of its keys only DIDs are such",
    ),
    Loss("platform keys", "a key shared by many institutions alone says nothing about one of them"),
    Loss("levels that an issuer claims", "EQF levels are those of a framework; claimed ones stand in a note"),
    Loss(
        "limits by type, mode, language, programme and workload",
        "the profile has no member for them; see the note",
    ),
)
Node = dict[str, object]


class Elm:
    """Accreditations that hold now."""

    format_id = "elm"
    standard = "European Learning Model 3.1"
    file_name = "accreditations.jsonld"
    media_type = JSON_LD
    lifetime = timedelta(days=1)
    signed = False
    reach = Reach.SCHEME
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return organisation and accreditations of a recognized issuer, joined by commas, else None."""
        interval = entry.interval(at)
        if interval is None or not interval.status.is_recognized:
            return None
        accreditations = (
            _accreditation(entry, scheme, interval, number, grant)
            for number, grant in enumerate(interval.scope.grants, start=1)
        )
        nodes = [_institution(entry, scheme, at), *accreditations]
        return b",".join(canonical_json(node) for node in nodes)

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the graph: the accrediting body, then the issuers."""
        body = graph_document(CONTEXT, [_operator(header.scheme)], fragments)
        return Document(self.file_name, body, self.media_type)


def _operator_id(scheme: SchemeInfo) -> str:
    return f"{scheme.uri()}#operator"


def _issuer_id(entry: Entry, scheme: SchemeInfo) -> str:
    return f"{scheme.base_url}/issuers/{entry.id}"


def _operator(scheme: SchemeInfo) -> Node:
    return {
        "@id": _operator_id(scheme),
        "@type": "Organisation",
        "legalName": legal_name(scheme.operator_legal_name, scheme.operator_name),
        "location": _location(scheme.operator_address),
        "homepage": _page(scheme.operator_website),
    }


def _institution(entry: Entry, scheme: SchemeInfo, at: datetime) -> Node:
    legal = legal_name(entry.legal_name, entry.names)
    taxed = [value for name, value in entry.identifiers if name == IdentifierScheme.VAT]
    vat = [number for number in map(_vat, taxed) if number]
    numbers = [pair for pair in entry.identifiers if not (vat and pair[0] == IdentifierScheme.VAT)]
    dids = [i.value for i in entry.identities if i.kind is IdentityKind.DID and i.usable_at(at)]
    node: Node = {
        "@id": _issuer_id(entry, scheme),
        "@type": "Organisation",
        "legalName": legal,
        "altLabel": {
            language: name for language, name in entry.names.as_dict().items() if language not in legal
        },
        "identifier": [_identifier(name, value) for name, value in [*numbers, *(("did", d) for d in dids)]],
        "vatIdentifier": vat,
        "location": _location(entry.address),
    }
    return {**node, "homepage": _page(entry.website)} if entry.website else node


def _identifier(scheme: str, value: str) -> Node:
    return {"@type": "Identifier", "schemeName": scheme, "notation": value}


def _vat(number: str) -> Node | None:
    """Return a VAT number with its country, or None where its prefix is not that of a country, such as XI."""
    country = EU_SPELLINGS.get(number[:2], number[:2])
    if country not in ALPHA_3:
        return None
    spatial = _country(country, COUNTRIES)
    return {"@type": "LegalIdentifier", "schemeName": "vat", "notation": number, "spatial": spatial}


def _location(address: PostalAddress) -> Node:
    lines = [address.street, f"{address.postal_code} {address.locality}".strip(), address.country]
    written = ", ".join(line for line in lines if line)
    return {
        "@type": "Location",
        "address": {
            "@type": "Address",
            "countryCode": _country(address.country, COUNTRIES),
            "fullAddress": {"@type": "Note", "noteLiteral": {"en": written}},
        },
    }


def _country(code: str, scheme: str) -> Node:
    return _concept(f"{scheme}/{ALPHA_3.get(code, code)}", scheme)


def _concept(uri: str, scheme: str, label: Text | None = None) -> Node:
    node: Node = {"@id": uri, "@type": "Concept", "inScheme": {"@id": scheme, "@type": "ConceptScheme"}}
    return {**node, "prefLabel": label.as_dict()} if label else node


def _page(address: str) -> Node:
    return {"@type": "WebResource", "contentURL": address}


def _accreditation(entry: Entry, scheme: SchemeInfo, interval: Interval, number: int, grant: Grant) -> Node:
    return {
        "@id": f"{_issuer_id(entry, scheme)}#accreditation-{number}",
        "@type": "Accreditation",
        "identifier": [_identifier("decision", entry.decision_id)],
        "dcType": _concept(
            scheme.uri("accreditation-type", "issuer"), scheme.uri("accreditation-type"), _TYPE
        ),
        "title": _TITLE.as_dict(),
        "decision": _concept(
            scheme.status_uri(interval.status), f"{scheme.base_url}/status", _DECISIONS[interval.status]
        ),
        "report": _page(scheme.page(entry, "en")),
        "organisation": _issuer_id(entry, scheme),
        **_bounds(grant),
        "accreditingAgent": _operator_id(scheme),
        "dateIssued": wire_instant(entry.decided_at),
        "valid": wire_instant(interval.start),
        **({"expiryDate": wire_instant(interval.valid_until)} if interval.valid_until else {}),
        "landingPage": _page(scheme.page(entry, "en")),
        "supplementaryDocument": _page(scheme.uri("policy")),
    }


@lru_cache(maxsize=256)
def _bounds(grant: Grant) -> Mapping[str, object]:
    """Return what limits a grant, and in words what has no member of its own; kept, so nobody changes it."""
    levels = sorted(level.value for level in grant.levels if level.mark is LevelMark.FRAMEWORK_REFERENCED)
    return {
        "limitField": [_concept(isced.uri(code), ISCED_SCHEME) for code in sorted(grant.fields)],
        "limitEQFLevel": [_concept(f"{EQF_BASE}{level}", EQF_SCHEME) for level in levels],
        "limitJurisdiction": [_country(code, TERRITORIES) for code in sorted(grant.countries)],
        "additionalNote": [{"@type": "Note", "noteLiteral": _note(grant).as_dict()}],
    }


_TYPE = Text.of(en="Recognition as an issuer of micro-credentials", pl="Uznanie za wydawcę mikropoświadczeń")
_TITLE = Text.of(en="Recognized issuer of micro-credentials", pl="Uznany wydawca mikropoświadczeń")
_DECISIONS: Mapping[Status, Text] = {
    Status.ACTIVE: Text.of(en="Recognized", pl="Uznanie"),
    Status.ACTIVE_WITH_CONDITIONS: Text.of(en="Recognized with conditions", pl="Uznanie pod warunkami"),
}
_TYPES: Mapping[CredentialType, Text] = {
    CredentialType.MICRO_CREDENTIAL: Text.of(en="micro-credential", pl="mikropoświadczenie"),
    CredentialType.BADGE_WITH_ASSESSMENT: Text.of(en="badge with assessment", pl="odznaka z oceną efektów"),
    CredentialType.CERTIFICATE_OF_SHORT_PROGRAMME: Text.of(
        en="certificate of a short programme", pl="świadectwo krótkiego programu"
    ),
}
_MODES: Mapping[Mode, Text] = {
    Mode.ON_SITE: Text.of(en="on site", pl="stacjonarnie"),
    Mode.BLENDED: Text.of(en="blended", pl="w trybie mieszanym"),
    Mode.ONLINE: Text.of(en="online", pl="zdalnie"),
    Mode.WORK_BASED: Text.of(en="work-based", pl="w miejscu pracy"),
}


def _note(grant: Grant) -> Text:
    """Return in words what limits a grant and has no member of its own."""
    limits = list(_limits(grant))
    return Text.of(
        **{
            language: " ".join(f"{name[language]}: {values[language]}." for name, values in limits)
            for language in ("en", "pl")
        }
    )


def _limits(grant: Grant) -> Iterator[tuple[Text, Text]]:
    """Yield each limit as (what is limited, to which values)."""
    kinds = [_TYPES[kind] for kind in CredentialType if kind in grant.credential_types]
    yield Text.of(en="Credential types", pl="Rodzaje poświadczeń"), _joined(kinds)
    claimed = sorted(level.value for level in grant.levels if level.mark is LevelMark.CLAIMED)
    if claimed:
        heading = Text.of(en="EQF levels as claimed by the issuer", pl="Poziomy ERK według wydawcy")
        yield heading, _plain(map(str, claimed))
    if grant.modes:
        yield Text.of(en="Modes", pl="Tryby"), _joined(_MODES[mode] for mode in Mode if mode in grant.modes)
    if grant.languages:
        yield Text.of(en="Languages", pl="Języki"), _plain(sorted(grant.languages))
    if grant.programmes:
        yield Text.of(en="Programmes", pl="Programy"), _plain(sorted(grant.programmes))
    if grant.max_ects is not None:
        yield (
            Text.of(en="ECTS at most", pl="Najwyżej punktów ECTS"),
            _plain([f"{grant.max_ects.normalize():f}"]),
        )


def _joined(texts: Iterable[Text]) -> Text:
    listed = list(texts)
    return Text.of(**{language: ", ".join(text[language] for text in listed) for language in ("en", "pl")})


def _plain(values: Iterable[str]) -> Text:
    joined = ", ".join(values)
    return Text.of(en=joined, pl=joined)
