"""What the agency's own requests tell: time to connect, fill rate, abandonment, languages, load, corrections.

Plain functions over finished requests. Percentiles are nearest-rank: the shortest wait that at least that share of
connected requests had, so every figure is a wait that somebody really had.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.outcomes import Result
from dispatch.request import RequestState


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
    corrected_by: tuple[str, ...] = ()
    """What put it right, one word of `causes.CORRECTIONS` for each time."""
    result: str = ""
    """How it ended, of `outcomes.Result`; "" in requests of earlier versions."""
    miss: str = ""
    """Why the target was missed, in words."""
    encounter: str = "routine"
    relay: bool = False
    """Two interpreters worked through a bridge language."""
    by_vendor: bool = False
    """The interpreter was the vendor line's."""

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
    """Requests that the vendor line's interpreter took, on our line or theirs."""
    relay: int
    """Requests in which two interpreters worked through a bridge language."""
    not_reached: int
    """Requests for which no interpreter was reached: never the person's refusal."""
    corrected: int
    """Requests whose language had to be put right."""
    p50: float | None
    """Seconds to connect; None where nobody was connected."""
    p90: float | None
    minutes: float

    def share(self, part: int) -> float | None:
        """That many of these requests as a share; None where there are none."""
        return part / self.requests if self.requests else None

    @property
    def fill_rate(self) -> float | None:
        """Share of requests in which an interpreter and the requester spoke."""
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
        vendor=sum(one.by_vendor or one.state is RequestState.VENDOR_HANDOFF for one in ended),
        relay=sum(one.relay for one in ended),
        not_reached=sum(one.result == Result.INTERPRETER_NOT_REACHED.value for one in ended),
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


def spell_seconds(seconds: float | None) -> str:
    """A duration as people say it: `8 s`, `2:05 min`, `1:02:03 h`."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02} h"
    return f"{minutes}:{rest:02} min" if minutes else f"{whole} s"


def spell_percent(share: float | None) -> str:
    """A share as people say it: `90 %`."""
    return "–" if share is None else f"{share * 100:.0f} %"


def spell_days(first: date, last: date) -> str:
    """A period: `3 February 2026 to 4 March 2026`."""
    return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"
