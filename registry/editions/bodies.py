"""Bodies of documents: small ones inside the store, large ones as files named by their SHA-256 beside it.

Files are complete and on disk before the transaction that names them: a kill in between leaves a file that
nothing names yet, and that the next attempt uses.
"""

import gzip
import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from isal import igzip_lib

INLINE = 64 * 1024
"""Largest body, in bytes, that is kept inside the store."""
GZIP_LEVEL = 3
"""Of the library: as small as level 6 of zlib, in a tenth of its time."""
WORTHWHILE = 0.95
"""A compressed body is kept when its size is below this part of the plain one."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """What the row of a document keeps: `inline` and `inline_gzip` are None where a file holds the bytes.

    `gzip_size` is None when compressing saves too little to be kept.
    """

    sha256: str
    size: int
    inline: bytes | None
    inline_gzip: bytes | None
    gzip_size: int | None


def store_body(directory: Path, body: bytes, digest: str, *, inline: bool = False) -> StoredBody:
    """Compress `body`, write it to files if it is large and not `inline`, and return what its row keeps.

    `digest` is its SHA-256, hex.
    """
    compressed = compress(body)
    packed = compressed if len(compressed) < len(body) * WORTHWHILE else None
    size = None if packed is None else len(packed)
    if inline or len(body) <= INLINE:
        return StoredBody(digest, len(body), body, packed, size)
    path = body_path(directory, digest)
    _write_once(path, body)
    if packed is not None:
        size = _keep_packed(path.with_name(path.name + ".gz"), packed)
    return StoredBody(digest, len(body), None, None, size)


def _keep_packed(path: Path, packed: bytes) -> int:
    """Keep the compressed form unless there is one, and return the size of what is kept.

    Rows name it with its size, and another program may have made it differently.
    """
    if path.is_file():
        return path.stat().st_size
    _write_once(path, packed)
    return len(packed)


def compress(body: bytes) -> bytes:
    """Return a body in gzip form (RFC 1952); the same bytes give the same form."""
    return igzip_lib.compress(body, GZIP_LEVEL, igzip_lib.COMP_GZIP)


def body_path(directory: Path, sha256: str) -> Path:
    """Return where the file of a large body lies; its gzip form has `.gz` appended."""
    return directory / "bodies" / sha256[:2] / sha256


def keep_snapshot(directory: Path, snapshot: bytes) -> str:
    """Keep the canonical trust list shard that documents are built from; return its SHA-256, hex."""
    digest = hashlib.sha256(snapshot).hexdigest()
    _write_once(_snapshot_path(directory, digest), compress(snapshot))
    return digest


def load_snapshot(directory: Path, sha256: str) -> bytes:
    """Return a kept snapshot.

    Raises:
        FileNotFoundError: it was never kept.
    """
    return gzip.decompress(_snapshot_path(directory, sha256).read_bytes())


def _snapshot_path(directory: Path, sha256: str) -> Path:
    return directory / "snapshots" / sha256[:2] / f"{sha256}.json.gz"


def _write_once(path: Path, data: bytes) -> None:
    if path.is_file() and path.stat().st_size == len(data):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
