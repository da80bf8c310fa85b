"""Policies in plain sight, over time: what changes between two versions, and texts that are put to everybody."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy_diff import Kind, Part, diff
from registry.errors import Conflict, FieldError, InvalidInput, NotFound
from registry.http import known_policies
from registry.http.access import PUBLIC, SIGNED_IN, allow
from registry.http.acting import acting
from registry.http.transaction import database, now
from registry.models.policy_draft import Consultation
from registry.services import policy_life as service
from registry.web.i18n import text
from registry.web.policies import outcome_label, policies
from registry.web.policy_changes import rows_by_part
from registry.web.sentences import sentence
from registry.web.work import errors_at, problems_of


@policies.get("/policies/<policy_id>/diff/<old>/<new>")
@allow(PUBLIC)
def changes(policy_id: str, old: str, new: str) -> ResponseReturnValue:
    """Show what changes from one version of a policy to another."""
    first, second = known_policies.named(policy_id, old), known_policies.named(policy_id, new)
    found = diff(first.policy, second.policy)
    return render_template(
        "public/policy_diff.html",
        found=found,
        parts=rows_by_part(found),
        hashes=(first.sha256, second.sha256),
        versions=known_policies.versions(policy_id),
        Kind=Kind,
        Part=Part,
    )


@policies.get("/consultations")
@allow(PUBLIC)
def consultations() -> ResponseReturnValue:
    """List the texts that everybody may comment on now."""
    with database().reading() as session:
        rows = [(one, service.text_of(one).policy) for one in service.public_consultations(session, at=now())]
        return render_template("public/consultations.html", rows=rows)


@policies.get("/consultations/<uuid:consultation_id>")
@allow(PUBLIC)
def consultation(consultation_id: uuid.UUID) -> ResponseReturnValue:
    """Show a text in consultation, what was said about it where that is published, and the form for a comment."""
    return _consultation_page(consultation_id, {}, [], 200)


@policies.post("/consultations/<uuid:consultation_id>")
@allow(SIGNED_IN)
def send_comment(consultation_id: uuid.UUID) -> ResponseReturnValue:
    """Take a comment."""
    place, said = request.form.get("place", ""), request.form.get("text", "")
    given = {"place": place, "text": said}
    try:
        with acting() as act:
            service.comment(act.session, consultation_id, place=place, text=said, **act.by)
    except InvalidInput as error:
        return _consultation_page(consultation_id, given, problems_of(error), 422)
    except Conflict as error:
        problems = [FieldError("", sentence(str(error)))]
        return _consultation_page(consultation_id, given, problems, 409)
    flash(gettext("Thank you. Your comment has reached the body."))
    return redirect(url_for("policies.consultation", consultation_id=consultation_id), 303)


def _consultation_page(
    consultation_id: uuid.UUID, given: dict[str, str], problems: list[FieldError], status: int
) -> ResponseReturnValue:
    with database().reading() as session:
        try:
            found = service.public_consultation(session, consultation_id)
        except NotFound as error:
            raise NotFound(gettext("There is nothing at this address.")) from error
        loaded = service.text_of(found)
        page = render_template(
            "public/consultation.html",
            one=found,
            policy=loaded.policy,
            sha256=loaded.sha256,
            base=_base(found),
            open=found.is_open(now().date()),
            comments=service.published_comments(found),
            places=[(c.id, f"{c.id} {text(c.title)}") for c in loaded.policy.criteria],
            given=given,
            problems=problems,
            errors=errors_at(problems),
            outcome_label=outcome_label,
        )
    return page, status


def _base(found: Consultation) -> str | None:
    """Return the version that a text in consultation began from, where it is one that everybody can compare with."""
    base = found.draft.base
    return base.version if base is not None else None
