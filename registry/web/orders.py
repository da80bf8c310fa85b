"""Forms by which somebody of the body proposes an order on an issuer; a second person confirms it on its own page."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.roles import Role
from registry.domain.two_people import ProposalKind
from registry.errors import InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.models.issuer import Issuer
from registry.models.two_people import Proposal
from registry.services import desk, key_orders, orders, two_people
from registry.services.two_people import NewProposal
from registry.web.decision import decision
from registry.web.i18n import text
from registry.web.standing_forms import CompromiseForm, ReasonsForm, UrgentForm, WarningForm
from registry.web.work import put_errors

ORDERERS = (Role.CASE_OFFICER, Role.REGISTRAR, Role.COMPLAINTS_OFFICER)
KEY_ORDERERS = (Role.IDENTITY_VERIFIER, Role.REGISTRAR)


@dataclass(frozen=True, slots=True)
class Order:
    """An order on a standing: its form, and what the form says in the words of the service."""

    kind: ProposalKind
    form: type[ReasonsForm]
    content: Callable[[Any], dict[str, Any]]
    fields: Mapping[str, str]


ORDERS: Mapping[str, Order] = {
    "warning": Order(
        ProposalKind.WARNING,
        WarningForm,
        lambda form: {"text": {"en": form.text_en.data or "", "pl": form.text_pl.data or ""}},
        {"text": "text_en"},
    ),
    "urgent-suspension": Order(
        ProposalKind.URGENT_SUSPENSION, UrgentForm, lambda form: {"ground": form.ground.data}, {}
    ),
    "lifting": Order(ProposalKind.SUSPENSION_LIFTED, ReasonsForm, lambda _form: {}, {}),
}
"""Orders on a standing by the word in their address."""
KEY_ORDERS: Mapping[str, Order] = {
    "end": Order(ProposalKind.KEY_ENDED, ReasonsForm, lambda _form: {}, {}),
    "compromise": Order(
        ProposalKind.KEY_COMPROMISED,
        CompromiseForm,
        lambda form: {"from": typed_instant(form.since.data)},
        {"from": "since"},
    ),
}
"""Orders on a key by the word in their address."""


def typed_instant(typed: str | None) -> str:
    """Return an instant as typed into a field of day and time, UTC; what is none, as it is."""
    try:
        found = datetime.fromisoformat((typed or "").strip())
    except ValueError:
        return typed or ""
    return found.replace(tzinfo=found.tzinfo or UTC).isoformat()


def offered(act: Acting, issuer: Issuer) -> list[str]:
    """Return the words of the orders on a standing that a person may propose."""
    new = NewProposal(str(issuer.id), "", {}, issuer_id=issuer.id)
    return [
        word
        for word, order in ORDERS.items()
        if two_people.may_propose(act.session, order.kind, new, **act.by)
    ]


@decision.route("/cases/issuers/<uuid:issuer_id>/orders/<word>", methods=["GET", "POST"])
@allow(*ORDERERS)
def order(issuer_id: uuid.UUID, word: str) -> ResponseReturnValue:
    """Propose a warning, an urgent suspension, or the end of a suspension."""
    asked = ORDERS.get(word)
    if asked is None:
        raise NotFound(f"no order {word}")
    form = asked.form()
    if isinstance(form, UrgentForm):
        form.ground.choices = _grounds(issuer_id)
    return _propose(issuer_id, asked, form, str(issuer_id), ORDERERS)


def _grounds(issuer_id: uuid.UUID) -> list[tuple[str, str]]:
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, *ORDERERS, **act.by)
        grounds = orders.sanctions_of(act.session, issuer).suspend.urgent.allowed_for
        return [("", gettext("Choose"))] + [(g.id.value, text(g.title)) for g in grounds]


@decision.route("/cases/issuers/<uuid:issuer_id>/keys/<uuid:claim_id>/<word>", methods=["GET", "POST"])
@allow(*KEY_ORDERERS)
def key_order(issuer_id: uuid.UUID, claim_id: uuid.UUID, word: str) -> ResponseReturnValue:
    """Propose the end of a key, or that it is compromised since an instant."""
    asked = KEY_ORDERS.get(word)
    if asked is None:
        raise NotFound(f"no order {word}")
    with acting() as act:
        if key_orders.listings_of(act.session, [claim_id]).get(claim_id) != issuer_id:
            raise NotFound(f"no identity {claim_id}")
    return _propose(issuer_id, asked, asked.form(), str(claim_id), KEY_ORDERERS)


def _propose(
    issuer_id: uuid.UUID, asked: Order, form: ReasonsForm, object_id: str, readers: tuple[Role, ...]
) -> ResponseReturnValue:
    if form.validate_on_submit():
        new = NewProposal(object_id, form.reasons.data or "", asked.content(form), issuer_id=issuer_id)
        try:
            with acting() as act:
                desk.issuer_for_body(act.session, issuer_id, *readers, **act.by)
                row = two_people.propose(act.session, asked.kind, new, **act.by)
            return proposed(row)
        except InvalidInput as error:
            put_errors(form, error, asked.fields)
    with acting() as act:
        issuer = desk.issuer_for_body(act.session, issuer_id, *readers, **act.by)
        page = render_template("decision/order.html", issuer=issuer, form=form, kind=asked.kind)
    return page, 422 if form.errors or form.form_errors else 200


def proposed(row: Proposal) -> ResponseReturnValue:
    """Say that a second person has to confirm, and show what was proposed."""
    flash(gettext("Proposed. It happens once a second person has confirmed it."))
    return redirect(url_for("proposals.show", proposal_id=row.id), 303)
