"""A registry on disk: what `registry init` prepares, and what must not change under it afterwards.

The public base URL is signed into every document, so data made under one address is not served under another.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from registry import migrate
from registry.config import LONGEST_NAME, Settings
from registry.database import Database
from registry.domain.operator import Operator
from registry.editions import EditionStore
from registry.errors import NotConfigured
from registry.publishers.traits import REGISTRY
from registry.services import list_keys
from registry.signing.keys import KeyStore, Use

FILE = "registry.json"


@dataclass(frozen=True, slots=True)
class Installation:
    """What is fixed for the life of a registry. `demo` marks a registry that shows invented institutions.

    `operator` signs the documents of the whole registry; None in registries made before there were any.
    """

    base_url: str
    created_at: str
    demo: bool
    operator: Operator | None = None


def initialize(settings: Settings, *, demo: bool = False, at: datetime) -> Installation:
    """Prepare an empty registry: directories, database at the newest revision, key file, edition store. Safe to repeat.

    Raises:
        NotConfigured: there is a registry already, made for another address.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = find(settings)
    if there is not None:
        require(settings)
    migrate.upgrade(settings.sqlalchemy_url)
    if not settings.keys.exists():
        KeyStore.create(settings.keys, settings.key_passphrase)
    EditionStore(settings.editions, settings.base_url).close()
    for folder in (settings.evidence, settings.data / "mail"):
        folder.mkdir(exist_ok=True, mode=0o700)
    created = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made = there or _write(settings, Installation(settings.base_url, created, demo, _operator(settings)))
    keys = KeyStore.open(settings.keys, settings.key_passphrase)
    if not keys.records(Use.LIST, REGISTRY):
        list_keys.make_registry_key(keys, fixed_operator(settings), at)
    return made


def settings_in_use(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings from the environment; where it names no public address, that of the registry that is there."""
    settings = Settings.from_environment(environ)
    there = None if environ.get("REGISTRY_BASE_URL") else find(settings)
    return replace(settings, base_url=there.base_url) if there else settings


def find(settings: Settings) -> Installation | None:
    """Return what is in the data directory, or None."""
    path = _path(settings)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text())
        operator = content.pop("operator", None)
        return Installation(**content, operator=Operator(**operator) if operator else None)
    except (ValueError, TypeError) as error:
        raise NotConfigured(f"{path} is damaged; put back a copy of it") from error


def require(settings: Settings) -> Installation:
    """Return the registry in the data directory.

    Raises:
        NotConfigured: there is none, or it was made for another address; the message says the way out.
    """
    there = find(settings)
    if there is None:
        raise NotConfigured(f"there is no registry in {settings.data}: run `registry init` first")
    if there.base_url != settings.base_url:
        raise NotConfigured(
            f"the registry in {settings.data} was made for {there.base_url}, and that address is signed into its "
            f"documents; start it with REGISTRY_BASE_URL={there.base_url}, or choose another data directory for "
            f"{settings.base_url}"
        )
    return there


def require_ready(settings: Settings) -> Installation:
    """Return the registry if its database is at the program's revision too."""
    there = require(settings)
    database = Database(settings.sqlalchemy_url)
    try:
        migrate.require_head(database.engine)
    finally:
        database.dispose()
    return there


def _write(settings: Settings, installation: Installation) -> Installation:
    path = _path(settings)
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(asdict(installation), indent=2, ensure_ascii=False) + "\n")
    temporary.replace(path)
    return installation


def fixed_operator(settings: Settings) -> Operator:
    """Return who runs the registry; where that was never fixed, the settings are, because it is signed from now on."""
    there = require(settings)
    if there.operator is None:
        there = _write(settings, replace(there, operator=_operator(settings)))
    return there.operator or Operator()


def _operator(settings: Settings) -> Operator:
    """Return the operator as the settings name it; what they leave out says no more than the address does."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    plain = Operator()
    return Operator(
        name=settings.operator_name or f"Operator of {host}"[:LONGEST_NAME],
        territory=settings.operator_territory or plain.territory,
        email=settings.operator_email or f"registry@{host}",
        website=settings.base_url,
        street=settings.operator_street,
        locality=settings.operator_locality,
        postal_code=settings.operator_postal_code,
    )


def _path(settings: Settings) -> Path:
    return settings.data / FILE
