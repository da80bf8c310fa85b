"""Complaints: a form for anybody, without an account; the page on which one follows one's own; the officer's pages."""

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from registry.domain.complaints import (
    AGAINST_ISSUER,
    ANONYMOUS,
    ComplaintOutcome,
    ComplaintStep,
    steps_from,
)
from registry.domain.policy_terms import Complaints
from registry.domain.roles import Role
from registry.domain.trust_list import Text
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import PUBLIC, allow
from registry.http.acting import Acting, acting, seals
from registry.http.transaction import now, reading, transaction
from registry.models.body import Scheme
from registry.models.complaint import Complaint
from registry.services import complaint_handling, complaints, desk, orders
from registry.services.complaint_handling import Resolution
from registry.services.complaints import NewComplaint, TooManyComplaints
from registry.signing.sealing import Unreadable
from registry.web.decision import decision
from registry.web.i18n import name_of, text
from registry.web.labels import label
from registry.web.sentences import sentence
from registry.web.work import answer_absence, errors_at, problems_of, work_blueprint

log = logging.getLogger(__name__)
public_complaints = work_blueprint("complaints", "/complaints")
public_complaints.register_error_handler(NotFound, answer_absence)
FIELDS = ("who", "about", "text", "contact")


@public_complaints.get("")
@allow(PUBLIC)
def index() -> ResponseReturnValue:
    """Say how complaints work, and lead to the form of each scheme."""
    slug = request.args.get("issuer", "")[:200]
    with reading() as session:
        schemes = complaints.schemes_listing(session, slug)
        if slug and not schemes:
            raise NotFound(f"no issuer {slug}")
        rows = [(one, complaints.terms_for(session, one, now())) for one in schemes]
        return render_template("complaints/index.html", rows=rows, slug=slug, name=_name(session, rows, slug))


def _name(session: Session, rows: list[tuple[Scheme, Complaints]], slug: str) -> str:
    issuer = complaints.issuer_by_slug(session, rows[0][0], slug) if slug and rows else None
    return name_of(issuer.institution) if issuer else ""


@public_complaints.get("/new/<scheme>")
@allow(PUBLIC)
def new(scheme: str) -> ResponseReturnValue:
    """Show the form: in what part, about what, what happened, and, where one likes, how to be reached."""
    return _form(scheme, request.args.get("issuer", "")[:200], {}, [])


@public_complaints.post("/new/<scheme>")
@allow(PUBLIC)
def lodge(scheme: str) -> ResponseReturnValue:
    """Take a complaint in and show, once, the link by which it is followed. No address is kept."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    slug = request.form.get("issuer", "")[:200]
    try:
        with transaction() as session:
            made = complaints.lodge(
                session, seals(), NewComplaint(scheme=scheme, issuer=slug, **given), at=now()
            )
            reference, due = made.complaint.reference, made.complaint.due_at
    except InvalidInput as error:
        return _form(scheme, slug, given, problems_of(error)), 422
    except TooManyComplaints as error:
        return _form(scheme, slug, given, [FieldError("", sentence(str(error)))]), 429
    link = url_for("complaints.follow", secret=made.secret, _external=False)
    return _secret(render_template("complaints/done.html", reference=reference, due=due, link=link))


def _form(scheme: str, slug: str, given: Mapping[str, str], problems: list[FieldError]) -> str:
    with reading() as session:
        found = next((s for s in complaints.schemes_listing(session, slug) if s.slug == scheme), None)
        if found is None:
            raise NotFound(f"no scheme {scheme}")
        issuer = complaints.issuer_by_slug(session, found, slug) if slug else None
        terms = complaints.terms_for(session, found, now())
        page: str = render_template(
            "complaints/new.html",
            scheme=found,
            issuer=issuer,
            slug=slug,
            terms=terms,
            given=given,
            errors=errors_at(problems),
            problems=problems,
            who=[(i.id, text(i.title)) for i in terms.who if i.id != ANONYMOUS or terms.anonymous_allowed],
            about=[(i.id, text(i.title)) for i in terms.about],
        )
        return page


def _private(page: str) -> Response:
    """Return a page that no cache keeps and no search engine lists."""
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _secret(page: str) -> Response:
    """Return a private page whose address goes nowhere else, and which therefore has no form: browsers that tell no
    address send forms with the origin `null`, which `http/origin.py` refuses.
    """
    answer = _private(page)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@public_complaints.get("/follow/<secret>")
@allow(PUBLIC)
def follow(secret: str) -> ResponseReturnValue:
    """Show whoever complained where it stands, and what came of it."""
    with reading() as session:
        row = complaints.follow(session, secret)
        said = [event for event in row.events if event.step in _TOLD]
        return _secret(
            render_template(
                "complaints/follow.html", row=row, said=said, until=complaints.resolve_until(row), at=now()
            )
        )


_TOLD = (
    *(ComplaintStep.RECEIVE, ComplaintStep.ACKNOWLEDGE, ComplaintStep.ADMIT, ComplaintStep.DISMISS),
    ComplaintStep.RESOLVE,
)
"""Steps whose words go to whoever complained."""


@decision.get("/cases/complaints")
@allow(*complaints.READERS)
def complaint_list() -> ResponseReturnValue:
    """List complaints: the open ones by deadline, or those that are over."""
    closed = request.args.get("show") == "closed"
    with acting() as act:
        rows = complaints.complaints_of(act.session, closed=closed, **act.by)
        return render_template("complaints/list.html", rows=rows, closed=closed, at=act.at)


@decision.route("/cases/complaints/<uuid:complaint_id>", methods=["GET", "POST"])
@allow(Role.COMPLAINTS_OFFICER, Role.AUDITOR)
def complaint(complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Show a complaint, and take the next step; an auditor only reads, and never who complained."""
    problems: list[FieldError] = []
    if request.method == "POST":
        try:
            with acting() as act:
                _take(act, complaint_id, request.form.get("step", ""))
            flash(gettext("Done."))
            return redirect(url_for("decision.complaint", complaint_id=complaint_id), 303)
        except InvalidInput as error:
            problems = problems_of(error)
    with acting() as act:
        row = complaints.visible(act.session, complaint_id, *complaints.READERS, **act.by)
        bodies = desk.bodies_of(act.session, *complaints.OFFICERS, **act.by)
        officer = row.body_id in {body.id for body in bodies}
        page = _private(
            render_template("complaints/show.html", **_shown(act, row, officer), problems=problems)
        )
    page.status_code = 422 if problems else 200
    return page


def _take(act: Acting, complaint_id: uuid.UUID, word: str) -> None:
    if word == "erase":
        complaints.erase_contact(act.session, complaint_id, **act.by)
        return
    if word == ComplaintStep.RESOLVE.value:
        complaint_handling.resolve(act.session, complaint_id, _resolution(), **act.by)
        return
    if word not in set(ComplaintStep):
        raise InvalidInput("choose one of the steps", [FieldError("step", "choose one of the steps")])
    said = request.form.get(f"text-{word}", "")
    try:
        complaint_handling.act(act.session, complaint_id, ComplaintStep(word), said, **act.by)
    except InvalidInput as error:
        problems = [FieldError(f"text-{word}", problem.message) for problem in error.errors]
        raise InvalidInput(str(error), problems) from error


def _resolution() -> Resolution:
    try:
        outcome = ComplaintOutcome(request.form.get("outcome", ""))
    except ValueError as error:
        raise InvalidInput("choose an outcome", [FieldError("outcome", "choose an outcome")]) from error
    texts = {code: request.form.get(f"text_{code}", "") for code in ("en", "pl")}
    return Resolution(outcome, request.form.get("reasons", ""), texts, request.form.get("ground", ""))


def _contact(act: Acting, row: Complaint) -> dict[str, Any]:
    """Return how to reach whoever complained, for the officer, or that it is there and does not open."""
    try:
        return {"contact": complaints.contact_of(act.session, seals(), row.id, **act.by)}
    except Unreadable as error:
        log.warning("contact does not open", extra={"complaint": str(row.id), "error": str(error)})
        return {"unreadable": True}


def _shown(act: Acting, row: Complaint, officer: bool) -> dict[str, Any]:
    terms = complaints.terms_of(row)
    titles: dict[str, Text] = {item.id: item.title for item in (*terms.who, *terms.about)}
    steps = steps_from(row.state) if officer else frozenset()
    asked = any(event.step is ComplaintStep.ASK_ISSUER for event in row.events)
    if row.issuer is None or asked:
        steps = steps - {ComplaintStep.ASK_ISSUER}
    urgent = orders.sanctions_of(act.session, row.issuer).suspend.urgent.allowed_for if row.issuer else ()
    return {
        "row": row,
        "terms": terms,
        "titles": titles,
        "steps": steps,
        "given": request.form,
        "officer": officer,
        **(_contact(act, row) if officer else {}),
        "names": desk.names_of(act.session, [e.actor for e in row.events if e.actor]),
        "until": complaints.resolve_until(row),
        "outcomes": [("", gettext("Choose"))]
        + [
            (item.id, label(ComplaintOutcome(item.id)))
            for item in terms.outcomes
            if item.id != ComplaintOutcome.INADMISSIBLE.value
            and (row.issuer is not None or ComplaintOutcome(item.id) not in AGAINST_ISSUER)
        ],
        "grounds": [("", gettext("Choose"))] + [(g.id.value, text(g.title)) for g in urgent],
        "at": act.at,
    }
