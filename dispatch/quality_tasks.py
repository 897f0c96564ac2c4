"""Tasks: what a person has to see to after a complaint, a low rating, a bad line, or before a certificate ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Source(StrEnum):
    """What made the task."""

    COMPLAINT = "complaint"
    LOW_RATING = "low rating"
    WORDS = "words"
    """Words beside a rating."""
    LINE = "bad line"
    DISPATCHER = "dispatcher"
    CERTIFICATE = "certificate"
    API = "integration"


class Outcome(StrEnum):
    """How a task ended."""

    SOLVED = "solved"
    SPOKEN = "spoken with them"
    NOT_CONFIRMED = "not confirmed"
    NOT_REACHED = "nobody reached"
    RENEWED = "renewed"
    NOTHING = "nothing to do"


@dataclass(frozen=True)
class _Way:
    what: str
    next_step: str
    within: timedelta
    for_roster: bool = False


_WAYS = {
    Source.COMPLAINT: _Way("Complaint about a session", "Call them back with another interpreter", timedelta(days=1)),
    Source.LOW_RATING: _Way("Low rating", "See what happened in the session; call them back", timedelta(days=2)),
    Source.WORDS: _Way("Words beside a rating", "Read them, and answer where they ask something", timedelta(days=3)),
    Source.LINE: _Way(
        "Bad line or not suited, says the interpreter", "Check the phones of the session", timedelta(days=3)
    ),
    Source.DISPATCHER: _Way("Asked for by a dispatcher", "Read the request and decide", timedelta(days=2)),
    Source.CERTIFICATE: _Way(
        "Certificate ends", "Ask for the new date and enter it", timedelta(days=7), for_roster=True
    ),
    Source.API: _Way("Reported by another system", "Read it and decide", timedelta(days=2)),
}


@dataclass(frozen=True)
class Task:
    """One thing to see to. `occasion` is what it is about: the same occasion makes one task, however often told."""

    id: str
    occasion: str
    source: Source
    what: str
    made_at: datetime
    due_at: datetime
    next_step: str
    words: str = ""
    """What somebody wrote. Sealed in the store, and forgotten some time after the task is closed."""
    made_by: str = ""
    assignee: str = ""
    request_id: str | None = None
    requester_id: str | None = None
    interpreter_id: str | None = None
    for_roster: bool = False
    """For who keeps the roster: holds nothing about a session."""
    closed_at: datetime | None = None
    closed_by: str = ""
    outcome: str = ""

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been closed by now."""
        return self.closed_at is None and now > self.due_at


def make(
    source: Source,
    task_id: str,
    occasion: str,
    now: datetime,
    *,
    what: str = "",
    words: str = "",
    made_by: str = "",
    request_id: str | None = None,
    requester_id: str | None = None,
    interpreter_id: str | None = None,
) -> Task:
    """A task of that kind, with its next step and when it is due."""
    way = _WAYS[source]
    return Task(
        id=task_id,
        occasion=occasion,
        source=source,
        what=(what or way.what)[:200],
        made_at=now,
        due_at=now + way.within,
        next_step=way.next_step,
        words=words,
        made_by=made_by,
        request_id=request_id,
        requester_id=requester_id,
        interpreter_id=interpreter_id,
        for_roster=way.for_roster,
    )


def in_order(tasks: Iterable[Task], mine: str, now: datetime) -> list[Task]:
    """What is overdue first, then one's own, then what nobody has, then what others have; by time within each."""

    def rank(task: Task) -> tuple[int, datetime]:
        if task.overdue(now):
            return 0, task.due_at
        return (1 if mine and task.assignee == mine else 2 if not task.assignee else 3), task.due_at

    return sorted(tasks, key=rank)
