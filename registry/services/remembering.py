"""Answers that are asked for again and again while one page is made: kept by sessions that only read.

Such a session sees one moment of the database and changes nothing, so that an answer stays true as long as it lives. In
sessions that write, every question is asked anew.
"""

from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast

from sqlalchemy.orm import Session

_KEPT: Final = "remembered"
Answer = TypeVar("Answer")


_HELD: Final = "held"


def kept(session: Session, kind: type[Answer], key: object) -> Answer | None:
    """Return an object by its key and hold on to it as long as the session lives.

    The session's own map lets go of what nobody uses, and would read the same row again for every question about it.
    """
    found = session.get(kind, key)
    if found is not None:
        session.info.setdefault(_HELD, {})[kind, key] = found
    return found


def remember(session: Session) -> None:
    """Let a session that only reads keep answers."""
    session.info[_KEPT] = {}


def once(session: Session, key: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Return the answer to `ask`, from before if this session only reads and has asked under `key`."""
    kept: dict[Hashable, object] | None = session.info.get(_KEPT)
    if kept is None:
        return ask()
    if key not in kept:
        kept[key] = ask()
    return cast(Answer, kept[key])
