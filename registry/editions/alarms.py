"""What is wrong with what is published: documents that grow too old, and documents that could not be built."""

from dataclasses import dataclass
from datetime import datetime

from registry.editions.reader import EditionReader
from registry.editions.values import Key


@dataclass(frozen=True, slots=True)
class Alarm:
    """One document by its (scheme, format, shard); `reason` is the error, empty for one that only grows too old."""

    key: Key
    since: datetime
    reason: str = ""

    def __str__(self) -> str:
        """Return one line for everybody: the error itself is for those who run the registry."""
        what = "cannot be built" if self.reason else "was not issued again in time"
        return f"{' '.join(self.key)} since {self.since:%Y-%m-%dT%H:%M:%SZ}: {what}"


def alarms(reader: EditionReader, at: datetime, most: int) -> list[Alarm]:
    """Return up to `most` alarms at an instant of each kind, one for each document."""
    found = {one.key: Alarm(one.key, one.since, one.error) for one in reader.rework() if one.error}
    for head in reader.late(at, most):
        key = (head.scheme, head.format_id, head.shard)
        found.setdefault(key, Alarm(key, head.issued_at))
    return sorted(found.values(), key=lambda alarm: alarm.key)
