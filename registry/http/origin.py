"""Forms come from our own pages: a second lock beside the token, read from what browsers say of the sender."""

from urllib.parse import urlsplit

from flask import Flask, request

from registry.errors import NotAllowed
from registry.http.sessions import API_PREFIX

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def init_origin(app: Flask) -> None:
    """Refuse unsafe requests that browsers send from another site; the API takes no cookies and needs no check."""
    app.before_request(_check_origin)


def _check_origin() -> None:
    if request.method in _SAFE or request.path.startswith(API_PREFIX):
        return
    origin = request.headers.get("Origin")
    # Hosts are compared without the scheme, since a proxy may end the encryption.
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowed("This form was sent from another site.")
