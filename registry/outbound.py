"""The one way to fetch from outside: https on its usual port, to public addresses alone, once, small, and soon over.

A name is looked up once, every address it has must be public, and the connection goes to the very address that was looked
at, so that a name cannot point elsewhere a moment later. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.errors import RegistryError

LIMIT = 2**20
"""Most bytes of an answer."""
TIMEOUT = 5.0
"""Seconds for each step of a connection."""

Lookup = Callable[[str, int], list[str]]
Connect = Callable[[str, int], socket.socket]

_FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "198.18.0.0/15",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
    )
)
"""Networks that Python calls global on some versions and that lead inside."""


class FetchRefused(RegistryError):
    """The address may not be fetched, or nobody answered as expected; the message says which."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """Fetches. Tests hand in their own look-up and connection; the rules stay the same."""

    lookup: Lookup
    connect: Connect
    context: ssl.SSLContext

    def fetch(self, url: str) -> bytes:
        """Return the body of an https address.

        Raises:
            FetchRefused: another scheme or port, an address inside, a redirect, an error, too large, or too slow.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" or parts.port not in {None, 443} or not host or parts.username:
            raise FetchRefused(f"{url}: only plain https addresses on their usual port are fetched")
        address = self._public_address(host)
        try:
            return self._get(host, address, parts.path or "/", parts.query)
        except (OSError, http.client.HTTPException) as error:
            raise FetchRefused(f"{host} did not answer: {error}") from error

    def _public_address(self, host: str) -> str:
        try:
            addresses = self.lookup(host, 443)
        except OSError as error:
            raise FetchRefused(f"{host} has no address") from error
        if not addresses or not all(is_public(address) for address in addresses):
            raise FetchRefused(f"{host} does not lead to a public address")
        return addresses[0]

    def _get(self, host: str, address: str, path: str, query: str) -> bytes:
        with (
            self.connect(address, 443) as raw,
            self.context.wrap_socket(raw, server_hostname=host) as secure,
        ):
            connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
            connection.sock = secure
            target = f"{path}?{query}" if query else path
            connection.request(
                "GET", target, headers={"Accept": "application/json", "User-Agent": "issuer-registry"}
            )
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise FetchRefused(f"{host} answered {answer.status}; redirects are not followed")
            body = answer.read(LIMIT + 1)
        if len(body) > LIMIT:
            raise FetchRefused(f"the answer of {host} is larger than {LIMIT} bytes")
        return body


def is_public(address: str) -> bool:
    """Whether an IP address lies outside, also when it hides an IPv4 address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    inside = any(found.version == network.version and found in network for network in _FORBIDDEN)
    return found.is_global and not found.is_multicast and not inside


def outbound() -> Outbound:
    """Return the real thing."""
    return Outbound(_lookup, _connect, ssl.create_default_context())


def _lookup(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in found]


def _connect(address: str, port: int) -> socket.socket:
    return socket.create_connection((address, port), timeout=TIMEOUT)
