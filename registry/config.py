"""Settings, read once from the environment; every field has a default that is safe when absent."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from registry.domain.countries import COUNTRIES
from registry.errors import NotConfigured

LONGEST_NAME = 64
"""Most characters of a name in a certificate (RFC 5280, A.1: ub-organization-name)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set. The environment names are the field names in capitals with `REGISTRY_` before them."""

    data: Path = Path("var")
    """Directory of everything the registry keeps on disk: keys, evidence, editions, mail, and the SQLite database."""
    database_url: str = ""
    """SQLAlchemy URL; empty means a SQLite file in `data`. `postgresql://` means psycopg 3."""
    base_url: str = "http://127.0.0.1:8000"
    """Public address without a trailing slash. It is signed into documents and fixed at `registry init`."""
    policies: Path | None = None
    """A further directory of policy files, beside the ones in the package."""
    key_passphrase: str = field(default="", repr=False)
    """Passphrase of the key file; empty means a generated file beside it."""
    trusted_hosts: tuple[str, ...] = ()
    """Host names requests may name; empty means the host of `base_url` and the loopback names."""
    upload_limit: int = 20 * 2**20
    """Most bytes of one evidence file."""
    case_upload_limit: int = 500 * 2**20
    """Most bytes of all evidence of one application."""
    operator_name: str = ""
    """Legal name of who runs the registry, at most 64 characters; with the next ones it is fixed at `registry init`."""
    operator_territory: str = ""
    """Country of the operator, two capital letters of ISO 3166-1."""
    operator_email: str = ""
    """Address under which the operator is reached."""
    operator_street: str = ""
    """Street and number of the operator's seat."""
    operator_locality: str = ""
    """Town of the operator's seat."""
    operator_postal_code: str = ""
    """Postal code of the operator's seat."""
    debounce_seconds: int = 60
    """Least seconds between two publications of one monolithic list under load."""
    smtp_url: str = ""
    """`smtp://host:port`; empty means mail is written to files below `data`."""
    proxies: int = 0
    """Number of reverse proxies in front that set the forwarded headers."""
    signals: bool = True
    """Whether the worker looks at sites and DID documents of listed issuers; never from an address that is not https."""

    @property
    def sqlalchemy_url(self) -> str:
        """Return the URL of the write database."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'registry.sqlite'}"

    @property
    def editions(self) -> Path:
        """Return the directory of the edition store."""
        return self.data / "editions"

    @property
    def keys(self) -> Path:
        """Return the encrypted key file."""
        return self.data / "keys.json"

    @property
    def seals(self) -> Path:
        """Return the file of the keys that seal how to reach whoever complained; no backup of the database holds it."""
        return self.data / "seals.json"

    @property
    def evidence(self) -> Path:
        """Return the directory of evidence files, outside the web root."""
        return self.data / "evidence"

    @property
    def secure(self) -> bool:
        """Whether the public address is https, so that cookies must be too."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def looks_outside(self) -> bool:
        """Whether the worker looks outside by itself: switched on, and run for others than the people at this machine."""
        return self.signals and self.secure

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the host names that requests may name."""
        return self.trusted_hosts or (
            urlsplit(self.base_url).hostname or "",
            "127.0.0.1",
            "localhost",
            "[::1]",
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read `REGISTRY_*`.

        Raises:
            NotConfigured: a value cannot be read; the message names the variable.
        """
        given = {name: environ[key] for name, key in _VARIABLES.items() if environ.get(key)}
        values: dict[str, object] = {}
        for name, text in given.items():
            try:
                values[name] = _READERS.get(name, str)(text)
            except ValueError as error:
                raise NotConfigured(f"{_VARIABLES[name]} cannot be read: {error}") from error
        return cls(**values)  # type: ignore[arg-type]  # the readers give the field types


def _read_base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("give an absolute http or https address such as https://registry.example.org")
    return text.rstrip("/")


def _read_territory(text: str) -> str:
    if text not in COUNTRIES:
        raise ValueError("write two capital letters of ISO 3166-1, such as PL")
    return text


def _read_name(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise ValueError(f"a certificate holds at most {LONGEST_NAME} characters of it")
    return text


def _read_switch(text: str) -> bool:
    known = {
        "1": True,
        "yes": True,
        "true": True,
        "on": True,
        "0": False,
        "no": False,
        "false": False,
        "off": False,
    }
    if text.lower() not in known:
        raise ValueError("write on or off")
    return known[text.lower()]


_READERS: Mapping[str, Callable[[str], object]] = {
    "data": Path,
    "policies": Path,
    "base_url": _read_base_url,
    "trusted_hosts": lambda text: tuple(host.strip() for host in text.split(",") if host.strip()),
    "upload_limit": int,
    "case_upload_limit": int,
    "debounce_seconds": int,
    "operator_name": _read_name,
    "operator_territory": _read_territory,
    "proxies": int,
    "signals": _read_switch,
}
_VARIABLES = {name: f"REGISTRY_{name.upper()}" for name in Settings.__dataclass_fields__}
