"""Run the measurements; exit with 1 when a bound is missed."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from tests.bench import cases, following, importing, json_family, lote, mixed, publishing, reading, rebuilding  # noqa: E402
from tests.bench.results import Result, print_table, to_json  # noqa: E402

MEASUREMENTS: dict[str, Callable[[Path], Iterator[Result]]] = {
    "reading": reading.measure,
    "import": importing.measure,
    "lote": lote.measure,
    "publish": publishing.measure,
    "rebuild": rebuilding.measure,
    "json": json_family.measure,
    "follow": following.measure,
    "mixed": mixed.measure,
    "cases": cases.measure,
}


def main() -> int:
    """Run what was named on the command line, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all without any")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the results in FILE")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    results: list[Result] = []
    for name in arguments.names or MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix="registry-bench-") as directory:
            results += MEASUREMENTS[name](Path(directory))
    print_table(results)
    if arguments.json:
        arguments.json.write_text(to_json(results))
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
