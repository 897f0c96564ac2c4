"""The console's page of prompts: how every language is heard, which sentences are drafts, and your own recordings."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, phrases
from dispatch.console import HEADERS, Guard
from dispatch.errors import DispatchError
from dispatch.settings import Settings
from voice import recordings
from voice.prompt_audio import CarrierVoice, PromptAudio, Recorded, Spoken

LARGEST_BYTES = 12 << 20
"""A minute of uncompressed studio sound; anything larger is not one sentence."""
_PAGE_HEADERS = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; media-src 'self'",
}


def routes(settings: Settings, prompt_audio: PromptAudio) -> list[BaseRoute]:
    """The page's addresses, each behind the console's guard."""
    page = RecordingsPage(settings.recordings_dir, prompt_audio, settings.agency)
    guard = Guard(settings)
    return [
        Route("/console/prompts", guard(page.report)),
        Route("/console/prompts/{language}", guard(page.sentences)),
        Route("/console/prompts/{language}/{key}", guard(page.keep), methods=["POST"]),
    ]


class RecordingsPage:
    """The handlers."""

    def __init__(self, folder: Path, prompt_audio: PromptAudio, agency: str) -> None:
        self._folder = folder
        self._audio = prompt_audio
        self._agency = agency
        self._templates = Environment(loader=PackageLoader("voice"), autoescape=select_autoescape())

    async def report(self, request: Request) -> Response:
        """Every language: how it is heard, what it lacks, whether a speaker has reviewed it."""
        voiced = await run_in_threadpool(recordings.report, self._folder, self._audio)
        rows = sorted(((languages.get(one.language), one) for one in voiced), key=lambda row: row[0].english)
        return self._page("prompts.html", rows=rows, all=len(recordings.spoken()))

    async def sentences(self, request: Request) -> Response:
        """One language's sentences, each with what is heard now and a form for a recording."""
        return await self._sentences(request.path_params["language"], kept=request.query_params.get("kept", ""))

    async def keep(self, request: Request) -> Response:
        """A recording arrives. What cannot be used is refused with the reason, beside the sentence it was for."""
        language, key = request.path_params["language"], request.path_params["key"]
        async with request.form(max_files=1, max_fields=4, max_part_size=LARGEST_BYTES) as form:
            upload, digit = form.get("recording"), str(form.get("digit") or "")
            if not isinstance(upload, UploadFile) or not upload.filename:
                return await self._sentences(language, wrong="Choose a sound file first.", at=key, status=400)
            if (upload.size or 0) > LARGEST_BYTES:
                words = f"The file is larger than {LARGEST_BYTES >> 20} MB: one sentence needs far less."
                return await self._sentences(language, wrong=words, at=key, status=413)
            audio = await upload.read()
        try:
            await run_in_threadpool(recordings.add, self._folder, language, key, audio, digit)
        except DispatchError as error:
            return await self._sentences(language, wrong=str(error), at=key, status=400)
        except OSError as error:
            words = (
                f"The recording could not be written to {self._folder}: {error.strerror}. Make that folder writable."
            )
            return await self._sentences(language, wrong=words, at=key, status=500)
        return RedirectResponse(f"/console/prompts/{language}?kept={key}#{key}", status_code=303)

    async def _sentences(
        self, code: str, kept: str = "", wrong: str = "", at: str = "", status: int = 200
    ) -> HTMLResponse:
        if code not in languages.all_languages():
            return self._page("prompts.html", status=404, rows=[], all=0, wrong=f"There is no language {code!r} here.")
        lines = await run_in_threadpool(lambda: [self._line(code, key) for key in recordings.spoken()])
        told: dict[str, Any] = {"language": languages.get(code), "lines": lines, "kept": kept, "wrong": wrong, "at": at}
        return self._page("sentences.html", status=status, **told)

    def _line(self, code: str, key: str) -> dict[str, Any]:
        own = phrases.has(key, code)
        text = phrases.text(key, code if own else phrases.FALLBACK)
        source = self._audio.source(key, code)
        heard = {Recorded: "your recording", CarrierVoice: "carrier's voice", Spoken: "espeak-ng on this machine"}
        return {
            "key": key,
            "text": text,
            "missing": not own,
            "draft": phrases.is_draft(code),
            "heard": heard[type(source)] if source is not None else "said in the agency's first language",
            "playable": isinstance(source, Recorded) or (isinstance(source, Spoken) and own),
            "digit": "{digit}" in text,
        }

    def _page(self, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        body = self._templates.get_template(name).render(agency=self._agency, **values)
        return HTMLResponse(body, status_code=status, headers=_PAGE_HEADERS)
