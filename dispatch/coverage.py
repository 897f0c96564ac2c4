"""Expected demand against on-call supply, hour by hour, and the chance that nobody answers. Plain functions.

Demand (`learn_demand`). Requests of past weeks, a week's weight halved for every four weeks, counted by language and
hour of the agency's week. Small counts are drawn towards what the language's total and the common shape of the week
make likely (Gamma-Poisson shrinkage of relative risks; Clayton and Kaldor 1987, Biometrics 43:671): where a rate of m
is likely, c requests were counted in n effective weeks, and rates differ from the likely ones by Gamma(k, k), the rate
is m (k + c) / (k + n m). k is found by moments from all cells. Each language is then scaled to its own weekly total.

Supply (`Speaker`). The share of each hour in which an interpreter may be rung, times the chance that they accept then
(`answering`), times the chance that they do so within the target, given when the carrier starts the call to them.

Gap (`cover`). Each interpreter would answer in this hour with that chance r, independently, so the number S who would
is Poisson-binomial. Given S = s, a request finds all of them in a session with Erlang's loss probability B(s, a), a the
offered load in Erlangs (requests an hour times the hours that a session and its wrap-up take; Erlang 1917). So

    P(nobody answers within the target) = sum over s of P(S = s) B(s, a),      B(0, a) = 1.

With little demand this is the product of (1 - r); with interpreters who always answer it is Erlang B.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from dispatch import related
from dispatch.answering import Delay

Array = npt.NDArray[Any]
"""One figure for every hour looked at."""

WEEK_HOURS = 168
HALF_LIFE_WEEKS = 4.0
"""Habits change with seasons; four weeks weigh the last month about as much as all before it."""
USUAL_STRENGTH = 2.0
"""k where there is too little to tell: a rate is usually within 70 % of the likely one (1 / √k)."""
SESSION_MINUTES = 12.0
"""Assumed length of a session until the agency's own are known (worth twenty of them)."""
NOT_RINGING_SECONDS = 9.0
"""Of the target, what is not ringing: recognising the words, joining the phones (as in `ring_plan.AIMS`)."""
COVERED, THIN = 0.10, 0.50
"""Up to one miss in ten the 90 % target is kept; beyond one in two an hour is called a gap."""
_MOST = 12
"""Interpreters who answer at once; more are counted as so many."""
_NOBODY = 0.02
_WEEK = timedelta(weeks=1)
_BUSIEST = 0.95
"""Most of their time that interpreters are taken to be busy with other languages."""


@dataclass(frozen=True)
class Demand:
    """Expected requests an hour, by language and hour of the agency's week (0 is Monday, midnight)."""

    rates: Mapping[str, tuple[float, ...]]
    weeks: float = 0.0
    """Effective weeks of history."""
    strength: float = USUAL_STRENGTH
    """k: how alike an hour is to what language and time of the week make likely."""

    def at(self, language: str, local: datetime) -> float:
        """Requests expected in the hour that begins then, by the agency's clock."""
        rates = self.rates.get(language)
        return rates[hour_of_week(local)] if rates else 0.0

    def over(self, hours: Sequence[datetime], zone: ZoneInfo) -> dict[str, Array]:
        """The same for each of these hours, by language."""
        places = [hour_of_week(hour.astimezone(zone)) for hour in hours]
        return {language: np.array([rates[place] for place in places]) for language, rates in self.rates.items()}


@dataclass(frozen=True, eq=False)
class Speaker:
    """One interpreter, as far as coverage goes."""

    id: str
    languages: frozenset[str]
    english: bool
    """False: only one half of a relay."""
    tier: int
    reachable: Array
    """Share of each hour in which they may be rung."""
    answers: Array
    """The chance that they accept when rung then."""
    basis: str = ""
    """What `reachable` is known from, in words."""
    weekly_minutes: float | None = None
    """Most minutes of interpreting in a week; None: no limit."""


@dataclass(frozen=True)
class Terms:
    """What the formula needs besides people and demand."""

    minutes: float = SESSION_MINUTES
    """Of a session."""
    wrap_up_minutes: float = 2.0
    target: Callable[[str], float] = field(default=lambda language: 60.0)
    """Seconds within which an interpreter of that language should speak."""
    calls_per_second: float = 1.0
    """0: no limit."""
    delay: Delay = field(default_factory=Delay)

    def load(self, requests: Array) -> Array:
        """Requests an hour as Erlangs."""
        return np.asarray(requests * (self.minutes + self.wrap_up_minutes) / 60)


@dataclass(frozen=True, eq=False)
class Line:
    """One language over the hours looked at."""

    language: str
    expected: Array
    """Requests."""
    answering: Array
    """How many interpreters would answer in time, on average."""
    miss: Array
    """The chance that a request finds nobody who answers within the target."""
    relay: Array
    """The chance that two interpreters would answer who work together through a bridge language: second best."""
    bridge: str = ""
    """That language; "" where there is no such way."""

    @property
    def misses(self) -> Array:
        """Requests that are expected to be missed."""
        return np.asarray(self.expected * self.miss)

    def word(self, hour: int) -> str:
        """How that hour stands: covered, thin, gap or nobody."""
        if self.answering[hour] < _NOBODY:
            return "nobody"
        miss = self.miss[hour]
        return "covered" if miss <= COVERED else "thin" if miss <= THIN else "gap"


def hour_of_week(local: datetime) -> int:
    """0 for Monday from midnight to one, to 167."""
    return local.weekday() * 24 + local.hour


# -- demand ------------------------------------------------------------------------------------------------------------


def learn_demand(asked: Iterable[tuple[str, datetime]], since: datetime, now: datetime, zone: ZoneInfo) -> Demand:
    """Expected requests, from the languages and times of those made between `since` and `now`."""
    weights = [0.5 ** (number / HALF_LIFE_WEEKS) for number in range(max(-(-(now - since) // _WEEK), 1))]
    counts: dict[str, Array] = {}
    for language, at in asked:
        if since <= at < now:
            count = counts.setdefault(language, np.zeros(WEEK_HOURS))
            count[hour_of_week(at.astimezone(zone))] += weights[min((now - at) // _WEEK, len(weights) - 1)]
    exposure, squares = sum(weights), sum(weight * weight for weight in weights)
    if not counts:
        return Demand({}, exposure * exposure / squares)
    shape = week_shape(np.asarray(sum(counts.values())))
    weeks = exposure * exposure / squares
    means = {language: count.sum() / exposure * shape for language, count in counts.items()}
    counted = {language: count * exposure / squares for language, count in counts.items()}
    strength = _strength(np.array(list(counted.values())), weeks * np.array(list(means.values())))
    rates = {}
    for language, mean in means.items():
        drawn = mean * (strength + counted[language]) / (strength + weeks * mean)
        rates[language] = tuple(map(float, drawn * mean.sum() / drawn.sum()))
    return Demand(rates, weeks, strength)


def week_shape(counts: Array) -> Array:
    """The share of a week's requests that falls into each hour: the counts, drawn over the neighbouring hours (weights
    1 2 3 2 1) and, by half, over the same hour of all working days or of both weekend days; one request is spread
    evenly, so that no hour is impossible."""
    near = sum(weight * np.roll(counts, offset) for offset, weight in ((-2, 1), (-1, 2), (0, 3), (1, 2), (2, 1)))
    near = np.asarray(near) / 9
    days = near.reshape(7, 24)
    alike = np.vstack([np.tile(days[:5].mean(axis=0), (5, 1)), np.tile(days[5:].mean(axis=0), (2, 1))]).reshape(-1)
    drawn = (near + alike) / 2 + 1 / WEEK_HOURS
    return np.asarray(drawn / drawn.sum())


def _strength(counted: Array, expected: Array) -> float:
    """k by moments: a count with mean e has variance e + e² / k."""
    if counted.sum() < 50:
        return USUAL_STRENGTH
    beyond = float(((counted - expected) ** 2 - expected).sum())
    return float(np.clip((expected**2).sum() / max(beyond, 1e-9), 0.5, 50.0))


def session_minutes(talked: Iterable[float]) -> float:
    """The usual length of a session from those held, `SESSION_MINUTES` counting like twenty of them."""
    known = [minutes for minutes in talked if minutes > 0]
    return (sum(known) + 20 * SESSION_MINUTES) / (len(known) + 20)


# -- supply ------------------------------------------------------------------------------------------------------------


def shares(windows: Iterable[tuple[datetime, datetime]], hours: Sequence[datetime]) -> Array:
    """The share of each hour that lies within the windows, which do not overlap; the hours follow one another."""
    found = np.zeros(len(hours))
    starts = hours[0].timestamp() + 3600.0 * np.arange(len(hours))
    for begin, end in windows:
        inside = np.minimum(starts + 3600, end.timestamp()) - np.maximum(starts, begin.timestamp())
        found += np.clip(inside / 3600, 0, 1)
    return np.clip(found, 0, 1)


def sign_on_habit(
    changes: Sequence[tuple[datetime, bool]], since: datetime, now: datetime, zone: ZoneInfo
) -> Array | None:
    """The share of each hour of the week in which somebody was ON between `since` and `now`; None where they never
    changed. `changes` are their own words, oldest first. An hour is drawn, like two weeks, towards their usual share.
    """
    if not changes or now - since < timedelta(days=1):
        return None
    moments = [(since, not changes[0][1]), *changes, (now, changes[-1][1])]
    on, seen = np.zeros(WEEK_HOURS), np.zeros(WEEK_HOURS)
    for (begin, is_on), (end, _) in pairwise(moments):
        at = begin
        while at < end:
            until = min(at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), end)
            passed = (until - at).total_seconds() / 3600
            place = hour_of_week(at.astimezone(zone))
            seen[place] += passed
            on[place] += passed * is_on
            at = until
    usual = on.sum() / seen.sum()
    return np.asarray((on + 2 * usual) / (seen + 2))


# -- gaps --------------------------------------------------------------------------------------------------------------


def cover(demand: Mapping[str, Array], speakers: Sequence[Speaker], terms: Terms) -> dict[str, Line]:
    """Every language of the demand over its hours, the most expected misses first."""
    people = sorted(speakers, key=lambda one: (one.tier, one.id))
    own = {language: _would_answer(language, people, terms) for language in demand}
    busy = _busy(demand, own, terms)
    limited = _limited(busy, people, terms)
    lines = []
    for language, expected in demand.items():
        load = terms.load(expected)
        each = _each(load, own[language])
        rs = [
            r * limited.get(one, 1.0) * (1 - np.clip(busy[one] - np.minimum(each * r, 1.0), 0, _BUSIEST))
            for one, r in own[language].items()
        ]
        zero = np.zeros(len(expected))
        bridge, relay = _relayed(language, people, len(expected))
        answering = np.asarray(sum(rs, zero))
        lines.append(Line(language, expected, answering, missed(rs, load), relay, bridge))
    return {line.language: line for line in sorted(lines, key=lambda line: (-line.misses.sum(), line.language))}


def missed(rs: Sequence[Array], load: Array) -> Array:
    """The chance that nobody answers: `rs` are the chances of each interpreter, `load` is in Erlangs."""
    count = np.zeros((_MOST + 1, len(load)))
    count[0] = 1
    for r in rs:
        full = count[_MOST] * r
        moved = count[:-1] * r
        count = count * (1 - r)
        count[1:] += moved
        count[_MOST] += full
        if count[:_MOST].max() < 1e-9:
            break
    loss = np.ones(len(load))
    found = count[0].copy()
    for number in range(1, _MOST + 1):
        loss = load * loss / (number + load * loss)
        found += count[number] * loss
    return np.asarray(np.clip(found, 0, 1))


def _would_answer(language: str, people: Sequence[Speaker], terms: Terms) -> dict[str, Array]:
    """Each direct speaker's chance to answer within the target, calls started in the order of asking."""
    left = terms.target(language) - NOT_RINGING_SECONDS
    steps = range(200) if terms.calls_per_second else range(1)
    in_time = np.array([terms.delay.by(left - step / (terms.calls_per_second or 1)) for step in steps])
    found: dict[str, Array] = {}
    before: Array | None = None
    for one in people:
        if language not in one.languages or not one.english:
            continue
        before = np.zeros(len(one.reachable)) if before is None else before
        place = np.minimum(before.round().astype(int), len(in_time) - 1)
        found[one.id] = np.asarray(one.reachable * one.answers * in_time[place])
        before = before + one.reachable
    return found


def _each(load: Array, everybody: Mapping[str, Array]) -> Array:
    """What part of a language's load falls on a speaker, for every unit of their chance to answer."""
    total = sum(everybody.values(), np.zeros(len(load)))
    return np.asarray(load / np.maximum(total, 1e-9) * (total > 1e-9))


def _busy(demand: Mapping[str, Array], own: Mapping[str, Mapping[str, Array]], terms: Terms) -> dict[str, Array]:
    """The share of each hour in which an interpreter is in a session, all languages together."""
    busy: dict[str, Array] = {}
    for language, everybody in own.items():
        each = _each(terms.load(demand[language]), everybody)
        for one, r in everybody.items():
            busy[one] = busy.get(one, np.zeros(len(each))) + np.minimum(each * r, 1.0)
    return busy


def _limited(busy: Mapping[str, Array], people: Sequence[Speaker], terms: Terms) -> dict[str, float]:
    """By how much those are cut who would be over their weekly limit."""
    found = {}
    for one in people:
        if one.weekly_minutes is None or one.id not in busy:
            continue
        talking = terms.minutes / (terms.minutes + terms.wrap_up_minutes) * 60
        minutes = float(busy[one.id].sum()) * talking
        allowed = one.weekly_minutes * len(one.reachable) / WEEK_HOURS
        found[one.id] = min(1.0, allowed / minutes) if minutes > 0 else 1.0
    return found


def _relayed(language: str, people: Sequence[Speaker], hours: int) -> tuple[str, Array]:
    """The best way through a bridge language: two interpreters, one of whom may work without English."""
    best, through = np.zeros(hours), ""
    for bridge in related.bridges(language):
        first = [one for one in people if not one.english and {language, bridge} <= one.languages]
        second = [one for one in people if one.english and bridge in one.languages]
        chance = _anybody(first, hours) * _anybody(second, hours)
        if chance.sum() > best.sum():
            best, through = chance, bridge
    return through, best


def _anybody(people: Sequence[Speaker], hours: int) -> Array:
    nobody = np.ones(hours)
    for one in people:
        nobody = nobody * (1 - one.reachable * one.answers)
    return np.asarray(1 - nobody)


# -- in words ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spell:
    """Hours one after the other that stand alike badly."""

    first: int
    """Its first hour, as a place among those looked at."""
    hours: int
    misses: float
    nobody: bool
    """Whether nobody at all is on call through it."""


def spells(line: Line, most: int = 5) -> list[Spell]:
    """A language's runs of hours that are gaps, the most misses first."""
    bad = [line.word(hour) in ("gap", "nobody") and line.expected[hour] > 0 for hour in range(len(line.expected))]
    found, begin = [], 0
    for hour in range(len(bad) + 1):
        if hour < len(bad) and bad[hour]:
            continue
        if hour > begin:
            part = slice(begin, hour)
            nobody = all(line.word(place) == "nobody" for place in range(begin, hour))
            found.append(Spell(begin, hour - begin, float(line.misses[part].sum()), nobody))
        begin = hour + 1
    return sorted(found, key=lambda spell: (-spell.misses, spell.first))[:most]
