"""Sets of grants as sets of questions: containment, intersection, canonical form.

A scope *means* the set of questions that it covers. To compare scopes, each grant becomes a box: one set of
atoms per dimension, over the atoms that the grants at hand can tell apart. The atom `UNLIMITED` stands for
every question that only a grant without a limit covers: one that says nothing in this dimension, or names a
value that no grant names.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.domain.grants import Grant, Level, LevelMark, Mode
from registry.domain.isced import leaves, shortest
from registry.errors import InvalidInput

Atom = Hashable
Box = tuple[frozenset[Atom], ...]
Row = tuple[Any, ...]  # one value per dimension left, in the order of a grant's constructor below
Rows = frozenset[Row]
UNLIMITED = "unlimited"
MOST_ROWS = 500
"""Most grants that a canonical form may need: entangled grants could need millions, and nobody could read them."""
CLAIMED_LEVELS = frozenset(Level(value) for value in range(1, 9))


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The values that the grants at hand name in the dimensions without a closed list."""

    languages: frozenset[str]
    programmes: frozenset[str]
    ects: frozenset[Decimal]


def covers(outer: Iterable[Grant], inner: Iterable[Grant]) -> bool:
    """Tell whether every question that `inner` covers is covered by `outer`."""
    outer, inner = tuple(outer), tuple(inner)
    words = _vocabulary(outer + inner)
    cutters = [_box(grant, words) for grant in outer]
    return all(not _remainder(_box(grant, words), cutters) for grant in inner)


def intersect(a: Iterable[Grant], b: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return, in canonical form, the grants for exactly the questions that both cover.

    Raises:
        InvalidInput: the result needs more than `MOST_ROWS` grants.
    """
    a, b = tuple(a), tuple(b)
    words = _vocabulary(a + b)
    right = [_box(grant, words) for grant in b]
    common = (_meet(_box(grant, words), box) for grant in a for box in right)
    return _canonical(frozenset(box for box in common if all(box)))


def canonical(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return the one form of all grants that mean the same, whatever their order, overlap or splitting.

    Raises:
        InvalidInput: it needs more than `MOST_ROWS` grants.
    """
    grants = tuple(grants)
    words = _vocabulary(grants)
    return _canonical(frozenset(_box(grant, words) for grant in grants))


def _vocabulary(grants: Iterable[Grant]) -> _Vocabulary:
    grants = tuple(grants)
    return _Vocabulary(
        frozenset().union(*(grant.languages for grant in grants)),
        frozenset().union(*(grant.programmes for grant in grants)),
        frozenset(grant.max_ects for grant in grants if grant.max_ects is not None),
    )


def _box(grant: Grant, words: _Vocabulary) -> Box:
    ects = frozenset(bound for bound in words.ects if grant.max_ects is None or bound <= grant.max_ects)
    return (
        frozenset[Atom]().union(*(leaves(code) for code in grant.fields)),
        _level_atoms(grant.levels),
        grant.credential_types,
        grant.countries,
        grant.modes or frozenset((*Mode, UNLIMITED)),
        grant.languages or words.languages | {UNLIMITED},
        grant.programmes or words.programmes | {UNLIMITED},
        ects | {UNLIMITED} if grant.max_ects is None else ects,
    )


def _level_atoms(levels: frozenset[Level]) -> frozenset[Atom]:
    """A referenced level covers the claimed one too; no levels at all cover every claimed one."""
    return levels | {Level(level.value) for level in levels} if levels else CLAIMED_LEVELS | {UNLIMITED}


def _meet(a: Box, b: Box) -> Box:
    return tuple(left & right for left, right in zip(a, b, strict=True))


def _remainder(box: Box, cutters: Iterable[Box]) -> list[Box]:
    """Return disjoint boxes that make up `box` without the cutters."""
    pieces = [box]
    for cutter in cutters:
        pieces = [rest for piece in pieces for rest in _cut(piece, cutter)]
    return pieces


def _cut(box: Box, cutter: Box) -> Iterator[Box]:
    if not all(_meet(box, cutter)):
        yield box
        return
    for position, (mine, theirs) in enumerate(zip(box, cutter, strict=True)):
        if mine - theirs:
            yield (*_meet(box[:position], cutter[:position]), mine - theirs, *box[position + 1 :])


def _canonical(boxes: frozenset[Box]) -> tuple[Grant, ...]:
    grants = (_grant(row) for row in _rows(boxes, 0))
    return tuple(sorted(grants, key=order))


def _grant(row: Row) -> Grant:
    fields, levels, types, countries, modes, languages, programmes, max_ects = row
    return Grant(
        fields=shortest(fields),
        levels=levels,
        credential_types=types,
        countries=countries,
        modes=modes,
        languages=languages,
        programmes=programmes,
        max_ects=max_ects,
    )


def order(grant: Grant) -> tuple[Any, ...]:
    """Return the key by which grants are sorted: dimension by dimension, values in their own order."""
    return (
        sorted(grant.fields),
        sorted(grant.levels),
        sorted(grant.credential_types),
        sorted(grant.countries),
        sorted(grant.modes),
        sorted(grant.languages),
        sorted(grant.programmes),
        grant.max_ects if grant.max_ects is not None else Decimal("Infinity"),
    )


def _rows(boxes: frozenset[Box], dimension: int) -> Rows:
    """Return the canonical rows of a set of boxes.

    Atoms of the first dimension with the same rest belong together. The rest of an atom is canonical itself,
    so equal meaning gives equal rows, and the result depends on nothing but the set of questions.
    """
    if dimension == len(_GROUPINGS):
        return frozenset({()})
    within: dict[Atom, set[Box]] = defaultdict(set)
    for box in boxes:
        for atom in box[0]:
            within[atom].add(box[1:])
    seen: dict[frozenset[Box], Rows] = {}
    rests: dict[Atom, Rows] = {}
    size = 0
    for atom, tails in within.items():
        key = frozenset(tails)
        if key not in seen:
            seen[key] = _rows(key, dimension + 1)
            size += len(seen[key])
            if size > MOST_ROWS:
                raise InvalidInput(
                    "The grants overlap in too many ways; describe the scope with fewer grants."
                )
        rests[atom] = seen[key]
    return frozenset((value, *row) for value, rows in _GROUPINGS[dimension](rests) for row in rows)


Grouping = Callable[[Mapping[Atom, Rows]], Iterable[tuple[Any, Rows]]]


def _closed(rests: Mapping[Atom, Rows]) -> Iterator[tuple[Any, Rows]]:
    """Group the atoms of a dimension that every grant states."""
    together: dict[Rows, set[Atom]] = defaultdict(set)
    for atom, rows in rests.items():
        together[rows].add(atom)
    return ((frozenset(atoms), rows) for rows, atoms in together.items())


def _open(rests: Mapping[Atom, Rows]) -> Iterator[tuple[Any, Rows]]:
    """First what holds without a limit, then the values that allow more than that."""
    unlimited = rests.get(UNLIMITED, frozenset())
    yield frozenset(), unlimited
    yield from _closed({atom: rows for atom, rows in rests.items() if rows != unlimited})


def _levels(rests: Mapping[Atom, Rows]) -> Iterator[tuple[Any, Rows]]:
    """Like `_open`, but no limit means claimed levels alone, and a referenced level includes the claimed."""
    unlimited = rests.get(UNLIMITED, frozenset())
    yield frozenset(), unlimited
    yield from _closed({atom: rows for atom, rows in rests.items() if not _goes_without_saying(atom, rests)})


def _goes_without_saying(atom: Atom, rests: Mapping[Atom, Rows]) -> bool:
    if not isinstance(atom, Level):
        return True
    if atom.mark is LevelMark.FRAMEWORK_REFERENCED:
        return False
    twin = Level(atom.value, LevelMark.FRAMEWORK_REFERENCED)
    return rests[atom] in (rests.get(UNLIMITED), rests.get(twin))


def _ects(rests: Mapping[Atom, Rows]) -> Iterator[tuple[Any, Rows]]:
    """From no bound down to the lowest: a bound is worth saying where it allows more than the next higher."""
    above = rests.get(UNLIMITED, frozenset())
    yield None, above
    bounds = sorted((atom for atom in rests if isinstance(atom, Decimal)), reverse=True)
    for bound in bounds:
        if rests[bound] != above:
            above = rests[bound]
            yield bound, above


_GROUPINGS: tuple[Grouping, ...] = (_closed, _levels, _closed, _closed, _open, _open, _open, _ects)
