"""What the README shows on its first screen works on a demo as a newcomer starts it."""

import base64
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request
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


def test_a_program_of_the_demo_gets_a_token_at_once(demo: Demo) -> None:
    of_body, of_institution = demo.facts()["programs"]
    for program, role in ((of_body, "case_officer"), (of_institution, "contributor")):
        asked = {"grant_type": "client_credentials", "scope": f"role:{role}"}
        request = urllib.request.Request(
            f"{demo.base_url}/api/v1/oauth/token",
            data=urllib.parse.urlencode(asked).encode(),
            headers={"Authorization": basic(program["client_id"], program["client_secret"])},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert f"role:{role}" in json.load(answer)["scope"].split()


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def test_the_facts_name_what_a_verifier_needs(demo: Demo) -> None:
    facts = demo.facts()
    assert facts["base_url"] == demo.base_url
    assert Path(facts["signer_certificate"]).read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE")
    assert {"json", "csv", "ndjson", "lote_anchors", "lote_register"} <= set(facts["lists"])
