"""Calendars as programs read them (RFC 5545)."""

from datetime import UTC, date, datetime, timedelta, timezone

from registry.domain.icalendar import CalendarEvent, build_calendar

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def event(**changes: object) -> CalendarEvent:
    given = {"uid": "a@x.example", "starts": AT, "summary": "S", "url": "https://x.example/a", "changed": AT}
    return CalendarEvent(**{**given, **changes})  # type: ignore[arg-type]


def test_an_instant_is_told_in_utc_and_a_day_as_a_day() -> None:
    local = datetime(2026, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    lines = unfolded(build_calendar("C", [event(starts=local), event(starts=date(2026, 12, 31))]))
    assert "DTSTART:20260301T233000Z" in lines
    assert "DTSTART;VALUE=DATE:20261231" in lines
    assert "DTEND;VALUE=DATE:20270101" in lines
    assert lines.count("DTSTAMP:20260301T120000Z") == 2


def test_signs_with_a_meaning_are_escaped_and_control_signs_go() -> None:
    lines = unfolded(build_calendar("C", [event(summary="a;b,c\\d\ne\rf\x07")]))
    assert "SUMMARY:a\\;b\\,c\\\\d\\nef" in lines


def test_no_line_is_longer_than_75_octets_and_no_character_is_cut() -> None:
    summary = "Zażółć gęślą jaźń " * 20
    content = build_calendar("C", [event(summary=summary)])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert all(line.decode() is not None for line in content.split(b"\r\n"))
    assert f"SUMMARY:{summary}" in unfolded(content)


def test_every_line_ends_with_carriage_return_and_line_feed() -> None:
    content = build_calendar("C", [event()])
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
