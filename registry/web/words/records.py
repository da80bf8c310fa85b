"""Words of the records: the audit trail, archives of cases, retention and erasure, reports for DEQAR."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.retention import Becomes, RecordKind
from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    r"only the auditor of a body, or the operator, reads the audit trail": "dziennik zdarzeń czyta wyłącznie audytor jednostki albo operator",
    r"only the auditor, the case officer and the registrars read the trail of a case": "dziennik zdarzeń sprawy czytają wyłącznie audytor, osoba prowadząca sprawę i rejestratorzy",
    r"only the auditor, the case officer and the registrars take out a whole case": "całą sprawę mogą pobrać wyłącznie audytor, osoba prowadząca sprawę i rejestratorzy",
    r"a case is taken out once it has been decided or has ended": "sprawę można pobrać, gdy zapadła w niej decyzja albo gdy się zakończyła",
    r"the auditor reads this file, and changes nothing in it": "audytor czyta te akta i niczego w nich nie zmienia",
    r"write the day as year, month and day, such as 2026-03-31": "proszę podać dzień jako rok, miesiąc i dzień, na przykład 2026-03-31",
    r"this file was erased on (.+); its hash is kept": "ten plik usunięto {0}; zachowano jego skrót",
    r"name a file of the evidence of this case": "proszę wskazać plik spośród dowodów tej sprawy",
    r"hand in the redacted file": "proszę złożyć zanonimizowany plik",
    r"the redacted file is the same as the original": "zanonimizowany plik jest taki sam jak oryginał",
    r"hand in plain text \(\.txt\) or PDF": "proszę złożyć zwykły tekst (.txt) albo PDF",
    r"hand in the redacted report": "proszę złożyć zanonimizowany raport",
    r"name a decision of this case": "proszę wskazać decyzję w tej sprawie",
    r"there is no such decision": "nie ma takiej decyzji",
    r"the policy publishes no report of this decision": "polityka nie przewiduje publikacji raportu z tej decyzji",
    r"there is no such piece of evidence": "nie ma takiego dowodu",
    r"there is no such account": "nie ma takiego konta",
    r"this person has been erased already": "dane tej osoby zostały już usunięte",
    r"close the account first": "najpierw należy zamknąć konto",
    r"this person has a part in an open case; end it first": "ta osoba pełni funkcję w otwartej sprawie; najpierw należy tę funkcję zakończyć",
    r"give the acronym or the number that DEQAR has for the body": "proszę podać skrót albo numer jednostki w DEQAR",
    r"give the number of the activity in DEQAR, such as 8": "proszę podać numer działalności w DEQAR, na przykład 8",
    r"the identifiers of DEQAR cannot be kept": "nie można zapisać identyfikatorów DEQAR",
    r"name the agency and the activity that DEQAR has given this body first; none is assumed": "najpierw proszę podać agencję i działalność, które DEQAR przypisał tej jednostce; niczego się nie domyślamy",
    r"only the registrar of this body may do this": "może to zrobić wyłącznie rejestrator tej jednostki",
    r"the decision is not final yet": "decyzja nie jest jeszcze ostateczna",
    r"DEQAR has no such decision": "DEQAR nie zna takiej decyzji",
    r"the institution has no DEQARINST, ETER or Erasmus identifier here": "instytucja nie ma tu identyfikatora DEQARINST, ETER ani Erasmus",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    RecordKind: {
        "login_attempt": Text.of(en="Attempt to sign in", pl="Próba logowania"),
        "web_session": Text.of(en="Session of a browser", pl="Sesja przeglądarki"),
        "access_token": Text.of(en="Token of the API", pl="Token API"),
        "abandoned_draft": Text.of(en="Files of a draft that was withdrawn", pl="Pliki wycofanego szkicu"),
        "left_person": Text.of(en="Name and address of a person who left", pl="Dane osoby, która odeszła"),
        "left_worker": Text.of(
            en="Name and address of a person who left after acting in a case",
            pl="Dane osoby, która odeszła po działaniu w sprawie",
        ),
        "complaint_contact": Text.of(
            en="How to reach whoever complained", pl="Dane kontaktowe osoby składającej skargę"
        ),
        "case_evidence": Text.of(
            en="Files of a case: evidence, letters, proofs, conditions, the public report",
            pl="Pliki sprawy: dowody, pisma, potwierdzenia, warunki, raport dla publiczności",
        ),
        "redacted_original": Text.of(en="Original of a redacted file", pl="Oryginał zanonimizowanego pliku"),
        "case_record": Text.of(
            en="Steps, ratings, votes and decisions of a case", pl="Kroki, oceny, głosy i decyzje w sprawie"
        ),
        "audit_trail": Text.of(en="Audit trail", pl="Dziennik zdarzeń"),
        "published": Text.of(
            en="Lists, statements, log and what else was published",
            pl="Listy, poświadczenia, dziennik publikacji i inne publikacje",
        ),
    },
    Becomes: {
        "placeholder": Text.of(en="a placeholder", pl="oznaczenie zastępcze"),
        "dead_address": Text.of(en="an address that cannot exist", pl="adres, który nie może istnieć"),
        "unusable": Text.of(en="a value that nothing fits", pl="wartość, do której nic nie pasuje"),
        "empty": Text.of(en="empty", pl="puste pole"),
        "empty_object": Text.of(en="empty in every language", pl="puste pole w każdym języku"),
        "row_goes": Text.of(en="gone with its row", pl="usunięte wraz z wierszem"),
    },
}

SPEAKERS: Final = (
    *("services/redactions.py", "services/report_publication.py"),
    *("services/audit_trail.py", "services/case_export.py", "services/evidence_files.py"),
    *("services/erasure.py", "services/deqar.py", "web/records.py"),
)
