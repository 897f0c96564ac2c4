"""One step of an appointment within a transaction: decided, saved, logged, its texts put in the outbox."""

import secrets
from datetime import datetime

from dispatch import appointment_on_site as on_site
from dispatch.appointment import Appointment, AppointmentState, DueKind, How, Rules
from dispatch.appointment_steps import (
    CalledOff,
    DuePassed,
    Happened,
    InterpreterSaid,
    KeptApart,
    Made,
    OpenRequest,
    PlaceNamed,
    step,
)
from dispatch.effects import AlertDispatcher, Effect, SendText, TellOnSite
from dispatch.people import Availability
from dispatch.request import Channel, Request, RequestState
from dispatch.store import Transaction


def apply(
    tx: Transaction, before: Appointment, happened: Happened, now: datetime, rules: Rules
) -> tuple[Appointment, list[str]]:
    """One step within a transaction: decide, save, log, put texts in the outbox; returns the ids of these."""
    after, effects = step(before, happened, now, rules)
    if after == before and not effects:
        return before, []
    looked = isinstance(happened, DuePassed) and happened.due.kind is DueKind.FOLLOW and after.state is before.state
    if after != before:
        after = tx.save_appointment(before, after)
    if after != before and not looked:
        told = {"appointment": after.id, "state": f"{before.state} > {after.state}"}
        tx.log(after.request_id, f"Appointment{type(happened).__name__}", told, now)
    if after.how is How.IN_PERSON and after.state is AppointmentState.RUNNING is not before.state:
        _hold(tx, after, now)
    for effect in effects:
        if isinstance(effect, AlertDispatcher):
            tx.raise_alert(after.request_id, effect.reason, now)
        elif isinstance(effect, OpenRequest):
            tx.create_request(request_for(after, effect.request_id, now))
    outgoing: list[Effect] = [effect for effect in effects if isinstance(effect, SendText | TellOnSite)]
    return after, tx.put_effects(None, outgoing, now)


def _hold(tx: Transaction, appointment: Appointment, now: datetime) -> None:
    """They sit with somebody: no phone of ours rings them until it is over. Who is off, or away longer, stays so."""
    one = tx.interpreter(appointment.interpreter_id or "")
    shorter = one.busy_until is not None and one.busy_until < appointment.ends
    if one.availability is Availability.ON or (one.availability is Availability.BUSY and shorter):
        tx.set_availability(one.id, Availability.BUSY, appointment.ends, now)


def arrange_on_site(tx: Transaction, request: Request, zone: str, now: datetime) -> list[str]:
    """Somebody is to come for this request as soon as possible; returns the ids of what that causes."""
    appointment = Appointment(
        id=secrets.token_hex(6),
        code=free_code(tx),
        requester_id=request.requester_id,
        role=request.role,
        language=request.language or "",
        starts=now,
        minutes=on_site.MINUTES,
        zone=zone,
        how=How.ON_SITE,
        place=request.need.place,
        encounter=request.need.encounter,
        variety=request.variety,
        request_id=request.id,
    )
    tx.add_appointment(appointment)
    return apply(tx, appointment, Made(), now, Rules())[1]


def call_off_on_site(tx: Transaction, request_id: str, why: str, now: datetime) -> list[str]:
    """Nobody needs to come for this request any more; harmless where nobody was asked."""
    ids: list[str] = []
    for appointment in tx.on_site_for(request_id):
        ids += apply(tx, appointment, CalledOff(why), now, Rules())[1]
        if appointment.interpreter_id is not None:
            tx.set_availability(appointment.interpreter_id, Availability.ON, None, now)
    return ids


def place_on_site(tx: Transaction, request_id: str, place: str, now: datetime) -> list[str]:
    """The place was named, or is another one, after people were asked to come: they are told."""
    ids: list[str] = []
    for before in tx.on_site_for(request_id):
        ids += apply(tx, before, PlaceNamed(place), now, Rules())[1]
    return ids


def keep_apart(tx: Transaction, interpreter_id: str, requester_id: str, now: datetime) -> list[str]:
    """They are not to meet: whatever lies ahead of that requester with this interpreter goes to somebody else."""
    ids: list[str] = []
    for before in tx.appointments_with(requester_id):
        ids += _let_go(tx, before, interpreter_id, KeptApart(interpreter_id), now)
    return ids


def keep_out_on_site(tx: Transaction, request_id: str, interpreter_id: str, now: datetime) -> list[str]:
    """A conflict of interest: who was asked to come for this request, or is on the way, need not; others are asked."""
    ids: list[str] = []
    for before in tx.on_site_for(request_id):
        if interpreter_id in before.concerned:
            ids += _let_go(tx, before, interpreter_id, InterpreterSaid(interpreter_id, False), now)
    return ids


def _let_go(tx: Transaction, before: Appointment, interpreter_id: str, happened: Happened, now: datetime) -> list[str]:
    """What takes an interpreter off an appointment; who was on the way for it may be rung again."""
    after, ids = apply(tx, before, happened, now, Rules())
    if before.how is How.ON_SITE and before.interpreter_id == interpreter_id and after.interpreter_id is None:
        tx.set_availability(interpreter_id, Availability.ON, None, now)
    return ids


_LETTERS = "BCDFGHJKMNPQRTVWXY346789"
"""Without vowels, and without what reads like something else: a code is no word and no language."""


def free_code(tx: Transaction) -> str:
    """Four signs that no appointment and no invitation has; at least one is a digit, so that no word can be one."""
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(4))
        taken = tx.appointment_by_code(code) or tx.invitation_by_code(code)
        if any(sign.isdigit() for sign in code) and not taken:
            return code


def request_for(appointment: Appointment, request_id: str, now: datetime) -> Request:
    """The ordinary request that an appointment becomes at its hour: its language is known, its search can begin."""
    return Request(
        id=request_id,
        requester_id=appointment.requester_id,
        role=appointment.role,
        channel=Channel.TEXT,
        state=RequestState.MATCHING,
        created_at=now,
        need=appointment.need,
        language=appointment.language,
        certainty=1.0,
        found_by="booked ahead",
    )
