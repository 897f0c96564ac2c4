"""Requests as the API takes and tells them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from dispatch.api.shapes import (
    In,
    LanguageOut,
    Line,
    Moment,
    Number,
    Out,
    Page,
    Short,
    Tongue,
    VarietyOut,
    Words,
    language_out,
    number_out,
    variety_out,
)
from dispatch.people import Requester, Role
from dispatch.request import LegRole, LegState, Request, RequestState

LEG_WORDS = {
    LegState.DIALLING: "being rung",
    LegState.ON_LINE: "on the line, hears our prompts",
    LegState.IN_CONFERENCE: "in the conference",
    LegState.ENDED: "hung up",
}
Encounter = Literal["routine", "interview", "custodial", "victim", "medical"]
Reference = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/#-]{0,99}$"),
    Field(description="What your system calls it, such as an incident number.", examples=["CAD-2026-004711"]),
]


def _unknown(value: Any) -> Any:
    return [] if value == "unknown" else value


class NewRequester(In):
    """Who needs the interpreter: by number, or a known officer by unit or badge."""

    number: Number | None = Field(default=None, examples=["+16175550142"])
    unit: Short = Field("", description="As on the roster of officers.", examples=["Unit 12"])
    name: Short = Field("", description="Of an officer whose number is not known yet.", examples=["Desk 3"])
    role: Literal["officer", "community"] = Field(
        "officer", description="Of a number that is not known yet; community members are kept by number alone."
    )

    @model_validator(mode="after")
    def _somebody(self) -> "NewRequester":
        if not self.number and not self.unit:
            raise ValueError("give a number, or the unit of a known officer")
        return self


class NewRequest(In):
    """What is asked for."""

    requester: NewRequester
    languages: Annotated[
        list[Tongue],
        BeforeValidator(_unknown, json_schema_input_type=Literal["unknown"] | list[Tongue]),
        Field(
            max_length=5,
            description='The first is looked for; "unknown" or none: it is found out by phone with the person.',
        ),
    ] = []  # noqa: RUF012 (pydantic copies it)
    place: Line = Field("", description="Told to the interpreter.", examples=["5th & Main"])
    note: Words = Field("", description="For dispatchers; kept sealed with the request.")
    urgency: Literal["routine", "urgent", "emergency"] = "routine"
    encounter: Encounter = Field("routine", description="Sets the credential that the interpreter must have.")
    constraints: list[Literal["female", "male", "certified", "in_person", "text"]] = Field([], max_length=5)
    reference: Reference | Literal[""] = ""


class RequestsQuery(Page):
    """Which requests."""

    state: Literal["open", "over", "any"] = "open"
    reference: Reference | Literal[""] = Field("", description="Only those with this external reference.")


class RequestQuery(In):
    """How to read one."""

    reveal: bool = Field(False, description="Show the requester's whole number; needs the scope `reveal`.")


class Who(Out):
    """An interpreter."""

    code: str | None = Field(description="Their own number; null when they are not known any more.", examples=["102"])
    name: str | None = Field(default=None, description="Only for tokens with the scope `roster`.")


class RequesterOut(Out):
    """Who asked."""

    role: Literal["officer", "community"]
    name: str = Field(description='Of an officer; "" for community members.', examples=["Officer Dana Walsh"])
    unit: str = Field(examples=["Unit 12"])
    number: str | None = Field(description="Masked unless revealed; null when withheld.", examples=["+1…42"])


class FoundOut(Out):
    """How the language was found."""

    certainty: float | None = Field(description="0 to 1; null while it is not known.")
    how: str = Field(examples=["named by integration cad", "heard"])
    guesses: list[str] = Field(description="While it is not settled: the likeliest, in English.")


class OfferOut(Out):
    """Somebody who was asked."""

    interpreter: Who
    state: str = Field(examples=["ringing"])
    words: str = Field(examples=["no answer"])
    reason: str = Field(description="Why they were asked.")
    language: LanguageOut | None = Field(description="Of a relay: the language between the two interpreters.")
    seat: int
    offered_at: Moment
    answered_at: Moment | None


class NextOut(Out):
    """What happens by itself next."""

    words: str = Field(examples=["stops ringing 102"])
    at: Moment


class TargetOut(Out):
    """How long they should wait at most."""

    seconds: int
    due_at: Moment
    missed_because: str = Field(description='"" where it was kept, or is not over.')


class LegOut(Out):
    """One phone."""

    id: str
    role: Literal["requester", "interpreter", "agency", "vendor"]
    interpreter: Who | None
    state: str
    words: str = Field(examples=["in the conference"])
    muted: bool
    held: bool


class RequestOut(Out):
    """A request."""

    id: str
    version: str = Field(description="Send it back with an action.", examples=["3-118"])
    reference: str | None
    state: str = Field(examples=["offering"], json_schema_extra={"enum": [state.value for state in RequestState]})
    words: str = Field(description="The state in words.", examples=["ringing interpreters"])
    over: bool
    channel: Literal["text", "voice"]
    requester: RequesterOut
    language: LanguageOut | None
    variety: VarietyOut | None = Field(description="Of the language; null where nobody has said which.")
    found: FoundOut
    urgency: Literal["routine", "urgent", "emergency"]
    encounter: str
    exception: str = Field(description="Why the credential is not asked for this time.")
    constraints: list[str]
    place: str
    offers: list[OfferOut]
    legs: list[LegOut]
    next: NextOut | None
    target: TargetOut
    taken_by: str | None = Field(description="The dispatcher who took it over, where one did.")
    trouble: str = Field(description='What goes wrong on our side just now; "" when nothing does.')
    outcome: str = Field(description="How it ended, in words.")
    result: str = Field(description='How it ended, one word; "" while it is open.')
    created_at: Moment
    connected_at: Moment | None
    ended_at: Moment | None


class RequestPage(Out):
    """Some requests."""

    requests: list[RequestOut]
    next: str | None = Field(description="`cursor` of the next page; null on the last.")


class MomentOut(Out):
    """Something that happened."""

    at: Moment
    what: str
    why: str
    change: str = Field(description='The change of state, in words; "" where it stayed.')


class NoteOut(Out):
    """What somebody wrote down."""

    at: Moment
    by: str
    words: str


class TimelineOut(Out):
    """A request's history."""

    request_id: str
    moments: list[MomentOut]
    notes: list[NoteOut]


class Candidate(Out):
    """Somebody who was considered."""

    interpreter: Who
    asked: bool = Field(description="Whether they could be asked.")
    reason: str
    score: float | None = None
    place: int | None = Field(default=None, description="1 is asked next.")


class Search(Out):
    """One search of the roster."""

    at: Moment
    seat: int
    policy: str
    candidates: list[Candidate]


class WhyOut(Out):
    """Why whom was rung."""

    request_id: str
    searches: list[Search]
    now: list[Candidate] = Field(description="Whom a search would ask now; nobody is rung by reading this.")


def request_out(
    request: Request,
    card: Mapping[str, Any],
    requester: Requester | None,
    people: Mapping[str, Who],
    *,
    reference: str | None,
    taken_by: str | None,
    seq: int,
    whole: bool,
) -> RequestOut:
    """A request from the board's own card of it."""
    return RequestOut(
        id=request.id,
        version=f"{request.version}-{seq}",
        reference=reference,
        state=card["state"],
        words=card["words"],
        over=request.over,
        channel=card["channel"],
        requester=_requester(request, requester, whole),
        language=language_out(request.language),
        variety=variety_out(request.variety),
        found=FoundOut(certainty=card["certainty"], how=card["found_by"], guesses=card["guesses"]),
        urgency=card["urgency"],
        encounter=card["encounter"],
        exception=card["exception"],
        constraints=list(request.need.constraints),
        place=card["place"],
        offers=[
            OfferOut(
                interpreter=people.get(offer.interpreter_id, Who(code=None)),
                state=told["state"],
                words=told["words"],
                reason=told["why"],
                language=language_out(offer.language),
                seat=offer.seat,
                offered_at=offer.offered_at,
                answered_at=offer.answered_at,
            )
            for offer, told in zip(request.offers, card["offers"], strict=True)
        ],
        legs=[_leg(request, leg.id, people) for leg in request.legs],
        next=NextOut(words=card["next"]["words"], at=datetime.fromisoformat(card["next"]["at"]))
        if card["next"]
        else None,
        target=TargetOut(
            seconds=card["target"],
            due_at=request.created_at + timedelta(seconds=card["target"]),
            missed_because=card["miss"],
        ),
        taken_by=taken_by,
        trouble=card["trouble"],
        outcome=card["outcome"],
        result=card["result"],
        created_at=request.created_at,
        connected_at=request.connected_at,
        ended_at=request.ended_at,
    )


def _requester(request: Request, requester: Requester | None, whole: bool) -> RequesterOut:
    if requester is None:
        return RequesterOut(role=request.role.value, name="", unit="", number=None)
    officer = requester.role is Role.OFFICER
    return RequesterOut(
        role=request.role.value,
        name=requester.name if officer else "",
        unit=requester.unit if officer else "",
        number=number_out(requester.number, whole),
    )


def _leg(request: Request, leg_id: str, people: Mapping[str, Who]) -> LegOut:
    leg = request.leg(leg_id)
    if leg is None:
        raise RuntimeError("a leg of a request is not in it")
    offer = request.offer(leg_id) if leg.role is LegRole.INTERPRETER else None
    return LegOut(
        id=leg.id,
        role=leg.role.value,
        interpreter=people.get(offer.interpreter_id) if offer else None,
        state=leg.state.value,
        words=LEG_WORDS[leg.state],
        muted=leg.muted,
        held=leg.held,
    )
