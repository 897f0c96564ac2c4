"""The main path of a shift by keyboard alone, on a whole installation; the focus is seen wherever it goes."""

import re
from datetime import datetime

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect

from dispatch.accounts import AccountRole
from dispatch.people import PhoneNumber
from tests.console.conftest import PASSWORD
from tests.console.test_in_a_browser import no_fault
from tests.stories.desks import PHONE, SCREEN, Desks, open_panel, row
from tests.stories.installation import HOTLINE, JEAN, LUIS, OFFICER, OTHER_OFFICER, ROSA, Installation

FOCUS = """() => {
  const on = document.activeElement, style = getComputedStyle(on), box = on.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 20) / 2);
  return {
    what: on.outerHTML.slice(0, 90),
    ring: on.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: top !== null && (on.contains(top) || [...(on.labels || [])].some(one => one.contains(top))),
  };
}"""


def tab_to(page: Page, wanted: Locator, at_most: int = 40, key: str = "Tab") -> None:
    """Press the tab key until that has the focus, and look whether it is seen to have it."""
    for _ in range(at_most):
        page.keyboard.press(key)
        if wanted.evaluate_all("found => found.includes(document.activeElement)"):
            focus_is_seen(page)
            return
    raise AssertionError(f"after {at_most} tabs the focus is on {page.evaluate(FOCUS)['what']}, not on {wanted}")


def focus_is_seen(page: Page) -> None:
    """The ring is drawn round what has the focus, which is on the screen and under nothing else."""
    focus = page.evaluate(FOCUS)
    assert focus["ring"], focus
    assert focus["seen"], focus


def focused(page: Page, wanted: Locator) -> None:
    """That has the focus by itself, and is seen to."""
    expect(wanted).to_be_focused()
    focus_is_seen(page)


def signs_in(desks: Desks, name: str, role: AccountRole = AccountRole.DISPATCHER, **options: object) -> Page:
    """By typing alone."""
    account = desks.account(name, role)
    page = desks.visitor(**options)
    page.goto("/console/")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.keyboard.type(pyotp.TOTP(account.totp_secret).now())
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("live")
    return page


def decides(page: Page, of: str, button: str, to: str = "", typed: str = "") -> None:
    """With the focus on its Step in: open it, tab to a field and type, press Enter; the focus comes back."""
    step = row(page, of).get_by_role("button", name="Step in")
    focused(page, step)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    for _ in range(8):
        looked_at = open_panel(page)
        pressed = dialog.get_by_role("button", name=button, exact=True)
        if to:
            form = dialog.locator("form", has=page.get_by_role("button", name=button, exact=True))
            tab_to(page, form.get_by_label(to), 90)
            page.keyboard.type(typed)
        tab_to(page, pressed, 90)
        page.keyboard.press("Enter")
        expect(looked_at).to_have_count(0)
        if dialog.is_hidden():
            return
    raise AssertionError(f"{button} was refused eight times")


def presses(page: Page, button: str, then: str) -> None:
    """On a request's page: tab to a button and press it; the focus stays on what it has become."""
    pressed, became = (page.get_by_role("button", name=name, exact=True) for name in (button, then))
    if pressed.evaluate("one => one !== document.activeElement"):
        tab_to(page, pressed, 60)
    for _ in range(8):  # refused where it changed meanwhile: then it is told, and pressed again
        seen = page.locator("#newer").get_attribute("data-version")
        page.keyboard.press("Enter")
        expect(page.locator("#newer")).not_to_have_attribute("data-version", str(seen))
        try:
            expect(became).to_be_focused(timeout=1500)
        except AssertionError:
            continue
        break
    focused(page, became)


def texts(town: Installation, number: str, words: str) -> None:
    """Somebody texts the hotline."""
    town.phones.do(number, "text", to=HOTLINE, body=words)


def test_a_request_is_reached_rung_corrected_answered_and_ended_without_a_mouse(desks: Desks) -> None:
    town = desks.town
    texts(town, OTHER_OFFICER, "korean")
    page = signs_in(desks, "kim", viewport=SCREEN)
    expect(row(page, "Korean")).to_be_visible()
    texts(town, OFFICER, "spanish at 5th & Main")
    expect(row(page, "Spanish")).to_contain_text("101 Rosa Delgado: ringing")

    # to the newest request: past menu and alerts at once, then by arrows from request to request
    tab_to(page, page.get_by_role("link", name="Skip to the requests"), 2)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#open-list").get_by_role("button", name="Step in"), 2)
    for _ in range(2):
        if row(page, "Spanish").get_by_role("button").evaluate("one => one !== document.activeElement"):
            page.keyboard.press("ArrowDown")
    decides(page, "Spanish", "Ring 104 Luis Ordóñez")
    town.saw("ringing", LUIS)
    decides(page, "Spanish", "Set language", "Language", "Haitian Creole")
    town.saw("ended", ROSA)
    decides(page, "Haitian Creole", "Send", "Text message", "Stay where you are.")
    town.heard(OFFICER, "Stay where you are.")

    # what the other needs goes to a vendor; the keyboard goes on to the request that is left
    page.keyboard.press("ArrowDown")
    if row(page, "Korean").get_by_role("button").evaluate("one => one !== document.activeElement"):
        page.keyboard.press("ArrowUp")
    decides(page, "Korean", "Hand to vendor", "Line outside", "Acme, job 17")
    expect(row(page, "Korean")).to_have_count(0)
    focused(page, row(page, "Haitian Creole").get_by_role("button", name="Step in"))

    # the interpreter accepts; on the request's page both phones are muted and held, and let go again
    town.answers(OFFICER)
    town.phones.do(JEAN, "answer")
    town.heard(JEAN, "press 1")
    town.phones.do(JEAN, "press", digits="1")
    expect(row(page, "Haitian Creole")).to_contain_text("talking")
    focused(page, row(page, "Haitian Creole").get_by_role("button", name="Step in"))
    tab_to(page, row(page, "Haitian Creole").get_by_role("link", name="Details"), 2, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Talking")).to_be_visible()
    for done, undone, who, kind in (
        ("Mute", "Unmute", "102 Jean-Robert Charles", "mute"),
        ("Hold", "Take off hold", "Officer Dana Walsh (Unit 12)", "hold"),
    ):
        number = JEAN if kind == "mute" else OFFICER
        presses(page, f"{done}: {who}", f"{undone}: {who}")
        town.saw(kind, number)
        presses(page, f"{undone}: {who}", f"{done}: {who}")
        town.saw(f"un{kind}", number)

    # a text to the interpreter, and the end; the keyboard is never lost
    tab_to(page, page.get_by_label("Text message"), 60)
    page.keyboard.type("Thank you both.")
    page.keyboard.press("Enter")
    town.heard(OFFICER, "Thank you both.")
    focused(page, page.get_by_role("button", name="Send"))
    over = page.locator("#facts-title", has_text=re.compile("Completed|Cancelled"))
    for _ in range(8):
        seen = page.locator("#step-in .panel").get_attribute("data-version")
        tab_to(page, page.get_by_role("button", name="End the session"), 60)
        page.keyboard.press("Enter")
        expect(page.locator("#step-in .panel")).not_to_have_attribute("data-version", str(seen))
        if over.is_visible():
            break
    expect(over).to_be_visible()
    town.saw("ended", OFFICER)
    assert page.evaluate("document.activeElement !== document.body"), "the keyboard is somewhere on the page"


@pytest.mark.parametrize("width", [SCREEN["width"], PHONE["width"]])
def test_cancelling_the_last_request_leaves_the_keyboard_on_the_list(desks: Desks, width: int) -> None:
    page = signs_in(desks, f"lee{width}", viewport={"width": width, "height": 844})
    texts(desks.town, OTHER_OFFICER, "korean")
    step = row(page, "Korean").get_by_role("button", name="Step in")
    expect(step).to_be_visible()
    tab_to(page, step, 40)
    decides(page, "Korean", "Cancel the request")
    expect(page.locator("#open-list > li")).to_have_count(0)
    expect(page.locator("#open-title")).to_be_focused()


def test_a_shift_is_moved_lengthened_put_back_and_saved_by_keys(desks: Desks) -> None:
    page = signs_in(desks, "mina", AccountRole.ADMIN, viewport={"width": 1280, "height": 1200})
    page.goto("/console/roster/one/102/week?week=2026-11-23")
    tab_to(page, page.locator("[name=days][value='1']"), 60)
    page.keyboard.press("Space")
    tab_to(page, page.locator("[name=begin]"))
    page.keyboard.type("0830AM")
    tab_to(page, page.locator("[name=end]"))
    page.keyboard.type("0100PM")
    page.keyboard.press("Enter")
    block = page.locator(".week .block")
    expect(block).to_have_text("08:30–13:00")
    no_fault(page)

    said = page.locator("#move-said")
    tab_to(page, block, 60)
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(said).to_contain_text("Wed 09:00 to 13:45, not saved yet")
    expect(page.locator(".shade")).to_be_visible()
    page.keyboard.press("Escape")
    expect(said).to_have_text("Put back as it was.")
    expect(page.locator(".shade")).to_have_count(0)
    assert hours(desks) == (datetime(2026, 11, 24, 8, 30), datetime(2026, 11, 24, 13))

    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Saved: Thu 08:15 to 13:15.")
    expect(block).to_have_text("08:15–13:15")
    focused(page, block)
    assert hours(desks) == (datetime(2026, 11, 26, 8, 15), datetime(2026, 11, 26, 13, 15))
    no_fault(page)

    # a shift that was changed meanwhile is shown as it is now, and the keyboard stays in the week
    with desks.town.store.transaction() as tx:
        interpreter = tx.interpreter_by_number(PhoneNumber(JEAN))
        assert interpreter is not None
        tx.replace_calendar(interpreter.id, type(tx.calendar(interpreter.id))(), datetime.now().astimezone())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Not saved: Somebody changed these hours meanwhile")
    expect(block).to_have_count(0)
    focused(page, page.get_by_role("region", name="Week of"))


def hours(desks: Desks) -> tuple[datetime, datetime]:
    """When the only shift is, as it is stored."""
    with desks.town.store.reading() as tx:
        interpreter = tx.interpreter_by_number(PhoneNumber(JEAN))
        assert interpreter is not None
        (shift,) = tx.calendar(interpreter.id).shifts
    return shift.hours.starts, shift.hours.ends
