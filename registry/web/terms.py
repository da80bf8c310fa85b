"""Terms of our own that stand in signed lists, and what each means, in the words of those who follow its address.

Every one lies under `<base address>/schemes/<scheme>/` (ETSI TS 119 612 and TS 119 602 ask for addresses that open a
page for people: 5.3.3, 5.5.1, 5.5.4) or under `<base address>/vocabulary#` (JSON-LD).
"""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.domain.grants import CredentialType
from registry.domain.trust_list import Text
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.web.formats import format_text
from registry.web.labels import LABELS


@dataclass(frozen=True, slots=True)
class Term:
    """Name and meaning of a term; `formats` are the ids of those formats that a list type stands for."""

    name: Text
    meaning: Text
    formats: tuple[str, ...] = ()


def _t(en: str, pl: str, en_means: str, pl_means: str, formats: tuple[str, ...] = ()) -> Term:
    return Term(Text.of(en=en, pl=pl), Text.of(en=en_means, pl=pl_means), formats)


SCHEME_TERMS: Final[Mapping[str, Term]] = {
    "policy": _t(
        "The policy of this scheme",
        "Polityka tego programu",
        "The published requirements that every issuer in the lists of this scheme was reviewed against. An entry names the version that held when it was decided.",
        "Opublikowane wymagania, według których oceniono każdego wydawcę z list tego programu. Wpis podaje wersję, która obowiązywała w chwili decyzji.",
    ),
    "rules": _t(
        "Rules of this scheme",
        "Zasady tego programu",
        "Who may be listed, how it is decided, and what readers may conclude. An issuer is listed after an application, an independent review against the policy and a decision of the accreditation body. Nobody is listed by another list, by payment or by default. Lists of this scheme are no EU trusted lists: they name no qualified trust services.",
        "Kto może być na liście, jak się o tym decyduje i co wolno z niej wnosić. Wydawca trafia na listę po wniosku, niezależnej ocenie według polityki i decyzji instytucji akredytującej. Nikt nie jest wpisany z innej listy, za opłatą ani z automatu. Listy tego programu nie są unijnymi listami zaufania: nie wymieniają kwalifikowanych usług zaufania.",
    ),
    "svc-type/microcredential-issuance": _t(
        "Service: issuing micro-credentials",
        "Usługa: wydawanie mikropoświadczeń",
        "The type of every service in our lists. A service of this type issues micro-credentials within the scope of the issuer's recognition. It is a type of our own, and no qualified trust service.",
        "Rodzaj każdej usługi na naszych listach. Usługa tego rodzaju wydaje mikropoświadczenia w zakresie uznania wydawcy. Jest to nasz własny rodzaj usługi, a nie kwalifikowana usługa zaufania.",
    ),
    "status-determination/peer-review": _t(
        "How a status comes about: peer review",
        "Jak powstaje status: ocena ekspercka",
        "Independent reviewers rate the evidence by each criterion, first alone, then together. A committee decides, the issuer is heard before anything adverse, and may appeal. Two people release what was decided; only then does a list change.",
        "Niezależni recenzenci oceniają dowody według każdego kryterium, najpierw osobno, potem wspólnie. Decyduje komisja; przed niekorzystną decyzją wydawca zostaje wysłuchany i może się odwołać. Dwie osoby zwalniają decyzję do ogłoszenia i dopiero wtedy zmienia się lista.",
    ),
    "key-status/ended": _t(
        "Key: ended",
        "Klucz: zakończony",
        "The issuer no longer uses this key or certificate, or it stopped being listed. What was signed with it while it was valid stays good; what is signed with it later is not covered.",
        "Wydawca nie używa już tego klucza lub certyfikatu albo klucz przestał być wpisany na listę. To, co podpisano nim w czasie ważności, pozostaje w mocy; to, co podpisano później, nie jest objęte uznaniem.",
    ),
    "key-status/compromised": _t(
        "Key: compromised",
        "Klucz: przejęty",
        "Somebody else may have been able to sign with this key from the instant given on. Credentials signed with it from then on are not covered. Earlier ones are, where a timestamp, the log or a status entry proves that they are earlier.",
        "Od podanej chwili tym kluczem mógł podpisywać ktoś inny. Poświadczenia podpisane nim od tej chwili nie są objęte uznaniem. Wcześniejsze są, jeśli znacznik czasu, dziennik lub wpis statusu dowodzi, że powstały wcześniej.",
    ),
    "extension/recognition": _t(
        "Extension: recognition",
        "Rozszerzenie: uznanie",
        "What the list format has no place for: the scope of the recognition (fields, levels, types of credentials, places), when it ends, the policy and the decision. It is never critical, so a reader that does not know it may pass it by.",
        "To, na co format listy nie ma miejsca: zakres uznania (dziedziny, poziomy, rodzaje poświadczeń, miejsca), data końca, polityka i decyzja. Rozszerzenie nigdy nie jest krytyczne: program, który go nie zna, może je pominąć.",
    ),
    "extension/identities": _t(
        "Extension: windows of identities",
        "Rozszerzenie: okresy kluczy",
        "Since when, until when and, where that is so, compromised from when each key, certificate, DID or domain of the issuer counts. It is never critical.",
        "Od kiedy, do kiedy i ewentualnie od kiedy jako przejęty liczy się każdy klucz, certyfikat, identyfikator DID lub domena wydawcy. Rozszerzenie nigdy nie jest krytyczne.",
    ),
    "extension/list": _t(
        "Extension: the list",
        "Rozszerzenie: lista",
        "The address of the list, the name of its scheme and its territory, in lists for readers of mobile documents (VICAL).",
        "Adres listy, nazwa programu i terytorium, na listach dla czytników dokumentów mobilnych (VICAL).",
    ),
    "supply-point/statement": _t(
        "Supply point: signed statement",
        "Punkt usługi: podpisane oświadczenie",
        "At the address given with it stands the signed statement about this one issuer, with its whole history. A holder can carry it along with a credential.",
        "Pod podanym obok adresem znajduje się podpisane oświadczenie o tym jednym wydawcy, z całą historią. Posiadacz może je okazać razem z poświadczeniem.",
    ),
    "accreditation-type": _t(
        "Types of accreditation",
        "Rodzaje akredytacji",
        "The types of accreditation that our exports in the European Learning Model name. There is one: accreditation as an issuer.",
        "Rodzaje akredytacji podawane w naszych eksportach w modelu European Learning Model. Jest jeden: akredytacja wydawcy.",
    ),
    "accreditation-type/issuer": _t(
        "Accreditation as an issuer of micro-credentials",
        "Akredytacja jako wydawca mikropoświadczeń",
        "The accreditation body found the institution to meet its policy as an issuer, for the fields, levels and countries named. It accredits no single course or programme, and is no official sign of the European Union.",
        "Instytucja akredytująca stwierdziła, że instytucja spełnia jej politykę jako wydawca, w podanych dziedzinach, poziomach i krajach. Nie jest to akredytacja pojedynczego kursu ani kierunku, ani oficjalny znak Unii Europejskiej.",
    ),
    "list-type/anchors": _t(
        "Type of list: current trust anchors",
        "Rodzaj listy: aktualne kotwice zaufania",
        "The list holds certificates of issuers that are recognized now and nothing else: to be listed is to be recognized.",
        "Lista zawiera certyfikaty wydawców uznanych w tej chwili i nic więcej: być na liście znaczy być uznanym.",
        ("lote_anchors", "lote_anchors_xml"),
    ),
    "list-type/register": _t(
        "Type of list: full register",
        "Rodzaj listy: pełny rejestr",
        "The list holds every issuer that was ever listed, with its status and history. Whoever reads it must look at the status.",
        "Lista zawiera każdego wydawcę, który kiedykolwiek był wpisany, z jego statusem i historią. Kto ją czyta, musi patrzeć na status.",
        ("lote_register", "lote_register_xml"),
    ),
    "list-type/issuers": _t(
        "Type of list: recognized issuers",
        "Rodzaj listy: uznani wydawcy",
        "A trusted list of issuers of micro-credentials with status and history, in the XML form made for electronic signatures. It is a type of our own, not that of an EU trusted list.",
        "Lista zaufania wydawców mikropoświadczeń ze statusem i historią, w postaci XML stworzonej dla podpisów elektronicznych. Jest to nasz własny rodzaj listy, a nie unijna lista zaufania.",
        ("tl_xml",),
    ),
    "list-type/list-of-lists": _t(
        "Type of list: list of lists",
        "Rodzaj listy: lista list",
        "The list holds no issuers. It says where the list of each scheme is, and which certificates sign it now and next.",
        "Lista nie zawiera wydawców. Podaje, gdzie leży lista każdego programu i jakimi certyfikatami jest podpisywana teraz, a jakimi wkrótce.",
        ("lotl_xml", "lote_of_lotes"),
    ),
}

REGISTRY_TERMS: Final[Mapping[str, Term]] = {
    "list-type/list-of-lists": SCHEME_TERMS["list-type/list-of-lists"],
    "policy": _t(
        "Policies of the schemes",
        "Polityki programów",
        "Each scheme of this registry applies a policy of its own, published in full. The registry itself reviews nobody.",
        "Każdy program tego rejestru stosuje własną politykę, opublikowaną w całości. Sam rejestr nikogo nie ocenia.",
    ),
    "rules": _t(
        "Rules of the lists of lists",
        "Zasady list list",
        "A list of lists names every list that the accreditation bodies on this registry publish, and the certificates that sign them. To be named here says which key belongs to which list; it recognizes nobody.",
        "Lista list wymienia każdą listę ogłaszaną przez instytucje akredytujące w tym rejestrze i certyfikaty, którymi są podpisywane. Wymienienie tutaj mówi, który klucz należy do której listy; nikogo nie uznaje.",
    ),
    "status-determination/peer-review": SCHEME_TERMS["status-determination/peer-review"],
}


def scheme_term(path: str) -> Term | None:
    """Return the term at `<scheme>/<path>`, or None if no list of ours can name it."""
    head, _, last = path.partition("/")
    if path in SCHEME_TERMS:
        return SCHEME_TERMS[path]
    if head == "credential-type":
        return _credential_type(last)
    if head == "participants":
        return _participants(last) if last.isascii() and last.isdigit() else None
    return _list_type(last) if head == "list-type" else None


def _list_type(last: str) -> Term | None:
    """Return the type of a list that is named by its format."""
    format_id = last.replace("-", "_")
    if last != format_id.replace("_", "-") or format_id not in {*PUBLISHERS, *LISTS_OF_LISTS}:
        return None
    about = format_text(format_id)
    name = Text.of(en=f"Type of list: {about.name['en']}", pl=f"Rodzaj listy: {about.name['pl']}")
    return Term(name, about.purpose, (format_id,))


def _credential_type(last: str) -> Term | None:
    kinds = {kind.value.replace("_", "-"): kind for kind in CredentialType}
    if last not in kinds:
        return None
    label = LABELS[CredentialType][kinds[last]]
    return _t(
        f"Type of credential: {label['en']}",
        f"Rodzaj poświadczenia: {label['pl']}",
        "A type of credential that the scope of a recognition can name. Whoever is recognized for it may issue such credentials; nothing follows for other types.",
        "Rodzaj poświadczenia, który może wymieniać zakres uznania. Kto jest dla niego uznany, może wydawać takie poświadczenia; dla innych rodzajów nic z tego nie wynika.",
    )


def _participants(number: str) -> Term:
    return _t(
        f"Participants, part {number}",
        f"Uczestnicy, część {number}",
        "The participants of the governance file (DIF Credential Trust Establishment): which DIDs may issue which types of credentials, and when.",
        "Uczestnicy pliku zasad zaufania (DIF Credential Trust Establishment): które identyfikatory DID mogą wydawać jakie poświadczenia i kiedy.",
        ("cte",),
    )
