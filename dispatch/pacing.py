"""When a call's turn at the carrier comes, among the calls of all live requests. A plain function.

The order is that of `ring_plan.pace`: the highest `waited + head start of the urgency - 8 s for each phone of the
request that rings already` goes first. All claims grow at the same speed, so the order can be kept as one moment per
call, written down once: the earlier, the sooner.
"""

from datetime import datetime, timedelta

from dispatch.effects import PlaceCall, To
from dispatch.request import LegRole, LegState, Request, Urgency

HEAD_START = {Urgency.ROUTINE: 0.0, Urgency.URGENT: 30.0, Urgency.EMERGENCY: 120.0}
"""Seconds of waiting that an urgency is ahead of routine; nobody starves (as in `ring_plan`)."""
EACH_PHONE = 8.0
"""Seconds by which each phone that rings already puts the next one back (as in `ring_plan`)."""
SOMEBODY_HOLDS = 60.0
"""A call that brings in the requester or the desk while an interpreter is on the line goes before further rings."""


def turn(request: Request, call: PlaceCall) -> datetime:
    """The moment by which this call is ordered among those that wait."""
    ahead = HEAD_START[request.need.urgency]
    if call.to is not To.INTERPRETER:
        return request.created_at - timedelta(seconds=ahead + SOMEBODY_HOLDS)
    rings = [leg.id for leg in request.legs if leg.role is LegRole.INTERPRETER and leg.state is not LegState.ENDED]
    before = rings.index(call.leg_id) if call.leg_id in rings else 0
    return request.created_at - timedelta(seconds=ahead) + timedelta(seconds=EACH_PHONE * before)
