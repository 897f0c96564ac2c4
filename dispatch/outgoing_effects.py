"""What goes out besides what a step has decided: who else may be matched, what waits to be read, which calls wait."""

from collections.abc import Sequence
from datetime import datetime

from dispatch import pacing, writing
from dispatch.effects import Effect, MatchWaiting, PlaceCall, SendText, To
from dispatch.eligibility import in_writing
from dispatch.policy import Policy
from dispatch.request import Channel, Request
from dispatch.store import Transaction


def let_go(tx: Transaction, before: Request, after: Request, freed: Sequence[str]) -> list[Effect]:
    """Interpreters whose phones have just stopped without a session: somebody else may be waiting for them."""
    held = {offer.interpreter_id for offer in before.offers if offer.active}
    still = {offer.interpreter_id for offer in after.offers if offer.active}
    free = sorted(held - still - set(freed))
    return [MatchWaiting(one) for one in free] if free and tx.anybody_waits() else []


def unread(tx: Transaction, before: Request, after: Request) -> list[Effect]:
    """What was written before the interpreter was there, now that they are; once it is over, nobody needs it."""
    seat = after.accepted
    if not after.over and (seat is None or before.accepted is not None):
        return []
    written = tx.take_unread(after.id) if after.channel is Channel.TEXT else []
    if after.over or seat is None or not in_writing(after):
        return []
    them = seat.interpreter_id
    pieces = (piece for words in written for piece in writing.parts(words))
    return [SendText(To.INTERPRETER, them, "interpreter_they_write", "eng", {"words": piece}) for piece in pieces]


def turns(
    tx: Transaction, request: Request, effects: Sequence[Effect], now: datetime, policy: Policy
) -> dict[str, datetime]:
    """The calls that wait for the carrier's pace. The first may start at once where nobody is before it."""
    waits = False
    found: dict[str, datetime] = {}
    for call in (effect for effect in effects if isinstance(effect, PlaceCall)):
        waits = waits or not tx.call_may_start(now, policy.calls_per_second)
        if waits:
            found[call.leg_id] = pacing.turn(request, call)
    return found
