"""A person's calendar: to download, and at a private address to which calendar programs subscribe."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.icalendar import MEDIA_TYPE, CalendarEvent, build_calendar
from registry.errors import NotFound
from registry.http.access import PUBLIC, SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.http.transaction import absolute_url, now, reading
from registry.services import calendar_feeds
from registry.services.calendar_feeds import Entry, EntryKind
from registry.web.reviewer import reviewer


@reviewer.get("/cases/calendar.ics")
@allow(SIGNED_IN)
def calendar_file() -> ResponseReturnValue:
    """Return the person's calendar as a file."""
    with acting() as act:
        return _calendar(calendar_feeds.entries(act.session, **act.by))


@reviewer.get("/calendar/<secret>.ics")
@allow(PUBLIC)
def calendar_feed(secret: str) -> ResponseReturnValue:
    """Return the calendar that a private address opens; who has the address needs no session."""
    at = now()
    with reading() as session:
        owner = calendar_feeds.owner_of(session, secret)
        if owner is None:
            raise NotFound("no such calendar")
        return _calendar(calendar_feeds.entries(session, actor=owner.id, at=at))


@reviewer.get("/calendar")
@allow(SIGNED_IN)
def calendar() -> ResponseReturnValue:
    """Show where the calendar is, and what it holds."""
    with acting() as act:
        return _page(act)


@reviewer.post("/calendar/address")
@allow(SIGNED_IN)
def make_calendar_address() -> ResponseReturnValue:
    """Make a private address and show it this once; since its secret is kept nowhere, there is no redirect."""
    with acting() as act:
        secret = calendar_feeds.make_feed(act.session, act.actor, at=act.at)
        return _page(act, absolute_url(url_for("reviewer.calendar_feed", secret=secret)))


@reviewer.post("/calendar/address/end")
@allow(SIGNED_IN)
def end_calendar_address() -> ResponseReturnValue:
    """End the private address."""
    with acting() as act:
        calendar_feeds.end_feed(act.session, act.actor, at=act.at)
    flash(gettext("The private address of your calendar no longer works."))
    return redirect(url_for("reviewer.calendar"), 303)


def _page(act: Acting, address: str | None = None) -> str:
    entries = calendar_feeds.entries(act.session, **act.by)
    return render_template(
        "reviewer/calendar.html",
        entries=[(one, _summary(one), _link(one)) for one in entries],
        feed=calendar_feeds.feed_of(act.session, act.actor),
        address=address,
    )


def _calendar(entries: list[Entry]) -> Response:
    content = build_calendar(gettext("Issuer Registry"), [_event(one) for one in entries])
    response = Response(content, mimetype=MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _event(entry: Entry) -> CalendarEvent:
    host = absolute_url("").partition("://")[2]
    return CalendarEvent(
        uid=f"{entry.kind.value}-{entry.id}@{host}",
        starts=entry.starts,
        summary=_summary(entry),
        url=absolute_url(_link(entry)),
        changed=entry.changed,
    )


def _summary(entry: Entry) -> str:
    words = {
        EntryKind.DEADLINE: gettext("Deadline of the body: %(case)s", case=entry.reference),
        EntryKind.APPLICANT_DEADLINE: gettext("Deadline of the institution: %(case)s", case=entry.reference),
        EntryKind.MEETING: gettext("Meeting of the committee"),
        EntryKind.VISIT: gettext("Visit: %(case)s", case=entry.reference),
    }
    return str(words[entry.kind])


def _link(entry: Entry) -> str:
    if entry.kind is EntryKind.MEETING:
        return str(url_for("decision.meeting", meeting_id=entry.id))
    return str(url_for("applicant.show" if entry.own else "reviewer.case", application_id=entry.id))
