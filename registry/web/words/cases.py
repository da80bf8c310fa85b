"""Words of a case as a whole: what two people propose, clocks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.clocks import Side
from registry.domain.trust_list import Text
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, Guard
from registry.models.work import ReminderKind

POLISH: Final[Mapping[str, str]] = {
    r"(\d+) pieces of required evidence are missing": "brakujące wymagane dowody: {0}",
    r"the panel has not filed its final report yet": "zespół nie złożył jeszcze raportu końcowego",
    r"the applicant's days are not over yet": "termin wnioskodawcy jeszcze nie upłynął",
    r"this decision was no deferral": "ta decyzja nie odracza rozstrzygnięcia",
    r"the policy lets no case lapse here": "polityka nie przewiduje wygaśnięcia sprawy na tym etapie",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    Action: {
        "submit": Text.of(en="Submit", pl="Złóż wniosek"),
        "open": Text.of(en="Open the case", pl="Otwórz sprawę"),
        "confirm_complete": Text.of(en="Confirm completeness", pl="Potwierdź kompletność"),
        "return_for_completion": Text.of(en="Return for completion", pl="Zwróć do uzupełnienia"),
        "resubmit": Text.of(en="Submit again", pl="Złóż ponownie"),
        "confirm_identity": Text.of(en="Confirm identity and keys", pl="Potwierdź tożsamość i klucze"),
        "declare_ineligible": Text.of(en="Find not eligible", pl="Stwierdź niedopuszczalność"),
        "propose_panel": Text.of(en="Propose the panel", pl="Zaproponuj zespół oceniający"),
        "recompose_panel": Text.of(en="Compose the panel anew", pl="Zmień skład zespołu oceniającego"),
        "appoint_panel": Text.of(en="Appoint the panel", pl="Powołaj zespół oceniający"),
        "open_review": Text.of(en="Open the review", pl="Rozpocznij ocenę"),
        "ask_applicant": Text.of(en="Send questions to the applicant", pl="Wyślij pytania do wnioskodawcy"),
        "answer_questions": Text.of(en="Send the answers", pl="Wyślij odpowiedzi"),
        "resume_review": Text.of(en="Go on with the review", pl="Wznów ocenę"),
        "begin_visit": Text.of(en="Begin the visit", pl="Rozpocznij wizytę"),
        "end_visit": Text.of(en="End the visit", pl="Zakończ wizytę"),
        "file_draft_report": Text.of(en="File the draft report", pl="Złóż projekt raportu"),
        "send_for_factual_check": Text.of(
            en="Send for the factual check", pl="Przekaż do sprawdzenia faktów"
        ),
        "end_factual_check": Text.of(en="End the factual check", pl="Zakończ sprawdzanie faktów"),
        "close_factual_check": Text.of(
            en="Go on without remarks on the facts", pl="Kontynuuj bez uwag do faktów"
        ),
        "file_report": Text.of(en="File the final report", pl="Złóż raport końcowy"),
        "refer_to_committee": Text.of(en="Refer to the committee", pl="Przekaż komisji"),
        "give_notice": Text.of(
            en="Give notice and hear the applicant", pl="Zawiadom i wysłuchaj wnioskodawcy"
        ),
        "close_hearing": Text.of(en="Close the hearing", pl="Zakończ wysłuchanie"),
        "decide": Text.of(en="Decide", pl="Podejmij decyzję"),
        "release": Text.of(en="Release the decision", pl="Ogłoś decyzję"),
        "resume_deferred": Text.of(en="Go on after the deferral", pl="Wznów sprawę po odroczeniu"),
        "waive_appeal": Text.of(en="Waive the appeal", pl="Zrzeknij się odwołania"),
        "file_appeal": Text.of(en="Appeal", pl="Odwołaj się"),
        "uphold": Text.of(en="Uphold the decision", pl="Utrzymaj decyzję w mocy"),
        "replace": Text.of(en="Replace the decision", pl="Zmień decyzję"),
        "return_to_identity": Text.of(
            en="Send back to the identity check", pl="Zwróć do sprawdzenia tożsamości"
        ),
        "return_to_panel": Text.of(en="Send back to compose a panel", pl="Zwróć do wyboru zespołu"),
        "return_to_review": Text.of(en="Send back to the review", pl="Zwróć do oceny"),
        "return_to_committee": Text.of(en="Send back to the committee", pl="Zwróć do komisji"),
        "close": Text.of(en="Close the case", pl="Zamknij sprawę"),
        "withdraw_application": Text.of(en="Withdraw the application", pl="Wycofaj wniosek"),
        "put_on_hold": Text.of(en="Put on hold", pl="Wstrzymaj"),
        "take_up": Text.of(en="Take up again", pl="Podejmij na nowo"),
        "lapse": Text.of(en="Let lapse", pl="Uznaj za wygasły"),
    },
    Guard: {
        "evidence_complete": Text.of(
            en="All required evidence is there", pl="Złożono wszystkie wymagane dowody"
        ),
        "something_missing": Text.of(en="What is missing has been named", pl="Wskazano braki"),
        "case_officer_assigned": Text.of(
            en="A case officer is assigned", pl="Wyznaczono osobę prowadzącą sprawę"
        ),
        "identities_confirmed_by_two": Text.of(
            en="Two people confirmed identity and keys", pl="Dwie osoby potwierdziły tożsamość i klucze"
        ),
        "eligibility_answered": Text.of(
            en="Every eligibility check is answered", pl="Rozstrzygnięto wszystkie warunki dopuszczenia"
        ),
        "confirmed_by_two": Text.of(en="A second person has confirmed it", pl="Potwierdziła to druga osoba"),
        "panel_complete": Text.of(
            en="Every seat of the panel is filled", pl="Obsadzono wszystkie miejsca w zespole oceniającym"
        ),
        "objections_settled": Text.of(
            en="Objections to the panel are settled", pl="Rozstrzygnięto zastrzeżenia do składu zespołu"
        ),
        "declarations_clean": Text.of(
            en="All declarations of interests are clean",
            pl="Wszystkie oświadczenia o braku konfliktu interesów są złożone",
        ),
        "questions_asked": Text.of(en="There are questions to send", pl="Są pytania do wysłania"),
        "questions_answered": Text.of(
            en="Every question is answered, or the days are over",
            pl="Udzielono odpowiedzi na wszystkie pytania albo upłynął termin",
        ),
        "visit_planned": Text.of(en="The visit has a day and an agenda", pl="Wizyta ma termin i program"),
        "ratings_agreed": Text.of(
            en="The panel agreed on every rating", pl="Zespół oceniający uzgodnił wszystkie oceny"
        ),
        "applicants_days_over": Text.of(en="The applicant's days are over", pl="Upłynął termin wnioskodawcy"),
        "facts_settled": Text.of(
            en="Every point on the facts is answered", pl="Odpowiedziano na każdą uwagę co do faktów"
        ),
        "report_filed": Text.of(en="The final report is filed", pl="Złożono raport końcowy"),
        "committee_seated": Text.of(en="The committee is seated", pl="Komisja jest w komplecie"),
        "heard": Text.of(
            en="The institution was heard, or its days are over",
            pl="Instytucję wysłuchano albo upłynął termin",
        ),
        "vote_carried": Text.of(en="The vote is carried", pl="Wniosek przegłosowano"),
        "applicant_was_heard": Text.of(
            en="Nothing worse than asked without a hearing",
            pl="Bez wysłuchania nie zapada rozstrzygnięcie gorsze od wnioskowanego",
        ),
        "two_signers": Text.of(en="Two people have signed", pl="Podpisały dwie osoby"),
        "decision_deferred": Text.of(en="The decision was a deferral", pl="Decyzję odroczono"),
        "appeal_open": Text.of(en="The decision can be appealed", pl="Od decyzji można się odwołać"),
        "appeal_days_over": Text.of(en="The time for appeal is over", pl="Upłynął termin na odwołanie"),
        "appeal_panel_seated": Text.of(
            en="The appeals panel is seated", pl="Skład odwoławczy jest w komplecie"
        ),
        "overdue_and_lapsing": Text.of(
            en="The days are over, and the policy lets the case lapse",
            pl="Upłynął termin, a polityka przewiduje wygaśnięcie sprawy",
        ),
        "order_lapsed": Text.of(
            en="The committee has not confirmed an urgent suspension in time",
            pl="Komisja nie zatwierdziła w terminie zawieszenia w trybie pilnym",
        ),
        "reasons_given": Text.of(en="Reasons are given", pl="Podano uzasadnienie"),
    },
    Side: {
        "body": Text.of(en="The accreditation body", pl="Jednostka akredytująca"),
        "applicant": Text.of(en="The applicant", pl="Wnioskodawca"),
    },
    ReminderKind: {
        "soon": Text.of(en="Due soon", pl="Zbliża się termin"),
        "overdue": Text.of(en="Overdue", pl="Po terminie"),
    },
    ProposalKind: {
        "ineligible": Text.of(en="Not eligible", pl="Niedopuszczenie wniosku"),
        "conflict_waiver": Text.of(
            en="Waiver of a disclosed conflict", pl="Odstąpienie od ujawnionego konfliktu"
        ),
        "reopening": Text.of(en="Reopening of a closed step", pl="Ponowne otwarcie zamkniętego kroku"),
        "key_ended": Text.of(en="End of a key", pl="Zakończenie używania klucza"),
        "key_compromised": Text.of(en="Compromise of a key", pl="Ujawnienie lub przejęcie klucza"),
        "urgent_suspension": Text.of(en="Urgent suspension", pl="Zawieszenie w trybie pilnym"),
        "suspension_lifted": Text.of(en="Lifting of a suspension", pl="Uchylenie zawieszenia"),
        "relinquishment": Text.of(en="Recognition given up", pl="Zrzeczenie się uznania"),
        "condition_met": Text.of(en="Condition met", pl="Spełnienie warunku"),
        "warning": Text.of(en="Formal warning", pl="Formalne ostrzeżenie"),
        "institution_event": Text.of(en="Change of an institution", pl="Zmiana dotycząca instytucji"),
        "redaction": Text.of(en="Redaction of a file", pl="Anonimizacja dokumentu"),
        "report_text": Text.of(en="Text of a report for the public", pl="Tekst raportu dla publiczności"),
        "committee_again": Text.of(
            en="The same committee decides again", pl="Ponowne rozstrzyganie przez tę samą komisję"
        ),
        "erasure": Text.of(en="Erasure of personal data", pl="Usunięcie danych osobowych"),
    },
}

SPEAKERS: Final = ("services/two_people.py",)
