"""The one door: every event enters here, and one transaction stores it with the new state and the effects.

The only shell of this package. Each call is: seen before? load, `step`, save, log, outbox; then, after the commit, the
new effects are handed to the queue. If that hand-over fails nothing is lost: the ticker sends what stays in the outbox.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import stamina

from dispatch import (
    appointment_record,
    asking,
    events,
    log_lines,
    outgoing_effects,
    quality_texts,
    ringing,
    searching,
    sessions,
    undelivered,
)
from dispatch.answering import Pool
from dispatch.clock import Clock
from dispatch.conversation import Conversation, known_requester, new_request
from dispatch.due_rounds import on_its_own
from dispatch.effects import (
    AlertDispatcher,
    ArrangeOnSite,
    CallOffOnSite,
    Effect,
    FreeInterpreter,
    HangUp,
    KeepApart,
)
from dispatch.errors import Conflict, QueueUnavailable, RequestUnknown
from dispatch.gist import Gist, danger
from dispatch.people import PhoneNumber
from dispatch.policy import Policy, Vendor
from dispatch.prompts import Prompt, held_prompt, next_prompt, session_menu
from dispatch.request import Channel, Deadline, Request
from dispatch.retention import Keep
from dispatch.steps import Outcome, step
from dispatch.store import Store, Transaction
from dispatch.voicemail import Voicemail

log = logging.getLogger(__name__)

Relay = Callable[[Sequence[str]], None]
"""Hands effect ids to the queue; raises QueueUnavailable when Redis does not answer."""

_retry_conflicts = stamina.retry(on=Conflict, attempts=8, wait_initial=0.01, wait_max=0.2, timeout=10)


@dataclass(frozen=True)
class Prompted:
    """What a phone hears next, and which leg of which request it belongs to."""

    prompt: Prompt
    request_id: str
    leg_id: str
    version: int = 0
    """Of the request when it was asked: tells the same key pressed twice from the same news told twice."""


@dataclass(frozen=True)
class Texted:
    """Whether the answer to a text is on its way; if not, the language (ISO 639-3) to apologise in."""

    handed_over: bool
    language: str = "eng"


class Intake:
    """Takes events in, one transaction each. Safe to share between threads and to run in many processes."""

    def __init__(self, store: Store, clock: Clock, policy: Policy | Callable[[], Policy], relay: Relay) -> None:
        """`policy` may be a function that gives the one in force now: an agency changes it while the service runs."""
        self._store = store
        self._clock = clock
        self._in_force = policy if callable(policy) else lambda: policy
        self._relay = relay
        self._pool, self._pool_until = Pool(), datetime.min.replace(tzinfo=UTC)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._in_force()

    def now(self) -> datetime:
        """The clock that everything here is stamped with."""
        return self._clock.now()

    # -- from the carrier ----------------------------------------------------------------------------------------------

    @_retry_conflicts
    def text(self, sid: str, sender: PhoneNumber, body: str, media: int = 0, from_desk: bool = False) -> Texted:
        """A text arrived. Known by its carrier id: a second delivery changes nothing."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            if not tx.remember(sid, "text", "", now):
                return Texted(handed_over=True)
            ids = Conversation(tx, self._apply, self.policy, now, from_desk).received(sender, body, media)
        if self._hand_over(ids):
            return Texted(handed_over=True)
        with self._store.reading() as tx:
            requester = tx.requester_by_number(sender)
        return Texted(handed_over=False, language=requester.language or "eng" if requester else "eng")

    @_retry_conflicts
    def text_failed(self, effect_id: str, code: int, why: str = "", to: PhoneNumber | None = None) -> None:
        """The carrier could not deliver a text of ours; `code` is its own for why, `why` what that means in words."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            undelivered.text_failed(tx, effect_id, code, why, to, now)

    @_retry_conflicts
    def call(self, call_sid: str, caller: PhoneNumber | None) -> Prompted:
        """The hotline rings. A second delivery of the same call gets the same prompt."""
        with self._store.transaction() as tx:
            known = tx.request_by_call(call_sid)
            if known is not None:
                request, leg_id = known
                return self._prompted(request, leg_id)
            requester = known_requester(tx, caller, call_sid)
            # Who is to be called and is quicker goes on with that request.
            waiting = asking.waiting_for_call(tx.open_request_of(requester.id))
            request = waiting or new_request(requester, Channel.VOICE, self._clock.now())
            if waiting is None:
                tx.create_request(request)
            leg_id = ringing.next_leg_id(request)
            arrived = events.CallArrived(leg_id, call_sid, withheld=caller is None)
            request, ids = self._apply(tx, request, arrived)
        self._hand_over(ids)
        return self._prompted(request, leg_id)

    @_retry_conflicts
    def call_over(self, call_sid: str, how: str) -> None:
        """A call to the hotline has ended; `how` is the carrier's word."""
        with self._store.reading() as tx:
            known = tx.request_by_call(call_sid)
        if known is not None:
            self.leg_over(known[0].id, known[1], call_sid, how)

    @_retry_conflicts
    def leg_over(self, request_id: str, leg_id: str, call_sid: str, how: str) -> None:
        """A call of that leg has ended. News of an earlier call to the same phone changes nothing."""
        with self._store.reading() as tx:
            leg = _known(tx, request_id).leg(leg_id)
        if leg is not None and leg.call_sid in (None, call_sid):
            self._take(request_id, events.CallEnded(leg_id, how), call_sid, how)

    @_retry_conflicts
    def on_leg(
        self, request_id: str, leg_id: str, event: events.Event | None, source: str, sequence: str, turn: int = 0
    ) -> Prompted:
        """Something happened on a phone; answer with what it hears next. Repeats render the same prompt again."""
        if event is None:
            with self._store.reading() as tx:
                return self._prompted(_known(tx, request_id), leg_id, turn)
        request = self._take(request_id, event, source, sequence)
        return self._prompted(request, leg_id, turn)

    @_retry_conflicts
    def report(self, request_id: str, event: events.Event, source: str = "", sequence: str = "") -> None:
        """A status callback or a worker's result. Without a `source` it is taken every time: `step` ignores repeats."""
        self._take(request_id, event, source, sequence)

    # -- from the workers ----------------------------------------------------------------------------------------------

    @_retry_conflicts
    def find_interpreters(self, request_id: str, seats: int, seat: int = 1) -> None:
        """Search the roster for a request and offer that seat to those whom the ring plan asks for, `seats` at most.

        Two searches may want the same interpreter: the store lets one claim them, the other takes the next in order.
        Raises Conflict, and is tried again, where others were quicker with all who were found.
        """
        now, policy = self._clock.now(), self.policy
        pool = self._answering(now)
        with self._store.transaction() as tx:
            request = _known(tx, request_id)
            if request.over or request.language is None or request.open_seat != seat:
                return
            found = searching.look(tx, request, (seats, seat), pool, now, policy)
            asked, outcome = searching.claimed(tx, request, found, seats, now, policy)
            after, ids = self._keep(tx, request, asked, outcome, now)
            for offer in after.offers[len(request.offers) :]:
                tx.touch_offered(offer.interpreter_id, now)
        self._hand_over(ids)

    @_retry_conflicts
    def match_waiting(self, interpreter_id: str) -> None:
        """An interpreter is free: the waiting requests that need somebody most look again, most needing first."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            one = tx.interpreter(interpreter_id)
            if not one.can_be_rung(now):
                return
            ids: list[str] = []
            for request_id in tx.most_needing([skill.language for skill in one.skills], self.policy.ahead, _LOOK_AGAIN):
                ids += self._apply(tx, _known(tx, request_id), events.SupplyChanged())[1]
        self._hand_over(ids)

    def supply(self, limit: int = 50) -> int:
        """Let waiting requests look again for those whose wrap-up or pause has ended; returns how many have."""
        with self._store.reading() as tx:
            if not (tx.anybody_waits() and tx.anybody_came_free(self._clock.now())):
                return 0
        with self._store.transaction() as tx:
            free = tx.coming_free(self._clock.now(), limit)
        for interpreter_id in free:
            self.match_waiting(interpreter_id)
        return len(free)

    def start_calls(self) -> int:
        """Hand over the calls whose turn at the carrier has come; returns how many. Called by the ticker."""
        with self._store.reading() as tx:
            if not tx.calls_waiting():
                return 0
        with self._store.transaction() as tx:
            ids = tx.start_calls(self._clock.now(), self.policy.calls_per_second)
        self._hand_over(ids)
        return len(ids)

    def menu(self, request_id: str, leg_id: str) -> Prompted:
        """What a phone hears that left the conference by the star key."""
        with self._store.reading() as tx:
            request = _known(tx, request_id)
        return Prompted(session_menu(request, leg_id, self.policy), request.id, leg_id, request.version)

    def held(self, request_id: str, leg_id: str) -> Prompted:
        """What a phone hears while it is on hold."""
        with self._store.reading() as tx:
            request = _known(tx, request_id)
        return Prompted(held_prompt(request, leg_id, self.policy), request.id, leg_id, request.version)

    def _answering(self, now: datetime) -> Pool:
        """Everybody's answers together, worked out anew every ten minutes."""
        if now >= self._pool_until:
            with self._store.reading() as tx:
                self._pool = Pool.of(tx.answers(limit=_POOLED).values())
            self._pool_until = now + timedelta(minutes=10)
        return self._pool

    @_retry_conflicts
    def keep_gist(self, request_id: str, gist: Gist, minutes: int) -> None:
        """A worker has put the caller's first words into English: keep them for that long, and heed their danger."""
        now = self._clock.now()
        found = danger(gist)
        event = events.GistWritten(found.reason, found.urgency) if found else events.GistWritten()
        with self._store.transaction() as tx:
            request = _known(tx, request_id)
            if request.over:
                return
            tx.keep_gist(request_id, gist, now + timedelta(minutes=minutes))
            _, ids = self._apply(tx, request, event)
            tx.log(request_id, "GistKept", {}, now)
        self._hand_over(ids)

    @_retry_conflicts
    def keep_voicemail(self, message: Voicemail, days: int) -> None:
        """A worker has written down what a caller left: keep it for a dispatcher, and heed its danger."""
        now = self._clock.now()
        found = danger(message.written)
        with self._store.transaction() as tx:
            request = _known(tx, message.request_id)
            if request.connected_at is not None:
                return  # an interpreter has spoken with them meanwhile: nobody needs to read it
            tx.keep_voicemail(message, now + timedelta(days=days))
            tx.log(request.id, "VoicemailKept", {"seconds": f"{message.seconds:.0f}"}, now)
            ids: list[str] = []
            if found is not None and not request.over:
                _, ids = self._apply(tx, request, events.GistWritten(found.reason, found.urgency))
        self._hand_over(ids)

    def forget(self, keep: Keep, limit: int = 200) -> int:
        """Forget what is no longer kept, some rows of each kind; returns how many. Called by the ticker."""
        with self._store.transaction() as tx:
            tx.forget_voicemails(self._clock.now())
            return sum(tx.forget_old(keep, self._clock.now(), limit).values())

    def deadlines(self, limit: int = 100) -> int:
        """Turn what is due into events; returns how many. Called by the ticker, safe to run twice at once."""
        with self._store.reading() as tx:
            due = tx.due(self._clock.now(), limit)
        for request_id, deadline in due:
            with on_its_own("a deadline of a request"):
                self._pass(request_id, deadline)
        return len(due)

    @_retry_conflicts
    def _pass(self, request_id: str, deadline: Deadline) -> None:
        """A deadline has come, unless it was moved or lifted since it was read: by news, or by another ticker."""
        with self._store.transaction() as tx:
            request = _known(tx, request_id)
            if deadline not in request.deadlines:
                return
            _, ids = self._apply(tx, request, events.DeadlinePassed(deadline.kind, deadline.subject))
        self._hand_over(ids)

    def resend(self, older_than_seconds: float, limit: int = 100) -> int:
        """Hand effects to the queue again that nobody has performed for that long; returns how many."""
        now = self._clock.now()
        with self._store.reading() as tx:
            stale = [effect.id for effect in tx.stale_effects(now - timedelta(seconds=older_than_seconds), limit)]
        if stale:
            with self._store.transaction() as tx:
                tx.mark_handed(stale, now)
            self._hand_over(stale)
        return len(stale)

    def vendor_on_hold(self, request_id: str) -> Vendor | None:
        """The vendor line whose interpreter is waited for; None once one speaks, or nobody waits."""
        with self._store.reading() as tx:
            request = tx.request(request_id)
        waits = request is not None and sessions.vendor_held(request)
        return self.policy.vendor(request.reach.vendor) if request is not None and waits else None

    # -- the transaction -----------------------------------------------------------------------------------------------

    def _take(self, request_id: str, event: events.Event, source: str, sequence: str) -> Request:
        with self._store.transaction() as tx:
            request = _known(tx, request_id)
            kind = f"{type(event).__name__}:{request_id}"
            if source and not tx.remember(source, kind, sequence, self._clock.now()):
                return request
            request, ids = self._apply(tx, request, event)
        self._hand_over(ids)
        return request

    def _apply(self, tx: Transaction, request: Request, event: events.Event) -> tuple[Request, list[str]]:
        """One step: decide, and keep what was decided."""
        now = self._clock.now()
        event = _with_varieties(tx, request, event)
        return self._keep(tx, request, event, step(request, event, now, self.policy), now)

    def _keep(
        self, tx: Transaction, request: Request, event: events.Event, outcome: Outcome, now: datetime
    ) -> tuple[Request, list[str]]:
        """Save with compare-and-set, log, put the effects in the outbox."""
        after, effects = outcome
        if after == request and not effects:
            return request, []
        saved = tx.save(request, after, now)
        tx.log(request.id, type(event).__name__, log_lines.account(request, after, event), now)
        policy = self.policy
        freed = [effect.interpreter_id for effect in effects if isinstance(effect, FreeInterpreter)]
        inner = (FreeInterpreter, AlertDispatcher, KeepApart, ArrangeOnSite, CallOffOnSite)
        outgoing: list[Effect] = [effect for effect in effects if not isinstance(effect, inner)]
        outgoing += outgoing_effects.let_go(tx, request, after, freed)
        outgoing += outgoing_effects.unread(tx, request, after)
        tx.forget_calls([effect.leg_id for effect in effects if isinstance(effect, HangUp)], now)
        ids = tx.put_effects(request.id, outgoing, now, outgoing_effects.turns(tx, after, outgoing, now, policy))
        searching.remember_answers(tx, request, after, now, policy)
        if after.over and not request.over and after.connected_at is not None:
            sat = [offer.interpreter_id for offer in after.offers if offer.accepted_at is not None]
            quality_texts.session_over(tx, request.id, sat, now)
        for effect in effects:
            if isinstance(effect, AlertDispatcher):
                # A row, not a job: the dispatcher sees it even while the queue is down.
                tx.raise_alert(request.id, effect.reason, now)
            elif isinstance(effect, KeepApart):
                tx.keep_apart(effect.interpreter_id, effect.requester_id, effect.reason, now)
                ids += appointment_record.keep_apart(tx, effect.interpreter_id, effect.requester_id, now)
            elif isinstance(effect, ArrangeOnSite):
                ids += appointment_record.arrange_on_site(tx, after, self.policy.timezone, now)
            elif isinstance(effect, CallOffOnSite):
                ids += appointment_record.call_off_on_site(tx, request.id, effect.why, now)
        if isinstance(event, events.KeptOut) and after.reach.on_site:
            ids += appointment_record.keep_out_on_site(tx, after.id, event.interpreter_id, now)
        if after.reach.on_site and after.need.place != request.need.place:
            ids += appointment_record.place_on_site(tx, after.id, after.need.place, now)
        for interpreter_id in freed:
            tx.start_wrap_up(interpreter_id, now + timedelta(seconds=self.policy.wrap_up_seconds))
        return saved, ids

    def _prompted(self, request: Request, leg_id: str, turn: int = 0) -> Prompted:
        return Prompted(next_prompt(request, leg_id, turn, self.policy), request.id, leg_id, request.version)

    def _hand_over(self, effect_ids: Sequence[str]) -> bool:
        """Whether the queue took them. If not they wait in the outbox, and the dispatcher is told once."""
        if not effect_ids:
            return True
        try:
            self._relay(effect_ids)
        except QueueUnavailable as error:
            log.error("%d effects wait in the outbox until the queue is back: %s", len(effect_ids), error)
            with self._store.transaction() as tx:
                if all(alert.reason != str(error) for alert in tx.open_alerts()):
                    tx.raise_alert(None, str(error), self._clock.now())
            return False
        return True


def _known(tx: Transaction, request_id: str) -> Request:
    request = tx.request(request_id)
    if request is None:
        raise RequestUnknown(
            f"There is no request {request_id!r} here; a webhook that names it is meant for another installation."
        )
    return request


def _with_varieties(tx: Transaction, request: Request, event: events.Event) -> events.Event:
    """A complaint about the language, with what the interpreter who is sent away speaks of it."""
    if not isinstance(event, events.AnotherWanted) or event.why != "language" or event.varieties:
        return event
    offer = request.offer(event.leg_id) if event.leg_id else request.accepted
    skill = tx.interpreter(offer.interpreter_id).speaks(request.language or "") if offer is not None else None
    return replace(event, varieties=skill.varieties) if skill is not None else event


_LOOK_AGAIN = 3
"""Waiting requests told of one free interpreter: the first may not be able to use them."""
_POOLED = 2000
"""Interpreters whose answers are pooled: enough for a prior."""
