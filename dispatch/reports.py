"""What the agency's own requests tell: time to connect, fill rate, abandonment, languages, load, corrections.

Plain functions over finished requests. Percentiles are nearest-rank: the shortest wait that at least that share of
connected requests had, so every figure is a wait that somebody really had.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.request import RequestState

SMALLEST_SHOWN = 11
"""Counts below this are not published: the cell size suppression policy of the US Centers for Medicare & Medicaid
Services, which many agencies follow for people who could be known again."""


@dataclass(frozen=True)
class Ended:
    """One request that is over."""

    created_at: datetime
    connected_at: datetime | None
    ended_at: datetime
    state: RequestState
    language: str | None
    urgency: str
    channel: str
    role: str
    unit: str
    interpreter_id: str | None = None
    """Who held the seat."""
    corrections: int = 0
    """How often the language had to be put right after it was taken for settled."""
    vendor_spoke: str = ""
    """How it is known that a vendor's interpreter spoke (`vendor_hold.Spoke`); "" where none of theirs did."""

    @property
    def seconds_to_connect(self) -> float | None:
        """From the request to requester and interpreter talking."""
        return (self.connected_at - self.created_at).total_seconds() if self.connected_at else None

    @property
    def minutes_talked(self) -> float:
        """How long they talked."""
        return (self.ended_at - self.connected_at).total_seconds() / 60 if self.connected_at else 0.0


@dataclass(frozen=True)
class Figures:
    """What a number of requests come to."""

    requests: int
    connected: int
    abandoned: int
    vendor: int
    corrected: int
    """Requests whose language had to be put right."""
    p50: float | None
    """Seconds to connect; None where nobody was connected."""
    p90: float | None
    minutes: float

    @property
    def fill_rate(self) -> float | None:
        """Share of requests that got one of our interpreters."""
        return self.connected / self.requests if self.requests else None

    @property
    def abandonment(self) -> float | None:
        """Share of requests in which the caller hung up first."""
        return self.abandoned / self.requests if self.requests else None


def figures(ended: Sequence[Ended]) -> Figures:
    """The figures of these requests."""
    waits = sorted(one.seconds_to_connect for one in ended if one.seconds_to_connect is not None)
    return Figures(
        requests=len(ended),
        connected=len(waits),
        abandoned=sum(one.state is RequestState.ABANDONED for one in ended),
        vendor=sum(one.state is RequestState.VENDOR_HANDOFF for one in ended),
        corrected=sum(one.corrections > 0 for one in ended),
        p50=percentile(waits, 0.5),
        p90=percentile(waits, 0.9),
        minutes=sum(one.minutes_talked for one in ended),
    )


def share(ended: Sequence[Ended], holds: Callable[[Ended], bool]) -> float | None:
    """The share of these requests for which that holds; None of nothing."""
    return sum(holds(one) for one in ended) / len(ended) if ended else None


def percentile(ascending: Sequence[float], share: float) -> float | None:
    """Nearest rank; None of nothing."""
    return ascending[max(math.ceil(share * len(ascending)) - 1, 0)] if ascending else None


def by_period(
    ended: Iterable[Ended], first: date, last: date, weekly: bool, zone: ZoneInfo
) -> list[tuple[date, Figures]]:
    """Figures of each day, or week from Monday, between the two dates, those without requests too."""

    def start(day: date) -> date:
        return day - timedelta(days=day.weekday()) if weekly else day

    grouped: dict[date, list[Ended]] = defaultdict(list)
    for one in ended:
        grouped[start(one.created_at.astimezone(zone).date())].append(one)
    step = timedelta(days=7 if weekly else 1)
    found, day = [], start(first)
    while day <= last:
        found.append((day, figures(grouped.get(day, []))))
        day += step
    return found


def by(ended: Iterable[Ended], key: Callable[[Ended], str]) -> list[tuple[str, Figures]]:
    """Figures of each group, most requests first."""
    grouped: dict[str, list[Ended]] = defaultdict(list)
    for one in ended:
        grouped[key(one)].append(one)
    return sorted(
        ((name, figures(group)) for name, group in grouped.items()), key=lambda row: (-row[1].requests, row[0])
    )


def suppressed(counts: Mapping[str, int], smallest: int = SMALLEST_SHOWN) -> dict[str, int | None]:
    """The counts with small ones hidden (None), zero shown.

    Where exactly one is hidden, the smallest other is hidden too: otherwise the total would give it away.
    """
    hidden = {name for name, count in counts.items() if 0 < count < smallest}
    if len(hidden) == 1:
        others = [name for name, count in counts.items() if count >= smallest]
        if others:
            hidden.add(min(others, key=lambda name: (counts[name], name)))
    return {name: None if name in hidden else count for name, count in counts.items()}


@dataclass(frozen=True)
class LanguageAccess:
    """A month as it can be published."""

    total: int | None
    connected: int | None
    fill_rate: float | None
    p50: float | None
    p90: float | None
    languages: list[tuple[str, int | None]]
    """Most asked for first; None is fewer than `smallest` (or hidden beside one that is)."""
    channels: list[tuple[str, int | None]]
    smallest: int


def language_access(ended: Sequence[Ended], names: Callable[[str | None], str]) -> LanguageAccess:
    """The monthly report. Rates are left out where too few requests stand behind them."""
    told = figures(ended)
    enough, connected = told.requests >= SMALLEST_SHOWN, told.connected >= SMALLEST_SHOWN
    missed = told.requests - told.connected
    split = connected and (missed == 0 or missed >= SMALLEST_SHOWN)
    mix = Counter(names(one.language) for one in ended)
    channels = Counter("by phone" if one.channel == "voice" else "by text" for one in ended)
    return LanguageAccess(
        total=told.requests if enough or not told.requests else None,
        connected=told.connected if split else None,
        fill_rate=told.fill_rate if split else None,
        p50=told.p50 if connected else None,
        p90=told.p90 if connected else None,
        languages=_ordered(suppressed(mix), mix),
        channels=_ordered(suppressed(channels), channels),
        smallest=SMALLEST_SHOWN,
    )


def _ordered(shown: Mapping[str, int | None], counts: Mapping[str, int]) -> list[tuple[str, int | None]]:
    """Shown ones by count; hidden ones by name, so that their order tells nothing."""
    return sorted(shown.items(), key=lambda row: (row[1] is None, -(row[1] or 0), row[0]))


@dataclass(frozen=True)
class Hour:
    """One language at one hour: how much was asked, and how much of that went wrong."""

    asked: int = 0
    missed: int = 0
    """Not connected, or connected later than the target."""


def demand(
    ended: Iterable[Ended], weekdays: frozenset[int], late: Callable[[Ended], bool], zone: ZoneInfo
) -> list[tuple[str, list[Hour]]]:
    """Per language the 24 hours of those weekdays (Monday is 0), the most missed first."""
    asked: dict[str, list[int]] = defaultdict(lambda: [0] * 24)
    missed: dict[str, list[int]] = defaultdict(lambda: [0] * 24)
    for one in ended:
        local = one.created_at.astimezone(zone)
        if one.language is None or local.weekday() not in weekdays:
            continue
        asked[one.language][local.hour] += 1
        missed[one.language][local.hour] += late(one)
    rows = [
        (language, [Hour(*pair) for pair in zip(asked[language], missed[language], strict=True)]) for language in asked
    ]
    return sorted(
        rows, key=lambda row: (-sum(hour.missed for hour in row[1]), -sum(hour.asked for hour in row[1]), row[0])
    )
