"""Words that only the registry itself may read, sealed before they reach the database: AES-256-GCM (NIST SP 800-38D).

The keys lie in a file of mode 0600 beside the data, apart from the database and its backups: whoever holds a copy of the
database alone reads none of it. It is not the key file of the lists, since web workers seal and open, and hold no key that
signs lists. The newest key seals; older ones still open, until two rotations have passed. Every change makes a new file,
which other processes see, so that a rotation needs no restart.
"""

import base64
import binascii
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.errors import NotConfigured, RegistryError
from registry.signing.key_file import locked, write_private

PREFIX: Final = "sealed:"
"""How a sealed text begins; then the id of its key, a colon, and nonce and ciphertext in base64url."""
VERSION: Final = 1
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
GENERATIONS: Final = 2
"""Keys that stay after a rotation: the new one, and the one before for what another process was just sealing."""


class SealsDamaged(NotConfigured):
    """The file of the keys cannot be read."""


class Unreadable(RegistryError):
    """A sealed text does not open: its key is gone, it was changed, or it was sealed for something else."""


class Seals:
    """The keys of one registry for what it seals; the first one is made when it is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def seal(self, text: str, about: str) -> str:
        """Return a text sealed with the newest key; it opens only for the same `about`, such as the id of its row."""
        key_id, key = next(iter(self._keys_or_first().items()))
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), about.encode())
        return f"{PREFIX}{key_id}:{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """Return the text of what was sealed for `about`; a text that never was sealed is returned as it is.

        Raises:
            Unreadable: the key is gone, or the text was changed, or sealed for something else.
        """
        if not sealed.startswith(PREFIX):
            return sealed
        key_id, _, encoded = sealed.removeprefix(PREFIX).partition(":")
        key = self._keys().get(key_id)
        if key is None:
            raise Unreadable(
                f"the key {key_id} that sealed this text is not in {self.path}; put back a copy of it"
            )
        try:
            data = base64.b64decode(encoded, altchars=b"-_", validate=True)
            return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise Unreadable(
                "this text was changed since it was sealed, or sealed for something else"
            ) from error

    def is_fresh(self, sealed: str) -> bool:
        """Whether a text is sealed with the newest key."""
        newest = next(iter(self._keys_or_first()))
        return sealed.startswith(f"{PREFIX}{newest}:")

    def add_key(self) -> str:
        """Make a key that seals from now on; older ones still open. Return its id (hex, 16 characters)."""
        with locked(self._placed()):
            key = secrets.token_bytes(KEY_BYTES)
            self._write({_id_of(key): key, **(self._keys() if self.path.exists() else {})})
        return _id_of(key)

    def drop_old_keys(self) -> int:
        """Let go of keys that nothing is sealed with any more, all but the newest `GENERATIONS`; return how many went."""
        with locked(self.path):
            keys = list(self._keys().items())
            self._write(dict(keys[:GENERATIONS]))
        return len(keys[GENERATIONS:])

    def _keys_or_first(self) -> dict[str, bytes]:
        if not self.path.exists():
            with locked(self._placed()):
                if not self.path.exists():  # nobody else was faster
                    key = secrets.token_bytes(KEY_BYTES)
                    self._write({_id_of(key): key})
        return self._keys()

    def _placed(self) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.path

    def _keys(self) -> dict[str, bytes]:
        """Return the keys by id, the newest first; none without a file."""
        try:
            content = json.loads(self.path.read_bytes())
            keys = [base64.b64decode(one, validate=True) for one in content["keys"]]
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError) as error:
            raise SealsDamaged(f"The key file {self.path} is damaged; put back a copy of it.") from error
        if content.get("version") != VERSION or not keys or any(len(key) != KEY_BYTES for key in keys):
            raise SealsDamaged(f"The key file {self.path} is damaged; put back a copy of it.")
        return {_id_of(key): key for key in keys}

    def _write(self, keys: dict[str, bytes]) -> None:
        content = {"version": VERSION, "keys": [base64.b64encode(key).decode() for key in keys.values()]}
        write_private(self.path, json.dumps(content, indent=1).encode() + b"\n")


def _id_of(key: bytes) -> str:
    return hashlib.sha256(b"issuer-registry seal" + key).hexdigest()[:16]
