"""Pages for everybody: home, issuers, decisions, what a status means, and texts about the registry.

They read the current edition alone, never the write database.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.grants import CredentialType
from registry.domain.recognition import Status
from registry.editions.values import FACETS
from registry.errors import InvalidInput, NotFound
from registry.http.access import PUBLIC, allow
from registry.http.acting import files
from registry.http.downloads import download_headers
from registry.http.transaction import now
from registry.web import labels
from registry.web.decided import Decided, published_decision
from registry.web.i18n import country, text
from registry.web.policies import policy_title
from registry.web.published import (
    Listing,
    asked_moment,
    identities_at,
    listing_at,
    listing_json,
    notes_at,
    reader,
    schemes_by_slug,
    search_issuers,
)

public = Blueprint("public", __name__)
PAGE_SIZE: Final = 20
LONGEST_QUERY: Final = 300
RECOGNIZED: Final = tuple(status.value for status in Status if status.is_recognized)


@public.get("/")
@allow(PUBLIC)
def home() -> ResponseReturnValue:
    """Show one search box, the three tasks and what is published."""
    found = reader().search("", {}, page=1, size=1)
    counts = found.facets.get("status", {})
    heads = list(reader().heads())
    return render_template(
        "public/home.html",
        recognized=sum(counts.get(status, 0) for status in RECOGNIZED),
        listed=found.total,
        schemes=len(reader().schemes()),
        documents=len(heads),
        last=max((head.issued_at for head in heads), default=None),
    )


@public.get("/issuers")
@allow(PUBLIC)
def issuers() -> ResponseReturnValue:
    """Search and filter the listed issuers; the address holds the whole question."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    filters = {facet: request.args.getlist(facet) for facet in FACETS if request.args.getlist(facet)}
    page = max(1, request.args.get("page", 1, type=int))
    found = search_issuers(query, filters, page=page, size=PAGE_SIZE)
    if wants_json():
        records = [{"scheme": record.scheme, "entry": record.entry_wire} for record in found.records]
        return jsonify(
            total=found.total, page=found.page, pages=found.pages, facets=found.facets, issuers=records
        )
    schemes = schemes_by_slug()
    return render_template(
        "public/issuers.html",
        found=found,
        query=query,
        facets=[
            (facet, facet_options(facet, found.facets.get(facet, {}), filters, schemes)) for facet in FACETS
        ],
        chosen=[
            (facet, value, facet_label(facet, value, schemes))
            for facet in filters
            for value in filters[facet]
        ],
        schemes=schemes,
        page_url=lambda number: with_arguments(page=[str(number)]),
        without=without,
    )


def facet_label(facet: str, value: str, schemes: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what people read for a value of a facet; the value itself where it is not known."""
    read: Mapping[str, Callable[[], str]] = {
        "country": lambda: country(value),
        "status": lambda: labels.status_label(value),
        "scheme": lambda: text(schemes[value]["name"]),
        "field": lambda: labels.field_label(value),
        "level": lambda: level_label(value),
        "credential_type": lambda: labels.label(CredentialType(value)),
    }
    try:
        return read[facet]()
    except (KeyError, ValueError, InvalidInput):
        return value


def level_label(value: str) -> str:
    """Return what people read for a value of the facet `level`."""
    named: str = gettext("EQF %(level)s", level=value) if value.isdigit() else gettext("any level")
    return named


def facet_options(
    facet: str,
    counts: Mapping[str, int],
    filters: Mapping[str, Sequence[str]],
    schemes: Mapping[str, Mapping[str, Any]],
) -> list[tuple[str, str, int, bool]]:
    """Return (value, label, count, chosen) for one facet: levels in order, everything else by count.

    Narrow fields are left out unless one was chosen: the broad ones fit on a page.
    """
    chosen = set(filters.get(facet, ()))
    values = {value: count for value, count in counts.items() if count or value in chosen}
    if facet == "field":
        values = {value: count for value, count in values.items() if len(value) == 2 or value in chosen}
    for value in chosen - values.keys():
        values[value] = 0
    options = [
        (value, facet_label(facet, value, schemes), count, value in chosen) for value, count in values.items()
    ]
    if facet == "level":
        return sorted(options, key=lambda option: option[0])
    return sorted(options, key=lambda option: (-option[2], option[1]))


def with_arguments(**changes: Sequence[str]) -> str:
    """Return this page's address with some arguments of the query replaced; `page` starts anew unless given."""
    arguments = {name: request.args.getlist(name) for name in request.args if name != "page"} | changes
    kept = {name: list(values) for name, values in arguments.items() if any(values)}
    # Not by `url_for`: names such as `_scheme` mean something to it, and these come from outside.
    return f"{request.path}?{urlencode(kept, doseq=True)}" if kept else request.path


def without(name: str, value: str) -> str:
    """Return this page's address without one value of one filter."""
    return with_arguments(**{name: [other for other in request.args.getlist(name) if other != value]})


def wants_json() -> bool:
    """Whether the caller asks for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


@public.get("/issuers/<slug>.json", endpoint="issuer_json", defaults={"as_json": True})
@public.get("/issuers/<slug>")
@allow(PUBLIC)
def issuer(slug: str, as_json: bool = False) -> ResponseReturnValue:
    """Show one institution with all its listings, now or at the moment asked for."""
    records = reader().issuers_by_slug(slug)
    if not records:
        return to_current_slug(slug, ".issuer_json" if as_json else ".issuer")
    moment = asked_moment(now())
    schemes = schemes_by_slug()
    listings = sorted((listing_at(record, schemes, moment) for record in records), key=_best_first)
    if as_json or wants_json():
        return jsonify(slug=slug, listings=[listing_json(listing, moment) for listing in listings])
    return render_template(
        "public/issuer.html",
        published_decision=published_decision,
        listings=listings,
        slug=slug,
        moment=moment,
        wire=listings[0].wire,
        identities_at=identities_at,
        notes_at=notes_at,
        listed_issuer=reader().issuer,
        policy_title=policy_title,
    )


def to_current_slug(slug: str, endpoint: str) -> ResponseReturnValue:
    """Redirect a former address of an issuer, or the one with its id that linked data names, to its page.

    Raises:
        NotFound: no issuer has or had the address.
    """
    named = reader().issuer(slug)
    current = named.slug if named else reader().current_slug(slug)
    if current is None:
        raise NotFound(gettext("No listed issuer has this address."))
    query = f"?{urlencode(list(request.args.items(multi=True)))}" if request.args else ""
    return redirect(url_for(endpoint, slug=current) + query, 301)


def _best_first(listing: Listing) -> tuple[bool, str]:
    return not (listing.status and listing.status.is_recognized), listing.record.scheme


@public.get("/decisions/<decision_id>")
@allow(PUBLIC)
def decision(decision_id: str) -> ResponseReturnValue:
    """Show one published decision."""
    decided = published_decision(decision_id, asked_moment(now()).known)
    if decided is None:
        raise NotFound(gettext("There is no published decision at this address."))
    if wants_json():
        return jsonify(decided.wire)
    return render_template(
        "public/decision.html",
        decided=decided,
        scheme=schemes_by_slug().get(decided.wire["scheme"]),
        issuer=reader().issuer(decided.wire.get("issuer") or ""),
        policy_title=policy_title,
    )


@public.get("/decisions/<decision_id>/report/<any('en', 'pl'):language>")
@allow(PUBLIC)
def report(decision_id: str, language: str) -> ResponseReturnValue:
    """Show the redacted report of a published decision."""
    decided, told, data = _report(decision_id, language)
    if not told["media_type"].startswith("text/"):
        return redirect(url_for("public.report_file", decision_id=decision_id, language=language), 303)
    answer = make_response(
        render_template(
            "public/report_text.html",
            decided=decided,
            told=told,
            words=data.decode("utf-8-sig"),
            issuer=reader().issuer(decided.wire.get("issuer") or ""),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@public.get("/decisions/<decision_id>/report/<any('en', 'pl'):language>/file")
@allow(PUBLIC)
def report_file(decision_id: str, language: str) -> ResponseReturnValue:
    """Hand out the redacted report of a published decision as the file that was handed in."""
    _decided, told, data = _report(decision_id, language)
    name = f"report-{language}.{'pdf' if told['media_type'] == 'application/pdf' else 'txt'}"
    return Response(data, content_type=told["media_type"], headers=download_headers(name))


def _report(decision_id: str, language: str) -> tuple[Decided, Mapping[str, Any], bytes]:
    """Return a published decision with what it says of its report, and the report's bytes, which may have gone.

    It lies in the store of files, apart from what is signed, so that it can be erased; see `services/report_texts.py`.
    """
    decided = published_decision(decision_id)
    told = next(
        (one for one in (decided.wire.get("report", ()) if decided else ()) if one["language"] == language),
        None,
    )
    if decided is None or told is None:
        raise NotFound(gettext("There is no published report at this address."))
    try:
        return decided, told, files().get(told["sha256"])
    except NotFound as error:
        raise NotFound(gettext("This report has been taken down.")) from error


@public.get("/status", defaults={"status": ""})
@public.get("/status/<status>")
@allow(PUBLIC)
def status(status: str) -> ResponseReturnValue:
    """Explain all statuses, or one; the URI of a status in signed lists opens this page.

    Raises:
        NotFound: no such status.
    """
    value = status.replace("-", "_")
    if value and value not in set(Status):
        raise NotFound(gettext("There is no such status."))
    others = [other.value for other in Status]
    return render_template("public/status.html", status=value, others=others)


@public.get("/about")
@allow(PUBLIC)
def about() -> ResponseReturnValue:
    """Say what the registry is, who runs it, and what an entry proves."""
    return render_template("public/about.html", schemes=reader().schemes())


@public.get("/accessibility")
@allow(PUBLIC)
def accessibility() -> ResponseReturnValue:
    """Give the accessibility statement."""
    return render_template("public/accessibility.html")
