"""Whether a dispatcher may ring an interpreter whom a search would not: never, with a reason that is kept, or freely.

Plain functions. Never: who is kept apart from the requester, kept out of the request or held back after a complaint,
the requester themselves, and who does not speak the language. Everything else a search minds (hours,
limits, credentials, gender, tier) is the dispatcher's to weigh, and why they did is written down.
"""

from datetime import datetime

from dispatch.eligibility import KEPT_OUT, Facts, Verdict, consider, kept_apart, wanted
from dispatch.errors import Conflict, NotPossibleNow
from dispatch.people import Interpreter
from dispatch.policy import Policy
from dispatch.request import Request

NO_FACTS = Facts()


def barred(request: Request, one: Interpreter, facts: Facts) -> str:
    """Why they are never rung for this request, in words for the dispatcher; "" where they may be."""
    apart = kept_apart(request, one, facts)
    if apart:
        return f"{apart}: a conflict of interest, or sent away" if apart == KEPT_OUT else apart
    held = {"", request.need.encounter or "routine"} & set(facts.held_back)
    if held:
        return f"not asked until it is cleared: {facts.held_back[min(held)]}"
    if not any(one.speaks(code) for code in wanted(request, request.open_seat or 1).any_of):
        return "does not speak the language"
    return ""


def check(request: Request, one: Interpreter, facts: Facts, reason: str, now: datetime, policy: Policy) -> None:
    """Raises NotPossibleNow for whom nobody may ring, and for whom a search would not without a `reason`; Conflict for
    who is held by another request."""
    if one.engaged:
        raise Conflict(f"Interpreter {one.code} is held by another request by now. Choose somebody else.")
    never = barred(request, one, facts)
    if never:
        raise NotPossibleNow(f"Interpreter {one.code} is not rung for this request: {never}. Choose somebody else.")
    verdict = against(request, one, facts, now, policy)
    if not verdict.ok and not reason.strip():
        raise NotPossibleNow(
            f"A search would not ring interpreter {one.code}: {verdict.reason}. To ring them all the same, say why;"
            " the reason is kept."
        )


def against(request: Request, one: Interpreter, facts: Facts, now: datetime, policy: Policy) -> Verdict:
    """What a search says of them for the seat that is open."""
    return consider(request, one, facts, now, policy, request.open_seat or 1)
