"""What is kept, how long, from when, why, and what remains: ONE table, from which jobs, page and docs are drawn.

And the columns with what a person wrote of themselves: `PERSONAL` are emptied when a person is erased, `FREE_TEXT` stays,
each with its reason. Sources: GDPR Articles 5(1)(e), 17(1) and 17(3)(b), (e); ISO/IEC 17011:2017, 7.14.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text


class RecordKind(StrEnum):
    """A kind of record with a time of its own."""

    LOGIN_ATTEMPT = "login_attempt"
    WEB_SESSION = "web_session"
    ACCESS_TOKEN = "access_token"  # noqa: S105  # the name of a kind of record
    ABANDONED_DRAFT = "abandoned_draft"
    LEFT_PERSON = "left_person"
    LEFT_WORKER = "left_worker"
    COMPLAINT_CONTACT = "complaint_contact"
    CASE_EVIDENCE = "case_evidence"
    REDACTED_ORIGINAL = "redacted_original"
    CASE_RECORD = "case_record"
    AUDIT_TRAIL = "audit_trail"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a kind of record is kept. `days` None: what `length` says, which is for ever or the policy's to say."""

    kind: RecordKind
    days: int | None
    length: Text
    counted_from: Text
    why: Text
    remains: Text

    def is_over(self, since: datetime, at: datetime) -> bool:
        """Whether the time of a record that counts from `since` is over at `at`."""
        return self.days is not None and at >= since + timedelta(days=self.days)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        RecordKind.LOGIN_ATTEMPT,
        1,
        Text.of(en="1 day", pl="1 dzień"),
        Text.of(en="the attempt", pl="próby logowania"),
        Text.of(en="to slow down the guessing of passwords", pl="ochrona przed odgadywaniem haseł"),
        Text.of(en="nothing", pl="nic"),
    ),
    Rule(
        RecordKind.WEB_SESSION,
        30,
        Text.of(en="30 days", pl="30 dni"),
        Text.of(en="the end of the session", pl="końca sesji"),
        Text.of(en="to look into misuse of an account", pl="wyjaśnianie nadużyć konta"),
        Text.of(en="nothing", pl="nic"),
    ),
    Rule(
        RecordKind.ACCESS_TOKEN,
        365,
        Text.of(en="12 months", pl="12 miesięcy"),
        Text.of(en="the end of the token", pl="końca ważności tokenu"),
        Text.of(en="to tell which program acted", pl="ustalenie, który program działał"),
        Text.of(en="the acts in the audit trail", pl="czynności w dzienniku zdarzeń"),
    ),
    Rule(
        RecordKind.ABANDONED_DRAFT,
        365,
        Text.of(en="12 months", pl="12 miesięcy"),
        Text.of(
            en="the withdrawal, or the last step, of a draft", pl="wycofania lub ostatniego kroku szkicu"
        ),
        Text.of(
            en="a draft that nobody submits serves no purpose", pl="niezłożony szkic nie służy żadnemu celowi"
        ),
        Text.of(
            en="the reference, the steps, and the hashes of the files", pl="sygnatura, kroki i skróty plików"
        ),
    ),
    Rule(
        RecordKind.LEFT_PERSON,
        730,
        Text.of(en="24 months", pl="24 miesiące"),
        Text.of(
            en="the closing of the account of a person who never acted in a case",
            pl="zamknięcia konta osoby, która nie działała w żadnej sprawie",
        ),
        Text.of(en="questions about what was done", pl="pytania o wykonane czynności"),
        Text.of(en="an opaque number", pl="nic nieznaczący numer"),
    ),
    Rule(
        RecordKind.LEFT_WORKER,
        3653,
        Text.of(en="10 years", pl="10 lat"),
        Text.of(
            en="the closing of the account of a person who acted in a case",
            pl="zamknięcia konta osoby, która działała w sprawie",
        ),
        Text.of(
            en="appeals and claims: who decided must be known (Article 17(3)(e))",
            pl="odwołania i roszczenia: musi być wiadomo, kto decydował (art. 17 ust. 3 lit. e)",
        ),
        Text.of(
            en="an opaque number with the part played in each case",
            pl="nic nieznaczący numer i funkcja w każdej sprawie",
        ),
    ),
    Rule(
        RecordKind.COMPLAINT_CONTACT,
        365,
        Text.of(en="12 months", pl="12 miesięcy"),
        Text.of(en="the end of the complaint", pl="zakończenia skargi"),
        Text.of(en="to ask back, and to tell the outcome", pl="dopytanie i powiadomienie o wyniku"),
        Text.of(en="the complaint, without whose it was", pl="skarga bez danych osoby, która ją złożyła"),
    ),
    Rule(
        RecordKind.CASE_EVIDENCE,
        None,
        Text.of(
            en="as many years as the policy of the case says",
            pl="tyle lat, ile wskazuje polityka sprawy",
        ),
        Text.of(
            en="the end of the case and of the recognition that follows from it",
            pl="końca sprawy i uznania, które z niej wynika",
        ),
        Text.of(
            en="the body has to be able to justify its decision (ISO/IEC 17011, 7.14)",
            pl="jednostka musi móc uzasadnić decyzję (ISO/IEC 17011, 7.14)",
        ),
        Text.of(en="the hashes of the files", pl="skróty plików"),
    ),
    Rule(
        RecordKind.REDACTED_ORIGINAL,
        0,
        Text.of(
            en="until two people have confirmed the redaction",
            pl="do zatwierdzenia anonimizacji przez dwie osoby",
        ),
        Text.of(en="the second signature", pl="drugiego podpisu"),
        Text.of(
            en="the redacted file serves the purpose as well", pl="zanonimizowany plik spełnia ten sam cel"
        ),
        Text.of(
            en="the redacted file, and the hash of the original", pl="zanonimizowany plik i skrót oryginału"
        ),
    ),
    Rule(
        RecordKind.CASE_RECORD,
        None,
        Text.of(en="for good", pl="bezterminowo"),
        Text.of(en="the submission", pl="złożenia wniosku"),
        Text.of(
            en="a decision must stay open to review; the record names people by numbers only",
            pl="decyzja musi pozostać możliwa do sprawdzenia; zapis wskazuje osoby wyłącznie numerami",
        ),
        Text.of(
            en="all of it but names and addresses, which stand in accounts alone",
            pl="wszystko poza imionami, nazwiskami i adresami, które są wyłącznie w kontach",
        ),
    ),
    Rule(
        RecordKind.AUDIT_TRAIL,
        None,
        Text.of(en="for good", pl="bezterminowo"),
        Text.of(en="the act", pl="czynności"),
        Text.of(
            en="a chain with a link taken out proves nothing",
            pl="łańcuch z wyjętym ogniwem niczego nie dowodzi",
        ),
        Text.of(en="all of it; it holds no names", pl="całość; nie zawiera imion ani nazwisk"),
    ),
    Rule(
        RecordKind.PUBLISHED,
        None,
        Text.of(en="for good", pl="bezterminowo"),
        Text.of(en="the edition", pl="wydania"),
        Text.of(
            en="a verifier asks years later what held on a day",
            pl="weryfikujący pyta po latach, co obowiązywało danego dnia",
        ),
        Text.of(en="all of it; it holds no personal data", pl="całość; nie zawiera danych osobowych"),
    ),
)
"""In the order of the docs page."""
RULE: Final[Mapping[RecordKind, Rule]] = {rule.kind: rule for rule in RULES}

ERASED_NAME: Final = "Erased person"
ERASED_DOMAIN: Final = "erased.invalid"
NO_PASSWORD: Final = "erased"  # noqa: S105  # that is the point
"""What a password hash becomes; no password has it."""


class Becomes(StrEnum):
    """What a personal field becomes."""

    PLACEHOLDER = "placeholder"
    DEAD_ADDRESS = "dead_address"
    UNUSABLE = "unusable"
    EMPTY = "empty"
    EMPTY_OBJECT = "empty_object"
    ROW_GOES = "row_goes"


@dataclass(frozen=True, slots=True)
class PersonalField:
    """A column with what a person is called or wrote of themselves; `whose` names the account, `via` a table between."""

    table: str
    column: str
    becomes: Becomes
    whose: str = "account_id"
    via: str = ""


PERSONAL: Final[tuple[PersonalField, ...]] = (
    PersonalField("account", "name", Becomes.PLACEHOLDER, "id"),
    PersonalField("account", "email", Becomes.DEAD_ADDRESS, "id"),
    PersonalField("account", "password_hash", Becomes.UNUSABLE, "id"),
    PersonalField("institution_claim", "statement", Becomes.EMPTY),
    PersonalField("web_session", "data", Becomes.ROW_GOES),
    PersonalField("access_token", "name", Becomes.ROW_GOES),
    PersonalField("saved_text", "content", Becomes.ROW_GOES),
    PersonalField("calendar_feed", "hash", Becomes.ROW_GOES),
    PersonalField("expert", "name", Becomes.PLACEHOLDER),
    PersonalField("expert", "email", Becomes.DEAD_ADDRESS),
    PersonalField("expert", "profile", Becomes.EMPTY_OBJECT),
    PersonalField("expert", "employer_name", Becomes.EMPTY),
    PersonalField("expert", "employer_id", Becomes.EMPTY),
    PersonalField("expert_tie", "reason", Becomes.EMPTY, "expert_id", via="expert"),
)
"""In no table that keeps history. Sign-in attempts go too: they are found by the hash of the address."""

FREE_TEXT: Final[Mapping[str, str]] = {
    "foreign_list.list_type": "the type of a published list of others",
    "foreign_list.address": "where a list of others is published",
    "foreign_list.operator": "who publishes a list of others: an organization",
    "foreign_list.scheme": "the name of the scheme of a list of others",
    "application_event.note": "reasons for a step of the case",
    "evidence_version.text": "a statement of the institution; a file with names is redacted instead",
    "hearing.notice": "the body's notice to an institution",
    "hearing.answer": "the institution's answer to the notice",
    "rating.reasons": "reasons for a rating of an institution",
    "rating.recommendation": "a recommendation to an institution",
    "report.summary": "what the panel says of an institution",
    "motion.reasons": "reasons for a decision on an institution",
    "identity_proof.proof": "a signature, no prose",
    "claim_confirmation.basis": "what was seen of a register",
    "proposal.reasons": "reasons of the body",
    "proposal_answer.reasons": "reasons of the body",
    "evidence_redaction.reasons": "why a file was redacted",
    "declaration.answers": "ties that a person declared, for which a decision may be attacked: Article 17(3)(e)",
    "conflict_waiver.reasons": "why a declared tie does not stand in the way",
    "objection.reasons": "an applicant's objection to a panel member, on which the body decided",
    "objection_answer.reasons": "the body's answer to an objection",
    "consultation_comment.text": "a comment on a draft policy",
    "policy_reassessment.outcome": "what was found of an issuer under a new policy",
    "work_item.outcome": "what was found of an institution",
    "institution.folded": "names and places of an institution",
    "applicant_statement.text": "what the institution says to its report",
    "completeness_point.text": "what is missing from an application",
    "completeness_mark.text": "what an officer saw of a missing piece",
    "eligibility_answer.reasons": "reasons of the body",
    "factual_point.quote": "a passage of the report on an institution",
    "factual_point.wrong": "what the institution holds to be wrong in it",
    "factual_point.proposed": "what should stand there instead",
    "factual_answer.reasons": "the panel's answer to it",
    "meeting_recusal.reason": "why a member took no part: ground of a decision, Article 17(3)(e)",
    "question.text": "a question to an institution",
    "question_answer.text": "the institution's answer",
    "recognition_condition.text": "a condition that an institution has to meet",
    "condition_evidence.text": "the institution's statement on a condition",
    "reopening.reasons": "reasons of the body",
    "report_piece.findings": "what the panel found of an institution",
    "report_piece.strengths": "what the panel found of an institution",
    "report_piece.gaps": "what the panel found of an institution",
    "visit_note.text": "a reviewer's private note on a visit to an institution",
    "visit_plan.note": "arrangements of a visit",
    "institution_event.evidence": "what shows that an institution merged, split or closed",
    "monitoring_item.reasons": "reasons of the body",
    "reuse_answer.reasons": "reasons of the body",
    "appeal.text": "an institution's appeal",
    "complaint.text": "what is said of an issuer, a body or the register; who said it stands apart and goes",
    "complaint_event.text": "the body's or the issuer's words on a complaint",
    "complaint_contact.contact": "how to reach whoever complained; it goes by a rule of its own",
}
"""Prose that stays, and what it is about: institutions, not people. Whoever writes is told not to name people in it."""
