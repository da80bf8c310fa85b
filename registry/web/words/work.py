"""Words of the desk: cases given in one act, text that is kept for later."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    r"choose 1 to (\d+) cases": "proszę wybrać od 1 do {0} spraw",
    r"no case was given to anybody: look at those named": "żadnej sprawy nie przydzielono: proszę sprawdzić wymienione",
    r"this is too long to be kept": "ten tekst jest za długi, aby go zachować",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {}

SPEAKERS: Final = ("services/bulk_parts.py", "services/saved_texts.py")
"""Whose sentences a test wants translated."""
