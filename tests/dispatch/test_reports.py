"""Figures, what may be published of them, charts, and what the store counts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import causes, charts, events, override_events, reports
from dispatch.clock import Clock
from dispatch.conversation import new_request
from dispatch.dispatching import Dispatching
from dispatch.occupancy import Change, Load, signed_on
from dispatch.people import Availability, Role
from dispatch.reports import Ended
from dispatch.request import Channel, Need, RequestState
from dispatch.shifts import Calendar, read_week
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY

CITY = ZoneInfo("America/New_York")


def ended(
    seconds: float | None = 20, language: str | None = "spa", at: datetime = NOON, unit: str = "", **rest: object
) -> Ended:
    """A request that was connected after `seconds`, or given up."""
    state = RequestState.COMPLETED if seconds is not None else RequestState.ABANDONED
    connected = at + timedelta(seconds=seconds) if seconds is not None else None
    plain = {"urgency": "routine", "channel": "voice", "role": "community", **rest}
    return Ended(at, connected, at + timedelta(minutes=10), state, language, unit=unit, **plain)  # type: ignore[arg-type]


def test_percentiles_are_waits_that_somebody_had() -> None:
    told = reports.figures([ended(float(wait)) for wait in (40, 10, 20, 30, 50, 60, 70, 80, 90, 100)])
    assert (told.p50, told.p90) == (50, 90)
    assert reports.figures([ended(7)]).p90 == 7
    assert reports.figures([]).p50 is None


def test_fill_rate_and_abandonment_count_everybody_who_asked() -> None:
    told = reports.figures([ended(), ended(), ended(None), ended(corrections=2)])
    assert (told.requests, told.connected, told.abandoned, told.corrected) == (4, 3, 1, 1)
    assert (told.fill_rate, told.abandonment) == (0.75, 0.25)
    assert told.minutes == pytest.approx(3 * 10 - 1)


def test_days_are_the_agencys_own_and_empty_ones_are_there_too() -> None:
    late = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # the evening before, in New York
    days = reports.by_period([ended(at=late)], date(2026, 3, 3), date(2026, 3, 5), False, CITY)
    assert [(day.day, told.requests) for day, told in days] == [(3, 0), (4, 1), (5, 0)]
    weeks = reports.by_period([ended(at=late)], date(2026, 3, 4), date(2026, 3, 10), True, CITY)
    assert [(day.day, told.requests) for day, told in weeks] == [(2, 1), (9, 0)]


def test_hours_that_are_missed_come_first() -> None:
    monday = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    asked = [ended(10, "spa", monday), ended(10, "spa", monday), ended(None, "mam", monday), ended(99, "hat", NOON)]
    rows = reports.demand(asked, frozenset({0}), lambda one: (one.seconds_to_connect or 99) > 60, CITY)
    assert [language for language, _ in rows] == ["mam", "spa"]
    assert rows[0][1][9] == reports.Hour(1, 1)
    assert rows[1][1][9] == reports.Hour(2, 0)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=40))
def test_bars_stay_within_the_chart(values: list[float | None]) -> None:
    drawn = charts.columns([str(n) for n in range(len(values))], [values, values], ("a", "b"), "")
    for bar in drawn.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= charts.WIDTH + 0.1
        assert bar.y >= 0
        assert bar.height >= 0
        assert bar.y + bar.height <= charts.HEIGHT
    assert len(drawn.below) <= 12


class Moment:
    """A clock that each look moves on a second."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        """A second later."""
        self.at += timedelta(seconds=1)
        return self.at


def test_the_store_counts_seats_and_corrections(store: Store) -> None:
    clock: Clock = Moment()
    intake = Dispatching(store, clock, POLICY, lambda ids: None)

    with store.transaction() as tx:
        tx.add_requester(officer())
        tx.put_interpreter(interpreter(1, "spa", "hat"))
        request = new_request(officer(), Channel.TEXT, clock.now())
        tx.create_request(request)
    intake.report(request.id, events.TextReceived(Need(languages=("spa",)), "spanish"))
    with store.reading() as tx:
        now = tx.request(request.id)
    assert now is not None
    intake.override(request.id, now.version, override_events.LanguageSet("hat", "dana"), "dana")
    intake.find_interpreters(request.id, 1)
    with store.reading() as tx:
        rung = tx.request(request.id)
    assert rung is not None
    offer = rung.open_offers[0]
    intake.report(request.id, events.CallPlaced(offer.id, "CA1"))
    intake.report(request.id, events.LegAnswered(offer.id))
    intake.report(request.id, events.OfferAnswered(offer.id, True))
    mine = f"{request.id}-2"
    for event in (events.CallPlaced(mine, "CA2"), events.LegAnswered(mine), events.LegJoined(mine)):
        intake.report(request.id, event)
    intake.report(request.id, events.LegJoined(offer.id))
    intake.report(request.id, events.CallEnded(mine, "completed"))
    with store.reading() as tx:
        (one,) = tx.ended_requests(NOON, NOON + timedelta(hours=1))
        assert tx.ended_requests(NOON - timedelta(hours=1), NOON) == []
    assert (one.language, one.interpreter_id, one.corrections, one.role) == ("hat", "i1", 1, Role.OFFICER.value)
    assert (one.corrected_by, one.result, one.encounter, one.relay) == (("LanguageSet",), "connected", "routine", False)
    assert causes.corrections([one]) == [("A dispatcher set it", 1)]
    assert one.seconds_to_connect is not None
    assert one.seconds_to_connect > 0


def test_how_requests_ended_keeps_not_reached_apart() -> None:
    told = causes.outcomes(
        [ended(), ended(None, result="interpreter_not_reached"), ended(None, result="abandoned"), ended(None)]
    )
    assert told == [
        ("Connected", 1),
        ("Caller hung up in time", 1),
        ("Ended without an interpreter", 1),
        ("Interpreter not reached", 1),
    ]
    assert reports.figures([ended(None, result="interpreter_not_reached"), ended(None)]).not_reached == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("80 s instead of 30 s: nobody was free (2 declined this request)", "Nobody was free"),
        ("80 s instead of 30 s: 2 did not answer, 1 was lost again", "Interpreters did not take it"),
        ("80 s instead of 30 s: the language was settled only after 40 s", "The language was settled late"),
        (
            "80 s instead of 30 s: the vendor line (Lingo) had to be called, its hold included",
            "The vendor line had to be called",
        ),
        (
            "80 s instead of 30 s: an interpreter had accepted after 20 s; joining the phones took the rest",
            "Joining the phones took long",
        ),
        ("80 s instead of 30 s: the interpreter who came accepted only after 60 s", "The interpreter accepted late"),
        ("80 s instead of 30 s: the carrier does not answer", "Trouble in the service"),
    ],
)
def test_a_miss_is_told_by_its_weightiest_cause(words: str, kind: str) -> None:
    assert causes.misses([ended(miss=words), ended()]) == [(kind, 1)]


def test_relay_and_vendor_are_counted_apart() -> None:
    told = reports.figures([ended(), ended(relay=True), ended(by_vendor=True)])
    assert (told.connected, told.relay, told.vendor) == (3, 1, 1)


def test_occupancy_counts_the_time_signed_on_within_shifts() -> None:
    hour = timedelta(hours=1)
    said = [
        Change(NOON + hour, Availability.ON),
        Change(NOON + 3 * hour, Availability.BUSY, NOON + 4 * hour),
        Change(NOON + 6 * hour, Availability.OFF),
    ]
    day = NOON, NOON + 8 * hour
    assert signed_on(Availability.OFF, said, Calendar(), *day) == 4 * 60
    assert signed_on(Availability.ON, said, Calendar(), *day) == 5 * 60
    assert signed_on(Availability.ON, [], Calendar(), *day) == 8 * 60
    afternoon = read_week("daily 14:00-15:30", "UTC", datetime(2026, 3, 1))
    assert signed_on(Availability.OFF, said, Calendar(afternoon), *day) == 60
    assert signed_on(Availability.ON, said, Calendar(), NOON, NOON) == 0
    assert Load("1", "", 2, 30.0, 240.0).occupancy == pytest.approx(0.125)


def test_the_store_tells_what_interpreters_said_about_being_rung(store: Store) -> None:
    with store.transaction() as tx:
        tx.put_interpreter(interpreter(1))
        tx.set_availability("i1", Availability.BUSY, NOON + timedelta(hours=1), NOON)
        tx.set_availability("i1", Availability.OFF, None, NOON + timedelta(hours=2))
        told = tx.availability_changes(NOON + timedelta(hours=2))
    assert told == {"i1": [Change(NOON, Availability.BUSY, NOON + timedelta(hours=1))]}
