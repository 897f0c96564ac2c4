"""What the dispatcher sees, as plain values: who waits, who is rung, who is on the roster, what needs a person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dispatch import explaining, languages, on_site, varieties, writing
from dispatch.eligibility import in_writing
from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.offer import Offer, OfferState
from dispatch.outcomes import target_seconds
from dispatch.people import Availability, Interpreter, Requester, Role
from dispatch.policy import Policy
from dispatch.request import Deadline, DeadlineKind, Request, RequestState
from dispatch.store import Decision, RosterLine, Transaction

RECENT = 12
_WHY_AT_MOST = 40
"""Requests whose last search is told on the board; each costs a query, and the request's own page tells them all."""
STATE_WORDS = {
    RequestState.RECEIVED: "received",
    RequestState.IDENTIFYING: "listening for the language",
    RequestState.CONFIRMING: "asking which language",
    RequestState.MATCHING: "looking for interpreters",
    RequestState.OFFERING: "ringing interpreters",
    RequestState.CONNECTING: "bringing phones together",
    RequestState.CONNECTED: "talking",
    RequestState.COMPLETED: "completed",
    RequestState.WAITING: "nobody free, waiting",
    RequestState.CALLBACK_SCHEDULED: "to be called back",
    RequestState.VENDOR_HANDOFF: "handed to the vendor",
    RequestState.CANCELLED: "cancelled",
    RequestState.ABANDONED: "caller hung up",
    RequestState.FAILED: "failed",
}
_OFFER_WORDS = {
    OfferState.PENDING: "dialling",
    OfferState.RINGING: "ringing",
    OfferState.ACCEPTED: "accepted",
    OfferState.DECLINED: "declined",
    OfferState.EXPIRED: "no answer",
    OfferState.WITHDRAWN: "not needed",
    OfferState.FAILED: "unreachable",
    OfferState.FINISHED: "done",
}


def read(tx: Transaction, now: datetime, policy: Policy) -> dict[str, Any]:
    """The whole board at `now`, from one consistent view of the store, measured against the policy's targets.

    Who is being rung or in a session always comes from the requests.
    """
    opened, recent = tx.open_requests(), tx.recent_requests(RECENT)
    roster = tx.roster_lines()
    asked = tx.requesters(list({request.requester_id for request in (*opened, *recent)}))
    told = assemble(opened, recent, roster, asked, now, policy)
    ids = [request.id for request in opened]
    gists, takers = tx.gists(ids, now), tx.takers(ids)
    for one in told["open"]:
        one["gist"] = gist_words(gists.get(one["id"]))
        one["taken_by"] = takers.get(one["id"], "") if one["state"] == RequestState.CONFIRMING else ""
    names = {line.id: line for line in roster}
    shown = (*told["open"], *told["recent"])
    searches = tx.latest_decisions([one["id"] for one in shown[:_WHY_AT_MOST]])
    for one in shown:
        one["why"] = _why([searches[one["id"]]], names) if one["id"] in searches else []
    return told | {"alerts": alerts(tx, now), "seq": tx.last_seq()}


def why(tx: Transaction, request_id: str) -> dict[str, Any]:
    """Every search of a request, newest first: who was considered, in order, and why each was or was not rung."""
    names = {line.id: line for line in tx.roster_lines()}
    searches = [
        {
            "at": one.at.isoformat(),
            "seat": one.seat,
            "policy": one.policy,
            "candidates": _why([one], names),
        }
        for one in tx.decisions_of(request_id)
    ]
    return {"request": request_id, "searches": searches}


def _why(searches: Sequence[Decision], people: Mapping[str, RosterLine]) -> list[dict[str, Any]]:
    """The candidates of the newest search, first who would be asked first. No numbers of phones."""
    return [
        {
            "name": f"{person.code} {person.name}" if (person := people.get(one.interpreter_id)) else "left the roster",
            "ok": one.ok,
            "reason": one.reason,
            "score": one.score,
        }
        for search in searches[:1]
        for one in search.considered
    ]


def assemble(
    opened: Sequence[Request],
    recent: Sequence[Request],
    roster: Sequence[RosterLine],
    requesters: Mapping[str, Requester],
    now: datetime,
    policy: Policy,
) -> dict[str, Any]:
    """The board as JSON values; times are ISO 8601, languages also by their own name."""
    people = {line.id: line for line in roster}
    held = holding(opened)
    return {
        "now": now.isoformat(),
        "open": [card(one, people, requesters, policy) for one in sorted(opened, key=urgent_first)],
        "recent": [card(one, people, requesters, policy) for one in recent],
        "roster": [roster_row(one, held.get(one.id), now) for one in roster],
        "places": explaining.places(opened, policy),
    }


def lines(roster: Sequence[Interpreter]) -> list[RosterLine]:
    """Interpreters who were read whole, as the board shows them."""
    return [RosterLine.of(one) for one in roster]


def holding(opened: Iterable[Request]) -> dict[str, Offer]:
    """The offer that holds each interpreter who is rung or in a session."""
    return {offer.interpreter_id: offer for request in opened for offer in request.offers if offer.active}


def alerts(tx: Transaction, now: datetime) -> list[dict[str, Any]]:
    """What needs a person, and whether it leads to a message that somebody left and nobody has read."""
    found = tx.open_alerts()
    opening = tx.with_voicemail([one.request_id for one in found if one.request_id], now)
    return [
        {
            "id": one.id,
            "request": one.request_id,
            "reason": one.reason,
            "at": one.at.isoformat(),
            "message": one.request_id in opening and one.reason == MESSAGE_LEFT,
        }
        for one in found
    ]


def gist_words(gist: Gist | None) -> dict[str, Any] | None:
    if gist is None:
        return None
    sure = "unsure" if gist.unsure else f"{gist.certainty:.0%} sure"
    return {"english": gist.english, "words": gist.words, "sure": sure}


def urgent_first(request: Request) -> tuple[int, datetime, str]:
    """The order of the board."""
    return ({"emergency": 0, "urgent": 1, "routine": 2}[request.need.urgency], request.created_at, request.id)


def card(
    request: Request, people: Mapping[str, RosterLine], asked: Mapping[str, Requester], policy: Policy
) -> dict[str, Any]:
    """One request as the board shows it."""
    names = {
        offer.interpreter_id: people[offer.interpreter_id].code
        for offer in request.seated
        if offer.interpreter_id in people
    }
    language = languages.all_languages().get(request.language or "")
    step = _next_step(request, people)
    told = explaining.reasons(request, policy, names)
    escalates = next((one for one in told if one.kind == "next"), None)
    if step is not None and escalates is not None and escalates.at and step["at"] == escalates.at.isoformat():
        # What comes first is the search's next step: it is told once.
        step["words"], told = escalates.words.lower(), tuple(one for one in told if one is not escalates)
    return {
        "id": request.id,
        "version": request.version,
        "target": round(target_seconds(request, policy)),
        "next": step,
        "state": request.state.value,
        "words": on_site.words(request) or writing.words(request) or STATE_WORDS[request.state],
        "on_site": bool(request.reach.on_site),
        "language": language.english if language else "",
        "variety": varieties.get(request.variety).name if varieties.known(request.variety) else "",
        "native": language.native if language and language.native != language.english else "",
        "certainty": request.certainty,
        "found_by": request.found_by,
        "guesses": [languages.get(guess.language).english for guess in request.guesses[:3]],
        "urgency": request.need.urgency.value,
        "channel": request.channel.value,
        "who": who(asked.get(request.requester_id)),
        "place": request.need.place,
        "constraints": [constraint.replace("_", " ") for constraint in request.need.constraints],
        "since": request.created_at.isoformat(),
        "connected": request.connected_at.isoformat() if request.connected_at else None,
        "ended": request.ended_at.isoformat() if request.ended_at else None,
        "offers": [_offer(offer, people.get(offer.interpreter_id), in_writing(request)) for offer in request.offers],
        "trouble": request.trouble,
        "outcome": request.outcome,
        "result": request.result,
        "miss": request.miss,
        "encounter": request.need.encounter or "routine",
        "exception": request.need.exception,
        "reasons": [
            {"kind": one.kind, "words": one.words, "at": one.at.isoformat() if one.at else None} for one in told
        ],
        "phones": [
            {"who": leg.role.value, "muted": leg.muted, "held": leg.held}
            for leg in request.legs
            if leg.muted or leg.held
        ],
        "gist": None,
        "taken_by": "",
    }


_NEXT_WORDS = {
    DeadlineKind.OFFER_EXPIRES: "stops ringing {name}",
    DeadlineKind.IDENTIFY_TIMES_OUT: "asks by menu instead",
    DeadlineKind.MATCH_AGAIN: "searches again",
    DeadlineKind.CONNECT_TIMES_OUT: "alarm unless all are connected",
    DeadlineKind.LOOK_AGAIN: "looks whether more should ring",
    DeadlineKind.ESCALATE: "next step of the search",
    DeadlineKind.HANDOVER: "rings a replacement unless all hang up",
    DeadlineKind.WRITING_QUIET: "the session is over unless somebody writes",
    DeadlineKind.VENDOR_SPEAKS: "the vendor's interpreter is taken to speak",
}


def _next_step(request: Request, people: Mapping[str, RosterLine]) -> dict[str, str] | None:
    """What happens by itself next, and when; None where the request waits for a person."""
    awaited = [one for one in request.deadlines if one.kind is not DeadlineKind.CHECK_CALLS]
    if not awaited:
        return None
    first = min(awaited, key=lambda deadline: deadline.at)
    return {"words": _next_words(request, first, people), "at": first.at.isoformat()}


def _next_words(request: Request, deadline: Deadline, people: Mapping[str, RosterLine]) -> str:
    offer = request.offer(deadline.subject)
    rung = people.get(offer.interpreter_id) if offer else None
    plain = deadline.kind.value.replace("_", " ")
    return _NEXT_WORDS.get(deadline.kind, plain).format(name=rung.code if rung else "this interpreter")


def who(requester: Requester | None) -> str:
    """Officers by name; community members never by more than the end of their number."""
    if requester is None:
        return "unknown"
    if requester.role is Role.OFFICER:
        return f"{requester.name} ({requester.unit})" if requester.unit else requester.name
    return "Caller, number withheld" if requester.number.withheld else f"Caller {requester.number}"


def _offer(offer: Offer, interpreter: RosterLine | None, by_text: bool = False) -> dict[str, Any]:
    return {
        "name": f"{interpreter.code} {interpreter.name}" if interpreter else "no longer on the roster",
        "state": offer.state.value,
        "words": "asked by text" if by_text and offer.state is OfferState.RINGING else _OFFER_WORDS[offer.state],
        "why": offer.reason,
        "at": offer.offered_at.isoformat(),
        "open": offer.state in (OfferState.PENDING, OfferState.RINGING),
    }


def roster_row(one: RosterLine, offer: Offer | None, now: datetime) -> dict[str, Any]:
    """An interpreter as the board shows them."""
    status, until = _status(one, offer, now)
    return {
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "tier": one.tier,
        "languages": [languages.get(code).english for code in one.languages],
        "status": status,
        "until": until.isoformat() if until else None,
    }


def _status(one: RosterLine, offer: Offer | None, now: datetime) -> tuple[str, datetime | None]:
    if offer is not None:
        return ("in a session" if offer.state is OfferState.ACCEPTED else "being rung"), None
    if one.availability is Availability.OFF:
        return "off", None
    if one.availability is Availability.BUSY and (one.busy_until is None or now < one.busy_until):
        return "busy", one.busy_until
    if one.wrap_up_until is not None and now < one.wrap_up_until:
        return "wrap-up", one.wrap_up_until
    return "on", None
