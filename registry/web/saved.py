"""Long forms can be kept for later: a second button saves what was typed, for the person alone, and fills it in again.

A view says so with `keeps_text`; its template shows `saved.button()` and `saved.notice()`. Whatever was kept goes once the
form is sent. Files are not kept: a browser does not give them twice.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from registry.errors import InvalidInput
from registry.http.acting import acting
from registry.services import saved_texts
from registry.web.sentences import sentence

SAVE: Final = "save_for_later"
"""Name of the button."""
NOT_KEPT: Final = frozenset({SAVE, "csrf_token", "version"})
"""Fields that belong to one showing of a form."""
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def keeps_text(view: View) -> View:
    """Let the form of a view be kept for later; below `allow`, above the function."""

    @wraps(view)
    def kept(**values: Any) -> ResponseReturnValue:
        if request.method == "POST" and SAVE in request.form:
            return _keep()
        if request.method != "POST":
            _fetch()
            return view(**values)
        answer = view(**values)
        if getattr(answer, "status_code", None) == 303:
            with acting() as act:
                saved_texts.forget(act.session, _key(), actor=act.actor)
        return answer

    return cast(View, kept)


def filled() -> dict[str, Any]:
    """Return the arguments with which a form starts: what was kept of it, when it is shown and not sent."""
    found = g.get("kept")
    return {} if found is None else {"formdata": found}


def typed() -> MultiDict[str, str] | None:
    """Return what was kept of the form that is shown, or None."""
    found: MultiDict[str, str] | None = g.get("kept")
    return found


def _key() -> str:
    """Return the form's own key: its address without the language."""
    return request.path.split("/", 2)[-1]


def _keep() -> ResponseReturnValue:
    content = {name: texts for name, texts in request.form.lists() if name not in NOT_KEPT}
    try:
        with acting() as act:
            saved_texts.save(act.session, _key(), content, **act.by)
    except InvalidInput as error:
        flash(sentence(str(error)))
    else:
        flash(gettext("Saved for you alone. Nothing was sent; go on whenever you like."))
    return redirect(request.path, 303)


def _fetch() -> None:
    with acting() as act:
        row = saved_texts.saved(act.session, _key(), **act.by)
        if row is not None:
            pairs = [(name, text) for name, texts in row.content.items() for text in texts]
            g.kept, g.kept_at = MultiDict(pairs), row.at
