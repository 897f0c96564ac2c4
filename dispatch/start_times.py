"""When each of some phones is best started: few rings against little waiting. Used by `ring_plan`.

Time is a grid of whole seconds. A start is weighed against all others by products of "nobody has accepted by then", so
one product of a vector with a phone's shifted curve weighs all its possible starts at once.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dispatch.answering import Delay

Curve = npt.NDArray[np.float64]
Chance = tuple[float, Delay]
"""Of one phone: the chance that it is accepted at all, and how soon."""

STEP = 1.0
"""Seconds between the moments that are weighed: the carrier's own pace."""
MOMENTS = 41
"""Moments looked ahead."""
NEVER = 25
"""Only the moments before this one are starts. By then the plan is asked again in any case."""
_TIMES: Curve = np.arange(MOMENTS, dtype=np.float64) * STEP
_AFTERWARDS = 20.0
"""Seconds of waiting still to be expected where nobody has accepted within all of these moments."""
_LEAST_CHANCE = 1e-3
"""Of anybody: a phone is never quite hopeless."""
_SWEEPS = 6
_AT_ONCE = 0.1
"""Of a moment: what the carrier starts within that is started in this one."""
_Z: Curve = np.linspace(-6, 6, 1201)
_SHIFTED = np.maximum(MOMENTS + np.arange(MOMENTS)[None, :] - np.arange(NEVER + 1)[:, None], 0)
_SHIFTED[NEVER] = 0
"""Where each moment of each shifted row lies in a curve with so many moments of silence before it."""
_NORMAL: Curve = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in _Z])


class StartTimes:
    """The start times of some candidates, weighed against each other on a grid of moments."""

    def __init__(
        self,
        free: Sequence[Chance],
        ringing: Sequence[tuple[Chance, float]],
        starts: Sequence[float],
        ring_worth: float,
        milestones: Sequence[tuple[float, float]] = (),
    ) -> None:
        """`free` are the candidates in order, `ringing` those that have been silent for so many seconds.

        `starts` says in how many seconds each candidate would ring if all were asked for now: the carrier's pace.
        `milestones` are (seconds from now, what missing it is worth in rings); those past or out of sight do not count.
        """
        self._free = free
        self._base: Curve = np.ones(MOMENTS)
        for (accepts, delay), seconds in ringing:
            self._base *= (1 - accepts * _heard(delay, seconds)) / (1 - accepts * delay.by(seconds))
        self._own: list[Curve] = []
        self._alone = not ringing
        self._earliest = [min(math.ceil(start / STEP - _AT_ONCE), NEVER) for start in starts]
        self._gaps = [0, *(after - before for before, after in pairwise(self._earliest))]
        self._wait = np.full(MOMENTS, STEP / max(ring_worth, 1e-3))
        self._wait[0] /= 2
        # Who is found by nobody until then needs further rings as well: without them, putting off would seem free.
        likeliest = max(_LEAST_CHANCE, *(accepts for accepts, _ in free))
        self._wait[-1] += _AFTERWARDS / max(ring_worth, 1e-3) + 1 / likeliest
        for seconds, worth in milestones:
            moment, between = divmod(seconds / STEP, 1)
            if seconds >= 0 and moment + 1 < MOMENTS:
                self._wait[int(moment)] += worth * (1 - between)
                self._wait[int(moment) + 1] += worth * between

    def nobody(self, starts: list[int]) -> Curve:
        """The chance that nobody has accepted, at each moment."""
        total = self._base.copy()
        for number, start in enumerate(starts):
            if start < NEVER:
                total *= self._silence_of(number)[start]
        return total

    def due_now(self, starts: list[int]) -> int:
        """How many, from the first on, are to be started as soon as the carrier can."""
        now = [start <= earliest for start, earliest in zip(starts, self._earliest, strict=True)]
        return now.index(False) if False in now else len(now)

    def descend(self, starts: list[int], target: int, penalty: float) -> list[int]:
        """Better start times: each in turn is put where the whole costs least, until nothing moves any more.

        Starts keep the order of the candidates: who comes after the first that is never started is not looked at.
        """
        starts = list(starts)
        total = self.nobody(starts)
        weights = self._wait.copy()
        weights[target] += penalty
        for start in starts:
            if start == NEVER:
                break
            weights[start] += 1.0  # each start counts as a ring as far as nobody has accepted by then
        settled: set[int] = set()  # weighed since anything moved: weighed again they would stay
        for sweep in range(_SWEEPS):
            before = list(starts)
            number, way = (0, 1) if sweep % 2 == 0 else (min(_until_never(starts), len(starts) - 1), -1)
            while 0 <= number < len(starts):
                was = starts[number]
                first, last = self._room(starts, number)
                if number not in settled and not first == last == was:
                    own = self._silence_of(number)
                    others = total
                    if was < NEVER:
                        others = total / own[was]
                        weights[was] -= 1.0
                    now = starts[number] = _cheapest(own, others, weights, first, last)
                    total = others
                    if now < NEVER:
                        weights[now] += 1.0
                        total = others * own[now]
                    if now != was:
                        settled.clear()
                settled.add(number)
                if way > 0 and starts[number] == NEVER:
                    break
                number += way
            if starts == before:
                break
        return starts

    def _silence_of(self, number: int) -> Curve:
        """Row s: the chance that this phone, started at moment s, is silent at each moment."""
        while len(self._own) <= number:
            accepts, delay = self._free[len(self._own)]
            self._own.append(1 - accepts * _shifted(delay))
        return self._own[number]

    def _room(self, starts: list[int], number: int) -> tuple[int, int]:
        """The first and the last moment for one start: after the one before it and before the next, at the pace."""
        first, last = self._earliest[number], NEVER
        if number == 0 and self._alone:
            return first, first  # while nothing rings, the first rings at once at any price
        if number:
            first = min(max(first, starts[number - 1] + self._gaps[number]), NEVER)
        if number + 1 < len(starts) and starts[number + 1] < NEVER:
            last = max(first, starts[number + 1] - self._gaps[number + 1])
        return first, last


def _cheapest(own: Curve, others: Curve, weights: Curve, first: int, last: int) -> int:
    """The moment for one start, from `first` to `last`, at which waiting and rings together cost least."""
    if first == last:
        return first
    cost = own[first : last + 1] @ (others * weights)
    cost[: NEVER - first] += others[first : min(last + 1, NEVER)]
    return first + int(cost.argmin())


def _until_never(starts: list[int]) -> int:
    return starts.index(NEVER) if NEVER in starts else len(starts)


def _heard(delay: Delay, already: float) -> Curve:
    """F(already + t) at each moment t."""
    seconds = np.maximum(_TIMES + already, 1e-9)
    heard: Curve = np.interp(np.log(seconds / delay.median) / delay.spread, _Z, _NORMAL)
    return heard


@lru_cache(maxsize=256)
def _shifted(delay: Delay) -> Curve:
    """Row s: F as it looks when the phone starts at moment s; the last row: when it never does. Most share it."""
    padded = np.zeros(2 * MOMENTS)
    padded[MOMENTS:] = _heard(delay, 0.0)
    rows: Curve = padded[_SHIFTED]
    return rows
