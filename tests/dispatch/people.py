"""People for tests."""

from dispatch.people import Interpreter, PhoneNumber, Requester, Role, Skill


def interpreter(number: int, *languages: str, tier: int = 1, gender: str | None = None) -> Interpreter:
    """Interpreter `number`, of these languages."""
    skills = tuple(Skill(code, 4) for code in languages or ("spa",))
    phone = PhoneNumber(f"+1617555{number:04d}")
    return Interpreter(f"i{number}", str(number), f"Interpreter {number}", phone, skills, tier, gender)


def officer(number: int = 9001) -> Requester:
    """An officer."""
    return Requester(f"o{number}", PhoneNumber(f"+1617555{number}"), Role.OFFICER, "Dana Walsh", "Unit 12")
