"""Proposing what follows from an event of an institution: what happened, who comes after it, the fate of each recognition.

The address holds what happened and who comes after (`kind`, `to`), so that work which an import opened leads to a form
that is filled in already; the form holds the rest.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.institution_events import FATES, SAME_BODY, EventKind, Fate
from registry.domain.roles import Role
from registry.domain.scope import Scope, parse_scope, scope_to_wire
from registry.domain.two_people import ProposalKind
from registry.errors import FieldError, InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.services import access, institution_events, two_people
from registry.services.institution_event_checks import listings
from registry.services.standing import scope_of
from registry.services.two_people import NewProposal
from registry.web.decision import decision
from registry.web.i18n import text
from registry.web.labels import field_label, label
from registry.web.orders import proposed
from registry.web.work import errors_at, problems_of

PROPOSERS = (Role.CASE_OFFICER, Role.REGISTRAR)
FOUND_BY = {
    "succeeded_by": EventKind.MERGER,
    "merged_from": EventKind.MERGER,
    "split_into": EventKind.SPLIT,
    "closed": EventKind.CLOSURE,
}
"""What an import noticed, and the event that follows from it."""
_PLAIN = ("occurred_on", "evidence", "reasons", "legal_name")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: about whom, under which body, what happened, and who comes after."""

    institution: Institution
    body: uuid.UUID
    kind: EventKind | None
    successors: tuple[Institution, ...]
    typed: str
    unknown: tuple[str, ...]


@decision.route("/cases/institutions/<uuid:institution_id>/event", methods=["GET", "POST"])
@allow(*PROPOSERS)
def institution_event(institution_id: uuid.UUID) -> ResponseReturnValue:
    """Propose what becomes of the recognitions of an institution after something happened to it."""
    problems: list[FieldError] = []
    if request.method == "POST":
        try:
            with acting() as act:
                asked = _asked(act, institution_id)
                new = NewProposal(
                    str(institution_id),
                    request.form.get("reasons", ""),
                    _content(act, asked),
                    body_id=asked.body,
                )
                row = two_people.propose(act.session, ProposalKind.INSTITUTION_EVENT, new, **act.by)
            return proposed(row)
        except InvalidInput as error:
            problems = problems_of(error)
    with acting() as act:
        asked = _asked(act, institution_id)
        page = render_template("decision/institution_event.html", **_shown(act, asked, problems))
    return page, 422 if problems else 200


def _asked(act: Acting, institution_id: uuid.UUID) -> Asked:
    institution = act.session.get(Institution, institution_id)
    try:
        body = uuid.UUID(request.args.get("body", ""))
    except ValueError as error:
        raise NotFound("no such body") from error
    if institution is None or not access.holds(act.session, act.actor, *PROPOSERS, at=act.at, body=body):
        raise NotFound(f"no institution {institution_id}")
    kind = request.args.get("kind", "")
    typed = request.args.get("to", "")
    named = list(dict.fromkeys(word for word in typed.replace(",", " ").split() if word))
    found = {word: institution_events.institution_named(act.session, word) for word in named}
    return Asked(
        institution,
        body,
        EventKind(kind) if kind in set(EventKind) else None,
        tuple(one for one in found.values() if one is not None),
        typed,
        tuple(word for word, one in found.items() if one is None),
    )


def _content(act: Acting, asked: Asked) -> dict[str, Any]:
    form = request.form
    content: dict[str, Any] = {
        "kind": asked.kind.value if asked.kind else "",
        "occurred_on": form.get("occurred_on", "").strip(),
        "evidence": form.get("evidence", "").strip(),
        "successors": [str(one.id) for one in asked.successors],
        "effects": [effect for issuer in _issuers(act, asked) for effect in _effects(act, asked, issuer)],
    }
    names = {code: form.get(f"name_{code}", "").strip() for code in ("en", "pl")}
    optional: dict[str, Any] = {
        "names": {code: name for code, name in names.items() if name},
        "legal_name": form.get("legal_name", "").strip(),
        "terms": {name: form[name].strip() for name in _TERMS if form.get(name, "").strip()},
        "work": request.args.get("work", ""),
    }
    return content | {name: value for name, value in optional.items() if value}


_TERMS = ("teach_out_until", "records_kept_by", "status_service_kept_by")


def _issuers(act: Acting, asked: Asked) -> list[Issuer]:
    return listings(act.session, asked.institution.id, asked.body, act.at)


def _effects(act: Acting, asked: Asked, issuer: Issuer) -> list[dict[str, Any]]:
    """Return the fates that the form states of one recognition; a part goes to each successor that fields were named for."""
    fate = request.form.get(f"fate_{issuer.id}", "")
    if fate == Fate.CARRY_PART.value:
        parts = [(one, _part(act, issuer, one)) for one in asked.successors]
        return [
            {"issuer": str(issuer.id), "fate": fate, "to": str(one.id), "scope": scope_to_wire(part)}
            for one, part in parts
            if part is not None
        ] or [{"issuer": str(issuer.id), "fate": fate}]
    goes = fate == Fate.CARRY_OVER.value and asked.kind not in SAME_BODY and asked.successors
    to = {"to": str(asked.successors[0].id)} if goes else {}
    return [{"issuer": str(issuer.id), "fate": fate, **to}] if fate else []


def _part(act: Acting, issuer: Issuer, successor: Institution) -> Scope | None:
    """Return what is recognized now, in the fields that were ticked for a successor; None where none were."""
    chosen = request.form.getlist(f"fields_{issuer.id}_{successor.id}")
    whole: dict[str, Any] = scope_to_wire(scope_of(issuer, act.at))
    grants = [
        {**grant, "fields": kept}
        for grant in whole["grants"]
        if (kept := [code for code in grant["fields"] if code in chosen])
    ]
    return parse_scope({"grants": grants}) if grants else None


def _shown(act: Acting, asked: Asked, problems: Sequence[FieldError]) -> dict[str, Any]:
    kinds = [(kind.value, label(kind)) for kind in EventKind]
    errors = errors_at(problems)
    if asked.unknown:
        errors["to"] = [gettext("Not known here: %(words)s", words=", ".join(asked.unknown))]
    effects = [p for p in problems if p.field.startswith("effects")]
    return {
        "asked": asked,
        "kinds": kinds,
        "rows": [_row(act, asked, issuer) for issuer in _issuers(act, asked)],
        "problems": [*problems, *(FieldError("to", message) for message in errors.get("to", ()))],
        "effects_problems": effects,
        "plain": lambda name, title: {
            "name": name,
            "label": title,
            "data": request.form.get(name, request.args.get(name, "")),
            "errors": errors.get(name, ()),
        },
        "names_errors": errors.get("names", ()),
        "closing": asked.kind is EventKind.CLOSURE,
        "renaming": asked.kind is EventKind.RENAME,
        "today": date.fromisoformat(act.at.date().isoformat()),
        "ready": asked.kind is not None and not asked.unknown,
    }


def _row(act: Acting, asked: Asked, issuer: Issuer) -> dict[str, Any]:
    """Return the fields about one recognition: its fate, and the parts that can go to each successor."""
    fates = FATES[asked.kind] if asked.kind else ()
    codes = sorted({code for grant in scope_of(issuer, act.at).grants for code in grant.fields})
    name = f"fate_{issuer.id}"
    return {
        "scheme": text(issuer.scheme.names),
        "fate": {
            "name": name,
            "label": gettext("What becomes of it?"),
            "choices": [(fate.value, label(fate)) for fate in fates],
            "data": request.form.get(name, fates[0].value if len(fates) == 1 else ""),
            "errors": (),
        },
        "parts": [
            {
                "name": f"fields_{issuer.id}_{one.id}",
                "label": gettext("Fields that go to %(name)s", name=one.name),
                "choices": [(code, f"{code} {field_label(code)}") for code in codes],
                "data": request.form.getlist(f"fields_{issuer.id}_{one.id}"),
                "errors": (),
            }
            for one in asked.successors
        ]
        if Fate.CARRY_PART in fates
        else [],
    }


@decision.get("/cases/work/<uuid:item_id>/event")
@allow(*PROPOSERS)
def event_of_work(item_id: uuid.UUID) -> ResponseReturnValue:
    """Lead from what an import noticed to the form, filled in with what the source says."""
    with acting() as act:
        found = institution_events.noticed(act.session, item_id)
        kind = FOUND_BY.get(found.kind)
        bodies = institution_events.bodies_concerned(act.session, found.institution_id, act.at)
        body = next(
            (one for one in bodies if access.holds(act.session, act.actor, *PROPOSERS, at=act.at, body=one)),
            None,
        )
        if kind is None or body is None:
            raise NotFound(f"no open work {item_id}")
        address = url_for(
            "decision.institution_event",
            institution_id=found.institution_id,
            body=body,
            kind=kind.value,
            to=" ".join(found.successors) or None,
            work=item_id,
        )
    return redirect(address)
