"""Stepping in on requests by the API: actions on the version that was looked at, calling back, notes."""

from typing import Annotated

from pydantic import Field

from dispatch.api import requests
from dispatch.api.action_shapes import Action, OneAction
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import of_error
from dispatch.api.request_shapes import NoteOut, RequestOut
from dispatch.api.shapes import In, Out, Words
from dispatch.errors import ChangedMeanwhile, NotPossibleNow
from dispatch.integrations import Scope
from dispatch.request import Request
from dispatch.store import Transaction


class NewNote(In):
    """Something to write down."""

    words: Annotated[Words, Field(min_length=1)]


class NotesOut(Out):
    """A request's notes."""

    request_id: str
    notes: list[NoteOut]


def act(call: Call) -> RequestOut:
    """Do it, if the request is still the one that was looked at."""
    wanted: OneAction = call.body.root
    version, _, seen = wanted.version.partition("-")
    with call.store.reading() as tx:
        event = wanted.event(tx, requests.known(tx, call), call.by)
    try:
        after = call.parts.intake.override(call.path["request_id"], int(version), event, call.by)
    except (ChangedMeanwhile, NotPossibleNow) as error:
        with call.store.reading() as tx:
            request = requests.known(tx, call)
            problem = of_error(error)
            problem.more["version"] = requests.shown(tx, request, call).version
            problem.more["changed"] = requests.changes(tx, request, call, int(seen))
        raise problem from error
    with call.store.reading() as tx:
        return requests.shown(tx, tx.request(after.id) or after, call)


def call_back(call: Call) -> Created:
    """Ask again for somebody whose request is over."""
    again = call.parts.intake.call_back(call.path["request_id"], call.by)
    with call.store.reading() as tx:
        return Created(requests.shown(tx, again, call), f"/requests/{again.id}")


def note(call: Call) -> Created:
    """Write something down."""
    words: NewNote = call.body
    with call.store.transaction() as tx:
        request = requests.known(tx, call)
        if call.once.key and tx.claim_key(call.once, request.id, call.now) is not None:
            return Created(_notes(tx, request), f"/requests/{request.id}/timeline", again=True)
        tx.add_note(request.id, call.by, words.words, call.now)
        tx.audit(call.by, "note written", f"request {request.id}", "", call.now)
        return Created(_notes(tx, request), f"/requests/{request.id}/timeline")


def _notes(tx: Transaction, request: Request) -> NotesOut:
    notes = [NoteOut(at=one.at, by=one.account, words=one.words) for one in tx.notes_of(request.id)]
    return NotesOut(request_id=request.id, notes=notes)


OPERATIONS = (
    Operation(
        "act_on_request",
        "POST",
        "/requests/{request_id}/actions",
        Scope.ACT,
        act,
        RequestOut,
        "Step in on a request",
        "What a dispatcher can do, named by `action`, on the `version` that you looked at. If it changed since, "
        "nothing is done: the answer is 409 with what changed and the new version. A repeated action cannot be done "
        "twice: its version is gone.",
        body=Action,
        problems=(409,),
        examples={
            "change the language": {"action": "change_language", "version": "3-118", "language": "Mam"},
            "set the variety": {"action": "set_variety", "version": "3-118", "variety": "Todos Santos"},
            "mute a phone": {"action": "mute", "version": "3-118", "leg": "1a2b3c4d", "on": True},
            "ring somebody": {"action": "ring", "version": "3-118", "interpreter": "102"},
            "cancel": {"action": "cancel", "version": "3-118"},
        },
    ),
    Operation(
        "call_back",
        "POST",
        "/requests/{request_id}/call-back",
        Scope.ACT,
        call_back,
        RequestOut,
        "Call somebody back whose request is over",
        "A new request in the language known; their phone rings with the interpreter. Not while they have an open one.",
        status=201,
        problems=(409,),
        keyed=False,
    ),
    Operation(
        "write_note",
        "POST",
        "/requests/{request_id}/notes",
        Scope.ACT,
        note,
        NotesOut,
        "Write a note",
        "Kept sealed with the request; read it in the timeline. An Idempotency-Key keeps it from being written twice.",
        body=NewNote,
        status=201,
        examples={"a note": {"words": "Second unit on its way."}},
    ),
)
