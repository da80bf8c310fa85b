"""A registry on disk: its public address is fixed, and found again by commands that do not name it."""

from pathlib import Path

import pytest

from registry.config import Settings
from registry.errors import NotConfigured
from registry.services import installation

from support.clock import START

ADDRESS = "http://127.0.0.1:8123"


@pytest.fixture
def there(tmp_path: Path) -> Settings:
    """A registry that was made for an address of its own."""
    settings = Settings(data=tmp_path / "var", base_url=ADDRESS)
    installation.initialize(settings, at=START)
    return settings


def test_commands_take_the_address_of_the_registry_that_is_there(there: Settings) -> None:
    assert installation.settings_in_use({"REGISTRY_DATA": str(there.data)}).base_url == ADDRESS


def test_another_address_on_old_data_is_refused_with_the_way_out(there: Settings) -> None:
    other = installation.settings_in_use(
        {"REGISTRY_DATA": str(there.data), "REGISTRY_BASE_URL": "http://127.0.0.1:9000"}
    )
    with pytest.raises(NotConfigured, match=f"REGISTRY_BASE_URL={ADDRESS}"):
        installation.require(other)


def test_without_a_registry_the_default_address_holds(tmp_path: Path) -> None:
    settings = installation.settings_in_use({"REGISTRY_DATA": str(tmp_path)})
    assert settings.base_url == Settings().base_url
    with pytest.raises(NotConfigured, match="registry init"):
        installation.require(settings)
