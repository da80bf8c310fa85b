"""The scope of an application: several grants, edited without scripts. Only "save" writes; other buttons redraw the form."""

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from registry.domain import isced
from registry.domain.completeness import PointPlace
from registry.domain.countries import COUNTRIES
from registry.domain.grants import CredentialType, LevelMark, Mode
from registry.domain.policy import Dimension, Policy
from registry.domain.scope_wire import MOST_GRANTS
from registry.domain.workflow import EDITABLE_STATES
from registry.errors import FieldError, InvalidInput, TransitionRefused
from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import applications, completeness
from registry.services.case_file import policy_for
from registry.web.applicant import applicant, own_application
from registry.web.i18n import country, language_name
from registry.web.labels import field_label
from registry.web.work import errors_at, problems_of, require_fresh

LANGUAGES_OFFERED: Final = (
    *(
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "ga",
        "hr",
        "hu",
        "it",
        "lt",
        "lv",
        "mt",
        "nl",
    ),
    *("no", "pl", "pt", "ro", "sk", "sl", "sv", "uk"),
)
PICKED: Final = ("fields", "countries", "languages")
"""Dimensions with many codes: what is chosen stands as ticked boxes, and a list adds one more."""


def empty_grant() -> dict[str, Any]:
    """Return a grant that says nothing yet."""
    return {
        "fields": [],
        "levels": [],
        "credential_types": [],
        "countries": [],
        "modes": [],
        "languages": [],
        "programmes": [],
        "max_ects": None,
    }


@applicant.route("/<uuid:application_id>/scope", methods=["GET", "POST"])
@allow(SIGNED_IN)
def scope(application_id: uuid.UUID) -> ResponseReturnValue:
    """Edit what recognition is asked for."""
    if request.method == "GET":
        return _page(application_id, None, [])
    grants = read_grants(request.form)
    what, _, number = request.form.get("do", "save").partition(":")
    if what == "save":
        return _save(application_id, grants)
    if what == "add" and len(grants) < MOST_GRANTS:
        grants.append(empty_grant())
    if what == "remove" and number.isdecimal() and int(number) < len(grants):
        del grants[int(number)]
    return _page(application_id, grants, [])


def _save(application_id: uuid.UUID, grants: list[dict[str, Any]]) -> ResponseReturnValue:
    try:
        with acting() as act:
            require_fresh(own_application(act, application_id))
            applications.set_scope(act.session, application_id, {"grants": grants}, **act.by)
    except InvalidInput as error:
        return _page(application_id, grants, [_anchored(problem) for problem in problems_of(error)])
    flash(gettext("The scope is saved."))
    return redirect(url_for("applicant.show", application_id=application_id), 303)


def _anchored(problem: FieldError) -> FieldError:
    """Point at the field that stands on the page: `grants.0.fields.2` is shown at `grants.0.fields`."""
    parts = problem.field.split(".")
    if parts[0] != "grants":
        return FieldError("", problem.message)
    if len(parts) < 3:
        return FieldError("grants.0.fields", problem.message)
    prefix = gettext("Part %(number)s", number=int(parts[1]) + 1)
    return FieldError(".".join(parts[:3]), f"{prefix}: {problem.message}")


def _page(
    application_id: uuid.UUID, grants: list[dict[str, Any]] | None, problems: list[FieldError]
) -> ResponseReturnValue:
    with acting() as act:
        application = own_application(act, application_id)
        if application.state not in EDITABLE_STATES:
            raise TransitionRefused("this application has been submitted; what was handed in is frozen")
        completeness.require_asked(act.session, application, PointPlace.SCOPE)
        policy = policy_for(application)
        shown = grants if grants is not None else list(application.scope["grants"])
        page = render_template(
            "applicant/scope.html",
            application=application,
            terms=policy.applies_to.scope,
            grants=shown or [empty_grant()],
            problems=problems,
            errors=errors_at(problems),
            choices=choices(policy),
            version=request.form.get("version", application.version),
            levels_of=levels_of,
        )
    return page, 422 if problems else 200


def choices(policy: Policy) -> Mapping[str, Any]:
    """Return what each dimension offers under a policy; fields in groups by broad field."""
    terms = policy.applies_to.scope
    return {
        "fields": [
            (
                f"{broad} {field_label(broad)}",
                [(code, f"{code} {field_label(code)}") for code in _within(broad)],
            )
            for broad in isced.codes(2)
        ],
        "countries": _by_name({code: country(code) for code in _offered(terms.jurisdictions, COUNTRIES)}),
        "languages": _by_name({code: language_name(code) for code in LANGUAGES_OFFERED}),
        "credential_types": _offered(terms.credential_types, CredentialType),
        "modes": _offered(terms.delivery_modes, Mode),
        "levels": _offered(terms.eqf_levels, range(1, 9)),
    }


def _within(broad: str) -> list[str]:
    return [code for code in sorted(isced.codes()) if code.startswith(broad)]


def _by_name(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda item: item[1])


def _offered(dimension: Dimension | None, everything: Any) -> list[Any]:
    allowed = dimension.allowed if dimension else ()
    return [value for value in everything if not allowed or value in allowed]


def levels_of(grant: Mapping[str, Any], mark: str) -> list[int]:
    """Return the levels of a grant with one mark."""
    return [level["value"] for level in grant["levels"] if level["mark"] == mark]


def read_grants(form: "MultiDict[str, str]") -> list[dict[str, Any]]:
    """Return the grants that a form holds, in wire form; a code that is chosen in the list counts as added."""
    numbers = sorted({int(found[1]) for name in form if (found := re.match(r"grants\.(\d{1,3})\.", name))})
    return [_read_grant(form, f"grants.{number}") for number in numbers[: MOST_GRANTS + 1]]


def _read_grant(form: "MultiDict[str, str]", path: str) -> dict[str, Any]:
    grant = empty_grant()
    for name in PICKED:
        values = [*form.getlist(f"{path}.{name}"), form.get(f"{path}.{name}_new", "")]
        grant[name] = list(dict.fromkeys(value for value in values if value))
    for name in ("credential_types", "modes"):
        grant[name] = form.getlist(f"{path}.{name}")
    grant["levels"] = list(_levels(form, path))
    grant["programmes"] = [
        line.strip() for line in form.get(f"{path}.programmes", "").splitlines() if line.strip()
    ]
    grant["max_ects"] = form.get(f"{path}.max_ects", "").strip().replace(",", ".") or None
    return grant


def _levels(form: "MultiDict[str, str]", path: str) -> Iterator[dict[str, Any]]:
    """Yield the levels; one that is referenced to a framework needs no claim beside it."""
    referenced = set(form.getlist(f"{path}.levels_referenced"))
    claimed = set(form.getlist(f"{path}.levels")) - referenced
    for chosen, mark in ((claimed, LevelMark.CLAIMED), (referenced, LevelMark.FRAMEWORK_REFERENCED)):
        yield from (
            {"value": int(value), "mark": mark.value}
            for value in sorted(chosen)
            if re.fullmatch("[1-8]", value)
        )
