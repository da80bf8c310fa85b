"""The entrance, which has no language: people go to their pages, programs learn what there is."""

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from registry.http.access import PUBLIC, allow
from registry.http.transaction import settings
from registry.web.i18n import negotiate

root = Blueprint("root", __name__)


@root.get("/")
@allow(PUBLIC)
def index() -> ResponseReturnValue:
    """Send people to the pages in their language, and tell programs where the machine-readable parts are."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    response = jsonify(_index()) if best == "application/json" else redirect(f"/{negotiate()}/")
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    response.headers["Cache-Control"] = "no-cache"
    return response


def _index() -> dict[str, str]:
    base = settings().base_url
    return {
        "lists": f"{base}/lists/index.json",
        "losses": f"{base}/lists/losses.json",
        "api": f"{base}/api/v1",
        "openapi": f"{base}/api/openapi.json",
        "pages_en": f"{base}/en/",
        "pages_pl": f"{base}/pl/",
    }
