"""Monitoring as the body sees it: what has to be looked at by its deadline, and everything noticed about an issuer."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Policy
from registry.domain.roles import Role
from registry.domain.two_people import ProposalKind
from registry.errors import InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import Acting, acting, files
from registry.http.downloads import download_headers
from registry.models.issuer import Issuer
from registry.models.monitoring import MonitoringItem, MonitoringKind, MonitoringResult
from registry.services import conditions, desk, monitoring, two_people
from registry.services.conditions import ConditionState
from registry.services.two_people import NewProposal
from registry.web.decision import decision
from registry.web.i18n import day, text
from registry.web.labels import label
from registry.web.monitoring_forms import CloseItemForm, MetForm, NoteSignalForm
from registry.web.orders import proposed
from registry.web.work import leads_back, put_errors

NOTERS = (Role.CASE_OFFICER, Role.REGISTRAR, Role.COMPLAINTS_OFFICER)


@decision.get("/cases/monitoring")
@allow(*monitoring.READERS)
def monitoring_list() -> ResponseReturnValue:
    """List the open items of the person's bodies, those due first; `kind`, `mine` and `overdue` narrow it."""
    kind, mine = request.args.get("kind", ""), request.args.get("mine") == "1"
    overdue = request.args.get("overdue") == "1"
    with acting() as act:
        bodies = desk.bodies_of(act.session, *monitoring.READERS, **act.by)
        items = [
            item
            for item in monitoring.open_items(act.session, [body.id for body in bodies])
            if (not kind or item.kind.value == kind)
            and (not mine or item.owner == act.actor)
            and (not overdue or item.due_at < act.at)
        ]
        return render_template(
            "decision/monitoring.html",
            rows=[(item, *about(act, item)) for item in items],
            names=desk.names_of(act.session, [item.owner for item in items if item.owner]),
            kinds=[("", gettext("All"))] + [(one.value, label(one)) for one in MonitoringKind],
            kind=kind,
            mine=mine,
            overdue=overdue,
            at=act.at,
        )


def about(act: Acting, item: MonitoringItem) -> tuple[Issuer, str]:
    """Return whom an item is about, and its subject in the words of the policy."""
    issuer = act.session.get_one(Issuer, item.issuer_id)
    return issuer, subject_word(monitoring.terms_of(act.session, issuer), item)


_DAYS: Mapping[MonitoringKind, str] = {
    MonitoringKind.RENEWAL: "Recognized until %(day)s",
    MonitoringKind.SUSPENSION: "Suspended since %(day)s",
}
"""What the day means that is the subject of an item of these kinds."""


def subject_word(policy: Policy, item: MonitoringItem) -> str:
    """Return the subject of an item as people read it: a signal or change by its title, a day in words, a year as it is."""
    if item.kind in _DAYS:
        when = str(day(date.fromisoformat(item.subject)).striptags())
        return str(gettext(_DAYS[item.kind], day=when))
    told = policy.monitoring.change_reporting
    words = {one.id: one.title for one in policy.monitoring.signals}
    words |= {one.id: one.title for group in (told.urgent, told.substantive, told.minor) for one in group}
    if item.subject in words:
        return text(words[item.subject])
    criterion = item.detail.get("criterion", "")
    known: dict[str, str] = {
        "shown": gettext("The issuer has shown something for %(criterion)s", criterion=criterion),
        "missed": gettext("The day has passed with nothing shown for %(criterion)s", criterion=criterion),
        "extraordinary_review": gettext("A complaint asks for an extraordinary review"),
    }
    return known.get(item.subject, item.subject)


@decision.route("/cases/monitoring/<uuid:item_id>", methods=["GET", "POST"])
@allow(*monitoring.READERS)
def monitoring_item(item_id: uuid.UUID) -> ResponseReturnValue:
    """Show an item, and say what came of it."""
    form = CloseItemForm()
    form.result.choices = [(one.value, label(one)) for one in MonitoringResult]
    if form.validate_on_submit():
        try:
            with acting() as act:
                result = MonitoringResult(form.result.data)
                monitoring.close(act.session, item_id, result, form.reasons.data or "", **act.by)
            flash(gettext("The item is closed."))
            return redirect(url_for("decision.monitoring_list"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        item = monitoring.item_for(act.session, item_id, *monitoring.READERS, **act.by)
        issuer, word = about(act, item)
        works = desk.bodies_of(act.session, *monitoring.OWNERS, **act.by)
        page = render_template(
            "decision/monitoring_item.html",
            item=item,
            issuer=issuer,
            word=word,
            policy=monitoring.terms_of(act.session, issuer),
            form=form,
            may_work=item.body_id in {body.id for body in works} and item.closed_at is None,
            me=act.actor,
            names=desk.names_of(act.session, [one for one in (item.owner, item.closed_by) if one]),
            condition=_condition(act, item),
            told=_told(item),
            at=act.at,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _condition(act: Acting, item: MonitoringItem) -> conditions.Standing | None:
    if item.condition_id is None:
        return None
    found = conditions.conditions_of(act.session, item.issuer_id, act.at)
    return next((one for one in found if one.condition.id == item.condition_id), None)


_SHOWN = ("text", "did", "problem", "ends", "domain", "source", "status", "complaints")


def _told(item: MonitoringItem) -> list[tuple[str, str]]:
    """Return what was noticed, word by word."""
    names = {
        "text": gettext("What was said"),
        "did": gettext("DID"),
        "problem": gettext("Problem"),
        "ends": gettext("Ends on"),
        "domain": gettext("Domain"),
        "source": gettext("Register"),
        "status": gettext("Status there"),
        "complaints": gettext("Complaints within 90 days"),
    }
    return [(names[name], str(item.detail[name])) for name in _SHOWN if name in item.detail]


@decision.post("/cases/monitoring/<uuid:item_id>/take")
@allow(*monitoring.OWNERS)
def take_item(item_id: uuid.UUID) -> ResponseReturnValue:
    """Take an item on."""
    with acting() as act:
        monitoring.take(act.session, item_id, **act.by)
    flash(gettext("The item is yours now."))
    return redirect(url_for("decision.monitoring_item", item_id=item_id), 303)


@decision.get("/cases/issuers/<uuid:issuer_id>/monitoring")
@allow(*monitoring.READERS)
def issuer_monitoring(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """Show everything noticed about an issuer: conditions, yearly reports, items."""
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, *monitoring.READERS, **act.by)
        policy = monitoring.terms_of(act.session, issuer)
        items: Sequence[Any] = [
            (item, subject_word(policy, item)) for item in monitoring.items_of(act.session, issuer.id)
        ]
        officer = issuer.scheme.body_id in {
            body.id for body in desk.bodies_of(act.session, Role.CASE_OFFICER, **act.by)
        }
        return render_template(
            "decision/issuer_monitoring.html",
            issuer=issuer,
            policy=policy,
            items=items,
            conditions=conditions.conditions_of(act.session, issuer.id, act.at),
            reports=monitoring.reports_of(act.session, issuer.id),
            fields={item.id: item.title for item in policy.monitoring.annual_report.fields},
            shown=ConditionState.SHOWN,
            officer=officer,
            may_note=bool(desk.bodies_of(act.session, *NOTERS, **act.by)),
        )


@decision.route("/cases/issuers/<uuid:issuer_id>/signal", methods=["GET", "POST"])
@allow(*NOTERS)
def note_signal(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """Note what no machine sees."""
    form = NoteSignalForm()
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, *NOTERS, **act.by)
        known = monitoring.terms_of(act.session, issuer).monitoring.signals
        form.signal.choices = [("", gettext("Choose"))] + [(one.id, text(one.title)) for one in known]
    if form.validate_on_submit():
        try:
            with acting() as act:
                row = monitoring.note_signal(
                    act.session, issuer_id, form.signal.data, form.text.data or "", **act.by
                )
            flash(gettext("The signal is noted. Somebody looks at it; the standing does not change."))
            return redirect(url_for("decision.monitoring_item", item_id=row.id), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, *NOTERS, **act.by)
        page = render_template("decision/note_signal.html", issuer=issuer, form=form)
    return page, 422 if form.errors or form.form_errors else 200


@decision.route("/cases/issuers/<uuid:issuer_id>/conditions/<uuid:condition_id>/met", methods=["GET", "POST"])
@allow(Role.CASE_OFFICER)
def condition_met(issuer_id: uuid.UUID, condition_id: uuid.UUID) -> ResponseReturnValue:
    """Propose that a condition is met; a reviewer confirms it."""
    form = MetForm()
    if form.validate_on_submit():
        new = NewProposal(str(condition_id), form.reasons.data or "", issuer_id=issuer_id)
        try:
            with acting() as act:
                desk.issuer_for_body(act.session, issuer_id, Role.CASE_OFFICER, **act.by)
                row = two_people.propose(act.session, ProposalKind.CONDITION_MET, new, **act.by)
            return proposed(row)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, Role.CASE_OFFICER, **act.by)
        found = conditions.conditions_of(act.session, issuer.id, act.at)
        standing = next((one for one in found if one.condition.id == condition_id), None)
        page = render_template(
            "decision/condition_met.html",
            issuer=issuer,
            form=form,
            standing=standing,
            policy=monitoring.terms_of(act.session, issuer),
        )
    return page, 422 if form.errors or form.form_errors else 200


@decision.get("/cases/issuers/<uuid:issuer_id>/conditions/files/<uuid:evidence_id>")
@allow(*monitoring.READERS)
def condition_file(issuer_id: uuid.UUID, evidence_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out a file that an issuer gave for a condition, as a download that no browser runs or shows."""
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, *monitoring.READERS, **act.by)
        found = conditions.conditions_of(act.session, issuer.id, act.at)
        row = next((e for one in found for e in one.evidence if e.id == evidence_id and e.sha256), None)
        if row is None:
            raise NotFound(f"no file {evidence_id}")
        name, media_type, digest = row.file_name or "file", row.media_type, row.sha256 or ""
    return Response(files().get(digest), content_type=media_type, headers=download_headers(name))


leads_back(decision, "/cases/monitoring/<uuid:item_id>/take", "decision.monitoring_item")
