"""The parts of HTTP answers for published documents: entity tags, caching, CORS, problems (RFC 9110, RFC 9457)."""

from functools import lru_cache

import orjson

Headers = list[tuple[str, str]]

PUBLIC: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Location"),
    ("X-Content-Type-Options", "nosniff"),
    ("Vary", "Accept-Encoding"),
]
"""Every answer of the edition store carries these: anybody may read it from any page."""
FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=60, stale-while-revalidate=30"
METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT: Headers = [
    *PUBLIC,
    ("Access-Control-Allow-Methods", METHODS),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Max-Age", "86400"),
    ("Allow", METHODS),
    ("Content-Length", "0"),
]


@lru_cache(maxsize=512)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether `Accept-Encoding` allows gzip (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        weights[coding.strip()] = _weight(parameter)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def matching_tag(if_none_match: str, tags: tuple[str, ...]) -> str | None:
    """Return the first of `tags`, current and in quotes, that `If-None-Match` names, or None (RFC 9110, 13.1.2).

    The comparison is weak: caches that compress on the way turn our tags into weak ones.
    """
    if if_none_match in tags:
        return if_none_match
    if if_none_match.strip() == "*":
        return tags[0]
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return next((tag for tag in tags if tag in named), None)


def problem(status: str, detail: str, instance: str) -> tuple[Headers, bytes]:
    """Return headers and body of a problem document (RFC 9457); `status` is like `404 Not Found`."""
    code, _, title = status.partition(" ")
    told = {
        "type": "about:blank",
        "title": title,
        "status": int(code),
        "detail": detail,
        "instance": instance,
    }
    return small_answer("application/problem+json", orjson.dumps(told))


def small_answer(media_type: str, body: bytes) -> tuple[Headers, bytes]:
    """Return headers and body of an answer that nobody shall keep."""
    plain = [("Content-Type", media_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    return [*PUBLIC, *plain], body


def redirect(location: str) -> Headers:
    """Return the headers of a redirect without a body."""
    return [*PUBLIC, ("Location", location), ("Cache-Control", SHORT), ("Content-Length", "0")]
