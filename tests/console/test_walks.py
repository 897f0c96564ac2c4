"""Three dispatchers at once, one of them on a phone, walk through what a shift asks of them, in Debian's Chromium."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch import events
from dispatch.accounts import AccountRole
from dispatch.policy import Vendor
from dispatch.request import LegRole, Urgency
from tests.chromium import chromium
from tests.console.conftest import House
from tests.console.test_in_a_browser import Person, Served, ask, no_fault, person, sign_in, town  # noqa: F401
from tests.console.test_stepping_in import stored
from tests.dispatch.requests import POLICY

PHONE = {"width": 390, "height": 844}
WORDS = {
    "ethiopic": "ትግርኛ",
    "myanmar": "မြန်မာ",
    "khmer": "ខ្មែរ",
    "lao": "ລາວ",
    "thai": "ไทย",
    "armenian": "հայերեն",
    "georgian": "ქართული",
    "gurmukhi": "ਪੰਜਾਬੀ",
    "gujarati": "ગુજરાતી",
    "bengali": "বাংলা",
    "tamil": "தமிழ்",
    "devanagari": "नेपाली",
    "arabic": "العربية",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as opened:
        yield opened


def carrier_says(house: House, request_id: str, leg_id: str, *, muted: bool, held: bool, sequence: int) -> None:
    """The conference's news of a phone."""
    house.intake.report(request_id, events.ParticipantChanged(leg_id, muted, held, sequence))


def connect(house: House, request_id: str) -> tuple[str, str]:
    """Whoever rings accepts, and the officer answers; returns the interpreter's and the officer's phones."""
    rung = next(offer.id for offer in stored(house, request_id).open_offers)
    for event in (events.CallPlaced(rung, f"CA{rung}"), events.LegAnswered(rung), events.OfferAnswered(rung, True)):
        house.intake.report(request_id, event)
    officer = stored(house, request_id).leg_of(LegRole.REQUESTER)
    assert officer is not None
    house.intake.report(request_id, events.CallPlaced(officer.id, f"CA{officer.id}"))
    house.intake.report(request_id, events.LegAnswered(officer.id))
    for leg in (rung, officer.id):
        house.intake.report(request_id, events.LegJoined(leg))
    return rung, officer.id


def step_in(page: Page) -> None:
    """Open what can be done to the only request."""
    page.get_by_role("button", name="Step in").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_three_dispatchers_walk_a_shift_together(person: Person, town: Served) -> None:  # noqa: F811
    house, address = town
    house.policy = replace(POLICY, vendors=(Vendor("Acme", "+18005550100", "ww12#"),))
    dana, luis, mina = person(address), person(address), person(address, viewport=PHONE)
    for page, name in ((dana, "dana"), (luis, "luis"), (mina, "mina")):
        sign_in(page, house.account(name))
    row = "#open-list > li"
    assert dana.title().startswith("(1) Board")

    # change the language, ring by hand, message: each sees what the others do
    step_in(dana)
    language = dana.locator("form", has=dana.get_by_role("button", name="Set language"))
    language.get_by_role("combobox").select_option("hat")
    dana.get_by_role("button", name="Set language").click()
    for page in (luis, mina):
        expect(page.locator(row)).to_contain_text("Haitian Creole")
    step_in(luis)
    luis.get_by_role("button", name="Ring 101 Interpreter 101").click()
    expect(mina.locator(row)).to_contain_text("101 Interpreter 101: dialling")
    step_in(mina)
    no_fault(mina)
    mina.get_by_label("Text message").fill("They are on their way.")
    mina.get_by_role("button", name="Send").click()
    expect(mina.get_by_role("dialog")).to_be_hidden()

    # hold and mute in the session, on the request's page, without a reload
    request_id = str(dana.locator(row).get_attribute("data-id"))
    interpreter, officer = connect(house, request_id)
    expect(mina.locator(row)).to_contain_text("talking")
    for page in (dana, luis, mina):
        page.goto(f"/console/requests/{request_id}")
    dana.get_by_role("button", name="Hold: Dana Walsh (Unit 12)").click()
    expect(dana.locator(".timeline")).to_contain_text("Dana Walsh (Unit 12) is to be put on hold")
    carrier_says(house, request_id, officer, muted=False, held=True, sequence=3)
    for page in (dana, luis, mina):
        expect(page.locator(".leg.held")).to_contain_text("on hold, hears the announcement")
    no_fault(mina)
    luis.emulate_media(color_scheme="dark")
    no_fault(luis)
    luis.get_by_role("button", name="Mute: 101 Interpreter 101").click()
    expect(luis.locator(".timeline")).to_contain_text("101 Interpreter 101 is to be muted")
    carrier_says(house, request_id, interpreter, muted=True, held=False, sequence=4)
    expect(mina.locator(".leg").first).to_contain_text("muted")

    # what a hand is on does not change under it
    mina.get_by_label("Text message").fill("Please hold")
    dana.get_by_role("button", name="Take off hold: Dana Walsh (Unit 12)").click()
    expect(dana.locator(".timeline")).to_contain_text("is to be taken off hold")
    carrier_says(house, request_id, officer, muted=False, held=False, sequence=5)
    expect(mina.locator(".news")).to_contain_text("It changed while you look")
    assert mina.get_by_label("Text message").input_value() == "Please hold"
    mina.get_by_role("button", name="Send").click()
    expect(mina.get_by_role("alert")).to_contain_text("changed while you were looking")
    expect(mina.locator(".changed")).to_contain_text("is to be taken off hold")

    # remove the interpreter, then the vendor, take over, cancel
    dana.on("dialog", lambda asked: asked.accept())
    dana.get_by_role("button", name="Remove 101 Interpreter 101").click()
    expect(dana.locator(".timeline")).to_contain_text("101 Interpreter 101 was taken out of the call")
    house.intake.report(request_id, events.CallEnded(interpreter, "completed"))
    expect(luis.locator(".timeline")).to_contain_text("The call of 101 Interpreter 101 is over")
    luis.get_by_role("button", name="Get another interpreter").click()
    expect(luis.get_by_role("heading", name="Looking for interpreters")).to_be_visible()
    luis.get_by_role("button", name="Dial into the call").click()
    for page in (dana, mina):
        expect(page.locator(".reasons")).to_contain_text("Acme is being dialled")
    mina.goto("/console/")
    step_in(mina)
    mina.get_by_role("button", name="Take over by phone").click()
    expect(mina.locator(row)).to_contain_text("with mina")
    mina.on("dialog", lambda asked: asked.accept())
    step_in(mina)
    mina.get_by_role("button", name="Cancel the request").click()
    expect(mina.locator(row)).to_have_count(0)
    expect(dana.get_by_role("button", name="Mute")).to_have_count(0)
    assert mina.title().startswith("Board")


def test_a_new_emergency_is_seen_at_once_and_heard_only_by_who_asked(person: Person, town: Served) -> None:  # noqa: F811
    house, address = town
    page = person(address)
    page.goto("/console/")
    expect(page.locator("#live")).to_have_text("live")
    expect(page.get_by_role("button", name="Sound off")).to_have_attribute("aria-pressed", "false")
    request_id = str(page.locator("#open-list > li").get_attribute("data-id"))
    house.intake.report(request_id, events.GistWritten("a weapon", Urgency.EMERGENCY))
    expect(page.get_by_role("alert").filter(has_text="New emergency: Spanish")).to_be_visible()
    no_fault(page)
    page.get_by_role("button", name="Sound off").click()
    page.reload()
    expect(page.get_by_role("button", name="Sound on")).to_be_visible()
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("#emergency")).to_be_hidden()
    house.intake.report(request_id, events.RequestDropped("requester"))
    expect(page.locator("#open-list > li")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_header_is_one_row_and_more_opens_by_keyboard(person: Person, town: Served, width: int) -> None:  # noqa: F811
    house, address = town
    page = person(address, viewport={"width": width, "height": 800}, java_script_enabled=True)
    sign_in(page, house.account("amina", AccountRole.ADMIN))
    if width == 1280:
        assert page.locator("header").bounding_box()["height"] < 70  # type: ignore[index]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    more = page.locator("nav summary")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Audit")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Prompts")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Audit")).to_be_hidden()
    expect(more).to_be_focused()
    page.goto("/console/audit")
    expect(page.locator("nav summary.current")).to_be_visible()


def test_every_script_of_the_console_is_drawn_with_a_font_of_ours(person: Person, town: Served) -> None:  # noqa: F811
    _, address = town
    page = person(address)
    page.goto("/console/first-run")
    drawn = page.evaluate(
        """async words => {
          const shape = (text, font) => {
            const canvas = Object.assign(document.createElement("canvas"), {width: 60, height: 60});
            const pen = canvas.getContext("2d");
            pen.font = `40px ${font}`;
            pen.fillText(text, 5, 45);
            return pen.getImageData(0, 0, 60, 60).data.join("");
          };
          const told = {};
          for (const [script, word] of Object.entries(words)) {
            const faces = await document.fonts.load('40px "Interpreter Scripts"', word);
            const letters = [...word].filter(letter => /\\p{L}/u.test(letter));
            const shapes = new Set(letters.slice(0, 3).map(letter => shape(letter, '"Interpreter Scripts"')));
            told[script] = [faces.length, faces.every(face => face.status === "loaded"), shapes.size > 1];
          }
          return told;
        }""",
        WORDS,
    )
    assert drawn == {script: [1, True, True] for script in WORDS}
