"""Three dispatchers at once, one of them on a phone, walk through what a shift asks of them, in Debian's Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from dispatch import events
from dispatch.accounts import AccountRole
from dispatch.request import Urgency
from tests.chromium import chromium
from tests.console.test_in_a_browser import Person, Served, ask, no_fault, person, sign_in, town  # noqa: F401

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
    expect(page.get_by_role("link", name="Getting ready")).to_be_focused()
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
