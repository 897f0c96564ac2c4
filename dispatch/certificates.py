"""When an interpreter's certificate ends: who is reminded, and when. Plain functions over dates.

That nobody is asked on an expired certificate does not hang on these reminders: the credential gate
(`eligibility.consider`) looks at the date itself, at every search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dispatch.after_session import day_begins
from dispatch.people import Certificate, Interpreter, QuietHours, Skill
from dispatch.shifts import zone_named

ENDED = 0
"""The stage of the day after the certificate's last one."""
_AT = time(10)
"""By the interpreter's clock: an hour at which most can read a text, and somebody answers at the agency."""


@dataclass(frozen=True)
class Reminder:
    """One reminder to come. `days` before the end; ENDED: it has ended."""

    interpreter_id: str
    language: str
    expires: date
    days: int

    @property
    def subject(self) -> str:
        """Its name among the rows of what is due."""
        return f"{self.interpreter_id}|{self.language}|{self.expires.isoformat()}|{self.days}"

    @property
    def day(self) -> date:
        """The day it is for."""
        return self.expires + (timedelta(days=1) if self.days == ENDED else -timedelta(days=self.days))

    @classmethod
    def of(cls, subject: str) -> "Reminder":
        """From its name."""
        interpreter_id, language, expires, days = subject.rsplit("|", 3)
        return cls(interpreter_id, language, date.fromisoformat(expires), int(days))


def reminders(one: Interpreter, stages: Sequence[int]) -> list[Reminder]:
    """Every reminder about this interpreter's certificates."""
    return [
        Reminder(one.id, skill.language, skill.expires, days)
        for skill in one.skills
        if skill.certificate is not Certificate.NONE and skill.expires is not None
        for days in (*stages, ENDED)
    ]


def moment(reminder: Reminder, quiet: QuietHours, zone: str) -> datetime:
    """When it is sent: in the morning of its day, out of the quiet hours."""
    return day_begins(datetime.combine(reminder.day, _AT, zone_named(zone)).astimezone(UTC), quiet, zone)


def stands(reminder: Reminder, one: Interpreter, stages: Sequence[int], today: date) -> Skill | None:
    """The skill it is about, where it still is to be told: not renewed meanwhile, and no later one is due as well."""
    skill = one.speaks(reminder.language)
    if skill is None or skill.expires != reminder.expires or skill.certificate is Certificate.NONE:
        return None
    due = [
        days for days in (*stages, ENDED) if Reminder(one.id, reminder.language, reminder.expires, days).day <= today
    ]
    return skill if reminder.days == min(due, default=reminder.days) else None
