"""What can be done about a request by the API: the dispatcher's own decisions, on the version that was looked at.

Adding one is a class with its `event`, named in `Action`.
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from dispatch import events, override_events, varieties
from dispatch.api.problems import ApiProblem
from dispatch.api.request_shapes import Encounter
from dispatch.api.shapes import In, Line, Short, Tongue, Version, Words
from dispatch.effects import To
from dispatch.errors import NotPossibleNow
from dispatch.people import Interpreter
from dispatch.request import Request
from dispatch.store import Transaction
from dispatch.vendor_hold import Spoke

Code = Annotated[Short, Field(min_length=1, description="The interpreter's own number.", examples=["102"])]
LegId = Annotated[Short, Field(min_length=1, description="Its id, of `legs`.")]


class OneAction(In):
    """On the version that was looked at."""

    version: Version

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """What it is to the request. Raises UnknownInterpreter."""
        raise NotImplementedError


class ChangeLanguage(OneAction):
    """The language is another one; the search begins anew."""

    action: Literal["change_language"]
    language: Tongue

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """As the dispatcher sets it."""
        return override_events.LanguageSet(self.language, by)


class Ring(OneAction):
    """Ring this interpreter, beside whoever is being rung. Who is kept apart or held back is never rung."""

    action: Literal["ring"]
    interpreter: Code
    reason: Line = Field(default="", description="Why, where a search would not ring them; it is kept.")

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """One more phone."""
        return override_events.InterpreterRung(_interpreter(tx, self.interpreter).id, by, self.reason)


class SetVariety(OneAction):
    """Which variety (dialect) of the request's language it is."""

    action: Literal["set_variety"]
    variety: Short = Field(description='Its name or code; "" takes back what was said.', examples=["Todos Santos"])

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """As the dispatcher names it. Raises UnknownVariety."""
        if request.language is None:
            raise NotPossibleNow("The language is not known yet; change the language first.")
        return events.VarietyNamed(varieties.as_code(request.language, self.variety) if self.variety else "", by)


class AlsoSpeaks(OneAction):
    """The person who waits speaks this language too: it is looked for beside the first."""

    action: Literal["also_speaks"]
    language: Tongue

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """One more way to be understood."""
        return events.AlsoSpeaks(self.language, by)


class FullInterpreter(OneAction):
    """A basic command of the language is not enough: a tested, proficient interpreter is asked for."""

    action: Literal["full_interpreter"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """From now on."""
        return override_events.FullInterpreterNeeded(by)


class DialVendor(OneAction):
    """Have one of the policy's vendor lines dialled into the call now."""

    action: Literal["dial_vendor"]
    vendor: Annotated[Short, Field(min_length=1, description="Its name in the policy.")]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Its phone rings."""
        return override_events.VendorCalled(self.vendor, by)


class InterpreterSpeaks(OneAction):
    """The vendor's interpreter speaks now: their hold is over, and the time to connect with it."""

    action: Literal["interpreter_speaks"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """As the desk notices it."""
        return events.InterpreterSpeaks(Spoke.DESK.value)


class HandToVendor(OneAction):
    """A commercial line takes it; the request is over."""

    action: Literal["hand_to_vendor"]
    vendor: Short = "the vendor line"

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Arranged outside."""
        return override_events.HandedToVendor(self.vendor or "the vendor line", by)


class CallRequester(OneAction):
    """Ring the waiting requester's phone now, so that they wait on the line."""

    action: Literal["call_requester"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Their phone rings."""
        return override_events.RequesterCalled(by)


class Message(OneAction):
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


class TakeOver(OneAction):
    """The duty desk speaks with the requester; searching stops."""

    action: Literal["take_over"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Desk and requester are brought together."""
        return override_events.TakenOver(by)


class RemoveLeg(OneAction):
    """Take a phone out of the call."""

    action: Literal["remove_leg"]
    leg: LegId

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """It is hung up."""
        return override_events.LegRemoved(self.leg, by)


class Mute(OneAction):
    """A phone in the conference is not heard, or heard again."""

    action: Literal["mute"]
    leg: LegId
    on: bool = Field(default=True, description="False: heard again.")

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """They still hear the others."""
        return override_events.MuteSet(self.leg, self.on, by)


class Hold(OneAction):
    """A phone waits outside of the conversation, or is taken back into it."""

    action: Literal["hold"]
    leg: LegId
    on: bool = Field(default=True, description="False: back into the conversation.")

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """They hear the announcement meanwhile."""
        return override_events.HoldSet(self.leg, self.on, by)


class SetEncounter(OneAction):
    """What the meeting is about: another credential is asked for from now on."""

    action: Literal["set_encounter"]
    encounter: Encounter

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """Who rings already goes on ringing."""
        return events.EncounterSet(self.encounter, by)


class WaiveCredential(OneAction):
    """Let somebody without the credential be asked, this once; the reason is kept."""

    action: Literal["waive_credential"]
    reason: Annotated[Line, Field(min_length=1, examples=["Nobody certified for 200 miles; supervisor agrees"])]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """An exception on record."""
        return events.CredentialWaived(self.reason, by)


class KeepOut(OneAction):
    """A conflict of interest: this interpreter is not asked for this request."""

    action: Literal["keep_out"]
    interpreter: Code

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """If their phone rings, it stops."""
        return events.KeptOut(_interpreter(tx, self.interpreter).id, by)


class AnotherInterpreter(OneAction):
    """Another interpreter for a session that goes on; the call stays up."""

    action: Literal["another_interpreter"]
    why: Literal["language", "full", "known", "other"] = Field(
        default="other",
        description="The language is wrong; a full interpreter is needed; they know each other; something else.",
    )
    leg: Short = Field(default="", description="Which interpreter, where there are two: the id, of `legs`.")
    language: Tongue | Literal[""] = Field(default="", description="The right one, where the language is wrong.")

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """A replacement is rung."""
        return events.AnotherWanted("dispatcher", self.why, self.leg, self.language if self.why == "language" else "")


class Cancel(OneAction):
    """End it: every phone stops."""

    action: Literal["cancel"]

    def event(self, tx: Transaction, request: Request, by: str) -> events.Event:
        """As the dispatcher ends it."""
        return events.RequestDropped("dispatcher")


_AnyAction = (
    ChangeLanguage
    | Ring
    | SetVariety
    | AlsoSpeaks
    | FullInterpreter
    | DialVendor
    | InterpreterSpeaks
    | HandToVendor
    | CallRequester
    | Message
    | TakeOver
    | RemoveLeg
    | Mute
    | Hold
    | SetEncounter
    | WaiveCredential
    | KeepOut
    | AnotherInterpreter
    | Cancel
)


class Action(RootModel[Annotated[_AnyAction, Field(discriminator="action")]]):
    """One of the actions, named by `action`."""


def _interpreter(tx: Transaction, code: str) -> Interpreter:
    if not code:
        raise ApiProblem("invalid", "Name the interpreter by their number.")
    return tx.interpreter_by_code(code)
