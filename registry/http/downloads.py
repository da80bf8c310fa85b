"""How files that people handed in are handed out again."""

from werkzeug.http import dump_options_header


def download_headers(name: str) -> dict[str, str]:
    """Return headers under which a foreign file can do nothing: saved under its name, never sniffed, never run."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    options = {"filename": plain} if plain == name else {"filename": plain, "filename*": name}
    return {
        "Content-Disposition": dump_options_header("attachment", options),
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
