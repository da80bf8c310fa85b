"""Words of people in a case: declarations, waivers, the expert pool, panels, objections, roles."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.conflicts import Stage
from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    # declarations
    r"a declared conflict of interest locks this file for you": "zgłoszony konflikt interesów zamyka dostęp do tych akt",
    r"the registry found a tie that you deny; it locks this file until two others clear it": "rejestr znalazł powiązanie, któremu zaprzeczono; akta pozostają zamknięte, dopóki dwie inne osoby go nie wyjaśnią",
    r"a tie locks this file for you until two others give a second opinion and waive it": "powiązanie zamyka dostęp do tych akt, dopóki dwie inne osoby nie wydadzą drugiej opinii i nie odstąpią od konfliktu",
    r"a tie that you disclosed locks this file for you until two others waive it": "ujawnione powiązanie zamyka dostęp do tych akt, dopóki dwie inne osoby nie odstąpią od konfliktu",
    r"your declaration of interests has run out; declare again, and the file opens": "oświadczenie o braku konfliktu interesów straciło ważność; po złożeniu nowego akta znów będą dostępne",
    r"declare your interests again before the visit; the file opens after that": "przed wizytą proszę ponownie złożyć oświadczenie o braku konfliktu interesów; potem akta znów będą dostępne",
    r"declare your interests again before the decision; the file opens after that": "przed decyzją proszę ponownie złożyć oświadczenie o braku konfliktu interesów; potem akta znów będą dostępne",
    r"you have declared a conflict of interest; somebody else takes over your part, unless two others waive it": "zgłoszono konflikt interesów; rolę przejmie ktoś inny, chyba że dwie inne osoby od niego odstąpią",
    r"say why what was found is no tie": "proszę napisać, dlaczego to, co znaleziono, nie jest powiązaniem",
    # waivers
    r"name the case and the person whose conflict is waived": "proszę wskazać sprawę i osobę, której dotyczy konflikt",
    r"nobody waives their own conflict of interest": "nikt nie odstępuje od własnego konfliktu interesów",
    r"the applicant's people waive no conflict of interest": "osoby działające za wnioskodawcę nie odstępują od konfliktu interesów",
    r"this person's declaration holds nothing to waive": "oświadczenie tej osoby nie zawiera nic, od czego można odstąpić",
    r"another operator closes your account": "własne konto zamyka inny operator",
    r"a conflict that excludes is never waived; somebody else takes over": "od konfliktu, który wyklucza, nie można odstąpić; rolę przejmuje ktoś inny",
    # panels
    r"the panel is composed between eligibility and its proposal": "zespół oceniający można kompletować od dopuszczenia wniosku do zaproponowania składu",
    r"the secretary fills no seat": "sekretarz nie zajmuje miejsca w zespole",
    r"the seat of the chair goes with the part of the chair": "miejsce przewodniczącego łączy się z rolą przewodniczącego",
    r"one person fills at most (\d+) seats": "jedna osoba zajmuje najwyżej {0} miejsca",
    r"the learner's seat is never combined with another": "miejsca osoby uczącej się nie łączy się z innym",
    r"only people on the panel fill seats": "miejsca zajmują tylko osoby z zespołu oceniającego",
    r"leave this empty": "proszę zostawić to pole puste",
    r"choose at least one person": "proszę wybrać co najmniej jedną osobę",
    r"nobody was given a part: check those named": "nikomu nie przydzielono roli: proszę sprawdzić wskazane osoby",
    r"this person cannot take the part": "ta osoba nie może objąć tej roli",
    r"the person has a known conflict with the applicant": "ta osoba ma znany konflikt interesów z wnioskodawcą",
    r"the person is not in the expert pool of the body": "ta osoba nie należy do bazy ekspertów jednostki",
    r"the person has left the expert pool": "ta osoba opuściła bazę ekspertów",
    r"the person is not available on this day": "ta osoba nie jest dostępna w tym dniu",
    r"the person has no training on record": "ta osoba nie ma odnotowanego szkolenia",
    r"the person's training ran out on (.+)": "szkolenie tej osoby straciło ważność {0}",
    r"the person does not fill the seat: (.+)": "ta osoba nie zajmuje miejsc: {0:seats}",
    r"the person knows none of the fields that are asked for": "ta osoba nie zna żadnej z wnioskowanych dziedzin",
    # the pool
    r"this person is no reviewer of the body": "ta osoba nie jest recenzentem tej jednostki",
    r"this person is in the pool already": "ta osoba należy już do bazy",
    r"somebody else changed this entry meanwhile; look at it again before you act": "ktoś inny zmienił w międzyczasie ten wpis; proszę obejrzeć go ponownie",
    r"a profile has at most (\d+) characters": "opis ma najwyżej {0} znaków",
    r"a period ends on or after the day it starts": "okres kończy się w dniu rozpoczęcia albo później",
    r"two periods start on one day": "dwa okresy zaczynają się tego samego dnia",
    r"the entry cannot be saved: check the fields named": "nie można zapisać wpisu: proszę sprawdzić wskazane pola",
    r"write the scheme, a colon, and the identifier, such as nip:6750002236": "proszę podać rodzaj, dwukropek i identyfikator, na przykład nip:6750002236",
    r"say what the tie is": "proszę napisać, na czym polega powiązanie",
    r"this conflict is noted already": "ten konflikt jest już odnotowany",
    r"somebody else ends your known conflict": "znany konflikt tej osoby kończy ktoś inny",
    r"write the name": "proszę podać imię i nazwisko",
    r"write an e-mail address such as name@example\.org": "proszę podać adres e-mail, na przykład nazwa@example.org",
    r"this person has joined the pool already": "ta osoba dołączyła już do bazy",
    r"this invitation no longer holds": "to zaproszenie jest już nieważne",
    # objections
    r"nobody like that is on the proposed panel": "w zaproponowanym zespole nie ma takiej osoby",
    r"the objection was not filed": "zastrzeżenie nie zostało złożone",
    r"give your reasons, at most (\d+) characters": "proszę podać uzasadnienie, najwyżej {0} znaków",
    r"you have objected to this person already": "zastrzeżenie do tej osoby zostało już złożone",
    r"no panel waits for your word now": "żaden zespół nie czeka teraz na stanowisko wnioskodawcy",
    r"the days to object were over on (.+)": "termin na zgłoszenie zastrzeżeń upłynął {0}",
    r"you have said that you have no further objection to this panel": "oświadczono już, że nie ma dalszych zastrzeżeń do tego zespołu",
    r"this objection is about a panel that is no longer proposed": "to zastrzeżenie dotyczy składu, który nie jest już proponowany",
    r"this objection was answered already": "na to zastrzeżenie już odpowiedziano",
    r"the answer was not recorded": "odpowiedź nie została zapisana",
    r"(\d+) objections to the panel wait for an answer": "zastrzeżenia do zespołu bez odpowiedzi: {0}",
    r"an objection was upheld; compose the panel anew": "uwzględniono zastrzeżenie; skład zespołu trzeba ustalić na nowo",
    r"somebody joined the panel after it was proposed; compose the panel anew": "ktoś dołączył do zespołu po jego zaproponowaniu; skład trzeba ustalić na nowo",
    r"the applicant may still object to the panel; wait for its word, or for the end of its days": "wnioskodawca może jeszcze zgłosić zastrzeżenia do zespołu; trzeba poczekać na jego stanowisko albo na koniec terminu",
    # roles
    r"Whoever is (.+) of a body is never its (.+) too\.": "Nie można łączyć w jednej jednostce ról: {0:roles}, {1:roles}.",
    r"Another person has to confirm this role\.": "Tę rolę musi potwierdzić inna osoba.",
    r"This role can be used already\.": "Z tej roli można już korzystać.",
    r"This role for the whole registry can be used once another operator has confirmed it\.": "Z tej roli dla całego rejestru można korzystać, gdy potwierdzi ją inny operator.",
    r"You gave this role to yourself: it can be used once another administrator has confirmed it, or from (.+) UTC on\.": "Ta rola została nadana samodzielnie: można z niej korzystać, gdy potwierdzi ją inny administrator, albo od {0} UTC.",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    Stage: {
        "before_assignment": Text.of(en="On taking the part", pl="Przy objęciu roli"),
        "before_site_visit": Text.of(en="Before the visit", pl="Przed wizytą"),
        "before_decision": Text.of(en="Before the decision", pl="Przed decyzją"),
        "on_change": Text.of(en="When something changed", pl="Po zmianie okoliczności"),
    },
}

SPEAKERS: Final = (
    *("services/experts.py", "services/invitations.py", "services/objections.py"),
    *("services/declarations.py", "services/interests.py"),
)
