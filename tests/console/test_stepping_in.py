"""Everything a dispatcher can do to a request: done once, refused when it has changed meanwhile, and audited."""

from dataclasses import replace
from datetime import timedelta

from dispatch import events, override_events
from dispatch.answering import Answers, PastOffer
from dispatch.policy import Vendor
from dispatch.request import LegRole, Request, RequestState
from tests.console.conftest import House
from tests.console.test_requests import acts, asked, roster
from tests.dispatch.requests import POLICY

ACME = Vendor("Acme", "+18005550100", "ww12#", ("spa",))


def talks(house: House) -> str:
    """An officer and interpreter 101 talk; 102 is free."""
    request_id = asked(house, "spa")
    house.intake.override(
        request_id, stored(house, request_id).version, override_events.InterpreterRung("i101", "dana"), "dana"
    )
    leg = f"{request_id}-1"
    for event in (events.CallPlaced(leg, f"CA{leg}"), events.LegAnswered(leg), events.OfferAnswered(leg, True)):
        house.intake.report(request_id, event)
    officer = stored(house, request_id).leg_of(LegRole.REQUESTER)
    assert officer is not None
    house.intake.report(request_id, events.CallPlaced(officer.id, f"CA{officer.id}"))
    house.intake.report(request_id, events.LegAnswered(officer.id))
    for one in (leg, officer.id):
        house.intake.report(request_id, events.LegJoined(one))
    assert stored(house, request_id).state is RequestState.CONNECTED
    return request_id


def stored(house: House, request_id: str) -> Request:
    """The request as it is kept."""
    with house.store.reading() as tx:
        request = tx.request(request_id)
    assert request is not None
    return request


SEARCH: tuple[tuple[str, dict[str, str], str, str], ...] = (
    ("encounter", {"encounter": "custodial"}, "EncounterSet", "custodial"),
    ("keep-out", {"interpreter": "i102"}, "KeptOut", "interpreter i102"),
    ("also", {"language": "por"}, "AlsoSpeaks", "por"),
    ("full", {}, "FullInterpreterNeeded", ""),
    ("dial-vendor", {"vendor": "Acme"}, "VendorCalled", "Acme"),
    ("vendor", {"vendor": "Line 9"}, "HandedToVendor", "Line 9"),
    ("ring", {"interpreter": "i102"}, "InterpreterRung", "interpreter i102"),
    ("language", {"language": "mam"}, "LanguageSet", "mam"),
    ("message", {"recipient": "requester:o9001", "words": "On our way."}, "MessageWritten", ""),
    ("take-over", {}, "TakenOver", ""),
    ("cancel", {}, "RequestDropped", ""),
)
SESSION: tuple[tuple[str, dict[str, str], str, str], ...] = (
    ("mute", {"on": "yes"}, "MuteSet", "muted"),
    ("hold", {"on": "yes"}, "HoldSet", "on hold"),
    ("another", {"why": "known"}, "AnotherWanted", "known"),
    ("full", {}, "FullInterpreterNeeded", ""),
    ("remove", {}, "LegRemoved", ""),
)


def test_each_action_is_done_once_and_the_second_dispatcher_sees_what_changed(house: House) -> None:
    house.policy = replace(POLICY, vendors=(ACME,))
    roster(house, 101, 102)
    dana, luis = house.browser(), house.browser()
    dana.signs_in(house.account("dana"))
    luis.signs_in(house.account("luis"))
    for begin, actions in ((lambda: asked(house, "spa"), SEARCH), (lambda: talks(house), SESSION)):
        for action, fields, name, detail in actions:
            request_id = begin()
            page, leg = f"/console/requests/{request_id}", {"leg": f"{request_id}-1"}
            dana_sees, luis_sees = dana.opens(page).text, luis.opens(page).text
            before = stored(house, request_id)
            assert acts(dana, request_id, action, dana_sees, **leg, **fields) == 200, action
            assert stored(house, request_id).version > before.version, action
            assert acts(luis, request_id, action, luis_sees, **leg, **fields) == 409, action
            assert "What changed" in luis.page.text, action
            subject = f"request {request_id}"
            with house.store.reading() as tx:
                lines = [(one.account, one.action) for one in tx.audit_entries() if one.subject == subject]
                told = [one.detail for one in tx.audit_entries() if one.subject == subject and one.action == name]
            assert lines.count(("dana", name)) == 1, lines
            assert ("luis", name) not in lines
            assert detail in told[0]
            house.intake.report(request_id, events.RequestDropped("requester"))
            with house.store.transaction() as tx:
                for interpreter_id in ("i101", "i102"):
                    tx.start_wrap_up(interpreter_id, house.clock.now())
                    tx.reunite(interpreter_id, "o9001")  # "they know each other" was one of the actions


def test_that_the_carrier_confirms_one_phones_mute_keeps_nobody_from_holding_another(house: House) -> None:
    roster(house, 101, 102)
    request_id = talks(house)
    dana = house.browser()
    dana.signs_in(house.account("dana"))
    page, theirs = f"/console/requests/{request_id}", f"{request_id}-1"
    mine = stored(house, request_id).leg_of(LegRole.REQUESTER)
    assert mine is not None
    assert acts(dana, request_id, "mute", dana.opens(page).text, leg=theirs, on="yes") == 200
    seen = dana.page.text
    house.intake.report(request_id, events.ParticipantChanged(theirs, muted=True, held=False, sequence=1))
    assert acts(dana, request_id, "cancel", seen) == 409
    assert acts(dana, request_id, "hold", seen, leg=mine.id, on="yes") == 200
    assert acts(dana, request_id, "mute", seen, leg=mine.id, on="yes") == 409, "somebody has put it on hold since"


def test_a_waived_credential_needs_its_reason_and_shows_it(house: House) -> None:
    roster(house, 101)
    request_id = asked(house, "spa")
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    page = f"/console/requests/{request_id}"
    assert acts(browser, request_id, "encounter", browser.opens(page).text, encounter="custodial") == 200
    assert "Custodial: only certified interpreters are asked" in browser.page.text
    assert "asks for certified" in browser.page.text  # why 101 would not be asked
    assert acts(browser, request_id, "waive", browser.page.text, reason=" ") == 409
    assert "Write down why" in browser.page.text
    assert acts(browser, request_id, "waive", browser.page.text, reason="nobody certified until six") == 200
    assert "the credential is waived: nobody certified until six" in browser.page.text
    with house.store.reading() as tx:
        assert "nobody certified until six" in [one.detail for one in tx.audit_entries()]


def test_whom_a_search_would_ask_is_shown_with_the_learned_chances_it_uses(house: House) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    local = house.clock.now()
    answers = Answers().after(PastOffer("i102", local, False, 30.0), timedelta(days=60))
    with house.store.transaction() as tx:
        tx.keep_answers("i102", answers)
    with house.store.reading() as tx:
        shown = house.intake.standings(tx, stored(house, request_id))
    house.intake.find_interpreters(request_id, 10)
    with house.store.reading() as tx:
        (kept,) = tx.decisions_of(request_id)
    why = {one.interpreter_id: one.reason for one in kept.considered}
    assert {one.interpreter.id: one.why for one in shown} == why
    assert why["i101"] != why["i102"]
    rung = [offer.interpreter_id for offer in stored(house, request_id).offers]
    assert [one.interpreter.id for one in shown if one.rings] == rung


def test_an_interpreter_who_is_kept_out_can_no_longer_be_rung_from_the_page(house: House) -> None:
    roster(house, 101, 102)
    request_id = asked(house, "spa")
    browser = house.browser()
    browser.signs_in(house.account("dana"))
    seen = browser.opens(f"/console/requests/{request_id}").text
    assert acts(browser, request_id, "keep-out", seen, interpreter="i102") == 200
    assert "kept out of this request" in browser.page.text
    assert "Ring 102 Interpreter 102" not in browser.page.text
    assert acts(browser, request_id, "ring", browser.page.text, interpreter="i102") == 409
