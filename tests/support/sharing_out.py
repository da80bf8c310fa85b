"""Which process runs which test: a process gets a whole file, so that what the tests of a file share is made once.

Tests that run on both kinds of database go by kind as well, since nothing that is made on the one is of use on the other.
"""

from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

_LONGEST = ("test_browser", "test_wheel", "test_readme_on_the_demo")
"""Files whose processes wait for others: begun first, so that none is left alone with one at the end."""
_FOLDERS = ("migrations", "integration", "web", "publishers", "architecture")
"""The longest first; what is in no folder of these, the quickest of all, fills up what is left at the end."""


class WholeFiles(LoadScopeScheduling):
    """Hands out one file after the other, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """Return what goes to one process: a file, or those of its tests that run on PostgreSQL."""
    file, _, test = nodeid.partition("::")
    return f"{file} on PostgreSQL" if "postgresql" in test.partition("[")[2] else file


def turn_of(path: PurePath) -> tuple[int, int]:
    """Return the place of a file in the order in which files are begun."""
    folder = path.parent.name
    return (
        _LONGEST.index(path.stem) if path.stem in _LONGEST else len(_LONGEST),
        _FOLDERS.index(folder) if folder in _FOLDERS else len(_FOLDERS),
    )
