"""What the formats of published lists are called, are for and are read by, in the words of those who choose one."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text


class Family(StrEnum):
    """Formats that belong together on the page of lists, in this order."""

    COMPLETE = "complete"
    TRUSTED_ENTITIES = "trusted_entities"
    TRUSTED_LISTS = "trusted_lists"
    MDOC = "mdoc"
    EXPORTS = "exports"


FAMILIES: Final[Mapping[Family, Text]] = {
    Family.COMPLETE: Text.of(en="Complete lists", pl="Listy pełne"),
    Family.TRUSTED_ENTITIES: Text.of(
        en="Lists of trusted entities (ETSI TS 119 602)", pl="Listy zaufanych podmiotów (ETSI TS 119 602)"
    ),
    Family.TRUSTED_LISTS: Text.of(
        en="Trusted lists (ETSI TS 119 612)", pl="Listy zaufania (ETSI TS 119 612)"
    ),
    Family.MDOC: Text.of(en="Mobile documents (ISO/IEC 18013-5)", pl="Dokumenty mobilne (ISO/IEC 18013-5)"),
    Family.EXPORTS: Text.of(en="For other ecosystems", pl="Dla innych ekosystemów"),
}
"""What each family is called."""


@dataclass(frozen=True, slots=True)
class FormatText:
    """Name, use and readers of a format; `order` is the place in its family."""

    order: int
    family: Family
    name: Text
    purpose: Text
    readers: Text


def _f(
    order: int, family: Family, en: str, pl: str, en_for: str, pl_for: str, en_by: str, pl_by: str
) -> FormatText:
    return FormatText(
        order, family, Text.of(en=en, pl=pl), Text.of(en=en_for, pl=pl_for), Text.of(en=en_by, pl=pl_by)
    )


FORMATS: Final[Mapping[str, FormatText]] = {
    "native_json": _f(
        1,
        Family.COMPLETE,
        "Complete list (JSON, signed)",
        "Lista pełna (JSON, podpisana)",
        "Everything that is public about every issuer, with its whole history. The best start for your own software.",
        "Wszystko, co jest jawne o każdym wydawcy, wraz z pełną historią. Najlepszy początek dla własnego oprogramowania.",
        "any library for JWS; tested with jose for Node.js",
        "każda biblioteka JWS; sprawdzono z jose dla Node.js",
    ),
    "statement": _f(
        2,
        Family.COMPLETE,
        "Statement about one issuer (JSON, signed)",
        "Oświadczenie o jednym wydawcy (JSON, podpisane)",
        "Everything that is public about one issuer, signed. Small enough to travel with a credential and to be checked offline.",
        "Wszystko, co jest jawne o jednym wydawcy, z podpisem. Dość małe, by podróżować z poświadczeniem i dać się sprawdzić bez sieci.",
        "any library for JWS; tested with jose for Node.js",
        "każda biblioteka JWS; sprawdzono z jose dla Node.js",
    ),
    "lote_anchors": _f(
        3,
        Family.TRUSTED_ENTITIES,
        "Current trust anchors (ETSI TS 119 602)",
        "Aktualne kotwice zaufania (ETSI TS 119 602)",
        "Only issuers that are recognized now, with their keys. For wallets and verifiers that load a list of trusted entities.",
        "Tylko wydawcy uznani w tej chwili, wraz z kluczami. Dla portfeli i weryfikatorów, które wczytują listę zaufanych podmiotów.",
        "openvc, @owf/eudi-lote, EUDI wallet libraries",
        "openvc, @owf/eudi-lote, biblioteki portfela EUDI",
    ),
    "lote_register": _f(
        4,
        Family.TRUSTED_ENTITIES,
        "Full register (ETSI TS 119 602)",
        "Pełny rejestr (ETSI TS 119 602)",
        "All issuers ever listed, with their status and its history, in the European list format.",
        "Wszyscy wydawcy kiedykolwiek wpisani na listę, z obecnym statusem i jego historią, w europejskim formacie list.",
        "openvc, @owf/eudi-lote",
        "openvc, @owf/eudi-lote",
    ),
    "lote_anchors_xml": _f(
        5,
        Family.TRUSTED_ENTITIES,
        "Current trust anchors (XML, ETSI TS 119 602)",
        "Aktualne kotwice zaufania (XML, ETSI TS 119 602)",
        "The same content as the JSON list of anchors, for software that reads XML.",
        "Ta sama treść co lista kotwic w JSON, dla oprogramowania, które czyta XML.",
        "xmlsec1, signxml, openvc (signature)",
        "xmlsec1, signxml, openvc (podpis)",
    ),
    "lote_register_xml": _f(
        6,
        Family.TRUSTED_ENTITIES,
        "Full register (XML, ETSI TS 119 602)",
        "Pełny rejestr (XML, ETSI TS 119 602)",
        "The same content as the JSON register, for software that reads XML.",
        "Ta sama treść co rejestr w JSON, dla oprogramowania, które czyta XML.",
        "xmlsec1, signxml, openvc (signature)",
        "xmlsec1, signxml, openvc (podpis)",
    ),
    "lote_of_lotes": _f(
        7,
        Family.TRUSTED_ENTITIES,
        "List of lists of trusted entities (ETSI TS 119 602)",
        "Lista list zaufanych podmiotów (ETSI TS 119 602)",
        "Where the anchors and the register of each scheme are, and which certificates sign them now and next.",
        "Gdzie leżą kotwice zaufania i rejestr każdego programu i jakimi certyfikatami są podpisywane teraz, a jakimi wkrótce.",
        "any library for JWS; openvc follows its pointers",
        "każda biblioteka JWS; openvc idzie za wskazaniami",
    ),
    "tl_xml": _f(
        8,
        Family.TRUSTED_LISTS,
        "Trusted list (XML, ETSI TS 119 612)",
        "Lista zaufania (XML, ETSI TS 119 612)",
        "All issuers ever listed, with their status and its history, for software made for electronic signatures and seals.",
        "Wszyscy wydawcy kiedykolwiek wpisani na listę, z obecnym statusem i jego historią, dla oprogramowania do podpisów i pieczęci elektronicznych.",
        "xmlsec1, signxml, pyHanko, openvc; made for DSS",
        "xmlsec1, signxml, pyHanko, openvc; przeznaczona dla DSS",
    ),
    "lotl_xml": _f(
        9,
        Family.TRUSTED_LISTS,
        "List of trusted lists (XML, ETSI TS 119 612)",
        "Lista list zaufania (XML, ETSI TS 119 612)",
        "Where the trusted list of each scheme is, and which certificates sign it now and next.",
        "Gdzie leży lista zaufania każdego programu i jakimi certyfikatami jest podpisywana teraz, a jakimi wkrótce.",
        "xmlsec1, signxml, pyHanko, openvc; made for DSS",
        "xmlsec1, signxml, pyHanko, openvc; przeznaczona dla DSS",
    ),
    "vical": _f(
        10,
        Family.MDOC,
        "mdoc anchors (VICAL, ISO/IEC 18013-5)",
        "Kotwice mdoc (VICAL, ISO/IEC 18013-5)",
        "Only issuers that are recognized now, with the certificates that may sign mdoc credentials. For mdoc readers.",
        "Tylko wydawcy uznani w tej chwili, z certyfikatami, którymi mogą podpisywać poświadczenia mdoc. Dla czytników mdoc.",
        "cwt; made for mdoc readers such as Multipaz and isomdl",
        "cwt; przeznaczona dla czytników mdoc, takich jak Multipaz i isomdl",
    ),
    "jsonld": _f(
        11,
        Family.COMPLETE,
        "Linked data (JSON-LD)",
        "Dane połączone (JSON-LD)",
        "The complete list as a graph, for knowledge graphs and for joining with other data. Not signed: compare its SHA-256.",
        "Pełna lista jako graf, do grafów wiedzy i łączenia z innymi danymi. Bez podpisu: należy porównać sumę SHA-256.",
        "JSON-LD and RDF libraries; tested with PyLD and rdflib",
        "biblioteki JSON-LD i RDF; sprawdzono z PyLD i rdflib",
    ),
    "ndjson": _f(
        12,
        Family.COMPLETE,
        "Line by line (NDJSON)",
        "Wiersz po wierszu (NDJSON)",
        "One JSON object per line, for streaming into a database. Not signed: compare its SHA-256.",
        "Jeden obiekt JSON w wierszu, do strumieniowego ładowania do bazy danych. Bez podpisu: należy porównać sumę SHA-256.",
        "pandas, jq, loaders of databases",
        "pandas, jq, programy ładujące do baz danych",
    ),
    "csv": _f(
        13,
        Family.COMPLETE,
        "Table (CSV)",
        "Tabela (CSV)",
        "One row per issuer, for spreadsheets and statistics. Not signed: compare its SHA-256.",
        "Jeden wiersz na wydawcę, do arkuszy i statystyk. Bez podpisu: należy porównać sumę SHA-256.",
        "spreadsheets, pandas",
        "arkusze kalkulacyjne, pandas",
    ),
    "cte": _f(
        14,
        Family.EXPORTS,
        "Governance file (DIF Credential Trust Establishment)",
        "Plik zasad zaufania (DIF Credential Trust Establishment)",
        "Which DIDs may issue which credentials, and when, for agents and wallets that take a governance file.",
        "Które identyfikatory DID mogą wydawać jakie poświadczenia i kiedy, dla agentów i portfeli czytających plik zasad.",
        "any library for JWS, after resolving a did:web",
        "każda biblioteka JWS, po rozwiązaniu did:web",
    ),
    "elm": _f(
        15,
        Family.EXPORTS,
        "Accreditations (European Learning Model)",
        "Akredytacje (European Learning Model)",
        "What recognized issuers are accredited for, in the model of Europass; suspended ones are left out. Not signed: compare its SHA-256.",
        "Do czego akredytowani są uznani wydawcy, w modelu Europass; zawieszonych pominięto. Bez podpisu: należy porównać sumę SHA-256.",
        "JSON-LD libraries; tested with PyLD and pySHACL",
        "biblioteki JSON-LD; sprawdzono z PyLD i pySHACL",
    ),
    "ctdl": _f(
        16,
        Family.EXPORTS,
        "Accreditation actions (CTDL)",
        "Działania akredytacyjne (CTDL)",
        "Who accredited whom and when, in the vocabulary of Credential Engine. Not signed: compare its SHA-256.",
        "Kto kogo i kiedy akredytował, w słowniku Credential Engine. Bez podpisu: należy porównać sumę SHA-256.",
        "JSON-LD libraries; tested with PyLD and ctdl-validate",
        "biblioteki JSON-LD; sprawdzono z PyLD i ctdl-validate",
    ),
    "dcc_registry": _f(
        17,
        Family.EXPORTS,
        "Issuer registry (Digital Credentials Consortium)",
        "Rejestr wydawców (Digital Credentials Consortium)",
        "DIDs of issuers recognized now, over all schemes, for verifiers of the consortium. Not signed: compare its SHA-256.",
        "Identyfikatory DID wydawców uznanych teraz, ze wszystkich programów, dla weryfikatorów konsorcjum. Bez podpisu: należy porównać sumę SHA-256.",
        "@digitalcredentials/issuer-registry-client",
        "@digitalcredentials/issuer-registry-client",
    ),
}
"""Our own formats; those of third parties bring no text."""


def format_text(format_id: str) -> FormatText:
    """Return the text of a format; one without is shown by its id, last."""
    plain, empty = Text.of(en=format_id, pl=format_id), Text.of(en="", pl="")
    return FORMATS.get(format_id) or FormatText(99, Family.EXPORTS, plain, empty, empty)
