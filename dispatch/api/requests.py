"""Requests by the API: ask, list, read, follow, and see why."""

from collections.abc import Mapping
from datetime import datetime

from dispatch import board, timeline
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem, Change
from dispatch.api.request_shapes import (
    Candidate,
    MomentOut,
    NewRequest,
    NoteOut,
    RequestOut,
    RequestPage,
    RequestQuery,
    RequestsQuery,
    Search,
    TimelineOut,
    Who,
    WhyOut,
    request_out,
)
from dispatch.api.shapes import read_cursor, read_number, write_cursor
from dispatch.errors import InvalidNumber, RequestUnknown
from dispatch.integrations import Scope
from dispatch.opening import Wish
from dispatch.overrides import SEARCHING
from dispatch.people import Interpreter, Role
from dispatch.request import LegRole, Need, Request, Urgency
from dispatch.store import LogEntry, Transaction


def create(call: Call) -> Created:
    """Ask for an interpreter."""
    asked: NewRequest = call.body
    who = asked.requester
    number = read_number(who.number, call.parts.settings.region) if who.number else None
    if number is not None and number == call.parts.settings.hotline_number:
        raise InvalidNumber("This is the service's own number; give the phone of who needs the interpreter.")
    need = Need(
        languages=tuple(dict.fromkeys(asked.languages)),
        constraints=tuple(dict.fromkeys(asked.constraints)),
        urgency=Urgency(asked.urgency),
        place=asked.place,
        encounter=asked.encounter if asked.encounter != "routine" else "",
    )
    wish = Wish(need, number, who.unit, who.name, Role(who.role), asked.note, asked.reference, call.once)
    made, fresh = call.parts.intake.open_for(wish, call.by)
    with call.store.reading() as tx:
        told = shown(tx, made, call)
    return Created(told, f"/requests/{made.id}", again=not fresh)


def listed(call: Call) -> RequestPage:
    """Requests, newest first."""
    asked: RequestsQuery = call.query
    over = {"open": False, "over": True, "any": None}[asked.state]
    with call.store.reading() as tx:
        found = tx.requests_page(over, asked.reference, _before(asked.cursor), asked.limit + 1)
        page = found[: asked.limit]
        told = several(tx, page, call)
    more = write_cursor(page[-1].created_at.isoformat(), page[-1].id) if len(found) > len(page) else None
    return RequestPage(requests=told, next=more)


def read(call: Call) -> RequestOut:
    """One request."""
    asked: RequestQuery = call.query
    if not asked.reveal:
        with call.store.reading() as tx:
            return shown(tx, known(tx, call), call)
    if not call.may(Scope.REVEAL):
        raise ApiProblem("not-allowed", "This token does not have the scope 'reveal'.")
    with call.store.transaction() as tx:
        request = known(tx, call)
        tx.audit(call.by, "number revealed", f"request {request.id}", "requester", call.now)
        return shown(tx, request, call, whole=True)


def history(call: Call) -> TimelineOut:
    """Everything that happened, oldest first."""
    with call.store.reading() as tx:
        request = known(tx, call)
        told = moments(tx, request, call)
        notes = [NoteOut(at=one.at, by=one.account, words=one.words) for one in tx.notes_of(request.id)]
    return TimelineOut(
        request_id=request.id,
        moments=[MomentOut(at=one.at, what=one.what, why=one.why, change=one.change) for one in told],
        notes=notes,
    )


def why(call: Call) -> WhyOut:
    """Who was considered, in order, and why each was or was not rung."""
    with call.store.reading() as tx:
        request = known(tx, call)
        decisions = tx.decisions_of(request.id)
        people = tx.interpreters_by_id(list({one.interpreter_id for search in decisions for one in search.considered}))
        now = call.parts.intake.standings(tx, request) if request.state in SEARCHING and request.language else []
    searches = [
        Search(
            at=search.at,
            seat=search.seat,
            policy=search.policy,
            candidates=[
                Candidate(
                    interpreter=who(people.get(one.interpreter_id), call),
                    asked=one.ok,
                    reason=one.reason,
                    score=one.score,
                )
                for one in search.considered
            ],
        )
        for search in decisions
    ]
    standing = [
        Candidate(interpreter=who(one.interpreter, call), asked=one.place is not None, reason=one.why, place=one.place)
        for one in now
    ]
    return WhyOut(request_id=request.id, searches=searches, now=standing)


# -- shared with the actions -------------------------------------------------------------------------------------------


def known(tx: Transaction, call: Call) -> Request:
    """The request that the address names. Raises RequestUnknown."""
    request = tx.request(call.path["request_id"])
    if request is None:
        raise RequestUnknown("There is no such request here, or its time is over.")
    return request


def shown(tx: Transaction, request: Request, call: Call, whole: bool = False) -> RequestOut:
    """A request as it is told to this caller; with `whole` the requester's number too."""
    return several(tx, [request], call, whole)[0]


def several(tx: Transaction, found: list[Request], call: Call, whole: bool = False) -> list[RequestOut]:
    """Requests as they are told to this caller, from the same card as the board's."""
    ids = [request.id for request in found]
    people = tx.interpreters_by_id(list({offer.interpreter_id for one in found for offer in one.offers}))
    asked = tx.requesters(list({request.requester_id for request in found}))
    roster = board.lines(list(people.values()))
    cards = board.assemble([], found, roster, asked, call.now, call.parts.intake.policy)["recent"]
    references, takers, seqs = tx.references(ids), tx.takers(ids), tx.last_seqs(ids)
    return [
        request_out(
            request,
            card,
            asked.get(request.requester_id),
            {one.id: who(one, call) for one in people.values()},
            reference=references.get(request.id),
            taken_by=takers.get(request.id),
            seq=seqs.get(request.id, 0),
            whole=whole,
        )
        for request, card in zip(found, cards, strict=True)
    ]


def who(interpreter: Interpreter | None, call: Call) -> Who:
    """An interpreter as told to this caller: by number, and by name where its token has to do with the roster."""
    if interpreter is None:
        return Who(code=None)
    return Who(code=interpreter.code, name=interpreter.name if call.may(Scope.ROSTER) else None)


def moments(tx: Transaction, request: Request, call: Call, since: int = 0) -> list[timeline.Moment]:
    """What happened after line `since` of the log, in words, people by number."""
    entries = tx.log_of(request.id)
    people = tx.interpreters_by_id(list({offer.interpreter_id for offer in request.offers} | _named(entries)))
    names = {key: one.code if not call.may(Scope.ROSTER) else f"{one.code} {one.name}" for key, one in people.items()}
    roles = {LegRole.REQUESTER: "the requester", LegRole.AGENCY: "the duty desk", LegRole.VENDOR: "the vendor line"}
    for leg in request.legs:
        offer = request.offer(leg.id)
        names[leg.id] = (
            names.get(offer.interpreter_id, "an interpreter") if offer else roles.get(leg.role, "an interpreter")
        )
    states = {state.value: words for state, words in board.STATE_WORDS.items()}
    return [one for one in timeline.tell(entries, names, states) if one.seq > since]


def changes(tx: Transaction, request: Request, call: Call, since: int) -> list[Change]:
    """The same, as a problem tells it."""
    return [Change(at=one.at, what=one.what, why=one.why) for one in moments(tx, request, call, since)]


def _named(entries: list[LogEntry]) -> set[str]:
    return {one.detail["interpreter_id"] for one in entries if one.detail.get("interpreter_id")} | {
        named
        for one in entries
        for named in timeline.words_of(one.detail.get("interpreter_ids", ""))
        if one.kind == "CandidatesFound"
    }


def _before(cursor: str) -> tuple[datetime, str] | None:
    try:
        read = read_cursor(cursor)
        return (datetime.fromisoformat(read[0]), read[1]) if read else None
    except (ValueError, IndexError) as error:
        raise ApiProblem("invalid", "This is no cursor of ours; begin with the first page.") from error


_EXAMPLES: Mapping[str, object] = {
    "a known officer": {
        "requester": {"unit": "Unit 12"},
        "languages": ["Haitian Creole"],
        "place": "5th & Main",
        "urgency": "urgent",
        "reference": "CAD-2026-004711",
    },
    "language not known": {
        "requester": {"number": "+16175550142", "name": "Desk 3"},
        "languages": "unknown",
        "encounter": "interview",
    },
}
OPERATIONS = (
    Operation(
        "create_request",
        "POST",
        "/requests",
        Scope.REQUEST,
        create,
        RequestOut,
        "Ask for an interpreter",
        "For a known officer by unit or badge, or for any number. The requester's phone gets a text that says what was "
        "understood, and rings when an interpreter has accepted. Without a language it rings at once and asks the "
        "person beside it. Send an Idempotency-Key: the same key with the same body asks once, however often it is "
        "sent within 24 hours, and answers with the request as it is by then.",
        body=NewRequest,
        status=201,
        problems=(409,),
        examples=_EXAMPLES,
    ),
    Operation(
        "list_requests",
        "GET",
        "/requests",
        Scope.READ,
        listed,
        RequestPage,
        "List requests",
        "Open ones, those that are over, or all; by external reference. Newest first.",
        query=RequestsQuery,
    ),
    Operation(
        "read_request",
        "GET",
        "/requests/{request_id}",
        Scope.READ,
        read,
        RequestOut,
        "Read a request",
        "Where it stands, who was rung, what comes next. `reveal` shows the requester's whole number to tokens with "
        "that scope; each look is audited.",
        query=RequestQuery,
    ),
    Operation(
        "read_timeline",
        "GET",
        "/requests/{request_id}/timeline",
        Scope.READ,
        history,
        TimelineOut,
        "Read a request's history",
        "Every event with its cause, and the notes.",
    ),
    Operation(
        "read_why",
        "GET",
        "/requests/{request_id}/why",
        Scope.READ,
        why,
        WhyOut,
        "Read why whom was rung",
        "Every search, newest first: the ordered candidates with the reason each was or was not rung; while the "
        "request is open, also whom a search would ask now.",
    ),
)
