"""The stylesheet keeps its promises: small, readable in light and dark, without foreign hosts."""

import gzip
import re
from pathlib import Path

import pytest

from registry.resources import data_dir

CSS = Path(__file__).resolve().parents[2] / "registry" / "web" / "static" / "registry.css"
TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));")
TEXT_PAIRS = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("link", "paper"),
    ("link", "surface"),
    ("link", "sunken"),
    ("brand", "surface"),
    ("brand", "paper"),
    ("brand-strong", "paper"),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-band", "band"),
    ("band-muted", "band"),
    ("stop", "surface"),
    ("stop", "paper"),
    *[(tone, f"{tone}-back") for tone in ("good", "warn", "stop", "info", "quiet")],
    *[("ink", f"{tone}-back") for tone in ("good", "warn", "stop", "info", "quiet")],
    *[("link", f"{tone}-back") for tone in ("good", "warn", "stop", "info", "quiet")],
]
SHAPE_PAIRS = [
    ("edge", "surface"),
    ("edge", "paper"),
    ("focus", "paper"),
    ("focus", "surface"),
    ("focus-on-band", "band"),
]


def tokens(appearance: str) -> dict[str, str]:
    return {
        name: (both or (light if appearance == "light" else dark)) or ""
        for name, light, dark, both in TOKEN.findall(CSS.read_text())
    }


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2, definitions)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_guidelines_say():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_stylesheet_is_at_most_15_kib_compressed():
    assert len(gzip.compress(CSS.read_bytes(), 9)) <= 15 * 1024


@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(text, ground, appearance):
    colours = tokens(appearance)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_edges_of_fields_and_the_focus_ring_stand_out(shape, ground, appearance):
    colours = tokens(appearance)
    assert contrast(colours[shape], colours[ground]) >= 3


def test_the_stylesheet_asks_nothing_of_another_host():
    css = CSS.read_text()
    assert "@import" not in css
    assert "url(" not in css


def test_every_custom_property_that_is_used_is_defined():
    css = CSS.read_text()
    assert set(re.findall(r"var\(--([\w-]+)", css)) <= set(re.findall(r"--([\w-]+):", css))


def test_cells_of_tables_that_become_blocks_say_what_their_column_was():
    tables = [
        (path.name, table)
        for path in data_dir("templates").rglob("*.html")
        for table in re.findall(r'class="table-scroll stack".*?</table>', path.read_text(), flags=re.DOTALL)
    ]
    assert tables
    unsaid = [
        (name, cell)
        for name, table in tables
        for cell in re.findall(r"<td[^>]*>.{0,40}", table)
        if "data-label=" not in cell and "<form" not in cell
    ]
    assert unsaid == []
