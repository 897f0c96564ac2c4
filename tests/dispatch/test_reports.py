"""Figures, what may be published of them, charts, and what the store counts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import charts, events, override_events, reports
from dispatch.clock import Clock
from dispatch.conversation import new_request
from dispatch.dispatching import Dispatching
from dispatch.people import Role
from dispatch.reports import Ended
from dispatch.request import Channel, Need, RequestState
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


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 60), max_size=12), st.integers(2, 20))
def test_no_small_count_is_shown_nor_can_one_be_worked_out(counts: dict[str, int], smallest: int) -> None:
    shown = reports.suppressed(counts, smallest)
    assert all(value is None or value == 0 or value >= smallest for value in shown.values())
    assert all(value is None or value == counts[name] for name, value in shown.items())
    hidden = [name for name, value in shown.items() if value is None]
    if len(hidden) == 1:  # there was nothing else to hide beside it
        assert not [name for name, count in counts.items() if count >= smallest]


def test_a_month_with_few_requests_gives_away_no_rate() -> None:
    few = reports.language_access([ended() for _ in range(5)], str)
    assert (few.total, few.connected, few.fill_rate, few.p90) == (None, None, None, None)
    many = reports.language_access([ended() for _ in range(30)] + [ended(None) for _ in range(2)], str)
    assert (many.total, many.connected, many.fill_rate) == (32, None, None)
    assert many.p90 == 20
    enough = reports.language_access([ended() for _ in range(30)] + [ended(None, "mam") for _ in range(11)], str)
    assert (enough.total, enough.connected) == (41, 30)
    assert enough.languages == [("spa", 30), ("mam", 11)]


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
    assert one.seconds_to_connect is not None
    assert one.seconds_to_connect > 0
