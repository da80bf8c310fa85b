"""Getting the bytes that `registry verify` judges: a file, https, or plain http on this very machine."""

import http.client
import ipaddress
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from registry.publishers.facts import VerificationFailed

LARGEST = 128 * 2**20
"""Most bytes of one document; a full shard in the largest format has about 30 MB."""
TIMEOUT = 20
"""Seconds of silence before a server counts as unreachable."""
LONGEST = 300
"""Seconds that a whole download may take."""
CHUNK = 2**18


def load(source: str) -> bytes:
    """Return the bytes of a file or an address.

    Raises:
        VerificationFailed: with check `fetch` and one sentence.
    """
    if "://" in source:
        return _download(source)
    try:
        with Path(source).open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise VerificationFailed("fetch", f"{source} cannot be read: {error.strerror or error}") from error
    return _bounded(body, source)


def check_address(url: str) -> None:
    """Refuse every address but https, and http on this machine.

    Raises:
        VerificationFailed: with check `fetch`.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise VerificationFailed("fetch", f"{url} is no address") from error
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise VerificationFailed(
            "fetch", f"{url} is not fetched: give an https address, or plain http on this machine alone"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where the first address could have led, and never down from https."""

    def redirect_request(  # the signature of the standard library
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        fp.close()
        check_address(newurl)
        if req.type != urlsplit(newurl).scheme:
            raise VerificationFailed(
                "fetch", f"{req.full_url} redirects to another kind of address: {newurl}"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(url: str) -> bytes:
    check_address(url)
    local = urlsplit(url).scheme == "http"
    proxies = [urllib.request.ProxyHandler({})] if local else []
    opener = urllib.request.build_opener(_Redirects, *proxies)
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})  # noqa: S310  # checked above
    try:
        with opener.open(request, timeout=TIMEOUT) as response:
            return _read(response, url)
    except urllib.error.HTTPError as error:
        error.close()
        raise VerificationFailed("fetch", f"{url} answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise VerificationFailed("fetch", f"{url} cannot be reached: {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise VerificationFailed("fetch", f"{url} cannot be read: {error}") from error


def _read(response: http.client.HTTPResponse, url: str) -> bytes:
    deadline = time.monotonic() + LONGEST
    body = bytearray()
    while chunk := response.read(CHUNK):
        body += chunk
        _bounded(body, url)
        if time.monotonic() > deadline:
            raise VerificationFailed("fetch", f"{url} took longer than {LONGEST} seconds")
    announced = response.headers.get("Content-Length")
    if announced is not None and announced.isdigit() and len(body) != int(announced):
        raise VerificationFailed("fetch", f"{url} broke off after {len(body)} of {announced} bytes")
    return bytes(body)


def _bounded(body: bytes | bytearray, source: str) -> bytes:
    if len(body) > LARGEST:
        raise VerificationFailed("fetch", f"{source} is larger than {LARGEST // 2**20} MiB")
    return body  # type: ignore[return-value]  # a bytearray is only measured here
