"""The page Integrations: a token is shown once, a webhook is set and tried, and all of it is audited."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from starlette.testclient import TestClient

from dispatch import audit
from dispatch.accounts import AccountRole
from dispatch.announcing import Answer, Fate
from tests.chromium import chromium
from tests.console.conftest import House
from tests.console.test_in_a_browser import Person, Served, no_fault, person, sign_in  # noqa: F401 (person: a fixture)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Debian's Chromium."""
    with chromium() as opened:
        yield opened


def test_only_administrators_see_integrations(house: House) -> None:
    for role in AccountRole:
        browser = house.browser()
        browser.signs_in(house.account(f"one-{role.value}".replace("_", "-"), role))
        seen = browser.opens("/console/integrations").status_code
        assert seen == (200 if role is AccountRole.ADMIN else 403)


def test_what_cannot_be_used_is_refused_in_words(house: House) -> None:
    browser = house.browser()
    browser.opens("/console/integrations")
    assert "Choose what its token is good for" in browser.sends("/console/integrations", name="cad").text
    assert "Use 1 to 40 letters" in browser.sends("/console/integrations", name="<cad>", scope="read").text
    assert "Days are a number" in browser.sends("/console/integrations", name="cad", scope="read", days="ever").text
    assert "is shown this once" in browser.sends("/console/integrations", name="cad", scope="read", days="9").text
    assert "already" in browser.sends("/console/integrations", name="cad", scope="read").text
    told = {"action": "set", "url": "http://cad.example.gov/hooks", "kind": "alert.raised"}
    assert "Use https" in browser.sends("/console/integrations/cad/webhook", **told).text
    told["url"] = "https://cad.example.gov/hooks"
    assert "Signing secret" in browser.sends("/console/integrations/cad/webhook", **told).text
    assert (
        "Choose what it is told of" in browser.sends("/console/integrations/cad/webhook", **{**told, "kind": "x"}).text
    )


def test_a_token_is_made_used_and_revoked_and_a_webhook_is_set_tried_and_sent_again(
    person: Person,  # noqa: F811
    served: Served,
) -> None:
    house, address = served
    page = person(address)
    sign_in(page, house.account("amina", AccountRole.ADMIN))
    page.goto("/console/integrations")
    no_fault(page)
    page.get_by_label("Name").fill("county cad")
    page.get_by_role("checkbox", name="read see requests").check()
    page.get_by_role("button", name="Make the token").click()
    token = page.locator("code.secret").inner_text()
    no_fault(page)
    api = TestClient(house.app, base_url="http://127.0.0.1/api/v1", headers={"Authorization": f"Bearer {token}"})
    assert api.get("/requests").status_code == 200
    assert api.get("/roster").status_code == 403
    page.get_by_role("link", name="Go on to its webhook").click()
    assert token not in page.content()
    page.get_by_label("Address").fill("https://cad.example.gov/hooks")
    page.get_by_role("button", name="Set the webhook").click()
    page.get_by_role("button", name="Send a test").click()
    row = page.locator("#deliveries tbody tr")
    expect(row).to_contain_text("not tried yet")
    with house.store.transaction() as tx:
        made = tx.integration_named("county cad")
        assert made is not None
        (delivery,) = tx.deliveries_of(made.id, None, 5)
        tx.tried(delivery, Answer(False, "answered 410", gone=True), Fate.GIVEN_UP, None, house.clock.now())
        tx.disable_endpoint(made.id, house.clock.now())
    page.reload()
    expect(row).to_contain_text("given up")
    expect(page.get_by_text("Switched off")).to_be_visible()
    no_fault(page)
    page.get_by_role("button", name="Enable it again").click()
    expect(page.get_by_text("Switched off")).to_have_count(0)
    page.get_by_role("button", name="Send again: test").click()
    expect(row).to_contain_text("waiting")
    page.get_by_role("link", name="All integrations").click()
    page.get_by_label("Revoke county cad").click()
    page.get_by_role("button", name="Revoke the token of county cad for good").click()
    expect(page.locator("tbody tr")).to_contain_text("revoked")
    assert api.get("/requests").status_code == 401
    with house.store.reading() as tx:
        done = [one.action for one in tx.audit_entries() if one.subject == "integration county cad"]
        assert audit.verify(tx.audit_entries(), tx.audit_digest).broken_at is None
    assert done == [
        "integration added",
        "webhook: set",
        "webhook: test",
        "webhook: enable",
        "webhook: sent again",
        "integration revoked",
    ]
