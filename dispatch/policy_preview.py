"""Whom a policy would ask now for a language, in order, and who would not be asked, each with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch import languages
from dispatch.answering import Pool
from dispatch.eligibility import wanted
from dispatch.people import Interpreter, Role
from dispatch.policy import Policy
from dispatch.request import Channel, Need, Request, RequestState, Urgency
from dispatch.routing import Facts, choose
from dispatch.searching import Chances
from dispatch.store import Transaction


@dataclass(frozen=True)
class Line:
    """One interpreter in a preview."""

    place: int | None
    """1 for who would be asked first; None for who would not be asked."""
    code: str
    name: str
    score: float | None
    words: str


def preview(
    tx: Transaction, policy: Policy, language: str, urgency: Urgency, encounter: str, now: datetime
) -> list[Line]:
    """Everybody looked at, those who would be asked first. Nobody is rung. Raises UnknownLanguage."""
    code = languages.normalise(language)
    need = Need((code,), urgency=urgency, encounter=encounter)
    request = Request("preview", "", Role.OFFICER, Channel.TEXT, RequestState.MATCHING, now, language=code, need=need)
    chances = Chances(Pool.of(tx.answers().values()), now, policy.timezone)
    found = tx.meet(request, wanted(request), now, policy.timezone, chance=chances.of)
    return _lines([one for one, _ in found], request, now, policy, {one.id: known for one, known in found})


def _lines(
    people: Sequence[Interpreter], request: Request, now: datetime, policy: Policy, facts: dict[str, Facts]
) -> list[Line]:
    known = {one.id: one for one in people}
    found = choose(request, people, now, policy, facts).considered
    return [
        Line(
            n if one.ok else None, known[one.interpreter_id].code, known[one.interpreter_id].name, one.score, one.reason
        )
        for n, one in enumerate(found, 1)
    ]
