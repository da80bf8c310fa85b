"""The key store: keys with one use each, in generations, in an encrypted file.

A *line* of keys is a use and, for lists, a scheme. It has at most one `active` key, which signs, at most one
`next` key, which is announced, and any number of `retired` ones, kept so that old signatures can be verified.
`rotate` moves a line on by one. A key never changes its use, and signing for another use is refused.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.errors import Conflict, NotFound, RegistryError
from registry.signing.authority import AUTHORITY_LIFE, authority_certificate, issue_scheme_certificate
from registry.signing.certificates import CertificateSubject, scheme_certificate, to_pem
from registry.signing.key_file import (
    SCRYPT_COST,
    SCRYPT_COST_RANDOM,
    VERSION,
    KeyFileDamaged,
    KeyFileMissing,
    Vault,
    WrongPassphrase,
    generate_passphrase,
    locked,
    read_file,
    read_passphrase,
    write_file,
)
from registry.signing.key_records import (
    AuthorityLine,
    Generation,
    KeptKey,
    KeyRecord,
    Use,
    kept_to_wire,
    parse_kept,
)
from registry.signing.signers import EcSigner, Signer

__all__ = [
    "AuthorityLine",
    "EcSigner",
    "Generation",
    "KeyFileDamaged",
    "KeyFileMissing",
    "KeyRecord",
    "KeyStore",
    "Signer",
    "Use",
    "WrongPassphrase",
    "WrongUse",
]
CERTIFICATE_LIFE = timedelta(days=3 * 365)
CERTIFIED = (Use.LIST, Use.AUTHORITY)
"""Uses whose keys have a certificate."""


class WrongUse(RegistryError):
    """A key was asked to do what it is not for."""


class KeyStore:
    """The keys of one registry. A change is on disk before its method returns, and other processes see it."""

    def __init__(self, path: Path, vault: Vault, *, passphrase_generated: bool) -> None:
        self.path = path
        self.passphrase_generated = passphrase_generated
        self._vault = vault
        self._keys: dict[str, KeptKey] = {}
        self._read: os.stat_result | None = None
        self._opened: dict[str, ec.EllipticCurvePrivateKey] = {}

    @classmethod
    def create(cls, path: Path, passphrase: str = "") -> "KeyStore":
        """Make an empty key file. Without a passphrase one is generated into a file of mode 0600 beside it.

        Raises:
            Conflict: there is a key file already.
        """
        if path.exists():
            raise Conflict(f"There is a key file at {path} already; it is not overwritten.")
        path.parent.mkdir(parents=True, exist_ok=True)
        cost = SCRYPT_COST if passphrase else SCRYPT_COST_RANDOM
        vault = Vault.derive(passphrase or generate_passphrase(path), os.urandom(16), cost)
        store = cls(path, vault, passphrase_generated=not passphrase)
        # A throw-away key tells a wrong passphrase from a right one while the store is empty.
        check = vault.encrypt(ec.generate_private_key(ec.SECP256R1()))
        write_file(path, {**store._wire(), "check": check}, new=True)
        return store

    @classmethod
    def open(cls, path: Path, passphrase: str = "") -> "KeyStore":
        """Open a key file with the passphrase given, or with the generated one beside it.

        Raises:
            KeyFileMissing: no key file, or no passphrase for it.
            KeyFileDamaged: it cannot be read.
            WrongPassphrase: the passphrase does not fit.
        """
        content = read_file(path)
        secret = read_passphrase(path, passphrase)
        try:
            salt, cost = base64.b64decode(content["kdf"]["salt"]), int(content["kdf"]["n"])
            vault = Vault.derive(secret, salt, cost)
            vault.decrypt(content["check"])
        except (KeyError, TypeError, ValueError) as error:
            raise KeyFileDamaged(f"The key file {path} is damaged; put back a copy of it.") from error
        store = cls(path, vault, passphrase_generated=not passphrase)
        store.reload()
        return store

    def reload(self) -> None:
        """Read the file again."""
        status = self.path.stat()
        self._take(read_file(self.path))
        self._read = status

    def _refresh(self) -> None:
        """See what another process changed: a rotation needs no restart. Every write makes a new file."""
        try:
            status = self.path.stat()
        except FileNotFoundError as error:
            raise KeyFileMissing(f"The key file {self.path} is gone; put back a copy of it.") from error
        known = self._read
        if known is None or (status.st_ino, status.st_mtime_ns) != (known.st_ino, known.st_mtime_ns):
            self.reload()

    def generate(
        self,
        key_id: str,
        use: Use,
        *,
        at: datetime,
        scheme: str = "",
        subject: CertificateSubject | None = None,
        life: timedelta | None = None,
    ) -> KeyRecord:
        """Make a key: the active one if its line has none, else the next one.

        Keys of lists and of authorities need a line (`scheme`) and a certificate subject; the certificate is valid from
        `at` for `life`. That of a list is issued by the registry's authority for lists where there is one, else by itself.

        Raises:
            Conflict: the id is taken, or the line has a next key already, or the authority's certificate is over.
            ValueError: a key of a list or an authority without line or subject.
        """
        if use in CERTIFIED and not (scheme and subject):
            raise ValueError(f"a key for {use} needs its line and the subject of its certificate")
        private = ec.generate_private_key(ec.SECP256R1())
        certificates = (self._certificate(use, subject, private, at, life),) if subject else ()
        with locked(self.path):
            self.reload()
            generation = self._place_for(key_id, use, scheme)
            record = KeyRecord(
                key_id=key_id,
                use=use,
                scheme=scheme,
                generation=generation,
                created_at=at,
                activated_at=at if generation is Generation.ACTIVE else None,
                retired_at=None,
                certificates=certificates,
                public_key=_public_der(private),
            )
            self._save({key_id: KeptKey(record, self._vault.encrypt(private))})
        return record

    def _certificate(
        self,
        use: Use,
        subject: CertificateSubject,
        private: ec.EllipticCurvePrivateKey,
        at: datetime,
        life: timedelta | None,
    ) -> bytes:
        if use is Use.AUTHORITY:
            window = (at, at + (life or AUTHORITY_LIFE))
            return authority_certificate(subject, EcSigner("new", private), private.public_key(), window)
        window = (at, at + (life or CERTIFICATE_LIFE))
        authority = self.authority(AuthorityLine.LISTS)
        if authority is None:
            return scheme_certificate(subject, private, *window)
        return issue_scheme_certificate(subject, private.public_key(), window, authority)

    def authority(self, line: AuthorityLine) -> Signer | None:
        """Return what issues certificates in a line, or None where the registry has no such authority."""
        self._refresh()
        found = self._find(Use.AUTHORITY, line, Generation.ACTIVE)
        return self.signer(found.record.key_id, Use.AUTHORITY) if found else None

    def rotate(self, use: Use, scheme: str = "", *, at: datetime) -> KeyRecord:
        """Retire the active key of a line and activate the announced one; return it.

        Raises:
            Conflict: no next key was announced.
        """
        with locked(self.path):
            self.reload()
            upcoming = self._find(use, scheme, Generation.NEXT)
            if upcoming is None:
                raise Conflict(
                    f"No next key is announced for {_line(use, scheme)}; generate and publish one first."
                )
            changes = {upcoming.record.key_id: _moved(upcoming, Generation.ACTIVE, activated_at=at)}
            current = self._find(use, scheme, Generation.ACTIVE)
            if current is not None:
                changes[current.record.key_id] = _moved(current, Generation.RETIRED, retired_at=at)
            self._save(changes)
        return changes[upcoming.record.key_id].record

    def records(self, use: Use | None = None, scheme: str | None = None) -> tuple[KeyRecord, ...]:
        """Return what is public about the keys, oldest first."""
        self._refresh()
        found = (kept.record for kept in self._keys.values())
        chosen = (r for r in found if use in (None, r.use) and scheme in (None, r.scheme))
        return tuple(sorted(chosen, key=lambda record: (record.created_at, record.key_id)))

    def signer(self, name: str, use: Use = Use.LIST) -> Signer:
        """Return the signer of a key id, or of the active key of a scheme (other uses: by the use's name).

        Raises:
            NotFound: no such key.
            WrongUse: the key is for something else.
            Conflict: the key is announced or retired.
        """
        kept = self._named(name, use)
        record = kept.record
        if record.use is not use or use is Use.SESSION:
            raise WrongUse(f"Key {record.key_id} is for {record.use}; it does not sign as {use}.")
        if record.generation is not Generation.ACTIVE:
            raise Conflict(f"Key {record.key_id} is {record.generation}; only the active key signs.")
        return EcSigner(record.key_id, self._private(kept), record.certificates)

    def secret(self, name: str = Use.SESSION) -> bytes:
        """Return 32 secret bytes of a session key, for cookies and form tokens.

        Raises:
            NotFound: no such key.
            WrongUse: the key is not a session key.
        """
        kept = self._named(name, Use.SESSION)
        if kept.record.use is not Use.SESSION:
            raise WrongUse(f"Key {kept.record.key_id} is for {kept.record.use}; it gives no session secret.")
        scalar = self._private(kept).private_numbers().private_value.to_bytes(32, "big")
        return HKDF(hashes.SHA256(), 32, salt=None, info=b"issuer-registry session secret").derive(scalar)

    def certificates(self, scheme: str, *, retired: bool = False, use: Use = Use.LIST) -> str:
        """Return the certificates of a scheme's list keys, or of another line, as PEM: active, announced, then retired."""
        order = [Generation.ACTIVE, Generation.NEXT, *([Generation.RETIRED] if retired else [])]
        records = self.records(use, scheme)
        chosen = [record for generation in order for record in records if record.generation is generation]
        return "".join(to_pem(certificate) for record in chosen for certificate in record.certificates)

    def _named(self, name: str, use: Use) -> KeptKey:
        self._refresh()
        scheme = "" if name == use else name
        kept = self._keys.get(name) or self._find(use, scheme, Generation.ACTIVE)
        if kept is None:
            raise NotFound(f"There is no key {name} for {use} in {self.path}; `registry keys` lists them.")
        return kept

    def _private(self, kept: KeptKey) -> ec.EllipticCurvePrivateKey:
        """Return the private half, decrypted once for as long as the file says the same: that takes milliseconds."""
        private = self._opened.get(kept.encrypted) or self._vault.decrypt(kept.encrypted)
        if _public_der(private) != kept.record.public_key:
            raise KeyFileDamaged(f"Key {kept.record.key_id} in {self.path} does not fit its public half.")
        self._opened[kept.encrypted] = private
        return private

    def _find(self, use: Use, scheme: str, generation: Generation) -> KeptKey | None:
        wanted = (use, scheme, generation)
        kept = (
            k for k in self._keys.values() if (k.record.use, k.record.scheme, k.record.generation) == wanted
        )
        return next(kept, None)

    def _place_for(self, key_id: str, use: Use, scheme: str) -> Generation:
        if key_id in self._keys:
            raise Conflict(f"There is a key {key_id} already; key ids are never reused.")
        if self._find(use, scheme, Generation.ACTIVE) is None:
            return Generation.ACTIVE
        if self._find(use, scheme, Generation.NEXT) is not None:
            raise Conflict(f"A next key for {_line(use, scheme)} is announced already; rotate to it first.")
        return Generation.NEXT

    def _save(self, changes: Mapping[str, KeptKey]) -> None:
        keys = {**self._keys, **changes}
        content = read_file(self.path)
        write_file(self.path, {**content, "keys": [kept_to_wire(kept) for kept in keys.values()]})
        self._keys = keys

    def _wire(self) -> dict[str, object]:
        kdf = {"name": "scrypt", "n": self._vault.cost, "salt": base64.b64encode(self._vault.salt).decode()}
        return {"version": VERSION, "kdf": kdf, "keys": []}

    def _take(self, content: Mapping[str, Any]) -> None:
        try:
            kept = [parse_kept(item) for item in content["keys"]]
        except (KeyError, TypeError, ValueError) as error:
            raise KeyFileDamaged(f"The key file {self.path} is damaged; put back a copy of it.") from error
        self._keys = {item.record.key_id: item for item in kept}


def _line(use: Use, scheme: str) -> str:
    return f"{use} of scheme {scheme}" if scheme else str(use)


def _moved(kept: KeptKey, generation: Generation, **instants: datetime) -> KeptKey:
    return KeptKey(replace(kept.record, generation=generation, **instants), kept.encrypted)  # type: ignore[arg-type]


def _public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
