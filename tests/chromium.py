"""Debian's Chromium, for the tests that need a real browser."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

expect.set_options(timeout=15_000)
"""Milliseconds until what a page should show is missed: other tests work on the same machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed at the end. One thread drives one Playwright at a time."""
    program = shutil.which("chromium")
    assert program, "Chromium is needed: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
