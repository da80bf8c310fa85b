"""The writer of the edition store: one edition is one transaction.

One publisher at a time holds the lease for it; a second writer waits for the lock and then finds its number
used.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from registry.editions import index, rows
from registry.editions.bodies import StoredBody, keep_snapshot, store_body
from registry.editions.reader import EditionReader
from registry.editions.readers import note_commit
from registry.editions.schema import open_reader, open_writer, to_seconds
from registry.editions.values import EditionChange, EditionRefused, PlainFile, PublishedDocument


class EditionStore(EditionReader):
    """The edition store in `directory`, opened to write; it reads too, in the thread that opened it.

    `base_url` (no trailing slash) stands before the addresses in `/lists/index.json`.
    """

    def __init__(self, directory: Path, base_url: str = "") -> None:
        super().__init__(open_writer(directory), directory)
        self.base_url = base_url

    def __enter__(self) -> "EditionStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reader(self) -> EditionReader:
        """Return a new read-only reader for the calling thread; close it after use."""
        connection = open_reader(self.directory)
        if connection is None:
            raise EditionRefused(f"The edition store in {self.directory} is gone.")
        return EditionReader(connection, self.directory)

    def put_away(self, document: PublishedDocument) -> PublishedDocument:
        """Return a document whose body the store has, so that an edition of many large ones need not hold them all.

        It is not published by that: a body that no edition names is seen by nobody.
        """
        stored = document.stored or store_body(self.directory, document.body, document.sha256)
        return replace(document, body=b"", stored=stored)

    def apply(self, change: EditionChange) -> bool:
        """Publish an edition as a whole. Return False when exactly this edition is published already.

        Raises:
            EditionRefused: the number is used or too low, a sequence has a gap, or an address is taken.
                Nothing changed.
        """
        digest = change.digest()
        if self._is_applied(change, digest):
            return False
        for snapshot in change.snapshots:
            keep_snapshot(self.directory, snapshot)
        bodies = [d.stored or store_body(self.directory, d.body, d.sha256) for d in change.documents]
        with self._transaction():
            # Another writer may have come first while the files were written.
            if self._is_applied(change, digest):
                return False
            self._write(change, bodies, digest)
        note_commit()
        return True

    def _is_applied(self, change: EditionChange, digest: str) -> bool:
        last = self.number()
        if change.number > last:
            return False
        row = self.connection.execute(
            "SELECT digest FROM edition WHERE number = ?", (change.number,)
        ).fetchone()
        if row and row[0] == digest:
            return True
        raise EditionRefused(f"Edition {change.number} cannot be published: the last one is {last}.")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _write(self, change: EditionChange, bodies: list[StoredBody], digest: str) -> None:
        self.connection.execute(
            "INSERT INTO edition (number, at, outbox_upto, digest, program) VALUES (?, ?, ?, ?, ?)",
            (change.number, to_seconds(change.at), change.outbox_upto, digest, change.program),
        )
        for document, body in zip(change.documents, bodies, strict=True):
            rows.put_document(self.connection, document, body, change.number)
        for issuer_id in change.issuers_gone:
            rows.remove_issuer(self.connection, issuer_id)
        for record in change.issuers_put:
            rows.put_issuer(self.connection, record)
        rows.put_schemes(self.connection, change.schemes)
        rows.put_fragments(self.connection, change.fragments_put, change.number)
        rows.put_rework(self.connection, change.rework, change.worked)
        self._put_files(change)

    def _put_files(self, change: EditionChange) -> None:
        # An edition of statements alone leaves the index as it is: it would be the same, and grows with the lists.
        touched = any(_is_list(document.path) for document in change.documents)
        index_files = (self._index(),) if touched or self.document(index.PATH) is None else ()
        for file in (*change.files, *index_files):
            digest = hashlib.sha256(file.body).hexdigest()
            body = store_body(self.directory, file.body, digest, inline=not file.immutable)
            rows.put_file(self.connection, file, body, change.number, change.at)

    def _index(self) -> PlainFile:
        heads = [head for head in self.heads() if _is_list(head.path)]
        return index.index_file(heads, self.companions(), self.base_url)


def _is_list(path: str) -> bool:
    return path.startswith("/lists/")
