"""Prompts as TwiML: what the core wants heard, in the carrier's language.

Every address in the answer carries what is needed to answer the next webhook, the language for our apologies included,
so a phone is never left without words, not even while the store is away.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, Start, VoiceResponse

from dispatch import phrases
from dispatch.intake import Prompted
from dispatch.phrase_values import said_in
from dispatch.prompts import (
    AskLanguage,
    ChooseLanguage,
    ChooseOrigin,
    ChooseVariety,
    Farewell,
    Held,
    Hold,
    Join,
    LeaveMessage,
    Line,
    OfferQuestion,
    SessionMenu,
)
from dispatch.request import LegRole
from voice.carrier import PATIENCE
from voice.prompt_audio import CarrierVoice, PromptAudio

RECORD_SECONDS = 12
"""Longest first utterance: a language shows in three seconds."""
SILENCE_SECONDS = 2
"""Of silence end the recording: people in distress pause."""
KEY_SECONDS = 5
MESSAGE_SECONDS = 120
_MAY_LEAVE = (LegRole.REQUESTER, LegRole.INTERPRETER)


class Voicing:
    """Renders prompts for one installation."""

    def __init__(self, prompt_audio: PromptAudio, public_url: str, second_language: str, emergency_number: str) -> None:
        """`second_language` (ISO 639-3) is spoken where a language has neither voice nor recording."""
        self._audio = prompt_audio
        self._public_url = public_url.rstrip("/")
        self._second = second_language
        self._emergency = emergency_number

    def render(self, prompted: Prompted, spoken_before: str = "") -> str:
        """TwiML for what this phone hears next. `spoken_before`: the language of earlier prompts, for addresses."""
        prompt = prompted.prompt
        line = prompt.line if isinstance(prompt, OfferQuestion) else next(iter(reversed(prompt.lines)), None)
        leg = f"/voice/{prompted.request_id}/{prompted.leg_id}"
        link = _Links(
            self._public_url + leg, line.language if line else spoken_before or self._second, prompted.version
        )
        answer = VoiceResponse()
        match prompt:
            case AskLanguage():
                self._ask(answer, prompt, link)
            case ChooseLanguage():
                self._choose(answer, prompt, link)
            case ChooseOrigin():
                self._origin(answer, prompt, link)
            case ChooseVariety():
                self._variety(answer, prompt, link)
            case Hold():
                self._hold(answer, prompt, link)
            case OfferQuestion():
                self._offer(answer, prompt, link)
            case Join():
                self._join(answer, prompt, link, prompted)
            case Held():
                self._held(answer, prompt, link)
            case SessionMenu():
                self._session(answer, prompt, link)
            case LeaveMessage():
                self._message(answer, prompt, link)
            case Farewell():
                self._say(answer, prompt.lines)
                answer.hangup()
        return str(answer)

    def trouble(self, spoken: Sequence[str], again: str, desk: str = "") -> str:
        """An apology in each language of `spoken`; then the desk's phone where given, otherwise the same question."""
        answer = VoiceResponse()
        self._say(answer, [Line("trouble", code) for code in spoken])
        if desk:
            # Where nobody picks up there, the same question is asked again: the call does not end in silence.
            answer.dial(desk, action=self._public_url + again + PATIENCE, method="POST")
        else:
            answer.pause(length=3)
            answer.redirect(self._public_url + again + PATIENCE, method="POST")
        return str(answer)

    def key_wanted(self, lines: Sequence[Line], path: str) -> str:
        """Say the lines twice, waiting for one key each time; it, or silence after all, is told to our `path`."""
        answer = VoiceResponse()
        action = self._public_url + path + PATIENCE
        for _ in range(2):
            gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=action, method="POST")
            self._say(gather, lines)
            answer.append(gather)
        answer.redirect(action, method="POST")
        return str(answer)

    def goodbye(self, lines: Sequence[Line]) -> str:
        """Say the lines and hang up."""
        answer = VoiceResponse()
        self._say(answer, lines)
        answer.hangup()
        return str(answer)

    # -- the prompts ---------------------------------------------------------------------------------------------------

    def _ask(self, answer: VoiceResponse, prompt: AskLanguage, link: "_Links") -> None:
        self._say(answer, prompt.lines)
        self._record(answer, link("recorded", listen=str(prompt.listen)), RECORD_SECONDS, SILENCE_SECONDS)
        # Reached only when nothing at all was recorded.
        answer.redirect(link("recorded", listen=str(prompt.listen), nothing="1"), method="POST")

    def _choose(self, answer: VoiceResponse, prompt: ChooseLanguage, link: "_Links") -> None:
        keys = {"asked": "language", "options": ",".join(prompt.languages), "turn": str(prompt.turn)}
        gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=link("key", **keys), method="POST")
        self._say(gather, prompt.lines)
        answer.append(gather)
        if prompt.last:
            answer.redirect(link("key", **keys, silent="1"), method="POST")
        else:
            answer.redirect(link("prompt", turn=str(prompt.turn + 1)), method="POST")

    def _origin(self, answer: VoiceResponse, prompt: ChooseOrigin, link: "_Links") -> None:
        keys = {"asked": "origin", "options": ",".join(prompt.places), "none": prompt.none, "turn": str(prompt.turn)}
        gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=link("key", **keys), method="POST")
        self._say(gather, prompt.lines)
        answer.append(gather)
        # Silence is an answer too: the names of the languages come next.
        answer.redirect(link("key", **keys, silent="1"), method="POST")

    def _variety(self, answer: VoiceResponse, prompt: ChooseVariety, link: "_Links") -> None:
        keys = {"asked": "variety", "of": prompt.language, "options": ",".join(prompt.varieties)}
        keys["turn"] = str(prompt.turn)
        gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=link("key", **keys), method="POST")
        self._say(gather, prompt.lines)
        answer.append(gather)
        # Silence is an answer too: they do not know, and are not kept waiting for it.
        answer.redirect(link("key", **keys, silent="1"), method="POST")

    def _hold(self, answer: VoiceResponse, prompt: Hold, link: "_Links") -> None:
        music = f"{self._public_url}/audio/hold.wav?seconds={prompt.music_seconds}"
        into: VoiceResponse | Gather = answer
        if prompt.correctable:
            keys = {"asked": "hold", "turn": str(prompt.turn)} | ({"other": "1"} if prompt.other_first else {})
            keys |= {"also": prompt.also} if prompt.also else {}
            into = Gather(num_digits=1, timeout=1, action=link("key", **keys), method="POST")
        self._say(into, prompt.lines)
        into.play(music)
        if isinstance(into, Gather):
            answer.append(into)
        answer.redirect(link("prompt", turn=str(prompt.turn + 1)), method="POST")

    def _offer(self, answer: VoiceResponse, prompt: OfferQuestion, link: "_Links") -> None:
        for _ in range(prompt.repeats):
            gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=link("key", asked="offer"), method="POST")
            self._say(gather, (prompt.line,))
            answer.append(gather)
        answer.redirect(link("key", asked="offer", silent="1"), method="POST")

    def _join(self, answer: VoiceResponse, prompt: Join, link: "_Links", prompted: Prompted) -> None:
        self._say(answer, prompt.lines)
        if prompt.listen:
            # Until an interpreter speaks (voice/streams.py); their addresses may hold no query.
            start = Start()
            heard_at = "ws" + self._public_url.removeprefix("http")
            start.stream(url=f"{heard_at}/voice/{prompted.request_id}/{prompted.leg_id}/stream", track="inbound_track")
            answer.append(start)
        # The star key leaves the conference for a menu; so does its end, and then the menu says what comes next.
        dial = Dial(action=link("menu"), method="POST", hangup_on_star=prompt.role in _MAY_LEAVE)
        dial.conference(
            prompt.conference,
            start_conference_on_enter=prompt.starts,
            end_conference_on_exit=prompt.ends,
            muted=prompt.muted,
            beep="false",
            participant_label=prompted.leg_id,
            wait_url=f"{self._public_url}/audio/hold.wav?seconds=12",
            wait_method="GET",
            status_callback=f"{self._public_url}/voice/{prompted.request_id}/conference{PATIENCE}",
            status_callback_event="join leave mute hold",
        )
        answer.append(dial)

    def _held(self, answer: VoiceResponse, prompt: Held, link: "_Links") -> None:
        """The carrier plays this to one phone in a conference: words, music and where to ask again; no keys there."""
        self._say(answer, prompt.lines)
        answer.play(f"{self._public_url}/audio/hold.wav?seconds={prompt.music_seconds}")
        answer.redirect(link("held"), method="POST")

    def _session(self, answer: VoiceResponse, prompt: SessionMenu, link: "_Links") -> None:
        keys = {"asked": "session", "options": ",".join(prompt.choices), "by": prompt.by}
        gather = Gather(num_digits=1, timeout=KEY_SECONDS, action=link("key", **keys), method="POST")
        self._say(gather, prompt.lines)
        answer.append(gather)
        answer.redirect(link("prompt", turn="1"), method="POST")

    def _message(self, answer: VoiceResponse, prompt: LeaveMessage, link: "_Links") -> None:
        self._say(answer, prompt.lines)
        self._record(answer, link("message"), MESSAGE_SECONDS, SILENCE_SECONDS * 2)
        answer.redirect(link("message", nothing="1"), method="POST")

    def _record(self, answer: VoiceResponse, told: str, longest: int, silence: int) -> None:
        """Record until silence or a key. Both ways of hearing of it lead to one address: whose phone is moved on while
        they speak is not asked what comes next, and their voice must not stay at the carrier for that."""
        answer.record(
            action=told,
            recording_status_callback=told,
            max_length=longest,
            timeout=silence,
            play_beep=True,
            finish_on_key="#",
            trim="do-not-trim",
        )

    # -- sentences -----------------------------------------------------------------------------------------------------

    def _say(self, into: VoiceResponse | Gather, lines: Sequence[Line]) -> None:
        for line in lines:
            self._line(into, line)

    def _line(self, into: VoiceResponse | Gather, line: Line) -> None:
        params = dict(line.params)
        # What nothing speaks in its own language is said all the same: in the agency's first one, at last in English.
        for language in (line.language, self._second, phrases.FALLBACK):
            source = self._audio.source(line.key, language, params.get("digit", ""), params.get("language", ""))
            if isinstance(source, CarrierVoice):
                into.say(self.text(line.key, language, params), voice=source.voice, language=source.tag)
                return
            if source is not None:
                query = urlencode({name: value for name, value in params.items() if name != "agency"})
                into.play(f"{self._public_url}/audio/{language}/{line.key}.wav" + (f"?{query}" if query else ""))
                return

    def text(self, key: str, language: str, params: dict[str, str]) -> str:
        """The sentence, with language codes turned into names in the hearer's language."""
        named = said_in(language, params)
        return phrases.sentence(key, language, **({"emergency": " ".join(self._emergency)} | named)).text


class _Links:
    """Addresses of one leg's webhooks."""

    def __init__(self, leg_url: str, language: str, version: int) -> None:
        self._leg_url = leg_url
        self._language = language
        self._version = version

    def __call__(self, what: str, **query: str) -> str:
        asked_at = {"at": str(self._version)} if what == "key" else {}
        return f"{self._leg_url}/{what}?{urlencode(query | asked_at | {'spoken': self._language})}{PATIENCE}"


def message(body: str = "") -> str:
    """TwiML for a text's webhook: nothing, or one text back."""
    answer = MessagingResponse()
    if body:
        answer.message(body)
    return str(answer)
