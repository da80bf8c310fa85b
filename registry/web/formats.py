"""What the formats of published lists are called and are for, in the words of those who choose one."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.domain.trust_list import Text
from registry.publishers import PUBLISHERS


@dataclass(frozen=True, slots=True)
class FormatText:
    """Name and use of a format; `order` is the place on the lists page."""

    order: int
    name: Text
    purpose: Text


def _f(order: int, en: str, pl: str, en_for: str, pl_for: str) -> FormatText:
    return FormatText(order, Text((("en", en), ("pl", pl))), Text((("en", en_for), ("pl", pl_for))))


FORMATS: Final[Mapping[str, FormatText]] = {
    "native_json": _f(
        1,
        "Complete list (JSON, signed)",
        "Lista pełna (JSON, podpisana)",
        "Everything that is public about every issuer, with its whole history. The best start for your own software.",
        "Wszystko, co jest jawne o każdym wydawcy, wraz z pełną historią. Najlepszy początek dla własnego oprogramowania.",
    ),
    "lote_anchors": _f(
        2,
        "Current trust anchors (ETSI TS 119 602)",
        "Aktualne kotwice zaufania (ETSI TS 119 602)",
        "Only issuers that are recognized now, with their keys. For wallets and verifiers that load a list of trusted entities.",
        "Tylko wydawcy uznani w tej chwili, wraz z kluczami. Dla portfeli i weryfikatorów, które wczytują listę zaufanych podmiotów.",
    ),
    "lote_register": _f(
        3,
        "Full register (ETSI TS 119 602)",
        "Pełny rejestr (ETSI TS 119 602)",
        "All issuers ever listed, with their status and its history, in the European list format.",
        "Wszyscy wydawcy kiedykolwiek wpisani na listę, z obecnym statusem i jego historią, w europejskim formacie list.",
    ),
    "tl_xml": _f(
        4,
        "Trusted list (XML, ETSI TS 119 612)",
        "Lista zaufania (XML, ETSI TS 119 612)",
        "All issuers ever listed, with their status and its history, for software made for electronic signatures and seals.",
        "Wszyscy wydawcy kiedykolwiek wpisani na listę, z obecnym statusem i jego historią, dla oprogramowania do podpisów i pieczęci elektronicznych.",
    ),
    "lotl_xml": _f(
        5,
        "List of trusted lists (XML, ETSI TS 119 612)",
        "Lista list zaufania (XML, ETSI TS 119 612)",
        "Where the trusted list of each scheme is, and which certificates sign it now and next.",
        "Gdzie leży lista zaufania każdego programu i jakimi certyfikatami jest podpisywana teraz, a jakimi wkrótce.",
    ),
    "lote_of_lotes": _f(
        6,
        "List of lists of trusted entities (ETSI TS 119 602)",
        "Lista list zaufanych podmiotów (ETSI TS 119 602)",
        "Where the anchors and the register of each scheme are, and which certificates sign them now and next.",
        "Gdzie leżą kotwice zaufania i rejestr każdego programu i jakimi certyfikatami są podpisywane teraz, a jakimi wkrótce.",
    ),
    "lote_anchors_xml": _f(
        7,
        "Current trust anchors (XML, ETSI TS 119 602)",
        "Aktualne kotwice zaufania (XML, ETSI TS 119 602)",
        "The same content as the JSON list of anchors, for software that reads XML.",
        "Ta sama treść co lista kotwic w JSON, dla oprogramowania, które czyta XML.",
    ),
    "lote_register_xml": _f(
        8,
        "Full register (XML, ETSI TS 119 602)",
        "Pełny rejestr (XML, ETSI TS 119 602)",
        "The same content as the JSON register, for software that reads XML.",
        "Ta sama treść co rejestr w JSON, dla oprogramowania, które czyta XML.",
    ),
    "vical": _f(
        9,
        "mdoc anchors (VICAL, ISO/IEC 18013-5)",
        "Kotwice mdoc (VICAL, ISO/IEC 18013-5)",
        "Only issuers that are recognized now, with the certificates that may sign mdoc credentials. For mdoc readers.",
        "Tylko wydawcy uznani w tej chwili, z certyfikatami, którymi mogą podpisywać poświadczenia mdoc. Dla czytników mdoc.",
    ),
    "csv": _f(
        10,
        "Table (CSV)",
        "Tabela (CSV)",
        "One row per issuer, for spreadsheets and statistics. Not signed: compare its SHA-256.",
        "Jeden wiersz na wydawcę, do arkuszy i statystyk. Bez podpisu: należy porównać sumę SHA-256.",
    ),
    "ndjson": _f(
        11,
        "Line by line (NDJSON)",
        "Wiersz po wierszu (NDJSON)",
        "One JSON object per line, for streaming into a database. Not signed: compare its SHA-256.",
        "Jeden obiekt JSON w wierszu, do strumieniowego ładowania do bazy danych. Bez podpisu: należy porównać sumę SHA-256.",
    ),
    "jsonld": _f(
        12,
        "Linked data (JSON-LD)",
        "Dane połączone (JSON-LD)",
        "The complete list as a graph, for knowledge graphs and for joining with other data. Not signed: compare its SHA-256.",
        "Pełna lista jako graf, do grafów wiedzy i łączenia z innymi danymi. Bez podpisu: należy porównać sumę SHA-256.",
    ),
    "cte": _f(
        13,
        "Governance file (DIF Credential Trust Establishment)",
        "Plik zasad zaufania (DIF Credential Trust Establishment)",
        "Which DIDs may issue which credentials, and when, for agents and wallets that take a governance file.",
        "Które identyfikatory DID mogą wydawać jakie poświadczenia i kiedy, dla agentów i portfeli czytających plik zasad.",
    ),
    "dcc_registry": _f(
        14,
        "Issuer registry (Digital Credentials Consortium)",
        "Rejestr wydawców (Digital Credentials Consortium)",
        "DIDs of issuers recognized now, over all schemes, for verifiers of the consortium. Not signed: compare its SHA-256.",
        "Identyfikatory DID wydawców uznanych teraz, ze wszystkich programów, dla weryfikatorów konsorcjum. Bez podpisu: należy porównać sumę SHA-256.",
    ),
    "elm": _f(
        15,
        "Accreditations (European Learning Model)",
        "Akredytacje (European Learning Model)",
        "What recognized issuers are accredited for, in the model of Europass; suspended ones are left out. Not signed: compare its SHA-256.",
        "Do czego akredytowani są uznani wydawcy, w modelu Europass; zawieszonych pominięto. Bez podpisu: należy porównać sumę SHA-256.",
    ),
    "ctdl": _f(
        16,
        "Accreditation actions (CTDL)",
        "Działania akredytacyjne (CTDL)",
        "Who accredited whom and when, in the vocabulary of Credential Engine. Not signed: compare its SHA-256.",
        "Kto kogo i kiedy akredytował, w słowniku Credential Engine. Bez podpisu: należy porównać sumę SHA-256.",
    ),
}

UNSIGNED: Final = frozenset(name for name, publisher in PUBLISHERS.items() if not publisher.signed)


def format_text(format_id: str) -> FormatText:
    """Return name and use of a format; one without a text is shown by its id, last."""
    plain = Text((("en", format_id), ("pl", format_id)))
    return FORMATS.get(format_id) or FormatText(99, plain, Text((("en", ""),)))
