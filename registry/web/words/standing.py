"""Words of a standing: measures, orders of two people, keys that end or fall, events of institutions."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.institution_events import EventKind, Fate
from registry.domain.trust_list import NoteKind, Text

POLISH: Final[Mapping[str, str]] = {
    # two people
    r"this cannot be proposed": "nie można tego zaproponować",
    r"this is proposed already and waits for a second person": "taki wniosek już złożono i czeka na drugą osobę",
    r"this proposal was answered already": "na ten wniosek już odpowiedziano",
    r"another person than the one who proposed it has to answer": "odpowiedzieć musi inna osoba niż ta, która złożyła wniosek",
    r"this cannot be confirmed any more: (.+)": "nie można już tego potwierdzić: {0}",
    r"give your reasons": "proszę podać uzasadnienie",
    r"at most (\d+) characters": "najwyżej {0} znaków",
    # terms
    r"these terms cannot be read": "nie można odczytać tych warunków zakończenia",
    r"this is no term of a stop": "zakończenie uznania nie zna takiego warunku",
    r"say until when those who are enrolled are taught": "proszę podać, do kiedy będą się uczyć osoby już przyjęte",
    r"say who keeps the records of learners": "proszę podać, kto przechowa dokumentację osób uczących się",
    r"say who keeps the status service of the credentials running": "proszę podać, kto utrzyma usługę sprawdzania statusu poświadczeń",
    r"name the remedy for learners": "proszę podać, co przysługuje osobom uczącym się",
    r"write a day as 2026-03-01": "proszę zapisać dzień w postaci 2026-03-01",
    r"this day is over already": "ten dzień już minął",
    r"write a text": "proszę wpisać tekst",
    r"give this text in English and in Polish": "proszę podać ten tekst po angielsku i po polsku",
    r"only what stops a recognition says what the stop means": "skutki zakończenia podaje się tylko przy rozstrzygnięciu, które kończy lub wstrzymuje uznanie",
    # orders
    r"the standing of this issuer does not allow this order": "obecny status wydawcy nie pozwala na to zarządzenie",
    r"this order knows no such thing": "to zarządzenie nie zna takiego pola",
    r"the policy does not allow an urgent suspension on this ground": "polityka nie dopuszcza zawieszenia w trybie pilnym na tej podstawie",
    r"one of the two has to be a case officer, who takes the case before the committee": "jedną z dwóch osób musi być osoba prowadząca sprawy, która przedstawi sprawę komisji",
    r"the committee has this urgent suspension before it and decides": "to zawieszenie w trybie pilnym rozpatruje komisja i to ona rozstrzyga",
    r"a recognition is not given up for the past": "uznania nie można się zrzec z datą wsteczną",
    r"no urgent suspension has run out here": "w tej sprawie nie upłynął termin zawieszenia w trybie pilnym",
    r"this recognition has ended meanwhile; there is nothing left to change": "uznanie w tym czasie się zakończyło; nie ma już czego zmieniać",
    r"propose one of the measures of the policy": "proszę zaproponować jeden ze środków przewidzianych w polityce",
    # keys
    r"this key is not listed": "tego klucza nie ma w wykazie",
    r"this key has been ended already": "ten klucz został już zakończony",
    r"this key is known to be compromised": "ujawnienie tego klucza już odnotowano",
    r"say since when, as 2026-03-01T12:00:00Z": "proszę podać od kiedy, na przykład 2026-03-01T12:00:00Z",
    r"a key cannot be compromised from a day that has not come": "klucz nie może być ujawniony od dnia, który jeszcze nie nadszedł",
    # institution events
    r"choose an institution of this registry": "proszę wybrać instytucję znaną temu rejestrowi",
    r"say what happened": "proszę podać, co się wydarzyło",
    r"you have acted for one of these institutions; other people decide about them": "to konto działało w imieniu jednej z tych instytucji; rozstrzygają o nich inne osoby",
    r"this day has not come yet": "ten dzień jeszcze nie nadszedł",
    r"say what shows it, such as the act or the register extract": "proszę podać, co o tym świadczy, na przykład akt lub odpis z rejestru",
    r"choose other institutions of this registry, each once": "proszę wybrać inne instytucje znane temu rejestrowi, każdą raz",
    r"nobody comes after it in this event": "przy takim zdarzeniu nikt nie jest następcą",
    r"choose the one institution that takes this one up": "proszę wybrać jedną instytucję przejmującą",
    r"choose the institutions that come out of this one": "proszę wybrać instytucje powstałe z podziału",
    r"a new name goes with a change of name alone": "nową nazwę podaje się tylko przy zmianie nazwy",
    r"enter the new legal name": "proszę podać nową nazwę prawną",
    r"this is no recognition of the institution under this body": "to nie jest uznanie tej instytucji w tej jednostce akredytującej",
    r"this cannot become of a recognition in this event": "przy takim zdarzeniu uznania nie można tak potraktować",
    r"say what becomes of each recognition": "proszę podać, co stanie się z każdym uznaniem",
    r"only parts of a recognition can go several ways": "uznanie można rozdzielić tylko na części",
    r"nothing is carried over here": "tutaj niczego się nie przenosi",
    r"choose the successor that carries it on": "proszę wskazać następcę, na którego przechodzi uznanie",
    r"say which part of the scope is carried over": "proszę wskazać, która część zakresu przechodzi",
    r"a suspended recognition is not carried over; have it reviewed anew": "zawieszonego uznania nie przenosi się; potrzebna jest nowa ocena",
    r"no more can be carried over than is recognized": "nie można przenieść więcej, niż obejmuje uznanie",
    r"the recognition of the successor is suspended": "uznanie następcy jest zawieszone",
    r"their conditions rest on two versions of the policy; have it reviewed anew": "warunki obu uznań opierają się na różnych wersjach polityki; potrzebna jest nowa ocena",
    r"an accreditation body decides about its own recognitions": "jednostka akredytująca rozstrzyga o swoich uznaniach",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    NoteKind: {"warning": Text.of(en="Formal warning", pl="Formalne ostrzeżenie")},
    EventKind: {
        "rename": Text.of(en="Change of name", pl="Zmiana nazwy"),
        "merger": Text.of(en="Merger into another institution", pl="Włączenie do innej instytucji"),
        "split": Text.of(en="Split", pl="Podział instytucji"),
        "closure": Text.of(en="Closure", pl="Likwidacja instytucji"),
        "ownership": Text.of(en="Change of owner", pl="Zmiana właściciela"),
    },
    Fate: {
        "carry_over": Text.of(en="It goes on as it is", pl="Obowiązuje dalej w całości"),
        "carry_part": Text.of(en="Parts of it are carried over", pl="Przechodzi w części"),
        "end": Text.of(en="It ends", pl="Kończy się"),
        "re_review": Text.of(
            en="It is not carried over; a new review decides", pl="Nie przechodzi; rozstrzygnie nowa ocena"
        ),
    },
}

SPEAKERS: Final = (
    "services/orders.py",
    "services/warnings.py",
    "services/key_orders.py",
    "services/institution_events.py",
    "services/institution_event_checks.py",
    "services/identity_reading.py",
    "services/standing.py",
    "domain/terms.py",
)
