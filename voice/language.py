"""One decision from what was heard: which language, how sure, and what to do about it.

`fuse` and `decide` are plain functions. Where the sound alone is sure, that is the answer; only otherwise the speech is
written down in each of the likeliest languages, and how well it reads in each, and what the words themselves look like,
repair the sound's mistakes. What the model knows nothing about ends as NONE, "none of these", and a language that
others are regularly taken for becomes a question. Weights are fitted by `python -m benchmarks.speech_language
--calibrate`.
"""

import math
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from dispatch import confusions, languages
from dispatch.gist import Gist
from voice.audio import MAX_SECONDS, AudioUnreadable, Samples, decode
from voice.model_files import model_folder
from voice.speech import Ear, Heard, Transcript

__all__ = ["NONE", "AudioUnreadable", "Calibration", "Decision", "Identified", "LanguageListener", "decide", "fuse"]

NONE = "none"
"""Key of "none of the languages that can be routed" in a distribution."""
DecisionKind = Literal["accept", "confirm", "menu", "no_speech"]

_READ_BY_SOUND = 3
_READ_BY_PRIOR = 2
"""The agency's commonest languages are tried too: the sound sometimes leaves the right one out of its first three."""
_CANDIDATES = 3
_SMALLEST = 1e-4
_NO_SPEECH = 0.9


@dataclass(frozen=True)
class Calibration:
    """Weights and thresholds, fitted on development clips. Probabilities are 0 to 1."""

    temperature: float
    """Divides the sound's log posterior; above 1 is more modest than the model."""
    prior_weight: float
    prior_floor: float
    """Prior of a language the agency did not list."""
    reading_weight: float
    """Of a reading's mean log probability a token, against the best reading's."""
    text_weight: float
    """Of the log probability that the words of the reading are in its language."""
    unread: float
    """Taken from languages that were not tried."""
    none_constant: float
    none_unroutable: float
    """Of the share of the sound's posterior that lies on languages nobody can be routed to."""
    none_reading: float
    """Of the best reading's mean log probability: none reads well, none is right."""
    sure: float
    """Accepted on the sound alone from here; otherwise the words are looked at."""
    accept: float
    confirm: float

    @classmethod
    @cache
    def fitted(cls) -> "Calibration":
        """The shipped calibration."""
        data = tomllib.loads(files("voice").joinpath("calibration.toml").read_text(encoding="utf-8"))
        return cls(**{field.name: float(data[field.name]) for field in fields(cls)})

    def asked(self, accept: float | None, confirm: float | None) -> "Calibration":
        """The same with the agency's own thresholds, where it has set any; the sound alone must be as sure."""
        told = self if accept is None else replace(self, accept=accept, sure=max(accept, self.sure))
        return told if confirm is None else replace(told, confirm=min(confirm, told.accept))


@dataclass(frozen=True)
class Reading:
    """The speech written down as if it were in `language`."""

    language: str
    transcript: Transcript
    text_probability: float = 0.0
    """That the words are in this language, by their writing alone."""


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
    heard: Heard
    """For `gist`: what was heard can still be written down."""


def fuse(
    heard: Heard, prior: Mapping[str, float], readings: Sequence[Reading] = (), weights: Calibration | None = None
) -> dict[str, float]:
    """Probabilities of the routable languages and NONE, summing to 1; empty when nobody spoke.

    `prior` is ISO 639-3 to probability; languages it leaves out keep a floor.
    """
    if not heard.has_speech or (readings and _nobody_speaks(readings)):
        return {}
    weights = weights or Calibration.fitted()
    routable = languages.all_languages()
    scores = {
        code: math.log(max(p, _SMALLEST)) / weights.temperature
        + weights.prior_weight * math.log(max(prior.get(code, 0.0), weights.prior_floor))
        for code, p in heard.posterior.items()
        if code in routable
    }
    best_reading = _weigh_readings(scores, readings, weights)
    best = max(scores.values())
    likely = {code: math.exp(score - best) for code, score in scores.items()}
    unroutable = sum(p for code, p in heard.posterior.items() if code not in routable)
    none = _none(unroutable, best_reading, weights)
    total = sum(likely.values())
    return {code: (1 - none) * value / total for code, value in likely.items()} | {NONE: none}


def _nobody_speaks(readings: Sequence[Reading]) -> bool:
    """Noise that passed for speech: the model sees no speech in it and no reading holds a believable word."""
    silent = min(reading.transcript.no_speech_prob for reading in readings) > _NO_SPEECH
    return silent and not any(reading.transcript.text for reading in readings)


def _weigh_readings(scores: dict[str, float], readings: Sequence[Reading], weights: Calibration) -> float:
    """A language whose reading the model finds likelier gains; so do the words' own signs. Returns the best reading's
    mean log probability, 0 where there is none."""
    if not readings:
        return 0.0
    best = max(reading.transcript.avg_logprob for reading in readings)
    tried = {reading.language: reading for reading in readings}
    for code in scores:
        reading = tried.get(code)
        if reading is None:
            scores[code] -= weights.unread
            continue
        scores[code] += weights.reading_weight * (reading.transcript.avg_logprob - best)
        scores[code] += weights.text_weight * math.log(max(reading.text_probability, 0.02))
    return best


def _none(unroutable: float, best_reading: float, weights: Calibration) -> float:
    logit = weights.none_constant + weights.none_unroutable * unroutable + weights.none_reading * -best_reading
    return 1.0 / (1.0 + math.exp(-max(min(logit, 30.0), -30.0)))


def decide(
    distribution: Mapping[str, float], weights: Calibration | None = None, sound_alone: bool = False
) -> Decision:
    """Accept above the accept threshold, ask above the confirm threshold, otherwise the menu."""
    weights = weights or Calibration.fitted()
    ranked = sorted(((code, p) for code, p in distribution.items() if code != NONE), key=lambda pair: -pair[1])
    if not ranked:
        return Decision("no_speech", None, 0.0, ())
    language, confidence = ranked[0]
    candidates = tuple(ranked[:_CANDIDATES])
    if confidence >= (weights.sure if sound_alone else weights.accept):
        return Decision("accept", language, confidence, candidates)
    if confidence >= weights.confirm and confidence > distribution.get(NONE, 0.0):
        return Decision("confirm", language, confidence, candidates)
    return Decision("menu", language, confidence, candidates)


def question(decision: Decision, readings: Sequence[Reading]) -> Decision:
    """An accepted language that others are regularly taken for becomes a question, unless its reading is clear.

    The others come right after it among the candidates. Languages of the Americas are never added by a machine: a
    Spanish result offers them by key instead (dispatch/prompts.py).
    """
    if decision.kind != "accept" or decision.language is None:
        return decision
    risk = confusions.taken_for(decision.language)
    reading = next((r for r in readings if r.language == decision.language), None)
    clear = (
        reading is not None
        and reading.transcript.avg_logprob > confusions.CLEAR_READING
        and reading.text_probability > confusions.CLEAR_TEXT
    )
    if not risk.others or (clear and not risk.always):
        return decision
    left = tuple(pair for pair in decision.candidates[1:] if pair[0] not in risk.others)
    candidates = (decision.candidates[0], *((code, 0.0) for code in risk.others), *left)
    return replace(decision, kind="confirm", candidates=candidates[:_CANDIDATES])


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
        return self.identify_samples(decode(wav_bytes, self._max_seconds), prior)

    def identify_samples(self, samples: Samples, prior: Mapping[str, float]) -> Identified:
        """The same, for samples at `voice.audio.SAMPLE_RATE`."""
        began = time.perf_counter()
        heard = self.ear.hear(samples)
        distribution = fuse(heard, prior, (), self._weights)
        decision = decide(distribution, self._weights, sound_alone=True)
        at_risk = decision.language is not None and confusions.taken_for(decision.language).others
        if decision.kind != "no_speech" and (decision.kind != "accept" or at_risk):
            readings = self.read(heard, distribution, prior)
            decision = question(decide(fuse(heard, prior, readings, self._weights), self._weights), readings)
        return Identified(
            decision.language,
            decision.confidence,
            decision.kind,
            decision.candidates,
            heard.speech_seconds,
            time.perf_counter() - began,
            heard,
        )

    def read(self, heard: Heard, distribution: Mapping[str, float], prior: Mapping[str, float]) -> tuple[Reading, ...]:
        """The words of what was heard, in each language worth trying."""
        by_sound = sorted((c for c in distribution if c in self.ear.writes), key=lambda c: -distribution[c])
        by_prior = sorted((c for c in prior if c in self.ear.writes), key=lambda c: -prior[c])
        tried = tuple(dict.fromkeys((*by_sound[:_READ_BY_SOUND], *by_prior[:_READ_BY_PRIOR])))
        return tuple(_reading(code, transcript) for code, transcript in self.ear.read(heard, tried).items())

    def gist(self, identified: Identified, language: str) -> Gist | None:
        """The words in `language` (ISO 639-3) and in English; None where the model cannot write it or heard nothing."""
        if language not in self.ear.writes or not identified.heard.has_speech:
            return None
        said = self.ear.transcribe(identified.heard, language)
        english = said
        if language != "eng":
            english = self.ear.read(identified.heard, (language,), task="translate")[language]
        if not english.text:
            return None
        certainty = math.exp(min(said.avg_logprob, english.avg_logprob, 0.0))
        return Gist(said.text, english.text, language, certainty)


def _reading(code: str, transcript: Transcript) -> Reading:
    from voice.textid import identify_text  # its voters cost memory; most calls are decided without them

    ranking = dict(identify_text(transcript.text).ranking) if transcript.text else {}
    return Reading(code, transcript, ranking.get(code, 0.0))
