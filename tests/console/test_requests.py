"""Stepping in from the console: two dispatchers, refusals with what changed, history, notes, callbacks."""

import re

import pytest

from dispatch import events
from dispatch.accounts import AccountRole
from dispatch.conversation import new_request
from dispatch.effects import PlaceCall
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.request import Channel, Need, RequestState
from tests.console.conftest import Browser, House
from tests.dispatch.people import interpreter, officer


def asked(house: House, *languages: str, role: Role = Role.OFFICER) -> str:
    """A request of these languages, its search not begun; returns its id."""
    who = officer() if role is Role.OFFICER else Requester("c1", PhoneNumber("+16175550150"), Role.COMMUNITY)
    with house.store.transaction() as tx:
        if tx.requester(who.id) is None:
            tx.add_requester(who)
        request = new_request(who, Channel.TEXT, house.clock.now())
        tx.create_request(request)
    house.intake.report(request.id, events.TextReceived(Need(languages=languages), " ".join(languages)))
    return request.id


def roster(house: House, *numbers: int) -> None:
    """Interpreters of Spanish."""
    with house.store.transaction() as tx:
        for number in numbers:
            tx.put_interpreter(interpreter(number))


def acts(browser: Browser, request_id: str, action: str, seen: str, **fields: str) -> int:
    """Act on what page `seen` showed; returns the status."""
    version = re.search(r'name="version" value="(\d+)"', seen)
    seq = re.search(r'name="seq" value="(\d+)"', seen)
    assert version
    assert seq
    known = {"version": version.group(1), "seq": seq.group(1)}
    return browser.sends(f"/console/requests/{request_id}/act", action=action, **known, **fields).status_code


def test_the_second_of_two_dispatchers_is_refused_and_sees_what_the_first_did(house: House) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    dana, luis = house.browser(), house.browser()
    dana.signs_in(house.account("dana"))
    luis.signs_in(house.account("luis"))
    page = f"/console/requests/{request_id}"
    dana_sees, luis_sees = dana.opens(page).text, luis.opens(page).text
    assert acts(dana, request_id, "ring", dana_sees, interpreter="i101") == 200
    assert acts(luis, request_id, "language", luis_sees, language="mam") == 409
    assert "changed while you were looking" in luis.page.text
    assert "101 Interpreter 101 was asked beside the others" in luis.page.text
    assert "dana, at the console" in luis.page.text
    with house.store.reading() as tx:
        request = tx.request(request_id)
        assert request is not None
        assert request.language == "spa"
        actions = [(one.account, one.action) for one in tx.audit_entries()]
    assert ("dana", "InterpreterRung") in actions
    assert ("luis", "LanguageSet") not in actions
    assert acts(luis, request_id, "language", luis.page.text, language="mam") == 200


def test_an_interpreter_held_elsewhere_cannot_be_taken(house: House) -> None:
    roster(house, 101)
    first = asked(house, "spa")
    house.intake.find_interpreters(first, 1)
    with house.store.transaction() as tx:
        tx.add_requester(Requester("o2", PhoneNumber("+16175559002"), Role.OFFICER, "Kim"))
        second = new_request(
            Requester("o2", PhoneNumber("+16175559002"), Role.OFFICER), Channel.TEXT, house.clock.now()
        )
        tx.create_request(second)
    house.intake.report(second.id, events.TextReceived(Need(languages=("spa",)), "spanish"))
    browser = house.browser()
    shown = browser.opens(f"/console/requests/{second.id}").text
    assert "being rung or in a session" in shown
    assert acts(browser, second.id, "ring", shown, interpreter="i101") == 409
    assert "held by another request by now" in browser.page.text


def test_what_makes_no_sense_is_refused_in_words(house: House) -> None:
    request_id = asked(house, "spa")
    browser = house.browser()
    shown = browser.opens(f"/console/requests/{request_id}").text
    assert acts(browser, request_id, "language", shown, language="spa") == 409
    assert "not possible" in browser.page.text
    assert acts(browser, request_id, "language", shown, language="klingon") == 409
    assert acts(browser, request_id, "dance", shown) == 409
    assert acts(browser, request_id, "message", shown, recipient="requester:o9001", words="") == 409
    assert browser.opens("/console/requests/none").status_code == 404


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        ("cancel", {}, RequestState.CANCELLED),
        ("vendor", {"vendor": "Line 9"}, RequestState.VENDOR_HANDOFF),
        ("take-over", {}, RequestState.CONFIRMING),
        ("message", {"recipient": "requester:o9001", "words": "Two minutes."}, RequestState.MATCHING),
    ],
)
def test_every_action_reaches_the_request(
    house: House, action: str, fields: dict[str, str], state: RequestState
) -> None:
    request_id = asked(house, "spa")
    browser = house.browser()
    shown = browser.opens(f"/console/requests/{request_id}").text
    assert acts(browser, request_id, action, shown, **fields) == 200
    with house.store.reading() as tx:
        request = tx.request(request_id)
        assert request is not None
        assert request.state is state


def test_history_tells_every_event_with_its_cause_and_no_words_of_people(house: House) -> None:
    roster(house, 101)
    request_id = asked(house, "spa")
    house.intake.find_interpreters(request_id, 1)
    browser = house.browser()
    shown = browser.opens(f"/console/requests/{request_id}").text
    acts(browser, request_id, "message", shown, recipient="requester:o9001", words="Meet at the side door.")
    shown = browser.opens(f"/console/requests/{request_id}").text
    for part in (
        "A text came in",
        "The roster was searched: 101 Interpreter 101",
        "A message was sent to the requester",
    ):
        assert part in shown
    assert "received → looking for interpreters" in shown
    assert "side door" not in shown
    assert "+1617" not in shown


def test_notes_are_kept_for_the_next_dispatcher(house: House) -> None:
    request_id = asked(house, "spa")
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    browser.opens(f"/console/requests/{request_id}")
    browser.sends(f"/console/requests/{request_id}/note", words="<b>Gate code</b> is with the desk.")
    assert "&lt;b&gt;Gate code&lt;/b&gt;" in browser.opens(f"/console/requests/{request_id}").text


def test_somebody_who_gave_up_is_called_back_in_their_language(house: House) -> None:
    request_id = asked(house, "spa", role=Role.COMMUNITY)
    browser = house.browser()
    shown = browser.opens(f"/console/requests/{request_id}").text
    browser.sends(f"/console/requests/{request_id}/call-back")
    assert browser.page.status_code == 409
    assert acts(browser, request_id, "cancel", shown) == 200
    browser.sends(f"/console/requests/{request_id}/call-back")
    again = browser.page.url.path.rsplit("/", 1)[1]
    assert again != request_id
    roster(house, 101)
    house.intake.find_interpreters(again, 1)
    with house.store.reading() as tx:
        request = tx.request(again)
        assert request is not None
        assert (request.language, request.state) == ("spa", RequestState.OFFERING)
        kinds = tx.effect_kinds(house.handed)
    assert PlaceCall.__name__ in kinds.values()


def test_auditors_read_and_cannot_act(house: House) -> None:
    request_id = asked(house, "spa")
    browser = house.browser()
    browser.signs_in(house.account("dana", AccountRole.AUDITOR))
    shown = browser.opens(f"/console/requests/{request_id}")
    assert shown.status_code == 200
    assert "Cancel the request" not in shown.text
    assert browser.sends(f"/console/requests/{request_id}/act", action="cancel", version="1").status_code == 403


def test_an_open_page_can_ask_whether_it_is_old_without_looking_alive(house: House) -> None:
    request_id = asked(house, "spa")
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    before = browser.opens(f"/console/requests/{request_id}/version").json()
    house.intake.report(request_id, events.RequestDropped("requester"))
    after = browser.opens(f"/console/requests/{request_id}/version").json()
    assert after["version"] > before["version"]
    assert after["words"] == "cancelled"
    for _ in range(15):
        house.clock.passes(minutes=1)
        browser.opens(f"/console/requests/{request_id}/version")
    assert browser.page.status_code == 401


def test_a_requesters_number_is_shown_on_the_record(house: House) -> None:
    request_id = asked(house, "spa")
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    assert officer().number.e164 not in browser.opens(f"/console/requests/{request_id}").text
    assert officer().number.e164 in browser.sends(f"/console/requests/{request_id}/number").text
    with house.store.reading() as tx:
        assert ("dana", "number revealed") in [(one.account, one.action) for one in tx.audit_entries()]
