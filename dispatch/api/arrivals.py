"""Expected arrivals by the API: entered, listed, and read with the figures of their plan. More: `arrival_actions`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from dispatch import arrival_view
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.shapes import (
    In,
    LanguageOut,
    Line,
    Moment,
    Number,
    Out,
    Short,
    Time,
    Tongue,
    Words,
    language_out,
    read_number,
)
from dispatch.arrival import CONTACTS_PER_DAY, MOST_PEOPLE, Arrival, Shape, Share
from dispatch.arrival_book import KEPT, ArrivalBook
from dispatch.integrations import Scope
from dispatch.inviting import plan
from dispatch.shifts import zone_named
from dispatch.store import Transaction
from dispatch.supply_facts import gather


class ShareIn(In):
    """One language of those who come."""

    language: Tongue
    people: float = Field(gt=0, le=MOST_PEOPLE, description="How many of them speak it first.")
    variety: Annotated[Short, Field(max_length=60)] = ""


def _once_each(sent: list[ShareIn]) -> list[ShareIn]:
    if len({one.language for one in sent}) != len(sent):
        raise ValueError("a language stands there twice; put it in once")
    return sent


Languages = Annotated[list[ShareIn], Field(min_length=1, max_length=30), AfterValidator(_once_each)]
Hours = Annotated[float, Field(gt=0, le=336, description="How long interpreters are needed.")]


class NewArrival(In):
    """An arrival of people that is expected."""

    name: Annotated[Short, Field(min_length=1, description="What it is called; no names of people.")]
    starts: Time
    hours: Hours = 24.0
    people: int = Field(ge=1, le=MOST_PEOPLE)
    languages: Languages
    area: Annotated[Short, Field(max_length=60, description="The part of town, as interpreters are told.")] = ""
    place: Annotated[Line, Field(max_length=120)] = ""
    contacts_per_day: float = Field(default=CONTACTS_PER_DAY, gt=0, le=20, description="Conversations for each person.")
    shape: Literal["intake", "daytime", "even"] = "intake"
    liaison: Annotated[Short, Field(max_length=80)] = ""
    liaison_phone: Number | Literal[""] = ""
    note: Annotated[Words, Field(max_length=300)] = ""


class ShareOut(Out):
    """One language of those who come."""

    language: LanguageOut | None
    people: float
    variety: str


class InvitedOut(Out):
    """How many interpreters were invited, and what they said."""

    invited: int
    yes: int
    no: int
    silent: int


class ArrivalOut(Out):
    """An arrival; its liaison and note stand in its brief."""

    id: str
    version: int = Field(description="Send it back with a change.")
    name: str
    state: Literal["expected", "called_off"]
    starts: Moment
    ends: Moment
    time_zone: str
    people: int
    languages: list[ShareOut]
    area: str
    place: str
    contacts_per_day: float
    shape: Literal["intake", "daytime", "even"]
    invitations: InvitedOut


class PlanLine(Out):
    """One language against who is on call."""

    language: LanguageOut | None
    contacts: float = Field(description="Conversations expected.")
    missed: float = Field(description="Of them, those expected to find nobody in time.")


class PlannedOut(ArrivalOut):
    """An arrival with its plan."""

    contacts: float = Field(description="Conversations expected, of all languages.")
    missed: float = Field(description="Of them, those expected to find nobody in time.")
    plan: list[PlanLine]


class ArrivalsOut(Out):
    """Arrivals to come, and those of the last month."""

    arrivals: list[ArrivalOut]


def listed(call: Call) -> ArrivalsOut:
    """By when they start."""
    with call.store.reading() as tx:
        return ArrivalsOut(
            arrivals=[ArrivalOut(**_told(tx, one)) for one in tx.arrivals_since(call.now - KEPT)],
        )


def read(call: Call) -> PlannedOut:
    """One, against who is on call now."""
    with call.store.reading() as tx:
        return planned(tx, known(tx, call), call)


def add(call: Call) -> Created:
    """One more."""
    sent: NewArrival = call.body
    settings = call.parts.settings
    phone = read_number(sent.liaison_phone, settings.region).e164 if sent.liaison_phone else ""
    arrival = Arrival(
        id="",
        name=sent.name,
        starts=sent.starts,
        ends=sent.starts + timedelta(hours=sent.hours),
        zone=settings.time_zone,
        people=sent.people,
        languages=shares(sent.languages),
        area=sent.area,
        place=sent.place,
        contacts_per_day=sent.contacts_per_day,
        shape=Shape(sent.shape),
        liaison=sent.liaison,
        liaison_phone=phone,
        note=sent.note,
    )
    made = book(call).add(arrival, call.by, call.once)
    with call.store.reading() as tx:
        return Created(planned(tx, made, call), f"/arrivals/{made.id}")


def known(tx: Transaction, call: Call) -> Arrival:
    """The arrival that was named."""
    found = tx.arrival(call.path["arrival_id"])
    if found is None:
        raise ApiProblem("not-found", "There is no such arrival.")
    return found


def book(call: Call) -> ArrivalBook:
    """The book of arrivals."""
    return ArrivalBook(call.store, call.parts.clock, call.parts.settings, call.parts.intake.hand_over)


def shares(sent: Sequence[ShareIn]) -> tuple[Share, ...]:
    """Languages as they were sent, the one of most people first."""
    read = (Share(one.language, one.people, one.variety) for one in sent)
    return tuple(sorted(read, key=lambda share: -share.people))


def planned(tx: Transaction, one: Arrival, call: Call) -> PlannedOut:
    """An arrival against who is on call now."""
    town = gather(tx, call.now, call.parts.intake.policy, zone_named(call.parts.settings.time_zone))
    found = plan(one, town)
    lines = [
        PlanLine(
            language=language_out(code),
            contacts=float(found.contacts[code].sum()),
            missed=float((found.contacts[code] * line.miss).sum()),
        )
        for code, line in found.lines.items()
    ]
    contacts = sum(float(some.sum()) for some in found.contacts.values())
    return PlannedOut(**_told(tx, one), contacts=contacts, missed=found.missed, plan=lines)


def _told(tx: Transaction, one: Arrival) -> dict[str, Any]:
    same = ("id", "version", "name", "starts", "ends", "people", "area", "place", "contacts_per_day")
    return {name: getattr(one, name) for name in same} | {
        "state": one.state.value,
        "time_zone": one.zone,
        "languages": [
            ShareOut(language=language_out(share.language), people=share.people, variety=share.variety)
            for share in one.languages
        ],
        "shape": one.shape.value,
        "invitations": InvitedOut(**arrival_view.counted(tx.invitations_to(one.id))),
    }


OPERATIONS = (
    Operation(
        "list_arrivals",
        "GET",
        "/arrivals",
        Scope.REPORTS,
        listed,
        ArrivalsOut,
        "List expected arrivals",
        "Those to come and those of the last 30 days, by when they start.",
    ),
    Operation(
        "add_arrival",
        "POST",
        "/arrivals",
        Scope.ROSTER,
        add,
        PlannedOut,
        "Enter an expected arrival",
        "Answers with its plan. Nobody is invited by this: a dispatcher chooses whom. An Idempotency-Key keeps it from "
        "being entered twice.",
        body=NewArrival,
        status=201,
        examples={
            "a bus": {
                "name": "Bus from the south",
                "starts": "2026-12-04T12:00:00-05:00",
                "people": 45,
                "languages": [{"language": "Mam", "people": 18}, {"language": "Spanish", "people": 20}],
            }
        },
    ),
    Operation(
        "read_arrival",
        "GET",
        "/arrivals/{arrival_id}",
        Scope.REPORTS,
        read,
        PlannedOut,
        "Read an arrival and its plan",
        "Conversations expected by language, and how many would find nobody in time with who is on call now.",
    ),
)
