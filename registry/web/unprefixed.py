"""Addresses of pages without a language, as signed into lists or typed by hand: they lead to the reader's language."""

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.errors import NotFound
from registry.http.access import PUBLIC, allow
from registry.web.i18n import negotiate
from registry.web.published import scheme_wire
from registry.web.root import root


@root.get("/<any(check,issuers,lists,policies,about,accessibility,verifiers,apply,status,vocabulary):page>")
@root.get("/<any(status,schemes,policies,issuers,decisions):page>/<rest>")
@root.get("/<any(schemes,policies):page>/<path:rest>")
@root.get("/<any(lists):page>/<any(losses):rest>")
@root.get("/<any(lists):page>/<any(formats):rest>/<format_id>")
@allow(PUBLIC)
def to_language(page: str, rest: str = "", format_id: str = "") -> ResponseReturnValue:
    """Redirect to the page in the language of the cookie or the browser; the query is kept."""
    path = "/".join(part for part in (page, rest, format_id) if part)
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    response = redirect(f"/{negotiate()}/{path}{query}")
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@root.get("/schemes/<slug>/certificates.pem")
@allow(PUBLIC)
def certificates(slug: str) -> ResponseReturnValue:
    """Return the certificates under which the lists of a scheme are signed, the active one first, then the next."""
    pem = scheme_wire(slug).get("certificates")
    if not pem:
        raise NotFound(gettext("There is no such scheme."))
    headers = {
        "Content-Disposition": f'attachment; filename="{slug}.pem"',
        "Access-Control-Allow-Origin": "*",
    }
    return Response(pem, mimetype="application/x-pem-file", headers=headers)
