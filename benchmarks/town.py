"""A made-up town for the simulator: when people ask, in which languages, who is on call, and how phones are answered.

Everything is drawn from one seed, and apart from any strategy: the same requests arrive and the same phone would be
answered in the same way whoever is asked first, so strategies differ by what they do alone.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from dispatch.answering import PastOffer
from dispatch.people import Availability, Interpreter, PhoneNumber, Role, Skill
from dispatch.request import Channel, Urgency

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday. The town's clock is UTC."""

# Arrivals by hour. Lincoln, Nebraska, published its police dispatches by weekday and hour (Chief T. Casady, "The hour
# of power", lpd304.blogspot.com, 28 August 2009): on working days the hour from 4 to 5 in the afternoon is the busiest,
# and by far the busiest single hours of the week are 1 to 2 in the night to Saturday and to Sunday, when bars close.
# The heights are ours, smoothed, with the low before dawn that dispatch centres report; relative to a mean of about 1.
WEEKDAY = (
    0.62, 0.50, 0.42, 0.36, 0.33, 0.38, 0.52, 0.80, 1.02, 1.12, 1.18, 1.25,
    1.28, 1.32, 1.38, 1.50, 1.60, 1.52, 1.40, 1.30, 1.24, 1.16, 1.00, 0.82,
)  # fmt: skip
WEEKEND = (
    1.50, 2.10, 1.25, 0.70, 0.45, 0.38, 0.42, 0.55, 0.72, 0.90, 1.02, 1.10,
    1.15, 1.18, 1.20, 1.24, 1.28, 1.28, 1.26, 1.26, 1.30, 1.34, 1.36, 1.40,
)  # fmt: skip

LANGUAGES = (
    "spa hat por kea vie cmn rus arb fra khm som yue pol pes prs pus kor amh tgl quc mam sqi ukr urd hin ben guj swh"
    " tir tur kek nep mya kmr lin wol hau"
).split()
"""By demand. The share of the r-th is 1 / r ** 1.3: the first has about a third, the last twenty a tenth together."""
_SKEW = 1.3

URGENCY = ((Urgency.ROUTINE, 0.78), (Urgency.URGENT, 0.17), (Urgency.EMERGENCY, 0.05))
_OFFICERS = 0.55
"""The share who text; the others call the hotline."""

DAY, EVENING, NIGHT, ALWAYS = "day", "evening", "night", "always"
_PRESENT = {DAY: (8, 18), EVENING: (14, 24), NIGHT: (22, 8), ALWAYS: (0, 24)}


@dataclass(frozen=True)
class Asking:
    """One person who will ask."""

    id: str
    at: float
    """Seconds from the start."""
    language: str
    role: Role
    channel: Channel
    urgency: Urgency
    patience: float
    """Seconds without an interpreter after which they give up. Exponential, mean 4 minutes on the phone and 10 by text:
    callers of service lines wait longer the more it matters (Brown et al. 2005 found means of several minutes)."""
    talk: float
    """Seconds of the session: lognormal, mean about 9 minutes, as telephone interpreting companies report 8 to 10."""
    speaks: float
    """Seconds of greeting and first sentences for a caller."""
    picks_up: float
    """Seconds until an officer's phone is answered."""


@dataclass(frozen=True)
class Habits:
    """How one interpreter's phone is answered."""

    accepts: float
    median: float
    declines: float
    """Of the calls not accepted, the share declined by key; the others ring out or end in a mailbox."""
    shift: str

    def chance(self, local: datetime) -> float:
        """P(accept) at that hour: people who are on call at all hours sleep at night and answer most in the evening."""
        odds = math.log(self.accepts / (1 - self.accepts))
        if self.shift == ALWAYS:
            odds += -1.6 if local.hour < 7 or local.hour >= 23 else 0.4 if local.hour >= 17 else -0.2
        return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True)
class Answered:
    """What becomes of one ring."""

    how: str
    """accepts | declines | silent | mailbox."""
    seconds: float


class TownSize(TypedDict, total=False):
    """What makes one town another: the arguments of `Town`."""

    per_day: float
    interpreters: int
    skew: float
    fewest: int


TOWNS: dict[str, TownSize] = {
    "city": {},
    "long tail": {"per_day": 160.0, "interpreters": 90, "skew": 0.5, "fewest": 1},
}
"""A city of 500 requests a day with 260 interpreters, Spanish a third of all; and a county of many small communities,
160 a day: the first language has less than a tenth, a third of all requests are for the last twenty, each with one to
three interpreters. Relay and resettlement programmes see such tails; the numbers are ours."""


class Town:
    """People and interpreters, drawn from `seed`. `scale` multiplies demand."""

    def __init__(
        self,
        seed: int,
        days: float,
        scale: float,
        per_day: float = 500.0,
        interpreters: int = 260,
        skew: float = _SKEW,
        fewest: int = 2,
    ) -> None:
        """`per_day` requests and so many `interpreters`, at least `fewest` for each language; the r-th language has a
        share of 1 / r ** `skew`: the lower, the longer the tail."""
        self.seed = seed
        self.seconds = days * 86_400
        self._dice = random.Random(seed)
        weights = [1 / (rank + 1) ** skew for rank in range(len(LANGUAGES))]
        self._fewest = fewest
        self.share = {code: weight / sum(weights) for code, weight in zip(LANGUAGES, weights, strict=True)}
        self._per_day = per_day * scale
        self.habits: dict[str, Habits] = {}
        self.roster = tuple(self._interpreters(interpreters))
        self.asking = tuple(self._arrivals())

    # -- demand --------------------------------------------------------------------------------------------------------

    def rate(self, at: datetime) -> float:
        """Requests a second at that moment."""
        # The nights to Saturday and to Sunday are the weekend's: its first hours stand at the head of its table.
        table = WEEKEND if at.weekday() >= 5 else WEEKDAY
        return self._per_day / 86_400 * table[at.hour]

    def _arrivals(self) -> Iterator[Asking]:
        """A Poisson process whose rate follows the hour, by thinning."""
        dice = random.Random(f"{self.seed} arrivals")
        highest = self._per_day / 86_400 * max(*WEEKDAY, *WEEKEND)
        codes, shares = list(self.share), list(self.share.values())
        at, number = 0.0, 0
        while (at := at + dice.expovariate(highest)) < self.seconds:
            if dice.random() > self.rate(START + timedelta(seconds=at)) / highest:
                continue
            number += 1
            officer = dice.random() < _OFFICERS
            yield Asking(
                id=f"r{number}",
                at=at,
                language=dice.choices(codes, shares)[0],
                role=Role.OFFICER if officer else Role.COMMUNITY,
                channel=Channel.TEXT if officer else Channel.VOICE,
                urgency=dice.choices([u for u, _ in URGENCY], [w for _, w in URGENCY])[0],
                patience=30 + dice.expovariate(1 / (600 if officer else 240)),
                talk=dice.lognormvariate(math.log(420), 0.7),
                speaks=dice.lognormvariate(math.log(7), 0.2),
                picks_up=dice.lognormvariate(math.log(3), 0.4),
            )

    # -- supply --------------------------------------------------------------------------------------------------------

    def _interpreters(self, count: int) -> Iterator[Interpreter]:
        """As many for each language as its demand's square root asks for; some have a second language."""
        dice = self._dice
        roots = {code: math.sqrt(share) for code, share in self.share.items()}
        number = 0
        for code, root in roots.items():
            for _ in range(max(self._fewest, round(count * root / sum(roots.values())))):
                number += 1
                spoken = [code, *([dice.choice(LANGUAGES)] if dice.random() < 0.2 else [])]
                skills = tuple(Skill(one, dice.choice((3, 4, 4, 5))) for one in dict.fromkeys(spoken))
                phone = PhoneNumber(f"+1617555{number:04d}")
                tier = dice.choices((1, 2, 3), (0.2, 0.4, 0.4))[0]
                shift = ALWAYS if tier == 3 or code not in LANGUAGES[:8] else dice.choice((DAY, EVENING, NIGHT, DAY))
                self.habits[f"i{number}"] = Habits(
                    accepts=min(max(dice.betavariate(2, 2), 0.03), 0.97),
                    median=dice.lognormvariate(math.log(7), 0.25),
                    declines=dice.uniform(0.1, 0.5),
                    shift=shift,
                )
                on = Availability.ON if self.present(f"i{number}", START) else Availability.OFF
                yield Interpreter(
                    f"i{number}", str(number), f"Interpreter {number}", phone, skills, tier, availability=on
                )

    def present(self, interpreter_id: str, at: datetime) -> bool:
        """Whether their shift runs."""
        first, last = _PRESENT[self.habits[interpreter_id].shift]
        return first <= at.hour < last if first < last else at.hour >= first or at.hour < last

    def hours_on_call(self, interpreter_id: str) -> float:
        """Hours of the whole time that they are on call."""
        return sum(self.present(interpreter_id, START + timedelta(hours=h)) for h in range(round(self.seconds / 3600)))

    def answered(self, request_id: str, interpreter_id: str, attempt: int, at: datetime) -> Answered:
        """What becomes of that ring; the same whichever strategy rings."""
        habits = self.habits[interpreter_id]
        dice = random.Random(f"{self.seed} {request_id} {interpreter_id} {attempt}")
        chance, rest, seconds = dice.random(), dice.random(), dice.lognormvariate(math.log(habits.median), 0.5)
        if chance < habits.chance(at):
            return Answered("accepts", seconds)
        if rest < habits.declines:
            return Answered("declines", seconds)
        return Answered("mailbox", 22.0) if rest > 0.7 else Answered("silent", 25.0)

    def history(self, each: int = 40) -> Iterator[PastOffer]:
        """Past offers of every interpreter over the eight weeks before the start, at hours when they were on call."""
        dice = random.Random(f"{self.seed} history")
        for interpreter in self.roster:
            made = 0
            while made < each:
                at = START - timedelta(seconds=dice.uniform(0, 56 * 86_400))
                if not self.present(interpreter.id, at):
                    continue
                made += 1
                result = self.answered(f"past {made}", interpreter.id, made, at)
                yield PastOffer(interpreter.id, at, result.how == "accepts", result.seconds)
