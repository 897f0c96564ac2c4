"""The agency's own recordings, added in the browser and heard by the next caller."""

from playwright.sync_api import Page, expect

from tests.stories.installation import CALLER, HOTLINE, SAMPLE, Installation


def test_a_recording_is_added_in_the_browser_and_heard(town: Installation, page: Page) -> None:
    page.goto(f"{town.addresses.console}prompts")
    expect(page.locator("tr", has_text="Tigrinya")).to_contain_text("draft")
    page.get_by_role("link", name="English", exact=True).click()
    sentence = page.locator("#say-greeting")
    expect(sentence).to_contain_text("carrier's voice")
    sentence.locator("input[type=file]").set_input_files(SAMPLE / "speech" / "english.wav")
    sentence.get_by_role("button", name="Keep").click()
    expect(page.locator("#say-greeting")).to_contain_text("your recording is kept")
    expect(page.locator("#say-greeting")).to_contain_text("heard: your recording")
    try:
        town.phones.do(CALLER, "call", to=HOTLINE)
        played = town.phones.wait(
            "the recording is played", lambda e: e["kind"] == "playing" and "greeting" in e["url"]
        )
        assert played["phone"] == CALLER
    finally:
        (town.settings.recordings_dir / "eng" / "greeting.wav").unlink()
    town.phones.do(CALLER, "hang-up")
    town.ended("abandoned")


def test_what_is_no_recording_is_refused_beside_its_sentence(town: Installation, page: Page) -> None:
    page.goto(f"{town.addresses.console}prompts/som")
    sentence = page.locator("#say-goodbye")
    with page.expect_response(lambda answer: answer.request.method == "POST") as told:
        sentence.locator("input[type=file]").set_input_files(
            {"name": "notes.wav", "mimeType": "audio/wav", "buffer": b"not audio"}
        )
        sentence.get_by_role("button", name="Keep").click()
    assert told.value.status == 400
    expect(page.locator("#say-goodbye")).to_contain_text("not a recording that can be read")
    expect(page.locator("#say-goodbye")).to_contain_text("first language")
