"""Fetching from outside: public addresses alone, no redirect, no surprise; a real TLS server on loopback answers."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.outbound import LIMIT, FetchRefused, Outbound, is_public

HOST = "issuer.example"
PUBLIC = "93.184.216.34"


INSIDE = """
127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 198.18.0.1 255.255.255.255
::1 fe80::1 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1::
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_that_lead_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", f"::ffff:{PUBLIC}"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Server:
    """A TLS server that gives one answer to whoever connects."""

    def __init__(self, certificate: Path) -> None:
        self.answer = b""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.context, self.port = context, self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                raw, _ = self.socket.accept()
                with self.context.wrap_socket(raw, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(self.answer)
            except OSError:
                if self.socket.fileno() < 0:
                    return


@pytest.fixture
def server(certificate: Path) -> Iterator[Server]:
    found = Server(certificate)
    yield found
    found.socket.close()


def reach(server: Server, certificate: Path, *addresses: str) -> Outbound:
    """Return an Outbound to which the host has these addresses; the connection itself goes to the test's server."""
    return Outbound(
        lookup=lambda _host, _port: list(addresses),
        connect=lambda _address, _port: socket.create_connection(("127.0.0.1", server.port), timeout=5),
        context=ssl.create_default_context(cafile=str(certificate)),
    )


def answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def test_a_small_answer_is_returned(server: Server, certificate: Path) -> None:
    server.answer = answer(b"{}")
    assert reach(server, certificate, PUBLIC).fetch(f"https://{HOST}/did.json") == b"{}"


def test_one_inner_address_among_public_ones_is_enough_to_refuse(server: Server, certificate: Path) -> None:
    with pytest.raises(FetchRefused, match="public address"):
        reach(server, certificate, PUBLIC, "127.0.0.1").fetch(f"https://{HOST}/")


def test_redirects_are_not_followed(server: Server, certificate: Path) -> None:
    server.answer = b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(FetchRefused, match="redirects"):
        reach(server, certificate, PUBLIC).fetch(f"https://{HOST}/")


def test_an_endless_answer_is_cut(server: Server, certificate: Path) -> None:
    server.answer = answer(b"x" * (LIMIT + 10))
    with pytest.raises(FetchRefused, match="larger"):
        reach(server, certificate, PUBLIC).fetch(f"https://{HOST}/")


def test_another_hosts_certificate_is_refused(server: Server, certificate: Path) -> None:
    with pytest.raises(FetchRefused, match="did not answer"):
        reach(server, certificate, PUBLIC).fetch("https://other.example/")


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/",
        f"https://{HOST}:8443/",
        f"https://user@{HOST}/",
        "file:///etc/passwd",
        "https:///nothing",
    ],
)
def test_other_schemes_ports_and_names_are_refused(server: Server, certificate: Path, url: str) -> None:
    with pytest.raises(FetchRefused, match="only plain https"):
        reach(server, certificate, PUBLIC).fetch(url)
