"""Our own words in linked data: what each term under `<base address>/vocabulary#` means.

The terms themselves are those of the context of the JSON-LD list; a test holds the two against each other.
"""

from collections.abc import Mapping
from typing import Final

from registry.domain.trust_list import Text


def _t(en: str, pl: str) -> Text:
    return Text.of(en=en, pl=pl)


CLASSES: Final[Mapping[str, Text]] = {
    "Issuer": _t(
        "An institution that is or was recognized as an issuer of micro-credentials, in one scheme.",
        "Instytucja, która jest lub była uznana za wydawcę mikropoświadczeń, w jednym programie.",
    ),
    "Scheme": _t(
        "One accreditation body applying one policy.",
        "Jedna instytucja akredytująca stosująca jedną politykę.",
    ),
    "TrustList": _t("A published list of a scheme.", "Opublikowana lista programu."),
}
"""Classes, by name."""

PROPERTIES: Final[Mapping[str, Text]] = {
    "authority": _t("The registry that publishes the list.", "Rejestr, który ogłasza listę."),
    "certificate": _t("A certificate, DER in base64.", "Certyfikat, DER w base64."),
    "compromisedFrom": _t(
        "From when a key may have been used by somebody else.", "Od kiedy klucza mógł używać ktoś inny."
    ),
    "condition": _t(
        "A condition of the recognition that is still to be met.", "Niespełniony jeszcze warunek uznania."
    ),
    "countryOfScope": _t(
        "A country that a grant covers, ISO 3166-1.", "Kraj objęty uprawnieniem, ISO 3166-1."
    ),
    "credentialType": _t(
        "A type of credential that a grant covers.", "Rodzaj poświadczenia objęty uprawnieniem."
    ),
    "decision": _t("The decision that an entry rests on.", "Decyzja, na której opiera się wpis."),
    "decisionId": _t(
        "The number of the decision behind an event.", "Numer decyzji, z której wynika zdarzenie."
    ),
    "due": _t("When a condition has to be met.", "Do kiedy warunek ma być spełniony."),
    "effectFrom": _t(
        "From which award date on credentials are no longer covered.",
        "Od jakiej daty wydania poświadczenia nie są już objęte uznaniem.",
    ),
    "effectOnEarlierAwards": _t(
        "What an event means for credentials that were already issued.",
        "Co zdarzenie oznacza dla poświadczeń już wydanych.",
    ),
    "entry": _t("An issuer in the list.", "Wydawca na liście."),
    "fieldOfStudy": _t(
        "A field of study that a grant covers, ISCED-F 2013.", "Dziedzina objęta uprawnieniem, ISCED-F 2013."
    ),
    "grant": _t(
        "One part of a scope: everything in it holds together.",
        "Jedna część zakresu: wszystko w niej obowiązuje łącznie.",
    ),
    "ground": _t("Why a note was ordered.", "Dlaczego zarządzono uwagę."),
    "issuingIdentity": _t(
        "What an issuer signs with: a DID, certificate, key, domain or platform profile.",
        "Czym podpisuje wydawca: identyfikator DID, certyfikat, klucz, domena lub profil na platformie.",
    ),
    "kind": _t("Which kind of identity or note it is.", "Jaki to rodzaj tożsamości lub uwagi."),
    "language": _t("A language that a grant is limited to.", "Język, do którego ogranicza się uprawnienie."),
    "largestWorkloadInEcts": _t(
        "The largest workload that a grant covers, in ECTS.",
        "Największy nakład pracy objęty uprawnieniem, w ECTS.",
    ),
    "level": _t(
        "A level that a grant covers, of the European Qualifications Framework.",
        "Poziom objęty uprawnieniem, według Europejskiej Ramy Kwalifikacji.",
    ),
    "levelMark": _t(
        "Whether a level is the issuer's own claim or stands in a national framework.",
        "Czy poziom podaje sam wydawca, czy wynika z ramy krajowej.",
    ),
    "mode": _t(
        "A form of participation that a grant is limited to.",
        "Forma udziału, do której ogranicza się uprawnienie.",
    ),
    "nextUpdate": _t(
        "When a newer list will stand at the latest.", "Kiedy najpóźniej pojawi się nowsza lista."
    ),
    "note": _t("A note beside an entry; it changes no standing.", "Uwaga obok wpisu; nie zmienia statusu."),
    "number": _t(
        "The number of an event; corrections name it.", "Numer zdarzenia; odwołują się do niego sprostowania."
    ),
    "operator": _t(
        "The accreditation body that runs the scheme.", "Instytucja akredytująca, która prowadzi program."
    ),
    "platformProfile": _t(
        "The issuer's profile on a platform whose key signs for many.",
        "Profil wydawcy na platformie, której klucz podpisuje za wielu.",
    ),
    "policy": _t("The policy that was applied.", "Zastosowana polityka."),
    "predecessor": _t("An issuer that this one carries on.", "Wydawca, którego kontynuuje ten wydawca."),
    "programme": _t(
        "A programme that a grant is limited to.",
        "Program kształcenia, do którego ogranicza się uprawnienie.",
    ),
    "reason": _t("Why a status changed.", "Dlaczego zmienił się status."),
    "recordsKeptBy": _t(
        "Who keeps the records of learners after the end.",
        "Kto po zakończeniu przechowuje dokumentację osób uczących się.",
    ),
    "remedy": _t(
        "What the issuer can do to be recognized again.", "Co wydawca może zrobić, aby znów zostać uznanym."
    ),
    "scheme": _t("The scheme that a list belongs to.", "Program, do którego należy lista."),
    "scope": _t("What a recognition covers.", "Co obejmuje uznanie."),
    "sequence": _t("The number of the list; it only ever grows.", "Numer listy; zawsze rośnie."),
    "sha256": _t("SHA-256 of a file, hex.", "SHA-256 pliku, szesnastkowo."),
    "shard": _t("The number of this part of the list.", "Numer tej części listy."),
    "shards": _t("How many parts the list has.", "Ile części ma lista."),
    "since": _t("Since when a note is shown.", "Od kiedy uwaga jest pokazywana."),
    "slug": _t("The name in addresses of pages.", "Nazwa w adresach stron."),
    "status": _t(
        "A status of a recognition; its address opens a page.", "Status uznania; jego adres otwiera stronę."
    ),
    "statusEvent": _t(
        "Something that changed the status, or will.", "Coś, co zmieniło status lub zmieni go."
    ),
    "statusReason": _t("Why the present status holds.", "Dlaczego obowiązuje obecny status."),
    "statusServiceKeptBy": _t(
        "Who keeps answering for the status of credentials after the end.",
        "Kto po zakończeniu nadal odpowiada na pytania o status poświadczeń.",
    ),
    "statusSince": _t("Since when the present status holds.", "Od kiedy obowiązuje obecny status."),
    "successor": _t("An issuer that carries this one on.", "Wydawca, który kontynuuje tego wydawcę."),
    "supersedes": _t(
        "The number of the event that this one corrects.", "Numer zdarzenia, które to zdarzenie prostuje."
    ),
    "teachOutUntil": _t("Until when learners can finish.", "Do kiedy osoby uczące się mogą dokończyć naukę."),
    "termsOfStop": _t(
        "What holds for learners after a stop.", "Co obowiązuje osoby uczące się po zakończeniu."
    ),
    "territory": _t("The country that the body is seated in.", "Kraj siedziby instytucji."),
    "text": _t("The wording of a condition or note.", "Treść warunku lub uwagi."),
    "until": _t("Until when a note is shown.", "Do kiedy uwaga jest pokazywana."),
    "usable": _t(
        "Whether a key counted when the list was issued.", "Czy klucz liczył się w chwili wydania listy."
    ),
}
"""Properties, by name."""
