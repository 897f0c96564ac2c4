"""The sound that TwiML names: music for the wait, and sentences that the carrier has no voice for."""

import hashlib
import logging
import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HTTPRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, phrases, varieties
from dispatch.phrase_values import said_in
from dispatch.request import Urgency
from dispatch.settings import Settings
from voice.prompt_audio import PromptAudio, SpeechUnavailable, hold_music

log = logging.getLogger(__name__)

_URGENCY = frozenset(one.value for one in Urgency)


class Sounds:
    """The handlers."""

    def __init__(self, prompt_audio: PromptAudio, in_force: Callable[[], Settings]) -> None:
        self._audio = prompt_audio
        self._in_force = in_force

    def routes(self) -> list[BaseRoute]:
        """The addresses."""
        return [Route("/audio/hold.wav", self.hold), Route("/audio/{language}/{key}.wav", self.sentence)]

    async def hold(self, request: HTTPRequest) -> Response:
        """Music for the wait."""
        asked = request.query_params.get("seconds", "")
        seconds = min(max(int(asked), 1), 30) if re.fullmatch(r"[0-9]{1,3}", asked) else 12
        return _sound(await run_in_threadpool(hold_music, seconds))

    async def sentence(self, request: HTTPRequest) -> Response:
        """A sentence that the carrier has no voice for."""
        language, key = request.path_params["language"], request.path_params["key"]
        digit, named = request.query_params.get("digit", ""), request.query_params.get("language", language)
        minutes = request.query_params.get("minutes", "0")
        known = languages.all_languages()
        if (
            language not in known
            or not names_something(named)
            or key not in phrases.all_keys()
            or not digit.isdecimal() | (digit == "")
            or not re.fullmatch(r"\d{1,3}", minutes)
        ):
            return PlainTextResponse("There is no such sentence.", status_code=404)
        values = {
            name: said for name, said in request.query_params.items() if names_something(said) or said in _URGENCY
        }
        params = said_in(language, values) | {
            "agency": self._in_force().agency,
            "language": varieties.named(named, language),
            "emergency": " ".join(self._in_force().emergency_number),
            "minutes": minutes,
        }
        try:
            wav = await run_in_threadpool(lambda: self._audio.of(key, language, digit, named, **params))
        except (SpeechUnavailable, phrases.PhraseMissing) as error:
            log.error("a prompt could not be spoken: %s", error)
            return PlainTextResponse(str(error), status_code=404)
        return _newest(wav, request.headers.get("if-none-match", ""))


def names_something(code: str) -> bool:
    """Whether it is the code of a language (ISO 639-3) or of a variety."""
    return code in languages.all_languages() or varieties.known(code)


def _sound(wav: bytes) -> Response:
    return Response(wav, media_type="audio/wav", headers={"Cache-Control": "public, max-age=86400"})


def _newest(wav: bytes, held: str) -> Response:
    """A sentence's sound, which the carrier may keep and asks about each time: a new recording, or a new name of the
    agency, is heard from the next call on. `held`: the mark of what it has."""
    mark = f'"{hashlib.sha256(wav).hexdigest()[:24]}"'
    headers = {"Cache-Control": "no-cache", "ETag": mark}
    if held == mark:
        return Response(status_code=304, headers=headers)
    return Response(wav, media_type="audio/wav", headers=headers)
