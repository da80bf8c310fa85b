"""People at real browsers: Chromium, one context each; whatever goes wrong on a page is kept as a complaint.

They have no mouse: every field and every button is reached with Tab and worked with keys, and has to show its focus.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from support.browser import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Value = str | Sequence[str] | Path
_KIND = "element => element.tagName === 'SELECT' ? 'select' : element.type"
_FOCUSED = "element => element === document.activeElement"
_REACHED = """element => {
  const at = document.activeElement;
  return at === element
    || (element.type === 'radio' && at.type === 'radio' && at.name === element.name && at.form === element.form);
}"""
_FAR = 300
"""More keys in a row than anybody should have to press on one page."""


_TRIES = 4


@contextmanager
def chromium(path: str) -> Iterator["Browser"]:
    """Start the Chromium at `path` with a profile of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


class Person:
    """One person at one browser; `complaints` holds requests to elsewhere, errors of scripts, what the CSP stopped."""

    def __init__(self, browser: "Browser", base: str, complaints: list[str], *, scripts: bool = True) -> None:
        self.base, self.complaints = base, complaints
        context = browser.new_context(base_url=base, locale="en-GB", java_script_enabled=scripts)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self._expect_own(request.url))
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _expect_own(self, url: str) -> None:
        if not url.startswith((f"{self.base}/", "data:")):
            self.complaints.append(f"{self.page.url} asks {url}")

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {text}")

    def see(self, path: str) -> str:
        """Open a page and return its text as people see it."""
        self.open(path)
        return self.text

    def open(self, path: str, status: int = 200) -> None:
        """Open a page below `/en`, unless it is open already."""
        address = path if path.startswith("/en/") else f"/en{path}"
        if self.here != address or status != 200:
            answer = self.page.goto(address, wait_until="domcontentloaded")
            assert answer is not None
            assert answer.status == status, (address, answer.status, self.text)

    @property
    def here(self) -> str:
        """The path of the page."""
        return self.page.url.removeprefix(self.base).partition("#")[0]

    @property
    def text(self) -> str:
        """The text of the page, blanks made plain."""
        return re.sub(r"\s+", " ", self.page.inner_text("body"))

    def sign_in(self, email: str) -> "Person":
        """Sign in by the page for it."""
        self.send("/sign-in", email=email, password=PASSWORD)
        return self

    def send(
        self,
        path: str,
        to: str = "",
        fields: Mapping[str, Value] | None = None,
        press: str = "",
        **more: Value,
    ) -> str:
        """Fill in the form of a page that goes to `to` (default: the main one), press its button, return where it leads."""
        self.open(path)
        action = f"[action*='{to}']" if to else ""
        forms = self.page.locator(f"main form[method=post]{action}")
        form = (forms.filter(has=self.page.locator(f"button{press}")) if press else forms).first
        return self.fill(form, {**(fields or {}), **more}, press)

    def fill(self, form: "Locator", fields: Mapping[str, Value], press: str = "") -> str:
        """Fill in a form and press its button; a form that comes back unanswered is an error."""
        self._skip_to_main()
        for name, value in fields.items():
            self._enter(form, name, value)
        self.reach(form.locator(f"button[type=submit]{press}").last)
        with self.page.expect_navigation(wait_until="domcontentloaded") as navigation:
            self.page.keyboard.press("Enter")
        status = navigation.value.status
        assert status == 200, (self.page.url, status, self.text)
        return self.here

    def _skip_to_main(self) -> None:
        """On a page just opened at its top, take the link that leads past the menus."""
        if "#" not in self.page.url and self.page.evaluate("document.activeElement === document.body"):
            for key in ("Tab", "Enter"):
                self.page.keyboard.press(key)
            assert self.page.evaluate("document.activeElement.tagName") == "MAIN", self.page.url

    def _enter(self, form: "Locator", name: str, value: Value) -> None:
        field = form.locator(f"[name='{name}']")
        kind = field.first.evaluate(_KIND)
        if isinstance(value, Path):
            self._hand_in(field, value)
        elif kind in {"radio", "checkbox"}:
            for one in [value] if isinstance(value, str) else value:
                self.choose(form.locator(f"[name='{name}'][value='{one}']"))
        elif kind == "select":
            self._select(field, str(value))
        else:
            self.reach(field)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(str(value))

    def reach(self, target: "Locator") -> None:
        """Go on with Tab until an element, or another of its radio buttons, has the focus, and shows it."""
        handle = target.element_handle()
        for _ in range(_FAR):
            if handle.evaluate(_REACHED):
                assert self.page.evaluate("document.activeElement.matches(':focus-visible')"), target
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target} of {self.page.url}")

    def choose(self, one: "Locator") -> None:
        """Set a check box, or a radio button by way of the one of its group that Tab reaches."""
        self.reach(one)
        for _ in range(_FAR):
            if one.is_checked():
                return
            self.page.keyboard.press("Space" if one.evaluate(_FOCUSED) else "ArrowDown")
        raise AssertionError(f"no key sets {one} of {self.page.url}")

    def _select(self, field: "Locator", value: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Home")
        for _ in range(_FAR):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no key selects {value} in {field} of {self.page.url}")

    def _hand_in(self, field: "Locator", file: Path) -> None:
        from playwright.sync_api import TimeoutError as NothingOpened

        self.reach(field)
        for _ in range(_TRIES):
            # On a busy machine Chromium now and then swallows the key; a person presses it again.
            try:
                with self.page.expect_file_chooser(timeout=5_000) as chooser:
                    self.page.keyboard.press("Space")
            except NothingOpened:
                continue
            chooser.value.set_files(file)
            return
        raise AssertionError(f"no key opens the choice of a file on {self.page.url}")

    def link(self, path: str, pattern: str) -> str:
        """Return the first link of a page whose address matches."""
        self.open(path)
        addresses = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        found = [address for address in addresses if re.fullmatch(pattern, address)]
        assert found, (path, pattern, addresses)
        return str(found[0])
