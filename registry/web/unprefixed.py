"""Addresses of pages without a language, as signed into lists or typed by hand: they lead to the reader's language."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from registry.http.access import PUBLIC, allow
from registry.web.i18n import negotiate
from registry.web.root import root


@root.get("/<any(check,issuers,lists,policies,about,accessibility,verifiers,apply):page>")
@root.get("/<any(status,schemes,policies,issuers):page>/<rest>")
@root.get("/<any(schemes,policies):page>/<path:rest>")
@allow(PUBLIC)
def to_language(page: str, rest: str = "") -> ResponseReturnValue:
    """Redirect to the page in the language of the cookie or the browser; the query is kept."""
    path = f"{page}/{rest}" if rest else page
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    response = redirect(f"/{negotiate()}/{path}{query}")
    response.vary.update(("Accept-Language", "Cookie"))
    return response
