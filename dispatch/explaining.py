"""Why a request stands as it does, in words for the dispatcher: language, credential, search, relay, vendor.

Plain functions of the request and the policy. Each line has a kind, by which the page can show it in its own way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch import eligibility, languages, origins
from dispatch.people import Certificate
from dispatch.policy import TIERS, Do, Policy
from dispatch.request import Channel, DeadlineKind, LegRole, LegState, Request, RequestState
from dispatch.vendor_hold import SPOKE_WORDS, Spoke
from dispatch.waiting import Waiting, by_need

_DOES = {
    Do.WIDEN: "more phones ring at once",
    Do.NEXT_TIER: "the next tier is asked too",
    Do.RELATED: "they are asked about a related language",
    Do.RELAY: "two interpreters through a bridge language are looked for",
    Do.VENDOR: "the vendor line is dialled",
    Do.CALLBACK: "they are told that they may hang up and are called back",
    Do.VOICEMAIL: "they are asked to leave a message",
    Do.ALERT: "you are alerted",
}
_SEARCHED = (RequestState.MATCHING, RequestState.OFFERING, RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)
_QUEUED = (RequestState.WAITING, RequestState.CALLBACK_SCHEDULED)


@dataclass(frozen=True)
class Reason:
    """One line of the answer to "why"."""

    kind: str
    """ "language", "first", "credential", "search", "next" (of its steps), "callback", "relay" or "vendor"."""
    words: str
    at: datetime | None = None
    """When what the words announce comes."""


def reasons(request: Request, policy: Policy, names: Mapping[str, str]) -> tuple[Reason, ...]:
    """Everything there is to say; `names` tells interpreters' ids."""
    told = (
        Reason("language", language(request)),
        Reason("first", first_language(request)),
        Reason("credential", credential(request, policy)),
        Reason("search", search(request, policy)),
        next_step(request, policy) or Reason("next", ""),
        Reason("callback", callback(request)),
        Reason("relay", relay(request, names)),
        Reason("vendor", vendor(request, policy)),
    )
    return tuple(one for one in told if one.words)


def language(request: Request) -> str:
    """How the language was found, and how sure that is."""
    if request.language is None:
        guessed = [f"{_name(guess.language)} {guess.confidence:.0%}" for guess in request.guesses[:3]]
        return f"Perhaps {', '.join(guessed)}: not settled" if guessed else ""
    if request.certainty is None or request.certainty >= 1:
        return ""
    return f"Language {request.found_by}, {request.certainty:.0%} sure: listen whether it is right"


def first_language(request: Request) -> str:
    """Spanish is a second language to many from Guatemala and Mexico, who are regularly taken to speak it first."""
    if request.language != origins.SECOND_LANGUAGE or request.connected_at is not None:
        return ""
    named = request.need.first or (origins.mentioned(request.need.place) if request.need.place else ())
    if named:
        return f"May speak another language first: {', '.join(_name(code) for code in named[:4])}. Ask"
    if request.channel is Channel.VOICE and request.found_by != "chosen by key":
        return "From Guatemala or Mexico? They may speak another language first. Ask"
    return ""


def credential(request: Request, policy: Policy) -> str:
    """The encounter and what it asks of the interpreter."""
    kind = request.need.encounter or "routine"
    if request.need.exception:
        return f"{kind.capitalize()}: the credential is waived: {request.need.exception}"
    asked = eligibility.required(request, policy)
    full = f", proficiency {eligibility.FULL_PROFICIENCY} of 5 at least" if request.need.full else ""
    if asked is Certificate.NONE:
        return "" if kind == "routine" else f"{kind.capitalize()}: no credential is asked for"
    why = "a full interpreter is needed" if request.need.full else kind
    return f"{why.capitalize()}: only {asked.value} interpreters are asked{full}"


def search(request: Request, policy: Policy) -> str:
    """How far the search has been stretched."""
    if request.state not in _SEARCHED or request.language is None:
        return ""
    steps = policy.escalation[request.need.urgency]
    tier = eligibility.last_tier(request, policy)
    asked = f"Asks up to {TIERS.get(tier, f'tier {tier}')}"
    why = f"; last search: {request.reach.because}" if request.reach.because and not request.open_offers else ""
    return f"{asked}; {request.reach.step} of {len(steps)} further steps taken{why}"


def next_step(request: Request, policy: Policy) -> Reason | None:
    """The next step of the escalation, and when it comes."""
    steps = policy.escalation[request.need.urgency]
    due = next((one for one in request.deadlines if one.kind is DeadlineKind.ESCALATE), None)
    if due is None or request.reach.step >= len(steps):
        return None
    return Reason("next", _DOES[steps[request.reach.step].do].capitalize(), due.at)


def callback(request: Request) -> str:
    """What they were promised."""
    if request.state is RequestState.CALLBACK_SCHEDULED:
        return "Has hung up and is called back; keeps the place in the queue"
    if request.reach.callback and request.state in _SEARCHED:
        return "Was told: may hang up and is called back"
    return ""


def relay(request: Request, names: Mapping[str, str]) -> str:
    """The shape of a relay: who sits between which languages."""
    bridge = next((offer.language for offer in request.seated if offer.language), request.reach.bridge)
    if not bridge or request.language is None:
        return ""
    halves = {offer.seat: names.get(offer.interpreter_id, "an interpreter") for offer in request.seated}
    if not any(offer.language for offer in request.seated):
        return f"A relay through {_name(bridge)} is looked for too" if request.state in _SEARCHED else ""
    first, second = halves.get(1, "still looked for"), halves.get(2, "still looked for")
    return f"Relay: {_name(request.language)} ↔ {_name(bridge)} ({first}), {_name(bridge)} ↔ English ({second})"


def vendor(request: Request, policy: Policy) -> str:
    """Where the vendor line stands; its own hold counts until somebody notices a human."""
    name = request.reach.vendor
    leg = next((leg for leg in reversed(request.legs) if leg.role is LegRole.VENDOR), None)
    if not name or leg is None:
        return f"{name} is arranged outside; it ends when they hang up" if name and not request.over else ""
    if request.reach.vendor_spoke:
        return f"{name}: an interpreter speaks ({SPOKE_WORDS[Spoke(request.reach.vendor_spoke)]})"
    if leg.state is LegState.ENDED:
        return f"{name} was called" if request.over else f"{name} was called; that line is down"
    if leg.state is LegState.DIALLING:
        return f"{name} is being dialled"
    due = next((one for one in request.deadlines if one.kind is DeadlineKind.VENDOR_SPEAKS), None)
    line = policy.vendor(name)
    usual = f"usually {line.hold_seconds:.0f} s" if line else "as long as they take"
    return f"{name} has answered: their own hold, {usual}" if due else f"{name} has answered"


def places(opened: Sequence[Request], policy: Policy) -> dict[str, int]:
    """The place of everybody who waits, 1 first, among those who wait for the same language."""
    queues: dict[str, list[Waiting]] = {}
    for one in opened:
        if one.state in _QUEUED and one.language is not None:
            queues.setdefault(one.language, []).append(Waiting(one.id, one.need.urgency, one.created_at))
    return {
        waiting.request_id: place
        for queue in queues.values()
        for place, waiting in enumerate(by_need(queue, policy.ahead), 1)
    }


def _name(code: str) -> str:
    return languages.get(code).english
