"""The page of recorded prompts within the console: forms with their token, refusals beside the sentence, the record."""

import re
from pathlib import Path

from dispatch.accounts import AccountRole
from tests.console.conftest import Browser, House

SPEECH = Path(__file__).parents[2] / "workers" / "sample" / "speech" / "english.wav"


def sent(browser: Browser, key: str, content: bytes) -> int:
    """Send a recording of an English sentence from its page; returns the status."""
    token = re.search(r'name="form-token" content="([0-9a-f]+)"', browser.opens("/console/prompts/eng").text)
    assert token
    files = {"recording": ("said.wav", content, "audio/wav")}
    browser.page = browser.client.post(f"/console/prompts/eng/{key}", data={"form_token": token.group(1)}, files=files)
    return browser.page.status_code


def test_a_recording_is_kept_and_on_record(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    assert sent(browser, "goodbye", SPEECH.read_bytes()) == 200
    assert "your recording is kept" in browser.page.text
    assert (house.settings.recordings_dir / "eng" / "goodbye.wav").is_file()
    with house.store.reading() as tx:
        assert ("rosa", "prompt recorded") in [(one.account, one.action) for one in tx.audit_entries()]


def test_what_is_no_recording_is_refused_and_a_form_without_token_too(house: House) -> None:
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    assert sent(browser, "goodbye", b"not audio") == 400
    assert "not a recording that can be read" in browser.page.text
    files = {"recording": ("said.wav", SPEECH.read_bytes(), "audio/wav")}
    assert browser.client.post("/console/prompts/eng/goodbye", files=files).status_code == 403
    assert browser.opens("/console/prompts/nosuch").status_code == 404
    assert "media-src 'self'" in browser.opens("/console/prompts/eng").headers["content-security-policy"]
