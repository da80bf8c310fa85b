"""What the signed-in pages share: who acts when, refusals as pages, errors of services at their fields, stale forms."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError

from registry.domain.workflow import movers
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.http.access import PUBLIC, SIGNED_IN, allow
from registry.http.acting import Acting, acting
from registry.http.bearer import NotSignedIn
from registry.http.problems import answer_error
from registry.models.application import Application
from registry.services import desk, interests
from registry.web.case_labels import FUNCTIONS
from registry.web.sentences import sentence

MOST_DIGITS: Final = 18


def posted_version() -> int:
    """Return the version of the case that the form was made from; -1, which never fits, without one."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else -1


def require_fresh(application: Application) -> None:
    """Raise `Conflict` when the case has changed since the form was loaded."""
    if application.version != posted_version():
        raise Conflict("somebody else changed this case meanwhile; look at it again before you act")


def posted_id(name: str) -> uuid.UUID | None:
    """Return an id that a form names, or None when there is none or it is no id."""
    try:
        return uuid.UUID(request.form.get(name, ""))
    except ValueError:
        return None


def yes_or_no(name: str) -> bool:
    """Return what a form answers to a question; `InvalidInput` at the field when it leaves it open."""
    if request.form.get(name) not in {"yes", "no"}:
        message = "choose yes or no"
        raise InvalidInput(message, [FieldError(name, message)])
    return request.form[name] == "yes"


def put_errors(form: FlaskForm, error: InvalidInput, names: Mapping[str, str] | None = None) -> None:
    """Show what a service refused at the fields it names, the rest at the top; `names` maps its names to the form's."""
    for problem in error.errors or (FieldError("", str(error)),):
        name = (names or {}).get(problem.field, problem.field)
        field = form._fields.get(name)
        if field is None:
            form.form_errors.append(sentence(problem.message))
        else:
            field.errors = [*field.errors, sentence(problem.message)]


def problems_of(error: InvalidInput) -> list[FieldError]:
    """Return the problems of an error, in the language of the page."""
    return [
        FieldError(problem.field, sentence(problem.message))
        for problem in error.errors or (FieldError("", str(error)),)
    ]


def errors_at(problems: Sequence[FieldError]) -> dict[str, list[str]]:
    """Return the messages by field, for forms that are not made of WTForms fields."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(problem.message)
    return found


def answer_conflict(error: Exception) -> ResponseReturnValue:
    """Answer that somebody else acted first, or that a step is not open, with what the case looks like now."""
    message = (
        gettext("Somebody else changed this first. Load it again and repeat what you wanted to do.")
        if isinstance(error, StaleDataError)
        else sentence(str(error))
    )
    application_id = (request.view_args or {}).get("application_id")
    with acting() as act:
        application = _known(act, application_id)
        page = render_template(
            "reviewer/conflict.html",
            message=message,
            application=application,
            last=application.events[-1] if application and application.events else None,
            back=address_of(act, application) if application else url_for("reviewer.inbox"),
            movers=movers(application.state) if application else (),
            texts=_texts(),
        )
    return page, 409


def answer_refusal(error: NotAllowed) -> ResponseReturnValue:
    """Answer that the person may not do this, and why; where a declaration of interests is owed, lead to it."""
    message, declare = (
        sentence(str(error)),
        _declaration_owed((request.view_args or {}).get("application_id")),
    )
    return render_template("errors/403.html", status=403, message=message, errors=(), declare=declare), 403


def answer_absence(_error: NotFound) -> ResponseReturnValue:
    """Answer that there is nothing here, in the same words whether it does not exist or is not for this person."""
    message = gettext("There is nothing at this address.")
    return render_template("errors/404.html", status=404, message=message, errors=()), 404


def answer_invalid(error: InvalidInput) -> ResponseReturnValue:
    """Answer what no form of ours sends, with each problem named."""
    heading = gettext("There is a problem with what you sent")
    context = {
        "status": 422,
        "heading": heading,
        "message": sentence(str(error)),
        "errors": problems_of(error),
        "texts": _texts(),
    }
    return render_template("errors/error.html", **context), 422


def _texts() -> list[tuple[str, str]]:
    """Return the fields of the form that was sent which hold words, as people write them."""
    return [(n, v) for n, values in request.form.lists() for v in values if len(v.split()) > 1]


def give_back(error: Exception) -> ResponseReturnValue:
    """Answer a form that came after its session had ended with what was typed in it: nothing that was written is lost."""
    if request.method != "POST":
        return answer_error(error)
    given = [(n, v) for n, values in request.form.lists() if n != "csrf_token" for v in values]
    texts = _texts()
    view = current_app.view_functions.get(request.endpoint or "")
    page = render_template(
        "errors/kept.html",
        texts=texts,
        fields=[one for one in given if one not in texts],
        files=any(file.filename for file in request.files.values()),
        signs_in=PUBLIC not in getattr(view, "__allowed__", ()),
        action=request.full_path.rstrip("?"),
    )
    return page, 400 if isinstance(error, CSRFError) else 401


def _declaration_owed(application_id: uuid.UUID | None) -> str | None:
    """Return the page on which the person's next declaration opens the file of a case, or None when none would."""
    with acting() as act:
        application = _known(act, application_id)
        part = act.part(application) if application else None
        if application is None or part is None:
            return None
        made = interests.latest_declaration(act.session, act.actor, application.id)
        tied = made is not None and interests.is_conflicted(act.session, application, made)
        if tied or interests.is_open(act.session, application, part, act.at):
            return None
    return url_for("reviewer.declaration", application_id=application_id)


def _known(act: Acting, application_id: uuid.UUID | None) -> Application | None:
    if application_id is None:
        return None
    try:
        return act.application(application_id)
    except NotFound:
        return None


def address_of(act: Acting, application: Application) -> str:
    """Return the page of a case for this person: the applicant's, or the body's."""
    mine = desk.acts_for(act.session, application.institution_id, **act.by)
    endpoint = "applicant.show" if mine else "reviewer.case"
    return url_for(endpoint, application_id=application.id)


def work_blueprint(name: str, prefix: str | None = None) -> Blueprint:
    """Return a blueprint for signed-in pages, whose refusals say what changed and lead back."""
    blueprint = Blueprint(name, f"registry.web.{name}", url_prefix=prefix)
    blueprint.record_once(lambda state: state.app.jinja_env.globals.update(FUNCTIONS))
    blueprint.register_error_handler(Conflict, answer_conflict)
    blueprint.register_error_handler(NotAllowed, answer_refusal)
    blueprint.register_error_handler(NotFound, answer_absence)
    blueprint.register_error_handler(InvalidInput, answer_invalid)
    blueprint.register_error_handler(StaleDataError, answer_conflict)
    blueprint.register_error_handler(NotSignedIn, give_back)
    blueprint.register_error_handler(CSRFError, give_back)
    return blueprint


def leads_back(blueprint: Blueprint, rule: str, page: str) -> None:
    """Let the address of a form that was refused lead to its page: by reload, or by the link to the other language."""

    @allow(SIGNED_IN)
    def back(**values: Any) -> ResponseReturnValue:
        expects = current_app.url_map.is_endpoint_expecting
        return redirect(
            url_for(page, **{name: value for name, value in values.items() if expects(page, name)})
        )

    blueprint.add_url_rule(rule, f"back_from{re.sub(r'[^a-z_]+', '_', rule)}", back)
