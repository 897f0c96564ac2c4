"""What is done about a quality task, by the console and by the API: each within the caller's transaction, and audited.

`by` is who does it, as the audit log calls them. All raise NotPossibleNow, with what to do, where it cannot be.
"""

from datetime import datetime

from dispatch import appointment_record
from dispatch.accounts import May
from dispatch.errors import ChangedMeanwhile, NotPossibleNow
from dispatch.policy import ENCOUNTERS
from dispatch.quality_tasks import Outcome, Source, Task
from dispatch.store import Transaction

LONGEST_NOTE = 2000


def words_of(tx: Transaction, task: Task) -> str:
    """What somebody wrote that made the task; of a rating they stand with it, and are forgotten with it."""
    by_rating = task.request_id is not None and task.source in (Source.LOW_RATING, Source.WORDS)
    given = [one.words for one in tx.ratings_of(task.request_id or "") if one.words] if by_rating else []
    return given[0] if given else task.words


def assign(tx: Transaction, task: Task, account: str, seen: str, by: str, now: datetime) -> None:
    """Give it to an account, or to `by`; "" for nobody. Raises ChangedMeanwhile where `seen` has it no longer."""
    known = {one.name for one in tx.account_names() if May.TASKS in one.may} | {by}
    if account and account not in known:
        raise NotPossibleNow("Nobody of that name sees to tasks.")
    if task.assignee != seen:
        raise ChangedMeanwhile(f"Meanwhile {task.assignee or 'nobody'} has it. Look again, then decide.")
    if not tx.assign_task(task.id, account):
        raise NotPossibleNow(f"{task.closed_by} has closed this task.")
    tx.audit(by, "task assigned", f"task {task.id}", account or "nobody", now)


def note(tx: Transaction, task: Task, words: str, by: str, now: datetime) -> None:
    """Write something down about it."""
    if not words:
        raise NotPossibleNow("Write the note first.")
    tx.note_task(task.id, by, words[:LONGEST_NOTE], now)
    tx.audit(by, "task note written", f"task {task.id}", "", now)


def close(tx: Transaction, task: Task, outcome: str, words: str, by: str, now: datetime) -> None:
    """End it, and say how; `words` are noted where there are any."""
    if outcome not in {one.value for one in Outcome}:
        raise NotPossibleNow("Say how it ended.")
    if not tx.close_task(task.id, outcome, by, now):
        raise NotPossibleNow(f"{task.closed_by} has closed this task already.")
    if words:
        tx.note_task(task.id, by, words[:LONGEST_NOTE], now)
    tx.audit(by, "task closed", f"task {task.id}", outcome, now)


def keep_apart(tx: Transaction, task: Task, by: str, now: datetime) -> None:
    """Never offer the requester's calls to this interpreter again."""
    if task.interpreter_id is None or task.requester_id is None:
        raise NotPossibleNow("This task does not name two people.")
    tx.keep_apart(task.interpreter_id, task.requester_id, f"{task.source.value}, decided by {by}", now)
    # What it causes is texts, which can wait for the ticker's next round of the outbox.
    appointment_record.keep_apart(tx, task.interpreter_id, task.requester_id, now)
    tx.audit(by, "pair kept apart", f"task {task.id}", f"interpreter {task.interpreter_id}", now)


def hold_back(tx: Transaction, task: Task, encounter: str, by: str, now: datetime) -> None:
    """Do not ask the interpreter for that encounter type, "" for any, until `ask_again`."""
    if task.interpreter_id is None or (encounter and encounter not in ENCOUNTERS):
        raise NotPossibleNow("This task names no interpreter, or there is no such encounter type.")
    tx.hold_back(task.interpreter_id, encounter, f"{task.source.value}, decided by {by}", by, now)
    detail = f"interpreter {task.interpreter_id} {encounter or 'at all'}"
    tx.audit(by, "interpreter held back", f"task {task.id}", detail, now)


def ask_again(tx: Transaction, task: Task, encounter: str, by: str, now: datetime) -> None:
    """Undo `hold_back`."""
    if task.interpreter_id is None or not tx.let_again(task.interpreter_id, encounter):
        raise NotPossibleNow("They are asked again already.")
    detail = f"interpreter {task.interpreter_id} {encounter or 'at all'}"
    tx.audit(by, "interpreter asked again", f"task {task.id}", detail, now)
