"""Takes the pictures of `scripts/screenshot`: the console over a store of made-up people, every page in both themes.

The console is the real one, without carrier and queue: who is rung here stays rung, so that the pictures keep still.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pyotp
from playwright.sync_api import Page, expect, sync_playwright
from starlette.applications import Starlette

from benchmarks.serving import serving
from dispatch import console
from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.people import Requester
from dispatch.policy import Policy, Vendor
from dispatch.settings import Settings
from dispatch.store import Store
from scripts.made_up_agency import (
    PASSWORD,
    SERGEANT,
    accounts,
    make_up_a_month,
    make_up_tasks,
    people,
    shifts_and_a_test_call,
)
from scripts.made_up_evening import KEY, a_message, a_session, an_arrival, an_evening
from scripts.made_up_integrations import an_integration, documented
from voice import recordings_page
from voice.prompt_audio import PromptAudio

ROOT = Path(__file__).parents[1]
LONG = ("api-docs", "api-docs-phone", "sentences")
"""Pages of which the beginning shows enough: the rest of them is more of the same."""
FILE = "code,name,phone,languages\n101,Rosa Delgado,+16175550111,spa:5; por:3; mam:3\n201,محمد علي,+16175550201,Arabic:5\n202,Bo,12,spa\n"  # noqa: E501
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = Store(f"sqlite:///{folder}/store.sqlite3", KEY)
        store.migrate()
        vendors = (Vendor("Acme Line", "+18005550100", "ww12#"),)
        policy = Policy(agency="City Interpreter Line", vendors=vendors, calls_per_second=0)
        intake = Dispatching(store, SystemClock(), policy, lambda effects: None)
        officers = people(store)
        make_up_a_month(store, officers)
        make_up_tasks(store)
        shifts_and_a_test_call(store, intake, officers)
        with served(store, intake, Path(folder)) as address:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
            page.set_default_timeout(20_000)
            page.on("dialog", lambda dialog: dialog.accept())
            take_all(page, store, intake, officers)
            browser.close()
        store.close()
    shutil.copy(ROOT / "docs" / "console" / "board-night.png", ROOT / "docs" / "console.png")


def take_all(page: Page, store: Store, intake: Dispatching, officers: list[Requester]) -> None:
    """Before signing in, then everything an administrator sees."""
    for scheme in SCHEMES:
        take(page, "first-account", "/console/first-run", scheme)
    accounts(store)
    for scheme in SCHEMES:
        take(page, "sign-in", "/console/sign-in", scheme)
    sign_in(page)
    opened = an_evening(store, intake, officers)
    talking = a_session(store, intake, SERGEANT)
    message = a_message(store, intake)
    arrival = an_arrival(store, intake)
    an_integration(store)
    month = f"{SystemClock().now() - timedelta(days=25):%Y-%m}"
    pages = {
        "board": "/console/",
        "request": f"/console/requests/{opened}",
        "session": f"/console/requests/{talking}",
        "message": f"/console/requests/{message}",
        "roster": "/console/roster",
        "interpreter-new": "/console/roster/new",
        "interpreter": "/console/roster/one/101",
        "test-call": "/console/roster/one/101/test-call",
        "week": "/console/roster/one/101/week",
        "shifts": "/console/shifts",
        "settings": "/console/settings",
        "start-agency": "/console/first-run?step=agency",
        "start-languages": "/console/first-run?step=languages",
        "start-roster": "/console/first-run?step=roster",
        "start-test": "/console/first-run?step=test",
        "import": "/console/roster/import",
        "tasks": "/console/tasks",
        "task": "/console/tasks/t1",
        "ratings": "/console/ratings",
        "interpreter-quality": "/console/roster/one/101/quality",
        "reports": "/console/reports",
        "month": f"/console/reports/month?month={month}",
        "coverage": "/console/coverage?weeks=4",
        "coverage-what-if": "/console/coverage?language=mam&on=0&on=1&on=2&on=3&on=4&from=18:00&to=23:00",
        "arrivals": "/console/arrivals",
        "arrival": f"/console/arrivals/{arrival}",
        "arrival-new": "/console/arrivals/new",
        "brief": f"/console/arrivals/{arrival}/brief",
        "prompts": "/console/prompts",
        "sentences": "/console/prompts/mam",
        "audit": "/console/audit",
        "integrations": "/console/integrations",
        "integration": "/console/integrations/city-cad",
        "api-docs": "/api/docs",
        "accounts": "/console/accounts",
        "account": "/console/me",
        "first-run": "/console/first-run?step=ready",
    }
    for scheme in SCHEMES:
        for name, where in pages.items():
            take(page, name, where, scheme)
        step_in(page, scheme)
        preview(page, scheme)
        shown_once(page, scheme)
        page.set_viewport_size({"width": 390, "height": 844})
        phone = ("board", "request", "session", "reports", "coverage", "arrival", "task")
        for name in (*phone, "interpreter", "week", "start-languages", "integrations", "integration", "api-docs"):
            take(page, f"{name}-phone", pages[name], scheme)
        page.set_viewport_size({"width": 1280, "height": 900})
    for scheme in SCHEMES:
        locked(page, scheme)
    sign_in_again(page)


def take(page: Page, name: str, where: str, scheme: Scheme) -> None:
    """One page."""
    page.emulate_media(color_scheme=scheme)
    page.goto(where)
    if page.locator("#live").count():
        expect(page.locator("#live")).to_have_text("live")
    save(page, name, scheme)


def save(page: Page, name: str, scheme: Scheme) -> None:
    """As it is now: the board as it fits the screen, other pages whole."""
    path = ROOT / "docs" / "console" / f"{name}-{'day' if scheme == 'light' else 'night'}.png"
    page.emulate_media(color_scheme=scheme)
    size = page.viewport_size
    begins = {"x": 0, "y": 0, "width": size["width"], "height": 2400} if size and name in LONG else None
    page.screenshot(path=path, full_page=name not in ("board", "step-in", "board-phone"), clip=begins)  # type: ignore[arg-type]


def step_in(page: Page, scheme: Scheme) -> None:
    """The board's dialog."""
    page.goto("/console/")
    page.get_by_role("button", name="Step in: Spanish").click()
    expect(page.get_by_role("dialog")).to_contain_text("Cancel the request")
    save(page, "step-in", scheme)


def preview(page: Page, scheme: Scheme) -> None:
    """A file before its import."""
    page.goto("/console/roster/import")
    page.get_by_label("File").set_input_files(
        files={"name": "roster.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("tr.bad")).to_have_count(1)
    save(page, "import-preview", scheme)


def shown_once(page: Page, scheme: Scheme) -> None:
    """What is shown a single time: a token, and the address of somebody's calendar."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/console/integrations")
    page.get_by_label("Name", exact=True).fill(f"records-{scheme}")
    page.get_by_label("read", exact=False).first.check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("main")).to_contain_text("shown this once")
    save(page, "integration-token", scheme)
    page.goto("/console/roster/one/101")
    page.get_by_role("button", name=re.compile("Make (a new|the) address")).click()
    expect(page.locator("main")).to_contain_text("shown this once")
    save(page, "calendar-address", scheme)


def locked(page: Page, scheme: Scheme) -> None:
    """The console after some idle time."""
    page.goto("/console/")
    if page.get_by_role("button", name="Lock", exact=True).count():
        page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("button", name="Unlock")).to_be_visible()
    save(page, "locked", scheme)


def sign_in(page: Page) -> None:
    """As the administrator, for the first time."""
    _password(page)
    for scheme in SCHEMES:
        save(page, "enrol", scheme)
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(page.locator(".secret").inner_text()).now())
    page.get_by_role("button", name="Go on").click()
    for scheme in SCHEMES:
        save(page, "recovery-codes", scheme)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#live")).to_have_text("live")


def sign_in_again(page: Page) -> None:
    """As everybody does from the second time on."""
    page.context.clear_cookies()
    _password(page)
    for scheme in SCHEMES:
        save(page, "second-factor", scheme)


def _password(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/console/sign-in")
    page.get_by_label("Name").fill("amina.diallo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@contextmanager
def served(store: Store, intake: Dispatching, folder: Path) -> Iterator[str]:
    """The console on a port of this machine; gives its address."""
    settings = Settings(_env_file=None, state_dir=folder, secret_key=KEY)  # type: ignore[call-arg, arg-type]
    prompts = partial(recordings_page.routes, prompt_audio=PromptAudio(folder / "recordings", folder / "prompts"))
    routes = console.routes(store, settings, SystemClock(), intake, lambda: True, [prompts])
    with serving(Starlette(routes=[*routes, *documented(store, settings, intake)])) as address:
        yield address


if __name__ == "__main__":
    main()
