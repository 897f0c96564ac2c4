"""How likely an interpreter is to take a call now, and how soon: learned from past offers, by hour.

Plain values and functions. An interpreter with no history is taken for an average one at that hour; every answered or
missed call moves the estimate, and old calls count less and less. The formulas stand at `Pool.accepts`.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from operator import mul

from pydantic_core import from_json

HOURS = 48
"""Buckets of time: the 24 hours of working days, then those of weekends. A week's 168 hours would stay empty: most
interpreters are rung a few times a week."""

_DAY = timedelta(days=1)

_REMEMBERED = 10_000
"""Chances kept until they are all forgotten: those of the first pages of every language, about 8 MB."""


@dataclass(frozen=True)
class Delay:
    """Seconds from the first ring to the key that accepts, listening to the question included: lognormal.

    The default, 7 s in the middle with nine in ten between 3 and 16, is a phone picked up at the second or third ring
    and a question of one sentence interrupted by the key. It is replaced by what is measured (`Pool.delay`).
    """

    median: float = 7.0
    spread: float = 0.5
    """Standard deviation of the logarithm."""

    def by(self, seconds: float) -> float:
        """The chance that somebody who will accept has done so within `seconds`."""
        if seconds <= 1e-6:
            return 0.0
        return 0.5 * math.erfc(-math.log(seconds / self.median) / (self.spread * math.sqrt(2)))

    def quantile(self, share: float) -> float:
        """Seconds within which that share (between 0 and 1) of those who will accept have done so."""
        low, high = -8.0, 8.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if 0.5 * math.erfc(-middle / math.sqrt(2)) < share else (low, middle)
        return self.median * math.exp(self.spread * low)


@dataclass(frozen=True)
class Tally:
    """Offers made and accepted, as weights: old ones and half-rung ones count for less than one."""

    offered: float = 0.0
    accepted: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.offered + other.offered, self.accepted + other.accepted)

    def times(self, factor: float) -> "Tally":
        """Both weights multiplied."""
        return Tally(self.offered * factor, self.accepted * factor)


Counts = tuple[list[int], list[float], list[float]]
"""Buckets of time, and what was offered and accepted in each (`Tally`), as plain numbers side by side."""


@dataclass(frozen=True)
class PastOffer:
    """One offer that has ended. `at` is in the interpreter's own time zone; their hour is what matters."""

    interpreter_id: str
    at: datetime
    accepted: bool
    seconds: float
    """How long it rang or talked before it was answered, declined, missed or withdrawn."""
    withdrawn: bool = False
    """Somebody else was quicker, or the request ended: this says little about the interpreter."""


@dataclass(frozen=True)
class Answers:
    """What one interpreter's past offers say, as of `as_of`. Small enough to be kept as one row."""

    hours: Mapping[int, Tally] = field(default_factory=dict)
    """By bucket of `hour_of`."""
    delays: float = 0.0
    """How many accepted offers the delay is known from, as a weight."""
    log_delay: float = 0.0
    """Sum of the logarithms of their seconds."""
    log_delay_squared: float = 0.0
    as_of: datetime | None = None

    @property
    def total(self) -> Tally:
        """All hours together."""
        return sum(self.hours.values(), Tally())

    def counts(self) -> Counts:
        """Hours with what was offered and accepted in them, as plain numbers."""
        tallies = self.hours.values()
        return list(self.hours), [tally.offered for tally in tallies], [tally.accepted for tally in tallies]

    def packed(self) -> str:
        """As one short line of JSON for the store; a tenth of the time of a general serialiser, for every candidate."""
        hours, offered, accepted = self.counts()
        columns = [hours, [round(one, 4) for one in offered], [round(one, 4) for one in accepted]]
        as_of = self.as_of.isoformat() if self.as_of else None
        told = [as_of, self.delays, self.log_delay, self.log_delay_squared, *columns]
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def unpacked(cls, line: str) -> "Answers":
        """The answers again from `packed`."""
        as_of, delays, log, squared, *_ = from_json(line)
        hours = {hour: Tally(offered, accepted) for hour, offered, accepted in zip(*counts_of(line), strict=True)}
        return cls(hours, delays, log, squared, datetime.fromisoformat(as_of) if as_of else None)

    def aged(self, now: datetime, half_life: timedelta) -> "Answers":
        """The same, with every weight halved for each `half_life` that has passed."""
        if self.as_of is None or now <= self.as_of:
            return self
        factor = 0.5 ** ((now - self.as_of) / half_life)
        hours = {hour: tally.times(factor) for hour, tally in self.hours.items()}
        delays = (self.delays * factor, self.log_delay * factor, self.log_delay_squared * factor)
        return Answers(hours, *delays, as_of=now)

    def after(self, offer: PastOffer, half_life: timedelta, usual: Delay = Delay()) -> "Answers":
        """With one more offer. A withdrawn one counts as refused only as far as it had time to be accepted.

        Silence for c seconds has likelihood 1 - p F(c), which is close to (1 - p) ** F(c): F(c) of a refusal.
        """
        aged = self.aged(offer.at, half_life)
        weight = usual.by(offer.seconds) if offer.withdrawn and not offer.accepted else 1.0
        hour = hour_of(offer.at)
        tally = aged.hours.get(hour, Tally()) + Tally(weight, float(offer.accepted))
        grown = replace(aged, hours={**aged.hours, hour: tally}, as_of=max(offer.at, aged.as_of or offer.at))
        if not offer.accepted or offer.seconds <= 0:
            return grown
        log = math.log(offer.seconds)
        return replace(
            grown,
            delays=grown.delays + 1,
            log_delay=grown.log_delay + log,
            log_delay_squared=grown.log_delay_squared + log * log,
        )


@dataclass(frozen=True)
class Pool:
    """Everybody's answers together: the prior for each interpreter. Worked out once in a while, not per request."""

    rate: float = 0.5
    """The share of all offers that were accepted."""
    hours: Mapping[int, float] = field(default_factory=dict)
    """That share by bucket, drawn towards `rate` where there were few offers."""
    strength: float = 4.0
    """How alike interpreters are: a stranger counts as one who was offered this many calls at the usual rate.
    4 with a rate of one half is Beta(2, 2)."""
    hour_strength: float = 8.0
    """The same for one interpreter's hours: so many offers within an hour outweigh what is known of the rest."""
    usual: Delay = field(default_factory=Delay)

    @classmethod
    def of(cls, everybody: Iterable[Answers], default: "Pool | None" = None) -> "Pool":
        """The prior, from the counts of all interpreters (empirical Bayes); `default` holds where there are too few.

        Both strengths are found by moments: where n offers each have a true rate from Beta(m k, (1 - m) k), the number
        accepted has variance n m (1 - m) (1 + (n - 1) / (k + 1)), so what is seen beyond n m (1 - m) tells k.
        """
        default = default or cls()
        people = [one for one in everybody if one.total.offered > 0]
        total = sum((one.total for one in people), Tally())
        rate = (total.accepted + default.strength * default.rate) / (total.offered + default.strength)
        by_hour: dict[int, Tally] = {}
        for one in people:
            for hour, tally in one.hours.items():
                by_hour[hour] = by_hour.get(hour, Tally()) + tally
        drawn = 20.0
        hours = {h: (tally.accepted + drawn * rate) / (tally.offered + drawn) for h, tally in by_hour.items()}
        cells = [(one.total, rate) for one in people]
        pool = cls(
            rate, hours, _strength(cells, default.strength), default.hour_strength, _usual(people, default.usual)
        )
        cells = [
            (tally, pool._expects(counts, hour))
            for one, counts in ((one, one.counts()) for one in people)
            for hour, tally in one.hours.items()
        ]
        return replace(pool, hour_strength=_strength(cells, default.hour_strength))

    def at(self, hour: int) -> float:
        """The share that everybody together accepts at that hour."""
        return self.hours.get(hour, self.rate)

    def accepts(self, answers: Answers, now: datetime) -> float:
        """P(accept) of one interpreter at `now` (in their own time zone): posterior mean of a Beta, in two steps.

        1. The person against the usual: of n offers they accepted a where everybody would have accepted
           e = sum of the pool's share at those hours; person = (a + k rate') / (n + k), with k the pool's `strength`
           and rate' = (e + k rate) / (n + k), what a stranger would show at these hours.
        2. This hour: the pool's share there, moved on the logit scale by how the person differs from rate', is the
           prior mean m; with a_h of n_h offers accepted in this bucket, P = (a_h + g m) / (n_h + g), g `hour_strength`.

        With no history this is the pool's share at that hour. Always strictly between 0 and 1.
        """
        return self.chance(answers.counts(), hour_of(now))

    def accepts_packed(self, packed: str, hour: int) -> float:
        """The same from packed answers ("" for none). Remembered: they change only when somebody has been rung."""
        reckoned = self._reckoned
        found = reckoned.get((packed, hour))
        if found is None:
            if len(reckoned) >= _REMEMBERED:
                reckoned.clear()
            found = reckoned[packed, hour] = self.chance(counts_of(packed), hour)
        return found

    def chance(self, counts: Counts, hour: int) -> float:
        """The same from the bare counts (`counts_of`) and the bucket of the hour where they live."""
        hours, offered, accepted = counts
        here = hours.index(hour) if hour in hours else None
        mean = self._expects(counts, hour)
        if here is None:
            return _inside(mean)
        return _inside((accepted[here] + self.hour_strength * mean) / (offered[here] + self.hour_strength))

    def _expects(self, counts: Counts, hour: int) -> float:
        """Step 1, and the prior mean of step 2."""
        hours, offered, accepted = counts
        if not hours:
            return _inside(self.at(hour))  # a stranger
        told = sum(offered)
        expected = sum(map(mul, offered, map(self._shares.__getitem__, hours)))
        usual = (expected + self.strength * self.rate) / (told + self.strength)
        person = (sum(accepted) + self.strength * usual) / (told + self.strength)
        return _from_logit(_logit(self.at(hour)) + _logit(person) - _logit(usual))

    @cached_property
    def _reckoned(self) -> dict[tuple[str, int], float]:
        return {}

    @cached_property
    def _shares(self) -> list[float]:
        """What everybody together accepts, by bucket."""
        return [self.at(hour) for hour in range(HOURS)]

    def delay(self, answers: Answers) -> Delay:
        """How soon this interpreter accepts: the median of their own delays, drawn towards the pool's like 20 of them.

        Only the quick are seen where several phones ring, so a person's own delays are believed slowly.
        """
        drawn = 20.0
        log = (answers.log_delay + drawn * math.log(self.usual.median)) / (answers.delays + drawn)
        return Delay(math.exp(log), self.usual.spread)


def counts_of(packed: str) -> Counts:
    """The counts within packed answers; none of "". All that a search needs of them, in a tenth of the time."""
    if not packed:
        return [], [], []
    counts = from_json(packed)[4:]
    if len(counts) == 1:  # written before version 0007: hour, offered and accepted of each hour together
        counts = [list(column) for column in zip(*counts[0], strict=True)] or [[], [], []]
    hours, offered, accepted = counts
    return hours, offered, accepted


def hour_of(local: datetime) -> int:
    """The bucket of a moment in the interpreter's own time zone: 0 to 23 on working days, 24 to 47 on weekends."""
    return local.hour + (24 if local.weekday() >= 5 else 0)


def learn(
    history: Iterable[PastOffer],
    half_life: timedelta = 60 * _DAY,
    usual: Delay = Delay(),
) -> dict[str, Answers]:
    """Every interpreter's answers from a history in any order, by interpreter id.

    `half_life` of 60 days: habits change with jobs and seasons, and two months hold some tens of offers.
    """
    known: dict[str, Answers] = {}
    for offer in sorted(history, key=lambda one: one.at):
        known[offer.interpreter_id] = known.get(offer.interpreter_id, Answers()).after(offer, half_life, usual)
    return known


def _strength(cells: list[tuple[Tally, float]], default: float) -> float:
    """How many offers the prior is worth, from counts and the share expected of each; `default` where they are few."""
    cells = [(tally, mean) for tally, mean in cells if tally.offered > 1.5]
    if len(cells) < 20:
        return default
    chance = [tally.offered * mean * (1 - mean) for tally, mean in cells]
    seen = sum((tally.accepted - tally.offered * mean) ** 2 for tally, mean in cells)
    more = sum(draw * (tally.offered - 1) for draw, (tally, _) in zip(chance, cells, strict=True))
    share = (seen - sum(chance)) / more
    return min(max(1 / max(share, 1e-6) - 1, 1.0), 100.0)


def _usual(people: list[Answers], default: Delay) -> Delay:
    count = sum(one.delays for one in people)
    drawn = 30.0
    mean = (sum(one.log_delay for one in people) + drawn * math.log(default.median)) / (count + drawn)
    squares = sum(one.log_delay_squared for one in people)
    about = squares - 2 * mean * sum(one.log_delay for one in people) + count * mean * mean
    variance = (max(about, 0.0) + drawn * default.spread**2) / (count + drawn)
    return Delay(math.exp(mean), min(max(math.sqrt(variance), 0.2), 1.5))


def _inside(share: float) -> float:
    return min(max(share, 0.001), 0.999)


def _logit(share: float) -> float:
    inside = _inside(share)
    return math.log(inside / (1 - inside))


def _from_logit(value: float) -> float:
    return 1 / (1 + math.exp(-value))
