"""The encrypted key file: JSON with one PKCS#8 PEM (PBES2) per key, the passphrase stretched with scrypt.

The file names what each key is for in the clear; only private keys are secret. It is written whole to a new
file of mode 0600 that then takes the place of the old one, so a crash leaves one or the other.
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from registry.errors import Conflict, NotConfigured

VERSION = 1
SCRYPT_COST = 2**15
"""Stretching of a passphrase that a person chose, about 0.1 s and 32 MiB."""
SCRYPT_COST_RANDOM = 2**4
"""A generated passphrase has 256 random bits and gains nothing from stretching."""


class KeyFileMissing(NotConfigured):
    """There is no key file, or no passphrase for it."""


class KeyFileDamaged(NotConfigured):
    """The key file cannot be read."""


class WrongPassphrase(NotConfigured):
    """The passphrase does not open the key file."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The stretched passphrase, and how it was stretched; encrypts and decrypts single keys."""

    salt: bytes
    cost: int
    secret: bytes = field(repr=False)

    @classmethod
    def derive(cls, passphrase: str, salt: bytes, cost: int) -> "Vault":
        """Return the vault of a passphrase (RFC 7914; r = 8, p = 1)."""
        secret = hashlib.scrypt(passphrase.encode(), salt=salt, n=cost, r=8, p=1, maxmem=2**27)
        return cls(salt, cost, base64.b64encode(secret))

    def encrypt(self, key: ec.EllipticCurvePrivateKey) -> str:
        """Return the key as an encrypted PKCS#8 PEM."""
        encryption = serialization.BestAvailableEncryption(self.secret)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        return pem.decode("ascii")

    def decrypt(self, pem: str) -> ec.EllipticCurvePrivateKey:
        """Return the key of an encrypted PEM.

        Raises:
            WrongPassphrase: it was encrypted under another passphrase.
            KeyFileDamaged: it is no P-256 key.
        """
        try:
            key = serialization.load_pem_private_key(pem.encode(), self.secret)
        except ValueError as error:
            raise WrongPassphrase(
                "The passphrase does not open the key file; set REGISTRY_KEY_PASSPHRASE to the one it was "
                "created with, or unset it if the passphrase was generated."
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyFileDamaged("The key file holds a key that is not on the curve P-256.")
        return key


def passphrase_path(path: Path) -> Path:
    """Return where the generated passphrase of a key file lies: beside it."""
    return path.with_name(path.name + ".passphrase")


def read_passphrase(path: Path, given: str) -> str:
    """Return the passphrase that was given, or else the generated one beside the key file.

    Raises:
        KeyFileMissing: neither exists.
    """
    if given:
        return given
    try:
        return passphrase_path(path).read_text("ascii").strip()
    except FileNotFoundError as error:
        raise KeyFileMissing(
            f"No passphrase for the key file {path}: set REGISTRY_KEY_PASSPHRASE, or put back the generated "
            f"file {passphrase_path(path)}."
        ) from error


def generate_passphrase(path: Path) -> str:
    """Write a new random passphrase beside the key file, mode 0600, and return it."""
    passphrase = secrets.token_urlsafe(32)
    write_private(passphrase_path(path), passphrase.encode() + b"\n")
    return passphrase


def read_file(path: Path) -> dict[str, Any]:
    """Return the JSON object of a key file.

    Raises:
        KeyFileMissing: there is no such file.
        KeyFileDamaged: it is no key file of this version.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise KeyFileMissing(f"There is no key file at {path}; `registry init` creates it.") from error
    except ValueError as error:
        raise KeyFileDamaged(f"The key file {path} is damaged; put back a copy of it.") from error
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise KeyFileDamaged(f"{path} is not a key file of version {VERSION}.")
    return content


def write_file(path: Path, content: Mapping[str, object], *, new: bool = False) -> None:
    """Write a key file in one step; `new` refuses to take the place of an existing one.

    Raises:
        Conflict: `new`, and the file exists.
    """
    if new and path.exists():
        raise Conflict(f"There is a key file at {path} already; it is not overwritten.")
    write_private(path, json.dumps(content, indent=1).encode() + b"\n")


def write_private(path: Path, data: bytes) -> None:
    """Put `data` at `path` with mode 0600: written aside, flushed to disk, renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a key file, so that two processes never overwrite each other's new key."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
