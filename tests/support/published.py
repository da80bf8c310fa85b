"""Publishing what a town has decided, so that its public pages can be read."""

from pathlib import Path

from registry.config import Settings
from registry.editions import EditionStore
from registry.models.body import Scheme
from registry.services import list_keys, publication
from registry.services.edition_building import Publishing
from registry.signing.keys import KeyStore

from support.town import Town
from support.world import key_store


def publish(town: Town, folder: Path) -> None:
    """Publish everything with keys in `folder`, which are made the first time."""
    found: Settings = town.app.extensions["registry.settings"]
    keys = _keys(town, folder)
    with EditionStore(found.editions, found.base_url) as store:
        publishing = Publishing(town.database, store, keys, found.base_url)
        publication.publish(publishing, at=town.clock(), everything=True)


def _keys(town: Town, folder: Path) -> KeyStore:
    if folder.is_dir():
        return KeyStore.open(folder / "keys.json")
    keys = key_store(folder)
    with town.database.transaction() as session:
        scheme = session.get_one(Scheme, town.scheme_id)
        list_keys.first(session, keys, scheme, actor="operator", at=town.clock())
    return keys
