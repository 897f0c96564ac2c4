"""Takes the pictures of `scripts/screenshot`: waits for the demo, makes up a month, opens every page in both themes."""

import os
import random
import re
import shutil
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect, sync_playwright

from dispatch import credentials
from dispatch.accounts import Account, AccountRole
from dispatch.clock import SystemClock
from dispatch.conversation import new_request
from dispatch.offer import Offer, OfferState
from dispatch.people import Interpreter, PhoneNumber, Requester, Role
from dispatch.request import Channel, Request, RequestState
from dispatch.store import Store
from workers.scenarios import Phones
from workers.supervisor import secret_key

DOCS = Path(__file__).parents[1] / "docs"
HOTLINE, OFFICERS = "+16175550100", ("+16175550101", "+16175550102")
LANGUAGES = ("spa",) * 9 + ("hat",) * 4 + ("por",) * 3 + ("vie", "arb", "mam", "mam", "fra", "som")
PASSWORD = "violet harbour lantern"
FILE = "code,name,phone,languages\n101,Rosa Lima,,spa:5; mam:3\n201,محمد علي,+16175550201,Arabic:5\n202,Bo,12,spa\n"


def main() -> None:
    """Take them all."""
    state = Path(os.environ["DISPATCH_STATE_DIR"])
    address, phones_at = _addresses(state / "demo.log", int(sys.argv[1]))
    store = Store(f"sqlite:///{state / 'demo' / 'dispatch.sqlite3'}", secret_key(state))
    make_up_a_month(store)
    phones = Phones(phones_at)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        page.set_default_timeout(30_000)
        phones.do(OFFICERS[0], "text", to=HOTLINE, body="need mam at 5th & Main, urgent")
        phones.do(OFFICERS[1], "text", to=HOTLINE, body="somali, female, at 12 Dock Street")
        page.goto("/console/")
        expect(page.locator("#open-list > li")).to_have_count(2)
        opened = page.locator("#open-list > li").first.get_attribute("data-id")
        name_the_makers(store)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            take(page, "sign-in", "/console/sign-in", scheme)
        sign_in(page)
        pages = {
            "board": "/console/",
            "request": f"/console/requests/{opened}",
            "roster": "/console/roster",
            "interpreter": "/console/roster/one/101",
            "import": "/console/roster/import",
            "reports": "/console/reports",
            "month": "/console/reports/month?month=" + f"{SystemClock().now() - timedelta(days=20):%Y-%m}",
            "coverage": "/console/coverage?weeks=4",
            "audit": "/console/audit",
            "accounts": "/console/accounts",
            "account": "/console/me",
            "first-run": "/console/first-run",
        }
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for name, where in pages.items():
                take(page, name, where, scheme)
            step_in(page, scheme)
            preview(page, scheme)
            page.set_viewport_size({"width": 390, "height": 844})
            take(page, "board-phone", "/console/", scheme)
            page.set_viewport_size({"width": 1280, "height": 900})
        browser.close()
    shutil.copy(DOCS / "console" / "board-night.png", DOCS / "console.png")
    phones.close()
    store.close()


def take(page: Page, name: str, where: str, scheme: str) -> None:
    """One page, whole."""
    page.goto(where)
    if page.locator("#live").count():
        expect(page.locator("#live")).to_have_text("live")
    save(page, name, scheme)


def save(page: Page, name: str, scheme: str) -> None:
    """As it is now."""
    path = DOCS / "console" / f"{name}-{'day' if scheme == 'light' else 'night'}.png"
    page.screenshot(path=path, full_page=name not in ("step-in", "board"))


def step_in(page: Page, scheme: str) -> None:
    """The board's dialog."""
    page.goto("/console/")
    page.get_by_role("button", name="Step in").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Cancel the request")
    save(page, "step-in", scheme)


def preview(page: Page, scheme: str) -> None:
    """A file before its import."""
    page.goto("/console/roster/import")
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.get_by_label("File").set_input_files(files=[file])
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("tr.bad").first).to_be_visible()
    save(page, "import-preview", scheme)


def sign_in(page: Page) -> None:
    """As the administrator."""
    page.goto("/console/sign-in")
    page.get_by_label("Name").fill("amina.diallo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.emulate_media(color_scheme="light")
    save(page, "enrol", "light")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(page.locator(".secret").inner_text()).now())
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#live")).to_have_text("live")


def name_the_makers(store: Store) -> None:
    """Two accounts."""
    now = SystemClock().now()
    people = (("amina.diallo", AccountRole.ADMIN), ("luis.ortega", AccountRole.DISPATCHER))
    for number, (name, role) in enumerate(people):
        kept = credentials.hash_password(PASSWORD)
        secret = credentials.new_totp_secret() if role is AccountRole.ADMIN else ""
        with store.transaction() as tx:
            tx.add_account(Account(f"a{number}", name, role, kept, now, secret))
            tx.audit("command line", "account added", name, role.value, now)


def make_up_a_month(store: Store) -> None:
    """Some hundred requests that ended in the last thirty days, always the same."""
    chance = random.Random(7)
    now = SystemClock().now()
    with store.transaction() as tx:
        roster = tx.roster()
        asked = [one for one in (tx.requester_by_number(interpreter.number) for interpreter in roster) if one]
        officers = [*tx.requesters([one.requester_id for one in tx.recent_requests(20)]).values(), *asked]
        for _ in range(420):
            begun = now - timedelta(days=chance.uniform(0, 30))
            begun = begun.replace(hour=min(int(chance.triangular(0, 24, 18)), 23))
            if begun < now - timedelta(hours=2):
                tx.create_request(_past(chance, begun, chance.choice(officers).id, roster))


def _past(chance: random.Random, begun: datetime, requester: str, roster: list[Interpreter]) -> Request:
    language = chance.choice(LANGUAGES)
    lost = chance.random() < {"mam": 0.5, "som": 0.4}.get(language, 0.06)
    speakers = [one for one in roster if one.speaks(language)]
    plain = new_request_at(begun, requester, chance)
    if lost or not speakers:
        state = chance.choice((RequestState.ABANDONED, RequestState.CANCELLED, RequestState.VENDOR_HANDOFF))
        return replace(plain, language=language, state=state, ended_at=begun + timedelta(minutes=4))
    waited = chance.lognormvariate(3.0 if language == "spa" else 3.5, 0.5)
    connected = begun + timedelta(seconds=waited)
    ended = connected + timedelta(minutes=chance.uniform(3, 40))
    who = chance.choice(speakers).id
    offer = Offer(f"{plain.id}-1", who, OfferState.FINISHED, begun, connected, "tier 1")
    return replace(
        plain,
        language=language,
        state=RequestState.COMPLETED,
        outcome="requester hung up",
        connected_at=connected,
        ended_at=ended,
        offers=(offer,),
    )


def new_request_at(begun: datetime, requester: str, chance: random.Random) -> Request:
    """A request as it begins."""
    role = chance.choice((Role.OFFICER, Role.COMMUNITY))
    who = Requester(requester, PhoneNumber(HOTLINE), role)
    return new_request(who, chance.choice((Channel.TEXT, Channel.VOICE)), begun)


def _addresses(log: Path, demo: int) -> tuple[str, str]:
    """Where console and phones answer, once the demo has played both scenarios."""
    for _ in range(1800):
        told = log.read_text(encoding="utf-8") if log.exists() else ""
        console, phones = re.search(r"Console +(http\S+?)/console/", told), re.search(r"Phones +(http\S+?)/ ", told)
        if console and phones:
            return console.group(1), phones.group(1)
        os.kill(demo, 0)
        time.sleep(0.1)
    raise SystemExit(f"the demo did not come up; see {log}")


if __name__ == "__main__":
    main()
