"""The model in which ways of ringing are compared, one request each, and what a way of ringing does in it, exactly.

15 candidates; each accepts with a chance drawn from Beta(2, 2); who accepts does so after a lognormal delay with median
7 s (spread 0.5) from the first ring; a phone rings for at most 22 s; 9 s of a request are not ringing. Nothing is
learned on the way but silence, so a strategy's whole course is known from asking `plan` again and again while everybody
stays silent, as the search does, and whenever a phone has rung in vain; the distribution of the acceptance is then
exact, and only the candidates are drawn.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from dispatch.answering import Delay, PastOffer, Pool, learn
from dispatch.ring_plan import Aim, Pace, Phone, Ringing, Strategy, plan

Curve = npt.NDArray[np.float64]

CANDIDATES = 15
RINGS_FOR = 22.0
"""Seconds; with it one-by-one shows the p90 of 37 s that the model is known by."""
FIXED_SECONDS = 9.0
DELAY = Delay(7.0, 0.5)
AT_ONCE = 1e9
"""Calls a second where the carrier does not pace."""
DT = 0.1
TIMES: Curve = np.arange(0, 90, DT)
ACCEPTED: Curve = np.array([DELAY.by(min(t, RINGS_FOR)) for t in TIMES])
NO_TARGET = Aim(1.0, 0.0)
_NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Setting:
    """One strategy with its numbers."""

    name: str
    strategy: Strategy
    aim: Aim = NO_TARGET
    roster_order: bool = False
    """Rings in the order of the roster, as ring groups of telephone systems do, and knows no chances; everybody else
    is lent our order, the likelier first."""


@dataclass(frozen=True)
class Candidates:
    """One request's candidates: the truth, and what the planner is told."""

    chances: tuple[float, ...]
    phones: tuple[Phone, ...]


@dataclass(frozen=True)
class Each:
    """The same for each request by itself: the curves (requests x moments), and phones rung."""

    silent: npt.NDArray[np.float32]
    rings: Curve


@dataclass(frozen=True)
class Outcome:
    """What a setting did over all requests: the chance that nobody has accepted, at each moment, and phones rung."""

    name: str
    silent: Curve
    rings: float
    each: Each | None = None

    def quantile(self, share: float) -> float:
        """Seconds until the interpreter speaks for that share of requests; infinite where fewer get one at all."""
        return FIXED_SECONDS + crossing(self.silent, share)

    @property
    def mean(self) -> float:
        """Mean seconds, those who get nobody counted with the whole minute and a half."""
        return FIXED_SECONDS + float(self.silent.sum()) * DT


def crossing(silent: Curve, share: float) -> float:
    """Seconds of ringing after which that share has been accepted."""
    if silent[-1] > 1 - share:
        return math.inf
    return float(np.interp(-(1 - share), -silent, TIMES))


def draw(count: int, seed: int, past_offers: int, hours_differ: float = 0.0) -> list[Candidates]:
    """`count` requests; with `past_offers` of each interpreter the planner knows only those.

    With `hours_differ` each request comes at its own hour, at which everybody is likelier or less likely to answer: the
    logits of its candidates move together by a normal draw with that standard deviation.
    """
    dice = random.Random(seed)
    drawn = []
    for _ in range(count):
        moved = dice.gauss(0.0, hours_differ) if hours_differ else 0.0
        odds = (dice.betavariate(2, 2) for _ in range(CANDIDATES))
        drawn.append(tuple(1 / (1 + (1 - p) / p * math.exp(-moved)) for p in odds))
    if not past_offers:
        return [Candidates(p, tuple(Phone(str(n), chance, DELAY) for n, chance in enumerate(p))) for p in drawn]
    made = []
    for chances in drawn:
        history = [
            PastOffer(str(n), _NOON - timedelta(days=1 + k % 60), dice.random() < chance, 7.0)
            for n, chance in enumerate(chances)
            for k in range(past_offers)
        ]
        answers = learn(history, half_life=timedelta(days=10_000))
        pool = Pool(usual=DELAY)
        phones = tuple(Phone(str(n), pool.accepts(answers[str(n)], _NOON), DELAY) for n in range(CANDIDATES))
        made.append(Candidates(chances, phones))
    return made


def course(setting: Setting, candidates: Candidates, per_second: float) -> list[tuple[float, int]]:
    """When each phone starts while everybody stays silent: (seconds, number of the candidate)."""
    phones = candidates.phones
    if setting.roster_order:
        phones = tuple(replace(phone, accepts=0.5, group=n) for n, phone in enumerate(phones))
    starts: list[tuple[float, int]] = []
    now, free_at = 0.0, 0.0
    rung: set[str] = set()
    while now < 60.0:
        ringing = [Ringing(phones[n], now - s) for s, n in starts if now - s < RINGS_FOR]
        left = [phone for phone in phones if phone.interpreter_id not in rung]
        queued = sum(one.seconds < 0 for one in ringing)
        planned = plan(setting.strategy, left, ringing, now, setting.aim, Pace(per_second, queued))
        for interpreter_id in planned.ring:
            at = max(now, free_at)
            free_at = at + 1 / per_second
            starts.append((at, int(interpreter_id)))
            rung.add(interpreter_id)
        if len(rung) == CANDIDATES:
            break
        # A phone that stops ringing is news too: the search is asked again at once.
        stops = [at + RINGS_FOR - now for at, _ in starts if at + RINGS_FOR > now]
        now += min([*stops, planned.look_again or math.inf, 60.0])
    return starts


def evaluate(setting: Setting, requests: Sequence[Candidates], per_second: float, keep: bool = False) -> Outcome:
    """The exact outcome of one setting, averaged over the requests; `keep` for each of them too."""
    total = np.zeros_like(TIMES)
    rings, each = np.zeros(len(requests)), list[Curve]()
    for place, candidates in enumerate(requests):
        silent = np.zeros_like(TIMES)
        starts = course(setting, candidates, per_second)
        for at, number in starts:
            shift = round(at / DT)
            if shift < len(TIMES):
                silent[shift:] += np.log1p(-candidates.chances[number] * ACCEPTED[: len(TIMES) - shift])
        nobody = np.exp(silent)
        rings[place] = sum(float(nobody[round(at / DT)]) for at, _ in starts if round(at / DT) < len(TIMES))
        total += nobody
        each += [nobody] if keep else []
    kept = Each(np.array(each, dtype=np.float32), rings) if keep else None
    return Outcome(setting.name, total / len(requests), float(rings.mean()), kept)
