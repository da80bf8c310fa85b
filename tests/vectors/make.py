"""Write the vectors of the list formats: `PYTHONPATH=.:tests python -m vectors.make`.

A test checks that running this changes nothing. Keys, time and signatures (RFC 6979) are fixed, so a difference means
that a format changed.
"""

from collections.abc import Mapping
from pathlib import Path

from registry.publishers import PUBLISHERS, STATEMENT, build
from registry.signing.certificates import to_pem

from vectors.sample import header, sample_entries, sample_list, signer

HERE = Path(__file__).parent


def vectors() -> Mapping[str, bytes]:
    """Return path below this folder to content."""
    key = signer()
    made = {"signer.pem": to_pem(key.certificates[0]).encode()}
    for format_id, publisher in PUBLISHERS.items():
        document = build(publisher, sample_list(), header(lifetime=publisher.lifetime), key)
        made[f"{format_id}/{document.file_name}"] = document.body
    for entry in sample_entries()[:8:3]:
        document = STATEMENT.statement(entry, header(lifetime=STATEMENT.lifetime), key)
        made[f"statement/{entry.slug}.jws"] = document.body
    return made


if __name__ == "__main__":
    for name, content in vectors().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
