"""Words of monitoring: conditions, yearly reports, changes, signals, renewals."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text
from registry.models.monitoring import MonitoringKind, MonitoringResult
from registry.services.conditions import ConditionState

POLISH: Final[Mapping[str, str]] = {
    r"this item is closed already": "ta pozycja jest już zamknięta",
    r"somebody else has taken this item on": "tą pozycją zajmuje się już ktoś inny",
    r"say what you found and did": "proszę napisać, co ustalono i zrobiono",
    r"the policy does not ask for this": "polityka o to nie pyta",
    r"at most (\d+) characters": "najwyżej {0} znaków",
    r"the report is not complete yet": "sprawozdanie nie jest jeszcze kompletne",
    r"choose a year that is over and in which you were recognized": "proszę wybrać rok, który się skończył i w którym obowiązywało uznanie",
    r"choose one of the changes": "proszę wybrać jedną ze zmian",
    r"say what changes, in at most (\d+) characters": "proszę napisać, co się zmienia, najwyżej w {0} znakach",
    r"this change cannot be told": "nie można zgłosić tej zmiany",
    r"this change was told a moment ago": "tę zmianę zgłoszono przed chwilą",
    r"choose one of the signals": "proszę wybrać jeden z sygnałów",
    r"say what was seen, in at most (\d+) characters": "proszę napisać, co zauważono, najwyżej w {0} znakach",
    r"this signal cannot be noted": "nie można odnotować tego sygnału",
    r"this signal was noted a moment ago": "ten sygnał odnotowano przed chwilą",
    r"this condition was found met already": "spełnienie tego warunku już stwierdzono",
    r"say how the condition is met": "proszę napisać, jak spełniono warunek",
    r"this issuer has no such condition": "ten wydawca nie ma takiego warunku",
    r"the issuer has shown nothing yet": "wydawca jeszcze niczego nie wykazał",
    r"who sat on the committee does not verify its conditions": "kto zasiadał w komisji, nie sprawdza spełnienia postawionych przez nią warunków",
    r"the policy knows no such procedure for an issuer": "polityka nie przewiduje takiego postępowania dla wydawcy",
    r"this recognition does not stand now; apply anew, or ask the body": "to uznanie obecnie nie obowiązuje; należy złożyć nowy wniosek albo zapytać jednostkę akredytującą",
    r"a renewal may be asked for from (.+) on": "o przedłużenie uznania można wystąpić od: {0}",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    MonitoringKind: {
        "condition": Text.of(en="Condition", pl="Warunek"),
        "annual_report": Text.of(en="Yearly report overdue", pl="Zaległe sprawozdanie roczne"),
        "surveillance": Text.of(en="Check between reviews", pl="Kontrola między ocenami"),
        "change_report": Text.of(en="Change told by the issuer", pl="Zmiana zgłoszona przez wydawcę"),
        "signal": Text.of(en="Signal", pl="Sygnał"),
        "renewal": Text.of(en="Window for renewal", pl="Czas na przedłużenie uznania"),
        "suspension": Text.of(
            en="Suspension near its longest time", pl="Zawieszenie bliskie najdłuższego terminu"
        ),
        "complaint": Text.of(
            en="Complaint that asks for a review", pl="Skarga, po której potrzebny jest przegląd"
        ),
    },
    ConditionState: {
        "open": Text.of(en="Open", pl="Do spełnienia"),
        "shown": Text.of(en="Shown, being looked at", pl="Wykazano, w trakcie sprawdzania"),
        "met": Text.of(en="Met", pl="Spełniony"),
        "overdue": Text.of(en="Overdue", pl="Po terminie"),
    },
    MonitoringResult: {
        "noted": Text.of(en="Noted", pl="Przyjęto do wiadomości"),
        "further_report": Text.of(
            en="Noted, a further report is due", pl="Przyjęto, potrzebne dalsze sprawozdanie"
        ),
        "review_opened": Text.of(en="Review opened", pl="Wszczęto ocenę"),
        "hearing_opened": Text.of(en="Hearing opened", pl="Wszczęto wysłuchanie"),
        "unfounded": Text.of(en="Unfounded", pl="Bezpodstawne"),
    },
}

SPEAKERS: Final = ("services/monitoring.py", "services/conditions.py", "services/renewals.py")
