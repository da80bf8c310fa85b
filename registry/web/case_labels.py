"""Words of the case pages for codes that are no enumeration: kinds of institution and of evidence, methods of proof, acts."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from typing import Final

from registry.domain.policy import Outcome
from registry.domain.roles import PanelSeat
from registry.domain.trust_list import Text
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.sentences import sentence


def _t(en: str, pl: str) -> Text:
    return Text((("en", en), ("pl", pl)))


INSTITUTION_KINDS: Final[Mapping[str, Text]] = {
    "higher_education_institution": _t("Higher education institution", "Uczelnia"),
    "vocational_provider": _t("Provider of vocational education", "Placówka kształcenia zawodowego"),
    "other_provider": _t("Other provider of education", "Inna instytucja edukacyjna"),
    "employer": _t("Employer", "Pracodawca"),
    "professional_body": _t("Professional body", "Organizacja zawodowa"),
    "public_body": _t("Public body", "Instytucja publiczna"),
    "consortium": _t("Consortium", "Konsorcjum"),
    "platform": _t("Platform on which others issue", "Platforma, na której wydają inni"),
}
EVIDENCE_KINDS: Final[Mapping[str, Text]] = {
    "automatic_check": _t("Automatic check", "Sprawdzenie automatyczne"),
    "data": _t("Data", "Dane"),
    "declaration": _t("Declaration", "Oświadczenie"),
    "document": _t("Document", "Dokument"),
    "interview": _t("Interview", "Rozmowa"),
    "public_url": _t("Public web address", "Publiczny adres internetowy"),
    "register_extract": _t("Extract from a register", "Odpis z rejestru"),
    "sample_credentials": _t("Sample credentials", "Przykładowe poświadczenia"),
    "observation": _t("Observation", "Obserwacja"),
}
VISIBILITY: Final[Mapping[str, Text]] = {
    "public": _t("may be shown to the public", "może być pokazany publicznie"),
    "panel": _t("seen by the people who work on the case", "widzą go osoby pracujące nad sprawą"),
    "body": _t("seen by the officers of the body only", "widzą go tylko pracownicy jednostki akredytującej"),
}
PROOF_METHODS: Final[Mapping[str, Text]] = {
    "jws": _t("signed challenge (JWS)", "podpisane wyzwanie (JWS)"),
    "signature": _t("signed challenge", "podpisane wyzwanie"),
    "platform_confirmation": _t("confirmed by the platform", "potwierdzone przez platformę"),
    "certificate_request": _t(
        "issued by this registry over a proven key", "wystawiony przez ten rejestr dla dowiedzionego klucza"
    ),
    "well_known_file": _t("challenge found at the domain", "wyzwanie znalezione w domenie"),
}
WORK_KINDS: Final[Mapping[str, Text]] = {
    "match": _t("Whose record is this?", "Czyj to wpis?"),
    "rename": _t("New name", "Nowa nazwa"),
    "merged_from": _t("Merged from several institutions", "Powstała z połączenia kilku instytucji"),
    "split_into": _t("Split into several institutions", "Podział na kilka instytucji"),
    "succeeded_by": _t("Another institution came after it", "Ma następcę"),
    "continues": _t("Continues another institution", "Kontynuuje działalność innej instytucji"),
    "closed": _t("Institution closed", "Instytucja zakończyła działalność"),
    "duplicate_of": _t("Duplicate of another record", "Powtórzenie innego wpisu"),
    "complaint": _t("Complaint about wrong data", "Skarga na błędne dane"),
    "withdrawn": _t("Record withdrawn by its source", "Wpis wycofany przez źródło"),
    "active_with_successor": _t("Active, yet with a successor", "Aktywna, choć ma następcę"),
}
RELATIONS: Final[Mapping[str, Text]] = {
    "successor": _t("successor", "następca"),
    "predecessor": _t("predecessor", "poprzednik"),
    "parent": _t("parent institution", "instytucja nadrzędna"),
    "child": _t("part of it", "jednostka podległa"),
    "related": _t("related", "powiązana"),
}
HINT_WORDS: Final[Mapping[str, Text]] = {
    "email_domain_match": _t(
        "The mail address lies in a domain of the applicant or of its hierarchy",
        "Adres e-mail należy do domeny wnioskodawcy lub podmiotu z jego struktury",
    ),
    "employer_identifier_in_hierarchy": _t(
        "The employer is the applicant, or belongs to its hierarchy",
        "Pracodawcą jest wnioskodawca lub podmiot z jego struktury",
    ),
    "vendor_match": _t(
        "The employer runs, or issues on, the platform that the applicant uses",
        "Pracodawca prowadzi platformę, z której korzysta wnioskodawca, lub wydaje na niej poświadczenia",
    ),
    "scope_overlap_same_region": _t(
        "The employer is recognized, or asks to be, for the same fields in the same country",
        "Pracodawca jest uznany lub ubiega się o uznanie w tych samych dziedzinach i w tym samym kraju",
    ),
    "case_role_history": _t(
        "Earlier parts in cases of this applicant", "Wcześniejsze role w sprawach tego wnioskodawcy"
    ),
}
"""What a hint at a conflict has seen, by the `detect` word of the policy."""


def word(table: Mapping[str, Text], code: str) -> str:
    """Return the word for a code in the language of the page; the code in plain letters where there is none."""
    known = table.get(code)
    return text(known) if known else code.replace("_", " ")


def institution_kinds() -> list[tuple[str, str]]:
    """Return (code, word) of every kind of institution."""
    return [(code, text(known)) for code, known in INSTITUTION_KINDS.items()]


FUNCTIONS: Final = {
    "institution_kind": lambda code: word(INSTITUTION_KINDS, code),
    "evidence_kind": lambda code: word(EVIDENCE_KINDS, code),
    "evidence_visibility": lambda code: word(VISIBILITY, code),
    "proof_method": lambda code: word(PROOF_METHODS, code),
    "work_kind": lambda code: word(WORK_KINDS, code),
    "relation_word": lambda code: word(RELATIONS, code),
    "seat_word": lambda code: label(PanelSeat(code)),
    "hint_word": lambda code: word(HINT_WORDS, code),
    "outcome_word": lambda code: label(Outcome(code)),
    "sentence": sentence,
}
"""What templates of the case pages may call by name."""
