"""XML is parsed in one place, which knows that strangers wrote it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import registry

ROOT = Path(registry.__file__).parent
PARSING = "signing/xml_reading.py"
OWN_FILES = "publishers/xml_schemas.py"
"""Loads the official schemas that the project carries, and nothing that anybody sends."""
PARSERS = {
    *("fromstring", "fromstringlist", "parse", "iterparse", "parseString", "objectify"),
    *("XML", "XMLID", "XMLParser", "XMLPullParser", "HTML", "HTMLParser", "ETCompatXMLParser", "TreeBuilder"),
}
OTHER_LIBRARIES = (
    "xml",
    "lxml.html",
    "lxml.objectify",
    "lxml.sax",
    "defusedxml",
    "xmltodict",
    "bs4",
    "html5lib",
)


def offences(path: Path) -> Iterator[str]:
    """Yield what in a module parses XML by itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            modules = []
        yield from (m for m in modules if any(m == one or m.startswith(f"{one}.") for one in OTHER_LIBRARIES))
        yield from (m for m in modules if m.rpartition(".")[2] in PARSERS and m.startswith("lxml"))
        if isinstance(node, ast.Attribute) and node.attr in PARSERS and _is_etree(node.value):
            yield f"etree.{node.attr}"


def _is_etree(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in {"etree", "ElementTree", "ET", "minidom", "sax", "expat"}


def test_no_other_module_parses_xml() -> None:
    found = {
        str(path.relative_to(ROOT)): list(offences(path))
        for path in ROOT.rglob("*.py")
        if "_data" not in path.parts
    }
    assert {name for name, what in found.items() if what} == {PARSING, OWN_FILES}


def test_the_search_finds_every_way_there_is(tmp_path: Path) -> None:
    ways = (
        "from lxml import etree\netree.fromstring(b'')",
        "import lxml.etree\nlxml.etree.parse('')",
        "from lxml.etree import XMLParser",
        "from xml.etree import ElementTree",
        "import xml.sax",
        "from lxml import html",
        "import defusedxml.ElementTree",
    )
    for number, way in enumerate(ways):
        path = tmp_path / f"{number}.py"
        path.write_text(way)
        assert list(offences(path)), way
