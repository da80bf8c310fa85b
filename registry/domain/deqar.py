"""Reports in the submission form of DEQAR, the database of external quality assurance results: version 2 of its interface.

Source: the report data elements and validation criteria of docs.deqar.eu as of December 2025, and the fields that its
submission service of July 2026 takes (`/submissionapi/v2/submit/report`; the same names in the CSV upload). Version 1, which
took providers by name and country, is closed: a provider has a DEQARINST, an ETER or another identifier known there.

Nothing is claimed for a body: its agency and activity are what DEQAR has given it, and a report counts as voluntary.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson

from registry.domain.policy import Outcome
from registry.domain.trust_list import Text

DATE_FORMAT: Final = "%Y-%m-%d"
STATUS: Final = "voluntary"
DECISIONS: Final[Mapping[Outcome, str]] = {
    Outcome.RECOGNIZE: "positive",
    Outcome.RECOGNIZE_WITH_CONDITIONS: "positive with conditions or restrictions",
    Outcome.REFUSE: "negative",
    Outcome.WITHDRAW: "negative",
}
"""What an outcome is there; the others end no report of a review, and are not submitted."""
RESOURCES: Final[Mapping[str, str]] = {"erasmus_code": "Erasmus"}
"""Identifiers that DEQAR knows under a resource of its own, by our name of the scheme."""

LOSSES: Final[tuple[tuple[str, Text], ...]] = (
    (
        "scope",
        Text.of(
            en="fields, levels, credential types, countries, modes and languages: an institutional report has no scope",
            pl="dziedziny, poziomy, rodzaje poświadczeń, kraje, tryby i języki: raport instytucjonalny nie ma zakresu",
        ),
    ),
    (
        "programmes",
        Text.of(
            en="single micro-credentials: a programme needs a name, a level and a degree outcome that no decision names",
            pl="pojedyncze mikropoświadczenia: program wymaga nazwy, poziomu i kwalifikacji, których decyzja nie podaje",
        ),
    ),
    (
        "status",
        Text.of(
            en="suspended, withdrawn later, void: only the outcome of the review and its dates are there",
            pl="zawieszenie, późniejsze cofnięcie, nieważność: jest tylko wynik oceny i jej daty",
        ),
    ),
    (
        "obligatory",
        Text.of(
            en="“part of obligatory EQA system” is never claimed; whoever may, sets it in DEQAR",
            pl="„part of obligatory EQA system” nigdy nie jest podawane; kto ma do tego prawo, ustawia to w DEQAR",
        ),
    ),
    (
        "files",
        Text.of(
            en="the report as PDF: a link leads to its page; DEQAR flags a report without a file for a look",
            pl="raport w PDF: odsyłacz prowadzi do jego strony; DEQAR oznacza raport bez pliku do sprawdzenia",
        ),
    ),
    (
        "summary",
        Text.of(
            en="summary and ratings: free text of a report is not published, and DEQAR has no ratings",
            pl="streszczenie i oceny: wolny tekst raportu nie jest publikowany, a DEQAR nie zna ocen kryteriów",
        ),
    ),
    (
        "identities",
        Text.of(en="keys, DIDs and certificates", pl="klucze, identyfikatory DID i certyfikaty"),
    ),
)
"""What the form cannot say, or what we leave out, and why."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An institution as DEQAR knows it: by its own id, by ETER, or by another identifier and where that is used."""

    deqar_id: str = ""
    eter_id: str = ""
    identifier: str = ""
    resource: str = ""

    def wire(self) -> dict[str, str]:
        """Return the one identifier that counts; DEQAR's own goes first."""
        if self.deqar_id:
            return {"deqar_id": self.deqar_id}
        if self.eter_id:
            return {"eter_id": self.eter_id}
        return {"identifier": self.identifier, "resource": self.resource}


@dataclass(frozen=True, slots=True)
class DeqarReport:
    """One report to submit. `agency` and `activity` are DEQAR's ids, `local_identifier` ours and never reused."""

    agency: str
    activity: str
    local_identifier: str
    decision: str
    valid_from: date
    valid_to: date | None
    link: str
    provider: Provider

    def wire(self) -> dict[str, Any]:
        """Return the submission object."""
        return {
            "agency": self.agency,
            "local_identifier": self.local_identifier,
            "activities": [{"id": self.activity}],
            "status": STATUS,
            "decision": self.decision,
            "valid_from": self.valid_from.isoformat(),
            **({"valid_to": self.valid_to.isoformat()} if self.valid_to else {}),
            "date_format": DATE_FORMAT,
            "report_links": [{"link": self.link}],
            "institutions": [self.provider.wire()],
        }

    def row(self) -> dict[str, str]:
        """Return the same as a row of the CSV upload, by column."""
        wire = self.wire()
        return {
            **{name: wire[name] for name in COLUMNS if name in wire},
            "activities[1].id": self.activity,
            "link[1]": self.link,
            **{f"institution[1].{name}": value for name, value in self.provider.wire().items()},
        }


COLUMNS: Final = (
    *("agency", "local_identifier", "activities[1].id", "status", "decision"),
    *("valid_from", "valid_to", "date_format", "link[1]"),
    *(f"institution[1].{name}" for name in ("deqar_id", "eter_id", "identifier", "resource")),
)


def build_json(reports: Sequence[DeqarReport]) -> bytes:
    """Return the reports as the array that the submission service takes."""
    return orjson.dumps([report.wire() for report in reports], option=orjson.OPT_INDENT_2)


def build_csv(reports: Sequence[DeqarReport]) -> bytes:
    """Return the reports as the table that the CSV upload takes: UTF-8, a header, a row per report."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(report.row() for report in reports)
    return buffer.getvalue().encode()
