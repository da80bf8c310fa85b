"""Identity: two verifiers confirm each key of a case, and each claim to act for an institution."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.domain.policy import Evidence
from registry.domain.roles import CaseRole
from registry.domain.workflow import State
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.models.application import Application, EvidenceVersion
from registry.models.institution import InstitutionClaim
from registry.services import access, desk, duplicates, identities, institutions
from registry.services.case_file import policy_for
from registry.web.forms import JudgeForm
from registry.web.labels import label
from registry.web.reviewer import open_file, reviewer
from registry.web.work import put_errors


@reviewer.get("/cases/<uuid:application_id>/keys")
@allow(SIGNED_IN)
def case_keys(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show the issuing identities of a case with their proofs and confirmations."""
    with acting() as act:
        application = open_file(act, application_id)
        part = access.part_of(act.session, act.actor, application.id)
        people = [w.account_id for c in application.identity_claims for w in c.confirmations]
        return render_template(
            "reviewer/keys.html",
            application=application,
            names=desk.names_of(act.session, people),
            me=act.actor,
            facts=institutions.current_facts(act.session, application.institution_id),
            sources=duplicates.sources_of(act.session, application.institution_id),
            candidates=duplicates.candidates(act.session, application.institution),
            extracts=_extracts(application),
            may_confirm=part is not None
            and part.role is CaseRole.IDENTITY_VERIFIER
            and application.state is State.IDENTITY_CHECK,
        )


def _extracts(application: Application) -> list[tuple[Evidence, list[EvidenceVersion]]]:
    """Return the extracts from registers that the policy asks for, with what was handed in."""
    items = [i for _c, i in policy_for(application).evidence_items() if i.kind == "register_extract"]
    return [(i, [v for v in application.evidence if v.evidence_id == i.id]) for i in items]


@reviewer.post("/cases/<uuid:application_id>/keys/<uuid:claim_id>")
@allow(SIGNED_IN)
def confirm_key(application_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """As a verifier: confirm that a proven identity is the institution's."""
    with acting() as act:
        application = open_file(act, application_id)
        if all(claim.id != claim_id for claim in application.identity_claims):
            raise NotFound(f"no identity {claim_id}")
        identities.confirm(act.session, claim_id, **act.by)
    flash(gettext("You have confirmed this key."))
    return redirect(url_for("reviewer.case_keys", application_id=application_id), 303)


@reviewer.route("/cases/claims/<uuid:claim_id>", methods=["GET", "POST"])
@allow(SIGNED_IN)
def claim(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Give one's word on somebody's claim to act for an institution; two people are needed."""
    form = JudgeForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                row = institutions.judge_claim(
                    act.session,
                    claim_id,
                    confirmed=form.confirmed.data == "yes",
                    basis=form.basis.data or "",
                    **act.by,
                )
                state = row.state
            flash(gettext("Your word is recorded. The claim: %(state)s.", state=label(state).lower()))
            return redirect(url_for("reviewer.inbox"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        if not institutions.may_judge_claims(act.session, act.actor, act.at):
            raise NotAllowed("only an identity verifier or the operator may do this")
        row = _open_claim(act, claim_id)
        page = render_template(
            "reviewer/claim.html",
            form=form,
            claim=row,
            claimant=access.account(act.session, row.account_id),
            facts=institutions.current_facts(act.session, row.institution_id),
            names=desk.names_of(act.session, [w.account_id for w in row.confirmations]),
            mine=any(w.account_id == act.actor for w in row.confirmations) or row.account_id == act.actor,
        )
    return page, 422 if form.errors or form.form_errors else 200


def _open_claim(act: Acting, claim_id: uuid.UUID) -> InstitutionClaim:
    for found in institutions.open_claims(act.session):
        if found.id == claim_id:
            return found
    raise NotFound(f"no open claim {claim_id}")
