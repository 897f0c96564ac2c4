"""One decision from what was heard: which language, how sure, and what to do about it.

`fuse` and `decide` are plain functions. The model's languages that nobody can be routed to (Latin, Welsh, Nynorsk...)
are usually a routable language misheard; a fitted share of their weight stays as NONE, "none of these". A decision is
made from the sound alone where that is sure; only otherwise are the words worked out too, so that the common case stays
fast.
"""

import math
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from dispatch import languages
from voice.audio import MAX_SECONDS, AudioUnreadable, decode
from voice.model_files import model_folder
from voice.speech import Ear, Heard, Transcript

__all__ = ["NONE", "AudioUnreadable", "Calibration", "Decision", "Identified", "LanguageListener", "decide", "fuse"]

NONE = "none"
"""Key of "none of the languages that can be routed" in a distribution."""
DecisionKind = Literal["accept", "confirm", "menu", "no_speech"]

_READINGS = 2
"""How many of the likeliest languages the words are worked out in when the sound leaves a doubt."""
_CANDIDATES = 3
_SMALLEST = 1e-6


@dataclass(frozen=True)
class Calibration:
    """Weights and thresholds, fitted on development clips. Probabilities are 0 to 1."""

    temperature: float
    """Divides the log posterior; above 1 is more modest than the model."""
    prior_weight: float
    prior_floor: float
    """Prior of a language the agency did not list."""
    none_share: float
    """Share of the unroutable languages' probability kept as NONE."""
    transcript_weight: float
    """Of a reading's mean log probability, against the best reading's."""
    text_weight: float
    """Of the log probability that the words themselves are in the language."""
    accept: float
    confirm: float

    @classmethod
    @cache
    def fitted(cls) -> "Calibration":
        """The shipped calibration."""
        data = tomllib.loads(files("voice").joinpath("calibration.toml").read_text(encoding="utf-8"))
        return cls(**{field.name: float(data[field.name]) for field in fields(cls)})


@dataclass(frozen=True)
class Reading:
    """The speech written down as if it were in `language`, and which language the result looks like."""

    language: str
    transcript: Transcript
    text_language: str | None = None
    text_confidence: float = 0.0


@dataclass(frozen=True)
class Decision:
    """What to do: accept, ask to confirm among `candidates`, offer the menu, or ask to speak again."""

    kind: DecisionKind
    language: str | None
    """ISO 639-3; the best guess, None where nobody spoke or nothing routable is likely."""
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    """Routable languages (ISO 639-3) and their probabilities, best first."""


@dataclass(frozen=True)
class Identified:
    """The answer to "what language is this?" for one recording."""

    language: str | None
    confidence: float
    decision: DecisionKind
    candidates: tuple[tuple[str, float], ...]
    speech_seconds: float
    seconds: float
    """Seconds it took, from bytes to decision."""
    transcript: Transcript | None
    """Only where the words were needed to decide."""


def fuse(
    heard: Heard, prior: Mapping[str, float], readings: Sequence[Reading] = (), weights: Calibration | None = None
) -> dict[str, float]:
    """Probabilities of the routable languages and NONE, summing to 1; empty when nobody spoke.

    `prior` is ISO 639-3 to probability; languages it leaves out keep a floor.
    """
    if not heard.has_speech:
        return {}
    weights = weights or Calibration.fitted()
    routable = languages.all_languages()
    scores = {
        code: math.log(max(p, _SMALLEST)) / weights.temperature
        + weights.prior_weight * math.log(max(prior.get(code, 0.0), weights.prior_floor))
        for code, p in heard.posterior.items()
        if code in routable
    }
    _weigh_readings(scores, readings, weights)
    best = max(scores.values())
    likely = {code: math.exp(score - best) for code, score in scores.items()}
    unroutable = sum(p for code, p in heard.posterior.items() if code not in routable)
    none = min(weights.none_share * unroutable, 1.0)
    total = sum(likely.values())
    return {code: (1 - none) * value / total for code, value in likely.items()} | {NONE: none}


def _weigh_readings(scores: dict[str, float], readings: Sequence[Reading], weights: Calibration) -> None:
    """A language whose reading the model finds likelier gains on one it had to guess at; so do the words' own signs."""
    usable = [reading for reading in readings if reading.transcript.text]
    if not usable:
        return
    best = max(reading.transcript.avg_logprob for reading in usable)
    worst = min(reading.transcript.avg_logprob for reading in usable)
    read = {reading.language: reading.transcript.avg_logprob for reading in usable}
    for code in scores:
        scores[code] += weights.transcript_weight * (read.get(code, worst) - best)
    for reading in usable:
        if reading.text_language in scores and reading.text_language == reading.language:
            scores[reading.language] += weights.text_weight * reading.text_confidence


def decide(distribution: Mapping[str, float], weights: Calibration | None = None) -> Decision:
    """Accept above the accept threshold, ask above the confirm threshold, otherwise the menu."""
    weights = weights or Calibration.fitted()
    ranked = sorted(((code, p) for code, p in distribution.items() if code != NONE), key=lambda pair: -pair[1])
    if not ranked:
        return Decision("no_speech", None, 0.0, ())
    language, confidence = ranked[0]
    candidates = tuple(ranked[:_CANDIDATES])
    if confidence >= weights.accept:
        return Decision("accept", language, confidence, candidates)
    if confidence >= weights.confirm and confidence > distribution.get(NONE, 0.0):
        return Decision("confirm", language, confidence, candidates)
    return Decision("menu", language, confidence, candidates)


class LanguageListener:
    """The one door from recorded speech to a language. Loads the model once; use it in the process that made it."""

    def __init__(
        self,
        speech_model: str,
        cache_dir: Path,
        cpu_threads: int = 2,
        max_seconds: float = MAX_SECONDS,
        calibration: Calibration | None = None,
    ) -> None:
        """`speech_model` as in `voice.model_files.model_folder`; raises ModelUnavailable."""
        self.ear = Ear(model_folder(speech_model, cache_dir), cpu_threads)
        self._max_seconds = max_seconds
        self._weights = calibration or Calibration.fitted()

    def identify(self, wav_bytes: bytes, prior: Mapping[str, float]) -> Identified:
        """The language of one recording; `prior` is ISO 639-3 to probability. Raises AudioUnreadable, ModelForked."""
        began = time.perf_counter()
        heard = self.ear.hear(decode(wav_bytes, self._max_seconds))
        decision = decide(fuse(heard, prior, (), self._weights), self._weights)
        readings: tuple[Reading, ...] = ()
        if decision.kind in ("confirm", "menu"):
            readings = self.read(heard, decision)
            decision = decide(fuse(heard, prior, readings, self._weights), self._weights)
        transcript = next((reading.transcript for reading in readings if reading.language == decision.language), None)
        return Identified(
            decision.language,
            decision.confidence,
            decision.kind,
            decision.candidates,
            heard.speech_seconds,
            time.perf_counter() - began,
            transcript,
        )

    def read(self, heard: Heard, decision: Decision) -> tuple[Reading, ...]:
        """The words of what was heard in each of the likeliest languages."""
        return tuple(_reading(code, self.ear.transcribe(heard, code)) for code, _ in decision.candidates[:_READINGS])


def _reading(code: str, transcript: Transcript) -> Reading:
    from voice.textid import identify_text  # its voters cost memory; most calls are decided without them

    guess = identify_text(transcript.text) if transcript.text else None
    return Reading(code, transcript, guess.language if guess else None, guess.confidence if guess else 0.0)
