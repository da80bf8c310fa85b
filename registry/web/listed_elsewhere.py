"""For operators: one institution as imports know it, and how lists of others list it. Read only."""

import uuid
from datetime import datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from registry.domain.roles import Role
from registry.errors import NotFound
from registry.http.access import allow
from registry.http.acting import acting
from registry.models.institution import Institution
from registry.services import foreign_lists, institutions
from registry.web.imports_admin import LIST_FORMATS, imports_admin


@imports_admin.get("/institutions/<uuid:institution_id>")
@allow(Role.OPERATOR)
def institution(institution_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is known of an institution, and where else it is listed: facts, nothing of them vetted here."""
    with acting() as act:
        found = act.session.get(Institution, institution_id)
        if found is None:
            raise NotFound(f"no institution {institution_id}")
        listings = foreign_lists.listings_of(act.session, institution_id)
        sources = dict.fromkeys(listing.source for listing in listings)
        facts: dict[str, Any] = institutions.current_facts(act.session, institution_id)
        return render_template(
            "admin/institution.html",
            institution=found,
            facts=facts,
            identifiers=found.identifiers,
            lists={source: foreign_lists.newest_of(act.session, source) for source in sources},
            listings={source: [one for one in listings if one.source == source] for source in sources},
            formats=LIST_FORMATS,
            when=datetime.fromisoformat,
        )
