"""Every format gives exactly the bytes of its vectors, and nothing lies among them that the script did not make."""

from pathlib import Path

import pytest

from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, STATEMENT

from vectors.make import HERE, vectors

DECLARED = {**PUBLISHERS, **LISTS_OF_LISTS, STATEMENT.format_id: STATEMENT}
FORMATS = [*DECLARED]


@pytest.mark.parametrize("format_id", FORMATS)
def test_published_documents_match_the_vectors(format_id: str) -> None:
    made = {name: body for name, body in vectors().items() if name.startswith(f"{format_id}/")}
    assert made
    assert {name: (HERE / name).read_bytes() for name in made} == made


@pytest.mark.parametrize("format_id", FORMATS)
def test_no_vector_is_left_over_from_an_older_script(format_id: str) -> None:
    kept = {str(path.relative_to(HERE)) for path in (HERE / format_id).iterdir()}
    assert kept == {name for name in vectors() if name.startswith(f"{format_id}/")}


@pytest.mark.parametrize("name", ["signer.pem", "registry-signer.pem"])
def test_the_pinned_certificates_are_those_of_the_script(name: str) -> None:
    assert (HERE / name).read_bytes() == vectors()[name]


@pytest.mark.parametrize("format_id", FORMATS)
def test_every_format_has_a_page_in_the_documentation(format_id: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "formats" / f"{format_id}.md"
    text = page.read_text("utf-8")
    assert [loss.what for loss in DECLARED[format_id].LOSSES if loss.what not in text] == []
