"""A publisher that is killed in the middle of its work: in a process forked from one that has imported everything."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import datetime
from functools import cache
from multiprocessing.context import ForkServerContext
from typing import Any, NoReturn

from registry.config import Settings
from registry.database import Database
from registry.editions import EditionStore, bodies, rows
from registry.services import publication
from registry.services.edition_building import Publishing
from registry.signing.keys import KeyStore

from support.formats import Plain, Pointing, Wide, formats


@cache
def _processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def publish_until_killed(settings: Settings, url: str, where: str, at: datetime) -> int | None:
    """Publish from a database in another process, which is killed at a step; return how it ended: -9 if so."""
    process = _processes().Process(target=_publish, args=(settings, url, where, at))
    process.start()
    process.join(60)
    code = process.exitcode
    process.kill()
    process.join()
    process.close()
    return code


def _publish(settings: Settings, url: str, where: str, at: datetime) -> None:
    _set_trap(where)
    with formats(Plain(), Wide(), of_lists=[Pointing()]):
        store = EditionStore(settings.editions, settings.base_url)
        keys = KeyStore.open(settings.keys)
        publication.publish(Publishing(Database(url), store, keys, settings.base_url), at=at)


def _set_trap(where: str) -> None:
    """Put death at a step of publishing."""
    match where:
        case "while building":
            Wide.assemble = _die  # type: ignore[method-assign]
        case "while files are written":
            bodies._write_once = _die_at(2, bodies._write_once)
            bodies.INLINE = 0  # type: ignore[misc]
        case "before the swap":
            EditionStore.apply = _die  # type: ignore[method-assign]
        case "in the middle of the swap":
            rows.put_document = _die_at(9, rows.put_document)
        case "at the end of the swap":
            EditionStore._put_files = _die  # type: ignore[method-assign]
        case "after the swap":
            publication._note = _die
        case _:
            raise ValueError(where)


def _die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


def _die_at(number: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """Return `act` such that the call of this number is never made."""
    left = number

    def counted(*rest: object, **more: object) -> Any:
        nonlocal left
        left -= 1
        return act(*rest, **more) if left else _die()

    return counted
