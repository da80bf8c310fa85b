"""Sealed words: only the registry's key opens them, only where they belong, and a rotation loses nothing."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.signing.sealing import GENERATIONS, Seals, SealsDamaged, Unreadable


@pytest.fixture
def seals(tmp_path: Path) -> Seals:
    return Seals(tmp_path / "data" / "seals.json")


def test_what_is_sealed_opens_for_what_it_was_sealed_for_alone(seals: Seals) -> None:
    sealed = seals.seal("zofia@learner.example", "row 1")
    assert "zofia" not in sealed
    assert sealed != seals.seal("zofia@learner.example", "row 1"), "equal words do not look equal"
    assert seals.open(sealed, "row 1") == "zofia@learner.example"
    with pytest.raises(Unreadable):
        seals.open(sealed, "row 2")


def test_words_that_never_were_sealed_are_returned_as_they_are(seals: Seals) -> None:
    assert seals.open("zofia@learner.example", "row 1") == "zofia@learner.example"
    assert not seals.is_fresh("zofia@learner.example")


def test_a_changed_text_and_a_foreign_key_do_not_open(seals: Seals, tmp_path: Path) -> None:
    sealed = seals.seal("zofia@learner.example", "row 1")
    for broken in (sealed[:-3], sealed + "A", sealed.replace(":", ":A", 2), sealed[: sealed.rindex(":") + 1]):
        with pytest.raises(Unreadable):
            seals.open(broken, "row 1")
    with pytest.raises(Unreadable, match="put back a copy"):
        Seals(tmp_path / "elsewhere.json").open(sealed, "row 1")


def test_the_keys_are_for_nobody_else_to_read(seals: Seals) -> None:
    seals.seal("x", "row")
    assert stat.S_IMODE(seals.path.stat().st_mode) == 0o600


def test_a_rotation_needs_no_restart_and_old_keys_go_after_two(seals: Seals) -> None:
    running = Seals(seals.path)
    old = running.seal("x", "row")
    first = seals.add_key()
    assert running.seal("x", "row").startswith(f"sealed:{first}:")
    assert (running.open(old, "row"), running.is_fresh(old)) == ("x", False)
    assert seals.drop_old_keys() == 0
    assert running.open(old, "row") == "x"
    seals.add_key()
    assert seals.drop_old_keys() == 1
    assert len(json.loads(seals.path.read_text())["keys"]) == GENERATIONS
    with pytest.raises(Unreadable):
        running.open(old, "row")


def test_many_that_begin_at_once_agree_on_the_first_key(seals: Seals) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda number: Seals(seals.path).seal(str(number), "row"), range(24)))
    assert [seals.open(one, "row") for one in sealed] == [str(number) for number in range(24)]
    assert len(json.loads(seals.path.read_text())["keys"]) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"version": 1, "keys": []}',
        '{"version": 1, "keys": ["AA=="]}',
        '{"version": 2, "keys": []}',
    ],
)
def test_a_damaged_file_is_said_to_be_damaged_and_never_overwritten(seals: Seals, content: str) -> None:
    seals.path.parent.mkdir()
    seals.path.write_text(content)
    for act in (lambda: seals.seal("x", "row"), seals.add_key, seals.drop_old_keys):
        with pytest.raises(SealsDamaged, match="put back a copy"):
            act()
    assert seals.path.read_text() == content
