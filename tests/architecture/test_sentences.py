"""What services say to people has its Polish sentence: nobody reads half a page in another language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import registry
from registry.web.i18n import load_catalogue
from registry.web.sentences import POLISH
from registry.web.words import AREAS

ROOT = Path(registry.__file__).parent
SPEAKERS = (
    *("services/access.py", "services/applications.py", "services/cases.py", "services/decisions.py"),
    *("services/guards.py", "services/identities.py", "services/institutions.py", "services/releases.py"),
    *("services/reviews.py", "services/supervision.py", "services/work_items.py", "domain/conflicts.py"),
    *("domain/panels.py", "domain/uploads.py", "signing/possession.py", "signing/did_documents.py"),
    *("domain/countries.py", "domain/dids.py", "domain/identifiers.py", "domain/isced.py"),
    *("domain/text.py", "domain/vat.py", "domain/web_names.py"),
    *(module for area in AREAS for module in area.SPEAKERS),
)
"""Modules that the pages of a case call, and that speak to people."""
ERRORS = {
    "NotAllowed",
    "Conflict",
    "InvalidInput",
    "TransitionRefused",
    "FieldError",
    "FetchRefused",
    "_refused",
}
PLACES = ("1", "registrar", "review", "withdraw application", "chair", "1.0 MiB")
"""What may stand where a sentence has a value."""


def spoken(path: Path) -> Iterator[str]:
    """Yield every sentence of a module; `{}` stands for a value."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
            for argument in node.args:
                yield from words(argument)
        elif isinstance(node, ast.Assign | ast.Return) and node.value and _speaks(node, path):
            yield from words(node.value)


def _speaks(node: ast.Assign | ast.Return, path: Path) -> bool:
    """Whether a statement holds a sentence: a guard returns it, others keep it under one of two names."""
    if isinstance(node, ast.Return):
        return path.stem.startswith("guards")
    return getattr(node.targets[0], "id", "") in {"message", "problem"}


def words(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
        sentence = "".join(parts)
        if " " in sentence:
            yield sentence
    elif isinstance(node, ast.IfExp):
        yield from (*words(node.body), *words(node.orelse))


def is_known(sentence: str) -> bool:
    tries = {sentence.replace("{}", place) for place in PLACES}
    catalogue = load_catalogue("pl")
    return any(re.fullmatch(pattern, one) for pattern in POLISH for one in tries) or (
        catalogue.gettext(sentence) != sentence
    )


@pytest.mark.parametrize("module", SPEAKERS)
def test_every_sentence_of_a_service_has_its_polish(module: str) -> None:
    missing = [sentence for sentence in spoken(ROOT / module) if not is_known(sentence)]
    assert missing == []
