"""How long a list waits for its next issue under load: at once when it was quiet, later the larger it is."""

from datetime import datetime, timedelta

from registry.editions import Head

ENTRIES_PER_SECOND = 100
"""A list of 5,000 entries is rebuilt at most every 50 seconds, one of 100 every second."""


def issue_after(head: Head | None, entries: int, longest: timedelta) -> datetime | None:
    """Return the instant from which a list of so many entries may be issued again; None: it has never been issued."""
    if head is None:
        return None
    return head.issued_at + min(longest, timedelta(seconds=entries / ENTRIES_PER_SECOND))
