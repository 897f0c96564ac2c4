"""An arrival end to end: invited by text, answered by text, and counted in the plan."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.arrival import Arrival, Share
from dispatch.arrival_book import ArrivalBook
from dispatch.clock import SystemClock
from dispatch.inviting import Plan, as_hours, plan
from dispatch.people import PhoneNumber
from dispatch.policy import Policy
from dispatch.shifts import Window
from dispatch.supply_facts import gather
from tests.stories.installation import HOTLINE, JEAN, MARIE, Installation

ZONE = "America/New_York"


def planned(town: Installation, arrival: Arrival) -> Plan:
    """The plan as it stands now."""
    with town.store.reading() as tx:
        return plan(arrival, gather(tx, SystemClock().now(), Policy(), ZoneInfo(ZONE)))


def test_two_interpreters_are_asked_by_text_and_the_one_who_can_closes_a_part_of_the_gap(town: Installation) -> None:
    settings = town.settings.model_copy(update={"quiet_from": time(0), "quiet_to": time(0)})
    book = ArrivalBook(town.store, SystemClock(), settings, lambda ids: None)
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    draft = Arrival("", "flight", starts, starts + timedelta(hours=6), ZONE, 80, (Share("hat", 80),), "the harbour")
    arrival = book.add(draft, "dana")
    before = planned(town, arrival)
    with town.store.reading() as tx:
        asked = [tx.interpreter_by_number(PhoneNumber(number)) for number in (JEAN, MARIE)]
    hours = as_hours([Window(starts, starts + timedelta(hours=6))], ZONE)
    assert book.invite(arrival.id, {one.id: hours for one in asked if one is not None}, "dana") == 2
    with town.store.reading() as tx:
        codes = {one.interpreter_id: one.code for one in tx.invitations_to(arrival.id)}
    for number, one, word, answer in (
        (JEAN, asked[0], "CANT", "not down for"),
        (MARIE, asked[1], "CAN", "count on you"),
    ):
        assert one is not None
        code = codes[one.id]
        assert "on call for Haitian Creole for people in the harbour" in town.heard(number, f"Text CAN {code}")["body"]
        town.phones.do(number, "text", to=HOTLINE, body=f"{word.lower()} {code}")
        town.heard(number, answer)
    assert planned(town, arrival).missed < before.missed
    book.call_off(arrival.id, "dana")
    town.heard(MARIE, "not needed then any more")
