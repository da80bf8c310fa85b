"""The edition store that readers are served from, and the WSGI layer in front of Flask.

`EditionStore` writes (one publisher), `EditionReader` reads (any number of threads and processes, without the
write database), `EditionMiddleware` answers published documents over HTTP.
"""

from registry.editions.reader import Edition, EditionReader, StoredDocument
from registry.editions.readers import EditionReaders
from registry.editions.store import EditionStore
from registry.editions.values import (
    EditionChange,
    EditionRefused,
    Fragment,
    Head,
    IssuerRecord,
    KeptFragment,
    Key,
    PlainFile,
    PublishedDocument,
    Rework,
    SchemeRecord,
    SearchPage,
    issuer_record,
)

__all__ = [
    "Edition",
    "EditionChange",
    "EditionReader",
    "EditionReaders",
    "EditionRefused",
    "EditionStore",
    "Fragment",
    "Head",
    "IssuerRecord",
    "KeptFragment",
    "Key",
    "PlainFile",
    "PublishedDocument",
    "Rework",
    "SchemeRecord",
    "SearchPage",
    "StoredDocument",
    "issuer_record",
]
