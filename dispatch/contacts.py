"""How often the people of an arrival are likely to need an interpreter, hour by hour. Plain functions.

Each person needs `contacts_per_day` conversations through an interpreter a day. The default, 0.5, is an assumption: one
conversation for each family of about three on the first day, and half as many again for health, transport and
questions. No published count is known; put in your own after the first day. `Shape` says how a day's are spread.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from dispatch.arrival import Arrival, Shape
from dispatch.coverage import Array, shares
from dispatch.shifts import zone_named

INTAKE = timedelta(hours=4)
"""After people come: registering them, where half of the first day's conversations fall."""


def contacts(arrival: Arrival) -> dict[str, Array]:
    """Expected conversations in each of `arrival.hours`, by language; without those whose language nobody knows."""
    spread = _spread(arrival)
    return {share.language: spread * share.people * arrival.contacts_per_day for share in arrival.languages}


def _spread(arrival: Arrival) -> Array:
    """A person's first day counts one; later days by how much of the day's usual hours they hold."""
    hours = arrival.hours
    inside = shares([(arrival.starts, arrival.ends)], hours)
    zone = zone_named(arrival.zone)
    days = [hour.astimezone(zone).date() for hour in hours]
    weights = inside * np.array([_weight(arrival.shape, hour.astimezone(zone).hour) for hour in hours])
    first, found = days[0], np.zeros(len(hours))
    for day in sorted(set(days)):
        here = np.array([one == day for one in days])
        if day == first:
            found += _first_day(arrival, hours, weights * here)
        else:
            found += weights * here / sum(_weight(arrival.shape, hour) for hour in range(24))
    return found


def _first_day(arrival: Arrival, hours: Sequence[datetime], weights: Array) -> Array:
    if arrival.shape is not Shape.INTAKE:
        return np.asarray(weights / weights.sum())
    intake_ends = min(arrival.starts + INTAKE, arrival.ends)
    intake = shares([(arrival.starts, intake_ends)], hours)
    intake = intake / intake.sum()
    later = weights * (1 - shares([(hours[0], intake_ends)], hours))
    rest = later.sum()
    return np.asarray(intake if rest < 0.5 else (intake + later / rest) / 2)


def _weight(shape: Shape, hour: int) -> float:
    if shape is Shape.EVEN:
        return 1.0
    return 1.0 if 8 <= hour < 20 else 0.5 if hour in (7, 20) else 0.05
