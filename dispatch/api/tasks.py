"""Quality tasks by the API: what a person has to see to, and complaints from other systems that become tasks."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch import quality_tasks
from dispatch.api import requests
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.request_shapes import NoteOut, Who
from dispatch.api.shapes import In, Moment, Out, Words
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


class OneTaskOut(TaskOut):
    """The same with what was written."""

    words: str
    notes: list[NoteOut]


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
        seated = [offer.interpreter_id for offer in request.offers if offer.accepted_at is not None]
        task = quality_tasks.make(
            Source.API,
            secrets.token_hex(6),
            f"api:{secrets.token_hex(8)}",
            call.now,
            words=sent.words,
            made_by=call.by,
            request_id=request.id,
            requester_id=request.requester_id,
            interpreter_id=seated[-1] if seated else None,
        )
        earlier = tx.claim_key(call.once, task.id, call.now) if call.once.key else None
        if earlier is not None:
            return Created(_whole(tx, earlier, call), f"/tasks/{earlier}", again=True)
        tx.add_task(task)
        heed(tx, sent.words, request.language, request.id, call.now)
        tx.log(request.id, "ComplaintReceived", {}, call.now)
        tx.audit(call.by, "task made", f"task {task.id}", f"request {request.id}", call.now)
        return Created(_whole(tx, task.id, call), f"/tasks/{task.id}")


def _whole(tx: Transaction, task_id: str, call: Call) -> OneTaskOut:
    found = tx.task(task_id)
    if found is None:
        raise ApiProblem("not-found", "There is no such task.")
    notes = [NoteOut(at=one.at, by=one.account, words=one.words) for one in tx.notes_of_task(task_id)]
    return OneTaskOut(**_told(tx, found, call), words=found.words, notes=notes)


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
)
