"""What pages tell people to run is run here: every command of every list, every snippet, every setting; at a real port.

The lists are signed now, since clients read the clock. Spoiled copies and lists that ended are refused by each.
"""

import html
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from registry.app import create_app
from registry.config import Settings
from registry.editions import PlainFile
from registry.editions.wsgi import EditionMiddleware
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS
from registry.publishers.losses import loss_report
from registry.signing.certificates import to_pem
from registry.signing.jws import base64url, peek_compact
from registry.web.list_checks import check_commands
from registry.web.verifiers import SETTINGS, SNIPPETS
from web.signed_sample import SignedSample

from support.components import NODE_FOLDER, require_node, require_program, require_xmlsec1
from vectors import sample

SCHEME = sample.SCHEME.slug
JSON_CLIENTS = {
    "verify_list.py": "python3",
    "verify_list.mjs": "node",
    "VerifyList.java": "java",
    "verify_list.sh": "sh",
}
PACKAGES = {"java": "default-jdk-headless", "curl": "curl", "openssl": "openssl", "sh": "dash"}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@dataclass
class Served:
    """A published sample at an address, and a folder where a reader keeps clients and certificates."""

    sample: SignedSample
    base: str
    folder: Path

    def run(self, line: str) -> "subprocess.CompletedProcess[str]":
        """Run a line as a reader would; programs of this test run stand in for theirs."""
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "XDG_STATE_HOME": str(self.folder / "state"),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def url(self, file: str, scheme: str = SCHEME) -> str:
        return f"{self.base}/lists/{scheme}/1/{file}"


def spoiled_files(published: SignedSample) -> tuple[PlainFile, ...]:
    """Copies of signed documents in which one word is another."""
    spoiled = []
    for document, _ in published.documents():
        if document.media_type == "application/jose" and document.format_id != "statement":
            head, _, signature = document.body.split(b".")
            payload = peek_compact(document.body).payload.replace(b"Invented", b"Inverted", 1)
            body = b".".join([head, base64url(payload), signature])
        else:
            # The last one is in the payload; certificates beside it may hold the word, too.
            before, _, after = document.body.rpartition(b"Invented")
            body = before + b"Inverted" + after
        name = document.path.rsplit("/", 1)[1]
        spoiled.append(PlainFile(f"/spoiled/{document.format_id}/{name}", document.media_type, body))
    return tuple({file.path: file for file in spoiled}.values())


@contextmanager
def serving(folder: Path, at: datetime) -> Iterator[Served]:
    """Serve the sample as signed at a moment, with the clients downloaded and the certificates pinned."""
    server = make_server("127.0.0.1", 0, _nothing, server_class=_Server, handler_class=_Quiet)
    base = f"http://127.0.0.1:{server.server_port}"
    published = SignedSample(base, at)
    settings = Settings(
        data=folder / "data", base_url=base, database_url=f"sqlite:///{folder}/no/never.sqlite"
    )
    published.publish(settings.editions, spoiled_files(published))
    app = create_app(settings)
    server.set_app(EditionMiddleware(app.wsgi_app, settings.editions))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        home = folder / "reader"
        _furnish(home)
        served = Served(published, base, home)
        for client in (*SNIPPETS, *SETTINGS):
            kept = app.test_client().get(f"/clients/{SCHEME}/{client.file}", base_url=base)
            assert kept.status_code == 200
            (home / client.file).write_bytes(kept.data)
        for slug in (SCHEME, "registry"):
            pem = app.test_client().get(f"/schemes/{slug}/certificates.pem", base_url=base)
            (home / f"{slug}.pem").write_bytes(pem.data)
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _nothing(_environ: object, _start: object) -> list[bytes]:
    return []


def _furnish(home: Path) -> None:
    """Give a reader `registry`, `python3`, Node.js packages as this test run has them, and a Java that is quick to start."""
    (home / "bin").mkdir(parents=True)
    scripts = {
        "registry": f'exec "{sys.executable}" -m registry "$@"',
        "python3": f'exec "{sys.executable}" "$@"',
    }
    if java := shutil.which("java"):
        scripts["java"] = f'exec "{java}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$@"'
    for name, line in scripts.items():
        (home / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (home / "bin" / name).chmod(0o755)
    (home / "node_modules").symlink_to(NODE_FOLDER / "node_modules")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    with serving(tmp_path_factory.mktemp("fresh"), now) as running:
        yield running


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Lists that were signed long ago and never again."""
    with serving(
        tmp_path_factory.mktemp("stale"), datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)
    ) as running:
        yield running


def need(tool: str) -> None:
    """Skip loudly where a tool is missing."""
    for name in ("curl", "openssl", "java"):
        if name in tool:
            require_program(name, PACKAGES[name])
    if "xmlsec1" in tool:
        require_xmlsec1()
    if "Node" in tool or tool == "node":
        require_node()


def commands(served: Served) -> Iterator[tuple[str, str, str]]:
    """Yield (format, tool, line) of every command on the page of lists and the pages of formats."""
    for document, _ in served.sample.documents():
        if document.format_id == "statement" and not document.path.endswith("0001/statement.jws"):
            continue
        url, permanent = served.base + document.path, served.base + document.permanent_path
        for command in check_commands(url, permanent, document.media_type, document.scheme):
            yield document.format_id, command.tool, command.line


FORMATS = [*PUBLISHERS, *LISTS_OF_LISTS, "statement"]


@pytest.mark.parametrize("format_id", FORMATS)
def test_every_command_that_a_page_shows_accepts_the_list(served: Served, format_id: str) -> None:
    told = [(tool, line) for named, tool, line in commands(served) if named == format_id]
    assert told
    for tool, line in told:
        need(tool)
        done = served.run(line)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        if "sha256sum" in tool:
            found = next(d.sha256 for d, _ in served.sample.documents() if d.format_id == format_id)
            assert done.stdout.split()[0] == found


def test_the_page_of_lists_shows_exactly_these_commands(served: Served) -> None:
    done = served.run(f"curl -s {served.base}/en/lists")
    need("curl")
    shown = {html.unescape(code) for code in re.findall(r"<pre[^>]*><code>([^<]+)</code>", done.stdout)}
    told = {line for format_id, _, line in commands(served) if format_id != "statement"}
    pins = {line for line in shown if "certificates.pem -o" in line}
    assert shown - pins == told
    assert len(pins) == 2
    for line in pins:
        assert served.run(line).returncode == 0


@pytest.mark.parametrize("format_id", ["native_json", "tl_xml", "vical", "csv"])
def test_every_command_refuses_a_spoiled_copy(served: Served, format_id: str) -> None:
    document = next(d for d, _ in served.sample.documents() if d.format_id == format_id)
    name = document.path.rsplit("/", 1)[1]
    url = f"{served.base}/spoiled/{format_id}/{name}"
    for command in check_commands(url, url, document.media_type, document.scheme):
        need(command.tool)
        done = served.run(command.line)
        if "sha256sum" in command.tool:
            assert done.stdout.split()[0] != document.sha256
        else:
            said = done.stdout + done.stderr
            # Old releases of xmlsec1 end with 0 and say FAIL.
            assert done.returncode != 0 or ("xmlsec1" in command.tool and "FAIL" in said), (
                command.line,
                said,
            )


@pytest.mark.parametrize("name", ["list.jws", "lote-anchors.json", "governance.jwt"])
def test_the_snippet_in_java_verifies_a_list(served: Served, name: str) -> None:
    need("java")
    done = served.run(f"java VerifyList.java {served.url(name)} {SCHEME}.pem")
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stdout


def test_the_snippet_in_java_refuses_a_spoiled_list(served: Served) -> None:
    need("java")
    done = served.run(f"java VerifyList.java {served.base}/spoiled/native_json/list.jws {SCHEME}.pem")
    assert done.returncode != 0
    assert "refused: not signed by a pinned certificate" in done.stderr


@pytest.mark.parametrize("file", JSON_CLIENTS)
def test_a_snippet_refuses_the_list_of_another_signer(served: Served, file: str) -> None:
    need(JSON_CLIENTS[file])
    (served.folder / "other.pem").write_text(to_pem(sample.signer(3).certificates[0]))
    done = served.run(f"{JSON_CLIENTS[file]} {file} {served.url('list.jws')} other.pem")
    assert done.returncode != 0
    assert "OK" not in done.stdout


@pytest.mark.parametrize("file", sorted(JSON_CLIENTS.keys() - {"verify_list.sh"}))
@pytest.mark.parametrize("name", ["list.jws", "lote-register.json"])
def test_a_snippet_refuses_a_list_that_ended(stale: Served, file: str, name: str) -> None:
    need(JSON_CLIENTS[file])
    done = stale.run(f"{JSON_CLIENTS[file]} {file} {stale.url(name)} {SCHEME}.pem")
    assert done.returncode != 0
    assert "refused: the list ended on" in done.stdout + done.stderr


def test_the_snippet_for_vical_refuses_a_list_that_ended(stale: Served) -> None:
    done = stale.run(f"python3 verify_vical.py {stale.url('vical.cbor')} {SCHEME}.pem")
    assert done.returncode != 0
    assert "refused: the list ended on" in done.stderr


def anchors(served: Served) -> int:
    """How many certificates are usable, of issuers that are recognized."""
    at = served.sample.at
    return len(
        {
            identity.certificate
            for entry in served.sample.trust_list.entries
            if entry.status(at).is_recognized
            for identity in entry.identities
            if identity.certificate and identity.usable_at(at)
        }
    )


def test_openvc_with_our_settings_finds_the_recognized_issuers_in_both_lists(served: Served) -> None:
    done = served.run(f"python3 openvc_anchors.py {SCHEME}.pem")
    assert done.returncode == 0, done.stderr
    found = anchors(served)
    assert found > 1
    assert done.stdout == f"{found} anchors from lote-anchors.json, {found} from tl.xml\n"


def test_pyhanko_with_our_settings_finds_the_recognized_issuers(served: Served) -> None:
    done = served.run(f"python3 pyhanko_anchors.py {SCHEME}.pem")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{anchors(served)} anchors from tl.xml\n"


@pytest.mark.parametrize("file", ["openvc_anchors.py", "pyhanko_anchors.py"])
def test_settings_find_nobody_in_a_list_of_another_signer(served: Served, file: str) -> None:
    (served.folder / "other.pem").write_text(to_pem(sample.signer(3).certificates[0]))
    done = served.run(f"python3 {file} other.pem")
    assert done.returncode != 0
    assert "anchors" not in done.stdout


def test_every_snippet_said_to_be_run_is_run_here() -> None:
    tried = {client.file for client in (*SNIPPETS, *SETTINGS) if client.tried}
    assert tried == {*JSON_CLIENTS, "verify_vical.py", "openvc_anchors.py", "pyhanko_anchors.py"}


def test_every_format_of_the_loss_report_has_a_page_of_documentation() -> None:
    docs = Path(__file__).parents[2] / "docs" / "formats"
    formats = {one.format_id for one in loss_report()}
    assert formats == {page.stem for page in docs.glob("*.md")} - {"README"}
    index = (docs / "README.md").read_text()
    assert formats == set(re.findall(r"\(([a-z_]+)\.md\)", index))
