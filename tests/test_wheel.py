"""The wheel carries all it needs: installed elsewhere it migrates an empty database and serves a page."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = """
import json, sys
from pathlib import Path
import registry
from registry import migrate
from registry.app import create_app
from registry.config import Settings
from registry.database import Database
from registry.editions import EditionStore

settings = Settings(data=Path(sys.argv[1]) / "var")
settings.data.mkdir()
migrate.upgrade(settings.sqlalchemy_url)
migrate.require_head(Database(settings.sqlalchemy_url).engine)
EditionStore(settings.editions).close()
answer = create_app(settings).test_client().get("/pl/")
print(json.dumps([registry.__file__, answer.status_code, answer.text]))
"""


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it, which borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    _run(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    venv.create(folder / "env", symlinks=True)
    (wheel,) = folder.glob("*.whl")
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "env")}))
    _run(*pip, "install", "-q", "--no-deps", "--no-index", "--target", site, wheel, cwd=folder)
    (site / "borrowed.pth").write_text(f"import sys; sys.path.append({sysconfig.get_path('purelib')!r})\n")
    return folder


def test_the_installed_wheel_migrates_a_database_and_serves_a_page(elsewhere: Path) -> None:
    python = elsewhere / "env" / "bin" / "python"
    origin, status, page = json.loads(_run(python, "-W", "error", "-c", SCRIPT, elsewhere, cwd=elsewhere))
    assert Path(origin).is_relative_to(elsewhere)
    assert status == 200
    assert '<html lang="pl"' in page


def test_the_wheel_brings_its_licence_and_no_tests(elsewhere: Path) -> None:
    installed = next((elsewhere / "env").rglob("registry")).parent
    assert list(installed.glob("issuer_registry-*.dist-info/licenses/LICENSE"))
    assert not (installed / "tests").exists()
    assert {"templates", "migrations", "policies"} <= {
        p.name for p in (installed / "registry/_data").iterdir()
    }
