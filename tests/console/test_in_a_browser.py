"""The console in Debian's Chromium: the way in, axe on every page, an integration's token."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dispatch import events, integration_keeping, quality_tasks
from dispatch.accounts import Account, AccountRole
from dispatch.announcing import Kind
from dispatch.conversation import new_request
from dispatch.gist import Gist
from dispatch.integrations import Scope
from dispatch.quality_tasks import Source
from dispatch.request import Channel, Need
from dispatch.voicemail import Voicemail
from dispatch.webhook_outbox import set_endpoint
from tests.chromium import chromium
from tests.console.conftest import PASSWORD, House
from tests.dispatch.people import interpreter, officer

Served = tuple[House, str]
AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def town(served: Served) -> Served:
    """A roster and one officer's open request for Spanish."""
    house, _ = served
    with house.store.transaction() as tx:
        tx.add_requester(officer())
        for number in range(101, 106):
            tx.put_interpreter(interpreter(number, "spa", "mam" if number == 103 else "hat"))
    ask(house, "spa")
    return served


def ask(house: House, language: str) -> str:
    """The officer asks for a language."""
    with house.store.transaction() as tx:
        made = new_request(officer(), Channel.TEXT, house.clock.now())
        tx.create_request(made)
    house.intake.report(made.id, events.TextReceived(Need(languages=(language,), place="5th & Main"), language))
    return made.id


class Person(Protocol):
    """Opens a page with cookies of its own."""

    def __call__(self, address: str, **options: object) -> Page:
        """At that address."""
        ...


@pytest.fixture
def person(browser: Browser, served: Served) -> Iterator[Person]:
    """People with a browser each, closed before the server; no script of theirs may have failed."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def made(address: str, **options: object) -> Page:
        contexts.append(browser.new_context(base_url=address, **options))  # type: ignore[arg-type]
        contexts[-1].set_default_timeout(10_000)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        return page

    yield made
    for context in contexts:
        context.close()
    refusals = ("409", "404", "503", "net::ERR_FAILED")  # answers, and none, that a story asks for on purpose
    assert [said for said in wrong if not any(code in said for code in refusals)] == []


def sign_in(page: Page, account: Account) -> None:
    """By password and code."""
    page.goto("/console/")
    page.get_by_label("Name").fill(account.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Six digits").fill(pyotp.TOTP(account.totp_secret).now())
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#live")).to_have_text("live")


def no_fault(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    asked = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = page.evaluate("asked => axe.run(document, asked)", asked)
    told = [f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}" for one in found["violations"]]
    assert told == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def test_the_first_account_is_made_and_its_second_factor_set_up(person: Person, served: Served) -> None:
    page = person(served[1])
    page.goto("/console/")
    page.get_by_role("link", name="Make the first account").click()
    no_fault(page)
    page.get_by_label("Name").fill("amina")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    no_fault(page)
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(page.locator(".secret").inner_text()).now())
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    no_fault(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="The agency")).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    no_fault(page)
    page.get_by_label("Password of amina").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_label("amina: account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    no_fault(page)


def both_ways(page: Page) -> None:
    """Colours differ by theme and room by width: axe looks at a desk by day and at a phone by night."""
    no_fault(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    no_fault(page)
    page.set_viewport_size({"width": 1360, "height": 844})
    page.emulate_media(color_scheme="light")


@pytest.mark.no_cover
def test_axe_finds_nothing_on_any_page(person: Person, town: Served) -> None:
    house, address = town
    page = person(address, color_scheme="light", viewport={"width": 1360, "height": 844})
    sign_in(page, house.account("amina", AccountRole.ADMIN))
    past(house)
    with house.store.transaction() as tx:
        tx.raise_alert(None, "Nobody is free for Somali.", house.clock.now())
        (opened,) = tx.open_requests()
    house.intake.find_interpreters(opened.id, 2)
    said = Gist("necesito ayuda", "I need help", "spa", 0.4)
    house.intake.keep_voicemail(Voicemail("RE1", opened.id, house.clock.now(), 3.0, said), 7)
    expect(page.locator("#open-list .chip").first).to_be_visible()
    both_ways(page)
    task = a_task(house, opened.id)
    pages = ["roster", "roster/new", "roster/one/101", "roster/one/101/week", "roster/one/101/test-call", "shifts"]
    pages += ["reports", "reports/month", "coverage", "arrivals", "arrivals/new", "prompts", "prompts/som"]
    pages += ["tasks", f"tasks/{task}", "ratings", "roster/one/101/quality", "audit", "accounts", "me", "settings"]
    pages += ["integrations", f"integrations/{an_integration(house)}", "../api/docs"]
    pages += ["first-run", "first-run?step=languages", "first-run?step=test", f"requests/{opened.id}", "requests/none"]
    for name in pages:
        page.goto(f"/console/{name}")
        both_ways(page)


def test_an_alert_of_another_day_says_so_and_an_auditor_is_offered_nothing_they_may_not_do(
    person: Person, town: Served
) -> None:
    house, address = town
    before = house.clock.now() - timedelta(days=3)
    with house.store.transaction() as tx:
        (opened,) = tx.open_requests()
        tx.raise_alert(opened.id, "A caller left a message.", before)
        tx.raise_alert(None, "Nobody is free for Somali.", house.clock.now())
    page = person(address, locale="en-US", timezone_id="UTC")
    sign_in(page, house.account("vera", AccountRole.AUDITOR))
    alerts = page.locator("#alert-list li")
    expect(alerts).to_have_count(2)
    day = re.compile(f"{before:%a}, {before:%b} {before.day}")
    expect(alerts.filter(has_text="left a message").locator("time")).to_have_text(day)
    expect(alerts.filter(has_text="Somali").locator("time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    expect(page.locator("#open-list").get_by_role("link", name="Details")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Seen to|Step in"))).to_have_count(0)


def test_an_action_that_does_not_get_through_says_so(person: Person, town: Served) -> None:
    house, address = town
    page = person(address)
    sign_in(page, house.account("amina"))
    page.route("**/act*", lambda route: route.abort())
    page.get_by_role("button", name="Step in").click()
    page.locator("#panel").get_by_role("button", name="Set language").click()
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("The service was not reached")
    page.locator("#panel").get_by_role("button", name="Close").click()
    page.get_by_role("link", name="Details").click()
    page.locator("#step-in").get_by_role("button", name="Set language").click()
    expect(page.locator("#step-in").get_by_role("alert")).to_contain_text("The service was not reached")
    page.route("**/panel", lambda route: route.abort())
    page.get_by_role("link", name="Board").click()
    page.get_by_role("button", name="Step in").click()
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("The service was not reached")
    expect(page.locator("#panel").get_by_role("button", name="Close")).to_be_visible()


def test_pages_say_that_nothing_comes_any_more_and_listen_again_by_themselves(person: Person, town: Served) -> None:
    house, address = town
    page = person(address)
    sign_in(page, house.account("amina"))
    with house.store.reading() as tx:
        (opened,) = tx.open_requests()
    page.route("**/events", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"/console/requests/{opened.id}")
    expect(page.get_by_text("what you see may be old")).to_be_visible()
    house.intake.report(opened.id, events.RequestDropped("requester"))
    page.unroute("**/events")
    expect(page.locator("#facts-title")).to_have_text("Cancelled")
    expect(page.get_by_text("what you see may be old")).to_be_hidden()
    page.route("**/events", lambda route: route.fulfill(status=503, body="{}"))
    page.goto("/console/")
    expect(page.locator("#live")).to_contain_text("what you see may be old")
    page.unroute("**/events")
    expect(page.locator("#live")).to_have_text("live")


def test_an_integration_is_made_its_token_shown_once_and_revoked(person: Person, served: Served) -> None:
    house, address = served
    page = person(address)
    sign_in(page, house.account("amina", AccountRole.ADMIN))
    page.goto("/console/integrations")
    expect(page.get_by_text("No other system works with this one yet")).to_be_visible()
    page.get_by_label("Name").fill("cad")
    page.get_by_label("read", exact=False).first.check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", name="The token of cad")).to_be_visible()
    no_fault(page)
    token = page.locator("code.secret").inner_text()
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{address}/api/v1/requests", headers=headers).json()["requests"] == []
    page.get_by_role("link", name="Go on to its webhook").click()
    assert token not in page.content()
    page.get_by_label("Address").fill("https://cad.example.gov/hooks")
    page.get_by_role("button", name=re.compile("^(Set|Save)")).click()
    expect(page.get_by_label("Address")).to_have_value("https://cad.example.gov/hooks")
    no_fault(page)
    page.goto("/console/integrations")
    assert token not in page.content()
    page.get_by_label("Revoke cad").click()
    page.get_by_role("button", name="Revoke the token of cad for good").click()
    expect(page.locator("tbody tr")).to_contain_text("revoked")
    assert httpx.get(f"{address}/api/v1/requests", headers=headers).status_code == 401


def an_integration(house: House) -> str:
    """One with a webhook of which a delivery waits; its name."""
    now = house.clock.now()
    _, made = integration_keeping.make(house.store, "cad", list(Scope), 365, "amina", now)
    with house.store.transaction() as tx:
        set_endpoint(tx, made, "https://cad.example.gov/hooks", [kind.value for kind in Kind])
        tx.raise_alert(None, "Nobody is free for Mam.", now)
    return made.name


def a_task(house: House, request_id: str) -> str:
    """Somebody complained about interpreter 101."""
    made = quality_tasks.make(
        Source.COMPLAINT,
        "t1",
        "complaint:t1",
        house.clock.now(),
        words="لم يفهمني",
        made_by="by text",
        request_id=request_id,
        requester_id=officer().id,
        interpreter_id="i101",
    )
    with house.store.transaction() as tx:
        tx.add_task(made)
    return made.id


def past(house: House) -> None:
    """A few requests that are over."""
    for language in ("spa", "spa", "hat"):
        with house.store.transaction() as tx:
            made = new_request(officer(), Channel.TEXT, house.clock.now() - timedelta(hours=3))
            tx.create_request(made)
        house.intake.report(made.id, events.TextReceived(Need(languages=(language,)), language))
        house.intake.report(made.id, events.RequestDropped("requester"))
