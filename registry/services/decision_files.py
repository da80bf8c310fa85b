"""Published files beside the lists: decisions, what they say by year and criterion, appeals pending, yearly figures.

Every file follows from what is published of the decisions and from the files before it, so that one decision rewrites its
own file, that of its year and that of its scheme's precedents, and nothing else.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.figures import SUPPRESSED_BELOW, shown
from registry.domain.policy import Outcome
from registry.domain.trust_list import Entry, canonical_json
from registry.domain.workflow import State
from registry.editions import EditionStore, PlainFile
from registry.models.application import Application, ApplicationEvent
from registry.models.body import Scheme
from registry.models.decision import Decision, Release
from registry.services.complaint_figures import complaint_figures
from registry.services.public_orders import public_order
from registry.services.reports import pending_appeals, public_decision

JSON = "application/json"
INDEX = "/decisions/index.json"
NOTABLE = 100
"""Most precedents kept per criterion, the newest ones."""
MET = "met"

COUNTED = (*(outcome.value for outcome in Outcome), State.INELIGIBLE.value, State.APPEAL.value)
"""What yearly figures count, all of it whether it happened or not."""
_ROW = ("id", "issuer", "procedure", "outcome", "deviates", "released_at")


def decision_path(decision_id: uuid.UUID | str) -> str:
    """Return where a published decision stands."""
    return f"/decisions/{decision_id}.json"


def year_path(scheme: str, year: int | str) -> str:
    """Return where the decisions of a scheme in a year stand."""
    return f"/decisions/{scheme}/{year}.json"


def precedents_path(scheme: str) -> str:
    """Return where the precedents of a scheme stand."""
    return f"/precedents/{scheme}.json"


def appeals_path(issuer_id: uuid.UUID | str) -> str:
    """Return where the note on appeals pending about an issuer stands."""
    return f"/issuers/{issuer_id}/appeals.json"


def figures_path(year: int) -> str:
    """Return where the figures of a year stand."""
    return f"/statistics/{year}.json"


@dataclass(slots=True)
class _Files:
    """The files of one round, read from the store where they are there already."""

    store: EditionStore
    changed: dict[str, Any] = field(default_factory=dict)

    def read(self, path: str) -> Any:
        """Return what a file says, or None."""
        if path in self.changed:
            return self.changed[path]
        document = self.store.document(path)
        return orjson.loads(document.body) if document else None

    def write(self, path: str, content: Any) -> None:
        """Keep what a file is to say from now on."""
        self.changed[path] = content


def decision_files(
    session: Session,
    store: EditionStore,
    entries: Sequence[Entry],
    decisions: Iterable[uuid.UUID],
    at: datetime,
) -> Iterator[PlainFile]:
    """Yield every file that this round changes: `decisions` are told to have changed, those of `entries` may be new."""
    files = _Files(store)
    told = set(decisions)
    events = dict.fromkeys(uuid.UUID(event.decision_id) for entry in entries for event in entry.events)
    new = [one for one in events if one not in told and store.document(decision_path(one)) is None]
    for decision_id in (*sorted(told, key=str), *new):
        public = public_decision(session, decision_id)
        if public is not None and public != files.read(decision_path(decision_id)):
            files.write(decision_path(decision_id), public)
            _enter(files, public)
        order = public_order(session, decision_id) if public is None else None
        if order is not None:
            files.write(decision_path(decision_id), order)
    for issuer_id in _issuers_of(session, told):
        _note_appeals(session, files, issuer_id)
    _figures(session, files, at)
    for path, content in files.changed.items():
        yield PlainFile(path, JSON, canonical_json(content))


def _enter(files: _Files, public: Mapping[str, Any]) -> None:
    """Put a decision into the file of its year, the index of years, and the precedents of its scheme."""
    scheme, year = public["scheme"], public["released_at"][:4]
    path = year_path(scheme, year)
    row = {name: public[name] for name in _ROW} | {"appeal": (public["appeal"] or {}).get("state")}
    row |= {"institution": public["institution"]} if "institution" in public else {}
    before = files.read(path) or {"scheme": scheme, "year": int(year), "decisions": []}
    rows = [*(one for one in before["decisions"] if one["id"] != row["id"]), row]
    rows.sort(key=lambda one: (one["released_at"], one["id"]), reverse=True)
    files.write(path, before | {"decisions": rows})
    index = files.read(INDEX) or {"files": []}
    others = [one for one in index["files"] if one["path"] != path]
    entry = {"scheme": scheme, "year": int(year), "path": path, "decisions": len(rows)}
    files.write(INDEX, {"files": sorted([*others, entry], key=lambda one: (-one["year"], one["scheme"]))})
    _enter_precedents(files, public)


def _enter_precedents(files: _Files, public: Mapping[str, Any]) -> None:
    """Note every criterion that was not fully met, by criterion, the newest first."""
    path = precedents_path(public["scheme"])
    before = files.read(path) or {
        "scheme": public["scheme"],
        "policy": public["policy"]["id"],
        "criteria": {},
    }
    criteria = dict(before["criteria"])
    for rating in public["ratings"]:
        if rating["standing"] == MET:
            continue
        row = {
            "decision": public["id"],
            "rating": rating["rating"],
            "label": rating["label"],
            "outcome": public["outcome"],
            "rule": public["rule"],
            "condition": rating["condition"],
            "deviates": public["deviates"],
            "at": public["released_at"],
            "policy_version": public["policy"]["version"],
        }
        known = criteria.get(rating["criterion"], {"title": rating["title"], "precedents": []})
        rows = [row, *(one for one in known["precedents"] if one["decision"] != public["id"])]
        rows.sort(key=lambda one: (one["at"], one["decision"]), reverse=True)
        criteria[rating["criterion"]] = {"title": rating["title"], "precedents": rows[:NOTABLE]}
    if criteria != before["criteria"]:
        files.write(path, before | {"criteria": dict(sorted(criteria.items()))})


def _issuers_of(session: Session, decisions: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    query = (
        select(Application.issuer_id)
        .join(Decision, Decision.application_id == Application.id)
        .where(Decision.id.in_(list(decisions)), Application.issuer_id.is_not(None))
        .distinct()
    )
    return sorted((one for one in session.scalars(query) if one is not None), key=str)


def _note_appeals(session: Session, files: _Files, issuer_id: uuid.UUID) -> None:
    path = appeals_path(issuer_id)
    content = {"issuer": str(issuer_id), "pending": pending_appeals(session, issuer_id)}
    before = files.read(path)
    if content != before and (before is not None or content["pending"]):
        files.write(path, content)


def _figures(session: Session, files: _Files, at: datetime) -> None:
    """Write the figures of every full year that has none yet; a year that is over does not change."""
    if files.store.document(figures_path(at.year - 1)) is not None:
        return
    first = session.scalar(select(func.min(Release.at)))
    for year in range(first.year if first else at.year, at.year):
        if files.store.document(figures_path(year)) is None:
            files.write(figures_path(year), yearly_figures(session, year))


def yearly_figures(session: Session, year: int) -> dict[str, Any]:
    """Return how many decisions of each outcome every scheme released in a year, and what came of complaints.

    What is below 10 is not told.
    """
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    decided = (
        select(Scheme.slug, Decision.outcome, func.count())
        .join(Application, Application.id == Decision.application_id)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .join(Release, Release.decision_id == Decision.id)
        .where(Release.at >= start, Release.at < end)
        .group_by(Scheme.slug, Decision.outcome)
    )
    ended = (
        select(Scheme.slug, ApplicationEvent.target, func.count())
        .join(Application, Application.id == ApplicationEvent.application_id)
        .join(Scheme, Scheme.id == Application.scheme_id)
        .where(
            ApplicationEvent.target.in_((State.INELIGIBLE, State.APPEAL)),
            ApplicationEvent.source != ApplicationEvent.target,
            ApplicationEvent.at >= start,
            ApplicationEvent.at < end,
        )
        .group_by(Scheme.slug, ApplicationEvent.target)
    )
    counts: dict[str, dict[str, int]] = {slug: {} for slug in session.scalars(select(Scheme.slug))}
    for slug, outcome, count in (*session.execute(decided), *session.execute(ended)):
        counts[slug][str(outcome.value if isinstance(outcome, State) else outcome)] = count
    schemes = {
        slug: {outcome: shown(found.get(outcome, 0)) for outcome in COUNTED}
        for slug, found in sorted(counts.items())
    }
    return {
        "year": year,
        "suppressed_below": SUPPRESSED_BELOW,
        "schemes": schemes,
        "complaints": complaint_figures(session, start, end),
    }
