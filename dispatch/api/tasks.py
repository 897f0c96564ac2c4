"""Quality tasks by the API: what a person has to see to, and complaints from other systems that become tasks."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch import quality_tasks, task_deeds
from dispatch.api import requests
from dispatch.api.operations import Call, Created, Handler, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.request_shapes import Encounter, NoteOut, Who
from dispatch.api.shapes import In, Moment, Out, Short, Words
from dispatch.errors import UnknownInterpreter
from dispatch.integrations import Scope
from dispatch.quality_tasks import Source, Task
from dispatch.quality_texts import heed
from dispatch.store import Transaction


class NewComplaint(In):
    """What somebody complains of."""

    words: Annotated[Words, Field(min_length=1, description="Kept sealed; forgotten after the task is closed.")]


class TasksQuery(In):
    """Which tasks."""

    state: Literal["open", "closed"] = "open"


class TaskOut(Out):
    """Something that a person has to see to."""

    id: str
    what: str = Field(examples=["Reported by another system"])
    source: str = Field(json_schema_extra={"enum": [one.value for one in Source]})
    next_step: str = Field(examples=["Read it and decide"])
    request_id: str | None
    interpreter: Who | None
    made_by: str = Field(description='"" where the service made it.')
    made_at: Moment
    due_at: Moment
    overdue: bool
    assignee: str = Field(description='"" for nobody.')
    closed_at: Moment | None
    closed_by: str
    outcome: str = Field(description='How it ended; "" while it is open.', examples=["solved"])


class HeldOut(Out):
    """For what the interpreter is not asked."""

    encounter: str = Field(description='"" for anything at all.')
    reason: str


class OneTaskOut(TaskOut):
    """The same with what was written and decided."""

    words: str
    notes: list[NoteOut]
    kept_apart: bool = Field(description="Whether the requester's calls are never offered to the interpreter.")
    held_back: list[HeldOut]


class Assignment(In):
    """Who is to see to it."""

    to: Short = Field(
        description='An account that sees to tasks, or yourself as the audit log names you; "" for nobody.'
    )
    seen: Short = Field(description='The `assignee` that you looked at; "" for nobody. 409 when it is another by now.')


class TaskNote(In):
    """Something to be written down."""

    words: Annotated[Words, Field(min_length=1)]


class Closing(In):
    """How it ended."""

    outcome: Literal["solved", "spoken with them", "not confirmed", "nobody reached", "renewed", "nothing to do"]
    words: Words = Field(default="", description="Noted beside it.")


class Holding(In):
    """For what an interpreter is, or is not, asked."""

    encounter: Encounter | Literal[""] = Field(default="", description='"" for anything at all.')


class TasksOut(Out):
    """Some tasks."""

    tasks: list[TaskOut]


def listed(call: Call) -> TasksOut:
    """Open tasks, the first due first; or the newest of those that are closed."""
    asked: TasksQuery = call.query
    with call.store.reading() as tx:
        found = tx.open_tasks(False) if asked.state == "open" else tx.closed_tasks(False)
        return TasksOut(tasks=[TaskOut(**_told(tx, one, call)) for one in found])


def read(call: Call) -> OneTaskOut:
    """One task with its words and notes."""
    with call.store.reading() as tx:
        return _whole(tx, call.path["task_id"], call)


def complain(call: Call) -> Created:
    """A complaint about a request becomes a task; words of danger raise an alert at once."""
    sent: NewComplaint = call.body
    with call.store.transaction() as tx:
        request = requests.known(tx, call)
        task = quality_tasks.make(
            Source.API,
            secrets.token_hex(6),
            f"api:{secrets.token_hex(8)}",
            call.now,
            words=sent.words,
            made_by=call.by,
            request_id=request.id,
            requester_id=request.requester_id,
            interpreter_id=request.spoken_by,
        )
        earlier = tx.claim_key(call.once, task.id, call.now) if call.once.key else None
        if earlier is not None:
            return Created(_whole(tx, earlier, call), f"/tasks/{earlier}", again=True)
        tx.add_task(task)
        heed(tx, sent.words, request.language, request.id, call.now)
        tx.log(request.id, "ComplaintReceived", {}, call.now)
        tx.audit(call.by, "task made", f"task {task.id}", f"request {request.id}", call.now)
        return Created(_whole(tx, task.id, call), f"/tasks/{task.id}")


def assign(call: Call) -> OneTaskOut:
    """Give it to somebody."""
    sent: Assignment = call.body
    return _done(call, lambda tx, task: task_deeds.assign(tx, task, sent.to, sent.seen, call.by, call.now))


def note(call: Call) -> Created:
    """Write something down about it; with the same key only once."""
    sent: TaskNote = call.body
    with call.store.transaction() as tx:
        task = _known(tx, call.path["task_id"])
        again = bool(call.once.key) and tx.claim_key(call.once, task.id, call.now) is not None
        if not again:
            task_deeds.note(tx, task, sent.words, call.by, call.now)
        return Created(_whole(tx, task.id, call), f"/tasks/{task.id}", again)


def close(call: Call) -> OneTaskOut:
    """End it."""
    sent: Closing = call.body
    return _done(call, lambda tx, task: task_deeds.close(tx, task, sent.outcome, sent.words, call.by, call.now))


def keep_apart(call: Call) -> OneTaskOut:
    """Never bring these two together again."""
    return _done(call, lambda tx, task: task_deeds.keep_apart(tx, task, call.by, call.now))


def hold_back(call: Call) -> OneTaskOut:
    """Do not ask the interpreter."""
    sent: Holding = call.body
    return _done(call, lambda tx, task: task_deeds.hold_back(tx, task, sent.encounter, call.by, call.now))


def ask_again(call: Call) -> OneTaskOut:
    """Ask the interpreter again."""
    sent: Holding = call.body
    return _done(call, lambda tx, task: task_deeds.ask_again(tx, task, sent.encounter, call.by, call.now))


def _done(call: Call, deed: Callable[[Transaction, Task], None]) -> OneTaskOut:
    """The task after something was done about it."""
    with call.store.transaction() as tx:
        deed(tx, _known(tx, call.path["task_id"]))
        return _whole(tx, call.path["task_id"], call)


def _known(tx: Transaction, task_id: str) -> Task:
    found = tx.task(task_id)
    if found is None:
        raise ApiProblem("not-found", "There is no such task.")
    return found


def _whole(tx: Transaction, task_id: str, call: Call) -> OneTaskOut:
    found = _known(tx, task_id)
    one = found.interpreter_id
    held = tx.holds([one]).get(one, {}) if one else {}
    return OneTaskOut(
        **_told(tx, found, call),
        words=task_deeds.words_of(tx, found),
        notes=[NoteOut(at=one.at, by=one.account, words=one.words) for one in tx.notes_of_task(task_id)],
        kept_apart=bool(found.requester_id and one in tx.apart_from(found.requester_id)),
        held_back=[HeldOut(encounter=encounter, reason=reason) for encounter, reason in sorted(held.items())],
    )


def _told(tx: Transaction, task: Task, call: Call) -> dict[str, Any]:
    same = ("id", "what", "next_step", "request_id", "made_by", "made_at", "due_at", "assignee", "closed_at")
    return {name: getattr(task, name) for name in (*same, "closed_by", "outcome")} | {
        "source": task.source.value,
        "interpreter": _who(tx, task, call),
        "overdue": task.overdue(call.now),
    }


def _who(tx: Transaction, task: Task, call: Call) -> Who | None:
    try:
        return requests.who(tx.interpreter(task.interpreter_id), call) if task.interpreter_id else None
    except UnknownInterpreter:
        return Who(code=None)


def _deed(name: str, address: str, handle: Handler, summary: str, description: str, **more: Any) -> Operation:
    where = f"/tasks/{{task_id}}/{address}"
    return Operation(name, "POST", where, Scope.ACT, handle, OneTaskOut, summary, description, **more)


OPERATIONS = (
    Operation(
        "list_tasks",
        "GET",
        "/tasks",
        Scope.ACT,
        listed,
        TasksOut,
        "List quality tasks",
        "Open ones, the first due first; or the fifty that were closed last.",
        query=TasksQuery,
    ),
    Operation(
        "read_task",
        "GET",
        "/tasks/{task_id}",
        Scope.ACT,
        read,
        OneTaskOut,
        "Read a quality task",
        "With what was written.",
    ),
    Operation(
        "complain",
        "POST",
        "/requests/{request_id}/complaints",
        Scope.ACT,
        complain,
        OneTaskOut,
        "Complain about a request",
        "It becomes a task that a person has to see to. An Idempotency-Key keeps it from being made twice.",
        body=NewComplaint,
        status=201,
        examples={"a complaint": {"words": "The interpreter spoke another variety of Mam."}},
    ),
    _deed(
        "assign_task",
        "assign",
        assign,
        "Assign a quality task",
        "409 where somebody else has it by now.",
        body=Assignment,
        examples={"to a dispatcher": {"to": "dana", "seen": ""}},
    ),
    _deed(
        "note_task",
        "notes",
        note,
        "Write a note on a quality task",
        "Forgotten some time after it is closed. An Idempotency-Key keeps it from being written twice.",
        body=TaskNote,
        status=201,
        examples={"a note": {"words": "Left a message; she calls back on Monday."}},
    ),
    _deed(
        "close_task",
        "close",
        close,
        "Close a quality task",
        "409 where it is closed already.",
        body=Closing,
        examples={"spoken": {"outcome": "spoken with them", "words": "They will ask which Mam first."}},
    ),
    _deed(
        "keep_apart",
        "keep-apart",
        keep_apart,
        "Keep the two people of a task apart",
        "The requester's calls are never offered to the interpreter again. Doing so twice is harmless.",
    ),
    _deed(
        "hold_back",
        "hold-back",
        hold_back,
        "Hold the task's interpreter back",
        "They are not asked for that encounter, or at all, until they are asked again.",
        body=Holding,
        examples={"from custodial interviews": {"encounter": "custodial"}},
    ),
    _deed(
        "ask_again",
        "ask-again",
        ask_again,
        "Ask the task's interpreter again",
        "409 where they are.",
        body=Holding,
        examples={"at all": {"encounter": ""}},
    ),
)
