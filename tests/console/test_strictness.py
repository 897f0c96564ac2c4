"""What holds for every address of the console: forms carry their token, pages run and style nothing inline."""

import re

import pytest
from starlette.routing import Route

from dispatch import credentials
from dispatch.accounts import AccountRole
from tests.console.conftest import Browser, House
from tests.dispatch.people import interpreter

FILLED = {"code": "1", "id": "1", "name": "amina", "draft": "d1", "language": "spa", "key": "greeting"}


@pytest.fixture
def admin(house: House) -> Browser:
    """An administrator, signed in, and one interpreter."""
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(1))
    browser = house.browser()
    browser.signs_in(house.account("amina", AccountRole.ADMIN))
    return browser


def addresses(house: House, method: str) -> list[str]:
    """Every address of the console that takes that method, with made-up ids."""
    found = [route for route in house.app.routes if isinstance(route, Route) and method in (route.methods or ())]
    return [re.sub(r"{(\w+)(?::\w+)?}", lambda m: FILLED.get(m.group(1), "1"), route.path) for route in found]


def test_no_address_takes_a_form_without_its_token(house: House, admin: Browser) -> None:
    with house.store.reading() as tx:
        before = [entry.seq for entry in tx.audit_entries()]
    posts = [address for address in addresses(house, "POST") if address.startswith("/console/")]
    assert len(posts) > 25
    for address in posts:
        answer = admin.client.post(address, data={"form_token": "0" * 64}, follow_redirects=False)
        # The pages of those who are halfway in send everybody else away before they look at the form.
        assert answer.status_code == 403 or answer.headers.get("location") == "/console/", address
    with house.store.reading() as tx:
        assert [entry.seq for entry in tx.audit_entries()] == before


def test_no_page_runs_or_styles_anything_inline(house: House, admin: Browser) -> None:
    pages = [one for one in addresses(house, "GET") if one.startswith("/console/") and not one.endswith("/events")]
    drawn = 0
    for address in pages:
        answer = admin.client.get(address)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        drawn += 1
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy, address
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text), address
    assert drawn > 15


def test_passwords_are_kept_by_argon2id_with_at_least_what_owasp_asks() -> None:
    kept = credentials.hash_password("violet harbour lantern")
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$", kept)
    assert found
    assert int(found.group(1)) >= 19 * 1024  # KiB
    assert int(found.group(2)) >= 2
