"""When the next step of the escalation is due. What the steps do is in `escalation`."""

from datetime import datetime, timedelta

from dispatch.policy import Policy
from dispatch.request import DeadlineKind, Reach, Request
from dispatch.values import replace


def begin(request: Request, now: datetime, policy: Policy) -> Request:
    """The search for this language begins: the first step is due at its time."""
    return schedule(replace(request, reach=Reach(since=now)), now, policy)


def again(request: Request, now: datetime, policy: Policy) -> Request:
    """An interpreter was lost: the steps begin anew; what was asked and found out before is kept."""
    kept = replace(request.reach, since=now, step=0, wider=0, told="")
    return schedule(replace(request, reach=kept), now, policy)


def hasten(request: Request, now: datetime, policy: Policy) -> Request:
    """No phone is left to ring: there is nothing to wait for until the next step."""
    due = next((one for one in request.deadlines if one.kind is DeadlineKind.ESCALATE), None)
    soon = now + timedelta(seconds=policy.nobody_left_seconds)
    return request.due(DeadlineKind.ESCALATE, soon) if due is not None and due.at > soon else request


def hurry(request: Request, now: datetime, policy: Policy) -> Request:
    """It has become more urgent: the steps of the new urgency, by the time that has passed already."""
    if request.reach.since is None:
        return request
    return schedule(replace(request, reach=replace(request.reach, step=0)), now, policy)


def schedule(request: Request, now: datetime, policy: Policy) -> Request:
    """The deadline of the next step; none after the last."""
    steps = policy.escalation[request.need.urgency]
    if request.reach.step >= len(steps) or request.reach.since is None:
        return request.without(DeadlineKind.ESCALATE)
    at = request.reach.since + timedelta(seconds=steps[request.reach.step].after)
    return request.due(DeadlineKind.ESCALATE, max(at, now))
