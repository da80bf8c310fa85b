"""People at real browsers: Chromium, one context each; whatever goes wrong on a page is kept as a complaint."""

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
        form = self.page.locator(f"main form[method=post]{action}").first
        return self.fill(form, {**(fields or {}), **more}, press)

    def fill(self, form: "Locator", fields: Mapping[str, Value], press: str = "") -> str:
        """Fill in a form and press its button; a form that comes back unanswered is an error."""
        for name, value in fields.items():
            self._enter(form, name, value)
        button = form.locator(f"button[type=submit]{press}").last
        with self.page.expect_navigation(wait_until="domcontentloaded") as navigation:
            button.click()
        status = navigation.value.status
        assert status == 200, (self.page.url, status, self.text)
        return self.here

    def _enter(self, form: "Locator", name: str, value: Value) -> None:
        field = form.locator(f"[name='{name}']")
        kind = field.first.evaluate(_KIND)
        if isinstance(value, Path):
            field.set_input_files(value)
        elif kind in {"radio", "checkbox"}:
            for one in [value] if isinstance(value, str) else value:
                form.locator(f"[name='{name}'][value='{one}']").check()
        elif kind == "select":
            field.select_option(value)
        else:
            field.fill(str(value))

    def link(self, path: str, pattern: str) -> str:
        """Return the first link of a page whose address matches."""
        self.open(path)
        addresses = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        found = [address for address in addresses if re.fullmatch(pattern, address)]
        assert found, (path, pattern, addresses)
        return str(found[0])
