"""The error family. Every error reads as a sentence to the person affected.

`http/problems.py` turns each class into an HTTP status, `cli` into an exit code; nobody else does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class RegistryError(Exception):
    """Something a person can understand and act on."""


class NotFound(RegistryError):
    """No such thing, or the actor may not know that it exists."""


class NotAllowed(RegistryError):
    """The actor may not do this: wrong role, locked out by a conflict, or the second person is the first."""


class Conflict(RegistryError):
    """Somebody else acted first, or the thing exists already."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem with one named field of the input; `field` is a path such as `grants.0.fields`."""

    field: str
    message: str


class InvalidInput(RegistryError):
    """Input that cannot be accepted; `errors` names each field."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)

    def by_field(self) -> Mapping[str, str]:
        """Return the first message of each field."""
        return {error.field: error.message for error in reversed(self.errors)}


class TransitionRefused(Conflict):
    """The workflow has no such step from the present state, or its guard does not hold."""


class ClockWentBack(RegistryError):
    """The clock of this machine lies before the last recorded event; nothing may be recorded."""


class ChainBroken(RegistryError):
    """The audit trail was changed by somebody who could write to the database past its triggers."""


class NotConfigured(RegistryError):
    """A setting or a file that `registry init` creates is missing or does not fit the data."""
