"""The request's way to what is published."""

from typing import cast

from flask import current_app

from registry.editions import EditionReader, EditionReaders


def published() -> EditionReader | None:
    """Return the calling thread's reader of the edition store, or None before anything was ever published.

    Public resources read nothing else, so they work without the write database and cannot leak a case.
    """
    return cast(EditionReaders, current_app.extensions["registry.editions"]).get()
