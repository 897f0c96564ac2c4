"""What cannot be: each kind is refused, or comes to nothing, with words that name the file, the row and the field.

The previous policy that stays in force is in test_policy_file.py, clock changes in test_shifts.py (shifts) and
test_eligibility.py (quiet hours), a relay leg that fails while the other is connected in test_escalation.py.
"""

import threading
from datetime import datetime, timedelta

import pytest

from dispatch import events
from dispatch.calendar_files import read_calendar
from dispatch.effects import FindInterpreters
from dispatch.errors import CalendarError, PolicyError, RosterError, ShiftInvalid
from dispatch.offer import OfferState
from dispatch.policy_file import read_policy
from dispatch.request import DeadlineKind, RequestState
from dispatch.roster_files import read_interpreters
from dispatch.shifts import Hours, read_week
from dispatch.store import Store
from tests.dispatch.requests import POLICY
from tests.dispatch.test_searching import an_intake, wants_spanish
from tests.dispatch.test_shifts import BOSTON, MONDAY
from tests.dispatch.test_store import a_request, filled

ROSTER = "code,name,phone,languages\n7,Rosa,+16175550111,spa\n"
SHIFT = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\nBEGIN:VEVENT\nUID:a\nSUMMARY:Shift\n"
    "DTSTART:20260302T170000\nDTEND:20260302T090000\nEND:VEVENT\nEND:VCALENDAR\n"
)


def test_a_policy_file_that_contradicts_itself_names_the_file_and_every_field() -> None:
    text = """
        version = "3"
        [ring]
        offer_seconds = 10
        [urgency.emergency]
        chance = 0.5
        [escalation]
        routine = [{ after = 9, do = "alert" }, { after = 3, do = "relay" }]
    """
    with pytest.raises(PolicyError) as refused:
        read_policy(text, "town.toml")
    assert [problem.split(": ")[:2] for problem in refused.value.problems] == [
        ["town.toml", "ring.offer_seconds"],
        ["town.toml", "escalation.routine[1].after"],
        ["town.toml", "urgency.emergency.chance"],
    ]


def test_an_unknown_language_code_is_named_where_it_stands_with_what_may_be_meant() -> None:
    with pytest.raises(RosterError) as in_the_roster:
        read_interpreters(ROSTER + "8,Ana,+16175550112,spanich\n", file="people.csv")
    assert in_the_roster.value.problems[0].startswith("people.csv: row 3, languages: 'spanich' is not a language")
    assert "Did you mean Spanish" in in_the_roster.value.problems[0]
    with pytest.raises(PolicyError) as in_the_policy:
        read_policy('version = "1"\n[targets.languages]\nqqq = 20.0', "town.toml")
    assert in_the_policy.value.problems[0].startswith("town.toml: targets.languages.qqq: 'qqq' is not a language")


def test_a_shift_that_ends_before_it_starts_names_the_file_the_event_and_the_field() -> None:
    with pytest.raises(CalendarError) as refused:
        read_calendar(SHIFT.replace("\n", "\r\n").encode(), "rosa.ics", BOSTON)
    (problem,) = refused.value.problems
    assert problem.startswith('rosa.ics: event 1 ("Shift"), DTEND: 2026-03-02 09:00 is not after the start')
    with pytest.raises(ShiftInvalid) as kept_out:
        Hours(datetime(2026, 3, 2, 17), datetime(2026, 3, 2, 9), BOSTON)
    assert kept_out.value.field == "ends"
    with pytest.raises(ShiftInvalid):
        read_week("Mon 9-9", BOSTON, MONDAY)


@pytest.mark.parametrize("number", ["617555", "+1617555011122233344", "call me", ""])
def test_a_roster_row_with_an_impossible_number_names_the_file_the_row_and_the_field(number: str) -> None:
    with pytest.raises(RosterError) as refused:
        read_interpreters(ROSTER + f"8,Ana,{number},spa\n", file="people.csv")
    assert refused.value.problems[0].startswith("people.csv: row 3, phone: "), refused.value.problems
    assert len(refused.value.problems) == 1


def test_an_interpreter_who_accepts_after_expiry_is_not_seated_and_somebody_else_is_looked_for(store: Store) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    with store.transaction() as tx:
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    clock.at += timedelta(seconds=POLICY.offer_seconds + 1)
    intake.report("r1", events.DeadlinePassed(DeadlineKind.OFFER_EXPIRES, "r1-1"))
    intake.report("r1", events.OfferAnswered("r1-1", accepted=True))
    with store.reading() as tx:
        request = tx.request("r1")
        searches = [one for one in tx.stale_effects(clock.at + timedelta(days=1), 9) if one.request_id == "r1"]
    assert request is not None
    assert request.accepted is None
    assert [offer.state for offer in request.offers] == [OfferState.EXPIRED]
    assert FindInterpreters in {type(one.effect) for one in searches}


def test_two_acceptances_in_the_same_millisecond_seat_one_and_the_other_hears_that_it_is_taken(store: Store) -> None:
    filled(store, 1, 2)
    intake, _, _ = an_intake(store)
    with store.transaction() as tx:
        tx.create_request(wants_spanish())
    intake.find_interpreters("r1", 5)
    both = threading.Barrier(2)

    def accepts(offer_id: str) -> None:
        both.wait()
        intake.report("r1", events.OfferAnswered(offer_id, accepted=True))

    threads = [threading.Thread(target=accepts, args=(offer_id,)) for offer_id in ("r1-1", "r1-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as tx:
        request = tx.request("r1")
    assert request is not None
    assert sorted(offer.state for offer in request.offers) == [OfferState.ACCEPTED, OfferState.WITHDRAWN]
    assert request.state is RequestState.CONNECTING


def test_a_deadline_that_cannot_be_kept_holds_up_no_other(store: Store) -> None:
    filled(store, 1)
    intake, clock, _ = an_intake(store)
    with store.transaction() as tx:
        for name, language in (("broken", "no such language"), ("waits", "spa")):
            waiting = a_request(name, state=RequestState.WAITING, language=language)
            tx.create_request(waiting.due(DeadlineKind.ESCALATE, clock.at))
    intake.deadlines()
    with store.reading() as tx:
        assert [request_id for request_id, _ in tx.due(clock.at, 9)] == ["broken"]
