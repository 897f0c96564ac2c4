"""The report that is published: no hidden count can be worked out from it.

The proof is by indistinguishability: for every small count that the report does not tell, there is another month, in
which that count is another one, with the very same report. Who has only the report cannot know which of them it was,
not even knowing how the report is made.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch import language_access
from dispatch.reports import Ended
from dispatch.request import RequestState
from dispatch.suppression import SMALLEST_SHOWN, Group, divisible, merged, whole
from tests.dispatch.people import interpreter

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
BEGUN = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LANGUAGES = ("spa", "hat", "mam", "vie", "som", "prs")
Month = tuple[tuple[str, bool, str], ...]
"""Requests: language, whether connected, encounter."""


def request(language: str, connected: bool, encounter: str) -> Ended:
    """One that ended at once: so that hours and waits tell nothing here."""
    state = RequestState.COMPLETED if connected else RequestState.ABANDONED
    at = BEGUN + timedelta(seconds=20) if connected else None
    return Ended(BEGUN, at, at or BEGUN, state, language, "routine", "voice", "community", "", encounter=encounter)


def published(month: Month) -> language_access.LanguageAccess:
    """Its report."""
    ended = [request(*one) for one in month]
    return language_access.publish(ended, FIRST, LAST, [interpreter(1)], str, "Title VI", ZoneInfo("UTC"))


def lines(month: Month) -> list[tuple[str, str, str, str]]:
    """All that anybody can read of it."""
    return language_access.lines(published(month))


block = st.tuples(
    st.sampled_from(LANGUAGES),
    st.booleans(),
    st.sampled_from(("routine", "medical", "custodial")),
    st.one_of(st.integers(1, 3), st.integers(8, 24)),
)
months = st.lists(block, max_size=7).map(
    lambda blocks: tuple((one, two, three) for one, two, three, count in blocks for _ in range(count))
)


def moved(month: Month, at: int, **changed: object) -> Month:
    """The month with one request changed."""
    fields = dict(zip(("language", "connected", "encounter"), month[at], strict=True)) | changed
    return (*month[:at], tuple(fields.values()), *month[at + 1 :])  # type: ignore[return-value]


def others(month: Month, place: int, values: set[str]) -> Iterator[tuple[str, Month]]:
    """Months in which one request has another of these values in that place, with the value it had."""
    name = ("language", "connected", "encounter")[place]
    for value in values:
        at = next(at for at, one in enumerate(month) if one[place] == value)
        for other in values - {value}:
            yield value, moved(month, at, **{name: other})
            yield other, moved(month, at, **{name: other})


@settings(max_examples=80, deadline=None)
@given(months)
@example((("spa", True, "routine"),) * 30 + (("mam", True, "routine"),))
@example((("spa", True, "routine"),) * 11 + (("mam", False, "routine"),) * 11 + (("hat", True, "medical"),) * 3)
@example(tuple((one, True, "routine") for one in LANGUAGES) * 2)
@example((("spa", True, "routine"),) * 10 + (("hat", True, "routine"),) * 11 + (("mam", True, "routine"),) * 11)
def test_every_small_count_that_is_not_told_could_be_another_one(month: Month) -> None:
    told = lines(month)
    for place in (0, 2):
        counts = Counter(one[place] for one in month)
        small = {name for name, count in counts.items() if count < SMALLEST_SHOWN}
        if len(month) < SMALLEST_SHOWN or not small:
            continue
        could = {value for value, other in others(month, place, {str(name) for name in counts}) if lines(other) == told}
        assert small <= could


@settings(max_examples=80, deadline=None)
@given(months)
@example((("spa", True, "routine"),) * 11 + (("spa", False, "routine"),))
@example(
    (("hat", True, "routine"),) * 22
    + (("hat", False, "routine"),) * 10
    + (("mam", False, "routine"),) * 11
    + (("spa", False, "routine"),) * 11
)
@example(
    (("spa", True, "routine"),) * 21
    + (("spa", False, "routine"),)
    + (("som", True, "routine"),) * 12
    + (("mam", False, "routine"),) * 21
)
@example((("spa", True, "routine"),) * 40 + (("spa", False, "routine"),) * 5 + (("hat", True, "routine"),) * 30)
@example(
    (("spa", True, "routine"),) * 20
    + (("spa", False, "routine"),) * 10
    + (("hat", False, "routine"),) * 12
    + (("vie", True, "routine"),) * 25
)
@example(
    (("spa", True, "routine"),) * 40
    + (("spa", False, "routine"),) * 5
    + (("hat", True, "routine"),) * 30
    + (("hat", False, "routine"),) * 12
    + (("vie", True, "routine"),) * 20
)
def test_how_many_of_few_were_connected_could_be_another_number(month: Month) -> None:
    told = lines(month)
    report = published(month)
    if report.requests is None:
        return
    for row in report.languages:
        if row.connected is not None:
            continue
        members = set(row.name.split(", ")) if row.name != "All others together" else set()
        mine = [at for at, one in enumerate(month) if one[0] in members]
        split = [sum(month[at][1] for at in mine), sum(not month[at][1] for at in mine)]
        if not members or min(split) == 0 or min(split) >= SMALLEST_SHOWN:
            continue
        assert any(lines(other) == told for other in turned(month, members, report.connected is not None))


def turned(month: Month, members: set[str], total: bool) -> Iterator[Month]:
    """Months in which another number of these languages' requests was connected, all else the same.

    With `total` as many are connected altogether: what these have more or less, one or two other languages have less or
    more.
    """
    spoken = sorted({one[0] for one in month})
    outside = [one for one in spoken if one not in members]
    balances = itertools.product(outside, [*outside, None]) if total else [(None, None)]
    for here, (one, other) in itertools.product([one for one in spoken if one in members], balances):
        for more, part in itertools.product(_STEPS, (0, *_STEPS)):
            changed = with_more(month, here, more)
            if one is not None:
                changed = with_more(changed, one, -more - part)
            if other is not None:
                changed = with_more(changed, other, part)
            if changed is not None and (not total or connected(changed) == connected(month)):
                yield changed


_STEPS = sorted(range(-SMALLEST_SHOWN, SMALLEST_SHOWN + 1), key=abs)[1:]


def connected(month: Month) -> int:
    """How many got somebody."""
    return sum(one[1] for one in month)


def with_more(month: Month | None, language: str, more: int) -> Month | None:
    """The month with so many more (or fewer) requests of the language connected; None where there are not as many."""
    if month is None:
        return None
    turn = [at for at, one in enumerate(month) if one[0] == language and one[1] is (more < 0)][: abs(more)]
    if len(turn) < abs(more):
        return None
    for at in turn:
        month = moved(month, at, connected=more > 0)
    return month


@settings(max_examples=100, deadline=None)
@given(months)
def test_every_number_told_and_every_difference_counts_eleven_or_none(month: Month) -> None:
    report = published(month)
    if report.requests is None:
        assert len(month) < SMALLEST_SHOWN
        assert not report.languages
        assert not report.often
        return
    assert sum(row.requests for row in report.languages) == report.requests
    for table in (*report.often, *report.important):
        assert sum(count for _, count in table.rows) == report.requests
        assert all(count >= SMALLEST_SHOWN for _, count in table.rows)
    parts = [(row.connected, row.requests - row.connected) for row in report.languages if row.connected is not None]
    if report.connected is None:
        assert not parts
        assert report.fill_rate is None
    else:
        rest = report.connected - sum(one for one, _ in parts), 0
        rest = rest[0], report.requests - sum(map(sum, parts)) - rest[0]
        assert all(part == 0 or part >= SMALLEST_SHOWN for pair in (*parts, rest) for part in pair)
        for table in report.resources[1:]:
            assert sum(count for _, count in table.rows) in (0, report.connected)


def test_small_counts_are_merged_and_only_safe_groups_are_named() -> None:
    assert merged({"spa": 40, "hat": 20, "mam": 3}) == [Group(("spa",), 40), Group(("hat", "mam"), 23)]
    assert merged({"spa": 40, "mam": 6, "som": 5}) == [Group(("spa",), 40), Group(("mam", "som"), 11)]
    assert merged({"spa": 9}) == []
    assert merged({"spa": 12, "vie": 0}) == [Group(("spa",), 12)]
    each_once = merged({str(number): 1 for number in range(12)})
    assert not each_once[0].named
    assert merged({"a": 5, "b": 6})[0].named


def test_parts_are_told_of_all_rows_or_of_none() -> None:
    assert divisible([(40, 20), (30, 0), (0, 11)])
    assert not divisible([(40, 20), (30, 6), (20, 6)])
    assert whole((40, 0))
    assert not whole((40, 3))
    assert not whole((5, 0))


def test_the_report_is_laid_out_and_its_file_tells_the_same() -> None:
    month: Month = (("Spanish", True, "routine"),) * 40 + (("Spanish", False, "custodial"),) * 20
    month += (("Mam", True, "medical"),) * 12
    told = lines(month)
    assert ("total", "all", "requests", "72") in told
    assert ("language", "Spanish", "connected", "40") in told
    assert ("what the meeting was about", "Custody", "requests", "20") in told
    assert ("report", "basis", "text", "Title VI") in told
    assert lines(month[:5])[-1] == ("total", "all", "requests", "fewer than 11")
    assert lines(())[-1] == ("total", "all", "requests", "none")
    assert published(month).per_day == 72 / 31
    relayed = [replace(request(*one), relay=at < 15, by_vendor=at >= 55) for at, one in enumerate(month)]
    report = language_access.publish(relayed, FIRST, LAST, [], str, "", ZoneInfo("UTC"))
    assert dict(report.resources[1].rows) == {
        "The agency's own roster": 25,
        "Two interpreters through a bridge language": 15,
        "Vendor line": 12,
    }
