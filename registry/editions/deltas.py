"""`/lists/<scheme>/<shard>/delta/<from>..<to>`, read from the edition store alone.

Deltas between consecutive numbers are published files; those of a longer range are put together when somebody asks, and are
as immutable. Without a shard the address means shard 1. An open range, `<from>..`, leads to the newest number.
"""

import re
from dataclasses import dataclass

from registry.editions.reader import EditionReader
from registry.errors import InvalidInput
from registry.publishers.deltas import merge_deltas

NATIVE = "native_json"
LONGEST = 2_000
"""Most numbers that one delta spans."""
LARGEST = 4 * 2**20
"""Most bytes of the consecutive deltas that one delta is put together from."""
_ADDRESS = re.compile(r"/lists/([a-z0-9-]+)(?:/([0-9]+))?/delta/(.*)", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,12})\.\.([0-9]{0,12})", re.ASCII)


class DeltaProblem(InvalidInput):
    """There is no such delta; `status` is the HTTP status line."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """A delta that somebody asks for; `until` None means the newest number."""

    scheme: str
    shard: str
    since: int
    until: int | None


def delta_path(scheme: str, shard: str, since: int, until: int) -> str:
    """Return where the delta between two numbers of a list stands."""
    return f"/lists/{scheme}/{shard}/delta/{since}..{until}"


def asked_delta(path: str) -> Asked | None:
    """Return what an address asks for, or None when it is no delta's.

    Raises:
        DeltaProblem: what comes after `delta/` is no range of numbers.
    """
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    scheme, shard, text = found.groups()
    numbers = _RANGE.fullmatch(text)
    if numbers is None:
        raise DeltaProblem(
            "400 Bad Request", "Name two sequence numbers, such as delta/7..9, or one, such as delta/7.."
        )
    since, until = numbers.groups()
    return Asked(scheme, shard or "1", int(since), int(until) if until else None)


def newest(reader: EditionReader, asked: Asked) -> str | None:
    """Return where an open range leads to, or None when nothing came after its number.

    Raises:
        DeltaProblem: there is no such list, or its numbers do not reach that far.
    """
    current = _current(reader, asked)
    if asked.since == current:
        return None
    _check(asked.since, max(current, asked.since + 1), current)
    return delta_path(asked.scheme, asked.shard, asked.since, current)


def compose(reader: EditionReader, asked: Asked) -> bytes:
    """Return the delta over several numbers, from the consecutive ones.

    Raises:
        DeltaProblem: the range is empty, reversed, unknown, or too long.
    """
    until = asked.until or 0
    _check(asked.since, until, _current(reader, asked))
    whole = f"Download the whole list at /lists/{asked.scheme}/{asked.shard}/list.jws."
    if until - asked.since > LONGEST:
        raise DeltaProblem("404 Not Found", f"{asked.since} and {until} lie too far apart. {whole}")
    steps: list[bytes] = []
    for number in range(asked.since, until):
        step = reader.document(delta_path(asked.scheme, asked.shard, number, number + 1))
        if step is None or sum(map(len, steps)) + step.size > LARGEST:
            raise DeltaProblem(
                "404 Not Found", f"Too much changed between {asked.since} and {until}. {whole}"
            )
        steps.append(step.body)
    return merge_deltas(steps)


def _current(reader: EditionReader, asked: Asked) -> int:
    head = reader.head(asked.scheme, NATIVE, asked.shard)
    if head is None:
        raise DeltaProblem("404 Not Found", f"There is no list of {asked.scheme}, shard {asked.shard}.")
    return head.sequence


def _check(since: int, until: int, current: int) -> None:
    if since >= until:
        raise DeltaProblem("400 Bad Request", "The first number has to be lower than the second.")
    if since < 1 or until > current:
        raise DeltaProblem("404 Not Found", f"The numbers of this list go from 1 to {current}.")
