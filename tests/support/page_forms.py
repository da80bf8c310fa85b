"""The forms of a page as a browser without scripts sees them: what it would send, and what one may fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

Value = str | Sequence[str] | FileStorage


@dataclass
class Form:
    """One form: where it goes, the names it has, and the values it starts with."""

    action: str
    method: str
    names: set[str] = field(default_factory=set)
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self.form)
        form, name = self.form, given.get("name", "")
        if form is None:
            return
        if tag == "input":
            self._input(form, name, given)
        elif tag == "button":
            form.buttons.append((name, given.get("value", ""), given.get("formaction", "")))
        elif tag == "select":
            self.select = name
            form.names.add(name)
        elif tag == "option" and self.select is not None:
            if "selected" in given or (self.select not in form.values):
                form.values[self.select] = [given.get("value", "")]
        elif tag == "textarea":
            self.area = name
            form.names.add(name)
            form.values[name] = [""]

    def _input(self, form: Form, name: str, given: Mapping[str, str]) -> None:
        form.names.add(name)
        kind = given.get("type", "text")
        if kind == "file" or (kind in {"checkbox", "radio"} and "checked" not in given):
            return
        form.values.setdefault(name, []).append(given.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.form is not None and self.area is not None:
            self.form.values[self.area][0] += data.lstrip("\n")


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class Browser:
    """A person at a browser without scripts; follows the forms that pages show, and nothing else."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        self.client, self.language = client, language

    def address(self, path: str) -> str:
        """Return a path below the person's language."""
        return path if path.startswith(f"/{self.language}/") else f"/{self.language}{path}"

    def see(self, path: str, status: int = 200) -> str:
        """Open a page and return its text."""
        answer = self.client.get(self.address(path))
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2500:])
        return answer.text

    def form(self, page: str, action: str | None = None) -> Form:
        """Return the form of a page that goes to `action` (default: the page itself)."""
        wanted = self.address(action or page).partition("?")[0]
        html = self.see(page)
        posts = [one for one in forms_of(html) if one.method == "post"]
        for one in posts:
            if (urldefrag(one.action).url or self.address(page)).partition("?")[0] == wanted:
                return one
        raise AssertionError(f"{page} has no form to {wanted}, only {[one.action for one in posts]}")

    def send(
        self, page: str, action: str | None = None, fields: Mapping[str, Value] | None = None, **more: Value
    ) -> TestResponse:
        """Fill in a form of a page and send it; a field that the form does not have is an error."""
        return self.send_form(self.form(page, action), page, {**(fields or {}), **more})

    def send_form(self, form: Form, page: str, fields: Mapping[str, Value]) -> TestResponse:
        """Send a form that was read earlier."""
        buttons = {name for name, _value, _action in form.buttons}
        assert set(fields) <= form.names | buttons, (
            f"no fields {set(fields) - form.names - buttons} on {page}"
        )
        data: dict[str, Value] = {**form.values, **fields}
        target = urldefrag(form.action).url or self.address(page)
        return self.client.post(target, data=data)

    def do(
        self, page: str, action: str | None = None, fields: Mapping[str, Value] | None = None, **more: Value
    ) -> str:
        """Send a form that has to be accepted, and return where it leads."""
        answer = self.send(page, action, fields, **more)
        assert answer.status_code == 303, (page, answer.status_code, answer.text[-3000:])
        assert answer.location is not None
        return urldefrag(answer.location).url
