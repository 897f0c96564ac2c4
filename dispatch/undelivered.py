"""A text of ours that the carrier took and could not deliver: the dispatcher learns whose it was, and why."""

from datetime import datetime

from dispatch import quality_texts
from dispatch.people import PhoneNumber
from dispatch.store import Transaction


def text_failed(tx: Transaction, effect_id: str, code: int, why: str, to: PhoneNumber | None, now: datetime) -> None:
    """Raise the alert, once. `code` is the carrier's own for why, `why` what that means in words, "" where unknown."""
    if quality_texts.text_failed(tx, effect_id, code, now):
        return  # nobody waits for it
    ours = bool(tx.effect_kinds([effect_id]))
    if not ours or not tx.remember(effect_id, "text failed", str(code), now):
        return
    who = _named(tx, to)
    what = f"A text to {who} was not delivered" if who else "A text was not delivered"
    told = f"{what} (carrier code {code}). {why or 'Call them instead.'}"
    tx.raise_alert(tx.request_of_effect(effect_id), told, now)


def _named(tx: Transaction, number: PhoneNumber | None) -> str:
    """What the dispatcher calls the person with that number; "" for a caller nobody knows by name."""
    interpreter = tx.interpreter_by_number(number) if number is not None else None
    if interpreter is not None:
        return f"interpreter {interpreter.code}"
    requester = tx.requester_by_number(number) if number is not None else None
    return requester.name if requester is not None else ""
