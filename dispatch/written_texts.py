"""Texts of a session in writing: who wrote, to whom it goes, and which few words are commands instead.

What people write to one another is passed on as it is. Only a text that is nothing but a command is one: DONE of the
interpreter, STATUS, MENU and DROP of the requester, and short words that ask for another interpreter.
"""

import re
from collections.abc import Sequence

from dispatch import events, writing, writing_events
from dispatch.replies import read_reply, read_swap
from dispatch.request import Request

WRITE_INSTEAD = re.compile(r"\s*(?:text|texto|texte|sms|write|7)\s*[.!]*\s*", re.IGNORECASE)
"""The answer of somebody who cannot talk on the phone."""
_TO_DESK = re.compile(r"\s*desk\b[\s:,.-]*(?P<words>.*)", re.IGNORECASE | re.DOTALL)
_COMMANDS = frozenset({"STATUS", "MENU", "DROP"})
_CODED = re.compile(r"\s*\[?(?P<code>[0-9a-f]{4})\]?[\s:,.-]+(?P<words>.+)", re.IGNORECASE | re.DOTALL)
_OF_THE_INTERPRETER = re.compile(
    r"interp|intérp|entèp|entep|dolmetsch|tłumacz|перевод|переклад|ترجم|翻译|傳譯|通訳|통역|thông dịch|turjub"
    r"|mkalimani",
    re.IGNORECASE,
)
_FEW = 6
"""Words: a longer text is something said to the other side, whatever it says of languages and acquaintances."""


def of_requester(body: str) -> events.Event | None:
    """What a requester's text is to the session; None for a command that is read as anywhere else."""
    if body.strip(" .!\n").upper() in _COMMANDS:
        return None
    why = read_swap(body) if len(body.split()) <= _FEW else None
    if why is not None and (why != "known" or _OF_THE_INTERPRETER.search(body)):
        # "I know him" may well be said of somebody else than the interpreter.
        return events.AnotherWanted("requester", why)
    return writing_events.Wrote("requester", body, "interpreter")


def of_interpreter(body: str, offer_id: str) -> events.Event | None:
    """The same of the interpreter's: to the requester, or with DESK in front to the agency."""
    if read_reply(body).kind == "done" and len(body.split()) == 1:
        return None
    desk = _TO_DESK.fullmatch(body)
    if desk is not None:
        return writing_events.Wrote("interpreter", desk["words"], "desk")
    why = read_swap(body, other_languages=False) if len(body.split()) <= _FEW else None
    if why is not None:
        return events.AnotherWanted("interpreter", why, offer_id)
    return writing_events.Wrote("interpreter", body, "requester")


def of_desk(body: str, sessions: Sequence[Request]) -> tuple[Request, writing_events.Wrote] | None:
    """Which session the duty desk writes in, and what; None where several go on and none is named."""
    coded = _CODED.fullmatch(body)
    if coded is not None:
        named = [one for one in sessions if writing.code(one) == coded["code"].upper()]
        if len(named) == 1:
            return named[0], writing_events.Wrote("desk", coded["words"], "interpreter")
    return (sessions[0], writing_events.Wrote("desk", body, "interpreter")) if len(sessions) == 1 else None
