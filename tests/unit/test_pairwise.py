"""The generator of pairs itself: every pair is there, what cannot be is not, and few rows do."""

from itertools import product

import pytest

from support.pairwise import all_pairs, pairs_of

PARAMETERS = {"a": range(9), "b": "uvwxyz", "c": (True, False), "d": range(4)}


@pytest.fixture(scope="module")
def every_row() -> list[dict[str, object]]:
    return [dict(zip(PARAMETERS, values, strict=True)) for values in product(*PARAMETERS.values())]


def test_every_pair_of_values_stands_in_some_row(every_row: list[dict[str, object]]) -> None:
    rows = all_pairs(PARAMETERS, lambda _: True)
    wanted = {pair for row in every_row for pair in pairs_of(row)}
    assert {pair for row in rows for pair in pairs_of(row)} == wanted
    assert 54 <= len(rows) < 70


def test_rows_that_cannot_be_are_left_out_and_their_pairs_with_them(
    every_row: list[dict[str, object]],
) -> None:
    def sensible(row: dict[str, object]) -> bool:
        return row["b"] != "u" or row["c"] is True

    rows = all_pairs(PARAMETERS, sensible)
    assert all(map(sensible, rows))
    wanted = {pair for row in every_row if sensible(row) for pair in pairs_of(row)}
    assert {pair for row in rows for pair in pairs_of(row)} == wanted


def test_the_same_rows_come_every_time() -> None:
    assert all_pairs(PARAMETERS, lambda _: True) == all_pairs(PARAMETERS, lambda _: True)
