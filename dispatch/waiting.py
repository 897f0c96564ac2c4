"""The waiting queue: who needs an interpreter most, and how long it may take. Plain functions; seconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.request import Urgency

_ENOUGH = 5
"""Fewer measured waits than this are chance, and a wrong promise is worse than none."""
_LONGEST_MINUTES = 60


@dataclass(frozen=True)
class Waiting:
    """A request that waits, as far as its place in the queue goes. A callback keeps the time it first came in."""

    request_id: str
    urgency: Urgency
    created_at: datetime


def by_need(waiting: Iterable[Waiting], ahead: Mapping[Urgency, float]) -> list[Waiting]:
    """Who needs somebody most, first.

    `ahead` says how many seconds of waiting an urgency is worth: emergencies come first, and whoever has waited that
    much longer than they have comes before them, so nobody starves.
    """
    return sorted(
        waiting, key=lambda one: (one.created_at - timedelta(seconds=ahead.get(one.urgency, 0.0)), one.request_id)
    )


def expected_minutes(measured: Sequence[float], waited: float) -> int:
    """About how many more minutes, for somebody who has waited `waited` seconds; 0 where nothing can be promised.

    The median of what was left to wait for those who, in the past, had waited as long: a wait that has gone on tells
    that it is one of the long ones.
    """
    left = sorted(whole - waited for whole in measured if whole > waited)
    if len(left) < _ENOUGH:
        return 0
    minutes = round(left[len(left) // 2] / 60)
    return min(max(minutes, 1), _LONGEST_MINUTES)
