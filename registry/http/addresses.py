"""Addresses that come from outside: where to go after signing in."""

from urllib.parse import urlsplit


def local_target(target: str | None) -> str | None:
    """Return `target` if it is an absolute path on this site and browsers read it as one, else None."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return None
    if target.startswith("//") or "\\" in target or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return target if not parts.scheme and not parts.netloc and not parts.path.startswith("//") else None
