"""The page Integrations: who sees it, what it refuses, and a webhook set, tried and sent again, all of it audited."""

from dispatch import audit
from dispatch.accounts import AccountRole
from dispatch.announcing import Answer, Fate
from tests.console.conftest import House


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
    told["kind"] = "x"
    assert "Choose what it is told of" in browser.sends("/console/integrations/cad/webhook", **told).text


def test_a_webhook_is_set_tried_switched_off_enabled_and_sent_again_on_record(house: House) -> None:
    browser = house.browser()
    browser.opens("/console/integrations")
    browser.sends("/console/integrations", name="county cad", scope="read")
    where = "/console/integrations/county cad"
    told = {"action": "set", "url": "https://cad.example.gov/hooks", "kind": "alert.raised"}
    browser.sends(f"{where}/webhook", **told)
    assert "not tried yet" in browser.sends(f"{where}/webhook", action="test").text
    with house.store.transaction() as tx:
        made = tx.integration_named("county cad")
        assert made is not None
        (delivery,) = tx.deliveries_of(made.id, None, 5)
        tx.tried(delivery, Answer(False, "answered 410", gone=True), Fate.GIVEN_UP, None, house.clock.now())
        tx.disable_endpoint(made.id, house.clock.now())
    assert "Switched off" in browser.opens(where).text
    assert "Switched off" in browser.sends(f"{where}/webhook", **told).text  # saving it does not switch it on
    assert "Switched off" not in browser.sends(f"{where}/webhook", action="enable").text
    assert "Paused" in browser.sends(f"{where}/webhook", action="pause").text
    assert "Paused" not in browser.sends(f"{where}/webhook", action="enable").text
    assert "waiting" in browser.sends(f"{where}/resend", delivery=delivery.id).text
    browser.sends(f"{where}/revoke")
    with house.store.reading() as tx:
        endpoint, again = tx.endpoint(made.id), tx.delivery(delivery.id)
        done = [one.action for one in tx.audit_entries() if one.subject == "integration county cad"]
        assert audit.verify(tx.audit_entries(), tx.audit_digest).broken_at is None
    assert endpoint is None
    assert again is not None
    assert again.fate is Fate.GIVEN_UP
    assert done == [
        "integration added",
        "webhook: set",
        "webhook: test",
        "webhook: set",
        "webhook: enable",
        "webhook: pause",
        "webhook: enable",
        "webhook: sent again",
        "integration revoked",
    ]
