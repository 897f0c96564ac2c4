"""People for tests."""

from collections.abc import Sequence
from datetime import datetime

from dispatch.eligibility import Wanted
from dispatch.people import Interpreter, PhoneNumber, Requester, Role, Skill
from dispatch.request import Channel, Request, RequestState
from dispatch.store import Transaction


def interpreter(number: int, *languages: str, tier: int = 1, gender: str | None = None) -> Interpreter:
    """Interpreter `number`, of these languages."""
    skills = tuple(Skill(code, 4) for code in languages or ("spa",))
    phone = PhoneNumber(f"+1617555{number:04d}")
    return Interpreter(f"i{number}", str(number), f"Interpreter {number}", phone, skills, tier, gender)


def officer(number: int = 9001) -> Requester:
    """An officer."""
    return Requester(f"o{number}", PhoneNumber(f"+1617555{number}"), Role.OFFICER, "Dana Walsh", "Unit 12")


def speakers(tx: Transaction, languages: Sequence[str], now: datetime, page: int = 0) -> list[Interpreter]:
    """Whom a search for these languages meets, whoever asks."""
    request = Request("r0", "nobody", Role.OFFICER, Channel.TEXT, RequestState.MATCHING, now)
    return [one for one, _ in tx.meet(request, Wanted(tuple(languages)), now, page=page)]
