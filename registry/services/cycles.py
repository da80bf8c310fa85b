"""The collector of cycles, kept from looking too often where many objects are made and few refer to each other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rare_collection() -> Iterator[None]:
    """Leave cycles to `gc.collect` at moments of one's choice: looking after every 700 objects costs up to a quarter."""
    usual = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if usual:
            gc.enable()
