"""All pairs: few rows in which any two values of any two parameters stand together at least once."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import combinations, product

Row = dict[str, Hashable]
Pair = tuple[tuple[str, Hashable], tuple[str, Hashable]]
Parameters = Mapping[str, Sequence[Hashable]]
Sense = Callable[[Row], bool]


def all_pairs(parameters: Parameters, makes_sense: Sense) -> list[Row]:
    """Return rows that hold every pair of values that some sensible row holds; the same ones every time.

    Rows are taken greedily: for the first pair that no row holds yet, the sensible row with that pair that holds most others
    of such. Pairs of the parameters with most values come first, since their rows take in most of the rest.
    `parameters` names the values of each; `makes_sense` rules out rows that cannot be.
    """
    names = combinations(sorted(parameters, key=lambda name: (-len(parameters[name]), name)), 2)
    pairs = [
        _pair((one, a), (other, b))
        for one, other in names
        for a, b in product(parameters[one], parameters[other])
    ]
    missing = {pair for pair in pairs if next(_rows_with(pair, parameters, makes_sense), None) is not None}
    rows: list[Row] = []
    for wanted in pairs:
        if wanted in missing:
            rows.append(max(_rows_with(wanted, parameters, makes_sense), key=lambda row: _gain(row, missing)))
            missing.difference_update(pairs_of(rows[-1]))
    return rows


def pairs_of(row: Row) -> Iterator[Pair]:
    """Yield every two values of a row, with their names."""
    return combinations(sorted(row.items(), key=lambda item: item[0]), 2)


def _pair(one: tuple[str, Hashable], other: tuple[str, Hashable]) -> Pair:
    return (one, other) if one[0] < other[0] else (other, one)


def _gain(row: Row, missing: set[Pair]) -> int:
    return sum(pair in missing for pair in pairs_of(row))


def _rows_with(pair: Pair, parameters: Parameters, makes_sense: Sense) -> Iterator[Row]:
    fixed = dict(pair)
    choices = [[fixed[name]] if name in fixed else values for name, values in parameters.items()]
    for chosen in product(*choices):
        row = dict(zip(parameters, chosen, strict=True))
        if makes_sense(row):
            yield row
