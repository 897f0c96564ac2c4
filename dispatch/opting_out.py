"""Words by which the carrier unsubscribes people before we see them: honoured, and a dispatcher calls who used one."""

from collections.abc import Callable
from datetime import datetime

from dispatch import events, writing
from dispatch.eligibility import in_writing
from dispatch.people import Availability, Interpreter, PhoneNumber
from dispatch.request import Request
from dispatch.store import Transaction

Apply = Callable[[Transaction, Request, events.Event], tuple[Request, list[str]]]


def received(
    tx: Transaction, apply: Apply, sender: PhoneNumber, interpreter: Interpreter | None, now: datetime
) -> list[str]:
    """The carrier has unsubscribed them: honour it, end what is open, and let the dispatcher call them."""
    requester = tx.requester_by_number(sender)
    opened = tx.open_request_of(requester.id) if requester else None
    who, ids = "A requester", list[str]()
    if interpreter is not None:
        who = f"Interpreter {interpreter.code}"
        tx.set_availability(interpreter.id, Availability.OFF, None, now)
        ids = _leave(tx, apply, interpreter, now)
    elif requester is not None and requester.name:
        who = requester.name
    tx.raise_alert(
        opened.id if opened else None,
        f"{who} used a word that unsubscribes them at the carrier. Call them; they return by texting START.",
        now,
    )
    return ids + (apply(tx, opened, events.RequestDropped("requester"))[1] if opened else [])


def _leave(tx: Transaction, apply: Apply, interpreter: Interpreter, now: datetime) -> list[str]:
    """No text reaches them: what they are asked is declined, and whom they write with gets somebody else."""
    active = tx.active_offer(interpreter.id)
    if active is None:
        return []
    request, offer = active
    if offer not in request.seated:
        return apply(tx, request, events.OfferAnswered(offer.id, accepted=False))[1]
    if not in_writing(request) or request.state not in writing.TALKING:
        return []  # they talk, and no text is needed for that
    ids = apply(tx, request, events.AnotherWanted("interpreter", "other", offer.id))[1]
    return ids + tx.put_effects(None, [writing.tell_waiting(request)], now)
