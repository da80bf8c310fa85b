"""Formats of third parties: an installed distribution adds one by entry point, and takes nobody's place."""

import subprocess
import sys
from pathlib import Path

import pytest

from registry.publishers import PUBLISHERS, build
from registry.publishers.third_party import GROUP, FormatRefused, with_third_party

from vectors.sample import header, sample_list

FORMAT = """
from datetime import timedelta
from registry.publishers.base import Document, Loss, Reach

class Names:
    format_id = "{format_id}"
    standard = "Names 1"
    file_name = "{file_name}"
    media_type = "text/plain; charset=utf-8"
    lifetime = timedelta(days=1)
    signed = False
    reach = Reach.SCHEME
    LOSSES = (Loss("everything but names", "that is all it is for"),)

    def entry(self, entry, scheme, at):
        return entry.names["en"].encode()

    def assemble(self, header, fragments, signer):
        return Document(self.file_name, b"\\n".join(fragments), self.media_type)
"""


def install(folder: Path, target: str, **names: str) -> None:
    """Lay a distribution on a folder of the module path, as an installer would."""
    name = target.partition(":")[0]
    values = {"format_id": "names", "file_name": "names.txt", **names}
    (folder / f"{name}.py").write_text(FORMAT.format(**values))
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {target}\n")


def test_an_installed_distribution_adds_a_format_to_the_list_of_all(tmp_path: Path) -> None:
    install(tmp_path, "acme_names_one:Names")
    script = "from registry.publishers import PUBLISHERS as p; print(*p); print(p['names'].standard)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{' '.join(PUBLISHERS)} names\nNames 1\n"


def test_it_publishes_like_one_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme_names_two:Names")
    monkeypatch.syspath_prepend(tmp_path)
    known = with_third_party(PUBLISHERS.values())
    assert list(known) == [*PUBLISHERS, "names"]
    document = build(known["names"], sample_list(), header(), None)
    assert document.body.startswith(b"Invented College 1\n")


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ({"format_id": "csv"}, "the format id 'csv' is taken"),
        ({"format_id": "statement"}, "the format id 'statement' is taken"),
        ({"file_name": "list.csv"}, "the file name 'list.csv' is taken"),
        ({"format_id": "../names"}, "its format_id is not of the form"),
        ({"file_name": "../names.txt"}, "its file_name is not of the form"),
    ],
)
def test_it_takes_the_place_of_no_other(
    names: dict[str, str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"acme_{tmp_path.name}"
    install(tmp_path, f"{module}:Names", **names)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FormatRefused, match="cannot be published") as refused:
        with_third_party(PUBLISHERS.values(), reserved=["statement"])
    assert problem in str(refused.value)
    assert f"of {module}" in str(refused.value)
    assert "update that distribution or uninstall it" in str(refused.value)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("acme_absent:Nobody", "cannot be loaded"),
        ("acme_module:Names.nothing", "cannot be loaded"),
        ("acme_lacking:Document.__doc__", "is no publisher: it lacks format_id, standard, file_name"),
    ],
)
def test_what_is_no_publisher_is_refused_with_the_reason(
    target: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, target)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FormatRefused) as refused:
        with_third_party(PUBLISHERS.values())
    assert problem in str(refused.value)


def test_two_distributions_cannot_bring_one_format_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "acme_first:Names")
    install(tmp_path, "acme_second:Names", file_name="other.txt")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FormatRefused, match=r"'acme_second' of acme_second.*'names' is taken"):
        with_third_party(PUBLISHERS.values())
