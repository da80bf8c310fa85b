"""The question a verifier has: was this issuer recognized for this, on that day?"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry.http.access import PUBLIC, allow

check = Blueprint("check", __name__)


@check.get("/check")
@allow(PUBLIC)
def ask() -> ResponseReturnValue:
    """Ask, and answer, each list by itself."""
    return render_template("public/check.html", asked=dict(request.args))
