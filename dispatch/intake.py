"""The one door: every event enters here, and one transaction stores it with the new state and the effects.

The only shell of this package. Each call is: seen before? load, `step`, save, log, outbox; then, after the commit, the
new effects are handed to the queue. If that hand-over fails nothing is lost: the ticker sends what stays in the outbox.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import stamina

from dispatch import events
from dispatch.clock import Clock
from dispatch.conversation import Conversation, known_requester, new_request
from dispatch.effects import AlertDispatcher, Effect, FreeInterpreter
from dispatch.errors import Conflict, QueueUnavailable, RequestUnknown
from dispatch.gist import Gist, danger
from dispatch.people import PhoneNumber
from dispatch.policy import Policy
from dispatch.prompts import Prompt, next_prompt
from dispatch.request import Channel, Request
from dispatch.routing import rank, wanted_languages
from dispatch.steps import step
from dispatch.store import Store, Transaction

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

    def __init__(self, store: Store, clock: Clock, policy: Policy, relay: Relay) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._relay = relay

    def now(self) -> datetime:
        """The clock that everything here is stamped with."""
        return self._clock.now()

    # -- from the carrier ----------------------------------------------------------------------------------------------

    @_retry_conflicts
    def text(self, sid: str, sender: PhoneNumber, body: str, media: int = 0) -> Texted:
        """A text arrived. Known by its carrier id: a second delivery changes nothing."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            if not tx.remember(sid, "text", "", now):
                return Texted(handed_over=True)
            ids = Conversation(tx, self._apply, self._policy, now).received(sender, body, media)
        if self._hand_over(ids):
            return Texted(handed_over=True)
        with self._store.reading() as tx:
            requester = tx.requester_by_number(sender)
        return Texted(handed_over=False, language=requester.language or "eng" if requester else "eng")

    @_retry_conflicts
    def text_failed(self, effect_id: str, code: int) -> None:
        """The carrier could not deliver a text of ours; `code` is its own for why."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            request_id = tx.request_of_effect(effect_id)
            if request_id is not None and tx.remember(effect_id, "text failed", str(code), now):
                tx.raise_alert(request_id, f"A text was not delivered (carrier code {code}): call them instead.", now)

    @_retry_conflicts
    def call(self, call_sid: str, caller: PhoneNumber | None) -> Prompted:
        """The hotline rings. A second delivery of the same call gets the same prompt."""
        with self._store.transaction() as tx:
            known = tx.request_by_call(call_sid)
            if known is not None:
                request, leg_id = known
                return self._prompted(request, leg_id)
            requester = known_requester(tx, caller, call_sid)
            request = new_request(requester, Channel.VOICE, self._clock.now())
            tx.create_request(request)
            leg_id = f"{request.id}-1"
            request, ids = self._apply(tx, request, events.CallArrived(leg_id, call_sid))
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
    def find_interpreters(self, request_id: str, seats: int) -> None:
        """Search the roster for a request and offer it to the best `seats` people, in one transaction.

        Two searches may want the same interpreter: the store lets one have them, the other searches again.
        """
        now = self._clock.now()
        with self._store.transaction() as tx:
            request = _known(tx, request_id)
            requester = tx.requester(request.requester_id)
            speakers = [
                interpreter
                for interpreter in tx.speakers(wanted_languages(request), now)
                if requester is None or interpreter.number != requester.number
            ]
            best = rank(request, speakers, now)[:seats]
            found = events.CandidatesFound(
                tuple(candidate.interpreter_id for candidate in best), tuple(candidate.reason for candidate in best)
            )
            after, ids = self._apply(tx, request, found)
            for offer in after.offers[len(request.offers) :]:
                tx.touch_offered(offer.interpreter_id, now)
        self._hand_over(ids)

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

    def forget_gists(self) -> None:
        """Remove the gists whose time is over."""
        with self._store.transaction() as tx:
            tx.forget_gists(self._clock.now())

    def deadlines(self, limit: int = 100) -> int:
        """Turn what is due into events; returns how many. Called by the ticker, safe to run twice at once."""
        with self._store.reading() as tx:
            due = tx.due(self._clock.now(), limit)
        for request_id, deadline in due:
            self.report(request_id, events.DeadlinePassed(deadline.kind, deadline.subject))
        return len(due)

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
        """One step: decide, save with compare-and-set, log, put the effects in the outbox."""
        now = self._clock.now()
        after, effects = step(request, event, now, self._policy)
        if after == request and not effects:
            return request, []
        saved = tx.save(request, after, now)
        tx.log(request.id, type(event).__name__, _account(request, after, event), now)
        freed = [effect.interpreter_id for effect in effects if isinstance(effect, FreeInterpreter)]
        inner = (FreeInterpreter, AlertDispatcher)
        outgoing: list[Effect] = [effect for effect in effects if not isinstance(effect, inner)]
        ids = tx.put_effects(request.id, outgoing, now)
        for effect in effects:
            if isinstance(effect, AlertDispatcher):
                # A row, not a job: the dispatcher sees it even while the queue is down.
                tx.raise_alert(request.id, effect.reason, now)
        for interpreter_id in freed:
            tx.start_wrap_up(interpreter_id, now + timedelta(seconds=self._policy.wrap_up_seconds))
        return saved, ids

    def _prompted(self, request: Request, leg_id: str, turn: int = 0) -> Prompted:
        return Prompted(next_prompt(request, leg_id, turn, self._policy), request.id, leg_id, request.version)

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
        raise RequestUnknown("There is no such request here; the carrier's webhook points at another installation.")
    return request


_NOT_LOGGED = frozenset({"text", "need", "recording_sid", "call_sid", "place", "danger"})


def _account(before: Request, after: Request, event: events.Event) -> dict[str, str]:
    """What the event log keeps: the event's plain fields and the change of state; never words, numbers or audio."""
    told = {field.name: str(getattr(event, field.name)) for field in fields(event) if field.name not in _NOT_LOGGED}
    if isinstance(event, events.LanguageHeard):
        told["guesses"] = ", ".join(f"{guess.language} {guess.confidence:.2f}" for guess in event.guesses[:3])
    if after.state is not before.state:
        told["state"] = f"{before.state} > {after.state}"
    return told
