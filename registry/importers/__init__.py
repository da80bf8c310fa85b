"""Importers: file in, facts out. No database, no clock, no network; services apply the facts."""

from collections.abc import Mapping

from registry.importers import csv_file, dcc, eche, ror
from registry.importers.base import Importer

IMPORTERS: Mapping[str, Importer] = {
    importer.format: importer
    for importer in (
        Importer("ror", ror.SOURCE, "institutions", ror.parse, ror.count),
        Importer("eche", eche.SOURCE, "institutions", eche.parse, eche.count),
        Importer("csv", csv_file.SOURCE, "institutions", csv_file.parse, csv_file.count),
        Importer("dcc", dcc.SOURCE, "identities", dcc.parse, dcc.count),
    )
}
"""Format name on the command line to importer."""
