"""Rows to values and values to rows; no SQL here."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import RowMapping

from dispatch.offer import Offer, OfferState
from dispatch.people import Availability, Interpreter, PhoneNumber, Requester, Role, Skill
from dispatch.request import (
    Channel,
    Deadline,
    DeadlineKind,
    Leg,
    LegRole,
    LegState,
    Request,
    RequestState,
)
from dispatch.sealing import Seal
from dispatch.serialised import (
    guesses_from_json,
    guesses_to_json,
    need_from_json,
    need_to_json,
    reach_from_json,
    reach_to_json,
    terms_from_json,
    terms_to_json,
)

Row = dict[str, Any]


def request_row(request: Request) -> Row:
    """A request's own row, without its offers, legs and deadlines."""
    return {
        "id": request.id,
        "requester_id": request.requester_id,
        "role": request.role.value,
        "channel": request.channel.value,
        "state": request.state.value,
        "over": request.over,
        "version": request.version,
        "created_at": request.created_at,
        "connected_at": request.connected_at,
        "ended_at": request.ended_at,
        "language": request.language,
        "certainty": request.certainty,
        "found_by": request.found_by,
        "urgency": request.need.urgency.value,
        "need": need_to_json(request.need),
        "guesses": guesses_to_json(request.guesses),
        "listens": request.listens,
        "failed_rounds": request.failed_rounds,
        "outcome": request.outcome,
        "trouble": request.trouble,
        "reach": reach_to_json(request.reach),
        "result": request.result,
        "miss": request.miss,
    }


def to_request(row: RowMapping, offers: Iterable[Offer], legs: Iterable[Leg], due: Iterable[Deadline]) -> Request:
    """The whole request again."""
    return Request(
        id=row["id"],
        requester_id=row["requester_id"],
        role=Role(row["role"]),
        channel=Channel(row["channel"]),
        state=RequestState(row["state"]),
        created_at=row["created_at"],
        version=row["version"],
        need=need_from_json(row["need"]),
        language=row["language"],
        certainty=row["certainty"],
        found_by=row["found_by"],
        guesses=guesses_from_json(row["guesses"]),
        listens=row["listens"],
        failed_rounds=row["failed_rounds"],
        offers=tuple(offers),
        legs=tuple(legs),
        deadlines=tuple(due),
        connected_at=row["connected_at"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
        trouble=row["trouble"],
        reach=reach_from_json(row["reach"]),
        result=row["result"],
        miss=row["miss"],
    )


def offer_row(request_id: str, position: int, offer: Offer) -> Row:
    """An offer's row."""
    return {
        "id": offer.id,
        "request_id": request_id,
        "position": position,
        "interpreter_id": offer.interpreter_id,
        "state": offer.state.value,
        "offered_at": offer.offered_at,
        "answered_at": offer.answered_at,
        "reason": offer.reason,
        "seat": offer.seat,
        "language": offer.language,
        "chance": offer.chance,
        "accepted_at": offer.accepted_at,
    }


def to_offer(row: RowMapping) -> Offer:
    """The offer again."""
    return Offer(
        row["id"],
        row["interpreter_id"],
        OfferState(row["state"]),
        row["offered_at"],
        row["answered_at"],
        row["reason"],
        row["seat"],
        row["language"],
        row["chance"],
        row["accepted_at"],
    )


def leg_row(request_id: str, position: int, leg: Leg) -> Row:
    """A leg's row."""
    return {
        "leg_id": leg.id,
        "request_id": request_id,
        "position": position,
        "role": leg.role.value,
        "state": leg.state.value,
        "call_sid": leg.call_sid,
        "attempt": leg.attempt,
        "muted": leg.muted,
        "held": leg.held,
        "told": leg.told,
        "conference": leg.conference,
        "placed": leg.placed,
    }


def to_leg(row: RowMapping) -> Leg:
    """The leg again."""
    return Leg(
        row["leg_id"],
        LegRole(row["role"]),
        LegState(row["state"]),
        row["call_sid"],
        row["attempt"],
        row["muted"],
        row["held"],
        row["told"],
        row["conference"],
        row["placed"],
    )


def to_deadline(row: RowMapping) -> Deadline:
    """The deadline again."""
    return Deadline(DeadlineKind(row["kind"]), row["at"], row["subject"])


def requester_row(requester: Requester, seal: Seal) -> Row:
    """A requester's row, the number sealed."""
    return {
        "id": requester.id,
        "number_sealed": seal.seal(requester.number.e164),
        "number_index": seal.index(requester.number.e164),
        "role": requester.role.value,
        "name": requester.name,
        "unit": requester.unit,
        "language": requester.language,
    }


def to_requester(row: RowMapping, seal: Seal) -> Requester:
    """The requester again."""
    number = PhoneNumber(seal.open(row["number_sealed"]))
    return Requester(row["id"], number, Role(row["role"]), row["name"], row["unit"], row["language"])


def interpreter_row(interpreter: Interpreter, seal: Seal) -> Row:
    """An interpreter's row, the number sealed, without skills."""
    return {
        "id": interpreter.id,
        "code": interpreter.code,
        "name": interpreter.name,
        "number_sealed": seal.seal(interpreter.number.e164),
        "number_index": seal.index(interpreter.number.e164),
        "tier": interpreter.tier,
        "gender": interpreter.gender,
        "availability": interpreter.availability.value,
        "busy_until": interpreter.busy_until,
        "wrap_up_until": interpreter.wrap_up_until,
        "last_offered_at": interpreter.last_offered_at,
        "terms": terms_to_json(interpreter.terms),
    }


def to_interpreter(row: RowMapping, skills: Iterable[Skill], engaged: bool, seal: Seal) -> Interpreter:
    """The interpreter again."""
    return Interpreter(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        number=PhoneNumber(seal.open(row["number_sealed"])),
        skills=tuple(skills),
        tier=row["tier"],
        gender=row["gender"],
        availability=Availability(row["availability"]),
        busy_until=row["busy_until"],
        wrap_up_until=row["wrap_up_until"],
        last_offered_at=row["last_offered_at"],
        engaged=engaged,
        terms=terms_from_json(row["terms"]),
    )
