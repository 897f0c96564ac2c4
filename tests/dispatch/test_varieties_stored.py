"""Varieties through the one door: stored with the roster, found by index, remembered when somebody complains."""

from datetime import timedelta

import pytest

from dispatch import events
from dispatch.intake import Intake
from dispatch.people import Skill
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY

OFFICER = officer(9001)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self):  # type: ignore[no-untyped-def]
        """The time."""
        return self.at


@pytest.fixture
def intake(store: Store) -> Intake:
    """An intake whose queue does nothing, and an officer."""
    with store.transaction() as tx:
        tx.add_requester(OFFICER)
    return Intake(store, Clock(), POLICY, lambda ids: None)  # type: ignore[arg-type]


def down_for(store: Store, number: int, *kinds: str) -> None:
    """An interpreter of Zapotec, of these varieties."""
    from dataclasses import replace

    one = replace(interpreter(number, "zap"), skills=(Skill("zap", 4, varieties=kinds),))
    with store.transaction() as tx:
        tx.put_interpreter(one)


def opened(store: Store):  # type: ignore[no-untyped-def]
    """The officer's open request."""
    with store.reading() as tx:
        return tx.open_request_of(OFFICER.id)


def test_varieties_are_stored_changed_and_taken_away_again(store: Store) -> None:
    down_for(store, 1, "zap-juchitan", "zap-mitla")
    with store.reading() as tx:
        assert tx.interpreter("i1").skills[0].varieties == ("zap-juchitan", "zap-mitla")
        assert [one.id for one in tx.speaking_variety(["zap-mitla"], 5)] == ["i1"]
    down_for(store, 1)
    with store.reading() as tx:
        assert tx.interpreter("i1").skills[0].varieties == ()
        assert tx.speaking_variety(["zap-mitla", "zap-juchitan"], 5) == []
        assert tx.speaking_variety([], 5) == []


def test_who_speaks_the_variety_is_found_behind_many_who_do_not(store: Store, intake: Intake) -> None:
    for number in range(1, 90):
        down_for(store, number, "zap-mitla")
    down_for(store, 90, "zap-tehuantepec")
    with store.transaction() as tx:
        tx.touch_offered("i90", NOON - timedelta(hours=1))  # last in the order of asking
    intake.text("SM" + "1" * 32, OFFICER.number, "zapotec from juchitan")
    intake.find_interpreters(opened(store).id, 3)
    assert [offer.interpreter_id for offer in opened(store).offers] == ["i90"]
    with store.reading() as tx:
        considered = tx.latest_decisions([opened(store).id])[opened(store).id].considered
    assert any("speaks Zapotec (Mitla), not Juchitán" in one.reason for one in considered)


def test_a_text_names_the_variety_and_a_later_one_corrects_it(store: Store, intake: Intake) -> None:
    intake.text("SM" + "1" * 32, OFFICER.number, "zapotec, urgent")
    assert opened(store).variety == ""
    intake.text("SM" + "2" * 32, OFFICER.number, "juchitn")
    assert opened(store).variety == "zap-juchitan"
    intake.text("SM" + "3" * 32, OFFICER.number, "it is zapotec from mitla")
    assert opened(store).variety == "zap-mitla"


def test_a_complaint_remembers_what_the_roster_says_the_interpreter_speaks(store: Store, intake: Intake) -> None:
    down_for(store, 1, "zap-mitla")
    intake.text("SM" + "1" * 32, OFFICER.number, "zapotec")
    request_id = opened(store).id
    intake.find_interpreters(request_id, 3)
    seat = f"{request_id}-1"
    for number, event in enumerate(
        (events.LegAnswered(seat), events.OfferAnswered(seat, True), events.LegAnswered(f"{request_id}-2"))
    ):
        intake.report(request_id, event, "CA1", str(number))
    for leg in (seat, f"{request_id}-2"):
        intake.report(request_id, events.LegJoined(leg), "CF1", leg)
    intake.text("SM" + "2" * 32, OFFICER.number, "wrong dialect")
    assert opened(store).need.not_varieties == ("zap-mitla",)
    assert opened(store).need.kept_out == ("i1",)
