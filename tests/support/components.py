"""Components that tests use and a machine may lack; the one place that decides to skip or to fail."""

import os
import shutil
from pathlib import Path

import pytest

NOT_RUN = "NOT RUN, component missing: "
"""How every such skip begins; the summary at the end of a run counts them by it."""

NODE_FOLDER = Path(__file__).parents[1] / "node"


def require(component: str, present: bool, remedy: str = "") -> None:
    """Skip the present test loudly when a component is missing.

    `REGISTRY_TEST_REQUIRE` names the components whose absence is a failure, separated by commas, or `all`.
    """
    if present:
        return
    message = f"{NOT_RUN}{component}" + (f" ({remedy})" if remedy else "")
    required = {name.strip() for name in os.environ.get("REGISTRY_TEST_REQUIRE", "").split(",")}
    if required & {"all", component}:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def require_node() -> str:
    """Return the path of `node`, with the packages of `tests/node` installed."""
    node = shutil.which("node")
    require("node", node is not None, "install Node.js 20 or newer")
    installed = (NODE_FOLDER / "node_modules").is_dir()
    require("node packages", installed, "run `npm ci` in tests/node")
    return node or ""


def require_chromium() -> str:
    """Return the path of Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    require("chromium", path is not None, "install the package chromium")
    return path or ""


def require_xmlsec1() -> str:
    """Return the path of `xmlsec1`."""
    return require_program("xmlsec1", "xmlsec1")


def require_program(name: str, package: str) -> str:
    """Return the path of a program that comes with a package of the system."""
    path = shutil.which(name)
    require(name, path is not None, f"install the package {package}")
    return path or ""
