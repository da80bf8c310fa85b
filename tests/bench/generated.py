"""A registry of any number of issuers, each with a key and a certificate of its own, to be served and checked from outside.

`python -m tests.bench.generated FOLDER 5000` makes it and prints how it is served.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BATCH = 250
"""Issuers that are entered in one transaction."""
SERVED = """\
export REGISTRY_DATA={folder} REGISTRY_BASE_URL=http://127.0.0.1:8555
registry init
registry publish --all
registry serve --port 8555
"""


def generate(folder: Path, issuers: int) -> None:
    """Make a registry in an empty folder, with all issuers listed and nothing published."""
    from registry import migrate
    from registry.database import Database

    from support.world import list_issuers, opened_registry

    folder.mkdir(parents=True)
    url = f"sqlite:///{folder / 'registry.sqlite'}"
    migrate.upgrade(url)
    database = Database(url)
    with opened_registry(database, folder) as registry:
        for start in range(0, issuers, BATCH):
            with registry.world() as world:
                list_issuers(world, min(BATCH, issuers - start), certified=True)
    database.dispose()


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    target = Path(sys.argv[1]).resolve()
    generate(target, int(sys.argv[2]))
    sys.stdout.write(SERVED.format(folder=target))
