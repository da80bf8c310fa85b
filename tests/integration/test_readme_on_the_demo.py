"""What the README shows on its first screen works on a demo as a newcomer starts it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.components import require
from support.demo import Demo, running_demo

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CHECK = next(block for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL) if "verify" in block)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def test_the_check_of_the_readme_passes(demo: Demo) -> None:
    tools = [name for name in ("bash", "curl", "cut") if shutil.which(name) is None]
    require("curl", not tools, f"install {', '.join(tools)}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", CHECK],
        cwd=demo.folder,
        env=demo.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "{" in done.stdout


def test_the_facts_name_what_a_verifier_needs(demo: Demo) -> None:
    facts = demo.facts()
    assert facts["base_url"] == demo.base_url
    assert Path(facts["signer_certificate"]).read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE")
    assert {"json", "csv", "ndjson", "lote_anchors", "lote_register"} <= set(facts["lists"])
