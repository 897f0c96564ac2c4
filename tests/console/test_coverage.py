"""The coverage page: gaps first, a draft shift tried out, kept or asked for."""

from dataclasses import replace
from datetime import timedelta

from dispatch.accounts import AccountRole
from dispatch.conversation import new_request
from dispatch.people import Terms
from dispatch.request import Channel, RequestState
from tests.console.conftest import House
from tests.dispatch.people import interpreter, officer

DRAFT = {"language": "mam", "on": "2", "from": "10:00", "to": "18:00"}


def past(house: House, count: int, language: str) -> None:
    """Requests of the last weeks, at this hour, that are over."""
    with house.store.transaction() as tx:
        if tx.requester(officer().id) is None:
            tx.add_requester(officer())
        for number in range(count):
            begun = house.clock.now() - timedelta(days=7 * (number % 4) + 1, minutes=number)
            tx.create_request(
                replace(
                    new_request(officer(), Channel.TEXT, begun),
                    language=language,
                    state=RequestState.COMPLETED,
                    ended_at=begun + timedelta(minutes=9),
                )
            )


def test_languages_with_nobody_come_before_those_with_somebody(house: House) -> None:
    past(house, 6, "spa")
    past(house, 3, "mam")
    with house.store.transaction() as tx:
        for number in range(101, 105):
            tx.put_interpreter(interpreter(number, "spa"))
        tx.put_interpreter(replace(interpreter(113, "mam", "spa"), terms=Terms(english=False)))
    page = house.browser().opens("/console/coverage").text
    assert page.index('id="language-mam"') < page.index('id="language-spa"')
    assert "nobody, " in page
    assert "through Spanish:" in page
    assert "whenever ON, 168 of 168 hours" in page
    assert "only as half of a relay" in page


def test_a_draft_shift_shows_before_and_after_and_can_be_kept_and_asked_for(house: House) -> None:
    past(house, 8, "mam")
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "mam"))
    browser = house.browser()
    more = browser.opens("/console/coverage?language=mam&on=1&on=2&on=3&from=08:00&to=16:00").text
    assert "fewer misses a week" in more
    assert "Choose an interpreter to keep the shift" in more
    mine = browser.opens("/console/coverage?who=101&on=1&on=2&on=3&from=08:00&to=16:00").text
    assert "fewer misses a week" in mine
    assert "101 has no shifts and is rung whenever ON" in mine
    assert "The shift is kept" in browser.sends("/console/coverage/keep", who="101", **DRAFT).text
    assert "asked by text" in browser.sends("/console/coverage/invite", who="101", **DRAFT).text
    assert "nobody is asked twice" in browser.sends("/console/coverage/invite", who="101", **DRAFT).text
    with house.store.reading() as tx:
        assert len(tx.calendar("i101").shifts) == 1
    audit = browser.opens("/console/audit").text
    assert "shift kept" in audit
    assert "invited to a shift" in audit


def test_what_cannot_be_is_told_beside_the_form(house: House) -> None:
    past(house, 2, "mam")
    browser = house.browser()
    assert "Nobody on the roster has the number 999" in browser.opens("/console/coverage?who=999&on=1").text
    same = browser.opens("/console/coverage?language=mam&on=1&from=10:00&to=10:00").text
    assert "the time at which the shift begins" in same
    assert "write times like 18:00" in browser.opens("/console/coverage?language=mam&on=1&from=morning").text
    assert browser.sends("/console/coverage/keep", who="", **DRAFT).status_code == 409


def test_who_only_looks_changes_nothing(house: House) -> None:
    past(house, 2, "mam")
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "mam"))
    browser = house.browser()
    browser.signs_in(house.account("olga", AccountRole.AUDITOR))
    assert "Keep as a shift" not in browser.opens("/console/coverage?who=101&on=1&on=2").text
    assert "Only dispatchers" in browser.sends("/console/coverage/keep", who="101", **DRAFT).text
    with house.store.reading() as tx:
        assert tx.calendar("i101").shifts == ()
