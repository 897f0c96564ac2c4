"""The board in memory tells each watcher what they have not seen, and together that is what the store holds."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dispatch import board, events
from dispatch.console.watching import Seen, Watching
from dispatch.conversation import new_request
from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.override_events import InterpreterRung
from dispatch.people import Availability
from dispatch.request import Channel, Need
from dispatch.retention import Keep
from dispatch.voicemail import Voicemail
from tests.console.conftest import House
from tests.dispatch.people import interpreter, officer


class Page:
    """What a browser keeps of the stream."""

    def __init__(self, watching: Watching) -> None:
        self._watching, self._seen = watching, Seen()
        self.cards: dict[str, Any] = {}
        self.rows: dict[str, Any] = {}
        self.parts: dict[str, Any] = {}
        self.sent: list[str] = []

    def looks(self) -> "Page":
        """Takes what is new."""
        self._watching._looked = 0.0
        self._watching.look()
        told = json.loads(self._watching.news(self._seen, True))
        self.sent = [one["id"] for one in told["open"]]
        self.cards |= {one["id"]: one for one in told["open"]}
        self.parts |= told
        self.cards = {one: self.cards[one] for one in self.parts["order"]}
        roster = json.loads(self._watching.roster(self._seen) or '{"rows": [], "gone": [], "whole": false}')
        self.rows |= {one["id"]: one for one in roster["rows"]}
        for one in roster["gone"]:
            del self.rows[one]
        return self


def ask(house: House, number: int, language: str, place: str = "") -> str:
    """An officer asks."""
    one = officer(number)
    with house.store.transaction() as tx:
        tx.add_requester(one)
        made = new_request(one, Channel.TEXT, house.clock.now())
        tx.create_request(made)
    house.intake.report(made.id, events.TextReceived(Need(languages=(language,), place=place), language))
    return made.id


def as_stored(house: House, page: Page) -> None:
    """The page shows what the store holds."""
    with house.store.reading() as tx:
        told = board.read(tx, house.clock.now(), house.intake.policy)
    plain = [{key: value for key, value in one.items() if key != "why"} for one in told["open"]]
    assert list(page.cards.values()) == plain
    assert list(page.rows.values()) == told["roster"]
    assert page.parts["alerts"] == told["alerts"]
    assert page.parts["places"] == told["places"]
    assert [one["id"] for one in page.parts["recent"]] == [one["id"] for one in told["recent"]]
    assert page.parts["free"] == sum(one["status"] == "on" for one in told["roster"])


def test_only_what_changed_is_sent_and_it_adds_up_to_the_board(house: House) -> None:
    with house.store.transaction() as tx:
        for number in (101, 102, 103):
            tx.put_interpreter(interpreter(number, "spa"))
    first = ask(house, 9001, "spa")
    house.clock.passes(seconds=1)
    second = ask(house, 9002, "hat")
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    assert set(page.sent) == {first, second}
    as_stored(house, page)

    with house.store.reading() as tx:
        request = tx.request(first)
    assert request is not None
    house.intake.override(first, request.version, InterpreterRung("i102", "dana"), "dana")
    assert page.looks().sent == [first]
    as_stored(house, page)

    with house.store.transaction() as tx:
        tx.set_availability("i103", Availability.OFF, None, house.clock.now())
    assert page.looks().sent == []
    as_stored(house, page)

    house.intake.report(second, events.RequestDropped("requester"))
    assert page.looks().cards.keys() == {first}
    as_stored(house, page)
    assert Page(page._watching).looks().cards == page.cards


def test_what_ends_by_the_clock_and_what_is_edited_reaches_the_page(house: House) -> None:
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(101, "spa"))
        tx.start_wrap_up("i101", house.clock.now().replace(second=30))
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    assert page.rows["i101"]["status"] == "wrap-up"
    house.clock.passes(seconds=60)
    as_stored(house, page.looks())
    assert page.rows["i101"]["status"] == "on"
    with house.store.transaction() as tx:
        tx.put_interpreter(interpreter(102, "hat"))
        tx.audit("dana", "interpreter added", "interpreter 102", "", house.clock.now())
        tx.log(None, "AlertCleared", {}, house.clock.now())
    as_stored(house, page.looks())
    with house.store.transaction() as tx:
        tx.retire("i102", house.clock.now())
    house.clock.passes(seconds=60)
    as_stored(house, page.looks())
    assert page.rows.keys() == {"i101"}


def test_what_no_log_line_tells_is_found_within_a_round_without_reading_everything_at_once(house: House) -> None:
    with house.store.transaction() as tx:
        for number in range(101, 131):
            tx.put_interpreter(interpreter(number, "spa"))
        tx.start_wrap_up("i105", house.clock.now() + timedelta(seconds=3))
    for number in range(7):
        ask(house, 9001 + number, "spa")
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    with house.store.transaction() as tx:
        for gone in ("i101", "i117", "i130"):
            tx.retire(gone, house.clock.now())
        for come in (131, 99):
            tx.put_interpreter(interpreter(come, "hat"))
        for other in ("i102", "i115", "i129"):
            tx.put_interpreter(replace(tx.interpreter(other), name="Somebody Else"))
    told = []
    for _ in range(28):  # the wrap-up ends after the first round has passed them
        house.clock.passes(seconds=0.5)
        page.looks()
        told.append(sum(row["name"] == "Somebody Else" for row in page.rows.values()))
    assert told[-1] == 3
    assert len(set(told)) > 2, "they came at different moments, not in one reading"
    with house.store.reading() as tx:
        stored = board.read(tx, house.clock.now(), house.intake.policy)
    assert page.rows == {one["id"]: one for one in stored["roster"]}
    assert page.rows["i105"]["status"] == "on"
    assert page.parts["free"] == len(page.rows) == 29


def test_a_new_policy_reaches_the_requests_that_wait_within_a_round(house: House) -> None:
    first = ask(house, 9001, "spa")
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    before = page.cards[first]["target"]
    house.policy = replace(house.policy, targets={"spa": 7.0})
    for _ in range(21):
        house.clock.passes(seconds=0.5)
        page.looks()
    assert page.cards[first]["target"] == 7.0 != before


def test_nobody_is_told_of_a_look_that_finds_nothing(house: House) -> None:
    ask(house, 9001, "spa")
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    newest = page._watching.look()
    for _ in range(25):
        house.clock.passes(seconds=0.5)
        page.looks()
    assert page._watching.look() == newest


def test_an_edit_reads_those_whom_it_is_about(house: House) -> None:
    with house.store.transaction() as tx:
        for number in (101, 102, 103):
            tx.put_interpreter(interpreter(number, "spa"))
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    with house.store.transaction() as tx:
        tx.put_interpreter(replace(interpreter(101, "hat"), name="New Name"))
        tx.put_interpreter(replace(interpreter(102, "hat"), name="Not Told"))
        tx.retire("i103", house.clock.now())
        for code in (interpreter(101, "hat").code, interpreter(103, "hat").code):
            tx.audit("dana", "interpreter changed", f"interpreter {code}", "", house.clock.now())
        tx.log(None, "AlertCleared", {}, house.clock.now())
    page.looks()
    assert page.rows["i101"]["name"] == "New Name"
    assert page.rows["i102"]["name"] != "Not Told", "nobody said so: the round will find it"
    assert "i103" not in page.rows


def test_an_alert_leads_to_the_message_until_somebody_has_read_it(house: House) -> None:
    first = ask(house, 9001, "spa")
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    with house.store.transaction() as tx:
        tx.raise_alert(first, MESSAGE_LEFT, house.clock.now())
    said = Gist("necesito ayuda", "I need help", "spa", 0.6)
    house.intake.keep_voicemail(Voicemail("RE1", first, house.clock.now(), 3.0, said), 7)
    as_stored(house, page.looks())
    assert [one["message"] for one in page.parts["alerts"]] == [True]


def test_a_place_that_is_forgotten_leaves_the_list_of_what_ended_within_a_round(house: House) -> None:
    first = ask(house, 9001, "hat", "5th & Main")
    house.intake.report(first, events.RequestDropped("requester"))
    page = Page(Watching(house.store, house.clock, house.intake)).looks()
    assert [one["place"] for one in page.parts["recent"]] == ["5th & Main"]
    with house.store.transaction() as tx:
        assert tx.forget_old(Keep(), house.clock.now() + timedelta(days=4000))["request_details"] == 1
    for _ in range(21):
        house.clock.passes(seconds=0.5)
        page.looks()
    assert [one["place"] for one in page.parts["recent"]] == [""]
