"""Write the tables of `docs/api.md` anew: `python -m support.api_doc` from the folder of the tests."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from registry.app import create_app
from registry.config import Settings
from registry.domain.api_scopes import SCOPES

DOC = Path(__file__).parents[2] / "docs" / "api.md"
PREFIX = "/api/v1"


def drawn(text: str, document: dict[str, Any]) -> str:
    """Return the guide with every block between its marks drawn: from the table of scopes, from the OpenAPI document."""
    text = _put(text, "scopes", _table("scope", SCOPES.items()))
    calls = list(_calls(document))
    free = (f"`{name}`" for name, operation in calls if not operation.get("security"))
    text = _put(text, "public", "No token is needed for " + ", ".join(free) + ".")
    return _put(text, "calls", "\n".join(_groups(document, calls)))


def _calls(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its method and its path below the prefix."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield f"{method.upper()} {path.removeprefix(PREFIX)}", operation


def _groups(document: dict[str, Any], calls: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    for tag in document["tags"]:
        rows = [(name, operation["summary"]) for name, operation in calls if tag["name"] in operation["tags"]]
        yield f"\n### {tag['description']}\n\n{_table('call', rows)}"


def _table(head: str, rows: Any) -> str:
    lines = [f"| `{name}` | {told} |" for name, told in rows]
    return "\n".join([f"| {head} | |", "| --- | --- |", *lines])


def _put(text: str, name: str, block: str) -> str:
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the document has no block {name}")
    return pattern.sub(lambda found: f"{found[1]}{block}\n{found[2]}", text)


def document_of_the_api() -> dict[str, Any]:
    """Return the OpenAPI document of an installation that has nothing yet."""
    with TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder)))
        found: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return found


if __name__ == "__main__":
    text = DOC.read_text(encoding="utf-8")
    DOC.write_text(drawn(text, document_of_the_api()), encoding="utf-8")
