"""Test calls over the real queue and the local carrier: what the phone hears, what the page and the roster show."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from dispatch.agency import Profile
from dispatch.clock import SystemClock
from dispatch.phone_check import CheckState
from tests.stories.installation import CALLER, HOTLINE, JEAN, MARIE, ROSA, Installation

ADDRESS = "roster/one/{code}/test-call"
CODES = {ROSA: "101", JEAN: "102", MARIE: "103"}


@pytest.fixture
def console(town: Installation) -> Iterator[httpx.Client]:
    """The console's forms, on this machine without an account."""
    with httpx.Client(base_url=town.addresses.console, follow_redirects=True, timeout=20) as client:
        found = re.search(r'name="form-token" content="([0-9a-f]+)"', client.get("").text)
        assert found
        client.headers["x-form-token"] = found.group(1)
        yield client


def rings(console: httpx.Client, number: str) -> None:
    """Make the test call."""
    answer = console.post(ADDRESS.format(code=CODES[number]), data={"confirmed": "yes"})
    assert answer.status_code == 200, answer.text


def ends(town: Installation, number: str, state: CheckState) -> str:
    """Wait until the test call has come to that state; returns its words."""

    def found(_: object) -> object:
        with town.store.reading() as tx:
            check = tx.phone_check_of(tx.interpreter_by_code(CODES[number]).id)
        return check if check is not None and check.state is state else None

    check = town.eventually(f"the test call ends with {state}", found)
    return str(check.words)


def test_the_phone_hears_the_test_in_two_languages_and_the_page_shows_it_live(town: Installation, page: Page) -> None:
    page.goto(town.addresses.console + "roster/one/101")
    page.get_by_role("button", name="Make a test call").click()
    said = page.locator("#check-said")
    expect(said).to_have_text("The phone is ringing…")
    town.phones.do(ROSA, "answer")
    expect(said).to_contain_text("Picked up")
    town.heard(ROSA, "This is a test call")
    town.heard(ROSA, "Esta es una llamada de prueba")
    town.phones.do(ROSA, "press", digits="1")
    expect(said).to_have_text("Key 1 was pressed.")
    town.heard(ROSA, "This phone works")
    expect(page.locator("#check-steps li")).to_have_count(4)
    expect(page.locator("#check-next")).to_contain_text("it can be rung")
    page.get_by_role("link", name="Back to the roster").click()
    expect(page.get_by_role("row", name=re.compile("^101"))).to_contain_text("key pressed")
    with town.store.reading() as tx:
        assert tx.open_requests() == []


def test_a_mailbox_a_busy_line_and_a_number_that_does_not_exist_are_told_apart(
    town: Installation, console: httpx.Client
) -> None:
    town.phones.behave(JEAN, answers="voicemail")
    town.phones.behave(MARIE, answers="busy")
    rings(console, JEAN)
    rings(console, MARIE)
    ends(town, MARIE, CheckState.BUSY)
    ends(town, JEAN, CheckState.VOICEMAIL)
    town.saw("ended", JEAN)
    assert "A mailbox picked up" in console.get(ADDRESS.format(code="102")).text


def test_who_picks_up_and_presses_nothing_is_told_goodbye(town: Installation, console: httpx.Client) -> None:
    town.answers(ROSA)
    rings(console, ROSA)
    town.heard(ROSA, "No key was pressed")
    ends(town, ROSA, CheckState.NO_KEY)


def test_a_new_name_is_heard_on_the_next_call_without_a_restart(town: Installation) -> None:
    with town.store.transaction() as tx:
        before = tx.agency_profile()
        tx.save_agency_profile(Profile(before.version, "Harbour Line", ("spa", "eng"), 1, None), SystemClock().now())
    try:
        town.eventually(
            "the console has the new name", lambda b: "Harbour Line" in httpx.get(town.addresses.console).text
        )
        town.phones.do(CALLER, "call", to=HOTLINE)
        town.heard(CALLER, "Harbour Line")
        town.phones.do(CALLER, "hang-up")
    finally:
        with town.store.transaction() as tx:
            now = tx.agency_profile()
            tx.save_agency_profile(Profile(now.version), SystemClock().now())
        town.eventually("the old name is back", lambda b: "Harbour Line" not in httpx.get(town.addresses.console).text)


def test_nobody_but_the_carrier_tells_how_a_test_went(town: Installation) -> None:
    for name in ("prompt", "key", "status", "machine"):
        answer = httpx.post(f"{town.settings.public_url}/check/c1/{name}", data={"Digits": "1"})
        assert answer.status_code == 403
