"""The carrier's webhooks: check the signature, read the fields, hand the event to the intake, answer with TwiML.

Every address answers within milliseconds: nothing here rings, texts or listens. What cannot be read is refused with the
field's name; what cannot be stored is answered with words in the caller's language.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request as HTTPRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import events, languages, origins, phrases, varieties
from dispatch.agency_in_force import in_force
from dispatch.errors import RequestUnknown, StoreError
from dispatch.intake import Intake, Prompted
from dispatch.prompts import Line
from dispatch.request import DeadlineKind
from dispatch.settings import Settings
from voice import twiml
from voice.carrier import WORDS
from voice.hook import BadWebhook, Hook
from voice.prompt_audio import PromptAudio
from voice.signature import Signature, fields
from voice.sounds import Sounds, names_something

log = logging.getLogger(__name__)

_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_RETRY_BEFORE_DESK = 3
_DESK_SPOKE = frozenset({"completed", "answered"})


Answer = Callable[[Hook], Response]


def routes(intake: Intake, settings: Settings | Callable[[], Settings], prompt_audio: PromptAudio) -> list[BaseRoute]:
    """Everything the carrier asks us."""
    return Webhooks(intake, settings, prompt_audio).routes()


class Webhooks:
    """The handlers, with what they share."""

    def __init__(self, intake: Intake, settings: Settings | Callable[[], Settings], prompt_audio: PromptAudio) -> None:
        """`settings` may be a function that gives those in force now: the agency changes its name while it runs."""
        self._intake = intake
        self._in_force = in_force(settings)
        told = self._in_force()
        self._audio = prompt_audio
        self._threads = CapacityLimiter(told.webhook_threads)
        self._signature = Signature(told.signing_token, told.public_url)
        if not told.signing_token:
            log.error("The carrier's webhooks are refused until DISPATCH_ACCOUNT_SID and DISPATCH_AUTH_TOKEN are set.")
        self._path_prefix = urlsplit(told.public_url).path.rstrip("/")

    @property
    def _settings(self) -> Settings:
        return self._in_force()

    @property
    def _voicing(self) -> twiml.Voicing:
        told = self._settings
        return twiml.Voicing(self._audio, told.public_url, told.languages[0], told.emergency_number)

    def routes(self) -> list[BaseRoute]:
        """The addresses."""
        leg = "/voice/{request}/{leg}"
        posts: dict[str, Answer] = {
            "/text": self.text,
            "/text/status": self.text_status,
            "/voice": self.call,
            "/voice/status": self.hotline_status,
            "/voice/{request}/conference": self.conference,
            f"{leg}/prompt": self.prompt,
            f"{leg}/menu": self.menu,
            f"{leg}/held": self.held,
            f"{leg}/recorded": self.recorded,
            f"{leg}/message": self.message,
            f"{leg}/key": self.key,
            f"{leg}/status": self.status,
            f"{leg}/machine": self.machine,
        }
        found: list[BaseRoute] = [Route(path, self.signed(answer), methods=["POST"]) for path, answer in posts.items()]
        return found + Sounds(self._audio, self._in_force).routes()

    # -- texts ---------------------------------------------------------------------------------------------------------

    def text(self, hook: Hook) -> Response:
        """Somebody texts the hotline. The answer comes by REST, from a worker."""
        sid = hook.sid("MessageSid")
        sender, body = hook.number("From", self._settings.region), hook.text("Body")
        if hook.form.get("OptOutType") == "STOP":
            body = "STOP"  # the agency may have taught the carrier words of its own, in any language
        from_desk = sender == self._settings.desk_number
        try:
            taken = self._intake.text(sid, sender, body, int(hook.form.get("NumMedia") or 0), from_desk)
        except StoreError as error:
            log.error("a text could not be stored: %s", error)
            return _xml(twiml.message(self._sorry(self._settings.languages[:2])))
        # The queue is down: our own answer would wait with everything else, so the person hears from us here.
        return _xml(twiml.message("" if taken.handed_over else self._sorry((taken.language,))))

    def text_status(self, hook: Hook) -> Response:
        """Delivery news. Only failures matter: the dispatcher is told."""
        if hook.text("MessageStatus") in ("failed", "undelivered"):
            code = int(hook.form.get("ErrorCode") or 0)
            to = hook.number_if_any("To", self._settings.region)
            self._intake.text_failed(hook.query.get("effect", ""), code, WORDS.get(code, ""), to)
        return Response(status_code=204)

    def _sorry(self, spoken: tuple[str, ...]) -> str:
        emergency = self._settings.emergency_number
        return " ".join(dict.fromkeys(phrases.sentence("text_trouble", c, emergency=emergency).text for c in spoken))

    # -- calls ---------------------------------------------------------------------------------------------------------

    def call(self, hook: Hook) -> Response:
        """The hotline rings."""
        sid = hook.sid("CallSid")
        caller = hook.caller(self._settings.region)
        return self._answer(hook, lambda: self._intake.call(sid, caller))

    def hotline_status(self, hook: Hook) -> Response:
        """A call to the hotline is over."""
        if hook.text("CallStatus") in _OVER:
            self._intake.call_over(hook.sid("CallSid"), hook.text("CallStatus"))
        return Response(status_code=204)

    def prompt(self, hook: Hook) -> Response:
        """A phone asks what it hears next. Our own calls ask for the first time when they are picked up."""
        turn = hook.count("turn")
        leg = hook.path["leg"]
        answered = turn == 0 and hook.form.get("Direction", "").startswith("outbound")
        event = events.LegAnswered(leg) if answered else None
        return self._answer(hook, lambda: self._on_leg(hook, event, "", turn))

    def recorded(self, hook: Hook) -> Response:
        """The caller has spoken, or said nothing."""
        leg = hook.path["leg"]
        if hook.query.get("nothing") or hook.form.get("RecordingDuration") == "0":
            event = events.SpeechRecorded(leg, None)
            # Silence may come twice on one call; each has its own moment, told apart by how often we asked.
            return self._answer(hook, lambda: self._on_leg(hook, event, hook.query.get("listen", "")))
        recording = hook.sid("RecordingSid")
        return self._answer(hook, lambda: self._on_leg(hook, events.SpeechRecorded(leg, recording), recording))

    def menu(self, hook: Hook) -> Response:
        """A phone has left the conference: by the star key, or because there is nothing more to hear there."""
        return self._answer(hook, lambda: self._intake.menu(hook.path["request"], hook.path["leg"]))

    def held(self, hook: Hook) -> Response:
        """A phone on hold asks what it hears."""
        return self._answer(hook, lambda: self._intake.held(hook.path["request"], hook.path["leg"]), dials=False)

    def message(self, hook: Hook) -> Response:
        """A caller for whom nobody was found has left a message, or said nothing."""
        nothing = hook.query.get("nothing") or hook.form.get("RecordingDuration") == "0"
        recording = None if nothing else hook.sid("RecordingSid")
        return self._answer(hook, lambda: self._on_leg(hook, events.MessageLeft(recording), recording or "nothing"))

    def key(self, hook: Hook) -> Response:
        """A key was pressed, or none was."""
        digits = hook.form.get("Digits", "")
        turn = hook.count("turn")
        event = self._meaning(hook, digits)
        # The request's version tells a second press from a second delivery: a language may be corrected again.
        pressed = f"{hook.count('at')}:{turn}:{digits}"
        # After an answer the next prompt begins anew; after a key that means nothing this one goes on.
        return self._answer(hook, lambda: self._on_leg(hook, event, pressed, 0 if event else turn + 1))

    def _meaning(self, hook: Hook, digits: str) -> events.Event | None:
        leg = hook.path["leg"]
        match hook.query.get("asked"):
            case "offer" if hook.query.get("silent"):
                return events.DeadlinePassed(DeadlineKind.OFFER_EXPIRES, leg)
            case "offer" if digits in ("1", "2"):
                return events.OfferAnswered(leg, accepted=digits == "1")
            case "language":
                options = [code for code in hook.query.get("options", "").split(",") if code]
                chosen = int(digits) if digits.isdecimal() else 0
                if 1 <= chosen <= len(options) and options[chosen - 1] in languages.all_languages():
                    return events.LanguageChosen(options[chosen - 1], "chosen by key")
                return events.PersonWanted() if digits == "0" or hook.query.get("silent") else None
            case "variety":
                return _variety(hook, digits)
            case "origin":
                return self._origin(hook, digits)
            case "hold" if digits == "9":
                return events.LanguageWrong()
            case "hold" if digits == "8" and hook.query.get("other"):
                return events.OtherLanguageFirst()
            case "hold" if digits == "1" and names_something(hook.query.get("also", "")):
                return events.AlsoSpeaks(hook.query["also"])
            case "session":
                return _session_choice(hook, digits)
            case "offer" | "hold":
                return None
            case _:
                raise BadWebhook("asked is missing from the address.")

    def _origin(self, hook: Hook, digits: str) -> events.Event | None:
        options = [path for path in hook.query.get("options", "").split(",") if origins.known(path)]
        chosen = int(digits) if digits.isdecimal() else 0
        if 1 <= chosen <= len(options):
            return events.OriginChosen(options[chosen - 1])
        # Another place, or no answer: the names of all languages are read out.
        none = hook.query.get("none", "/?")
        return (
            events.OriginChosen(none if re.fullmatch(r"[a-z]{0,2}/\?", none) else "/?") if digits in ("0", "") else None
        )

    def status(self, hook: Hook) -> Response:
        """A call of ours has ended, or was never picked up."""
        how = hook.text("CallStatus")
        sid = hook.sid("CallSid")
        if how in _OVER:
            self._intake.leg_over(hook.path["request"], hook.path["leg"], sid, how)
        return Response(status_code=204)

    def machine(self, hook: Hook) -> Response:
        """Whether a person or a mailbox picked up, found out while the call goes on."""
        if hook.text("AnsweredBy").startswith(("machine", "fax")):
            event = events.LegAnswered(hook.path["leg"], machine=True)
            self._intake.report(hook.path["request"], event, hook.sid("CallSid"), "machine")
        return Response(status_code=204)

    def conference(self, hook: Hook) -> Response:
        """Somebody joined or left the conference, was muted or put on hold."""
        what, leg = hook.text("StatusCallbackEvent"), hook.form.get("ParticipantLabel", "")
        event: events.Event
        match what:
            case "participant-join":
                event = events.LegJoined(leg, hook.sid("ConferenceSid"), _sequence(hook))
            case "participant-leave":
                event = events.LegLeft(leg, hook.sid("ConferenceSid"), _sequence(hook))
            case "participant-mute" | "participant-unmute" | "participant-hold" | "participant-unhold":
                event = _participant(what, leg, hook)
            case _:
                return Response(status_code=204)
        self._intake.report(hook.path["request"], event, hook.sid("ConferenceSid"), hook.form.get("SequenceNumber", ""))
        return Response(status_code=204)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _on_leg(self, hook: Hook, event: events.Event | None, sequence: str, turn: int = 0) -> Prompted:
        return self._intake.on_leg(
            hook.path["request"], hook.path["leg"], event, hook.form.get("CallSid", ""), sequence, turn
        )

    def _answer(self, hook: Hook, ask: Callable[[], Prompted], dials: bool = True) -> Response:
        """The next prompt; words in the caller's language when the store is away, and after some tries the desk.

        `dials`: whether the carrier takes a dial there. What a phone on hold hears may only say, play and wait.
        """
        tries = hook.count("tries") + 1
        if tries > _RETRY_BEFORE_DESK and hook.form.get("DialCallStatus") in _DESK_SPOKE:
            last = hook.query.get("spoken", "") or self._settings.languages[0]
            return _xml(self._voicing.goodbye((Line("goodbye", last),)))
        try:
            return _xml(self._voicing.render(ask(), hook.query.get("spoken", "")))
        except StoreError as error:
            log.error("a call is answered without the store: %s", error)
        spoken = hook.query.get("spoken", "")
        known = (spoken,) if spoken in languages.all_languages() else self._settings.languages[:3]
        path, _, query = hook.address.partition("?")
        kept = "&".join(part for part in query.split("&") if part and not part.startswith("tries="))
        again = f"{path}?{kept}&tries={tries}" if kept else f"{path}?tries={tries}"
        desk = self._settings.desk if dials and tries > _RETRY_BEFORE_DESK else ""
        return _xml(self._voicing.trouble(known, again, desk))

    def voiced(self, render: Callable[[twiml.Voicing], str]) -> Response:
        """TwiML in this installation's voices."""
        return _xml(render(self._voicing))

    def signed(self, answer: Answer) -> Callable[[HTTPRequest], Awaitable[Response]]:
        """The handler, for webhooks whose signature is the carrier's; what they lack is named."""

        async def endpoint(request: HTTPRequest) -> Response:
            query = f"?{request.url.query}" if request.url.query else ""
            form = fields(await request.body())
            if not self._signature.genuine(
                request.url.path + query, form, request.headers.get("x-twilio-signature", "")
            ):
                log.warning("unsigned or wrongly signed webhook at %s refused", _route(request))
                return PlainTextResponse("The signature does not match.", status_code=403)
            hook = Hook(form, dict(request.query_params), request.url.path + query, request.path_params)
            try:
                return await to_thread.run_sync(answer, hook, limiter=self._threads)
            except BadWebhook as error:
                log.warning("webhook at %s refused: %s", _route(request), error)
                return PlainTextResponse(str(error), status_code=400)
            except RequestUnknown as error:
                return PlainTextResponse(str(error), status_code=404)
            except StoreError as error:
                log.error("webhook at %s could not be stored: %s", _route(request), error)
                return PlainTextResponse("The store does not answer; send this again.", status_code=503)

        return endpoint


def _variety(hook: Hook, digits: str) -> events.Event | None:
    """Which variety was chosen; 0 and silence: they do not know."""
    language = hook.query.get("of", "")
    options = [code for code in hook.query.get("options", "").split(",") if varieties.known(code)]
    chosen = int(digits) if digits.isdecimal() else 0
    if language not in languages.all_languages() or (digits and not chosen <= len(options)):
        return None
    return events.LanguageChosen(language, "chosen by key", options[chosen - 1] if chosen else "?")


def _session_choice(hook: Hook, digits: str) -> events.Event | None:
    """What somebody chose who had left the conference by the star key; None: they go back."""
    options = hook.query.get("options", "").split(",")
    chosen = int(digits) if digits.isdecimal() else 0
    choice = options[chosen - 1] if 1 <= chosen <= len(options) else ""
    if choice == "done":
        return events.SessionDone()
    if choice == "speaks":
        return events.InterpreterSpeaks()
    if choice not in ("language", "known", "other", "full"):
        return None
    by = "interpreter" if hook.query.get("by") == "interpreter" else "requester"
    return events.AnotherWanted(by, choice, hook.path["leg"] if by == "interpreter" else "")


def _participant(what: str, leg: str, hook: Hook) -> events.Event:
    """Whether that phone is muted and held: its own change by name, the other by the field beside it."""
    muted = hook.form.get("Muted") == "true" if "hold" in what else what == "participant-mute"
    held = hook.form.get("Hold") == "true" if "mute" in what else what == "participant-hold"
    return events.ParticipantChanged(leg, muted, held, _sequence(hook), hook.sid("ConferenceSid"))


def _sequence(hook: Hook) -> int:
    sequence = hook.text("SequenceNumber")
    if not sequence.isdecimal():
        raise BadWebhook("SequenceNumber must be a number.")
    return int(sequence)


def _route(request: HTTPRequest) -> str:
    """The address without query: queries may hold nothing private today, and logs are kept for long."""
    return request.url.path


def _xml(body: str) -> Response:
    return Response(body, media_type="text/xml")
