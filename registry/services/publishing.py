"""What a publisher works with."""

from dataclasses import dataclass, field
from datetime import timedelta

from registry.database import Database
from registry.domain.operator import Operator
from registry.editions import EditionStore
from registry.signing.keys import KeyStore


@dataclass(frozen=True, slots=True)
class Publishing:
    """What a publisher works with. `debounce` is the longest time between two issues of one list under load."""

    database: Database
    store: EditionStore
    keys: KeyStore
    base_url: str
    debounce: timedelta = timedelta(seconds=60)
    operator: Operator = field(default_factory=Operator)
