"""An expected arrival: what is read, how contacts are spread, whom the plan asks."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import varieties
from dispatch.arrival import Arrival, Shape, Share, check, days_of, read_languages, write_languages
from dispatch.contacts import contacts
from dispatch.coverage import Demand, Terms
from dispatch.errors import ArrivalInvalid
from dispatch.inviting import as_hours, plan, suggest
from dispatch.languages import UnknownLanguage
from dispatch.people import Interpreter, QuietHours, Skill
from dispatch.people import Terms as WorkTerms
from dispatch.shifts import Calendar, Shift, TimeOff, Window, weekly
from dispatch.supply import Town
from tests.dispatch.people import interpreter

CITY = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
BUS = Arrival(
    "a1",
    "bus from the south",
    datetime(2026, 3, 4, 17, tzinfo=UTC),
    datetime(2026, 3, 6, 17, tzinfo=UTC),
    CITY.key,
    120,
    (Share("mam", 70, "Todos Santos"), Share("spa", 50)),
)


def town(*people: Interpreter, calendars: dict[str, Calendar] | None = None) -> Town:
    """A town that asks for nothing but the arrival."""
    return Town(NOW, CITY, Demand({}), people, calendars or {}, terms=Terms(calls_per_second=0))


def test_languages_are_read_as_shares_counts_or_what_is_left() -> None:
    found = read_languages("Mam (Todos Santos) 40%, spanish 30; French", 100)
    assert found == (Share("mam", 40, "Todos Santos"), Share("spa", 30), Share("fra", 30))
    assert read_languages(write_languages(replace(BUS, people=100, languages=found)), 100) == found


@pytest.mark.parametrize(
    ("text", "told"), [("Mam 40%%", "cannot be read"), ("Mam, mam 3", "twice"), ("Klingonish", "not a language")]
)
def test_what_cannot_be_read_is_named(text: str, told: str) -> None:
    with pytest.raises((ArrivalInvalid, UnknownLanguage), match=told):
        read_languages(text, 10)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": " "}, "name"),
        ({"ends": BUS.starts}, "ends before"),
        ({"ends": BUS.starts + timedelta(days=15)}, "14 days"),
        ({"starts": NOW - timedelta(days=3), "ends": NOW - timedelta(days=2)}, "to come"),
        ({"people": 0}, "How many"),
        ({"people": 100}, "more people"),
        ({"contacts_per_day": 0.0}, "above 0"),
        ({"languages": ()}, "at least one"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(changed: dict[str, object], told: str) -> None:
    check(BUS, NOW)
    with pytest.raises(ArrivalInvalid, match=told):
        check(replace(BUS, **changed), NOW)  # type: ignore[arg-type]


@given(st.integers(0, 47), st.integers(1, 100), st.sampled_from(list(Shape)), st.floats(0.1, 5))
@settings(max_examples=60, deadline=None)
def test_the_first_day_always_brings_every_persons_contacts(begin: int, hours: int, shape: Shape, each: float) -> None:
    starts = NOW + timedelta(minutes=37 + 60 * begin)
    one = replace(BUS, starts=starts, ends=starts + timedelta(hours=hours), shape=shape, contacts_per_day=each)
    found = contacts(one)
    total = sum(float(figures.sum()) for figures in found.values())
    days = len(days_of(one))
    assert 120 * each * 0.999 <= total <= 120 * each * days * 1.001
    assert found["mam"].sum() / found["spa"].sum() == pytest.approx(70 / 50)
    assert min(figures.min() for figures in found.values()) >= 0
    if days == 1:
        assert total == pytest.approx(120 * each)


def test_half_of_the_first_days_contacts_come_within_four_hours() -> None:
    found = contacts(replace(BUS, ends=BUS.starts + timedelta(hours=11)))["mam"]
    assert found[:4].sum() == pytest.approx(found.sum() / 2)
    flat = contacts(replace(BUS, shape=Shape.EVEN, ends=BUS.starts + timedelta(hours=10)))["mam"]
    assert flat.std() == pytest.approx(0)


def test_people_whose_language_nobody_knows_are_counted_and_not_planned() -> None:
    one = replace(BUS, languages=(Share("mam", 70),))
    assert one.not_known == 50
    assert set(contacts(one)) == {"mam"}


def test_whom_to_invite_puts_speakers_before_relays_and_says_why() -> None:
    quiet = interpreter(101, "mam", "spa")
    petrona = replace(interpreter(113, "mam", "spa", tier=2), terms=WorkTerms(english=False))
    people = [quiet, petrona, interpreter(104, "spa", tier=1), interpreter(105, "hat")]
    here = town(*people)
    found = suggest(BUS, plan(BUS, here), here, invited=[])
    assert [one.interpreter.code for one in found if one.ask] == ["101", "104", "113"]
    assert found[0].why == "speaks Mam, Spanish, has not said whether of Todos Santos; own staff"
    assert "first half of a relay" in next(one.why for one in found if one.interpreter.code == "113")
    assert not {"105"} & {one.interpreter.code for one in found}
    assert next(one.interpreter.code for one in suggest(BUS, plan(BUS, here), here, ["i101"])) == "104"


def test_who_speaks_the_variety_comes_first_and_who_speaks_another_last() -> None:
    wanted = varieties.find("mam", "Todos Santos").code
    other = next(
        one.code for one in varieties.of_language("mam") if varieties.fit([one.code], [wanted]) is varieties.Fit.OTHER
    )
    people = [
        replace(interpreter(number, "mam"), skills=(Skill("mam", 4, varieties=spoken),))
        for number, spoken in ((101, (other,)), (102, ()), (103, (wanted,)))
    ]
    here = town(*people)
    found = suggest(BUS, plan(BUS, here), here, [])
    assert [one.interpreter.code for one in found] == ["103", "102", "101"]
    assert "of Todos Santos" in found[0].why
    assert "not Todos Santos: ask first" in found[2].why


def test_nobody_is_asked_for_time_off_quiet_hours_or_a_shift_they_have() -> None:
    away, early, there = interpreter(101, "mam"), interpreter(102, "mam"), interpreter(103, "mam")
    early = replace(early, terms=WorkTerms(quiet=QuietHours(time(14), time(9))))
    always = weekly(range(7), time(0), time(0), CITY.key, datetime(2026, 3, 1), True)
    calendars = {
        away.id: Calendar((), (TimeOff("x", always),)),
        there.id: Calendar((Shift("y", always),)),
    }
    here = town(away, early, there, calendars=calendars)
    found = {one.interpreter.code: one for one in suggest(BUS, plan(BUS, here), here, invited=[])}
    assert found["101"].against == "time off"
    assert found["103"].against == "on call by their shifts already"
    for turn in found["102"].turns:
        assert turn.starts.astimezone(CITY).time() >= time(9)
        assert turn.ends.astimezone(CITY).time() <= time(14)


def test_a_promise_makes_the_gap_of_its_hours_smaller() -> None:
    one = interpreter(101, "mam")
    before = plan(BUS, town(one))
    hours = as_hours([Window(BUS.starts, BUS.starts + timedelta(hours=8))], CITY.key)
    calendar = Calendar(tuple(Shift(f"extra-{n}", part) for n, part in enumerate(hours)))
    after = plan(BUS, town(one, calendars={one.id: calendar}))
    change = before.lines["mam"].miss - after.lines["mam"].miss
    assert change[:8].min() > 0
    assert abs(change[8:]).max() < 1e-9
    assert after.missed < before.missed
