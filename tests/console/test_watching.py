"""The board in memory tells each watcher what they have not seen, and together that is what the store holds."""

import json
from typing import Any

from dispatch import board, events
from dispatch.console.watching import Seen, Watching
from dispatch.conversation import new_request
from dispatch.override_events import InterpreterRung
from dispatch.people import Availability
from dispatch.request import Channel, Need
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


def ask(house: House, number: int, language: str) -> str:
    """An officer asks."""
    one = officer(number)
    with house.store.transaction() as tx:
        tx.add_requester(one)
        made = new_request(one, Channel.TEXT, house.clock.now())
        tx.create_request(made)
    house.intake.report(made.id, events.TextReceived(Need(languages=(language,)), language))
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
