"""Tasks and the notes on them; what people wrote is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy import insert as plain_insert

from dispatch.quality_tasks import Source, Task
from dispatch.schema_quality import task_notes, tasks
from dispatch.store.notes import Note
from dispatch.store.unit import Unit, insert

_BY_PERSONS = (Source.COMPLAINT.value,)


class Tasks(Unit):
    """What a person has to see to."""

    def add_task(self, task: Task) -> bool:
        """Keep a task; false where its occasion made one before."""
        put = insert(self._dialect)(tasks).on_conflict_do_nothing().returning(tasks.c.id)
        return self._db.execute(put, self._task_row(task)).first() is not None

    def task(self, task_id: str) -> Task | None:
        """A task by id."""
        found = self._tasks(select(tasks).where(tasks.c.id == task_id))
        return found[0] if found else None

    def open_tasks(self, roster_only: bool) -> list[Task]:
        """Tasks that nobody has closed, the first due first."""
        mine = select(tasks).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.due_at)
        return self._tasks(mine.where(tasks.c.for_roster) if roster_only else mine)

    def closed_tasks(self, roster_only: bool, limit: int = 50) -> list[Task]:
        """The newest of those that are closed."""
        mine = select(tasks).where(tasks.c.closed_at.is_not(None)).order_by(tasks.c.closed_at.desc()).limit(limit)
        return self._tasks(mine.where(tasks.c.for_roster) if roster_only else mine)

    def tasks_of_request(self, request_id: str) -> list[Task]:
        """A request's tasks, oldest first."""
        return self._tasks(select(tasks).where(tasks.c.request_id == request_id).order_by(tasks.c.made_at))

    def tasks_of_interpreter(self, interpreter_id: str, roster_only: bool) -> list[Task]:
        """The open tasks about an interpreter."""
        mine = tasks.c.interpreter_id == interpreter_id, tasks.c.closed_at.is_(None)
        found = select(tasks).where(*mine).order_by(tasks.c.due_at)
        return self._tasks(found.where(tasks.c.for_roster) if roster_only else found)

    def complained_since(self, requester_id: str, since: datetime) -> bool:
        """Whether this person complained since then."""
        mine = tasks.c.requester_id == requester_id, tasks.c.source.in_(_BY_PERSONS), tasks.c.made_at >= since
        return self._db.execute(select(tasks.c.id).where(*mine).limit(1)).first() is not None

    def assign_task(self, task_id: str, account: str) -> bool:
        """Give an open task to an account; "" for nobody. False where it is closed by now."""
        return self._change_open(task_id, assignee=account)

    def close_task(self, task_id: str, outcome: str, account: str, now: datetime) -> bool:
        """End a task; false where somebody else has."""
        return self._change_open(task_id, outcome=outcome, closed_by=account, closed_at=now)

    def note_task(self, task_id: str, account: str, words: str, now: datetime) -> None:
        """Write something down about a task."""
        row = {"task_id": task_id, "account": account, "words_sealed": self._seal.seal(words), "at": now}
        self._db.execute(plain_insert(task_notes), row)

    def notes_of_task(self, task_id: str) -> list[Note]:
        """A task's notes, oldest first."""
        found = self._db.execute(select(task_notes).where(task_notes.c.task_id == task_id).order_by(task_notes.c.id))
        return [Note(row.at, row.account, self._seal.open(row.words_sealed)) for row in found if row.words_sealed]

    def forget_task_words(self, before: datetime) -> None:
        """Remove what was written about tasks that were closed before then."""
        old = select(tasks.c.id).where(tasks.c.closed_at < before)
        self._db.execute(update(task_notes).where(task_notes.c.task_id.in_(old)).values(words_sealed=""))
        self._db.execute(
            update(tasks).where(tasks.c.closed_at < before, tasks.c.words_sealed != "").values(words_sealed="")
        )

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _change_open(self, task_id: str, **values: Any) -> bool:
        mine = tasks.c.id == task_id, tasks.c.closed_at.is_(None)
        return self._db.execute(update(tasks).where(*mine).values(**values)).rowcount == 1

    def _task_row(self, task: Task) -> dict[str, Any]:
        row = {name: value for name, value in task.__dict__.items() if name != "words"}
        row["words_sealed"] = self._seal.seal(task.words) if task.words else ""
        return row | {"source": task.source.value}

    def _tasks(self, query: Select[Any]) -> list[Task]:
        found: Sequence[Any] = self._db.execute(query).mappings().all()
        return [
            Task(
                **{name: value for name, value in row.items() if name not in ("words_sealed", "source")},
                source=Source(row["source"]),
                words=self._seal.open(row["words_sealed"]) if row["words_sealed"] else "",
            )
            for row in found
        ]
