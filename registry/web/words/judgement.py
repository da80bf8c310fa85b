"""Words of the judgement: questions, visits, ratings given anew, the report and the check of its facts."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text
from registry.domain.visits import VisitGroup, VisitMode

POLISH: Final[Mapping[str, str]] = {
    # free text
    r"at most (\d+) characters; this text has (\d+)": "najwyżej {0} znaków; ten tekst ma {1}",
    # questions
    r"questions are put while the case is under review": "pytania można zgłaszać w czasie oceny",
    r"choose a criterion": "proszę wybrać kryterium",
    r"write a question": "proszę wpisać pytanie",
    r"write a question first": "najpierw należy zgłosić pytanie",
    r"too many questions wait; send them or leave some out": "zbyt wiele pytań czeka na wysłanie; należy je wysłać albo część pominąć",
    r"only who put a question, the chair or the secretary leaves it out": "pytanie może pominąć tylko osoba, która je zgłosiła, przewodniczący albo sekretarz",
    r"this question was sent or left out already": "to pytanie zostało już wysłane albo pominięte",
    r"this question is not open for an answer": "na to pytanie nie można teraz odpowiedzieć",
    r"write an answer, or name the evidence that gives it": "proszę wpisać odpowiedź albo wskazać dowód, który ją zawiera",
    r"no questions are open for an answer": "żadne pytania nie czekają na odpowiedź",
    r"the days to answer are over; the review goes on with what it has": "termin na odpowiedź upłynął; ocena toczy się dalej na podstawie zebranego materiału",
    r"not handed in by you for this: (.+)": "wnioskodawca nie złożył do tego: {0}",
    r"no question (.+)": "nie ma pytania {0}",
    r"(\d+) questions wait for an answer, and the days are not over": "liczba pytań bez odpowiedzi: {0}, a termin jeszcze nie upłynął",
    # evidence after submission
    r"this application has been decided; what was handed in is frozen": "w sprawie zapadła decyzja; złożonych dokumentów nie można już zmieniać",
    r"the days to hand in evidence are over": "termin na złożenie dowodów upłynął",
    r"the panel asked about other criteria; hand in evidence for those": "zespół pytał o inne kryteria; dowody można złożyć do nich",
    # visits
    r"a visit is planned while the case is under review": "wizytę planuje się w czasie oceny",
    r"this visit cannot be planned": "tej wizyty nie można zaplanować",
    r"say where: an address, or the link of the meeting": "proszę podać miejsce: adres albo odnośnik do spotkania",
    r"give the link of the meeting, starting with https://": "proszę podać odnośnik do spotkania zaczynający się od https://",
    r"this day has gone by": "ten dzień już minął",
    r"this policy has no visit; say why the panel makes one": "ta polityka nie przewiduje wizyty; proszę uzasadnić, dlaczego się odbędzie",
    r"notes are taken from the beginning of a visit until the final report": "notatki można prowadzić od rozpoczęcia wizyty do raportu końcowego",
    r"write the note": "proszę wpisać treść notatki",
    r"too many notes in one case; write the rest into the report": "zbyt wiele notatek w jednej sprawie; pozostałe ustalenia należy wpisać do raportu",
    r"no note (.+)": "nie ma notatki {0}",
    r"plan the visit first: its day, its place and its agenda": "najpierw należy zaplanować wizytę: dzień, miejsce i program",
    r"write the time as hours and minutes, like 09:30": "proszę podać godzinę i minuty, na przykład 09:30",
    r"say what this part is about": "proszę podać temat tej części",
    r"the panel must meet learners; add a part with them": "zespół musi spotkać się z osobami uczącymi się; proszę dodać taką część",
    r"an agenda has at most 40 parts": "program może mieć najwyżej 40 części",
    r"choose whom the panel meets": "proszę wybrać, z kim spotka się zespół",
    r"choose where the panel meets the institution": "proszę wybrać rodzaj wizyty",
    r"give the day of the visit": "proszę podać dzień wizyty",
    # ratings
    r"this rating is taken over from the case before; reopen it with reasons first": "ta ocena została przejęta z poprzedniej sprawy; najpierw należy ją cofnąć z uzasadnieniem",
    r"this criterion has no rating that was taken over": "to kryterium nie ma przejętej oceny",
    r"newer evidence came in meanwhile: (.+)\. Look at it, then rate\.": "w międzyczasie złożono nowsze dowody: {0}. Proszę się z nimi zapoznać, a potem ocenić.",
    r"give your reasons": "proszę podać uzasadnienie",
    r"after the factual check a rating changes only where a point on it was accepted": "po sprawdzeniu faktów ocena może się zmienić tylko tam, gdzie uwzględniono uwagę do niej",
    r"ratings are taken over once, from an earlier case, before anybody rates": "oceny przejmuje się raz, z wcześniejszej sprawy, zanim ktokolwiek oceni",
    r"name the criteria that are at risk": "proszę wskazać zagrożone kryteria",
    # the report
    r"the final report is filed and locked": "raport końcowy jest złożony i zamknięty",
    r"somebody else saved this section meanwhile; look at it, then save yours again": "ktoś inny zapisał tę część w międzyczasie; proszę się z nią zapoznać i zapisać swoją ponownie",
    r"the report cannot be written now": "raportu nie można teraz redagować",
    r"after the factual check a section changes only where a point on it was accepted": "po sprawdzeniu faktów część raportu może się zmienić tylko tam, gdzie uwzględniono uwagę do niej",
    r"a point was accepted, but nothing has changed yet in (.+)": "uwzględniono uwagę, ale nic jeszcze nie zmieniono w: {0}",
    r"a draft is filed anew only before it goes to the applicant": "projekt można złożyć ponownie tylko przed przekazaniem go wnioskodawcy",
    # its facts
    r"no draft report is open to a check of its facts": "żaden projekt raportu nie jest teraz udostępniony do sprawdzenia faktów",
    r"the days to check the facts are over": "termin na sprawdzenie faktów upłynął",
    r"quote the words that are wrong": "proszę przytoczyć błędny fragment",
    r"these words do not stand in this section; copy them from the draft": "tych słów nie ma w tej części; proszę skopiować je z projektu",
    r"say what is factually wrong": "proszę napisać, co jest niezgodne z faktami",
    r"too many points; put the rest into one statement": "zbyt wiele uwag; pozostałe należy ująć w oświadczeniu",
    r"write the statement": "proszę wpisać treść oświadczenia",
    r"no point (.+)": "nie ma uwagi {0}",
    r"points on the facts are answered before the final report is filed": "na uwagi co do faktów odpowiada się przed złożeniem raportu końcowego",
    r"this point has its answer already": "na tę uwagę już odpowiedziano",
    r"say why the panel does not accept this point": "proszę uzasadnić, dlaczego zespół nie uwzględnia tej uwagi",
    r"say whether the panel accepts this point": "proszę wskazać, czy zespół uwzględnia tę uwagę",
    r"(\d+) points on the facts wait for an answer of the panel": "liczba uwag co do faktów, które czekają na odpowiedź zespołu: {0}",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    VisitMode: {
        "on_site": Text.of(en="On site", pl="Na miejscu"),
        "remote": Text.of(en="Remote", pl="Zdalna"),
    },
    VisitGroup: {
        "learners": Text.of(en="Learners", pl="Osoby uczące się"),
        "teachers": Text.of(en="Teachers and assessors", pl="Osoby uczące i egzaminujące"),
        "leadership": Text.of(en="Leadership", pl="Kierownictwo"),
        "quality_staff": Text.of(en="Staff for quality", pl="Osoby odpowiedzialne za jakość"),
        "employers": Text.of(en="Employers", pl="Pracodawcy"),
        "technical_staff": Text.of(en="Technical staff", pl="Osoby odpowiedzialne za systemy"),
        "panel_alone": Text.of(en="The panel alone", pl="Zespół we własnym gronie"),
    },
}

SPEAKERS: Final = (
    "domain/prose.py",
    "domain/visits.py",
    "services/clarifications.py",
    "services/evidence.py",
    "services/factual_checks.py",
    "services/guards_judgement.py",
    "services/inheritance.py",
    "services/report_drafts.py",
    "services/visits.py",
    "web/judgement_forms.py",
    "web/reviewer_judgement.py",
    "web/reviewer_report.py",
)
