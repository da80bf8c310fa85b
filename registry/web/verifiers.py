"""Software that reads our lists: ready settings and snippets, with the addresses of one scheme filled in.

Snippets are templates under `clients`; the page shows them, the address of each gives them as plain text, and a test runs
them against a published list.
"""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.recognition import Status
from registry.domain.trust_list import Text
from registry.errors import NotFound
from registry.http.access import PUBLIC, allow
from registry.http.transaction import settings
from registry.publishers.traits import REGISTRY
from registry.web.authorities import published_authorities
from registry.web.list_checks import certificate_file, pin_command
from registry.web.public import public
from registry.web.published import reader, schemes_by_slug
from registry.web.root import root

SERVICE_TYPE: Final = "svc-type/microcredential-issuance"
NO_SCHEME: Final = "SCHEME"
"""What stands for the scheme while none is published."""


@dataclass(frozen=True, slots=True)
class Client:
    """One snippet: its file, what it needs, what it does; `tried` is false where no test of ours runs it."""

    file: str
    name: str
    about: Text
    tried: bool = True


SNIPPETS: Final = (
    Client(
        "verify_list.py",
        "Python",
        Text.of(
            en="Any signed list in JSON, with the package cryptography alone.",
            pl="Każda podpisana lista w JSON, z samym pakietem cryptography.",
        ),
    ),
    Client(
        "verify_list.mjs",
        "JavaScript",
        Text.of(
            en="Any signed list in JSON, with Node.js and jose.",
            pl="Każda podpisana lista w JSON, z Node.js i jose.",
        ),
    ),
    Client(
        "VerifyList.java",
        "Java",
        Text.of(
            en="Any signed list in JSON, with nothing but Java 17.",
            pl="Każda podpisana lista w JSON, z samą Javą 17.",
        ),
    ),
    Client(
        "verify_list.sh",
        "curl, openssl",
        Text.of(
            en="Any signed list in JSON, in a shell. It checks the signature; the dates are for you to read.",
            pl="Każda podpisana lista w JSON, w powłoce systemu. Sprawdza podpis; daty trzeba odczytać samemu.",
        ),
    ),
    Client(
        "verify_vical.py",
        "Python, VICAL",
        Text.of(
            en="The list for readers of mobile documents, with cwt.",
            pl="Lista dla czytników dokumentów mobilnych, z cwt.",
        ),
    ),
)
"""Snippets that verify a list."""
SETTINGS: Final = (
    Client(
        "openvc_anchors.py",
        "openvc",
        Text.of(
            en="Without these types and statuses openvc finds nobody, since it looks for qualified EU services.",
            pl="Bez tych rodzajów i statusów openvc nie znajdzie nikogo, bo szuka kwalifikowanych usług unijnych.",
        ),
    ),
    Client(
        "pyhanko_anchors.py",
        "pyHanko",
        Text.of(
            en="pyHanko verifies the list; services are picked by our type and status, and become its trust roots.",
            pl="pyHanko sprawdza listę; usługi wybiera się według naszego rodzaju i statusu i stają się one jego kotwicami.",
        ),
    ),
    Client(
        "DssTrustedList.java",
        "DSS",
        Text.of(
            en="A source of trusted lists with a predicate for our type and statuses.",
            pl="Źródło list zaufania z warunkiem na nasz rodzaj i nasze statusy.",
        ),
        tried=False,
    ),
    Client(
        "EudiTrust.kt",
        "EUDI (etsi-1196x2)",
        Text.of(
            en="A use case of its own for attestations that are neither qualified nor of a public body. Names of classes differ between releases.",
            pl="Własny przypadek użycia dla poświadczeń, które nie są kwalifikowane ani wydane przez organ publiczny. Nazwy klas różnią się między wydaniami.",
        ),
        tried=False,
    ),
)
"""Settings of clients that know trust lists already."""


def client_values(base_url: str, scheme: str) -> Mapping[str, Any]:
    """Return what the snippets are filled in with; their first shard stands for the list."""
    return {
        "base_url": base_url,
        "scheme": scheme,
        "lists": f"{base_url}/lists/{scheme}/1",
        "service_type": f"{base_url}/schemes/{scheme}/{SERVICE_TYPE}",
        "recognized": [
            f"{base_url}/status/{status.value.replace('_', '-')}" for status in Status if status.is_recognized
        ],
    }


def client_text(file: str, scheme: str) -> str:
    """Return a snippet for one scheme."""
    return render_template(f"clients/{file}", **client_values(settings().base_url, scheme)) + "\n"


@public.get("/verifiers")
@allow(PUBLIC)
def verifiers() -> ResponseReturnValue:
    """Say how software and people verify what is published, for the scheme asked for.

    Raises:
        NotFound: no such scheme.
    """
    schemes = schemes_by_slug()
    scheme = request.args.get("scheme", "") or next(iter(schemes), NO_SCHEME)
    if scheme not in schemes and scheme != NO_SCHEME:
        raise NotFound(gettext("There is no such scheme."))
    base_url = settings().base_url
    head = reader().head(scheme, "native_json", "1")
    return render_template(
        "public/verifiers.html",
        schemes=schemes,
        scheme=scheme,
        base_url=base_url,
        example=base_url + (head.path if head else f"/lists/{scheme}/1/list.jws"),
        pin=pin_command(base_url, scheme),
        pem=certificate_file(scheme),
        values=client_values(base_url, scheme),
        snippets=SNIPPETS,
        client_settings=SETTINGS,
        client_text=client_text,
        authorities=published_authorities(),
    )


@root.get("/clients/<slug>/<file>")
@allow(PUBLIC)
def client(slug: str, file: str) -> ResponseReturnValue:
    """Return a snippet as a text to keep, filled in for a scheme.

    Raises:
        NotFound: no such scheme or snippet.
    """
    if slug not in {*schemes_by_slug(), REGISTRY}:
        raise NotFound(gettext("There is no such scheme."))
    # Lists of the whole registry can be verified; they hold no issuers to take for anchors.
    if file not in {known.file for known in (SNIPPETS if slug == REGISTRY else (*SNIPPETS, *SETTINGS))}:
        raise NotFound(gettext("There is no such snippet."))
    return Response(client_text(file, slug), mimetype="text/plain")
