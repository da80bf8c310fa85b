"""Publishers: the trust list value in, signed documents out. One module per format under `formats`."""

from collections.abc import Mapping

from registry.publishers.base import Document, Loss, Publisher, build
from registry.publishers.formats.csv_list import CsvList
from registry.publishers.formats.lote_anchors import LoteAnchors
from registry.publishers.formats.lote_register import LoteRegister
from registry.publishers.formats.native_json import NativeJson
from registry.publishers.formats.ndjson import Ndjson
from registry.publishers.formats.statement import Statement

__all__ = ["PUBLISHERS", "STATEMENT", "Document", "Loss", "Publisher", "build"]

_FORMATS: tuple[Publisher, ...] = (NativeJson(), CsvList(), Ndjson(), LoteAnchors(), LoteRegister())
PUBLISHERS: Mapping[str, Publisher] = {publisher.format_id: publisher for publisher in _FORMATS}
"""The list of all list formats, by format id."""
STATEMENT = Statement()
"""The format of the signed statement about one issuer."""
