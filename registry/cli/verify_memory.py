"""What `registry verify` saw last of each list and signer, as small files under XDG_STATE_HOME."""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from registry.domain.trust_list import wire_instant
from registry.publishers.facts import VerificationFailed
from registry.publishers.verify import Seen, Verified, check_sequence


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return the directory of the memory (XDG Base Directory Specification: a relative path counts as unset)."""
    base = Path(environ.get("XDG_STATE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".local" / "state") / "registry-verify"


class Memory:
    """One file per list and signer; it changes only after a document passed every check."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def seen(self, list_id: str, signer: str) -> Seen | None:
        """Return what was seen last, or None.

        Raises:
            VerificationFailed: the file cannot be read, so a rollback could not be noticed.
        """
        path = self._path(list_id, signer)
        try:
            content = json.loads(path.read_bytes())
            return Seen(int(content["sequence"]), str(content["sha256"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VerificationFailed(
                "sequence", f"the memory file {path} cannot be read; remove it if you accept to start afresh"
            ) from error

    def remember(self, verified: Verified, at: datetime) -> None:
        """Keep the number of a verified document, unless another run kept a higher one meanwhile.

        Raises:
            VerificationFailed: the memory cannot be written, or another run saw something newer.
        """
        facts = verified.facts
        content = {
            "list": facts.list_id,
            "signer": verified.signer,
            "sequence": facts.sequence,
            "sha256": verified.sha256,
            "issued_at": wire_instant(facts.issued_at),
            "seen_at": wire_instant(at),
        }
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                check_sequence(verified, self.seen(facts.list_id, verified.signer))
                self._write(self._path(facts.list_id, verified.signer), content)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise VerificationFailed(
                "sequence", f"the number cannot be remembered in {self.directory}: {error.strerror or error}"
            ) from error

    def _path(self, list_id: str, signer: str) -> Path:
        return self.directory / f"{hashlib.sha256(f'{list_id} {signer}'.encode()).hexdigest()}.json"

    def _write(self, path: Path, content: Mapping[str, object]) -> None:
        aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            aside.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
