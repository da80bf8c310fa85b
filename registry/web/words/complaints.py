"""Words of complaints: sentences of the services, states, steps and outcomes."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.complaints import ComplaintOutcome, ComplaintState, ComplaintStep
from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    r"this complaint cannot be taken in yet": "tej skargi nie można jeszcze przyjąć",
    r"this scheme lists no such issuer": "w tym rejestrze nie ma takiego wydawcy",
    r"say in what part you complain": "proszę wskazać, w jakiej roli składana jest skarga",
    r"say what it is about": "proszę wskazać, czego dotyczy skarga",
    r"say what happened, in at most (\d+) characters": "proszę opisać, co się stało, najwyżej w {0} znakach",
    r"this body takes no complaint without a way to reach you": "ta jednostka nie przyjmuje skarg bez danych kontaktowych",
    r"this complaint does not stand where this can be done; look at it again": "skarga nie jest na etapie, na którym można to zrobić; proszę obejrzeć ją ponownie",
    r"there is no issuer to ask, or it was asked already": "nie ma wydawcy, którego można zapytać, albo już go zapytano",
    r"say it in words of your own, without naming who complained": "proszę opisać to własnymi słowami, nie wskazując, kto złożył skargę",
    r"write your answer": "proszę wpisać odpowiedź",
    r"choose one of the steps": "proszę wybrać jeden z kroków",
    r"choose an outcome": "proszę wybrać wynik",
    r"this outcome needs an issuer, and the complaint is about none": "ten wynik wymaga wydawcy, a skarga żadnego nie dotyczy",
    r"the issuer may still answer; wait for it or for the end of its days": "wydawca może jeszcze odpowiedzieć; należy poczekać na odpowiedź albo na upływ terminu",
    r"ask the issuer first: nothing follows for it unheard": "najpierw należy zapytać wydawcę: bez wysłuchania nie ponosi on żadnych skutków",
    r"Too many complaints arrive at this moment\. Wait a quarter of an hour and try again\.": "W tej chwili wpływa zbyt wiele skarg. Proszę spróbować ponownie za kwadrans.",
    r"this person has handled a complaint about the institution and plays no part in its cases": "ta osoba rozpatrywała skargę na tę instytucję i nie bierze udziału w jej sprawach",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    ComplaintState: {
        "received": Text.of(en="Received", pl="Wpłynęła"),
        "acknowledged": Text.of(en="Acknowledged", pl="Potwierdzono odbiór"),
        "admissible": Text.of(en="Admissible, being looked into", pl="Dopuszczalna, w toku wyjaśniania"),
        "issuer_reply": Text.of(en="The issuer was asked", pl="Zapytano wydawcę"),
        "inadmissible": Text.of(en="Not admissible", pl="Niedopuszczalna"),
        "resolved": Text.of(en="Resolved", pl="Rozpatrzona"),
    },
    ComplaintStep: {
        "receive": Text.of(en="Received", pl="Wpływ skargi"),
        "acknowledge": Text.of(en="Acknowledge", pl="Potwierdzenie odbioru"),
        "admit": Text.of(en="Admit", pl="Uznanie za dopuszczalną"),
        "dismiss": Text.of(en="Dismiss as not admissible", pl="Uznanie za niedopuszczalną"),
        "ask_issuer": Text.of(en="Ask the issuer", pl="Zapytanie wydawcy"),
        "reply": Text.of(en="Answer of the issuer", pl="Odpowiedź wydawcy"),
        "resolve": Text.of(en="Resolve", pl="Rozpatrzenie"),
    },
    ComplaintOutcome: {
        "inadmissible": Text.of(en="Inadmissible", pl="Skarga niedopuszczalna"),
        "not_substantiated": Text.of(en="Not substantiated", pl="Skarga niepotwierdzona"),
        "recommendation": Text.of(en="Recommendation", pl="Zalecenie"),
        "formal_warning_published": Text.of(
            en="Formal warning, published", pl="Formalne ostrzeżenie, opublikowane"
        ),
        "extraordinary_review": Text.of(en="Extraordinary review", pl="Przegląd nadzwyczajny"),
        "urgent_suspension": Text.of(en="Urgent suspension", pl="Zawieszenie w trybie pilnym"),
    },
}

SPEAKERS: Final = ("services/complaints.py", "services/complaint_handling.py", "domain/complaints.py")
