"""Answers that are asked for again and again, kept for as long as they stay true.

A session that only reads sees one moment of the database, so that every answer stays true as long as the session lives. In a
session that writes, every question is asked anew until it holds the lock that orders all recording: from then on nobody else
can give or take what an act gives or takes, and an answer stays true until this session itself writes a row of the kind that
it is about, or goes back.
"""

from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from registry.models.base import Base

_KEPT: Final = "remembered"
_ALONE: Final = "remembered while alone"
_LOCKED: Final = "locked rows"
_HELD: Final = "held"
Answer = TypeVar("Answer")


def kept(session: Session, kind: type[Answer], key: object) -> Answer | None:
    """Return an object by its key and hold on to it as long as the session lives.

    The session's own map lets go of what nobody uses, and would read the same row again for every question about it.
    """
    found = session.get(kind, key)
    if found is not None:
        session.info.setdefault(_HELD, {})[kind, key] = found
    return found


def locked(session: Session, kind: type[Answer], key: object) -> Answer | None:
    """Return an object whose row is this transaction's until it ends; None where there is no such row.

    The row is read when it is locked, and not again: nobody else can change it meanwhile.
    """
    mine: dict[tuple[type, object], object] = session.info.setdefault(_LOCKED, {})
    held = mine.get((kind, key))
    if held is None or not inspect(held).persistent:
        found = session.get(kind, key, with_for_update=True)
        if found is not None:
            mine[kind, key] = found
        return found
    return cast(Answer, held)


def remember(session: Session) -> None:
    """Let a session that only reads keep answers."""
    session.info[_KEPT] = {}


def remember_alone(session: Session) -> None:
    """Let a session that writes keep answers: it holds the lock that orders all recording."""
    session.info.setdefault(_ALONE, {})


def forget(session: Session) -> None:
    """Keep no more answers in a session that writes.

    It has given the lock back, what it had written is undone, or it writes by statements of which its rows know nothing.
    """
    session.info.pop(_ALONE, None)
    session.info.pop(_LOCKED, None)


def once(session: Session, key: Hashable, ask: Callable[[], Answer], *, of: type[Base]) -> Answer:
    """Return the answer to `ask`, which rows of one kind decide: from before, if it was kept under `key` and still holds."""
    answers: dict[Hashable, object] | None = session.info.get(_KEPT)
    if answers is None:
        answers = _kept_alone(session, of)
    if answers is None:
        return ask()
    if key not in answers:
        answers[key] = ask()
    return cast(Answer, answers[key])


def _kept_alone(session: Session, of: type[Base]) -> dict[Hashable, object] | None:
    if _ALONE not in session.info:
        return None
    if session.autoflush:
        session.flush()  # as the question would
    alone: dict[type[Base], dict[Hashable, object]] | None = session.info.get(_ALONE)
    return alone.setdefault(of, {}) if alone is not None else None


@event.listens_for(Session, "after_flush")
def _forget_written(session: Session, _context: object) -> None:
    alone = session.info.get(_ALONE)
    if alone:
        for row in (*session.new, *session.dirty, *session.deleted):
            alone.pop(type(row), None)
