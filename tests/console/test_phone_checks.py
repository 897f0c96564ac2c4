"""The test call's page and its rules, on both databases; the carrier's news comes from the test."""

from dataclasses import replace
from datetime import time

import pytest

from dispatch.accounts import AccountRole
from dispatch.errors import NotPossibleNow
from dispatch.offer import Offer, OfferState
from dispatch.people import QuietHours, Terms
from dispatch.phone_check import CheckState, KeyPressed, MachineHeard, NotPlaced, PhoneCheck, PickedUp, Placed
from tests.console.conftest import Browser, House
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON
from tests.dispatch.test_store import a_request

ONE = "/console/roster/one/1/test-call"


def manager(house: House) -> Browser:
    """A roster manager, signed in, and one interpreter."""
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(1))
    browser = house.browser()
    browser.signs_in(house.account("rosa", AccountRole.ROSTER_MANAGER))
    browser.opens(ONE)
    return browser


def check_of(house: House) -> PhoneCheck:
    """The interpreter's last test call."""
    with house.store.reading() as tx:
        found = tx.phone_check_of("i1")
    assert found is not None
    return found


def test_the_page_tells_what_happened_and_the_roster_remembers_it(house: House) -> None:
    browser = manager(house)
    assert "No test call yet" in browser.page.text
    assert "Handing the call" in browser.sends(ONE).text
    assert "on its way already" in browser.sends(ONE).text
    check = check_of(house)
    for event in (Placed("CA1"), PickedUp(), KeyPressed("1")):
        house.intake.report_check(check.id, event)
    page = browser.opens(ONE).text
    for part in ("The phone is ringing", "Picked up", "Key 1 was pressed", "Asked for by rosa"):
        assert part in page
    assert "key pressed" in browser.opens("/console/roster").text
    with house.store.reading() as tx:
        assert tx.any_phone_works()
        made = [one.subject for one in tx.audit_entries() if one.action == "test call made"]
    assert made == ["interpreter 1"]


def test_a_failure_says_why_and_what_to_do_next(house: House) -> None:
    browser = manager(house)
    browser.sends(ONE)
    house.intake.report_check(check_of(house).id, NotPlaced("That number does not exist any more."))
    page = browser.opens(ONE).text
    assert "That number does not exist any more." in page
    assert "correct the number on the roster" in page
    assert "Ring again" in page


def test_quiet_hours_are_kept_unless_somebody_confirms_which_is_on_record(house: House) -> None:
    browser = manager(house)
    quiet = QuietHours(time(0), time(23, 59))
    with house.store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(1), terms=Terms("UTC", quiet)))
    page = browser.sends(ONE)
    assert page.status_code == 409
    assert "quiet hours" in page.text
    with house.store.reading() as tx:
        assert tx.phone_check_of("i1") is None
    assert "Handing the call" in browser.sends(ONE, confirmed="yes").text
    with house.store.reading() as tx:
        assert any("in spite of" in one.detail for one in tx.audit_entries())


def test_news_of_a_test_that_is_forgotten_changes_nothing(house: House) -> None:
    manager(house).sends(ONE)
    old = check_of(house)
    house.intake.report_check(old.id, NotPlaced("busy"))
    new = house.intake.begin_check("i1", "rosa", confirmed=False)
    assert house.intake.report_check(old.id, KeyPressed("1")) is None
    assert check_of(house) == new


def test_nobody_who_is_engaged_is_rung_and_a_test_is_no_offer(house: House) -> None:
    store = house.store
    with store.transaction() as tx:
        tx.add_requester(officer())
        for number in (1, 2):
            tx.put_interpreter(interpreter(number))
        tx.create_request(a_request(offers=(Offer("r1-1", "i1", OfferState.RINGING, NOON),)))
        before = tx.interpreter("i2")
    with pytest.raises(NotPossibleNow, match="being rung"):
        house.intake.begin_check("i1", "rosa", confirmed=True)
    check = house.intake.begin_check("i2", "rosa", confirmed=False)
    for event in (Placed("CA1"), PickedUp(), MachineHeard()):
        house.intake.report_check(check.id, event)
    with store.reading() as tx:
        assert tx.interpreter("i2") == before
        assert tx.answers() == {}
        assert list(tx.effect_kinds(house.handed).values()) == ["PlaceCheckCall", "EndCheckCall"]
        found = tx.phone_check_of("i2")
    assert found is not None
    assert found.state is CheckState.VOICEMAIL
