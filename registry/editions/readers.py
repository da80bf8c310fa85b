"""One reader per thread, opened when needed and again when the file of the store was replaced."""

import threading
import time
from pathlib import Path

from registry.editions.reader import EditionReader
from registry.editions.schema import FILE_NAME, open_reader

CHECK_SECONDS = 1.0
"""How often a thread looks whether the store's file is still the one it has open."""


class _Opened(threading.local):
    reader: EditionReader | None = None
    file: tuple[int, int] | None = None
    check_at: float = 0.0


class EditionReaders:
    """The readers of the store in `directory`; the store may appear later than this object."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._path = directory / FILE_NAME
        self._opened = _Opened()

    def get(self) -> EditionReader | None:
        """Return the reader of the calling thread, or None while there is no store."""
        opened = self._opened
        now = time.monotonic()
        if now >= opened.check_at:
            self._check(opened)
            opened.check_at = now + CHECK_SECONDS
        return opened.reader

    def forget(self) -> None:
        """Close the reader of the calling thread; the next `get` opens one."""
        opened = self._opened
        if opened.reader is not None:
            opened.reader.close()
        opened.reader, opened.file, opened.check_at = None, None, 0.0

    def _check(self, opened: _Opened) -> None:
        file = self._identity()
        if opened.reader is not None and file == opened.file:
            return
        self.forget()
        connection = open_reader(self.directory) if file else None
        if connection is not None:
            opened.reader, opened.file = EditionReader(connection, self.directory), file

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino
