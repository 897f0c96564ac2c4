"""Performing effects: the only place where decisions touch the carrier and the speech model.

Every effect may come twice (a worker died, a hand-over was repeated). Before acting, the request is asked whether the
effect still makes sense; what happened goes back through the intake as an event.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from dispatch import effects, events, languages, phrases, quality_texts
from dispatch.agency_in_force import in_force
from dispatch.errors import StoreError, UnknownInterpreter
from dispatch.gist import Gist
from dispatch.people import PhoneNumber, Role
from dispatch.phone_check import NotPlaced
from dispatch.phone_checking import PhoneChecking
from dispatch.phrase_values import said_in
from dispatch.prior import RECENT_DAYS, prior
from dispatch.request import Guess, Leg, LegState, Request, RequestState
from dispatch.settings import Settings
from dispatch.store import Store, StoredEffect, Transaction
from dispatch.understanding import understand
from dispatch.voicemail import Voicemail
from voice.carrier import GONE, Carrier, CarrierError, Participant
from voice.language import AudioUnreadable, Identified, LanguageListener
from voice.messages import write_down
from voice.textid import identify_text
from workers.check_calls import CheckCalls

log = logging.getLogger(__name__)

ATTEMPTS = 4
"""How often an effect is tried before a person is told; the ticker leaves seconds between them."""

_UNDERSTOOD = -0.8
"""Mean log probability of a token from which an officer's spoken English is taken at its word."""
_COUNT_AGAIN = timedelta(minutes=10)
"""Recent requests are counted anew after that."""
_OVER_AT_CARRIER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Performer:
    """Performs effects from the outbox."""

    def __init__(
        self,
        store: Store,
        intake: PhoneChecking,
        carrier: Carrier,
        settings: Settings | Callable[[], Settings],
        listener: Callable[[], LanguageListener],
    ) -> None:
        """`settings` may be a function that gives those in force now; `listener` gives the process's one speech model,
        loading it at first use."""
        self._store = store
        self._intake = intake
        self._carrier = carrier
        self._in_force = in_force(settings)
        self._listener = listener
        checks = CheckCalls(store, intake, carrier, self._url)
        self._recent: tuple[datetime, Mapping[str, int]] | None = None
        self._ways: dict[type, Callable[[Request | None, Any, str], None]] = {
            effects.SendText: self._send_text,
            effects.PlaceCall: self._place_call,
            effects.HearSpeech: self._hear_speech,
            effects.ReadText: self._read_text,
            effects.FindInterpreters: self._find_interpreters,
            effects.MoveCall: self._move_call,
            effects.SendGist: self._send_gist,
            effects.HangUp: self._hang_up,
            effects.MuteLeg: self._mute,
            effects.HoldLeg: self._hold,
            effects.DeleteRecording: self._delete_recording,
            effects.CheckCalls: self._check_calls,
            effects.HearMessage: self._hear_message,
            effects.MatchWaiting: self._match_waiting,
            effects.TellOnSite: self._tell_on_site,
            effects.PlaceCheckCall: lambda request, effect, effect_id: checks.place(effect),
            effects.EndCheckCall: lambda request, effect, effect_id: checks.end(effect),
        }

    @property
    def _settings(self) -> Settings:
        return self._in_force()

    def perform(self, effect_id: str) -> None:
        """Do one effect, unless it is done. Failure is counted; the last one is reported to the request."""
        with self._store.reading() as tx:
            stored = tx.effect(effect_id)
            if stored is None or stored.done:
                return
            request = tx.request(stored.request_id) if stored.request_id else None
        try:
            self._ways[type(stored.effect)](request, stored.effect, effect_id)
        except CarrierError as error:
            self._failed(stored, error.words, error.retryable, error.code)
            return
        except StoreError:
            raise  # nothing can be noted without the store; the ticker hands this over again
        except Exception:
            log.exception("an effect could not be performed")
            self._failed(stored, "A step could not be done because of a fault in the service; see its log.", True)
            return
        with self._store.transaction() as tx:
            tx.finish_effect(effect_id, self._now())

    # -- carrier -------------------------------------------------------------------------------------------------------

    def _send_text(self, request: Request | None, effect: effects.SendText, effect_id: str) -> None:
        with self._store.reading() as tx:
            number = self._number(tx, effect.to, effect.person_id)
            language = _own_language(tx, effect)
        if number is None or number.e164.startswith("withheld"):
            return
        spoken = said_in(language, effect.params)
        spoken.setdefault("agency", self._settings.agency)
        spoken.setdefault("examples", self._examples())
        spoken.setdefault("emergency", self._settings.emergency_number)
        body = phrases.sentence(effect.key, language, **spoken).text
        self._carrier.send_text(number.e164, body, self._url(f"/text/status?effect={effect_id}"))

    def _place_call(self, request: Request | None, effect: effects.PlaceCall, effect_id: str) -> None:
        leg = request.leg(effect.leg_id) if request else None
        if request is None or leg is None or leg.state is not LegState.DIALLING or leg.call_sid or request.over:
            return
        with self._store.reading() as tx:
            number = self._number(tx, effect.to, effect.person_id)
        if number is None or number.e164.startswith("withheld"):
            self._intake.report(request.id, events.CallFailed(leg.id, "There is no number to ring."))
            return
        base = f"/voice/{request.id}/{leg.id}"
        call_sid = self._carrier.place_call(
            number.e164,
            self._url(f"{base}/prompt?turn=0"),
            self._url(f"{base}/status"),
            effect.ring_seconds,
            machine_url=self._url(f"{base}/machine") if effect.to is effects.To.INTERPRETER else "",
            send_digits=self._digits(effect),
        )
        self._intake.report(request.id, events.CallPlaced(leg.id, call_sid))

    def _move_call(self, request: Request | None, effect: effects.MoveCall, effect_id: str) -> None:
        leg = request.leg(effect.leg_id) if request else None
        if request is not None and leg is not None and leg.live and leg.call_sid:
            self._carrier.move_call(leg.call_sid, self._url(f"/voice/{request.id}/{leg.id}/prompt?turn=0"))

    def _hang_up(self, request: Request | None, effect: effects.HangUp, effect_id: str) -> None:
        leg = request.leg(effect.leg_id) if request else None
        if leg is not None and leg.call_sid:
            self._carrier.end_call(leg.call_sid)

    def _mute(self, request: Request | None, effect: effects.MuteLeg, effect_id: str) -> None:
        leg = request.leg(effect.leg_id) if request else None
        if request is not None and leg is not None and leg.call_sid and leg.state is LegState.IN_CONFERENCE:
            self._stands(request, leg, self._carrier.mute(request.conference, leg.call_sid, effect.muted))

    def _hold(self, request: Request | None, effect: effects.HoldLeg, effect_id: str) -> None:
        leg = request.leg(effect.leg_id) if request else None
        if request is not None and leg is not None and leg.call_sid and leg.state is LegState.IN_CONFERENCE:
            url = self._url(f"/voice/{request.id}/{leg.id}/held")
            self._stands(request, leg, self._carrier.hold(request.conference, leg.call_sid, effect.held, url))

    def _stands(self, request: Request, leg: Leg, found: Participant | None) -> None:
        """What the carrier answered counts until its own news, which is later than what we knew when we asked."""
        if found is not None:
            self._intake.report(request.id, events.ParticipantChanged(leg.id, found.muted, found.held, leg.told))

    def _delete_recording(self, request: Request | None, effect: effects.DeleteRecording, effect_id: str) -> None:
        self._carrier.delete_recording(effect.recording_sid)

    def _check_calls(self, request: Request | None, effect: effects.CheckCalls, effect_id: str) -> None:
        for leg in request.legs if request else ():
            if request is None or leg.state is LegState.ENDED or not leg.call_sid:
                continue
            status = self._carrier.call_status(leg.call_sid)
            if status in _OVER_AT_CARRIER:
                self._intake.report(request.id, events.CallEnded(leg.id, status))

    # -- language and roster -------------------------------------------------------------------------------------------

    def _hear_speech(self, request: Request | None, effect: effects.HearSpeech, effect_id: str) -> None:
        """The recording lives in this process's memory only, and is deleted at the carrier once it was heard."""
        if request is None:
            return
        try:
            wav = self._carrier.recording(effect.recording_sid)
        except CarrierError as error:
            if error.code == GONE and request.state is not RequestState.IDENTIFYING:
                return  # heard and deleted by a worker that died before it could say so
            raise
        heard: Identified | None = None
        try:
            heard = self._listener().identify(wav, self._expected(request))
            guesses = tuple(Guess(code, confidence) for code, confidence in heard.candidates)
            named, variety = self._named_aloud(request, heard)
            event: events.Event = events.LanguageHeard(heard.decision, guesses, "heard", named, variety)
        except AudioUnreadable:
            event = events.LanguageHeard("no_speech", (), "heard")
        except Exception as error:
            log.exception("speech could not be worked out")
            event = events.LanguageFailed(f"Speech recognition does not work: {error}")
        # Told once for this recording: by now they may be speaking again, and this would pass for what they say then.
        self._intake.report(request.id, event, effect_id, "heard")
        self._carrier.delete_recording(effect.recording_sid)
        # Only now: interpreters are being rung already.
        if heard is not None and heard.language and request.role is Role.COMMUNITY and self._settings.gist_minutes:
            gist = self._listener().gist(heard, heard.language)
            if gist is not None:
                self._intake.keep_gist(request.id, gist, self._settings.gist_minutes)

    def _expected(self, request: Request) -> dict[str, float]:
        """How likely each language is beforehand: the agency's list, what came in lately, hints in the text."""
        now = self._now()
        if self._recent is None or now - self._recent[0] > _COUNT_AGAIN:
            with self._store.reading() as tx:
                self._recent = (now, tx.language_counts(now - timedelta(days=RECENT_DAYS)))
        need = request.need
        hinted = (*need.languages, *need.alternatives, *need.hints)
        return prior(self._settings.languages, self._recent[1], hinted)

    def _named_aloud(self, request: Request, heard: Identified) -> tuple[tuple[str, ...], str]:
        """Languages an officer on the phone named in English ("Haitian Creole"), and the variety named with them
        ("Iraqi Arabic"); none where a person spoke instead."""
        if request.role is not Role.OFFICER or "eng" not in (code for code, _ in heard.candidates):
            return (), ""
        said = self._listener().ear.transcribe(heard.heard, "eng")
        if said.avg_logprob < _UNDERSTOOD:
            return (), ""
        understood = understand(said.text)
        named = tuple(code for code in (*understood.languages, *understood.alternatives) if code != "eng")
        return named, understood.variety

    def _send_gist(self, request: Request | None, effect: effects.SendGist, effect_id: str) -> None:
        if request is None or request.over:
            return
        with self._store.reading() as tx:
            gist = tx.gists([request.id], self._now()).get(request.id)
            number = tx.interpreter(effect.interpreter_id).number
        if gist is not None:
            sure = "unsure" if gist.unsure else "fairly sure"
            body = phrases.sentence("interpreter_gist", "eng", certainty=sure, gist=gist.english).text
            self._carrier.send_text(number.e164, body, self._url(f"/text/status?effect={effect_id}"))

    def _read_text(self, request: Request | None, effect: effects.ReadText, effect_id: str) -> None:
        if request is None:
            return
        guess = identify_text(effect.text)
        guesses = tuple(Guess(code, confidence) for code, confidence in guess.ranking[:3])
        decision = "menu" if guess.decision == "ask" else guess.decision
        self._intake.report(request.id, events.LanguageHeard(decision, guesses, "their writing"), effect_id, "read")

    def _find_interpreters(self, request: Request | None, effect: effects.FindInterpreters, effect_id: str) -> None:
        if request is not None:
            self._intake.find_interpreters(request.id, effect.seats, effect.seat)

    def _match_waiting(self, request: Request | None, effect: effects.MatchWaiting, effect_id: str) -> None:
        self._intake.match_waiting(effect.interpreter_id)

    def _tell_on_site(self, request: Request | None, effect: effects.TellOnSite, effect_id: str) -> None:
        self._intake.report(effect.request_id, events.OnSiteNews(effect.what, effect.minutes), effect_id, "on site")

    def _hear_message(self, request: Request | None, effect: effects.HearMessage, effect_id: str) -> None:
        """A caller's message is written down for the dispatcher; the sound is deleted, here and at the carrier."""
        if request is not None and self._settings.voicemail_days:
            wav, spoken = self._carrier.recording(effect.recording_sid), request.language or "eng"
            try:
                written, seconds = write_down(self._listener().ear, wav, spoken)
            except AudioUnreadable:
                written, seconds = Gist("", "", spoken, 0.0), 0.0
            message = Voicemail(effect.recording_sid, request.id, self._now(), seconds, written)
            self._intake.keep_voicemail(message, self._settings.voicemail_days)
        self._carrier.delete_recording(effect.recording_sid)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _failed(self, stored: StoredEffect, words: str, retryable: bool, code: int = 0) -> None:
        """Count it; try again later while that can help, otherwise tell the request or the dispatcher, and stop."""
        final = not retryable or stored.attempts + 1 >= ATTEMPTS
        log.warning("%s failed, %s: %s", type(stored.effect).__name__, "giving up" if final else "again", words)
        with self._store.transaction() as tx:
            if tx.effect(stored.id) is None:
                return  # another worker, to whom it was handed again meanwhile, has done it
            tx.fail_effect(stored.id, words, self._now())
            words = f"{who}: {words}" if (who := _named(tx, stored.effect)) else words
            if final:
                tx.finish_effect(stored.id, self._now())
            asked_how = final and quality_texts.text_failed(tx, stored.id, code, self._now())
            of_a_check = isinstance(stored.effect, effects.PlaceCheckCall)
            if final and stored.request_id is None and not asked_how and not of_a_check:
                tx.raise_alert(None, words, self._now())
        if final and isinstance(stored.effect, effects.PlaceCheckCall):
            self._intake.report_check(stored.effect.check_id, NotPlaced(words))
        if not final or stored.request_id is None:
            return
        effect = stored.effect
        if isinstance(effect, effects.PlaceCall):
            self._intake.report(stored.request_id, events.CallFailed(effect.leg_id, words))
        elif isinstance(effect, effects.HearSpeech):
            self._intake.report(stored.request_id, events.LanguageFailed(words))
        else:
            self._intake.report(stored.request_id, events.SendFailed(words))

    def _number(self, tx: Transaction, to: effects.To, person_id: str) -> PhoneNumber | None:
        if to is effects.To.DESK:
            return self._settings.desk_number
        if to is effects.To.VENDOR:
            line = self._intake.policy.vendor(person_id)
            return PhoneNumber(line.number) if line else None
        if to is effects.To.INTERPRETER:
            return tx.interpreter(person_id).number
        requester = tx.requester(person_id)
        return requester.number if requester else None

    def _digits(self, effect: effects.PlaceCall) -> str:
        """The access code of a vendor line."""
        line = self._intake.policy.vendor(effect.person_id) if effect.to is effects.To.VENDOR else None
        return line.digits if line else ""

    def _examples(self) -> str:
        return ", ".join(languages.get(code).english for code in self._settings.languages[1:5])

    def _url(self, path: str) -> str:
        return self._settings.public_url.rstrip("/") + path

    def _now(self) -> datetime:
        return self._intake.now()


def _named(tx: Transaction, effect: effects.Effect) -> str:
    """What the dispatcher calls the person whom the carrier does not reach: without it nobody can call them instead."""
    match effect:
        case (
            effects.SendText(effects.To.INTERPRETER, person)
            | effects.PlaceCall(_, effects.To.INTERPRETER, person)
            | effects.SendGist(person)
        ):
            with suppress(UnknownInterpreter):
                return f"Interpreter {tx.interpreter(person).code}"
        case effects.SendText(effects.To.REQUESTER, person) | effects.PlaceCall(_, effects.To.REQUESTER, person):
            requester = tx.requester(person)
            return requester.name if requester is not None else ""
    return ""


def _own_language(tx: Transaction, effect: effects.SendText) -> str:
    """Interpreters are written to in English; who works between their own languages only in one of those."""
    if effect.to is not effects.To.INTERPRETER:
        return effect.language
    one = tx.interpreter(effect.person_id)
    spoken = sorted(one.skills, key=lambda skill: -skill.proficiency) if not one.terms.english else []
    return next((skill.language for skill in spoken if phrases.has(effect.key, skill.language)), effect.language)
