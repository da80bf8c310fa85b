"""Addresses without a language: the entrance, and what load balancers ask."""

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from registry.http.access import PUBLIC, allow
from registry.http.transaction import database, settings
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
        "api": f"{base}/api/v1",
        "openapi": f"{base}/api/openapi.json",
        "pages_en": f"{base}/en/",
        "pages_pl": f"{base}/pl/",
    }


@root.get("/healthz")
@allow(PUBLIC)
def healthz() -> ResponseReturnValue:
    """Say that this process answers."""
    return jsonify(status="ok")


@root.get("/readyz")
@allow(PUBLIC)
def readyz() -> ResponseReturnValue:
    """Say what works; 200 also with the database down, since everything published is still served."""
    return jsonify(status="ok", database="up" if database().is_up() else "down")
