"""Calendars as programs subscribe to them: iCalendar, RFC 5545. Pure: events in, bytes out; no library needed for so little.

Implemented: VCALENDAR with VEVENTs (3.4, 3.6.1), text escaping (3.3.11), UTC instants (3.3.5), folding (3.1).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

MEDIA_TYPE: Final = "text/calendar"
_LINE_OCTETS: Final = 75
_PRODUCT: Final = "-//Issuer registry//Calendar//EN"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One entry; `uid` stays the same as long as it means the same. `starts` is an instant, or a whole day.

    `changed` (UTC instant) is when what it says was set; `summary` is all that a calendar shows, so it names no content.
    """

    uid: str
    starts: datetime | date
    summary: str
    url: str
    changed: datetime


def build_calendar(name: str, events: Iterable[CalendarEvent]) -> bytes:
    """Return a calendar as UTF-8 with CRLF line ends, no line above 75 octets (RFC 5545, 3.1)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_escaped(name)}"]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(event: CalendarEvent) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"DTSTAMP:{_instant(event.changed)}",
        *_when(event.starts),
        f"SUMMARY:{_escaped(event.summary)}",
        f"URL:{event.url}",
        "TRANSP:TRANSPARENT",  # a deadline keeps nobody busy; who is busy says so in their own calendar
        "END:VEVENT",
    ]


def _when(starts: datetime | date) -> list[str]:
    """Return the start; of a whole day the end too, which is the day after (3.6.1)."""
    if isinstance(starts, datetime):
        return [f"DTSTART:{_instant(starts)}"]
    after = starts + timedelta(days=1)
    return [f"DTSTART;VALUE=DATE:{starts:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Escape a text value (3.3.11); other control characters are not allowed in one, and go."""
    marked = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    one_line = marked.replace("\r\n", "\\n").replace("\n", "\\n")
    return "".join(sign for sign in one_line if sign >= " " and sign != "\x7f")


def _folded(line: str) -> Iterator[bytes]:
    """Yield a line in pieces of at most 75 octets, those after the first led by a space; no character is cut."""
    piece = b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > _LINE_OCTETS:
            yield piece
            piece = b" "
        piece += octets
    yield piece
