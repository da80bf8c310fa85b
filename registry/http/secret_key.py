"""The secret that signs form tokens: made once, kept beside the data, shared by all workers."""

import os
import secrets
from pathlib import Path


def load_secret_key(directory: Path) -> str:
    """Return the secret in `directory` (64 hex characters), making it (mode 0600) if there is none.

    Two workers that start at once agree: only one file can get the name.
    """
    path = directory / "session.secret"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        fresh = directory / f".session.secret.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
