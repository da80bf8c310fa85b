"""What a verifier needs to know of any list once its signature holds, and the errors of verifying."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from registry.errors import InvalidInput, RegistryError

Check = Literal["fetch", "format", "trust", "signature", "schema", "freshness", "sequence"]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class VerificationFailed(RegistryError):
    """A document does not verify; `check` names the check that failed."""

    def __init__(self, check: Check, message: str) -> None:
        super().__init__(message)
        self.check: Check = check


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a list says of itself. `list_id` names the list over all its numbers; `operators` are its operator's names."""

    format_id: str
    list_id: str
    scheme: str
    operators: tuple[str, ...]
    territory: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    entries: int


def parse_instant(text: object, where: str) -> datetime:
    """Return the instant of `YYYY-MM-DDThh:mm:ssZ`.

    Raises:
        InvalidInput: any other form.
    """
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise InvalidInput(f"{where} is not of the form YYYY-MM-DDThh:mm:ssZ")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{where} is no instant: {text}") from error
