"""Headers of every answer that Flask gives: a content security policy with a nonce, and other locks."""

import secrets

from flask import Flask, Response, g, request

from registry.http.transaction import settings

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_ONE_YEAR = 365 * 24 * 3600


def csp_nonce() -> str:
    """Return this request's nonce for `<script nonce>` and `<style nonce>` (128 bits, base64)."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def init_headers(app: Flask) -> None:
    """Put the headers on every answer; a view may set its own caching first."""

    def add_headers(response: Response) -> Response:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=csp_nonce()))
        if settings().secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_ONE_YEAR}")
        if _is_personal(app):
            response.headers["Cache-Control"] = "no-store"
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-cache"
        return response

    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(add_headers)


def _is_personal(app: Flask) -> bool:
    endpoint = request.endpoint or ""
    if endpoint == "static":
        return False
    known = app.config["SESSION_COOKIE_NAME"] in request.cookies or "Authorization" in request.headers
    return known or endpoint.startswith("auth.")
