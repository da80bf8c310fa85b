"""Names on the web in canonical form: DNS names (IDNA 2008), origins (RFC 6454), addresses of websites."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import idna

from registry.errors import InvalidInput

LONGEST_NAME = 253  # RFC 1035, 2.3.4, without the root dot
LONGEST_ADDRESS = 2_000
_PLAIN_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}
_BARE_ADDRESS = re.compile(rf"https?://{_PLAIN_NAME.pattern}")  # canonical already, and most common
_UNSAFE = re.compile(r"[\s\\<>\"{}|^`\x00-\x20\x7f]")


def parse_domain(text: str) -> str:
    """Return a DNS name in lower case and ASCII (`xn--` form), without a root dot.

    Raises:
        InvalidInput: not a name with at least two labels, an IP address, or not valid under IDNA 2008.
    """
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        name = _to_ascii(name)
    if len(name) > LONGEST_NAME or not _PLAIN_NAME.fullmatch(name):
        raise InvalidInput(
            f"“{text}” is not a domain name; write it like example.edu, without https:// or a path."
        )
    return name if "xn--" not in name else _to_ascii(name)


def _to_ascii(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"The domain name “{name[:40]}…” is longer than {LONGEST_NAME} characters.")
    try:
        return idna.encode(name, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidInput(f"“{name}” is not an internationalized domain name: {error}.") from error


def parse_host(text: str) -> str:
    """Return a DNS name, a loopback name or an IP address in canonical form.

    Raises:
        InvalidInput: none of these.
    """
    host = text.strip("[]").lower()
    if host in _LOOPBACK:
        return host
    if ":" not in host and not host[-1:].isdigit():  # no top-level domain ends in a digit
        return parse_domain(text)
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        return parse_domain(text)


def parse_origin(text: str) -> str:
    """Return scheme, host and a port that differs from the scheme's own: `https://example.edu:8443`.

    Plain http is accepted from this machine only.

    Raises:
        InvalidInput: not an origin, or more than one (a path, a query, a user name).
    """
    parts = _split(text.strip())
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise InvalidInput(f"“{text}” is more than a web origin; leave out everything after the host.")
    origin = _origin(parts, text)
    if parts.scheme == "http" and parse_host(parts.hostname or "") not in _LOOPBACK:
        raise InvalidInput(f"“{text}” is not a secure web origin; it starts with https://.")
    return origin


def parse_website(text: str) -> str:
    """Return the address of a website; without a scheme it gets `https://`, a path of nothing but `/` goes.

    Query and path stay as they are. The address is evidence about an institution, never its identity.

    Raises:
        InvalidInput: not an address of a page on the web.
    """
    address = text.strip()
    if "://" not in address:
        address = f"https://{address}"
    if not address.isprintable() or len(address) > LONGEST_ADDRESS or _UNSAFE.search(address):
        raise InvalidInput(f"“{text}” is not the address of a website.")
    bare = address.removesuffix("/")
    if len(bare) <= LONGEST_NAME and "xn--" not in bare and _BARE_ADDRESS.fullmatch(bare):
        return bare
    parts = _split(address)
    path = "" if parts.path == "/" and not parts.query else parts.path
    tail = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{_origin(parts, text)}{path}{tail}{fragment}"


def website_host(website: str) -> str:
    """Return the host of an address from `parse_website`, without a leading `www.`: evidence, no identity."""
    return (urlsplit(website).hostname or "").removeprefix("www.")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises when the port is no number
    except ValueError as error:
        raise InvalidInput(f"“{address}” is not a web address: {error}.") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidInput(f"“{address}” is not a web address; it starts with https:// and a host name.")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput(f"“{address}” holds a user name; write the address without it.")
    return parts


def _origin(parts: SplitResult, text: str) -> str:
    host = parse_host(parts.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    if port == 0:
        raise InvalidInput(f"“{text}” names port 0, which does not exist.")
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _PORTS[parts.scheme] else "")
