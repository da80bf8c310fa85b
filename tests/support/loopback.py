"""Tests talk to this machine alone: any other address fails the test that tried it."""

import ipaddress
import socket
from typing import Any

import pytest


def is_loopback(address: Any) -> bool:
    """Whether a socket address lies on this machine; paths of Unix sockets do."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).split("%", 1)[0]
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allow_only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `socket.connect` to another machine, and asking a name server about one, a test failure."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _guarded_connect(getattr(socket.socket, name)))
    monkeypatch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))


def _guarded_connect(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not is_loopback(address):
            pytest.fail(f"a test tried to connect to {address!r}; tests use loopback only")
        return connect(self, address)

    return guarded


def _guarded_lookup(lookup: Any) -> Any:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not is_loopback((name or "",)):
            pytest.fail(f"a test tried to look up {name!r}; tests use loopback only")
        return lookup(host, *args, **kwargs)

    return guarded
