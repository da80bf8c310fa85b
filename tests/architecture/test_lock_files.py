"""The lock files pin, by hash, what pyproject.toml asks for, and name no place to fetch it from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAIN = PROJECT["project"]["dependencies"]
DEV = PROJECT["dependency-groups"]["dev"] + PROJECT["build-system"]["requires"]


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+) \\$", text, flags=re.MULTILINE))


def _meets(pins: dict[str, str], line: Requirement) -> bool:
    pin = pins.get(canonicalize_name(line.name))
    return pin is not None and line.specifier.contains(pin, prereleases=True)


@pytest.mark.parametrize(("name", "wanted"), [("main.txt", MAIN), ("dev.txt", MAIN + DEV)])
def test_each_requirement_is_pinned_in_its_range(name: str, wanted: list[str]) -> None:
    pins = _pins(name)
    unmet = [line for line in map(Requirement, wanted) if not _meets(pins, line)]
    assert unmet == [], "run `make lock`"


def test_both_lock_files_pin_the_same_versions() -> None:
    main, dev = _pins("main.txt"), _pins("dev.txt")
    assert main == {name: version for name, version in dev.items() if name in main}


def test_lock_files_name_no_address() -> None:
    locks = [*(ROOT / "requirements").glob("*.txt"), *(ROOT / "tests" / "node").glob("package-lock.json")]
    addressed = [
        lock.name for lock in locks if re.search(r'"resolved"|--index|--find-links|@ http', lock.read_text())
    ]
    assert addressed == []
