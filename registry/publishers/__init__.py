"""Publishers: the trust list value in, signed documents out. One module per format under `formats`."""

from collections.abc import Mapping

from registry.publishers.base import Document, ListOfLists, Loss, Publisher, build
from registry.publishers.formats.csv_list import CsvList
from registry.publishers.formats.ctdl import Ctdl
from registry.publishers.formats.cte import Cte
from registry.publishers.formats.dcc_registry import DccRegistry
from registry.publishers.formats.elm import Elm
from registry.publishers.formats.jsonld import JsonLd
from registry.publishers.formats.lote_anchors import LoteAnchors
from registry.publishers.formats.lote_anchors_xml import LoteAnchorsXml
from registry.publishers.formats.lote_of_lotes import LoteOfLotes
from registry.publishers.formats.lote_register import LoteRegister
from registry.publishers.formats.lote_register_xml import LoteRegisterXml
from registry.publishers.formats.lotl_xml import LotlXml
from registry.publishers.formats.native_json import NativeJson
from registry.publishers.formats.ndjson import Ndjson
from registry.publishers.formats.statement import Statement
from registry.publishers.formats.tl_xml import TlXml
from registry.publishers.formats.vical import Vical
from registry.publishers.third_party import with_third_party

__all__ = [
    "LISTS_OF_LISTS",
    "PUBLISHERS",
    "STATEMENT",
    "Document",
    "ListOfLists",
    "Loss",
    "Publisher",
    "build",
]

_FORMATS: tuple[Publisher, ...] = (
    NativeJson(),
    CsvList(),
    Ndjson(),
    LoteAnchors(),
    LoteRegister(),
    LoteAnchorsXml(),
    LoteRegisterXml(),
    TlXml(),
    DccRegistry(),
    Cte(),
    Ctdl(),
    Elm(),
    JsonLd(),
    Vical(),
)
_LISTS_OF_LISTS: tuple[ListOfLists, ...] = (LotlXml(), LoteOfLotes())
LISTS_OF_LISTS: Mapping[str, ListOfLists] = {made.format_id: made for made in _LISTS_OF_LISTS}
"""The lists that point to lists, one of each for the whole registry, by format id."""
STATEMENT = Statement()
"""The format of the signed statement about one issuer."""
PUBLISHERS: Mapping[str, Publisher] = with_third_party(
    _FORMATS, reserved=[STATEMENT.format_id, *LISTS_OF_LISTS]
)
"""The list of all list formats, by format id: our own, then those that installed distributions add."""
