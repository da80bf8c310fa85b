"""For institutions: find or register the institution, claim it, start an application, and see where each one stands."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from registry.domain.countries import COUNTRIES
from registry.domain.identifiers import IdentifierScheme
from registry.domain.roles import Role
from registry.domain.workflow import EDITABLE_STATES, State
from registry.errors import Conflict, InvalidInput, NotFound
from registry.http.access import PUBLIC, SIGNED_IN, allow, current_actor
from registry.http.acting import Acting, acting
from registry.models.application import Application
from registry.models.body import Scheme
from registry.models.institution import Institution
from registry.services import applications, bodies, desk, identities, institutions
from registry.web import case_tasks, case_view
from registry.web.case_labels import institution_kinds
from registry.web.forms import ClaimForm, InstitutionForm, StartForm
from registry.web.i18n import country, text
from registry.web.labels import scheme_label
from registry.web.sentences import sentence
from registry.web.work import put_errors, work_blueprint

applicant = work_blueprint("applicant", "/apply")
IDENTIFIERS_OFFERED = ("ror", "erasmus", "pic", "oid", "vat", "euid", "lei", "nip", "regon", "krs", "domain")


@applicant.get("")
@allow(PUBLIC)
def start() -> ResponseReturnValue:
    """Say how applying works; to who is signed in, show their institutions, claims and applications."""
    if current_actor() is None:
        return render_template("applicant/start.html")
    with acting() as act:
        mine = institutions.institutions_of(act.session, act.actor)
        return render_template(
            "applicant/overview.html",
            institutions=[(one, applications.applications_of(act.session, one.id)) for one in mine],
            listings={one.id: desk.issuers_of_institution(act.session, one.id) for one in mine},
            claims=institutions.claims_of(act.session, act.actor),
            platforms=[one for one in mine if one.kind == "platform"],
            editable=EDITABLE_STATES,
        )


@applicant.get("/institutions")
@allow(SIGNED_IN)
def find() -> ResponseReturnValue:
    """Search the institutions that the registry knows."""
    query = request.args.get("q", "").strip()[:200]
    with acting() as act:
        found = institutions.search(act.session, query) if query else ()
        claimed = {claim.institution_id for claim in institutions.claims_of(act.session, act.actor)}
        return render_template("applicant/find.html", query=query, found=found, claimed=claimed)


@applicant.route("/institutions/new", methods=["GET", "POST"])
@allow(SIGNED_IN)
def register() -> ResponseReturnValue:
    """Register an institution that no source has brought; claiming it is the next step."""
    form = InstitutionForm()
    form.kind.choices = [("", gettext("Choose")), *institution_kinds()]
    form.country.choices = country_choices()
    form.scheme.choices = [
        ("", gettext("None")),
        *((code, scheme_label(code)) for code in IDENTIFIERS_OFFERED),
    ]
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with acting() as act:
                    made = institutions.register(act.session, _new_institution(form), **act.by)
                flash(gettext("The institution is registered. Now claim it."))
                return redirect(url_for("applicant.claim", institution_id=made.id), 303)
            except InvalidInput as error:
                put_errors(form, error, {"names": "name_en", "identifiers.0": "identifier"})
    return render_template("applicant/register.html", form=form), status


def country_choices() -> list[tuple[str, str]]:
    """Return every country by its name in the language of the page, after an empty choice."""
    return [
        ("", gettext("Choose")),
        *sorted(((code, country(code)) for code in COUNTRIES), key=lambda c: c[1]),
    ]


def _new_institution(form: InstitutionForm) -> institutions.NewInstitution:
    named = (("en", form.name_en.data), ("pl", form.name_pl.data))
    names = {tag: name for tag, name in named if name and name.strip()}
    known = {scheme.value for scheme in IdentifierScheme}
    identifier = form.identifier.data or ""
    return institutions.NewInstitution(
        names=names,
        legal_name=form.legal_name.data or "",
        country=form.country.data or "",
        locality=form.locality.data or "",
        street=form.street.data or "",
        postal_code=form.postal_code.data or "",
        kind=form.kind.data or "",
        website=form.website.data or "",
        identifiers=((form.scheme.data, identifier),) if identifier and form.scheme.data in known else (),
    )


@applicant.route("/institutions/<uuid:institution_id>/claim", methods=["GET", "POST"])
@allow(SIGNED_IN)
def claim(institution_id: uuid.UUID) -> ResponseReturnValue:
    """Claim to act for an institution; two people of the registry have to confirm it."""
    form = ClaimForm()
    if form.validate_on_submit():
        try:
            with acting() as act:
                institutions.claim(act.session, institution_id, statement=form.statement.data or "", **act.by)
            flash(gettext("Your claim has been recorded. Two people of the registry will look at it."))
            return redirect(url_for("applicant.start"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    with acting() as act:
        institution = _institution(act.session, institution_id)
        facts = institutions.current_facts(act.session, institution_id)
        page = render_template("applicant/claim.html", form=form, institution=institution, facts=facts)
    return page, 422 if form.errors or form.form_errors else 200


def _institution(session: Session, institution_id: uuid.UUID) -> Institution:
    institution = session.get(Institution, institution_id)
    if institution is None:
        raise NotFound(f"no institution {institution_id}")
    return institution


@applicant.route("/new", methods=["GET", "POST"])
@allow(Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY)
def new() -> ResponseReturnValue:
    """Start an application: for which institution, in which scheme."""
    form = StartForm()
    with acting() as act:
        mine = institutions.institutions_of(act.session, act.actor)
        schemes = desk.all_schemes(act.session)
        form.institution.choices = [(str(one.id), one.name) for one in mine]
        form.scheme.choices = [(str(one.id), text(one.names)) for one in schemes]
        hints = {str(one.id): _scheme_hint(act, one) for one in schemes}
        if form.validate_on_submit():
            try:
                made = applications.start(
                    act.session, uuid.UUID(form.institution.data), uuid.UUID(form.scheme.data), **act.by
                )
                return redirect(url_for("applicant.show", application_id=made.id), 303)
            except Conflict as error:  # nothing was written: another case in this scheme is open
                form.scheme.errors = [sentence(str(error))]
        _preselect(form, [str(one.id) for one in mine], [str(one.id) for one in schemes])
        page = render_template("applicant/new.html", form=form, hints=hints)
    return page, 422 if form.errors else 200


def _preselect(form: StartForm, institutions_: Sequence[str], schemes: Sequence[str]) -> None:
    """Choose where there is nothing to choose, or where a link has chosen."""
    asked = [value for value in institutions_ if value == request.args.get("institution")]
    for field, values in ((form.institution, asked or institutions_), (form.scheme, schemes)):
        if field.data is None and len(values) == 1:
            field.data = values[0]


def _scheme_hint(act: Acting, scheme: Scheme) -> str:
    adopted = bodies.current_policy(act.session, scheme)
    policy = bodies.policy_of(adopted).policy
    hint: str = gettext(
        "%(body)s, %(policy)s, version %(version)s",
        body=text(scheme.body.names),
        policy=text(policy.title),
        version=policy.version,
    )
    return hint


@applicant.get("/<uuid:application_id>")
@allow(SIGNED_IN)
def show(application_id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft as a task list, anything later as its status."""
    with acting() as act:
        application = own_application(act, application_id)
        if application.state is State.RETURNED:
            from registry.web.applicant_intake import (
                returned_page,
            )  # here, since it names views of this blueprint

            return returned_page(act, application, [])
        if application.state in EDITABLE_STATES:
            return render_template("applicant/tasks.html", **case_tasks.task_list(act, application))
        return render_template("applicant/status.html", **case_view.applicant_status(act, application))


def own_application(act: Acting, application_id: uuid.UUID) -> Application:
    """Return a case of an institution for which the person acts, or raise `NotFound`."""
    application = act.application(application_id)
    if not desk.acts_for(act.session, application.institution_id, **act.by):
        raise NotFound(f"no application {application_id}")
    return application


@applicant.get("/profiles")
@allow(SIGNED_IN)
def profiles() -> ResponseReturnValue:
    """As a platform: list the profiles that wait for its word."""
    with acting() as act:
        rows = [
            (platform, _profiles(act, platform))
            for platform in institutions.institutions_of(act.session, act.actor)
            if platform.kind == "platform"
        ]
        return render_template("applicant/profiles.html", rows=rows)


def _profiles(act: Acting, platform: Institution) -> Sequence[Any]:
    return [
        (claim, _institution(act.session, claim.institution_id))
        for claim in identities.profiles_to_confirm(act.session, platform.id)
    ]


@applicant.post("/profiles/<uuid:claim_id>/confirm")
@allow(Role.OWNER, Role.KEY_CUSTODIAN)
def confirm_profile(claim_id: uuid.UUID) -> ResponseReturnValue:
    """As a platform: confirm that a profile is the institution's."""
    with acting() as act:
        identities.confirm_profile(act.session, claim_id, **act.by)
    flash(gettext("You have confirmed the profile."))
    return redirect(url_for("applicant.profiles"), 303)
