"""Where the addresses of our own terms lead: schemes, the terms of their lists, the words of linked data.

Standards want such an address to open a page for people; those that no list of ours can name are not found.
"""

from collections.abc import Mapping
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.errors import NotFound
from registry.http.access import PUBLIC, allow
from registry.http.transaction import settings
from registry.publishers.traits import REGISTRY
from registry.web.authorities import published_authorities
from registry.web.formats import format_text
from registry.web.policies import policy_title
from registry.web.public import public
from registry.web.published import reader, scheme_wire, schemes_by_slug
from registry.web.terms import REGISTRY_TERMS, SCHEME_TERMS, Term, scheme_term
from registry.web.vocabulary import CLASSES, PROPERTIES


@public.get("/schemes/<slug>")
@allow(PUBLIC)
def scheme(slug: str) -> ResponseReturnValue:
    """Explain one scheme; its URI in signed lists opens this page.

    Raises:
        NotFound: no such scheme.
    """
    wire = _scheme(slug)
    heads = [head for head in reader().heads() if head.scheme == slug]
    if slug == REGISTRY:
        return render_template(
            "public/registry_scheme.html",
            scheme=wire,
            heads=heads,
            schemes=schemes_by_slug(),
            terms=REGISTRY_TERMS,
            format_text=format_text,
            authorities=published_authorities(),
        )
    total = reader().search("", {"scheme": [slug]}, page=1, size=1).total
    return render_template(
        "public/scheme.html",
        scheme=wire,
        slug=slug,
        heads=heads,
        total=total,
        terms=SCHEME_TERMS,
        policy_title=policy_title,
    )


@public.get("/schemes/<slug>/<path:path>")
@allow(PUBLIC)
def term(slug: str, path: str) -> ResponseReturnValue:
    """Explain one term of the lists of a scheme; its URI in signed lists opens this page.

    Raises:
        NotFound: no such scheme, or no list names such a term.
    """
    wire = _scheme(slug)
    found: Term | None = REGISTRY_TERMS.get(path) if slug == REGISTRY else scheme_term(path)
    if found is None:
        raise NotFound(gettext("No list of this scheme names such a term."))
    return render_template(
        "public/term.html",
        scheme=wire,
        slug=slug,
        path=path,
        term=found,
        uri=f"{settings().base_url}/schemes/{slug}/{path}",
        policy_title=policy_title,
        format_text=format_text,
    )


def _scheme(slug: str) -> Mapping[str, Any]:
    """Return the wire form of a scheme; that of the whole registry is there even before it has lists of its own."""
    wire = scheme_wire(slug)
    if not wire and slug != REGISTRY:
        raise NotFound(gettext("There is no such scheme."))
    return wire


@public.get("/vocabulary")
@allow(PUBLIC)
def vocabulary() -> ResponseReturnValue:
    """Explain our own words in linked data; the URI of each opens this page at its place."""
    base = f"{settings().base_url}/vocabulary#"
    return render_template("public/vocabulary.html", classes=CLASSES, properties=PROPERTIES, base=base)
