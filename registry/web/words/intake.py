"""Words of the intake: completeness, eligibility, what was handed in again, decisions of others, what outcomes publish."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.completeness import PointMark, PointPlace, PointReason
from registry.domain.handed_in import Difference
from registry.domain.reuse import ExternalKind
from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    # completeness
    r"nothing is missing; add a point that says what the applicant has to mend": "niczego nie brakuje; proszę dodać punkt, który wskaże, co wnioskodawca ma uzupełnić",
    r"say what is missing, so that the applicant can mend it": "proszę napisać, czego brakuje, aby wnioskodawca mógł to uzupełnić",
    r"choose what the point is about": "proszę wybrać, czego dotyczy punkt",
    r"choose a piece of evidence that the applicant hands in": "proszę wybrać dowód, który składa wnioskodawca",
    r"choose a criterion for which the applicant hands in evidence": "proszę wybrać kryterium, do którego wnioskodawca składa dowody",
    r"this point has been sent to the applicant already": "ten punkt został już wysłany do wnioskodawcy",
    r"this point does not wait for the applicant": "ten punkt nie czeka na wnioskodawcę",
    r"write your answer": "proszę napisać odpowiedź",
    r"only a point that counts as settled can be reopened": "ponownie otworzyć można tylko punkt uznany za załatwiony",
    r"give your reasons": "proszę podać uzasadnienie",
    r"no point of the list names this; what was not asked for stays as it was handed in": "żaden punkt listy tego nie obejmuje; to, o co nie proszono, pozostaje bez zmian",
    r"point (\d+) of the list is neither mended nor answered": "punktu {0} listy nie uzupełniono ani nie udzielono na niego odpowiedzi",
    r"the decision of (.+) ended on (\S+); cite it no more": "decyzja, którą wydała instytucja {0}, przestała obowiązywać {1}; proszę ją usunąć z wniosku",
    r"the days to complete this application are over; it lapses": "termin na uzupełnienie wniosku minął; wniosek wygasa",
    # what is stated of evidence
    r"this day has not come yet; give the day on the document": "ten dzień jeszcze nie nadszedł; proszę podać datę z dokumentu",
    r"give a number from 1 to (\d+)": "proszę podać liczbę od 1 do {0}",
    r"what is said of this evidence cannot be accepted": "nie można przyjąć tego, co podano o dowodzie",
    r"give a day, such as 2025-03-01": "proszę podać datę, na przykład 2025-03-01",
    r"give a number": "proszę podać liczbę",
    # eligibility
    r"answer the eligibility checks first: (.+)": "najpierw trzeba odpowiedzieć na warunki dopuszczalności: {0}",
    r"the application is not eligible by: (.+)": "wniosek nie spełnia warunków dopuszczalności: {0}",
    r"this policy has no eligibility check (\S+)": "ta polityka nie zna warunku dopuszczalności {0}",
    r"the automatic check answers this; its answer stands": "na ten warunek odpowiada sprawdzenie automatyczne; jego wynik jest wiążący",
    r"eligibility is judged from the completeness check to the identity check": "dopuszczalność ocenia się od sprawdzenia kompletności do sprawdzenia tożsamości",
    r"name the application": "proszę wskazać wniosek",
    r"eligibility is decided during the identity check": "o dopuszczalności rozstrzyga się podczas sprawdzania tożsamości",
    r"name the check that failed": "proszę wskazać niespełniony warunek",
    r"check (\S+) has not failed, or does not block": "warunek {0} jest spełniony albo nie wyklucza wniosku",
    r"choose yes or no": "proszę wybrać „tak” albo „nie”",
    # decisions of others
    r"give the number or the address of the decision": "proszę podać numer albo adres decyzji",
    r"name the standard and the certificate, for example ISO 21001:2018, certificate 4711": "proszę podać normę i certyfikat, na przykład ISO 21001:2018, certyfikat 4711",
    r"this is the DEQAR identifier of an institution; give the number of the report": "to jest identyfikator DEQAR instytucji; proszę podać numer raportu",
    r"a DEQAR report has a number, such as 41876; give that or its address": "raport w DEQAR ma numer, na przykład 41876; proszę podać numer albo adres",
    r"this day has not come yet; a decision is cited once it has been made": "ten dzień jeszcze nie nadszedł; powołać się można na decyzję już wydaną",
    r"a decision does not end before it was made": "decyzja nie może wygasnąć, zanim została wydana",
    r"this decision ended on (\S+) and cannot be reused": "ta decyzja przestała obowiązywać {0} i nie można jej wykorzystać",
    r"name the body that decided": "proszę podać nazwę instytucji, która wydała decyzję",
    r"say what was decided": "proszę napisać, co rozstrzygnięto",
    r"choose who decided": "proszę wybrać, kto wydał decyzję",
    r"give the day of the decision": "proszę podać datę decyzji",
    r"choose the criteria for which this decision is cited": "proszę wybrać kryteria, których dotyczy ta decyzja",
    r"this decision cannot be cited": "na tę decyzję nie można się powołać",
    r"at most (\d+) decisions can be cited in one application": "w jednym wniosku można powołać się najwyżej na {0} decyzji",
    r"reuse is judged from the completeness check to the end of the review": "o wykorzystaniu decyzji rozstrzyga się od sprawdzenia kompletności do końca oceny",
    r"this decision is not cited for (\S+)": "na tę decyzję nie powołano się w kryterium {0}",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    PointReason: {
        "missing": Text.of(en="Evidence is missing", pl="Brak dowodu"),
        "too_old": Text.of(en="Document is too old", pl="Dokument jest zbyt stary"),
        "too_few": Text.of(en="Too few pieces", pl="Zbyt mało dokumentów"),
        "no_identity": Text.of(
            en="No key, certificate or DID is named", pl="Nie podano klucza, certyfikatu ani DID"
        ),
        "unproven": Text.of(en="A key is not proven", pl="Nie wykazano posiadania klucza"),
        "scope": Text.of(en="The scope has a problem", pl="Zakres wymaga poprawy"),
        "decision_expired": Text.of(
            en="A cited decision has ended", pl="Powołana decyzja przestała obowiązywać"
        ),
        "check_failed": Text.of(
            en="An automatic check failed", pl="Negatywny wynik sprawdzenia automatycznego"
        ),
        "asked": Text.of(en="Asked by the officer", pl="Prośba osoby prowadzącej"),
    },
    PointPlace: {
        "evidence": Text.of(en="A piece of evidence", pl="Jeden dowód"),
        "criterion": Text.of(en="All evidence of a criterion", pl="Wszystkie dowody do kryterium"),
        "scope": Text.of(en="Scope", pl="Zakres"),
        "identities": Text.of(en="Keys and their proofs", pl="Klucze i dowody ich posiadania"),
        "decisions": Text.of(en="Decisions of others", pl="Decyzje innych instytucji"),
        "case": Text.of(en="The application as a whole", pl="Cały wniosek"),
    },
    PointMark: {
        "sent": Text.of(en="Sent to the applicant", pl="Wysłano do wnioskodawcy"),
        "answered": Text.of(en="Answered by the applicant", pl="Wnioskodawca odpowiedział"),
        "settled": Text.of(en="Settled", pl="Załatwione"),
        "reopened": Text.of(en="Opened again", pl="Otwarto ponownie"),
        "dropped": Text.of(en="Taken off the list", pl="Zdjęto z listy"),
    },
    Difference: {
        "added": Text.of(en="New", pl="Nowe"),
        "changed": Text.of(en="Changed", pl="Zmienione"),
        "removed": Text.of(en="No longer there", pl="Usunięte"),
        "same": Text.of(en="As before", pl="Bez zmian"),
    },
    ExternalKind: {
        "national_agency": Text.of(en="National agency", pl="Agencja krajowa"),
        "deqar": Text.of(en="Report in DEQAR", pl="Raport w DEQAR"),
        "iso": Text.of(en="ISO certificate", pl="Certyfikat ISO"),
        "other": Text.of(en="Another body", pl="Inna instytucja"),
    },
}

PUBLISHED: Final[Mapping[str, Text]] = {
    "register_entry": Text.of(en="entry in the register", pl="wpis w rejestrze"),
    "status_and_reason": Text.of(en="status and reason", pl="status i przyczyna"),
    "scope": Text.of(en="scope", pl="zakres"),
    "conditions": Text.of(en="conditions", pl="warunki"),
    "decision_summary": Text.of(en="summary of the decision", pl="streszczenie decyzji"),
    "report": Text.of(en="report", pl="raport"),
    "warning_text": Text.of(en="text of the warning", pl="treść ostrzeżenia"),
    "yearly_figures_without_names": Text.of(
        en="yearly figures without names", pl="roczne zestawienia bez nazw"
    ),
}
"""What a policy may have published of an outcome."""
PUBLISHED_WHEN: Final[Mapping[str, Text]] = {
    "at_once": Text.of(en="at once", pl="niezwłocznie"),
    "when_final": Text.of(en="when the decision is final", pl="gdy decyzja stanie się ostateczna"),
    "yearly": Text.of(en="once a year", pl="raz w roku"),
    "never": Text.of(en="never", pl="nigdy"),
}
"""When."""

SPEAKERS: Final[tuple[str, ...]] = (
    *("services/completeness.py", "services/eligibility.py", "services/eligibility_standing.py"),
    *("services/external_decisions.py", "services/guards_intake.py", "services/returning.py"),
    *("services/scope_rules.py", "services/stated.py", "domain/reuse.py"),
)
