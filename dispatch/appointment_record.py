"""One step of an appointment within a transaction: decided, saved, logged, its texts put in the outbox."""

from datetime import datetime

from dispatch.appointment import Appointment, DueKind, Rules
from dispatch.appointment_steps import DuePassed, Happened, OpenRequest, step
from dispatch.effects import AlertDispatcher, SendText
from dispatch.request import Channel, Need, Request, RequestState
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
    for effect in effects:
        if isinstance(effect, AlertDispatcher):
            tx.raise_alert(after.request_id, effect.reason, now)
        elif isinstance(effect, OpenRequest):
            tx.create_request(request_for(after, effect.request_id, now))
    return after, tx.put_effects(None, [effect for effect in effects if isinstance(effect, SendText)], now)


def request_for(appointment: Appointment, request_id: str, now: datetime) -> Request:
    """The ordinary request that an appointment becomes at its hour: its language is known, its search can begin."""
    return Request(
        id=request_id,
        requester_id=appointment.requester_id,
        role=appointment.role,
        channel=Channel.TEXT,
        state=RequestState.MATCHING,
        created_at=now,
        need=Need(languages=(appointment.language,), place=appointment.place, encounter=appointment.encounter),
        language=appointment.language,
        certainty=1.0,
        found_by="booked ahead",
    )
