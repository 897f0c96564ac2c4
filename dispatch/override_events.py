"""What a dispatcher does from the console. Each names by whom; words to people are in `text`, which is never logged."""

from dataclasses import dataclass

from dispatch.effects import To


@dataclass(frozen=True)
class LanguageSet:
    """The dispatcher knows the language (ISO 639-3)."""

    language: str
    by: str
    variety: str = ""
    """Which variety of it; "" for any."""


@dataclass(frozen=True)
class InterpreterRung:
    """The dispatcher wants this interpreter asked, beside whoever is being rung already."""

    interpreter_id: str
    by: str
    reason: str = ""
    """Why, where a search would not have rung them (`by_hand`)."""


@dataclass(frozen=True)
class HandedToVendor:
    """The dispatcher arranges a commercial line, whose name is `vendor`."""

    vendor: str
    by: str


@dataclass(frozen=True)
class RequesterCalled:
    """The dispatcher has the requester's phone rung now, so that they wait on the line."""

    by: str


@dataclass(frozen=True)
class MessageWritten:
    """The dispatcher writes to the requester or to an interpreter of this request."""

    to: To
    person_id: str
    text: str
    by: str


@dataclass(frozen=True)
class TakenOver:
    """The dispatcher speaks with the requester themselves: searching stops, the duty desk's phone rings."""

    by: str


@dataclass(frozen=True)
class VendorCalled:
    """The dispatcher has one of the policy's vendor lines dialled into the call now."""

    vendor: str
    by: str


@dataclass(frozen=True)
class FullInterpreterNeeded:
    """A basic command of the language is not enough for what is at stake: ask for a tested, proficient interpreter."""

    by: str


@dataclass(frozen=True)
class MuteSet:
    """The dispatcher wants this phone not to be heard in the conference, or to be heard again."""

    leg_id: str
    muted: bool
    by: str


@dataclass(frozen=True)
class HoldSet:
    """The dispatcher puts this phone on hold, or takes it back into the conversation."""

    leg_id: str
    held: bool
    by: str


@dataclass(frozen=True)
class LegRemoved:
    """The dispatcher takes a phone out of the request."""

    leg_id: str
    by: str


OverrideEvent = (
    LanguageSet
    | InterpreterRung
    | HandedToVendor
    | RequesterCalled
    | MessageWritten
    | TakenOver
    | VendorCalled
    | FullInterpreterNeeded
    | MuteSet
    | HoldSet
    | LegRemoved
)
