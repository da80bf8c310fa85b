"""One reader per thread, opened when needed and again when the file of the store was replaced."""

import threading
import time
from pathlib import Path

from registry.editions.reader import EditionReader
from registry.editions.schema import FILE_NAME, open_reader

CHECK_SECONDS = 1.0
"""How often a thread looks whether the store's file is still the one it has open."""
HOLD_SECONDS = 0.01
"""How long a holding reader stays on one edition; the next request after that looks for a newer one."""


class _Commits:
    """How many editions this process itself has published: its own readers see them without delay."""

    count = 0


class _Opened(threading.local):
    reader: EditionReader | None = None
    file: tuple[int, int] | None = None
    check_at: float = 0.0
    commits: int = 0


class EditionReaders:
    """The readers of the store in `directory`; the store may appear later than this object.

    With `hold`, a thread keeps its read transaction open for `HOLD_SECONDS`, so that requests in quick
    succession share the cost of its locks. An idle thread keeps it longer, which delays the reuse of the log
    file's space but nothing else.
    """

    def __init__(self, directory: Path, *, hold: bool = False) -> None:
        self.directory = directory
        self._path = directory / FILE_NAME
        self._hold = hold
        self._opened = _Opened()

    def get(self) -> EditionReader | None:
        """Return the reader of the calling thread, or None while there is no store."""
        opened = self._opened
        now = time.monotonic()
        if now >= opened.check_at or opened.commits != _Commits.count:
            opened.commits = _Commits.count
            self._check(opened)
            opened.check_at = now + (HOLD_SECONDS if self._hold else CHECK_SECONDS)
        return opened.reader

    def forget(self) -> None:
        """Close the reader of the calling thread; the next `get` opens one."""
        opened = self._opened
        if opened.reader is not None:
            opened.reader.close()
        opened.reader, opened.file, opened.check_at = None, None, 0.0

    def _check(self, opened: _Opened) -> None:
        file = self._identity()
        if opened.reader is None or file != opened.file:
            self.forget()
            connection = open_reader(self.directory) if file else None
            if connection is None:
                return
            opened.reader, opened.file = EditionReader(connection, self.directory), file
        if self._hold:
            opened.reader.renew()

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


def note_commit() -> None:
    """Tell the readers of this process that a new edition is there."""
    _Commits.count += 1
