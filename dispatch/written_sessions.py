"""What goes to and fro in a session in writing, and how one ends by itself. Handlers of `steps.step`, plain functions.

Every text goes through the service's number, so nobody learns another's. The clock runs until the interpreter writes
their first words to the requester. Words are passed on and not kept.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from dispatch import ringing, sessions, writing, writing_events
from dispatch.effects import AlertDispatcher, Effect, SendText, To
from dispatch.eligibility import in_writing
from dispatch.offer import Offer
from dispatch.policy import Policy
from dispatch.request import DeadlineKind, Request, RequestState
from dispatch.values import replace

Outcome = tuple[Request, tuple[Effect, ...]]


def wrote(request: Request, event: writing_events.Wrote, now: datetime, policy: Policy) -> Outcome:
    """Somebody's words go on to the other side. The interpreter's first to the requester stop the clock."""
    seat = request.accepted
    words = event.text.strip()
    if not in_writing(request) or seat is None or request.state not in writing.TALKING or not words:
        return request, ()
    if event.by == "interpreter" and event.to == "requester" and request.state is RequestState.CONNECTING:
        request = sessions.connected(request, now)
    if request.state is RequestState.CONNECTED:
        quiet = now + timedelta(minutes=policy.writing_quiet_minutes)
        request = request.due(DeadlineKind.WRITING_QUIET, quiet)
    return request, tuple(_passed_on(request, seat, event, part) for part in writing.parts(words))


def _passed_on(request: Request, seat: Offer, event: writing_events.Wrote, words: str) -> SendText:
    if event.by == "desk":
        return writing.to_interpreter(seat, "interpreter_desk_writes", words=words)
    if event.by == "requester":
        return writing.to_interpreter(seat, "interpreter_they_write", words=words)
    if event.to == "desk":
        return writing.to_desk(request, "desk_interpreter_writes", words=words)
    return SendText(To.REQUESTER, request.requester_id, "interpreter_words", "eng", {"words": words})


def waited_in_vain(request: Request, now: datetime, policy: Policy) -> Outcome:
    """The interpreter took it and has not written: somebody else is asked."""
    seat = request.accepted
    if seat is None or request.state is not RequestState.CONNECTING:
        return request, ()
    out = tuple(dict.fromkeys((*request.need.kept_out, seat.interpreter_id)))
    request = replace(request, need=replace(request.need, kept_out=out))
    request, effects = sessions.search_again(request, seat, "took it and wrote nothing", now, policy)
    alert = AlertDispatcher("An interpreter took a session in writing and has written nothing; others are asked.")
    return request, (*effects, alert)


def quiet(request: Request, now: datetime, policy: Policy) -> Outcome:
    """Nobody has written for long: the session is over, and everybody is told."""
    if request.state is not RequestState.CONNECTED or not in_writing(request):
        return request, ()
    told = (*writing.tell_over(request, policy), writing.tell_closed(request), *writing.tell_interpreters(request))
    outcome = f"nobody wrote for {policy.writing_quiet_minutes} minutes"
    request, effects = ringing.finish(request, RequestState.COMPLETED, outcome, now)
    return request, (*effects, *told)


HANDLERS: dict[type, Callable[[Request, Any, datetime, Policy], Outcome]] = {
    writing_events.WritingWanted: writing.wanted,
    writing_events.Wrote: wrote,
}
