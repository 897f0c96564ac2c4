"""The dispatcher's way in: the same door as everybody's, with the version of the request that they were looking at."""

from collections.abc import Sequence
from dataclasses import replace

import stamina

from dispatch import by_hand, candidates, events, opening, override_events, ringing, searching
from dispatch.conversation import new_request
from dispatch.effects import SendText, To
from dispatch.errors import ChangedMeanwhile, Conflict, NotPossibleNow, RequestUnknown
from dispatch.phone_checking import PhoneChecking
from dispatch.request import Channel, Request
from dispatch.store import Transaction

_retry_conflicts = stamina.retry(on=Conflict, attempts=5, wait_initial=0.01, wait_max=0.1, timeout=3)

_ON_THE_LINE = (override_events.MuteSet, override_events.HoldSet)


class Dispatching(PhoneChecking):
    """An intake that also takes what dispatchers do."""

    def hand_over(self, effect_ids: Sequence[str]) -> None:
        """Hand committed effects to the queue; where it does not answer they wait in the outbox."""
        self._hand_over(effect_ids)

    @_retry_conflicts
    def override(self, request_id: str, version: int, event: events.Event, by: str) -> Request:
        """Do what a dispatcher decided on seeing `version` of the request; the audit log says so.

        Raises ChangedMeanwhile when it is another version by now, NotPossibleNow when the request cannot do it or the
        interpreter may not be rung (`by_hand`), and Conflict when one who was to be rung is held by another request.
        """
        with self._store.transaction() as tx:
            before = _known(tx, request_id)
            if before.version != version and not _only_confirmed(tx, before, version, event):
                raise ChangedMeanwhile(
                    "The request changed while you were looking at it. See what is new, then decide."
                )
            if isinstance(event, override_events.InterpreterRung):
                self._may_ring(tx, before, event)
            after, ids = self._apply(tx, before, event)
            if after == before and not ids:
                raise NotPossibleNow("Nothing was done: as the request stands now, this is not possible.")
            tx.audit(by, type(event).__name__, f"request {request_id}", _audited(event), self._clock.now())
        self._hand_over(ids)
        return after

    def _may_ring(self, tx: Transaction, request: Request, event: override_events.InterpreterRung) -> None:
        now, policy = self._clock.now(), self.policy
        one = tx.interpreter(event.interpreter_id)
        if tx.is_retired(one.id):
            raise NotPossibleNow(f"Interpreter {one.code} has left the roster. Choose somebody else.")
        facts = tx.facts(request, [one], now, policy.timezone).get(one.id, by_hand.NO_FACTS)
        by_hand.check(request, one, facts, event.reason, now, policy)

    @_retry_conflicts
    def open_for(self, wish: opening.Wish, by: str) -> tuple[Request, bool]:
        """Ask for an interpreter on somebody's behalf; returns the request, and whether it was made just now.

        With the same key it is made once, however often and by however many processes it is asked for. Raises
        OfficerUnknown, InvalidNumber, AlreadyOpen, and KeyReused.
        """
        now = self._clock.now()
        with self._store.transaction() as tx:
            requester = opening.requester_of(tx, wish)
            request = new_request(requester, Channel.TEXT, now)
            made = tx.claim_key(wish.once, request.id, now) if wish.once is not None and wish.once.key else None
            if made is not None:
                return _known(tx, made), False
            opening.keep_open(tx, requester, request, wish)
            request, ids = self._apply(tx, request, events.RequestPlaced(wish.need, by))
            if wish.note:
                tx.add_note(request.id, by, wish.note, now)
            tx.audit(by, "request placed", f"request {request.id}", wish.reference, now)
        self._hand_over(ids)
        return request, True

    def standings(self, tx: Transaction, request: Request) -> list[candidates.Standing]:
        """Whom a search would ask now, whom it would ring at once, and why not the others.

        The search's own way, learned chances and ring plan included; nothing is rung and nothing kept.
        """
        now, policy = self._clock.now(), self.policy
        found, choice, people, facts = searching.would_find(tx, request, self._answering(now), now, policy)
        rung = ringing.would_ring(request, found, now, policy)
        barred = {one.id for one in people if by_hand.barred(request, one, facts.get(one.id, by_hand.NO_FACTS))}
        return candidates.standings(choice.considered, people, rung, barred)

    @_retry_conflicts
    def call_back(self, request_id: str, by: str) -> Request:
        """Ask again for somebody whose request is over: a new one, in the language known. Their phone rings with it.

        Raises NotPossibleNow while they have an open request, or when their number was withheld.
        """
        now = self._clock.now()
        with self._store.transaction() as tx:
            old = _known(tx, request_id)
            requester = tx.requester(old.requester_id)
            if requester is None or requester.number.withheld:
                raise NotPossibleNow("Their number was withheld, so nobody can be called back.")
            if not old.over or tx.open_request_of(requester.id) is not None:
                raise NotPossibleNow("They have an open request already; see the board.")
            request = replace(new_request(requester, Channel.VOICE, now), need=replace(old.need, origin=None))
            tx.create_request(request)
            again: events.Event = events.ListenByPhone(request.need)
            if old.language is not None:
                again = events.LanguageChosen(old.language, "known from the earlier request")
            request, ids = self._apply(tx, request, again)
            tx.audit(by, "called back", f"request {request_id}", f"as request {request.id}", now)
        self._hand_over(ids)
        return request

    @_retry_conflicts
    def test_text(self, interpreter_id: str, by: str) -> None:
        """Send an interpreter a text that shows that they can be reached. Raises UnknownInterpreter."""
        now = self._clock.now()
        words = "this is a test, no answer needed."
        with self._store.transaction() as tx:
            known = tx.interpreter(interpreter_id)
            text = SendText(To.INTERPRETER, known.id, "desk_message", "eng", {"words": words})
            ids = tx.put_effects(None, [text], now)
            tx.audit(by, "test text sent", f"interpreter {known.code}", "", now)
        self._hand_over(ids)


def _only_confirmed(tx: Transaction, request: Request, version: int, event: events.Event) -> bool:
    """Whether all that happened since `version` is the carrier's word that a phone is muted or on hold: who wants to
    hold one phone right after another was muted is not made to press twice while people talk."""
    behind = request.version - version
    if behind < 1 or not isinstance(event, _ON_THE_LINE):
        return False
    since = tx.log_of(request.id)[-behind:]
    return len(since) == behind and all(entry.kind == "ParticipantChanged" for entry in since)


def _audited(event: events.Event) -> str:
    """What the audit log keeps of an action: what was chosen and why; never words to a person, never a number."""
    match event:
        case events.CredentialWaived():
            return event.reason.strip()
        case events.EncounterSet():
            return event.encounter
        case override_events.InterpreterRung():
            return f"interpreter {event.interpreter_id}" + (f": {event.reason}" if event.reason else "")
        case events.KeptOut():
            return f"interpreter {event.interpreter_id}"
        case events.AnotherWanted():
            return f"{event.why} {event.language}".strip()
        case events.AlsoSpeaks() | override_events.LanguageSet():
            return event.language
        case override_events.VendorCalled() | override_events.HandedToVendor():
            return event.vendor
        case override_events.MuteSet():
            return f"{event.leg_id}: {'muted' if event.muted else 'heard again'}"
        case override_events.HoldSet():
            return f"{event.leg_id}: {'on hold' if event.held else 'off hold'}"
        case override_events.LegRemoved():
            return event.leg_id
        case _:
            return ""


def _known(tx: Transaction, request_id: str) -> Request:
    request = tx.request(request_id)
    if request is None:
        raise RequestUnknown("There is no such request here any more.")
    return request
