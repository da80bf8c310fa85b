"""Handing out the archive of a case, as a page and as a resource."""

import logging
import re
import tempfile
from collections.abc import Iterator
from typing import IO, Final

from flask import Response

from registry.http.acting import Acting, files
from registry.models.application import Application
from registry.services import case_export

log = logging.getLogger(__name__)
PIECE: Final = 2**16
"""Bytes handed out at a time."""


def archive_of(act: Acting, application: Application) -> Response:
    """Return the archive of a case as a download, made on disk and handed out in pieces.

    Raises:
        NotAllowed: not this person, or not yet.
    """
    case_export.require_export(act.session, application, **act.by)
    made = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    case_export.write(act.session, files(), application, made, at=act.at)
    size = made.tell()
    made.seek(0)
    log.info("case_exported", extra={"account": str(act.actor), "case": application.reference})
    name = f"{re.sub(r'[^A-Za-z0-9.-]', '_', application.reference)}.zip"
    answer = Response(_pieces(made), content_type="application/zip", direct_passthrough=True)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.call_on_close(made.close)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
