"""The plan for an arrival: who is missing in which hours, and whom to ask for them. Plain functions over values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from dispatch import languages, related, varieties
from dispatch.arrival import Arrival
from dispatch.contacts import contacts
from dispatch.coverage import COVERED, Array, Line, shares
from dispatch.people import Interpreter
from dispatch.policy import TIERS
from dispatch.shifts import Hours, TimeOff, Window, has_usual, occurrences, stretches, zone_named
from dispatch.supply import Town, quiet_hours
from dispatch.varieties import Fit

LONGEST_TURN = 8
"""Hours that somebody is asked for at most on one stretch."""
MOST_TURNS = 3
_HOUR = timedelta(hours=1)
_ASK = 0.02
"""Missed contacts in an hour from which somebody is asked for it."""


@dataclass(frozen=True, eq=False)
class Plan:
    """An arrival against who is on call."""

    hours: tuple[datetime, ...]
    contacts: Mapping[str, Array]
    """Conversations that the arrival brings, by language and hour."""
    lines: Mapping[str, Line]
    """Those and the usual demand against supply; the arrival's languages only."""

    @property
    def missed(self) -> float:
        """Conversations of the arrival that are expected to find nobody in time."""
        return float(sum((self.contacts[code] * line.miss).sum() for code, line in self.lines.items()))


@dataclass(frozen=True)
class Suggestion:
    """One interpreter who could be asked."""

    interpreter: Interpreter
    languages: tuple[str, ...]
    """Of the arrival, that they speak."""
    why: str
    turns: tuple[Window, ...]
    """Hours to ask them for."""
    against: str = ""
    """Why there is nothing to ask them for, in words."""

    @property
    def ask(self) -> bool:
        """Whether there is anything to ask them for."""
        return not self.against


def plan(arrival: Arrival, town: Town) -> Plan:
    """What the arrival asks for in each of its hours, and what is there."""
    hours = arrival.hours
    brought = {code: found for code, found in contacts(arrival).items() if languages.get(code).voice_call}
    demand = town.demand.over(hours, town.zone)
    for code, found in brought.items():
        demand[code] = demand.get(code, np.zeros(len(hours))) + found
    lines = town.lines(hours, demand)
    return Plan(tuple(hours), brought, {code: lines[code] for code in lines if code in brought})


def suggest(arrival: Arrival, found: Plan, town: Town, invited: Collection[str]) -> list[Suggestion]:
    """Whom to invite, best first, then those for whom there is a reason against it. Who was invited is left out.

    Speakers come first, by tier and how well they know the language; then those who can take half of a relay. Hours
    are shared out one after the other, so that not everybody is asked for the same ones.
    """
    left = {code: found.contacts[code] * line.miss for code, line in found.lines.items()}
    relayed = _relayed(found, town)
    suggestions = []
    for one, spoken, why in _candidates(arrival, found, town, relayed):
        if one.id in invited:
            continue
        free = _free(one, town, found.hours)
        wanted = sum((left[code] for code in spoken), np.zeros(len(found.hours)))
        turns = _turns(np.asarray(wanted * free), found.hours)
        against = "" if turns else _against(one, town, found, wanted)
        suggestions.append(Suggestion(one, spoken, why, turns, against))
        covered = shares(((turn.starts, turn.ends) for turn in turns), found.hours)
        for code in spoken:
            left[code] = left[code] * (1 - covered / 2)
    return sorted(suggestions, key=lambda suggestion: not suggestion.ask)


def as_hours(turns: Sequence[Window], zone: str) -> tuple[Hours, ...]:
    """The same by the wall clock of where they live."""
    local = zone_named(zone)
    return tuple(
        Hours(
            turn.starts.astimezone(local).replace(tzinfo=None), turn.ends.astimezone(local).replace(tzinfo=None), zone
        )
        for turn in turns
    )


# -- how it is done ----------------------------------------------------------------------------------------------------


def _candidates(
    arrival: Arrival, found: Plan, town: Town, relayed: Mapping[str, str]
) -> list[tuple[Interpreter, tuple[str, ...], str]]:
    """Everybody who could help, with the languages they would help with and why, in words."""
    direct, halves = [], []
    for one in town.people:
        if one.terms.channels and "voice" not in one.terms.channels:
            continue
        known = {skill.language: skill.proficiency for skill in one.skills}
        spoken = tuple(code for code in found.lines if code in known)
        tier = TIERS.get(one.tier, f"tier {one.tier}")
        if spoken and one.terms.english:
            fit, told = _variety(arrival, one, spoken)
            why = f"speaks {_names(spoken)}{told}; {tier}"
            rank = (fit is Fit.OTHER, one.tier, fit, -max(known[code] for code in spoken), one.code)
            direct.append((rank, one, spoken, why))
            continue
        first = tuple(code for code in spoken if relayed.get(code) in known)
        second = tuple(code for code, bridge in relayed.items() if bridge in known and one.terms.english)
        if first:
            why = f"{_names(first)} with {_name(relayed[first[0]])}, without English: first half of a relay; {tier}"
            halves.append(((0, one.tier, one.code), one, first, why))
        elif second:
            bridge = relayed[second[0]]
            why = f"{_name(bridge)} with English: second half of a relay for {_names(second)}; {tier}"
            halves.append(((1, one.tier, one.code), one, second, why))
    ordered = [*sorted(direct, key=lambda row: row[0]), *sorted(halves, key=lambda row: row[0])]
    return [(one, spoken, why) for _, one, spoken, why in ordered]


def _variety(arrival: Arrival, one: Interpreter, spoken: Sequence[str]) -> tuple[Fit, str]:
    """How what they speak fits the varieties that are expected, the least fitting first, and that in words."""
    fits, told = [], ""
    for share in arrival.languages:
        skill = one.speaks(share.language)
        if share.language not in spoken or skill is None or not share.variety:
            continue
        try:
            wanted = varieties.find(share.language, share.variety)
        except varieties.UnknownVariety:
            continue  # a place or a country that the data does not tell apart: the text to them names it
        fit = varieties.fit(skill.varieties, (wanted.code,))
        told += {
            Fit.SAME: f", of {wanted.name}",
            Fit.UNDERSTOOD: f", of a variety that {wanted.name} understands",
            Fit.NOT_SAID: f", has not said whether of {wanted.name}",
            Fit.OTHER: f", but {varieties.spoken_as(share.language, skill.varieties)}, not {wanted.name}: ask first",
        }[fit]
        fits.append(fit)
    return max(fits, default=Fit.NOT_SAID), told


def _relayed(found: Plan, town: Town) -> dict[str, str]:
    """Languages that are short and have somebody who could take the first half of a relay, with the bridge."""
    bridges = {}
    for code, line in found.lines.items():
        if (line.miss[found.contacts[code] > 0] <= COVERED).all():
            continue
        for bridge in related.bridges(code):
            if any(not one.terms.english and one.speaks(code) and one.speaks(bridge) for one in town.people):
                bridges[code] = bridge
                break
    return bridges


def _free(one: Interpreter, town: Town, hours: Sequence[datetime]) -> Array:
    """1 for hours in which they may be asked: no time off, no quiet hours, no usual shift that covers them anyway."""
    calendar = town.calendar(one.id)
    begin, end = hours[0], hours[-1] + _HOUR
    off = (*calendar.time_off, *quiet_hours(one.terms.quiet, _zone(one, town), begin))
    open_time = shares(((part.starts, part.ends) for part in stretches((), off, begin, end)), hours)
    taken = np.zeros(len(hours))
    if has_usual(calendar.shifts):
        taken = shares(((part.starts, part.ends) for part in stretches(calendar.shifts, (), begin, end)), hours)
    started = np.array([hour > town.now for hour in hours])
    return np.asarray((open_time > 0.99) & (taken < 0.5) & started).astype(float)


def _turns(wanted: Array, hours: Sequence[datetime]) -> tuple[Window, ...]:
    """The stretches to ask for: the worst hours, joined where two hours or less lie between, eight hours at most."""
    places = [place for place in range(len(hours)) if wanted[place] >= _ASK]
    if not places:
        return ()
    runs = [[places[0], places[0]]]
    for before, place in pairwise(places):
        if place - before <= 2:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    found = []
    for first, last in runs:
        length = min(last - first + 1, LONGEST_TURN)
        best = max(range(first, last - length + 2), key=lambda at: float(wanted[at : at + length].sum()))
        found.append((float(wanted[best : best + length].sum()), Window(hours[best], hours[best] + length * _HOUR)))
    chosen = sorted(found, key=lambda row: -row[0])[:MOST_TURNS]
    return tuple(sorted((window for _, window in chosen), key=lambda window: window.starts))


def _against(one: Interpreter, town: Town, found: Plan, wanted: Array) -> str:
    """Why nothing is asked of them."""
    begin, end = found.hours[0], found.hours[-1] + _HOUR
    calendar = town.calendar(one.id)
    if wanted.max(initial=0.0) < _ASK:
        return "their languages are covered"
    if _touch(calendar.time_off, begin, end) and not stretches((), calendar.time_off, begin, end):
        return "time off"
    if has_usual(calendar.shifts) and stretches(calendar.shifts, calendar.time_off, begin, end):
        return "on call by their shifts already"
    return "the open hours are in their quiet hours or time off"


def _touch(entries: Sequence[TimeOff], begin: datetime, end: datetime) -> bool:
    return any(occurrences(entry.hours, begin, end) for entry in entries)


def _names(codes: Sequence[str]) -> str:
    return ", ".join(_name(code) for code in codes)


def _name(code: str) -> str:
    return languages.get(code).english


def _zone(one: Interpreter, town: Town) -> ZoneInfo:
    return zone_named(one.terms.timezone) if one.terms.timezone else town.zone
