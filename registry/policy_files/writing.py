"""Write a policy file where files are read from: whole or not at all, never over somebody else's text."""

import os
from collections.abc import Collection
from pathlib import Path
from tempfile import NamedTemporaryFile

from registry.errors import Conflict
from registry.policy_files import LOCK_NAME, LoadedPolicy, lock_line, read_lock, sha256_of


def path_of(directory: Path, policy_id: str, version: str) -> Path:
    """Return where the file of a version lies."""
    return directory / policy_id / f"{version}.yaml"


def write_policy(directory: Path, loaded: LoadedPolicy, known: Collection[str]) -> Path:
    """Write a policy, byte for byte, and name an adopted one in the lock file; return the path.

    `known` are the hashes of texts that this one came from: a file with any other text was edited by somebody else.

    Raises:
        Conflict: the file holds another text, or its version was released with other content.
    """
    path = path_of(directory, *loaded.key)
    released = read_lock(directory)
    if released.get(loaded.key, loaded.sha256) != loaded.sha256:
        raise Conflict("this version was released with other content; make a new version")
    if path.is_file() and sha256_of(path.read_bytes()) not in {loaded.sha256, *known}:
        raise Conflict("the file was changed outside; take it in first")
    _replace(path, loaded.source)
    if loaded.policy.identity.status == "adopted" and loaded.key not in released:
        lock = directory / LOCK_NAME
        before = lock.read_bytes() if lock.is_file() else b""
        gap = b"" if not before or before.endswith(b"\n") else b"\n"
        _replace(lock, before + gap + lock_line(loaded).encode() + b"\n")
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and swap: a reader sees the old text or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
