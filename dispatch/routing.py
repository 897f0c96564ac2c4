"""Whom to ask, in what order: those who may be asked (`eligibility`), scored by the agency's policy, with reasons.

Plain functions over the interpreters the store found by index; they never look at the whole roster.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dispatch import varieties
from dispatch.eligibility import Asked, Facts, Verdict, consider, weigh
from dispatch.offer import OfferState
from dispatch.people import Interpreter
from dispatch.policy import Policy
from dispatch.request import Request
from dispatch.varieties import Fit

__all__ = ["Candidate", "Considered", "Facts", "Verdict", "choose", "consider", "rank"]

_NOTHING = Facts()
_DAY_SECONDS = 86_400.0
_LAST_TIER = 5


class Candidate(NamedTuple):
    """An interpreter to ask, and why, in words for the dispatcher."""

    interpreter_id: str
    reason: str
    score: float = 0.0
    chance: float = 0.5
    """That they accept if rung now."""
    through: str = ""
    """The bridge language of a relay they would take half of."""
    unsaid: bool = False
    """A variety was asked for, and they have not said which they speak: asked after those who have."""


class Considered(NamedTuple):
    """One line of the answer to "why": an interpreter, whether they may be rung, and the reason."""

    interpreter_id: str
    ok: bool
    reason: str
    score: float | None = None


@dataclass(frozen=True)
class Choice:
    """The whole answer: whom to ask in this order, and everybody who was looked at, with reasons."""

    candidates: tuple[Candidate, ...]
    considered: tuple[Considered, ...]
    because: str = ""
    """Where nobody may be asked: why, in words, the commonest reason first."""


def rank(
    request: Request,
    interpreters: Iterable[Interpreter],
    now: datetime,
    policy: Policy | None = None,
    facts: Mapping[str, Facts] | None = None,
) -> tuple[Candidate, ...]:
    """Interpreters to ask, best first. Nobody's answer is asked for twice: who declined is left out."""
    return choose(request, interpreters, now, policy or Policy(), facts or {}).candidates


def choose(
    request: Request,
    interpreters: Iterable[Interpreter],
    now: datetime,
    policy: Policy,
    facts: Mapping[str, Facts],
    seat: int = 1,
) -> Choice:
    """Everybody considered, those who may be asked in order of score; who missed this request's call comes last.

    A tier whose turn has not come is asked all the same where nobody nearer may be: waiting would help nobody.
    """
    people = {interpreter.id: interpreter for interpreter in interpreters}
    asked = Asked.of(request, policy, seat)
    verdicts = {one.id: weigh(asked, one, facts.get(one.id, _NOTHING), now, policy) for one in people.values()}
    ok = {one: verdict for one, verdict in verdicts.items() if verdict.ok}
    if not ok and not request.open_offers:
        tiers = [people[one].tier for one, verdict in verdicts.items() if verdict.later]
        ok = {one: verdict for one, verdict in verdicts.items() if verdict.later and people[one].tier == min(tiers)}
    missed = {offer.interpreter_id for offer in request.offers if offer.state is OfferState.EXPIRED}
    ranked = sorted(
        (
            _candidate(people[one], verdict, facts.get(one, _NOTHING), now, policy, one in missed)
            for one, verdict in ok.items()
        ),
        key=lambda one: (one.interpreter_id in missed, one.unsaid, -one.score, one.interpreter_id),
    )
    lines = [Considered(one.interpreter_id, True, one.reason, round(one.score, 2)) for one in ranked]
    left_out = [(one, verdict) for one, verdict in verdicts.items() if one not in ok]
    lines += [Considered(one, False, verdict.reason) for one, verdict in sorted(left_out, key=lambda pair: pair[0])]
    because = "" if ranked else _because([verdict.reason for _, verdict in left_out])
    return Choice(tuple(ranked), tuple(lines), because)


def _candidate(
    one: Interpreter, verdict: Verdict, facts: Facts, now: datetime, policy: Policy, missed: bool
) -> Candidate:
    """The score and its words: a weighted sum of preferences, each 0 to 1."""
    weights, offered, answers = policy.weights, one.last_offered_at, facts.answers
    rested = min(max((now - offered).total_seconds() / _DAY_SECONDS, 0.0), 1.0) if offered else 1.0
    proficiency = verdict.skill.proficiency if verdict.skill else 1
    worth = (
        weights.tier * (1 - (min(one.tier, _LAST_TIER) - 1) / (_LAST_TIER - 1))
        + weights.proficiency * (proficiency - 1) / 4
        + weights.continuity * facts.served_before
        + weights.rest * rested
        + weights.load * (1 - min(facts.offers_week / weights.busy_week, 1.0))
        + weights.answers * answers
        + weights.cost * (1 - min(one.terms.cost / weights.dear, 1.0))
    )
    words = f"tier {one.tier}, proficiency {proficiency} of 5, accepts {round(100 * answers)}% at this hour"
    if facts.served_before:
        words += ", knows this requester"
    if facts.offers_week:
        words += f", {facts.offers_week} offers this week"
    if missed:
        words += ", missed the call before"
    words += _special(verdict)
    return Candidate(one.id, words, worth, answers, verdict.through, verdict.fit is Fit.NOT_SAID)


def _special(verdict: Verdict) -> str:
    """What is seldom to be said of anybody: varieties, relays, tiers out of turn."""
    words = ""
    if verdict.skill and verdict.skill.varieties:
        spoken = varieties.spoken_as(verdict.skill.language, verdict.skill.varieties)
        words = f", speaks {spoken}" + (", which is understood there" if verdict.fit is Fit.UNDERSTOOD else "")
    if verdict.fit is Fit.NOT_SAID:
        words += ", has not said which variety"
    if verdict.through:
        words += ", for a relay"
    return words + (", asked early: nobody nearer is free" if verdict.later else "")


def _because(reasons: list[str]) -> str:
    """Reasons with how often each: "2 signed off, 1 busy until 14:30 UTC"."""
    if not reasons:
        return "nobody on the roster speaks it"
    return ", ".join(f"{count} {reason}" for reason, count in Counter(reasons).most_common(4))
