"""Writing the report: pieces saved as they grow, put together with the agreed ratings into what is filed.

A piece is one section (a criterion) or the summary. Saving names the number that was read before; who saves over somebody
else's newer one is told, and both texts stay.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.policy import Criterion, Policy
from registry.domain.prose import LONG, prose
from registry.domain.roles import CaseRole
from registry.domain.workflow import State
from registry.errors import Conflict, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application
from registry.models.judgement import ApplicantStatement, FactualPoint, ReportPiece
from registry.models.review import Rating, Report
from registry.services import access, visits
from registry.services.case_file import policy_for
from registry.services.guards import final_report_is_filed
from registry.services.guards_judgement import accepted_criteria, draft_of, points_of
from registry.services.rating_rounds import agreed_ratings

DESK = (CaseRole.PANEL_CHAIR, CaseRole.PANEL_SECRETARY)
SUMMARY: Final = ""
"""The criterion of the piece that is the summary."""
WRITING_STATES = frozenset(
    {State.REVIEW, State.CLARIFICATION, State.VISIT, State.DRAFT_REPORT, State.FINAL_REPORT}
)
READABLE_STATES = frozenset(State) - WRITING_STATES - {State.DRAFT, State.SUBMITTED} | {State.FINAL_REPORT}
"""States in which the applicant reads the report; before, the panel still writes it."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one section; of the summary only `findings`."""

    findings: str = ""
    strengths: str = ""
    gaps: str = ""


def save(
    session: Session,
    application_id: uuid.UUID,
    criterion: str,
    words: Words,
    *,
    number: int,
    actor: uuid.UUID,
    at: datetime,
) -> ReportPiece:
    """As chair or secretary: save a section, or the summary (`SUMMARY`); `number` is that of the piece read, 0 for none.

    Raises:
        Conflict: somebody saved this piece meanwhile.
        TransitionRefused: the report is with the applicant or filed, or no point on this section was accepted.
    """
    application = access.visible_application(session, application_id, actor=actor, at=at, lock=True)
    access.require_part(session, actor, application, *DESK, at=at)
    _require_writable(session, application, criterion)
    before = pieces_of(session, application).get(criterion)
    if number != (before.number if before else 0):
        raise Conflict("somebody else saved this section meanwhile; look at it, then save yours again")
    made = ReportPiece(
        application_id=application.id,
        criterion=criterion,
        number=number + 1,
        findings=prose("findings", words.findings, LONG),
        strengths=prose("strengths", words.strengths, LONG),
        gaps=prose("gaps", words.gaps, LONG),
        by=actor,
        at=at,
    )
    session.add(made)
    session.flush()
    return made


def _require_writable(session: Session, application: Application, criterion: str) -> None:
    if criterion != SUMMARY and policy_for(application).criterion(criterion) is None:
        raise NotFound(f"this policy has no criterion {criterion}")
    if application.state not in WRITING_STATES or final_report_is_filed(session, application):
        raise TransitionRefused("the report cannot be written now")
    final = application.state is State.FINAL_REPORT
    if final and criterion != SUMMARY and criterion not in accepted_criteria(session, application):
        raise TransitionRefused(
            "after the factual check a section changes only where a point on it was accepted"
        )


def writable(session: Session, application: Application) -> set[str]:
    """Return the criteria whose sections may be written now; after the factual check those with an accepted point."""
    if application.state not in WRITING_STATES or final_report_is_filed(session, application):
        return set()
    if application.state is State.FINAL_REPORT:
        return accepted_criteria(session, application)
    return {c.id for c in policy_for(application).criteria}


def pieces_of(session: Session, application: Application) -> dict[str, ReportPiece]:
    """Return the newest saved state of each piece, by criterion."""
    query = select(ReportPiece).where(ReportPiece.application_id == application.id)
    return {p.criterion: p for p in session.scalars(query.order_by(ReportPiece.number))}


def words_of(piece: ReportPiece | None, rating: Rating | None) -> Words:
    """Return the words of a section: as saved, else the reasons of the agreed rating."""
    if piece is not None:
        return Words(piece.findings, piece.strengths, piece.gaps)
    return Words(rating.reasons if rating else "")


def sections_of(session: Session, application: Application) -> list[dict[str, Any]]:
    """Return the sections as they would be filed now, one per criterion in the order of the policy."""
    pieces, agreed = pieces_of(session, application), agreed_ratings(session, application)
    found = []
    for criterion in policy_for(application).criteria:
        rating = agreed.get(criterion.id)
        if rating is None:
            continue
        words = words_of(pieces.get(criterion.id), rating)
        found.append(
            in_report(rating) | {"findings": words.findings, "strengths": words.strengths, "gaps": words.gaps}
        )
    return found


def in_report(rating: Rating) -> dict[str, Any]:
    """Return a rating as reports keep it."""
    return {
        "criterion": rating.criterion,
        "value": rating.value,
        "reasons": rating.reasons,
        "recommendation": rating.recommendation,
        "condition": rating.condition,
        "cited": rating.cited,
        "inherited": rating.inherited_from is not None,
    }


def content_of(session: Session, application: Application, *, final: bool) -> dict[str, Any]:
    """Return what is filed beside the summary: sections, the visit; in the final report also the check of its facts."""
    visit = visits.held(session, application)
    content: dict[str, Any] = {
        "ratings": sections_of(session, application),
        "visit": {"mode": visit.mode.value, "day": visit.day.isoformat()} if visit else None,
    }
    if not final:
        return content
    draft, statement = draft_of(session, application), statement_of(session, application)
    return content | {
        "draft": draft.number if draft else None,
        "changed": changes_of(session, application),
        "points": [_point(p) for p in points_of(session, application)],
        "statement": statement.text if statement else None,
    }


def require_changes(session: Session, application: Application) -> None:
    """Raise `InvalidInput` where a point was accepted, but its section still reads as in the draft."""
    changed = {one["criterion"] for one in changes_of(session, application)}
    unchanged = accepted_criteria(session, application) - changed
    if unchanged:
        names = ", ".join(sorted(unchanged))
        raise InvalidInput(f"a point was accepted, but nothing has changed yet in {names}")


def changes_of(session: Session, application: Application) -> list[dict[str, Any]]:
    """Return the sections that differ from the draft now, with the ratings of both and the points that were the reason."""
    draft = draft_of(session, application)
    before = {one["criterion"]: one for one in draft.content["ratings"]} if draft else {}
    return _changed(before, sections_of(session, application), points_of(session, application))


def _changed(
    before: Mapping[str, Any], sections: list[dict[str, Any]], points: list[FactualPoint]
) -> list[dict[str, Any]]:
    return [
        {
            "criterion": now["criterion"],
            "before": old["value"],
            "after": now["value"],
            "points": [
                p.number for p in points if p.criterion == now["criterion"] and p.answer and p.answer.accepted
            ],
        }
        for now in sections
        if (old := before.get(now["criterion"])) is not None and _read(old) != _read(now)
    ]


_PARTS = ("value", "findings", "strengths", "gaps", "recommendation", "condition")


def _read(section: Mapping[str, Any]) -> list[Any]:
    return [section.get(name) for name in _PARTS]


def _point(point: FactualPoint) -> dict[str, Any]:
    return {
        "number": point.number,
        "criterion": point.criterion,
        "quote": point.quote,
        "wrong": point.wrong,
        "proposed": point.proposed,
        "cited": point.cited,
        "accepted": point.answer.accepted if point.answer else None,
        "answer": point.answer.reasons if point.answer else "",
    }


def statement_of(session: Session, application: Application) -> ApplicantStatement | None:
    """Return the applicant's statement on the newest draft report, or None."""
    draft = draft_of(session, application)
    if draft is None:
        return None
    query = select(ApplicantStatement).where(
        ApplicantStatement.application_id == application.id, ApplicantStatement.report == draft.number
    )
    return session.scalars(query.order_by(ApplicantStatement.number.desc()).limit(1)).one_or_none()


@dataclass(frozen=True, slots=True)
class Difference:
    """One stretch of text: `kind` is same, removed or added."""

    kind: str
    text: str


def differences(before: str, after: str) -> list[Difference]:
    """Return what changed from one text to another, word by word, in reading order."""
    old, new = _tokens(before), _tokens(after)
    found: list[Difference] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Difference("same", "".join(old[a:b])))
            continue
        if b > a:
            found.append(Difference("removed", "".join(old[a:b])))
        if d > c:
            found.append(Difference("added", "".join(new[c:d])))
    return found


def _tokens(text: str) -> list[str]:
    words = text.replace("\n", " \n ").split(" ")
    return [word + " " for word in words[:-1]] + words[-1:] if text else []


def reports_of(session: Session, application: Application) -> list[Report]:
    """Return every version of the report, oldest first."""
    query = select(Report).where(Report.application_id == application.id)
    return list(session.scalars(query.order_by(Report.number)))


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """One section in two versions of the report: the ratings of both, and the differences of its text."""

    criterion: Criterion
    before: str
    after: str
    texts: tuple[tuple[str, tuple[Difference, ...]], ...]

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return self.before != self.after or any(d.kind != "same" for _name, t in self.texts for d in t)


def compared(policy: Policy, old: Report, new: Report) -> list[ComparedSection]:
    """Return every section of two versions of a report, in the order of the policy."""
    before, after = ({one["criterion"]: one for one in r.content["ratings"]} for r in (old, new))
    return [
        ComparedSection(
            criterion,
            before.get(criterion.id, {}).get("value", ""),
            after.get(criterion.id, {}).get("value", ""),
            tuple(
                (
                    name,
                    tuple(differences(*(_text_of(r.get(criterion.id, {}), name) for r in (before, after)))),
                )
                for name in _TEXTS
            ),
        )
        for criterion in policy.criteria
        if criterion.id in before or criterion.id in after
    ]


_TEXTS = ("findings", "strengths", "gaps", "recommendation", "condition")


def _text_of(section: Mapping[str, Any], name: str) -> str:
    found = section.get(name) or ""
    return found["text"] if isinstance(found, dict) else found
