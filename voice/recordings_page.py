"""The console's page of prompts: how every language is heard, which sentences are drafts, and your own recordings."""

from pathlib import Path
from typing import Any

from jinja2 import PackageLoader
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, phrases
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import HEADERS, Console, Pages, Visit
from dispatch.errors import DispatchError
from voice import recordings
from voice.prompt_audio import CarrierVoice, PromptAudio, Recorded, Spoken

LARGEST_BYTES = 12 << 20
"""A minute of uncompressed studio sound; anything larger is not one sentence."""
_PAGE_HEADERS = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; media-src 'self'",
}


def routes(console: Console, guard: Guard, prompt_audio: PromptAudio) -> list[BaseRoute]:
    """The page's addresses, each behind the console's guard."""
    page = RecordingsPage(console, prompt_audio)
    return [
        Route("/console/prompts", guard(page.report, May.PROMPTS)),
        Route("/console/prompts/{language}", guard(page.sentences, May.PROMPTS)),
        Route("/console/prompts/{language}/{key}", guard(page.keep, May.PROMPTS), methods=["POST"]),
    ]


class RecordingsPage:
    """The handlers."""

    def __init__(self, console: Console, prompt_audio: PromptAudio) -> None:
        self._store = console.store
        self._folder: Path = console.settings.recordings_dir
        self._audio = prompt_audio
        self._pages = Pages(lambda: console.in_force().agency, (PackageLoader("voice"),))

    def report(self, visit: Visit) -> Response:
        """Every language: how it is heard, what it lacks, whether a speaker has reviewed it."""
        voiced = recordings.report(self._folder, self._audio)
        rows = sorted(((languages.get(one.language), one) for one in voiced), key=lambda row: row[0].english)
        return self._page("prompts.html", visit, rows=rows, all=len(recordings.spoken()), wrong="")

    def sentences(self, visit: Visit) -> Response:
        """One language's sentences, each with what is heard now and a form for a recording."""
        return self._sentences(visit, kept=visit.asked("kept"))

    def keep(self, visit: Visit) -> Response:
        """A recording arrives. What cannot be used is refused with the reason, beside the sentence it was for."""
        language, key = (str(visit.request.path_params[name]) for name in ("language", "key"))
        upload = visit.file("recording")
        if upload is None:
            return self._sentences(visit, wrong="Choose a sound file first.", at=key, status=400)
        if (upload.size or 0) > LARGEST_BYTES:
            words = f"The file is larger than {LARGEST_BYTES >> 20} MB: one sentence needs far less."
            return self._sentences(visit, wrong=words, at=key, status=413)
        try:
            recordings.add(self._folder, language, key, upload.file.read(), visit.text("digit"))
        except DispatchError as error:
            return self._sentences(visit, wrong=str(error), at=key, status=400)
        except OSError as error:
            words = (
                f"The recording could not be written to {self._folder}: {error.strerror}. Make that folder writable."
            )
            return self._sentences(visit, wrong=words, at=key, status=500)
        with self._store.transaction() as tx:
            tx.audit(visit.visitor.name, "prompt recorded", f"{language} {key}"[:100], "", visit.now)
        return RedirectResponse(f"/console/prompts/{language}?kept={key}#say-{key}", status_code=303)

    def _sentences(self, visit: Visit, kept: str = "", wrong: str = "", at: str = "", status: int = 200) -> Response:
        code = str(visit.request.path_params["language"])
        if code not in languages.all_languages():
            words = f"There is no language {code!r} here."
            return self._page("prompts.html", visit, status=404, rows=[], all=0, wrong=words)
        lines = [self._line(code, key) for key in recordings.spoken()]
        told: dict[str, Any] = {"language": languages.get(code), "lines": lines, "kept": kept, "wrong": wrong, "at": at}
        return self._page("sentences.html", visit, status=status, **told)

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

    def _page(self, name: str, visit: Visit, status: int = 200, **values: Any) -> Response:
        drawn = self._pages.draw(name, visit, status=status, **values)
        drawn.headers.update(_PAGE_HEADERS)
        return drawn
