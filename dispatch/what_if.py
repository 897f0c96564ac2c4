"""What one more shift would change: the coverage before and after, hour by hour. Plain functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np

from dispatch import languages
from dispatch.coverage import Array, Line, Speaker, cover
from dispatch.people import Interpreter, PhoneNumber, Skill
from dispatch.shifts import EXTRA, Calendar, Shift, has_usual, weekly
from dispatch.supply import Town, speaker

NEW = "new"
"""Stands for somebody who is not on the roster yet."""


@dataclass(frozen=True)
class Draft:
    """A shift that nobody has yet: every week, on these weekdays (0 is Monday), by the clock of its zone."""

    who: str
    """An interpreter's id, or NEW."""
    language: str
    """ISO 639-3; of the new speaker. "" for somebody on the roster: all their languages count."""
    days: tuple[int, ...]
    begin: time
    end: time
    zone: str
    from_day: datetime
    """Wall clock: the first day on or after it."""

    def shift(self, uid: str) -> Shift:
        """It as a shift. Raises ShiftInvalid, naming what cannot be."""
        midnight = self.end == time(0)
        hours = weekly(self.days, self.begin, self.end, self.zone, self.from_day, next_day=midnight)
        return Shift(uid, hours)


@dataclass(frozen=True, eq=False)
class Change:
    """One language before and after."""

    language: str
    before: Line
    after: Line

    @property
    def saved(self) -> Array:
        """Misses that are not expected any more, by hour; below zero: more are."""
        return np.asarray(self.before.misses - self.after.misses)


def uid_for(calendar: Calendar, seed: str) -> str:
    """How the kept shift is named. For somebody without shifts it is a promise beside being rung whenever ON: a usual
    shift would take all their other hours away."""
    return f"shift-{seed}" if has_usual(calendar.shifts) else f"{EXTRA}{seed}"


def try_out(
    town: Town, draft: Draft, hours: Sequence[datetime], demand: Mapping[str, Array], speakers: Mapping[str, Speaker]
) -> list[Change]:
    """What the draft changes, the most saved first; `speakers` are those of `town`. Raises ShiftInvalid."""
    person = town.person(draft.who)
    if person is None:
        person = _newcomer(draft)
        town = town.with_person(person, Calendar((draft.shift("draft"),)))
    else:
        town = town.with_shifts(person.id, [draft.shift(uid_for(town.calendar(person.id), "draft"))])
    before = cover(demand, list(speakers.values()), town.terms)
    after = cover(demand, [*({**speakers, person.id: speaker(town, person, hours)}).values()], town.terms)
    changes = [Change(language, before[language], after[language]) for language in before]
    moved = [one for one in changes if not np.allclose(one.saved, 0, atol=1e-6)]
    return sorted(moved, key=lambda one: (-float(one.saved.sum()), one.language))


def first_day(now: datetime, town: Town) -> datetime:
    """The wall-clock day from which a draft counts: the day before today, so that tonight's shift is in it."""
    local = now.astimezone(town.zone)
    return datetime.combine(local.date() - timedelta(days=1), time(0))


def _newcomer(draft: Draft) -> Interpreter:
    """An average interpreter of that language, first in line like own staff."""
    skill = Skill(languages.get(draft.language).code)
    return Interpreter(NEW, NEW, "One more speaker", PhoneNumber(NEW), (skill,))
