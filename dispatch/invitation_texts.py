"""One step of an invitation within a transaction, and the texts that answer one: CAN or CANT and its code.

The same words answer appointments (`appointment_texts`, asked first); no code names both an appointment and an
invitation. None of the words is one that a carrier acts on.
"""

import re
from datetime import datetime

from dispatch import effects, invitation
from dispatch.appointment import Rules
from dispatch.appointment_texts import ABOUT
from dispatch.invitation import AddShifts, Happened, Invitation, InvitationState, RemoveShifts, Said, SignOff, SignOn
from dispatch.people import Availability, Interpreter
from dispatch.store import Transaction

_BARE = re.compile(r"\s*(?:i\s+)?can\s*[.!]*\s*", re.IGNORECASE)
_RULES = Rules()
"""What an answer means does not depend on the agency's rules; what follows from it is in the invitation already."""


def received(tx: Transaction, interpreter: Interpreter | None, body: str, now: datetime) -> list[str] | None:
    """Act on a text that answers an invitation of its sender; None when it is not one.

    Returns the ids of the effects. A text that comes twice is answered twice and changes nothing more.
    """
    read = ABOUT.fullmatch(body)
    if interpreter is None or (read is not None and read["drop"]):
        return None
    if read is None:
        return which(tx, interpreter, now) if _BARE.fullmatch(body) else None
    one = tx.invitation_by_code(read["code"])
    if one is None or one.interpreter_id != interpreter.id:
        return None
    if one.state is InvitationState.WAITING and not read["can"]:
        return None  # they cannot know the code yet
    return apply(tx, one, Said(bool(read["can"])), now, _RULES)[1]


def which(tx: Transaction, interpreter: Interpreter, now: datetime) -> list[str] | None:
    """A yes or no without a code, while nothing else is open: say the code of the invitation that waits for an answer;
    None where none does."""
    waiting = tx.invitation_waiting_for(interpreter.id)
    if waiting is None:
        return None
    params = {"when": invitation.said_hours(waiting.hours, 1), "code": waiting.code}
    told = effects.SendText(effects.To.INTERPRETER, interpreter.id, "interpreter_invitation_which", "eng", params)
    return tx.put_effects(None, [told], now)


def apply(
    tx: Transaction, before: Invitation, happened: Happened, now: datetime, rules: Rules
) -> tuple[Invitation, list[str]]:
    """One step within a transaction: decide, save, log, change the calendar, put texts in the outbox."""
    after, done = invitation.step(before, happened, now, rules)
    if after == before and not done:
        return before, []
    if after != before:
        after = tx.save_invitation(before, after)
        told = {"invitation": after.id, "interpreter_id": after.interpreter_id}
        tx.log(None, f"Invitation{type(happened).__name__}", told | {"state": f"{before.state} > {after.state}"}, now)
    outgoing: list[effects.Effect] = []
    for effect in done:
        match effect:
            case AddShifts():
                tx.change_calendar(after.interpreter_id, after.shifts, frozenset(), now)
            case RemoveShifts():
                tx.change_calendar(after.interpreter_id, (), frozenset(one.uid for one in after.shifts), now)
            case SignOn():
                tx.set_availability(after.interpreter_id, Availability.ON, None, now)
                outgoing.append(effects.MatchWaiting(after.interpreter_id))
            case SignOff():
                tx.set_availability(after.interpreter_id, Availability.OFF, None, now)
            case effects.AlertDispatcher(reason):
                tx.raise_alert(None, reason, now)
            case effects.SendText():
                outgoing.append(effect)
    return after, tx.put_effects(None, outgoing, now)
