"""The policy file for the command line: what is wrong with it, what it says, and whom it would ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatch import languages
from dispatch.answering import Pool
from dispatch.clock import SystemClock
from dispatch.eligibility import wanted
from dispatch.errors import ConfigurationError, PolicyError
from dispatch.people import Interpreter, Role
from dispatch.policy import Policy
from dispatch.policy_file import read_policy
from dispatch.request import Channel, Need, Request, RequestState, Urgency
from dispatch.routing import Facts, choose
from dispatch.searching import Chances
from dispatch.settings import Settings
from workers.roster import opened
from workers.wiring import policy_of


@dataclass(frozen=True)
class Line:
    """One interpreter in a preview."""

    place: int | None
    """1 for who would be asked first; None for who would not be asked."""
    code: str
    name: str
    score: float | None
    words: str


def read(settings: Settings, file: Path | None) -> Policy:
    """The policy in a file on top of the settings; without a file, that which the settings name. Raises PolicyError."""
    path = file or settings.policy_file
    if path is None:
        return policy_of(settings)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError([f"{path}: cannot be read: {error}"]) from error
    return read_policy(text, str(path), policy_of(settings))


def preview(settings: Settings, policy: Policy, language: str, urgency: str, encounter: str) -> list[Line]:
    """Whom that policy would ask now for a language, in order, and who would not be asked, each with the reason.

    Raises UnknownLanguage, and ConfigurationError for an urgency that does not exist.
    """
    if urgency not in set(Urgency):
        raise ConfigurationError(f"--urgency {urgency!r} is not one of {', '.join(Urgency)}.")
    code, now = languages.normalise(language), SystemClock().now()
    need = Need((code,), urgency=Urgency(urgency), encounter=encounter)
    request = Request("preview", "", Role.OFFICER, Channel.TEXT, RequestState.MATCHING, now, language=code, need=need)
    with opened(settings).reading() as tx:
        chances = Chances(Pool.of(tx.answers().values()), now, policy.timezone)
        found = tx.meet(request, wanted(request), now, policy.timezone, chance=chances.of)
    return _lines([one for one, _ in found], request, now, policy, {one.id: known for one, known in found})


def _lines(
    people: Sequence[Interpreter],
    request: Request,
    now: datetime,
    policy: Policy,
    facts: dict[str, Facts],
) -> list[Line]:
    known = {one.id: one for one in people}
    found = choose(request, people, now, policy, facts).considered
    return [
        Line(
            n if one.ok else None, known[one.interpreter_id].code, known[one.interpreter_id].name, one.score, one.reason
        )
        for n, one in enumerate(found, 1)
    ]
