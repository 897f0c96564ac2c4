"""Two dispatchers and an administrator signed in to a whole installation, each in a browser of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyotp
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from dispatch.accounts import Account, AccountRole
from dispatch.clock import SystemClock
from tests.console.conftest import password_hash
from tests.console.test_in_a_browser import sign_in
from tests.stories.installation import Installation

SCREEN = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
REFUSED = ("400 (Bad", "403 (Forb", "409 (Conflict", "422 (Unproc")
"""What a form may answer where a story asks for it; anything else in a page's console is a fault."""


@dataclass
class Desks:
    """The installation, its people, and what went wrong on their pages."""

    town: Installation
    browser: Browser
    wrong: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _pages: dict[str, Page] = field(default_factory=dict)

    def account(self, name: str, role: AccountRole = AccountRole.DISPATCHER, enrolled: bool = True) -> Account:
        """Somebody with an account; the first time they sign in they set the second factor up, unless `enrolled`."""
        secret, now = pyotp.random_base32(), SystemClock().now()
        made = Account(f"id-{name}", name, role, password_hash(), now, secret, enrolled)
        with self.town.store.transaction() as tx:
            tx.add_account(made)
        return made

    def visitor(self, **options: object) -> Page:
        """A browser of its own, at nothing yet."""
        context = self.browser.new_context(base_url=self.town.addresses.console, **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.wrong.append(f"{said.text} at {said.location.get('url')}") if said.type == "error" else None
            ),
        )
        page.on("dialog", lambda asked: asked.accept())
        return page

    def signed_in(self, name: str, role: AccountRole = AccountRole.DISPATCHER, **options: object) -> Page:
        """That person's page. They sign in once; whoever comes back finds the board."""
        if name not in self._pages:
            self._pages[name] = self.visitor(**options)
            sign_in(self._pages[name], self.account(name, role))
        return self._pages[name]

    @property
    def dana(self) -> Page:
        """A dispatcher at a desk, by day."""
        return self.signed_in("dana", viewport=SCREEN, color_scheme="light")

    @property
    def luis(self) -> Page:
        """A dispatcher with a phone, at night."""
        return self.signed_in("luis", viewport=PHONE, color_scheme="dark")

    @property
    def amina(self) -> Page:
        """The administrator."""
        return self.signed_in("amina", AccountRole.ADMIN, viewport=SCREEN)

    def at_the_board(self, *pages: Page) -> None:
        """Everybody looks at the live board."""
        for page in pages:
            page.goto("/console/")
            expect(page.locator("#live")).to_have_text("live")

    def faults(self) -> list[str]:
        """What went wrong on any page since it was last asked for."""
        told = [one for one in self.wrong if not any(refusal in one for refusal in REFUSED)]
        self.wrong.clear()
        return told

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()


@contextmanager
def opened(folder: Path, browser: Browser) -> Iterator[Desks]:
    """The installation, started, with the administrator signed in: from then on nothing is open to whoever comes."""
    quiet = {"quiet_from": "00:00", "quiet_to": "00:00", "policy_file": Path(__file__).parent / "walks_policy.toml"}
    town = Installation(folder, speed=4.0, speech_workers=0, **quiet)
    desks = Desks(town, browser)
    try:
        for cookie in desks.amina.context.cookies():
            town.console.cookies.set(str(cookie["name"]), str(cookie["value"]))
        yield desks
    finally:
        desks.close()
        town.stop()


@contextmanager
def one_story(desks: Desks) -> Iterator[Desks]:
    """Quiet phones before it, nothing open after it, and no fault on any page."""
    town = desks.town
    town.quiet_phones()
    yield desks
    town.quiet_phones()
    town.clear()
    faults = desks.faults()
    assert not faults, faults


def row(page: Page, language: str) -> Locator:
    """The request for that language on the board."""
    return page.locator("#open-list > li", has_text=language)


def open_panel(page: Page) -> Locator:
    """What can be done, as the dialog shows it now: gone once it was done, or once it is shown as it is by then."""
    expect(page.get_by_role("dialog")).to_be_visible()
    version = page.locator("dialog[open] .panel").get_attribute("data-version")
    return page.locator(f'dialog[open] .panel[data-version="{version}"]')


def decide(page: Page, of: str, button: str, fill: dict[str, str] | None = None) -> None:
    """Step in and decide; where it changed meanwhile, look again and decide again, as people do."""
    row(page, of).get_by_role("button", name="Step in").click()
    dialog = page.get_by_role("dialog")
    for _ in range(8):
        looked_at = open_panel(page)
        pressed = dialog.get_by_role("button", name=button, exact=True)
        form = dialog.locator("form", has=page.get_by_role("button", name=button, exact=True))
        for label, value in (fill or {}).items():
            wanted = form.get_by_label(label)
            if wanted.evaluate("e => e.tagName") == "SELECT":
                wanted.select_option(label=value)
            else:
                wanted.fill(value)
        pressed.click()
        expect(looked_at).to_have_count(0)
        if dialog.is_hidden():
            return
    raise AssertionError(f"{button} was refused eight times")


def insist(page: Page, button: str, until: Locator) -> None:
    """The same on a request's page: press until that shows."""
    for _ in range(8):
        # What was refused before says nothing of this press.
        page.evaluate("document.querySelectorAll('[role=alert]').forEach(one => one.remove())")
        page.get_by_role("button", name=button).click()
        expect(until.or_(page.get_by_role("alert")).first).to_be_visible()
        if until.is_visible():
            return
    expect(until).to_be_visible()


def downloaded(page: Page, link: Locator) -> bytes:
    """What that link or button gives as a file."""
    # What is set in type is waited for by the click itself, and the first time on a busy machine takes its time.
    with page.expect_download(timeout=60_000) as told:
        link.click(timeout=60_000)
    return Path(told.value.path()).read_bytes()


def signed(answer: httpx.Response) -> httpx.Response:
    """The same, if whoever asked was let in."""
    assert not answer.is_redirect, answer.headers.get("location")
    return answer.raise_for_status()
