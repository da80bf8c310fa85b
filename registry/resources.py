"""Where templates, migrations and policies lie, in a checkout and in an installed wheel."""

from pathlib import Path
from typing import Literal


def data_dir(name: Literal["templates", "migrations", "policies"]) -> Path:
    """Return the directory `name`, from the wheel if installed from one, else from the checkout."""
    packaged = Path(__file__).resolve().parent / "_data" / name
    return packaged if packaged.is_dir() else packaged.parents[2] / name
