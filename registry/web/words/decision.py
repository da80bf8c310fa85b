"""Words of the decision: meetings, letters, deliveries, appeals."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text
from registry.models.letter import DeliveryKind

POLISH: Final[Mapping[str, str]] = {
    r"this appeal cannot be filed": "nie można złożyć tego odwołania",
    r"no appeal runs in this case": "w tej sprawie nie toczy się postępowanie odwoławcze",
    r"the appeals panel has begun to vote, and is fixed": "skład odwoławczy rozpoczął głosowanie i nie można go już zmienić",
    r"this person opened the case": "tę sprawę wszczęła ta sama osoba",
    r"choose at least one ground": "proszę wybrać co najmniej jedną podstawę",
    r"the policy knows no such ground of appeal": "polityka nie przewiduje takiej podstawy odwołania",
    r"say what is wrong with the decision": "proszę napisać, co jest nieprawidłowe w decyzji",
    r"this is not open to the panel in this case": "skład odwoławczy nie może podjąć takiego rozstrzygnięcia w tej sprawie",
    r"an appeal that is not admissible leaves the decision as it is": "odwołanie niedopuszczalne pozostawia decyzję bez zmian",
    r"choose the outcome that takes its place": "proszę wybrać rozstrzygnięcie, które zastąpi decyzję",
    r"the panel may not replace a decision by something worse, or put it off": "skład odwoławczy nie może zmienić decyzji na gorszą ani jej odroczyć",
    r"the time for appeal is over": "termin na odwołanie upłynął",
    r"the time for appeal is not over": "termin na odwołanie jeszcze nie upłynął",
    r"there is no decision to appeal against": "nie ma decyzji, od której można się odwołać",
    r"a decision of an appeals panel is final": "decyzja składu odwoławczego jest ostateczna",
    r"the policy opens no appeal against this outcome": "polityka nie przewiduje odwołania od takiego rozstrzygnięcia",
    r"the appeals panel needs (\d+) members without a conflict; there are (\d+)": "skład odwoławczy musi liczyć {0} osób bez konfliktu interesów; jest ich {1}",
    r"you stand back from this case, and do not vote on it": "osoba wyłączona z tej sprawy nie głosuje w niej",
    r"this case is not on the agenda of an open meeting of that number": "tej sprawy nie ma w porządku obrad wskazanego otwartego posiedzenia",
    r"say which part of the scope is left": "proszę wskazać, która część zakresu pozostaje",
    r"say which evidence the applicant is to hand in": "proszę napisać, jakie dowody ma złożyć wnioskodawca",
    r"this letter counts as delivered already": "to pismo uznaje się już za doręczone",
    r"this proof cannot be filed": "nie można złożyć tego potwierdzenia doręczenia",
    r"only the institution itself opens its letter in the registry": "pismo w rejestrze otwiera wyłącznie sama instytucja",
    r"the letter was not written yet on that day": "w tym dniu pismo jeszcze nie istniało",
    r"this day lies in the future": "ten dzień jeszcze nie nadszedł",
    r"from that day the time to appeal would be over already; the later end that was told holds": "licząc od tego dnia, termin na odwołanie już by upłynął; obowiązuje późniejszy termin, o którym poinformowano",
    r"no hearing is needed for this outcome; declare the result": "to rozstrzygnięcie nie wymaga wysłuchania; proszę ogłosić wynik głosowania",
    r"write a notice": "proszę napisać zawiadomienie",
    r"tell the applicant what is intended, and why": "proszę napisać wnioskodawcy, jakie rozstrzygnięcie jest zamierzone i dlaczego",
    r"this outcome is worse than what was asked for: give notice and hear the applicant first": "to rozstrzygnięcie jest gorsze od wnioskowanego: najpierw należy zawiadomić i wysłuchać wnioskodawcę",
    r"put a motion first": "najpierw należy zgłosić wniosek pod głosowanie",
    r"the signed letter is a PDF": "podpisane pismo musi być plikiem PDF",
    r"choose a PDF file": "proszę wybrać plik PDF",
    r"choose a file": "proszę wybrać plik",
    r"take the letter in first": "najpierw należy otworzyć pismo",
    r"PDF letters need the extra: pip install 'issuer-registry\[pdf\]'; or print the page": "pliki PDF wymagają dodatku: pip install 'issuer-registry[pdf]'; można też wydrukować stronę",
    r"making the PDF took too long; print the page instead": "tworzenie pliku PDF trwało zbyt długo; można wydrukować stronę",
    r"the PDF could not be made; print the page instead": "nie udało się utworzyć pliku PDF; można wydrukować stronę",
    r"this meeting cannot be called": "nie można zwołać tego posiedzenia",
    r"this is not the agenda": "to nie jest porządek obrad",
    r"only the chair of the meeting notes who else is there": "obecność innych osób odnotowuje tylko osoba przewodnicząca posiedzeniu",
    r"this person is no member of a committee of the body": "ta osoba nie zasiada w żadnej komisji jednostki",
    r"you have voted on this case; stand back before you vote": "w tej sprawie oddano już głos; wyłączyć się można tylko przed głosowaniem",
    r"say why you stand back": "proszę napisać, co jest powodem wyłączenia",
    r"only the chair of the meeting ends it": "posiedzenie kończy tylko osoba, która mu przewodniczy",
    r"somebody else changed this meeting meanwhile; look at it again before you act": "ktoś inny zmienił w tym czasie to posiedzenie; przed dalszym działaniem proszę sprawdzić jego stan",
    r"this meeting is over": "to posiedzenie jest zakończone",
    r"a meeting is called for a time to come": "posiedzenie można zwołać tylko na przyszły termin",
    r"say where the committee meets, or give the link": "proszę podać miejsce posiedzenia albo link",
    r"a committee chair of the body has to chair the meeting": "posiedzeniu musi przewodniczyć osoba przewodnicząca komisji jednostki",
    r"this case is on the agenda already": "ta sprawa jest już w porządku obrad",
    r"you stand back from this case already": "ta osoba jest już wyłączona z tej sprawy",
    r"name each case of the agenda once": "każdą sprawę z porządku obrad należy wymienić jeden raz",
    r"choose a case": "proszę wybrać sprawę",
    r"choose a person": "proszę wybrać osobę",
}
LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    DeliveryKind: {
        "opened": Text.of(en="Opened in the registry", pl="Otwarto w rejestrze"),
        "registered_post": Text.of(en="Registered post", pl="List polecony"),
        "e_delivery": Text.of(en="Electronic delivery", pl="Doręczenie elektroniczne"),
    },
}
SPEAKERS: Final[tuple[str, ...]] = (
    "services/appeals.py",
    "services/corrections.py",
    "services/decision_files.py",
    "services/deliveries.py",
    "services/finality.py",
    "services/guards_decision.py",
    "services/hearings.py",
    "services/letter_pdf.py",
    "services/letters.py",
    "services/meetings.py",
    "services/motions.py",
    "services/precedents.py",
)
