"""The agency's own recorded prompts: adding them safely, and what is spoken how in every language."""

import re
from dataclasses import dataclass
from pathlib import Path

from dispatch import languages, phrases
from dispatch.errors import DispatchError
from voice.audio import AudioUnreadable, decode
from voice.prompt_audio import CarrierVoice, PromptAudio, Recorded, telephone_wav

LONGEST_SECONDS = 60
_DIGIT = re.compile(r"[1-9]?")
_NAMES_OTHERS = frozenset({"first_choose_origin", "first_ask_variety"})
"""Asked in the language that somebody also understands, about the places and the languages they come from."""


class RecordingRefused(DispatchError):
    """The recording cannot be used; the message says why."""


@dataclass(frozen=True)
class Voiced:
    """How one language is heard."""

    language: str
    recorded: int
    """Sentences that the agency has recorded."""
    otherwise: str
    """"carrier voice", "espeak-ng" or "first language": how the rest is said."""
    missing: tuple[str, ...]
    """Sentences that have no text in the language."""
    reviewed_by: str
    """Who checked the texts; "" for a draft."""


def add(folder: Path, language: str, key: str, audio: bytes, digit: str = "") -> Path:
    """Keep a recording of phrase `key` in `language` (ISO 639-3, or any name of it) as telephone WAV; returns its path.

    `digit` for the line of a menu that names the key. Any format that FFmpeg reads; replaces an earlier recording.
    Raises RecordingRefused, UnknownLanguage.
    """
    code = languages.normalise(language)
    if key not in spoken():
        raise RecordingRefused(f"There is no spoken sentence {key!r}. There are: {', '.join(spoken())}.")
    if not _DIGIT.fullmatch(digit):
        raise RecordingRefused("The digit of a menu line is 1 to 9.")
    try:
        samples = decode(audio, LONGEST_SECONDS)
        wav = telephone_wav(audio)
    except AudioUnreadable as error:
        raise RecordingRefused(
            "This is not a recording that can be read. Save it as WAV or MP3 and try again."
        ) from error
    if len(samples) == 0 or float(abs(samples).max()) < 0.01:
        raise RecordingRefused("The recording is silent.")
    target = folder / code / (f"{key}-{digit}.wav" if digit else f"{key}.wav")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_bytes(wav)
    partial.replace(target)
    return target


def spoken() -> tuple[str, ...]:
    """The sentences said on the phone in people's own languages, those left out that name something else each time."""
    core = tuple(key for key in phrases.all_keys() if phrases.is_community(key) and not phrases.is_text(key))
    return core + tuple(key for key in phrases.all_keys() if key.startswith("first_") and key not in _NAMES_OTHERS)


def report(folder: Path, prompt_audio: PromptAudio) -> list[Voiced]:
    """Every language that has sentences, by code; then those that have recordings only."""
    found = []
    written = phrases.report()
    for one in (*written, *_recorded_only(folder, {one.language for one in written})):
        recorded = sum(isinstance(prompt_audio.source(key, one.language), Recorded) for key in spoken())
        source = prompt_audio.source("goodbye", one.language)
        otherwise = "carrier voice" if isinstance(source, CarrierVoice) else "espeak-ng"
        if source is None or isinstance(source, Recorded):
            otherwise = "first language" if source is None else "own recordings"
        missing = tuple(key for key in one.missing if not phrases.is_text(key))
        found.append(Voiced(one.language, recorded, otherwise, missing, one.reviewed_by))
    return found


def _recorded_only(folder: Path, written: set[str]) -> list[phrases.Coverage]:
    named = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    codes = [code for code in named if code in languages.all_languages() and code not in written]
    return [phrases.Coverage(code, 0, spoken(), "") for code in codes]
