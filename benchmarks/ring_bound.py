"""The least rings that any way of ringing needs for a given p50 and p90, and the prices at which that is reached.

In the model nothing is learned but silence, so a way of ringing is a list of start times for each request. Two facts
need no search: with one delay for all, the likelier phone goes first (exchanging two starts only lowers the chance of
silence at every moment), and the first starts at once. All other start times on whole seconds are gone through. Least
rings with the share of silence at two moments held down, over all requests and all mixtures of plans, is the highest
value of the dual: for any prices a, b >= 0,

    rings  >=  mean over requests of the least (rings + a S(p50) + b S(p90))  -  0.5 a  -  0.1 b.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement

import numpy as np
import numpy.typing as npt

from benchmarks.ring_model import AT_ONCE, CANDIDATES, DELAY, RINGS_FOR, Candidates, Curve, Outcome, crossing

SHARES = (0.5, 0.9)
_MOST = 12_000
"""Plans gone through for each request: as many phones as this allows, at least twice those of the other way."""
_SOONEST_USE = 1.0
"""A start less than this before p90 helps nobody by then: one answer in 20,000 comes within a second."""
_CAP = 200.0
"""Of a price, in rings: higher ones buy less than a hundredth of a second."""


@dataclass(frozen=True)
class Bound:
    """What any plan needs for the p50 and p90 of another one."""

    moments: tuple[float, float]
    """Seconds of ringing: the other one's p50 and p90."""
    prices: tuple[float, float]
    """Rings that missing each is worth where the bound is reached."""
    rings: float
    """No plan, nor mixture of plans, rings fewer."""


def bound(other: Outcome, requests: Sequence[Candidates], per_second: float) -> Bound:
    """For the quantiles that `other` reached on these same requests."""
    moments = (crossing(other.silent, SHARES[0]), crossing(other.silent, SHARES[1]))
    plans = _plans(max(math.ceil(moments[1] - _SOONEST_USE), 1), per_second >= AT_ONCE)
    costs = [_costs(plans, sorted(one.chances, reverse=True), moments) for one in requests]
    prices = np.array([1.5, 5.0]) * other.rings
    best, held = -math.inf, prices
    for turn in range(80):
        chosen = [int(np.argmin(cost @ np.array([1.0, *prices]))) for cost in costs]
        rings, *silent = np.mean([cost[n] for cost, n in zip(costs, chosen, strict=True)], axis=0)
        over = np.array(silent) - (1 - np.array(SHARES))
        dual = float(rings + prices @ over)
        if dual > best:
            best, held = dual, prices
        prices = np.clip(prices * np.exp(0.95**turn * 3 * over / (1 - np.array(SHARES))), 1e-3, _CAP)
    return Bound(moments, (float(held[0]), float(held[1])), best)


def _plans(moments: int, together: bool) -> npt.NDArray[np.int64]:
    phones = CANDIDATES
    while together and math.comb(moments + phones - 1, phones - 1) > _MOST:
        phones -= 1
    while not together and sum(math.comb(moments - 1, count) for count in range(phones)) > _MOST:
        phones -= 1
    return start_lists(min(phones, moments) if not together else phones, moments, together)


def start_lists(phones: int, moments: int, together: bool) -> npt.NDArray[np.int64]:
    """Every list of start times, one row each: the first at 0, later ones in order, `moments` standing for never.

    Not `together`: the carrier starts one call a second.
    """
    if together:
        later = combinations_with_replacement(range(moments + 1), phones - 1)
        return np.array([(0, *starts) for starts in later])
    never = (moments,) * (phones - 1)
    rows = [
        (0, *starts, *never[len(starts) :])
        for count in range(min(phones, moments))
        for starts in combinations(range(1, moments), count)
    ]
    return np.array(rows)


def _costs(plans: npt.NDArray[np.int64], chances: Sequence[float], moments: tuple[float, float]) -> Curve:
    """Of each plan: expected rings, and the chance of silence at the two moments."""
    last = int(plans.max())
    times = np.array([*range(last), *moments])
    silent = np.zeros((len(plans), len(times)))
    for phone in range(plans.shape[1]):
        rows = np.zeros((last + 1, len(times)))
        for start in range(last):
            rows[start] = [math.log1p(-chances[phone] * DELAY.by(min(t - start, RINGS_FOR))) for t in times]
        silent += rows[plans[:, phone]]
    nobody = np.exp(silent)
    reached = np.concatenate([nobody[:, :last], np.zeros((len(plans), 1))], axis=1)
    rings = np.take_along_axis(reached, plans, axis=1).sum(axis=1)
    return np.column_stack([rings, nobody[:, last], nobody[:, last + 1]])
