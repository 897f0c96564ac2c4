"""What a dispatcher can do to a request as it stands: what the page offers. Whether it is done, `overrides` decides."""

from dispatch import eligibility, overrides
from dispatch.eligibility import channel
from dispatch.escalation import LOOKING
from dispatch.overrides import SEARCHING, WAITING
from dispatch.policy import Policy
from dispatch.request import LegRole, Request, RequestState

_TOGETHER = frozenset({RequestState.CONNECTING, RequestState.CONNECTED})


def possible(request: Request, policy: Policy, desk: bool, withheld: bool) -> dict[str, bool]:
    """Each thing that the page names, and whether it can be done now.

    `desk`: the agency has a duty desk. `withheld`: the requester's number is not known.
    """
    waiting, vendor = request.leg_of(LegRole.REQUESTER), request.leg_of(LegRole.VENDOR)
    together, on_line = request.state in _TOGETHER, waiting is not None and waiting.live
    named, searching = request.language is not None, request.state in SEARCHING
    apart = not request.over and not together
    return {
        "language": apart,
        "ring": searching and named and channel(request) != "in_person",
        "dial_vendor": overrides.can_call_vendor(request),
        "vendor": apart and (not on_line or (overrides.with_desk(request) and not request.reach.vendor)),
        "speaks": request.state is RequestState.CONNECTING
        and not request.seated
        and vendor is not None
        and vendor.live,
        "another": together and bool(request.seated),
        "full": (together and bool(request.seated)) or (apart and named and not request.need.full),
        "encounter": not request.over,
        "waive": not request.over and eligibility.required(request, policy) != "none",
        "also": request.state in LOOKING and named,
        "call": request.state in WAITING and waiting is None,
        "message": not request.over,
        "take_over": apart and desk and request.leg_of(LegRole.AGENCY) is None,
        "cancel": not request.over,
        "call_back": request.over and request.connected_at is None and not withheld,
    }
