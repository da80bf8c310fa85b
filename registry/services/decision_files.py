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
from registry.services.public_appeals import pending_appeals
from registry.services.public_decisions import public_decisions
from registry.services.public_orders import public_order

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
    changed: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: str) -> Any:
        """Return what a file says, or None."""
        if path in self.changed:
            return orjson.loads(self.changed[path])
        document = self.store.document(path)
        return orjson.loads(document.body) if document else None

    def write(self, path: str, content: Any) -> None:
        """Keep what a file is to say from now on."""
        self.changed[path] = canonical_json(content)


def decision_files(
    session: Session,
    store: EditionStore,
    entries: Sequence[Entry],
    decisions: Iterable[uuid.UUID],
    at: datetime,
) -> Iterator[PlainFile]:
    """Yield every file that this round changes: `decisions` are told to have changed, those of `entries` may be new."""
    files = _Files(store)
    told = {str(decision) for decision in decisions}
    events = dict.fromkeys(event.decision_id for entry in entries for event in entry.events)
    there = store.addresses([decision_path(one) for one in (*told, *events)])
    new = [one for one in events if one not in told and decision_path(one) not in there]
    wanted = [uuid.UUID(one) for one in (*sorted(told), *new)]
    found: set[uuid.UUID] = set()
    entered: list[_Entered] = []
    for decision_id, public in public_decisions(session, wanted):
        path = decision_path(decision_id)
        found.add(decision_id)
        if path not in there or files.read(path) != public:
            files.write(path, public)
            entered.append(_Entered.of(public))
    _enter(files, entered)
    for decision_id in (one for one in wanted if one not in found):
        order = public_order(session, decision_id)
        if order is not None:
            files.write(decision_path(decision_id), order)
    for issuer_id in _issuers_of(session, map(uuid.UUID, told)):
        _note_appeals(session, files, issuer_id)
    _figures(session, files, at)
    for path, body in files.changed.items():
        yield PlainFile(path, JSON, body)


@dataclass(frozen=True, slots=True)
class _Entered:
    """What other files say of a published decision: those of its scheme and year, and of its scheme's precedents.

    `precedents` are (criterion, title, row), one for each criterion that was not fully met.
    """

    scheme: str
    policy: str
    row: Mapping[str, Any]
    precedents: tuple[tuple[str, Any, Mapping[str, Any]], ...]

    @classmethod
    def of(cls, public: Mapping[str, Any]) -> "_Entered":
        """Return what is entered of a decision as it is published."""
        row = {name: public[name] for name in _ROW} | {"appeal": (public["appeal"] or {}).get("state")}
        row |= {"institution": public["institution"]} if "institution" in public else {}
        precedents = (
            (rating["criterion"], rating["title"], _precedent(public, rating))
            for rating in public["ratings"]
            if rating["standing"] != MET
        )
        return cls(public["scheme"], public["policy"]["id"], row, tuple(precedents))

    @property
    def year(self) -> int:
        """Return the year in which the decision was released."""
        return int(self.row["released_at"][:4])


def _precedent(public: Mapping[str, Any], rating: Mapping[str, Any]) -> dict[str, Any]:
    return {
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


def _enter(files: _Files, entered: Iterable[_Entered]) -> None:
    """Put decisions into the files of their years, the index of years, and the precedents of their schemes."""
    by_scheme: dict[str, list[_Entered]] = {}
    for one in entered:
        by_scheme.setdefault(one.scheme, []).append(one)
    for scheme, decisions in by_scheme.items():
        for year in dict.fromkeys(one.year for one in decisions):
            _enter_year(files, scheme, year, [one.row for one in decisions if one.year == year])
        _enter_precedents(files, scheme, decisions)


def _enter_year(files: _Files, scheme: str, year: int, decided: Iterable[Mapping[str, Any]]) -> None:
    path = year_path(scheme, year)
    before = files.read(path) or {"scheme": scheme, "year": year, "decisions": []}
    rows = {one["id"]: one for one in (*before["decisions"], *decided)}
    ordered = sorted(rows.values(), key=lambda one: (one["released_at"], one["id"]), reverse=True)
    files.write(path, before | {"decisions": ordered})
    index = files.read(INDEX) or {"files": []}
    others = [one for one in index["files"] if one["path"] != path]
    entry = {"scheme": scheme, "year": year, "path": path, "decisions": len(rows)}
    files.write(INDEX, {"files": sorted([*others, entry], key=lambda one: (-one["year"], one["scheme"]))})


def _enter_precedents(files: _Files, scheme: str, decided: Sequence[_Entered]) -> None:
    """Note every criterion that was not fully met, by criterion, the newest first."""
    path = precedents_path(scheme)
    before = files.read(path) or {"scheme": scheme, "policy": decided[0].policy, "criteria": {}}
    found: dict[str, tuple[Any, dict[str, Any]]] = {
        criterion: (known["title"], {one["decision"]: one for one in known["precedents"]})
        for criterion, known in before["criteria"].items()
    }
    for criterion, title, row in (precedent for one in decided for precedent in one.precedents):
        found.setdefault(criterion, (title, {}))[1][row["decision"]] = row
    criteria = {
        criterion: {"title": title, "precedents": _newest(rows.values())}
        for criterion, (title, rows) in found.items()
    }
    if criteria != before["criteria"]:
        files.write(path, before | {"criteria": criteria})


def _newest(precedents: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(precedents, key=lambda one: (one["at"], one["decision"]), reverse=True)[:NOTABLE]


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
