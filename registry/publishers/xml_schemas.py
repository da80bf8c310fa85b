"""The official XML schemas of the two ETSI standards, loaded from the files beside this module, never from a network."""

import functools
from pathlib import Path
from typing import Any

from lxml import etree

SCHEMAS = Path(__file__).parent / "schemas"
TSL_SCHEMA = SCHEMAS / "ts119612" / "19612_xsd.xsd"
LOTE_SCHEMA = SCHEMAS / "ts119602" / "1960201_xsd_schema.xsd"


class _Offline(etree.Resolver):
    """Answers each import by the carried file of the same name, and with nothing else."""

    def resolve(self, system_url: str | None, _public_id: str | None, context: Any) -> Any:
        """Return the carried file.

        Raises:
            FileNotFoundError: the schema refers to a file that is not carried.
        """
        name = (system_url or "").rpartition("/")[2]
        found = next((path for path in SCHEMAS.rglob("*") if path.name == name), None)
        if found is None:
            raise FileNotFoundError(f"the schema {system_url} is not carried in {SCHEMAS}")
        return self.resolve_filename(str(found), context)


@functools.cache
def load_schema(path: Path) -> etree.XMLSchema:
    """Return a compiled schema; it is kept."""
    # The schema of XML Signature needs its own DTD for the entities in it.
    parser = etree.XMLParser(load_dtd=True, no_network=True)
    parser.resolvers.add(_Offline())
    return etree.XMLSchema(etree.parse(str(path), parser))
