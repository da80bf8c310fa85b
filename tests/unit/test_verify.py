"""`registry verify`: what it accepts, what it refuses with which check, and what it remembers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from registry.cli.verify import verify
from registry.cli.verify_memory import state_directory
from registry.publishers import PUBLISHERS, STATEMENT, build
from registry.publishers.base import JOSE
from registry.signing.certificates import to_pem
from registry.signing.jws import base64url, peek_compact, sign_compact

from vectors.sample import header, private_key, sample_entries, sample_list, signer

CBOR = "application/cbor"
SIGNED = [name for name, publisher in PUBLISHERS.items() if publisher.media_type in {JOSE, CBOR}]
JWS = [*(name for name in SIGNED if PUBLISHERS[name].media_type == JOSE), "statement"]
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "registry-verify"


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    path = tmp_path / "signer.pem"
    path.write_text(to_pem(signer().certificates[0]))
    return path


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document of the sample scheme and return its path."""

    def written(
        format_id: str = "native_json",
        sequence: int = 7,
        key: int = 1,
        issued: datetime = NOW - timedelta(hours=1),
    ) -> Path:
        head = header(sequence, issued)
        if format_id == "statement":
            document = STATEMENT.statement(sample_entries()[1], head, signer(key))
        else:
            document = build(PUBLISHERS[format_id], sample_list(at=issued), head, signer(key))
        path = tmp_path / f"{format_id}-{sequence}-{key}"
        path.write_bytes(document.body)
        return path

    return written


def run(source: Path | str, trust: Path | str, *more: str) -> Result:
    return CliRunner().invoke(verify, [str(source), "--trust", str(trust), *more])


def refused(result: Result, check: str, words: str = "") -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"FAILED {check}: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("format_id", [*SIGNED, "statement"])
def test_every_signed_format_verifies_with_one_line(write: Write, pin: Path, format_id: str) -> None:
    result = run(write(format_id), pin)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"OK {format_id} of Invented Board for Short Courses")
    assert "sequence 7" in result.stdout
    assert result.stdout.count("\n") == 1


@pytest.mark.usefixtures("state")
def test_the_outcome_can_be_had_as_json(write: Write, pin: Path) -> None:
    good = json.loads(run(write(), pin, "--json").stdout)
    assert (good["ok"], good["format"], good["sequence"], good["entries"]) == (True, "native_json", 7, 25)
    bad = json.loads(run(write(key=2), pin, "--json").stdout)
    assert (bad["ok"], bad["check"]) == (False, "trust")


@pytest.mark.parametrize("format_id", JWS)
def test_a_changed_document_fails_on_its_signature(
    write: Write, pin: Path, state: Path, format_id: str
) -> None:
    path = write(format_id)
    head, payload, signature = path.read_bytes().split(b".")
    path.write_bytes(
        b".".join(
            [head, payload[:100] + (b"A" if payload[100:101] != b"A" else b"B") + payload[101:], signature]
        )
    )
    refused(run(path, pin), "signature")
    assert not state.exists()


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.999])
def test_a_truncated_document_fails(write: Write, pin: Path, state: Path, keep: float) -> None:
    path = write()
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * keep)])
    result = run(path, pin)
    refused(result, "signature" if keep > 0.9 else "format")
    assert not state.exists()


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("format_id", [*SIGNED, "statement"])
def test_another_signer_fails_on_trust_though_the_signature_is_sound(
    write: Write, pin: Path, format_id: str
) -> None:
    refused(run(write(format_id, key=2), pin), "trust")


@pytest.mark.usefixtures("state")
def test_a_trusted_certificate_of_another_operator_fails_on_trust(write: Write, tmp_path: Path) -> None:
    other = signer(3, operator="Another Board")
    document = build(PUBLISHERS["native_json"], sample_list(), header(7, NOW), other)
    path, pin = tmp_path / "list", tmp_path / "other.pem"
    path.write_bytes(document.body)
    pin.write_text(to_pem(other.certificates[0]))
    refused(run(path, pin), "trust", "is not that of Invented Board")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("format_id", [*SIGNED, "statement"])
@pytest.mark.parametrize("form", ["jwk", "jwks", "spki"])
def test_a_bare_public_key_can_be_trusted(write: Write, tmp_path: Path, format_id: str, form: str) -> None:
    public = private_key(1).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = ECKey.import_key(public).as_dict(private=False)
    content = {"jwk": json.dumps(jwk).encode(), "jwks": json.dumps({"keys": [jwk]}).encode(), "spki": public}[
        form
    ]
    trust = tmp_path / "trust"
    trust.write_bytes(content)
    assert run(write(format_id), trust).exit_code == 0
    refused(run(write(format_id, key=2), trust), "signature" if format_id == "statement" else "trust")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "content", [b"", b"hello", b"{}", b'{"keys":[]}', b'{"kty":"EC"}', b"-----BEGIN PUBLIC KEY-----\n"]
)
def test_a_trust_file_that_cannot_be_read_fails_on_trust(
    write: Write, tmp_path: Path, content: bytes
) -> None:
    trust = tmp_path / "trust"
    trust.write_bytes(content)
    refused(run(write(), trust), "trust")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "trust", ["nowhere.pem", "http://127.0.0.1:9/x.pem", "http://board.example/x.pem", "ftp://x/y"]
)
def test_an_unknown_address_of_trust_fails_on_trust(write: Write, trust: str) -> None:
    refused(run(write(), trust), "trust", trust)


def test_a_list_out_of_date_fails_on_freshness_unless_judged_as_of_then(
    write: Write, pin: Path, state: Path
) -> None:
    path = write(issued=NOW - 2 * DAY)
    refused(run(path, pin), "freshness", "out of date")
    assert run(path, pin, "--at", (NOW - 1.5 * DAY).isoformat()).exit_code == 0
    assert not state.exists()


@pytest.mark.usefixtures("state")
def test_a_list_from_the_future_fails_on_freshness(write: Write, pin: Path) -> None:
    refused(run(write(issued=NOW + DAY), pin), "freshness", "future")


@pytest.mark.usefixtures("state")
def test_a_number_that_goes_back_fails_on_sequence(write: Write, pin: Path) -> None:
    assert run(write(sequence=8), pin).exit_code == 0
    refused(run(write(sequence=7), pin), "sequence", "number 7 is older than number 8")
    assert run(write(sequence=9), pin).exit_code == 0


@pytest.mark.usefixtures("state")
def test_one_number_on_two_documents_fails_on_sequence(write: Write, pin: Path) -> None:
    path = write()
    assert [run(path, pin).exit_code for _ in range(2)] == [0, 0]
    refused(run(write(issued=NOW - timedelta(hours=2)), pin), "sequence", "other content")


@pytest.mark.usefixtures("state")
def test_each_list_and_each_signer_has_a_memory_of_its_own(write: Write, pin: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.pem"
    second.write_text(to_pem(signer(2).certificates[0]))
    assert run(write(sequence=8), pin).exit_code == 0
    assert run(write("lote_anchors", sequence=2), pin).exit_code == 0
    assert run(write(sequence=1, key=2), second).exit_code == 0
    refused(run(write(sequence=1), pin), "sequence")


def test_a_damaged_memory_is_told_and_not_replaced(write: Write, pin: Path, state: Path) -> None:
    assert run(write(), pin).exit_code == 0
    [memory] = state.glob("*.json")
    memory.write_text("{")
    refused(run(write(sequence=8), pin), "sequence", "start afresh")
    assert memory.read_text() == "{"


def test_a_failed_check_leaves_the_memory_as_it_was(write: Write, pin: Path, state: Path) -> None:
    assert run(write(), pin).exit_code == 0
    before = {path: path.read_bytes() for path in state.iterdir()}
    refused(run(write(sequence=6), pin), "sequence")
    refused(run(write(key=2, sequence=9), pin), "trust")
    assert {path: path.read_bytes() for path in state.iterdir()} == before


def test_a_relative_state_home_counts_as_unset() -> None:
    assert state_directory({"XDG_STATE_HOME": "here"}) == Path.home() / ".local" / "state" / "registry-verify"


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("format_id", ["csv", "ndjson"])
def test_an_unsigned_format_says_where_its_digest_stands(write: Write, pin: Path, format_id: str) -> None:
    refused(run(write(format_id), pin), "format", "/lists/index.json")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("content", [b"", b"<html></html>", b"a.b.c", b"\xff\xfe", b"{}"])
def test_anything_else_fails_on_format(tmp_path: Path, pin: Path, content: bytes) -> None:
    path = tmp_path / "document"
    path.write_bytes(content)
    refused(run(path, pin), "format")


def resigned(path: Path, change: Callable[[bytes], bytes], typ: str | None = "trust-list+jws") -> None:
    token = peek_compact(path.read_bytes())
    kept = {name: value for name, value in token.header.items() if name not in {"alg", "typ"}}
    path.write_bytes(sign_compact(change(token.payload), signer(), typ, kept))


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        (b'"shards":1', b'"shards":"1"', "schema"),
        (b'"shards":1,', b"", "schema"),
        (b'"shards":1', b'"shards":1,"more":1', "schema"),
        (b'"sequence":7', b'"sequence":0', "schema"),
        (b'"sequence":7', b'"sequence":true', "schema"),
        (b'Z"', b'"', "schema"),
        (b"issuer-registry/trust-list/1", b"issuer-registry/trust-list/2", "format"),
        (b"{", b"[", "schema"),
    ],
)
def test_a_signed_list_of_another_form_is_refused(
    write: Write, pin: Path, old: bytes, new: bytes, check: str
) -> None:
    path = write()
    resigned(path, lambda payload: payload.replace(old, new))
    refused(run(path, pin), check)


@pytest.mark.usefixtures("state")
def test_a_signing_time_other_than_the_time_of_issue_is_refused(write: Write, pin: Path) -> None:
    path = write()
    token = peek_compact(path.read_bytes())
    kept = {name: value for name, value in token.header.items() if name not in {"alg", "typ", "iat"}}
    path.write_bytes(sign_compact(token.payload, signer(), "trust-list+jws", kept))
    refused(run(path, pin), "schema", "signing time")


@pytest.mark.usefixtures("state")
def test_a_statement_does_not_pass_for_a_list(write: Write, pin: Path) -> None:
    path = write("statement")
    resigned(path, lambda payload: payload, "trust-list+jws")
    refused(run(path, pin), "format", "another kind")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("format_id", "old", "new"),
    [
        ("lote_anchors", b'"LoTEVersionIdentifier":1', b'"LoTEVersionIdentifier":"1"'),
        ("lote_anchors", b'"ServiceName"', b'"ServiceStatus":"https://x.example/y","ServiceName"'),
        ("lote_anchors", b'"Critical":false', b'"Critical":true'),
        ("lote_anchors", b'"X509Certificates"', b'"X509Certificate"'),
        ("lote_register", b"/status/active", b"/status/withdrawn"),
        ("lote_register", b'"StatusStartingTime"', b'"StatusStartTime"'),
        ("lote_register", b'"SchemeTerritory":"PL",', b""),
    ],
)
def test_a_signed_lote_of_another_form_fails_on_schema(
    write: Write, pin: Path, format_id: str, old: bytes, new: bytes
) -> None:
    path = write(format_id)
    resigned(path, lambda payload: payload.replace(old, new), None)
    refused(run(path, pin), "schema")


def test_wrong_usage_exits_with_two() -> None:
    assert CliRunner().invoke(verify, ["list.jws"]).exit_code == 2
    assert run("list.jws", "pin.pem", "--at", "yesterday").exit_code == 2


_MOVED = {
    "/moved": "/list.jws",
    "/elsewhere": "ftp://board.example/list",
    "/abroad": "http://board.example/list",
    "/circle": "/circle",
}


class _Served(BaseHTTPRequestHandler):
    body = b""

    def do_GET(self) -> None:
        if self.path in _MOVED:
            self.send_response(302)
            self.send_header("Location", _MOVED[self.path])
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Length", str(len(self.body) + (self.path == "/short")))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(write: Write) -> Iterator[str]:
    handler = type("Handler", (_Served,), {"body": write().read_bytes()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.usefixtures("state")
def test_a_list_is_fetched_from_this_machine_over_plain_http(server: str, pin: Path) -> None:
    assert run(f"{server}/list.jws", pin).exit_code == 0
    assert run(f"{server}/moved", pin).exit_code == 0


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("path", ["/gone", "/short", "/elsewhere", "/abroad", "/circle"])
def test_a_failed_download_fails_on_fetch(server: str, pin: Path, path: str) -> None:
    refused(run(server + path, pin), "fetch")


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "url",
    [
        "http://board.example/list.jws",
        "file:///etc/passwd",
        "http://127.0.0.1:9/x",
        "https://",
        "http://[::1",
    ],
)
def test_other_addresses_fail_on_fetch(pin: Path, url: str) -> None:
    refused(run(url, pin), "fetch")


@pytest.mark.usefixtures("state")
def test_a_list_cannot_steer_the_terminal(pin: Path, tmp_path: Path) -> None:
    listed = sample_list()
    scheme = replace(listed.scheme, name=type(listed.scheme.name).of(en="Fine\x1b[2Jname\nOK", pl="x"))
    document = build(PUBLISHERS["native_json"], listed, replace(header(7, NOW), scheme=scheme), signer())
    path = tmp_path / "list"
    path.write_bytes(document.body)
    out = run(path, pin).stdout
    assert "\x1b" not in out
    assert out.count("\n") == 1


def test_the_signature_part_is_not_read_leniently() -> None:
    assert base64url(b"\xff\xfe") == b"__4"
