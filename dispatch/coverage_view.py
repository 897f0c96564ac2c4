"""Coverage as it is drawn: each hour as a cell with a figure and words. Plain functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch import languages
from dispatch.coverage import COVERED, Line, Spell, hour_of_week, spells
from dispatch.supply import Town, speaker
from dispatch.what_if import Change

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_SPEAKERS = 40
"""Named for each language."""


@dataclass(frozen=True)
class Cell:
    """One hour of one language."""

    kind: str
    """covered, thin, gap, nobody, or quiet where nothing is expected."""
    figure: str
    """The chance in % that nobody answers, or a word."""
    told: str
    """All of it in words."""
    before: str = ""
    """What the figure was, where a draft shift changes it."""


@dataclass(frozen=True)
class Panel:
    """One language over a week."""

    code: str
    name: str
    expected: float
    """Requests a week."""
    misses: float
    saved: float
    """Misses that the draft shift saves."""
    relayed: float
    """Misses in which a relay would answer all the same."""
    bridge: str
    worst: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Seven days of twenty-four hours, from Monday."""
    speakers: tuple[str, ...] = ()


def panels(
    town: Town, hours: Sequence[datetime], lines: Mapping[str, Line], changes: Mapping[str, Change] | None = None
) -> list[Panel]:
    """Every language, the most expected misses first; after a draft shift where there is one."""
    changes = changes or {}
    where = {hour_of_week(hour.astimezone(town.zone)): place for place, hour in reversed(list(enumerate(hours)))}
    found = []
    for code, line in lines.items():
        change = changes.get(code)
        shown = change.after if change else line
        cells = tuple(
            tuple(_cell(town, hours, shown, where.get(day * 24 + hour), change) for hour in range(24))
            for day in range(7)
        )
        found.append(
            Panel(
                code,
                languages.get(code).english,
                float(shown.expected.sum()),
                float(shown.misses.sum()),
                float(change.saved.sum()) if change else 0.0,
                float((shown.misses * shown.relay).sum()),
                languages.get(shown.bridge).english if shown.bridge else "",
                told_gaps(shown, hours, town.zone),
                cells,
                speakers_of(town, code, hours),
            )
        )
    return found


def told_gaps(line: Line, hours: Sequence[datetime], zone: ZoneInfo) -> tuple[str, ...]:
    """The worst hours in words; where there is no gap, how many hours are thin; nothing where all is covered."""
    found = tuple(told_spell(spell, hours, zone) for spell in spells(line, 3))
    thin = int(((line.miss > COVERED) & (line.expected > 0)).sum())
    return found or ((f"no gap, thin in {thin} h",) if thin else ())


def told_spell(spell: Spell, hours: Sequence[datetime], zone: ZoneInfo) -> str:
    """ "Sat 22:00, 8 h: nobody (1.2 expected to be missed)"."""
    begins = hours[spell.first].astimezone(zone)
    when = "all hours" if spell.hours == len(hours) else f"{begins:%a %H:%M}, {spell.hours} h"
    how = "nobody" if spell.nobody else "too few"
    return f"{when}: {how} ({spell.misses:.1f} missed)"


def told_changes(change: Change, hours: Sequence[datetime], zone: ZoneInfo) -> list[tuple[str, str, str, str, str]]:
    """Each hour that a draft shift changes: when, requests expected, missed before and after, misses saved."""
    rows = []
    for place, hour in enumerate(hours):
        saved = change.saved[place]
        if abs(saved) < 5e-4 and abs(change.before.miss[place] - change.after.miss[place]) < 0.005:
            continue
        before, after = change.before.miss[place], change.after.miss[place]
        local = hour.astimezone(zone)
        rows.append(
            (
                f"{local:%a %H:00}",
                f"{change.before.expected[place]:.2f}",
                f"{before:.0%}",
                f"{after:.0%}",
                f"{saved:.2f}",
            )
        )
    return rows


def speakers_of(town: Town, code: str, hours: Sequence[datetime]) -> tuple[str, ...]:
    """Who counts for that language, and how."""
    told: list[str] = []
    for one in town.people:
        if one.speaks(code) is None:
            continue
        if len(told) == MOST_SPEAKERS:
            break
        known = speaker(town, one, hours)
        on = float(known.reachable.sum())
        answers = float((known.answers * known.reachable).sum() / on) if on else 0.0
        half = "" if one.terms.english else ", only as half of a relay"
        told.append(
            f"{one.code} {one.name}: {known.basis}, {on:.0f} of {len(hours)} hours"
            + (f", would answer {answers:.0%} of calls" if on else "")
            + half
        )
    return tuple(told)


def cell(line: Line, place: int, when: str, expected: str = "requests", before: float | None = None) -> Cell:
    """One hour in figure and words."""
    some, miss = float(line.expected[place]), float(line.miss[place])
    word = line.word(place)
    figure = "none" if word == "nobody" else f"{miss:.0%}"
    chance = "nobody is on call" if word == "nobody" else f"{miss:.0%} find nobody in time"
    told = f"{when}: {word}, {some:.2f} {expected} expected, {chance}"
    if line.relay[place] >= 0.005 and miss >= 0.005:
        told += f"; a relay would answer {line.relay[place]:.0%} of these"
    was = ""
    if before is not None and abs(before - miss) >= 0.005:
        was = f"{before:.0%}"
        told += f"; before: {was}"
    return Cell(word if some > 0 else "quiet", figure, told, was)


def _cell(town: Town, hours: Sequence[datetime], line: Line, place: int | None, change: Change | None) -> Cell:
    if place is None:  # the hour that is left out when clocks go forward
        return Cell("quiet", "–", "this hour does not happen in the coming week")
    local = hours[place].astimezone(town.zone)
    return cell(line, place, f"{local:%a %H:00}", before=float(change.before.miss[place]) if change else None)
