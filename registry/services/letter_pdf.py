"""Letters as PDF: WeasyPrint renders them in a process of its own, so that no web worker carries or waits on its libraries.

WeasyPrint is the optional extra `pdf`, and needs Pango from the system. Nothing is fetched: a letter is whole by itself.
"""

import subprocess
import sys
from functools import cache
from importlib.util import find_spec

from registry.errors import NotConfigured, RegistryError

SECONDS = 60
"""How long one letter may take."""


class LetterNotRendered(RegistryError):
    """The PDF could not be made."""


@cache
def is_available() -> bool:
    """Whether the extra is installed."""
    return find_spec("weasyprint") is not None


def render(html: str) -> bytes:
    """Return a PDF of a document.

    Raises:
        NotConfigured: the extra `pdf` is not installed here.
        LetterNotRendered: Pango is missing, or the rendering failed or took too long.
    """
    if not is_available():
        raise NotConfigured(
            "PDF letters need the extra: pip install 'issuer-registry[pdf]'; or print the page"
        )
    try:
        # no user input on the command line; the document goes in by standard input
        done = subprocess.run(
            [sys.executable, "-m", "registry.services.letter_pdf"],
            input=html.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LetterNotRendered("making the PDF took too long; print the page instead") from error
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise LetterNotRendered("the PDF could not be made; print the page instead")
    return done.stdout


def _main() -> None:
    from weasyprint import HTML  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an optional extra

    document = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=_fetch_nothing)
    sys.stdout.buffer.write(document.write_pdf(pdf_variant="pdf/ua-1"))


def _fetch_nothing(url: str, *_arguments: object, **_options: object) -> dict[str, object]:
    raise ValueError(f"a letter fetches nothing: {url}")


if __name__ == "__main__":
    _main()
