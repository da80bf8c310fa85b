"""Evidence and other bytes by their hash, in a directory outside the web root."""

import hashlib
import os
import tempfile
from pathlib import Path

from registry.errors import NotFound, RegistryError


class Damaged(RegistryError):
    """A stored file no longer has the bytes that its name promises."""


class FileStore:
    """Content-addressed files: written once, never changed, checked when read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def put(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256 (hex, 64 characters); durable when this returns."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes of a hash.

        Raises:
            NotFound: nothing is kept under it.
            Damaged: the bytes have changed since.
        """
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"no file {digest}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise Damaged(f"file {digest} is damaged; restore it from the backup")
        return data

    def remove(self, digest: str) -> None:
        """Remove the bytes of a hash for good; nothing happens where there are none."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self.directory / digest[:2] / digest
