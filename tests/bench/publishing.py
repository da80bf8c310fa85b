"""Publishing one decision into registries of growing size: one statement and the issuer's record, one edition.

Lists stay out: a monolithic list grows with its shard, and is rebuilt apart and at most once a minute. The write
database stays out, too; what is measured is signing and the edition store.
"""

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from registry.domain.trust_list import entry_to_wire
from registry.editions import EditionChange, EditionStore, PublishedDocument, issuer_record
from registry.publishers import STATEMENT
from tests.bench.lote import CountingSigner
from tests.bench.results import Result

from support.editions import edition, record, statement
from vectors import sample

SIZES = (1_000, 10_000, 100_000)
DECISIONS = 30
MOST_GROWTH = 2.0
"""How many times the CPU time of one decision may grow while the registry grows a hundredfold."""
_BATCH = 10_000


def measure(directory: Path) -> Iterator[Result]:
    """Publish some decisions at each size; print what one of them took."""
    cpu = {}
    for issuers in SIZES:
        folder = directory / str(issuers)
        with EditionStore(folder) as store:
            last = _seed(store, issuers)
            store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.connection.execute("PRAGMA wal_autocheckpoint=0")
            written, files = _written(folder), _files(folder)
            cpu[issuers], signatures = _decide(store, last)
            yield Result(f"one decision at {issuers:,}: signatures", signatures, "", 1, "exactly")
            yield Result(f"one decision at {issuers:,}: files", _files(folder) - files, "", 0, "exactly")
            yield Result(
                f"one decision at {issuers:,}: written",
                (_written(folder) - written) / DECISIONS / 1024,
                "KiB",
            )
            yield Result(f"one decision at {issuers:,}: CPU", cpu[issuers] * 1000, "ms")
    growth = cpu[SIZES[-1]] / cpu[SIZES[0]]
    yield Result("one decision: CPU at 100,000 / at 1,000", growth, "x", MOST_GROWTH, "at most")


def _seed(store: EditionStore, issuers: int) -> int:
    number = 0
    for number, start in enumerate(range(0, issuers, _BATCH), start=1):
        batch = range(start, min(start + _BATCH, issuers))
        records = tuple(record(position) for position in batch)
        store.apply(edition(number, *(statement(position) for position in batch), issuers_put=records))
    return number


def _decide(store: EditionStore, last: int) -> tuple[float, float]:
    """Publish decisions one by one; return the median CPU seconds and the signatures of one."""
    plain = sample.signer()
    signer = CountingSigner(plain.key_id, sample.private_key(1), plain.certificates)
    CountingSigner.count = 0
    spent = []
    for number in range(1, DECISIONS + 1):
        before = time.process_time()
        store.apply(_change(number, last + number, signer))
        spent.append(time.process_time() - before)
    return statistics.median(spent), CountingSigner.count / DECISIONS


def _change(decision: int, number: int, signer: CountingSigner) -> EditionChange:
    entry = sample.entry(decision, [sample.grant(decision)], [sample.did(decision)])
    header = sample.header(1, lifetime=STATEMENT.lifetime)
    document = STATEMENT.statement(entry, header, signer)
    published = PublishedDocument(
        path=f"/issuers/{entry.id}/{document.file_name}",
        permanent_path=f"/issuers/{entry.id}/1/{document.file_name}",
        scheme=sample.SCHEME.slug,
        format_id=STATEMENT.format_id,
        shard=entry.id,
        sequence=1,
        media_type=document.media_type,
        body=document.body,
        issued_at=header.issued_at,
        next_update=header.next_update,
    )
    wire = entry_to_wire(entry, header.issued_at)
    listed = issuer_record(wire, scheme=sample.SCHEME.slug, institution_id=str(decision))
    return edition(number, published, issuers_put=(listed,))


def _written(folder: Path) -> int:
    """Return the bytes of the log file: every page that was written stands in it."""
    return os.stat(folder / "editions.sqlite-wal").st_size


def _files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())
