"""What can be done about a request by the API: the dispatcher's own decisions, on the version that was looked at.

Adding one is a class with its `event`, named in `Action`.
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from dispatch import events, override_events, varieties
from dispatch.api import requests
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem, of_error
from dispatch.api.request_shapes import Encounter, NoteOut, RequestOut
from dispatch.api.shapes import In, Line, Out, Short, Tongue, Version, Words
from dispatch.effects import To
from dispatch.errors import ChangedMeanwhile, NotPossibleNow
from dispatch.integrations import Scope
from dispatch.people import Interpreter
from dispatch.request import Request
from dispatch.store import Transaction

Code = Annotated[Short, Field(min_length=1, description="The interpreter's own number.", examples=["102"])]

Leg = Annotated[Short, Field(min_length=1, description="The phone's id, of `legs`.")]


class _Action(In):
    """On the version that was looked at."""

    version: Version

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """What it is to the request. Raises UnknownInterpreter."""
        raise NotImplementedError


class ChangeLanguage(_Action):
    """The language is another one; the search begins anew."""

    action: Literal["change_language"]
    language: Tongue

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """As the dispatcher sets it."""
        return override_events.LanguageSet(self.language, by)


class Ring(_Action):
    """Ring this interpreter, beside whoever is being rung."""

    action: Literal["ring"]
    interpreter: Code

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """One more phone."""
        return override_events.InterpreterRung(_interpreter(tx, self.interpreter).id, by)


class HandToVendor(_Action):
    """A commercial line takes it; the request is over."""

    action: Literal["hand_to_vendor"]
    vendor: Short = "the vendor line"

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Arranged outside."""
        return override_events.HandedToVendor(self.vendor or "the vendor line", by)


class CallRequester(_Action):
    """Ring the waiting requester's phone now, so that they wait on the line."""

    action: Literal["call_requester"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Their phone rings."""
        return override_events.RequesterCalled(by)


class Message(_Action):
    """Text the requester, or an interpreter of this request, in your own words."""

    action: Literal["message"]
    to: Literal["requester", "interpreter"] = "requester"
    interpreter: Short = Field(default="", description="Their number, where it goes to an interpreter.")
    words: Annotated[Words, Field(min_length=1, max_length=320)]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Words that no log repeats."""
        if self.to == "requester":
            return override_events.MessageWritten(To.REQUESTER, request.requester_id, self.words, by)
        person = _interpreter(tx, self.interpreter)
        return override_events.MessageWritten(To.INTERPRETER, person.id, self.words, by)


class TakeOver(_Action):
    """The duty desk speaks with the requester; searching stops."""

    action: Literal["take_over"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Desk and requester are brought together."""
        return override_events.TakenOver(by)


class RemoveLeg(_Action):
    """Take a phone out of the call."""

    action: Literal["remove_leg"]
    leg: Leg

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """It is hung up."""
        return override_events.LegRemoved(self.leg, by)


class SetEncounter(_Action):
    """What the meeting is about: another credential is asked for from now on."""

    action: Literal["set_encounter"]
    encounter: Encounter

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Who rings already goes on ringing."""
        return events.EncounterSet(self.encounter, by)


class WaiveCredential(_Action):
    """Let somebody without the credential be asked, this once; the reason is kept."""

    action: Literal["waive_credential"]
    reason: Annotated[Line, Field(min_length=1, examples=["Nobody certified for 200 miles; supervisor agrees"])]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """An exception on record."""
        return events.CredentialWaived(self.reason, by)


class KeepOut(_Action):
    """A conflict of interest: this interpreter is not asked for this request."""

    action: Literal["keep_out"]
    interpreter: Code

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """If their phone rings, it stops."""
        return events.KeptOut(_interpreter(tx, self.interpreter).id, by)


class AnotherInterpreter(_Action):
    """Another interpreter for a session that goes on; the call stays up."""

    action: Literal["another_interpreter"]
    why: Literal["language", "full", "known", "other"] = Field(
        default="other",
        description="The language is wrong; a full interpreter is needed; they know each other; something else.",
    )
    language: Tongue | Literal[""] = Field(default="", description="The right one, where the language is wrong.")
    leg: Short = Field(default="", description="The interpreter, where there are two; an id of `legs`.")

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """A replacement is rung."""
        return events.AnotherWanted("dispatcher", self.why, self.leg, self.language if self.why == "language" else "")


class NameVariety(_Action):
    """Say which kind of the language it is: who speaks it is asked first."""

    action: Literal["name_variety"]
    variety: Short = Field(description='By name, as on the roster; "" takes back what was said.')

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Of the language that is settled. Raises UnknownVariety."""
        found = varieties.find(request.language or "", self.variety).code if self.variety else ""
        return events.VarietyNamed(found, by)


class AlsoSpeaks(_Action):
    """The person waiting speaks this language too: either will do."""

    action: Literal["also_speaks"]
    language: Tongue

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Phones that ring go on ringing."""
        return events.AlsoSpeaks(self.language, by)


class Mute(_Action):
    """Let a phone not be heard in the conference, or be heard again."""

    action: Literal["mute"]
    leg: Leg
    on: bool = True

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """They go on hearing."""
        return override_events.MuteSet(self.leg, self.on, by)


class Hold(_Action):
    """Put a phone on hold, or take it back into the conversation."""

    action: Literal["hold"]
    leg: Leg
    on: bool = True

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """They hear music meanwhile."""
        return override_events.HoldSet(self.leg, self.on, by)


class DialVendor(_Action):
    """Have one of the policy's vendor lines dialled into the call now."""

    action: Literal["dial_vendor"]
    vendor: Annotated[Short, Field(min_length=1, description="Its name in the policy.")]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Its code is sent as keys."""
        return override_events.VendorCalled(self.vendor, by)


class FullInterpreter(_Action):
    """A basic command of the language is not enough: ask for a tested, proficient interpreter."""

    action: Literal["full_interpreter"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """The one who is there stays until then."""
        return override_events.FullInterpreterNeeded(by)


class Cancel(_Action):
    """End it: every phone stops."""

    action: Literal["cancel"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """As the dispatcher ends it."""
        return events.RequestDropped("dispatcher")


class Action(
    RootModel[
        Annotated[
            ChangeLanguage
            | Ring
            | HandToVendor
            | CallRequester
            | Message
            | TakeOver
            | RemoveLeg
            | SetEncounter
            | WaiveCredential
            | KeepOut
            | AnotherInterpreter
            | NameVariety
            | AlsoSpeaks
            | Mute
            | Hold
            | DialVendor
            | FullInterpreter
            | Cancel,
            Field(discriminator="action"),
        ]
    ]
):
    """One of these, named by `action`."""


class NewNote(In):
    """Something to write down."""

    words: Annotated[Words, Field(min_length=1)]


class NotesOut(Out):
    """A request's notes."""

    request_id: str
    notes: list[NoteOut]


def act(call: Call) -> RequestOut:
    """Do it, if the request is still the one that was looked at."""
    wanted: _Action = call.body.root
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


def _interpreter(tx: Transaction, code: str) -> Interpreter:
    if not code:
        raise ApiProblem("invalid", "Name the interpreter by their number.")
    return tx.interpreter_by_code(code)


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
