"""What people read in place of the names in code: one label per member of each enumeration, in both languages.

`label(Status.ACTIVE)` speaks the language of the page. A test goes through the enumerations and fails on a
member without a label. Tables are keyed by class, since members of two classes may be equal as strings.
"""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain import isced
from registry.domain.answer import Verdict, Why
from registry.domain.conflicts import DeclarationOutcome
from registry.domain.grants import CredentialType, Dimension, LevelMark, Mode
from registry.domain.policy import Need, Outcome, Standing
from registry.domain.recognition import Effect, Reason, Status
from registry.domain.roles import CaseRole, PanelSeat, Role
from registry.domain.trust_list import IdentityKind, Text
from registry.domain.voting import Ballot
from registry.domain.workflow import State
from registry.models.application import Procedure
from registry.models.institution import ClaimState, ImportState
from registry.models.issuer import Environment, IdentityChange
from registry.models.review import RatingLayer
from registry.web.i18n import current_language
from registry.web.words import AREAS


def _t(en: str, pl: str) -> Text:
    return Text((("en", en), ("pl", pl)))


_ROLES: Final[dict[str, Text]] = {
    "owner": _t("Owner of the institution's account", "Administrator konta instytucji"),
    "contributor": _t("Contributor", "Współpracownik"),
    "signatory": _t("Legal signatory", "Osoba uprawniona do podpisu"),
    "key_custodian": _t("Key custodian", "Opiekun kluczy"),
    "intake_officer": _t("Intake officer", "Osoba przyjmująca wnioski"),
    "case_officer": _t("Case officer", "Osoba prowadząca sprawę"),
    "identity_verifier": _t("Identity verifier", "Osoba weryfikująca tożsamość"),
    "reviewer": _t("Reviewer", "Recenzent"),
    "committee_chair": _t("Committee chair", "Przewodniczący komisji"),
    "committee_member": _t("Committee member", "Członek komisji"),
    "appeals_member": _t("Appeals member", "Członek komisji odwoławczej"),
    "complaints_officer": _t("Complaints officer", "Osoba rozpatrująca skargi"),
    "registrar": _t("Registrar", "Rejestrator"),
    "policy_editor": _t("Policy editor", "Redaktor polityki"),
    "policy_approver": _t("Policy approver", "Osoba zatwierdzająca politykę"),
    "auditor": _t("Auditor", "Audytor"),
    "administrator": _t("Administrator", "Administrator"),
    "operator": _t("Operator", "Operator rejestru"),
    "clock": _t("The registry, when a deadline has passed", "Rejestr, po upływie terminu"),
    "panel_chair": _t("Panel chair", "Przewodniczący zespołu oceniającego"),
    "panel_member": _t("Panel member", "Członek zespołu oceniającego"),
    "panel_secretary": _t("Panel secretary", "Sekretarz zespołu oceniającego"),
    "second_signer": _t("Second signer", "Druga osoba podpisująca"),
}

_LABELS: Final[dict[type[StrEnum], Mapping[str, Text]]] = {
    Status: {
        "pending_effective": _t("Recognized from a later date", "Uznanie obowiązuje od późniejszej daty"),
        "active": _t("Recognized", "Uznany"),
        "active_with_conditions": _t("Recognized with conditions", "Uznany z warunkami"),
        "suspended": _t("Suspended", "Uznanie zawieszone"),
        "withdrawn": _t("Withdrawn", "Uznanie cofnięte"),
        "expired": _t("Expired", "Uznanie wygasło"),
        "relinquished": _t("Given up by the issuer", "Wydawca zrzekł się uznania"),
        "superseded": _t("Replaced by another recognition", "Uznanie zastąpione innym"),
        "void": _t("Void from the start", "Uznanie nieważne od początku"),
    },
    Effect: {
        "stay_covered": _t(
            "Credentials issued before stay covered",
            "Wcześniej wydane poświadczenia pozostają objęte uznaniem",
        ),
        "not_from_instant": _t(
            "Credentials issued from a given moment on are not covered",
            "Poświadczenia wydane od wskazanej chwili nie są objęte uznaniem",
        ),
        "never_covered": _t("No credential was ever covered", "Żadne poświadczenie nie było objęte uznaniem"),
    },
    Reason: {
        "granted": _t("Recognition granted", "Przyznano uznanie"),
        "condition_met": _t("Condition met", "Spełniono warunek"),
        "condition_missed": _t("Condition not met in time", "Nie spełniono warunku w terminie"),
        "key_compromise_unresolved": _t("Compromised key not replaced", "Nie zastąpiono ujawnionego klucza"),
        "annual_report_overdue": _t("Annual report overdue", "Brak sprawozdania rocznego w terminie"),
        "monitoring_refused": _t("Monitoring refused", "Odmowa poddania się monitorowaniu"),
        "legal_status_lost": _t("Legal status lost", "Utrata statusu prawnego"),
        "misleading_use_of_recognition": _t(
            "Misleading use of the recognition", "Wprowadzające w błąd powoływanie się na uznanie"
        ),
        "issuer_request": _t("Request of the issuer", "Na wniosek wydawcy"),
        "fraud_suspected": _t("Fraud suspected", "Podejrzenie oszustwa"),
        "suspension_not_resolved": _t(
            "Causes of the suspension not removed", "Nie usunięto przyczyn zawieszenia"
        ),
        "serious_breach": _t("Serious breach", "Poważne naruszenie"),
        "criteria_not_met": _t("Criteria no longer met", "Niespełnianie kryteriów"),
        "repeated_warning": _t("Repeated warning", "Powtórne ostrzeżenie"),
        "issuer_closed": _t("Issuer closed", "Wydawca zakończył działalność"),
        "recognition_obtained_by_false_evidence": _t(
            "Obtained with false evidence", "Uzyskane na podstawie nieprawdziwych dowodów"
        ),
        "suspension_lifted": _t("Suspension lifted", "Uchylono zawieszenie"),
        "merged": _t("Merger", "Połączenie instytucji"),
        "split": _t("Split", "Podział instytucji"),
        "renewed": _t("Recognition renewed", "Odnowiono uznanie"),
        "renewal_pending": _t("Renewal under way", "Trwa postępowanie o przedłużenie uznania"),
        "scope_changed": _t("Scope changed", "Zmieniono zakres"),
        "end_of_term": _t("End of term", "Upływ okresu ważności"),
        "correction": _t("Correction of the record", "Sprostowanie wpisu"),
    },
    State: {
        "draft": _t("Draft", "Wersja robocza"),
        "submitted": _t("Submitted", "Złożony"),
        "completeness_check": _t("Completeness check", "Sprawdzanie kompletności"),
        "returned": _t("Returned for completion", "Zwrócony do uzupełnienia"),
        "identity_check": _t("Identity and key check", "Weryfikacja tożsamości i kluczy"),
        "eligible": _t("Eligible", "Dopuszczony do oceny"),
        "ineligible": _t("Not eligible", "Niedopuszczony do oceny"),
        "panel_proposed": _t("Panel proposed", "Zaproponowano zespół oceniający"),
        "panel_appointed": _t("Panel appointed", "Powołano zespół oceniający"),
        "review": _t("Under review", "W ocenie"),
        "clarification": _t("Clarification", "Wyjaśnienia"),
        "visit": _t("Visit", "Wizytacja"),
        "draft_report": _t("Draft report", "Projekt raportu"),
        "factual_check": _t("Factual check by the applicant", "Weryfikacja faktów przez wnioskodawcę"),
        "final_report": _t("Final report", "Raport końcowy"),
        "first_consideration": _t("First consideration", "Pierwsze rozpatrzenie"),
        "representation": _t("Hearing of the applicant", "Stanowisko wnioskodawcy"),
        "second_consideration": _t("Second consideration", "Ponowne rozpatrzenie"),
        "decided": _t("Decided, awaiting release", "Rozstrzygnięty, oczekuje na ogłoszenie"),
        "appeal_window": _t("Decision released, appeal possible", "Decyzja ogłoszona, można się odwołać"),
        "appeal": _t("Appeal", "Odwołanie"),
        "closed": _t("Closed", "Zamknięty"),
        "withdrawn_by_applicant": _t("Withdrawn by the applicant", "Wycofany przez wnioskodawcę"),
        "lapsed": _t("Lapsed", "Pozostawiony bez rozpoznania"),
        "on_hold": _t("On hold", "Wstrzymany"),
    },
    Role: {role.value: _ROLES[role.value] for role in Role},
    CaseRole: {role.value: _ROLES[role.value] for role in CaseRole},
    PanelSeat: {
        "chair": _t("Chair", "Przewodniczący"),
        "subject": _t("Subject expert", "Ekspert dziedzinowy"),
        "learner": _t("Learner", "Przedstawiciel osób uczących się"),
        "employer": _t("Employer", "Przedstawiciel pracodawców"),
        "credential_technology": _t("Credential technology expert", "Ekspert technologii poświadczeń"),
    },
    Mode: {
        "on_site": _t("On site", "Stacjonarnie"),
        "blended": _t("Blended", "Hybrydowo"),
        "online": _t("Online", "Zdalnie"),
        "work_based": _t("Work-based", "W miejscu pracy"),
    },
    CredentialType: {
        "micro_credential": _t("Micro-credential", "Mikropoświadczenie"),
        "badge_with_assessment": _t("Badge with assessment", "Odznaka z oceną efektów"),
        "certificate_of_short_programme": _t(
            "Certificate of a short programme", "Świadectwo krótkiego programu"
        ),
    },
    LevelMark: {
        "claimed": _t("stated by the issuer", "podany przez wydawcę"),
        "framework_referenced": _t(
            "referenced to a national framework", "odniesiony do krajowej ramy kwalifikacji"
        ),
    },
    Dimension: {
        "field": _t("Field of study", "Dziedzina kształcenia"),
        "level": _t("Level", "Poziom"),
        "credential_type": _t("Credential type", "Rodzaj poświadczenia"),
        "country": _t("Country", "Kraj"),
        "mode": _t("Mode of delivery", "Forma kształcenia"),
        "language": _t("Language", "Język"),
        "programme": _t("Programme", "Program"),
        "ects": _t("Workload in ECTS", "Nakład pracy w ECTS"),
    },
    IdentityKind: {
        "did": _t("DID", "DID"),
        "x509": _t("X.509 certificate", "Certyfikat X.509"),
        "jwk": _t("Public key (JWK)", "Klucz publiczny (JWK)"),
        "domain": _t("Web domain", "Domena internetowa"),
        "platform": _t(
            "Key of a platform, with the issuer's profile on it",
            "Klucz platformy wraz z profilem wydawcy na niej",
        ),
    },
    Outcome: {
        "recognize": _t("Recognize", "Uznanie"),
        "recognize_with_conditions": _t("Recognize with conditions", "Uznanie z warunkami"),
        "defer": _t("Defer", "Odroczenie"),
        "refuse": _t("Refuse", "Odmowa uznania"),
        "withdraw": _t("Withdraw", "Cofnięcie uznania"),
        "suspend": _t("Suspend", "Zawieszenie uznania"),
        "reduce_scope": _t("Reduce the scope", "Ograniczenie zakresu"),
        "no_change": _t("No change", "Bez zmian"),
        "void": _t("Declare void", "Stwierdzenie nieważności od początku"),
    },
    Standing: {
        "met": _t("Met", "Spełnione"),
        "partly": _t("Partly met", "Spełnione częściowo"),
        "unmet": _t("Not met", "Niespełnione"),
        "not_applicable": _t("Not applicable", "Nie dotyczy"),
    },
    Need: {
        "reasons": _t("Reasons", "Uzasadnienie"),
        "cited_evidence": _t("Cited evidence", "Przywołane dowody"),
        "recommendation": _t("Recommendation", "Zalecenie"),
        "condition": _t("Condition", "Warunek"),
    },
    Procedure: {
        "initial": _t("First recognition", "Pierwsze uznanie"),
        "renewal": _t("Renewal", "Odnowienie uznania"),
        "scope_extension": _t("Extension of the scope", "Rozszerzenie zakresu"),
        "targeted": _t("Targeted review", "Ocena celowana"),
        "extraordinary": _t("Extraordinary review", "Ocena nadzwyczajna"),
    },
    Ballot: {
        "for": _t("For", "Za"),
        "against": _t("Against", "Przeciw"),
        "abstain": _t("Abstains", "Wstrzymuje się"),
    },
    ClaimState: {
        "open": _t("Awaiting confirmation", "Oczekuje na potwierdzenie"),
        "confirmed": _t("Confirmed", "Potwierdzone"),
        "refused": _t("Refused", "Odrzucone"),
    },
    ImportState: {
        "awaits_second": _t("Awaiting a second person", "Oczekuje na drugą osobę"),
        "turned_down": _t("Turned down", "Odrzucony"),
        "running": _t("Running", "W toku"),
        "done": _t("Done", "Zakończony"),
    },
    Environment: {
        "production": _t("Production", "Produkcyjne"),
        "test": _t("Test", "Testowe"),
    },
    IdentityChange: {
        "listed": _t("Listed", "Wpisano na listę"),
        "ended": _t("Ended", "Zakończono używanie"),
        "compromised": _t("Compromised", "Klucz ujawniony"),
    },
    DeclarationOutcome: {
        "clean": _t("No conflict of interest", "Brak konfliktu interesów"),
        "disclosed": _t("Interest disclosed", "Interes ujawniony"),
        "second_opinion": _t("Second opinion needed", "Potrzebna druga opinia"),
        "questioned": _t("Tie found, denied", "Powiązanie znalezione, zaprzeczono"),
        "excluded": _t("Excluded from the case", "Wyłączenie ze sprawy"),
    },
    RatingLayer: {
        "alone": _t("Rated alone", "Ocena indywidualna"),
        "agreed": _t("Agreed by the panel", "Ocena uzgodniona przez zespół"),
    },
    Verdict: {
        "covered": _t("covered", "objęte uznaniem"),
        "not_covered": _t("not covered", "nieobjęte uznaniem"),
        "withdrawn": _t("withdrawn", "już nieobjęte uznaniem"),
        "unknown": _t("unknown", "nieznane"),
    },
    Why: {
        "recognized": _t(
            "The issuer was recognized for this on that day.", "Tego dnia wydawca był uznany w tym zakresie."
        ),
        "recognized_with_conditions": _t(
            "The issuer was recognized for this on that day, with conditions to be met.",
            "Tego dnia wydawca był uznany w tym zakresie, z warunkami do spełnienia.",
        ),
        "carried_over": _t(
            "The recognition had gone over to another institution, which was recognized for this on that day.",
            "Uznanie przeszło na inną instytucję, która tego dnia była uznana w tym zakresie.",
        ),
        "outside_scope": _t(
            "The issuer was recognized on that day, but not for this.",
            "Tego dnia wydawca był uznany, ale nie w tym zakresie.",
        ),
        "key_not_listed": _t(
            "The key or identifier given is not one that this issuer is listed with.",
            "Podany klucz lub identyfikator nie należy do wpisanych przy tym wydawcy.",
        ),
        "key_not_valid_then": _t(
            "The key or identifier given was not in use on that day.",
            "Podany klucz lub identyfikator nie był tego dnia w użyciu.",
        ),
        "pending_effective": _t(
            "The recognition had been decided but did not hold yet on that day.",
            "Uznanie zostało już przyznane, ale tego dnia jeszcze nie obowiązywało.",
        ),
        "before_grant": _t("The day lies before the recognition.", "Ten dzień poprzedza uznanie."),
        "suspended": _t("The recognition was suspended on that day.", "Tego dnia uznanie było zawieszone."),
        "withdrawn": _t(
            "The recognition had been withdrawn by that day.", "Tego dnia uznanie było już cofnięte."
        ),
        "expired": _t("The recognition had expired by that day.", "Tego dnia uznanie już wygasło."),
        "relinquished": _t(
            "The issuer had given the recognition up by that day.", "Wydawca zrzekł się już wtedy uznania."
        ),
        "superseded": _t(
            "Another recognition had taken the place of this one by that day.",
            "Tego dnia to uznanie było już zastąpione innym.",
        ),
        "void": _t(
            "The recognition is void and never covered anything.",
            "Uznanie jest nieważne i nigdy niczego nie obejmowało.",
        ),
        "cover_taken_back": _t(
            "A later decision took the cover from credentials of that day.",
            "Późniejsza decyzja odebrała ochronę poświadczeniom z tego dnia.",
        ),
        "key_compromised": _t(
            "The key given had been compromised by that day.", "Podany klucz był już wtedy ujawniony."
        ),
        "never_listed": _t(
            "No such issuer is listed. That says nothing against it.",
            "Takiego wydawcy nie ma na liście. Nie świadczy to o nim źle.",
        ),
        "question_incomplete": _t(
            "The answer depends on something the question does not say.",
            "Odpowiedź zależy od czegoś, czego nie podano w pytaniu.",
        ),
    },
}
LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    **_LABELS,
    **{kind: table for area in AREAS for kind, table in area.LABELS.items()},
}
"""Every enumeration that people see, those of the areas among them."""

MEANINGS: Final[Mapping[str, Text]] = {
    "pending_effective": _t(
        "The recognition has been decided and starts on the date given. Credentials issued before that date are not covered.",
        "Uznanie zostało przyznane i zacznie obowiązywać od podanej daty. Poświadczenia wydane wcześniej nie są nim objęte.",
    ),
    "active": _t(
        "This issuer meets the policy. A credential that it issues within the scope below is covered by the recognition.",
        "Wydawca spełnia wymagania polityki. Poświadczenie wydane w zakresie podanym niżej jest objęte uznaniem.",
    ),
    "active_with_conditions": _t(
        "This issuer is recognized and has to meet the conditions below in time. Its credentials are covered in the meantime.",
        "Wydawca jest uznany i musi w terminie spełnić warunki podane niżej. Do tego czasu jego poświadczenia są objęte uznaniem.",
    ),
    "suspended": _t(
        "The recognition is paused. What was issued before the date given keeps its cover; what is issued now is not covered.",
        "Uznanie jest wstrzymane. Poświadczenia wydane przed podaną datą pozostają nim objęte, a wydane po tej dacie – nie.",
    ),
    "withdrawn": _t(
        "The accreditation body ended the recognition. The history below says whether earlier credentials stay covered.",
        "Jednostka akredytująca cofnęła uznanie. Z historii niżej wynika, czy wcześniejsze poświadczenia pozostają nim objęte.",
    ),
    "expired": _t(
        "The recognition reached its end date and was not renewed. Credentials issued before that date stay covered.",
        "Upłynął okres uznania i nie zostało ono odnowione. Poświadczenia wydane przed tą datą pozostają nim objęte.",
    ),
    "relinquished": _t(
        "The issuer gave the recognition up. Credentials issued before that date stay covered.",
        "Wydawca zrzekł się uznania. Poświadczenia wydane przed tą datą pozostają nim objęte.",
    ),
    "superseded": _t(
        "Another recognition has taken the place of this one, for example after a renewal or a merger.",
        "To uznanie zastąpiło inne, na przykład po odnowieniu albo połączeniu instytucji.",
    ),
    "void": _t(
        "The recognition was obtained wrongly and counts as if it had never been given. No credential is covered by it.",
        "Uznanie uzyskano w sposób niedozwolony i uważa się je za nigdy nieprzyznane. Nie obejmuje ono żadnego poświadczenia.",
    ),
}
"""What a status means for a learner who holds a credential of the issuer."""

VERDICT_TONES: Final[Mapping[Verdict, str]] = {
    Verdict.COVERED: "good",
    Verdict.NOT_COVERED: "warn",
    Verdict.WITHDRAWN: "stop",
    Verdict.UNKNOWN: "",
}

TONES: Final[Mapping[str, str]] = {
    "active": "good",
    "active_with_conditions": "warn",
    "pending_effective": "info",
    "suspended": "stop",
    "withdrawn": "stop",
    "void": "stop",
}
"""Class of the colour that goes with the word; statuses without one are quiet."""

SCHEMES: Final[Mapping[str, Text]] = {
    "ror": _t("ROR", "ROR"),
    "deqarinst": _t("DEQAR institution", "Instytucja w DEQAR"),
    "eter": _t("ETER", "ETER"),
    "erasmus_code": _t("Erasmus code", "Kod Erasmus"),
    "pic": _t("Participant code (PIC)", "Kod uczestnika (PIC)"),
    "oid": _t("Organisation ID (OID)", "Identyfikator organizacji (OID)"),
    "eche": _t("Erasmus Charter number", "Numer Karty Erasmusa"),
    "schac": _t("Home organization domain", "Domena organizacji macierzystej"),
    "whed": _t("WHED", "WHED"),
    "vat": _t("VAT number", "Numer VAT"),
    "euid": _t("EUID", "EUID"),
    "lei": _t("LEI", "LEI"),
    "nip": _t("NIP (Polish tax number)", "NIP"),
    "regon": _t("REGON (Polish statistical number)", "REGON"),
    "krs": _t("KRS (Polish court register)", "KRS"),
    "grid": _t("GRID", "GRID"),
    "isni": _t("ISNI", "ISNI"),
    "wikidata": _t("Wikidata", "Wikidata"),
    "fundref": _t("Funder ID", "Identyfikator grantodawcy"),
    "ctid": _t("CTID", "CTID"),
    "did": _t("DID", "DID"),
    "x509_sha256": _t("Certificate (SHA-256)", "Certyfikat (SHA-256)"),
    "x509_subject": _t("Subject of the certificate", "Podmiot certyfikatu"),
    "jwk_thumbprint": _t("Public key (thumbprint)", "Klucz publiczny (odcisk)"),
    "web_origin": _t("Web address", "Adres internetowy"),
    "platform_profile": _t("Profile on a platform", "Profil na platformie"),
    "domain": _t("Web domain", "Domena internetowa"),
}


def label(member: StrEnum, language: str | None = None) -> str:
    """Return the label of a member, in the language given or the one of the page."""
    return LABELS[type(member)][member.value][language or current_language()]


def status_label(status: str) -> str:
    """Return the word for a status given as it stands on the wire."""
    return label(Status(status))


def status_meaning(status: str) -> str:
    """Return the sentence that says what a status means for a learner."""
    return MEANINGS[status][current_language()]


def status_tone(status: str) -> str:
    """Return the class of the colour of a status."""
    return TONES.get(status, "")


def scheme_label(scheme: str) -> str:
    """Return the name of an identifier scheme; its own code where there is no label."""
    known = SCHEMES.get(scheme)
    return known[current_language()] if known else scheme


def field_label(code: str) -> str:
    """Return the name of a field of ISCED-F 2013."""
    return isced.label(code, current_language())


def kind_label(kind: str) -> str:
    """Return the name of a kind of issuing identity given as it stands on the wire."""
    return label(IdentityKind(kind))


FUNCTIONS: Final = {
    "label": label,
    "status_label": status_label,
    "status_meaning": status_meaning,
    "status_tone": status_tone,
    "scheme_label": scheme_label,
    "field_label": field_label,
    "kind_label": kind_label,
    "case_role_word": lambda code: label(CaseRole(code)),
    "statuses": lambda: [status.value for status in Status],
}
"""What templates may call by name."""
