"""Work on the roster by the API: test calls and texts, notes, who is asked again, and the roster as a file."""

from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch import phone_check, roster_changes, spreadsheets
from dispatch.api.operations import Call, Created, File, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.request_shapes import Encounter, NoteOut
from dispatch.api.shapes import In, Moment, Out, Words
from dispatch.integrations import Scope
from dispatch.phone_check import NEXT, CheckState, PhoneCheck
from dispatch.roster_changes import By
from dispatch.store import Transaction


class TestCallIn(In):
    """How it is made."""

    confirmed: bool = Field(default=False, description="Ring them although they asked not to be disturbed now.")


class StepOut(Out):
    """Something that happened on it."""

    state: CheckState
    at: Moment


class TestCallOut(Out):
    """An interpreter's last test call."""

    code: str
    state: CheckState
    over: bool = Field(description="False: read it again in a few seconds.")
    works: bool = Field(description="Whether a person pressed the key that says so.")
    reason: str = Field(description="Of the carrier or the service, where one was given.")
    what_to_do: str
    begun_at: Moment
    by: str
    steps: list[StepOut]


class SentOut(Out):
    """A text is on its way."""

    code: str
    sent: bool


class HeldBackOut(Out):
    """What they are not asked for."""

    encounter: str = Field(description='"" for anything at all.')
    reason: str


class TaskAbout(Out):
    """A quality task about them."""

    id: str
    what: str
    open: bool


class QualityOut(Out):
    """What was written about an interpreter, and what they are not asked for."""

    code: str
    notes: list[NoteOut]
    held_back: list[HeldBackOut]
    tasks: list[TaskAbout] = Field(description="Only for tokens with the scope `act`.")


class NoteIn(In):
    """Something to keep."""

    words: Annotated[Words, Field(min_length=1)]


class AskAgain(In):
    """What they are asked for again."""

    encounter: Encounter | Literal[""] = Field(default="", description='"" for anything at all.')


def begin_test_call(call: Call) -> Created:
    """Ring the phone, unless that has to wait or to be confirmed."""
    sent: TestCallIn = call.body
    with call.store.reading() as tx:
        one = tx.interpreter_by_code(call.path["code"])
    call.parts.intake.begin_check(one.id, call.by, sent.confirmed)
    return Created(test_call(call), f"/roster/{one.code}/test-call")


def test_call(call: Call) -> TestCallOut:
    """The last one."""
    with call.store.reading() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        found = tx.phone_check_of(one.id)
    if found is None:
        raise ApiProblem("not-found", "They have had no test call yet.")
    return _told(one.code, phone_check.as_of(found, call.now))


def test_text(call: Call) -> Created:
    """Send them a text that shows that they can be reached."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        again = bool(call.once.key) and tx.claim_key(call.once, one.id, call.now) is not None
    if not again:
        call.parts.intake.test_text(one.id, call.by)
    return Created(SentOut(code=one.code, sent=True), f"/roster/{one.code}", again)


def quality(call: Call) -> QualityOut:
    """Notes, holds and tasks."""
    with call.store.reading() as tx:
        return _quality(tx, call)


def note(call: Call) -> Created:
    """Keep a note; with the same key only once."""
    sent: NoteIn = call.body
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        again = bool(call.once.key) and tx.claim_key(call.once, one.id, call.now) is not None
        if not again:
            roster_changes.note(tx, one, sent.words, By(call.by, call.now))
        return Created(_quality(tx, call), f"/roster/{one.code}/quality", again)


def ask_again(call: Call) -> QualityOut:
    """Ask them again."""
    sent: AskAgain = call.body
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        roster_changes.ask_again(tx, one, sent.encounter, By(call.by, call.now))
        return _quality(tx, call)


def as_csv(call: Call) -> File:
    """The whole roster with numbers."""
    return File(_exported(call, "csv").encode(), "interpreters.csv")


def as_xlsx(call: Call) -> File:
    """The same as a spreadsheet."""
    return File(spreadsheets.from_csv(_exported(call, "xlsx"), "Interpreters"), "interpreters.xlsx")


# -- how it is done ----------------------------------------------------------------------------------------------------


def _exported(call: Call, kind: str) -> str:
    if not call.may(Scope.ROSTER):
        raise ApiProblem("not-allowed", "This token does not have the scope 'roster'.")
    with call.store.transaction() as tx:
        return roster_changes.export(tx, kind, By(call.by, call.now))


def _told(code: str, check: PhoneCheck) -> TestCallOut:
    return TestCallOut(
        code=code,
        state=check.state,
        over=check.over,
        works=check.state is CheckState.PRESSED,
        reason=check.words,
        what_to_do=NEXT.get(check.state, ""),
        begun_at=check.started_at,
        by=check.account,
        steps=[StepOut(state=state, at=at) for state, at in check.steps],
    )


def _quality(tx: Transaction, call: Call) -> QualityOut:
    one = tx.interpreter_by_code(call.path["code"])
    held: dict[str, Any] = dict(tx.holds([one.id]).get(one.id, {}))
    tasks = tx.tasks_of_interpreter(one.id, roster_only=False) if call.may(Scope.ACT) else []
    return QualityOut(
        code=one.code,
        notes=[NoteOut(at=each.at, by=each.account, words=each.words) for each in tx.notes_on_interpreter(one.id)],
        held_back=[HeldBackOut(encounter=encounter, reason=reason) for encounter, reason in sorted(held.items())],
        tasks=[TaskAbout(id=each.id, what=each.what, open=each.closed_at is None) for each in tasks],
    )


_ONE = "/roster/{code}"
_EXPORTED = "Numbers and all, which the audit log says; needs the scopes `roster` and `reveal`."
OPERATIONS = (
    Operation(
        "begin_test_call",
        "POST",
        f"{_ONE}/test-call",
        Scope.ROSTER,
        begin_test_call,
        TestCallOut,
        "Make a test call",
        "Their phone rings and asks for a key; it is no offer. 409 while they are engaged, a test is on its way (so a "
        "repeated try rings nobody twice), or they asked not to be disturbed and it is not `confirmed`.",
        body=TestCallIn,
        status=201,
        keyed=False,
        examples={"as they wish": {}},
    ),
    Operation(
        "read_test_call",
        "GET",
        f"{_ONE}/test-call",
        Scope.ROSTER,
        test_call,
        TestCallOut,
        "Read an interpreter's last test call",
        "404 while there was none.",
    ),
    Operation(
        "send_test_text",
        "POST",
        f"{_ONE}/test-text",
        Scope.ROSTER,
        test_text,
        SentOut,
        "Send a test text",
        "An alert tells when it cannot be delivered. With an Idempotency-Key it is sent once.",
        status=201,
    ),
    Operation(
        "read_interpreter_quality",
        "GET",
        f"{_ONE}/quality",
        Scope.ROSTER,
        quality,
        QualityOut,
        "Read notes on an interpreter",
        "And what they are not asked for.",
    ),
    Operation(
        "note_interpreter",
        "POST",
        f"{_ONE}/notes",
        Scope.ROSTER,
        note,
        QualityOut,
        "Keep a note on an interpreter",
        "Kept sealed. An Idempotency-Key keeps it from being written twice.",
        body=NoteIn,
        status=201,
        examples={"a note": {"words": "Asked for mornings only until June."}},
    ),
    Operation(
        "ask_interpreter_again",
        "POST",
        f"{_ONE}/ask-again",
        Scope.ROSTER,
        ask_again,
        QualityOut,
        "Ask an interpreter again who was held back",
        "409 where they are asked already.",
        body=AskAgain,
        examples={"at all": {"encounter": ""}},
    ),
    Operation(
        "export_roster_csv",
        "GET",
        "/roster.csv",
        Scope.REVEAL,
        as_csv,
        None,
        "Read the whole roster as CSV",
        _EXPORTED,
        sends="text/csv",
    ),
    Operation(
        "export_roster_xlsx",
        "GET",
        "/roster.xlsx",
        Scope.REVEAL,
        as_xlsx,
        None,
        "Read the whole roster as a spreadsheet",
        _EXPORTED,
        sends="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
)
