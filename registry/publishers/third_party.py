"""Formats of third parties: classes or instances of `Publisher` that installed distributions name by entry point.

A distribution adds a format with, in its `pyproject.toml`:

    [project.entry-points."issuer_registry.publishers"]
    their_format = "their_package:TheirFormat"
"""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, cast

from registry.errors import RegistryError
from registry.publishers.base import Publisher

GROUP: Final = "issuer_registry.publishers"
_FORMAT_ID = re.compile(r"[a-z][a-z0-9_]*")
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_MEMBERS = (
    *("format_id", "standard", "file_name", "media_type", "lifetime", "signed", "reach"),
    *("LOSSES", "entry", "assemble"),
)


class FormatRefused(RegistryError):
    """An installed distribution names a format that cannot be published."""

    def __init__(self, point: EntryPoint, problem: str) -> None:
        source = point.dist.name if point.dist else "an installed distribution"
        super().__init__(
            f"the format {point.name!r} of {source} cannot be published: {problem}; "
            "update that distribution or uninstall it"
        )
        self.point = point


def with_third_party(own: Iterable[Publisher], reserved: Iterable[str] = ()) -> Mapping[str, Publisher]:
    """Return format id to publisher: our own formats in their order, then those of third parties by name.

    `reserved`: further format ids that are taken.

    Raises:
        FormatRefused: what an entry point names cannot be loaded, is no publisher, or uses a format id or a
            file name that is taken.
    """
    known = {publisher.format_id: publisher for publisher in own}
    taken = {*known, *reserved}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        publisher = _load(point)
        if publisher.format_id in taken:
            raise FormatRefused(point, f"the format id {publisher.format_id!r} is taken")
        if publisher.file_name in {other.file_name for other in known.values()}:
            raise FormatRefused(point, f"the file name {publisher.file_name!r} is taken")
        known[publisher.format_id] = publisher
        taken.add(publisher.format_id)
    return known


def _load(point: EntryPoint) -> Publisher:
    try:
        named: Any = point.load()
        made = named() if isinstance(named, type) else named
    except Exception as error:  # whatever code of others raises
        raise FormatRefused(point, f"{point.value} cannot be loaded ({error})") from error
    missing = [member for member in _MEMBERS if not hasattr(made, member)]
    if missing:
        raise FormatRefused(point, f"{point.value} is no publisher: it lacks {', '.join(missing)}")
    for member, pattern in (("format_id", _FORMAT_ID), ("file_name", _FILE_NAME)):
        if not pattern.fullmatch(str(getattr(made, member))):
            raise FormatRefused(point, f"its {member} is not of the form {pattern.pattern}")
    return cast("Publisher", made)
