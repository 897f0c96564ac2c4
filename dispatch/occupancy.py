"""Occupancy: the share of the time in which an interpreter could be rung that they spent in sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.people import Availability
from dispatch.shifts import Calendar, Window, stretches


@dataclass(frozen=True)
class Change:
    """What an interpreter said about being rung. BUSY ends by itself at `until`."""

    at: datetime
    to: Availability
    until: datetime | None = None


@dataclass(frozen=True)
class Load:
    """One interpreter's work in a period."""

    code: str
    name: str
    sessions: int
    minutes: float
    """In sessions."""
    on_minutes: float
    """Signed on, and within their shifts where they have some; at least what they were in sessions."""

    @property
    def occupancy(self) -> float | None:
        """Share of the time signed on that was spent in sessions; None where they never were."""
        return self.minutes / self.on_minutes if self.on_minutes else None


def signed_on(
    before: Availability, changes: Sequence[Change], calendar: Calendar, since: datetime, until: datetime
) -> float:
    """Minutes in which they could be rung: ON, within their shifts. `before` holds until the first of the changes."""
    if until <= since:
        return 0.0
    on = _on(before, changes, since, until)
    if not calendar.entries:
        return sum(_minutes(one) for one in on)
    called = stretches(calendar.shifts, calendar.time_off, since, until)
    return sum(_minutes(Window(max(a.starts, b.starts), min(a.ends, b.ends))) for a in on for b in called)


def _on(before: Availability, changes: Sequence[Change], since: datetime, until: datetime) -> Iterable[Window]:
    """The stretches in which they had said ON."""
    marks: list[tuple[datetime, bool]] = [(since, before is Availability.ON)]
    for at, change in enumerate(changes):
        following = changes[at + 1].at if at + 1 < len(changes) else until
        marks.append((change.at, change.to is Availability.ON))
        if change.to is Availability.BUSY and change.until is not None and change.until < following:
            marks.append((change.until, True))
    ends = [*(at for at, _ in marks[1:]), until]
    return [
        Window(max(starts, since), min(end, until))
        for (starts, is_on), end in zip(marks, ends, strict=True)
        if is_on and min(end, until) > max(starts, since)
    ]


def _minutes(window: Window) -> float:
    return max((window.ends - window.starts).total_seconds(), 0.0) / 60
