"""Deterministic fixtures: the same registry, byte for byte, each time."""

from pathlib import Path

from registry.editions import EditionStore

from support.editions import edition, issuer_id, list_document, noise, statement

MEGABYTE = 2**20
LIST = "/lists/alpha/1/list.jws"
_BATCH = 20_000


def seed_store(directory: Path, issuers: int) -> None:
    """Publish a statement for each of `issuers` issuers and one list of 1 MB."""
    with EditionStore(directory) as store:
        store.apply(edition(1, list_document(1, noise("list", MEGABYTE))))
        for number, start in enumerate(range(0, issuers, _BATCH), start=2):
            batch = range(start, min(start + _BATCH, issuers))
            store.apply(edition(number, *(statement(position) for position in batch)))


def write_lookups(path: Path, issuers: int) -> None:
    """Write the `wrk` script that asks for statements of random issuers."""
    ids = ",".join(f'"{issuer_id(position)}"' for position in range(issuers))
    path.write_text(
        f"local ids = {{{ids}}}\n"
        "math.randomseed(7)\n"
        'request = function() return wrk.format("GET", "/issuers/" .. ids[math.random(#ids)] .. "/statement.jws") end\n'
    )
