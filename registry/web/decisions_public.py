"""What is published of decisions: by year, by criterion, as yearly figures, and who is no longer recognized.

Everything is read from the edition store; the write database is never asked.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.complaints import ComplaintOutcome
from registry.domain.policy import Outcome
from registry.domain.recognition import Status
from registry.domain.workflow import State
from registry.errors import NotFound
from registry.http.access import PUBLIC, allow
from registry.services.complaint_figures import RECEIVED
from registry.services.decision_files import INDEX, appeals_path, figures_path, precedents_path
from registry.web.i18n import text
from registry.web.labels import label
from registry.web.public import PAGE_SIZE, public, wants_json, with_arguments
from registry.web.published import reader, schemes_by_slug

ENDED: Final = tuple(
    status.value
    for status in Status
    if not status.is_recognized and status not in {Status.PENDING_EFFECTIVE, Status.SUSPENDED}
)
"""Standings of who was recognized and no longer is."""


def published_file(path: str) -> Any:
    """Return what a published file says, or None."""
    document = reader().document(path)
    return orjson.loads(document.body) if document else None


def pending_appeals(issuer_id: str) -> list[Mapping[str, Any]]:
    """Return the notes on appeals that are pending about an issuer."""
    found = published_file(appeals_path(issuer_id))
    return list(found["pending"]) if found else []


public.record_once(
    lambda state: state.app.jinja_env.globals.update(
        pending_appeals=pending_appeals, appeal_words=appeal_words
    )
)


@public.get("/decisions")
@allow(PUBLIC)
def decisions() -> ResponseReturnValue:
    """List the published decisions of a year, negative ones too, as far as the policies publish them."""
    index = (published_file(INDEX) or {"files": []})["files"]
    years = sorted({entry["year"] for entry in index}, reverse=True)
    scheme, outcome = request.args.get("scheme", ""), request.args.get("outcome", "")
    year = request.args.get("year", years[0] if years else 0, type=int)
    rows = [
        row | {"scheme": entry["scheme"]}
        for entry in index
        if entry["year"] == year and scheme in {"", entry["scheme"]}
        for row in published_file(entry["path"])["decisions"]
        if outcome in {"", row["outcome"]}
    ]
    rows.sort(key=lambda row: (row["released_at"], row["id"]), reverse=True)
    if wants_json():
        return jsonify(year=year, years=years, decisions=rows)
    page = max(1, request.args.get("page", 1, type=int))
    shown = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    schemes = schemes_by_slug()
    return render_template(
        "public/decisions.html",
        rows=[(row, reader().issuer(row["issuer"] or "")) for row in shown],
        total=len(rows),
        number=page,
        pages=max(1, -(-len(rows) // PAGE_SIZE)),
        page_url=lambda number: with_arguments(page=[str(number)]),
        schemes=schemes,
        scheme_choices=[(slug, text(wire["name"])) for slug, wire in schemes.items()],
        outcome_choices=[(one.value, label(one)) for one in Outcome],
        year_choices=[(str(one), str(one)) for one in years],
        asked={"scheme": scheme, "outcome": outcome, "year": str(year)},
        outcomes={one.value: label(one) for one in Outcome},
        appeal_words=appeal_words(),
    )


def appeal_words() -> dict[str, str]:
    """Return what people read for the state of an appeal."""
    return {
        "pending": gettext("An appeal against this decision is pending."),
        "upheld_decision": gettext("An appeal was heard; the decision was upheld."),
        "annulled_and_returned": gettext("The decision was annulled on appeal, and the case was sent back."),
        "replaced": gettext("The decision was replaced on appeal."),
        "decided_on_appeal": gettext("Decided on appeal."),
    }


@public.get("/precedents")
@allow(PUBLIC)
def precedents() -> ResponseReturnValue:
    """Show by criterion what published decisions made of what was not fully met."""
    schemes = schemes_by_slug()
    slug = request.args.get("scheme") or next(
        (one for one in schemes if published_file(precedents_path(one))), next(iter(schemes), "")
    )
    if slug and slug not in schemes:
        raise NotFound(gettext("There is no such scheme."))
    found = published_file(precedents_path(slug)) if slug else None
    criteria = found["criteria"] if found else {}
    criterion = request.args.get("criterion", "")
    shown = {name: one for name, one in criteria.items() if criterion in {"", name}}
    if wants_json():
        return jsonify(scheme=slug, policy=found["policy"] if found else None, criteria=shown)
    return render_template(
        "public/precedents.html",
        criteria=shown,
        policy=found["policy"] if found else None,
        scheme_choices=[(one, text(wire["name"])) for one, wire in schemes.items()],
        criterion_choices=[(name, f"{name} {text(one['title'])}") for name, one in criteria.items()],
        asked={"scheme": slug, "criterion": criterion},
        outcomes={one.value: label(one) for one in Outcome},
    )


@public.get("/no-longer-recognized")
@allow(PUBLIC)
def no_longer_recognized() -> ResponseReturnValue:
    """List who was recognized and no longer is."""
    page = max(1, request.args.get("page", 1, type=int))
    found = reader().search("", {"status": ENDED}, page=page, size=PAGE_SIZE)
    if wants_json():
        records = [{"scheme": record.scheme, "entry": record.entry_wire} for record in found.records]
        return jsonify(total=found.total, page=found.page, pages=found.pages, issuers=records)
    return render_template(
        "public/no_longer.html",
        found=found,
        schemes=schemes_by_slug(),
        page_url=lambda number: with_arguments(page=[str(number)]),
    )


@public.get("/statistics")
@allow(PUBLIC)
def statistics() -> ResponseReturnValue:
    """Show how many decisions of each outcome every scheme took in a year, and what came of complaints.

    Counts below 10 are not told. Years that were published before complaints were counted have none.
    """
    years = _years()
    year = request.args.get("year", years[0] if years else 0, type=int)
    found = published_file(figures_path(year)) if year in years else None
    if wants_json():
        return jsonify(years=years, figures=found)
    decided = {one.value: label(one) for one in (*Outcome, State.INELIGIBLE, State.APPEAL)}
    complained = {RECEIVED: gettext("Received")} | {one.value: label(one) for one in ComplaintOutcome}
    return render_template(
        "public/statistics.html",
        tables=_tables(found["schemes"], decided) if found else [],
        complaints=_tables(found.get("complaints", {}), complained) if found else [],
        year_choices=[(str(one), str(one)) for one in years],
        asked={"year": str(year)},
        below=found["suppressed_below"] if found else 10,
    )


def _tables(
    figures: Mapping[str, Mapping[str, int | None]], words: Mapping[str, str]
) -> list[tuple[str, str, list[tuple[str, int | None]], list[tuple[str, int, float]]]]:
    """Return per scheme its slug, its name, the rows of its table in the order of `words`, and the bars of what is told."""
    schemes = schemes_by_slug()
    named = [
        (
            slug,
            text(schemes[slug]["name"]) if slug in schemes else slug,
            [(word, rows[what]) for what, word in words.items() if what in rows],
        )
        for slug, rows in figures.items()
    ]
    return [(slug, name, rows, _bars(rows)) for slug, name, rows in named]


def _years() -> list[int]:
    """Return the years with figures, the newest first; they follow one another without a gap."""
    index = (published_file(INDEX) or {"files": []})["files"]
    candidates = {entry["year"] for entry in index}
    if not candidates:
        return []
    return [
        y for y in range(max(candidates) + 1, min(candidates) - 2, -1) if reader().document(figures_path(y))
    ]


def _bars(rows: Iterable[tuple[str, int | None]]) -> list[tuple[str, int, float]]:
    """Return (word, count, width in percent) of what is told."""
    told = [(word, count) for word, count in rows if count is not None]
    most = max((count for _word, count in told), default=1)
    return [(word, count, round(100 * count / most, 1)) for word, count in told]
