"""Asking for an interpreter on somebody's behalf: what a computer-aided dispatch system, or a desk, sends in.

Within the caller's transaction. The request then goes its way as if its requester had texted.
"""

from dataclasses import dataclass

from dispatch.conversation import known_requester
from dispatch.errors import DispatchError, InvalidNumber
from dispatch.integrations import Once
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.request import Need, Request
from dispatch.store import Transaction


class OfficerUnknown(DispatchError):
    """No officer, or more than one, has that unit or badge."""


class AlreadyOpen(DispatchError):
    """The requester has an open request: a phone can be in one conversation only. `request_id` names it."""

    def __init__(self, request_id: str) -> None:
        super().__init__(f"This requester has an open request, {request_id}: change that one, or cancel it first.")
        self.request_id = request_id


@dataclass(frozen=True)
class Wish:
    """What is asked for. A need that names no language is worked out by phone with the person who needs it."""

    need: Need
    number: PhoneNumber | None = None
    unit: str = ""
    """A known officer's unit or badge, where no number is given."""
    name: str = ""
    role: Role = Role.OFFICER
    """Of a number that is not known yet."""
    note: str = ""
    reference: str = ""
    """What the asking system calls it, such as an incident number."""
    once: Once | None = None


def requester_of(tx: Transaction, wish: Wish) -> Requester:
    """Who asks: known by number or unit, or added. Raises OfficerUnknown, InvalidNumber."""
    if wish.number is None:
        found = tx.officers_of_unit(wish.unit)
        if len(found) != 1:
            many = f"{len(found)} officers have" if found else "No officer has"
            raise OfficerUnknown(f"{many} the unit or badge {wish.unit!r}; give the phone number instead.")
        return found[0]
    if tx.interpreter_by_number(wish.number) is not None and tx.requester_by_number(wish.number) is None:
        raise InvalidNumber("This is an interpreter's number; give the phone of who needs the interpreter.")
    known = tx.requester_by_number(wish.number)
    if known is not None:
        return known
    made = known_requester(tx, wish.number)
    if wish.role is Role.OFFICER:
        made = Requester(made.id, made.number, Role.OFFICER, wish.name or "Officer", wish.unit)
        tx.change_requester(made)
    return made


def keep_open(tx: Transaction, requester: Requester, request: Request, wish: Wish) -> None:
    """Store the new request with its reference, announced. Raises AlreadyOpen."""
    opened = tx.open_request_of(requester.id)
    if opened is not None:
        raise AlreadyOpen(opened.id)
    tx.create_request(request, announce=False)
    if wish.reference:
        tx.put_reference(request.id, wish.once.integration_id if wish.once else "", wish.reference)
    tx.heard("RequestReceived", request.id, {}, request.created_at)
