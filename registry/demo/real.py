"""Real institutions in the demo: unclaimed facts from ROR, the Erasmus Charter list and the DCC registry; never listed."""

from pathlib import Path

from registry.database import Database
from registry.demo.clock import SteppingClock
from registry.services import imports

DATA = Path(__file__).parent / "data"
INSTITUTION_FILES = (("ror_v2_education.jsonl", "ror"), ("eche_2026-04-08.csv", "eche"))
IDENTITY_FILES = (("dcc_issuer_registry.json", "dcc"),)


def load(database: Database, clock: SteppingClock) -> None:
    """Import the carried files as the operator would on the command line."""
    for name, format_ in INSTITUTION_FILES:
        imports.import_institutions(database, DATA / name, format_, actor="operator", at=clock())
    for name, format_ in IDENTITY_FILES:
        imports.import_identities(database, DATA / name, format_, actor="operator", at=clock())
