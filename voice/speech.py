"""Whisper, kept resident: which languages a piece of speech could be in, and its words.

Promises to hear only as much as was said. Whisper pads every clip to 30 s; its encoder takes shorter input, and
encoding is where the time goes. So the speech is placed in the shortest window that holds all of it, and never cut.
"""

import os
import re
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import langcodes
import numpy as np
from ctranslate2 import StorageView
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from dispatch import languages
from dispatch.errors import DispatchError
from voice.audio import SAMPLE_RATE, Samples, find_speech

WINDOWS = (5, 10, 15, 30)
"""Seconds. A 3 s window loses 13 points of accuracy on 2 to 3 s telephone prompts and saves little (benchmarks)."""
LEAST_SPEECH_SECONDS = 0.4
"""Less than this is a click, a breath or a tone that the voice activity detector let through."""

_FRAMES_PER_SECOND = 100
_TOKENS_PER_SECOND = 12
_TOKENS_AT_LEAST = 16
_LOOP_COMPRESSION = 2.4
"""faster-whisper's own limit: text that compresses better than this repeats itself."""
_UNSURE_LOGPROB = -1.0
_SILENCE_PROBABILITY = 0.6

_INVENTIONS = re.compile(
    r"amara\.org|subtitl|sous-titr|subt[ií]tul|untertit|sottotitol|legendas|napisy|субтитр|редактор субтитров|"
    r"продолжение следует|thanks? (you )?for watching|gracias por ver|obrigad[oa] por assistir|merci d'avoir regard|"
    r"ご視聴ありがとう|字幕|订阅|請不吝點贊|시청해\s?주셔서|mbc 뉴스|altyaz[ıi]|اشترك|ترجمة نانسي|www\.\S+\.(com|org)",
    re.IGNORECASE,
)
"""What Whisper is known to write over silence and noise: the credits of the subtitles it was trained on."""
_POLITE = re.compile(r"\W*(thank you|thanks|you|bye|bye-bye|gracias|merci|okay|so)\W*", re.IGNORECASE)
"""Also invented over noise, but really said too: believed only where there is speech enough."""


class ModelForked(DispatchError):
    """The model was loaded before a fork. Load it in the process that uses it."""


@dataclass(frozen=True)
class Heard:
    """What the encoder and the language head made of one piece of speech."""

    posterior: Mapping[str, float]
    """ISO 639-3 to probability, over every language the model names; empty when nobody speaks."""
    speech_seconds: float
    seconds_taken: float
    window_seconds: int = 0
    encoded: Any = field(default=None, repr=False, compare=False)
    """The encoder's output, for `Ear.transcribe`."""

    @property
    def has_speech(self) -> bool:
        """Whether anybody spoke."""
        return bool(self.posterior)


@dataclass(frozen=True)
class Transcript:
    """The words, as far as they can be believed."""

    text: str
    """Empty where the model only invented something over silence or noise."""
    avg_logprob: float
    """Mean natural-log probability of a token: 0 is certain, under -1 is guessing."""
    no_speech_prob: float


@cache
def product_code(whisper: str) -> str:
    """ISO 639-3 for the model's own code, for languages we route and for those we do not."""
    return languages.from_whisper(whisper) or langcodes.get(whisper).to_alpha3()


def window_for(seconds: float) -> int:
    """The shortest window in seconds that holds `seconds` of audio; the longest for anything beyond."""
    return next((window for window in WINDOWS if window >= seconds), WINDOWS[-1])


class Ear:
    """One loaded model. Use it in the process that made it, from one thread at a time."""

    def __init__(self, model: Path | str, cpu_threads: int = 2) -> None:
        self._model = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=cpu_threads)
        self._pid = os.getpid()
        self._whisper_codes = {product_code(code): code for code in self._model.supported_languages}

    def hear(self, samples: Samples) -> Heard:
        """Which languages the speech in `samples` could be in. Raises ModelForked."""
        self._same_process()
        began = time.perf_counter()
        speech = find_speech(samples)
        if speech.seconds < LEAST_SPEECH_SECONDS:
            return Heard({}, speech.seconds, time.perf_counter() - began)
        window = window_for(len(speech.samples) / SAMPLE_RATE)
        encoded = self._model.encode(self._features(speech.samples, window))
        found = self._model.model.detect_language(encoded)[0]
        posterior = {product_code(token.strip("<|>")): float(p) for token, p in found}
        return Heard(posterior, speech.seconds, time.perf_counter() - began, window, encoded)

    def transcribe(self, heard: Heard, language: str) -> Transcript:
        """The words of what was heard, taken to be in `language` (ISO 639-3). Raises ModelForked.

        Raises ValueError for a language the model cannot write.
        """
        return self.read(heard, (language,))[language]

    def read(self, heard: Heard, languages_asked: Sequence[str], task: str = "transcribe") -> dict[str, Transcript]:
        """What was heard, written down as if it were in each of the languages (ISO 639-3): one batch, one pass.

        `task` "translate" gives English words instead. Raises ModelForked; ValueError for a language the model cannot
        write.
        """
        self._same_process()
        for language in languages_asked:
            if language not in self._whisper_codes:
                raise ValueError(f"The speech model cannot write {language!r}, only {sorted(self._whisper_codes)}.")
        if not heard.has_speech or not languages_asked:
            return {language: Transcript("", 0.0, 1.0) for language in languages_asked}
        tokenizers = [
            Tokenizer(self._model.hf_tokenizer, True, task=task, language=self._whisper_codes[language])
            for language in languages_asked
        ]
        prompts = [[*tokenizer.sot_sequence, tokenizer.no_timestamps] for tokenizer in tokenizers]
        once = np.asarray(heard.encoded)
        results = self._model.model.generate(
            StorageView.from_array(np.ascontiguousarray(np.repeat(once, len(prompts), axis=0))),
            prompts,
            beam_size=1,
            max_length=len(prompts[0]) + _TOKENS_AT_LEAST + int(_TOKENS_PER_SECOND * heard.speech_seconds),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return {
            language: _transcript(result, tokenizer, heard.speech_seconds)
            for language, result, tokenizer in zip(languages_asked, results, tokenizers, strict=True)
        }

    @property
    def writes(self) -> frozenset[str]:
        """ISO 639-3 codes of the languages that the model can write down."""
        return frozenset(self._whisper_codes)

    def _features(self, samples: Samples, window: int) -> Samples:
        """Log-mel frames of the window; what is after the speech is as quiet as Whisper's own padding."""
        frames: Samples = self._model.feature_extractor(samples)
        wanted = window * _FRAMES_PER_SECOND
        missing = max(0, wanted - frames.shape[1])
        return np.pad(frames, ((0, 0), (0, missing)), constant_values=frames.min())[:, :wanted]

    def _same_process(self) -> None:
        if os.getpid() != self._pid:
            raise ModelForked(
                f"The speech model belongs to process {self._pid}, not {os.getpid()}: it does not survive a fork. "
                "Use workers that stay resident, and load the model in each of them."
            )


def _transcript(result: Any, tokenizer: Tokenizer, speech_seconds: float) -> Transcript:
    tokens = result.sequences_ids[0]
    avg_logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
    text = believable(tokenizer.decode(tokens).strip(), avg_logprob, result.no_speech_prob, speech_seconds)
    return Transcript(text, avg_logprob, result.no_speech_prob)


def believable(text: str, avg_logprob: float, no_speech_prob: float, speech_seconds: float) -> str:
    """`text`, or "" where it is one of Whisper's known inventions."""
    raw = text.encode()
    loops = len(raw) > 40 and len(raw) / len(zlib.compress(raw)) > _LOOP_COMPRESSION
    guessed = no_speech_prob > _SILENCE_PROBABILITY and avg_logprob < _UNSURE_LOGPROB
    polite = _POLITE.fullmatch(text) and (speech_seconds < 1.0 or no_speech_prob > _SILENCE_PROBABILITY)
    return "" if loops or guessed or polite or _INVENTIONS.search(text) else text
