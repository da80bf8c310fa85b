"""Write the vectors of the list formats: `PYTHONPATH=.:tests python -m vectors.make`.

A test checks that running this changes nothing. Keys, time and signatures (RFC 6979) are fixed, so a difference means
that a format changed.
"""

from collections.abc import Mapping
from pathlib import Path

from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT, Document, build
from registry.signing.certificates import to_pem

from vectors.sample import (
    PIVOTS,
    header,
    pointers,
    registry_header,
    registry_signer,
    sample_entries,
    sample_list,
    signer,
)

HERE = Path(__file__).parent


def vectors() -> Mapping[str, bytes]:
    """Return path below this folder to content."""
    key = signer()
    office = registry_signer()
    made = {
        "signer.pem": to_pem(key.certificates[0]).encode(),
        "registry-signer.pem": to_pem(office.certificates[0]).encode(),
    }
    for format_id, publisher in PUBLISHERS.items():
        document = build(publisher, sample_list(), header(lifetime=publisher.lifetime), key)
        made |= _files(format_id, document)
    for format_id, lists in LISTS_OF_LISTS.items():
        head = registry_header(lists.lifetime)
        made |= _files(format_id, lists.assemble(head, pointers(PUBLISHERS.values()), PIVOTS, office))
    for entry in sample_entries()[:8:3]:
        document = STATEMENT.statement(entry, header(lifetime=STATEMENT.lifetime), key)
        made[f"statement/{entry.slug}.jws"] = document.body
    return made


def _files(format_id: str, document: Document) -> Mapping[str, bytes]:
    return {f"{format_id}/{file.file_name}": file.body for file in (document, *document.companions)}


if __name__ == "__main__":
    for name, content in vectors().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
