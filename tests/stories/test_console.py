"""The console and the phone page, in a real browser."""

import re

import httpx
from playwright.sync_api import Page, expect

from dispatch.clock import SystemClock
from tests.stories.installation import Installation


def test_alerts_are_shown_as_text_and_cleared(town: Installation, page: Page) -> None:
    with town.store.transaction() as tx:
        for alert in tx.open_alerts():
            tx.clear_alert(alert.id, SystemClock().now())
        tx.raise_alert(None, "<b>Nobody is free</b> for Somali.", SystemClock().now())
    page.goto(town.addresses.console)
    shown = page.locator("#alert-list li")
    expect(shown).to_contain_text("<b>Nobody is free</b> for Somali.")
    shown.get_by_role("button", name="Seen to").click()
    expect(page.locator("#alerts")).to_be_hidden()


def test_a_newcomer_plays_officer_and_interpreter_by_hand(town: Installation, page: Page) -> None:
    page.goto(town.addresses.carrier)
    officer, interpreter = page.locator(".phone").nth(0), page.locator(".phone").nth(2)
    officer.locator("input[aria-label=Text]").fill("spanish")
    officer.get_by_role("button", name="Send").click()
    expect(officer.locator(".screen")).to_contain_text("Spanish. We are ringing interpreters now")
    interpreter.get_by_role("button", name="Answer").click()
    expect(interpreter.locator(".screen")).to_contain_text("To accept, press 1")
    interpreter.get_by_role("button", name="1", exact=True).click()
    officer.get_by_role("button", name="Answer").click()
    expect(officer.locator(".state")).to_contain_text(re.compile("In the conference with Interpreter: 10[14] "))
    officer.get_by_role("button", name="Hang up").click()
    expect(officer.locator(".state")).to_have_text("Idle")
    town.ended("completed")


def test_other_pages_and_other_names_cannot_use_the_console(town: Installation) -> None:
    console = town.addresses.console
    assert httpx.get(console, headers={"Host": "evil.example"}).status_code == 421
    crossed = httpx.post(f"{console}alerts/1/clear", headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403
    headers = httpx.get(console).headers
    assert "script-src 'self'" in headers["content-security-policy"]
