"""When a document is issued again because it grows old: never two crowds at one time, and long before it lapses.

Each document has a place of its own between `EARLIEST` and `LATEST` of its life, drawn from its name by a hash. Documents
that were issued together are so issued again apart, and the distance grows with every turn.
"""

import hashlib
from datetime import datetime, timedelta

from registry.editions.values import Head, Key

EARLIEST, LATEST = 0.50, 0.65
"""Parts of the life of a document between which it is issued again."""
LATE = 0.75
"""Part of its life after which a document that was not issued again is an alarm."""


def reissue_part(key: Key) -> float:
    """Return the part of its life, from `EARLIEST` to `LATEST`, after which a document is issued again."""
    drawn = int.from_bytes(hashlib.sha256("\n".join(key).encode()).digest()[:8]) / 2**64
    return EARLIEST + (LATEST - EARLIEST) * drawn


def reissue_at(key: Key, issued_at: datetime, next_update: datetime) -> datetime:
    """Return the instant at which a document is issued again: a whole minute, so that neighbours share a round."""
    after = issued_at + (next_update - issued_at) * reissue_part(key)
    minute = after.replace(second=0, microsecond=0)
    return max(minute, issued_at + timedelta(seconds=1))


def is_late(head: Head, at: datetime) -> bool:
    """Whether so much of the life of a document is over that it should long be replaced."""
    return at - head.issued_at >= (head.next_update - head.issued_at) * LATE
