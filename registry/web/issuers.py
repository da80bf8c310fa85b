"""The issuers that a body has listed: their standing and keys, confirming further keys, opening a hearing."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, status_at
from registry.domain.roles import Role
from registry.domain.terms import Terms, parse_terms
from registry.domain.two_people import ProposalKind
from registry.errors import InvalidInput, NotFound
from registry.http.access import allow
from registry.http.acting import Acting, acting
from registry.models.issuer import IdentityChange, Issuer
from registry.services import (
    desk,
    identities,
    institution_events,
    orders,
    supervision,
    trust_lists,
    two_people,
)
from registry.services.bodies import current_policy, policy_of
from registry.services.standing import is_standing
from registry.services.trust_lists import status_events
from registry.web.decision import decision
from registry.web.forms import HearingForm
from registry.web.i18n import name_of, text
from registry.web.institution_changes import FOUND_BY
from registry.web.labels import label
from registry.web.orders import ORDERS, offered
from registry.web.work import put_errors

READERS = (
    *(Role.CASE_OFFICER, Role.IDENTITY_VERIFIER, Role.REGISTRAR, Role.ADMINISTRATOR, Role.AUDITOR),
    Role.COMPLAINTS_OFFICER,
)


@decision.get("/cases/issuers")
@allow(*READERS)
def issuers() -> ResponseReturnValue:
    """List the issuers of the person's bodies."""
    with acting() as act:
        bodies = desk.bodies_of(act.session, *READERS, **act.by)
        found = sorted(
            desk.issuers_of(act.session, bodies), key=lambda one: name_of(one.institution).casefold()
        )
        rows = [(issuer, _standing(act, issuer)) for issuer in found]
        return render_template("decision/issuers.html", rows=rows)


def _standing(act: Acting, issuer: Issuer) -> Status | None:
    return status_at(status_events(issuer), act.at)


@decision.get("/cases/issuers/<uuid:issuer_id>")
@allow(*READERS)
def issuer(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """Show an issuer: standing, history, keys, and what the person can do."""
    with acting() as act:
        found = desk.issuer_for_body(act.session, issuer_id, *READERS, **act.by)
        mine = {
            grant.role
            for grant, account in desk.grants_at(act.session, found.scheme.body_id)
            if account.id == act.actor
        }
        claims = desk.later_claims(act.session, issuer_id)
        people = [word.account_id for claim in claims for word in claim.confirmations]
        return render_template(
            "decision/issuer.html",
            issuer=found,
            standing=_standing(act, found),
            claims=claims,
            names=desk.names_of(act.session, people),
            me=act.actor,
            may_confirm=Role.IDENTITY_VERIFIER in mine,
            may_hear=Role.CASE_OFFICER in mine and _is_standing(_standing(act, found)),
            offers=_offers(act, found),
            **_keys(act, found, mine),
            waiting=two_people.waiting_about(act.session, found.id, tuple(ProposalKind)),
            warnings=trust_lists.notes_of(act.session, [found]).get(found.id, ()),
            terms=terms_of(found),
            noticed=institution_events.noticed_about(act.session, found.institution_id, FOUND_BY),
        )


def _offers(act: Acting, issuer: Issuer) -> list[tuple[str, ProposalKind]]:
    """Return the orders that a person may propose and that the standing allows, with their addresses' words."""
    suspended = _standing(act, issuer) is Status.SUSPENDED
    open_now = {
        "warning": is_standing(issuer, act.at),
        "urgent-suspension": is_standing(issuer, act.at) and not suspended,
        "lifting": suspended and orders.awaiting_committee(act.session, issuer, act.at) is None,
    }
    return [(word, ORDERS[word].kind) for word in offered(act, issuer) if open_now[word]]


def _keys(act: Acting, issuer: Issuer, mine: set[Role]) -> dict[str, Any]:
    """Return which keys a person may propose to end, and which of the institution's events they may propose."""
    ended = {e.claim_id for e in issuer.identities if e.change is not IdentityChange.LISTED}
    listed = {e.claim_id for e in issuer.identities} - ended
    return {
        "endable": listed if Role.IDENTITY_VERIFIER in mine else set(),
        "may_change": bool({Role.CASE_OFFICER, Role.REGISTRAR} & mine) and is_standing(issuer, act.at),
    }


def terms_of(issuer: Issuer) -> dict[int, Terms]:
    """Return what each event of an issuer says for learners, by its number."""
    return {event.number: parse_terms(event.terms) for event in issuer.events if event.terms}


def _is_standing(standing: Status | None) -> bool:
    return standing is not None and (standing.is_recognized or standing is Status.SUSPENDED)


@decision.post("/cases/issuers/<uuid:issuer_id>/keys/<uuid:claim_id>")
@allow(Role.IDENTITY_VERIFIER)
def confirm_issuer_key(issuer_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """As a verifier: confirm a further key of a listed issuer; with the second confirmation it is listed."""
    with acting() as act:
        desk.issuer_for_body(act.session, issuer_id, Role.IDENTITY_VERIFIER, **act.by)
        if all(claim.id != claim_id for claim in desk.later_claims(act.session, issuer_id)):
            raise NotFound(f"no identity {claim_id}")
        identities.confirm(act.session, claim_id, **act.by)
    flash(gettext("You have confirmed this key."))
    return redirect(url_for("decision.issuer", issuer_id=issuer_id), 303)


@decision.route("/cases/issuers/<uuid:issuer_id>/hearing", methods=["GET", "POST"])
@allow(Role.CASE_OFFICER)
def open_hearing(issuer_id: uuid.UUID) -> ResponseReturnValue:
    """Open a hearing before a suspension or a withdrawal: measure, ground, notice."""
    form = HearingForm()
    with acting() as act:
        form.measure.choices = _measures(
            desk.issuer_for_body(act.session, issuer_id, Role.CASE_OFFICER, **act.by), act
        )
    if request.method == "GET" and request.args.get("ground"):
        asked = f":{request.args['ground']}"
        form.measure.data = next((one for one, _name in form.measure.choices if one.endswith(asked)), None)
    if form.validate_on_submit():
        measure, _, ground = form.measure.data.partition(":")
        try:
            with acting() as act:
                application = supervision.open_hearing(
                    act.session,
                    issuer_id,
                    proposed=Outcome(measure),
                    ground=Reason(ground),
                    notice=form.notice.data or "",
                    **act.by,
                )
            flash(gettext("The hearing is open. Declare your interests to work on the case."))
            return redirect(url_for("reviewer.case", application_id=application.id), 303)
        except InvalidInput as error:
            put_errors(form, error, {"ground": "measure", "proposed": "measure"})
    with acting() as act:
        found = desk.issuer_for_body(act.session, issuer_id, Role.CASE_OFFICER, **act.by)
        page = render_template("decision/open_hearing.html", issuer=found, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _measures(issuer: Issuer, act: Acting) -> list[tuple[str, str]]:
    """Return every measure with each ground on which the policy allows it; nothing is chosen beforehand."""
    sanctions = policy_of(current_policy(act.session, issuer.scheme)).policy.sanctions
    grounds = {
        Outcome.REDUCE_SCOPE: sanctions.reduce_scope.grounds,
        Outcome.SUSPEND: sanctions.suspend.grounds,
        Outcome.WITHDRAW: sanctions.withdraw.grounds,
        Outcome.VOID: sanctions.void.grounds,
    }
    return [("", gettext("Choose"))] + [
        (f"{measure.value}:{ground.id.value}", f"{label(measure)}: {text(ground.title)}")
        for measure, found in grounds.items()
        for ground in found
    ]
