"""Texts about appointments: a word and the appointment's code. CAN and CANT of interpreters, DROP of requesters, who
also say YES or NO to a near variety.

None of the words is one that a carrier acts on (CANCEL and STOP would unsubscribe the sender).
"""

import re
from datetime import datetime

from dispatch.appointment import AHEAD, Appointment, AppointmentState, How, Rules
from dispatch.appointment_record import apply
from dispatch.appointment_steps import CalledOff, InterpreterSaid, RequesterSaid, said_when
from dispatch.effects import SendText, To
from dispatch.people import Availability, Interpreter, PhoneNumber, Role
from dispatch.store import Transaction

ABOUT = re.compile(
    r"\s*(?:(?P<can>can|yes|y|ok|okay|i can)|(?P<cannot>can['’]?t|cannot|can not|i can['’]?t|no|n)|(?P<drop>drop))"
    r"\s+#?(?P<code>[a-z0-9]{4})(?:[\s,]+(?:in\s+)?(?P<minutes>\d{1,3})\s*(?:m|mins?|minutes?)?)?\s*[.!]*\s*",
    re.IGNORECASE,
)
"""The words; invitations to be on call (`invitation_texts`) are answered with the same."""
_RULES = Rules()
"""What a person says about an appointment does not depend on the agency's rules; what follows from it is due rows."""


def received(
    tx: Transaction, sender: PhoneNumber, interpreter: Interpreter | None, body: str, now: datetime
) -> list[str] | None:
    """Act on a text about an appointment that concerns its sender; None when it is not one.

    Returns the ids of the effects. A text that comes twice is answered twice and changes nothing more.
    """
    read = ABOUT.fullmatch(body)
    appointment = tx.appointment_by_code(read["code"]) if read else None
    if read is None or appointment is None:
        return None
    if read["drop"]:
        return _dropped(tx, sender, appointment, now)
    if interpreter is None or not _concerns(appointment, interpreter):
        return _understands(tx, sender, appointment, bool(read["can"]), now)
    minutes = int(read["minutes"]) if read["minutes"] else None
    return _said(tx, appointment, interpreter, InterpreterSaid(interpreter.id, bool(read["can"]), minutes), now)


def _concerns(appointment: Appointment, interpreter: Interpreter) -> bool:
    return appointment.interpreter_id == interpreter.id or appointment.answer_of(interpreter.id) is not None


def _said(
    tx: Transaction, appointment: Appointment, interpreter: Interpreter, said: InterpreterSaid, now: datetime
) -> list[str]:
    tx.hold_interpreter(interpreter.id)
    if said.can and appointment.interpreter_id is None and _kept_apart(tx, appointment, interpreter):
        return _not_you(tx, appointment, interpreter, "interpreter_appointment_taken", now)
    booked = tx.booked_between(appointment.starts, appointment.ends, but=appointment.id)
    if said.can and appointment.interpreter_id is None and interpreter.id in booked:
        return _not_you(tx, appointment, interpreter, "interpreter_appointment_busy", now)
    after, ids = apply(tx, appointment, said, now, _RULES)
    if after.over:
        return ids
    if after.how is How.ON_SITE and after.interpreter_id == interpreter.id:
        # On their way: no phone of ours rings them until the meeting is over.
        tx.set_availability(interpreter.id, Availability.BUSY, after.ends, now)
    elif after.how is How.ON_SITE and appointment.interpreter_id == interpreter.id:
        tx.set_availability(interpreter.id, Availability.ON, None, now)
    return ids


def _kept_apart(tx: Transaction, appointment: Appointment, interpreter: Interpreter) -> bool:
    """Whether these two are not brought together since the interpreter was asked."""
    request = tx.request(appointment.request_id) if appointment.request_id else None
    out = request.need.kept_out if request is not None else ()
    return interpreter.id in out or interpreter.id in tx.apart_from(appointment.requester_id)


def _not_you(tx: Transaction, appointment: Appointment, interpreter: Interpreter, key: str, now: datetime) -> list[str]:
    params = {"language": appointment.language, "when": said_when(appointment.starts, appointment.zone, "eng")}
    return tx.put_effects(None, [SendText(To.INTERPRETER, interpreter.id, key, "eng", params)], now)


def _understands(
    tx: Transaction, sender: PhoneNumber, appointment: Appointment, yes: bool, now: datetime
) -> list[str] | None:
    """The requester's answer to whether they understand a near variety."""
    requester = tx.requester_by_number(sender)
    if requester is None or requester.id != appointment.requester_id or not appointment.asked_variety:
        return None
    return apply(tx, appointment, RequesterSaid(yes), now, _RULES)[1]


def _dropped(tx: Transaction, sender: PhoneNumber, appointment: Appointment, now: datetime) -> list[str] | None:
    requester = tx.requester_by_number(sender)
    if requester is None or requester.id != appointment.requester_id:
        return None
    if appointment.how is How.ON_SITE:
        return None  # it belongs to a request: that is what is dropped
    if appointment.state in AHEAD:
        return apply(tx, appointment, CalledOff("requester"), now, _RULES)[1]
    if appointment.state is not AppointmentState.CANCELLED:
        return None  # its hour has come: what is dropped now is the request
    officer = requester.role is Role.OFFICER
    key, spoken = ("officer_appointment_off", "eng") if officer else ("appointment_off", appointment.language)
    params = {"language": appointment.language, "when": said_when(appointment.starts, appointment.zone, spoken)}
    told = SendText(To.REQUESTER, requester.id, key, spoken, params)
    return tx.put_effects(None, [told], now)
