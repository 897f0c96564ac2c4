"""Interpreters who ask for interpreters as well."""

from dispatch.people import PhoneNumber, Role
from dispatch.store import Transaction


def asks_too(tx: Transaction, interpreter: PhoneNumber) -> bool:
    """Whether an interpreter is asking staff too, or has a request open. That they rang the hotline back once, after a
    missed call, makes no request of every text of theirs."""
    known = tx.requester_by_number(interpreter)
    if known is None:
        return False
    return known.role is Role.OFFICER or tx.open_request_of(known.id) is not None
