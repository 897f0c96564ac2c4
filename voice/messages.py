"""A caller's whole message, written down piece by piece: the model hears half a minute at once. Memory only."""

import math
from collections.abc import Iterator

from faster_whisper.vad import VadOptions, get_speech_timestamps

from dispatch.gist import Gist
from voice.audio import SAMPLE_RATE, Samples, decode
from voice.speech import Ear, Transcript

LONGEST_SECONDS = 125.0
"""Two minutes are recorded at most (voice.twiml)."""
_PIECE_SECONDS = 28
_PAUSE_SECONDS = 1.0
_VAD = VadOptions(
    threshold=0.5,
    min_speech_duration_ms=250,
    min_silence_duration_ms=500,
    speech_pad_ms=200,
    max_speech_duration_s=_PIECE_SECONDS - 1,
)


def write_down(ear: Ear, wav: bytes, language: str) -> tuple[Gist, float]:
    """The message in its language (ISO 639-3) and in English, and seconds of speech.

    Words are empty where nobody speaks or the model cannot write that language: never a guess in another one. Raises
    AudioUnreadable, ModelForked.
    """
    said: list[Transcript] = []
    english: list[Transcript] = []
    seconds = 0.0
    for piece in _pieces(decode(wav, LONGEST_SECONDS)):
        heard = ear.hear(piece)
        seconds += heard.speech_seconds
        if language not in ear.writes or not heard.has_speech:
            continue
        said.append(ear.transcribe(heard, language))
        task = "transcribe" if language == "eng" else "translate"
        english.append(said[-1] if language == "eng" else ear.read(heard, (language,), task=task)[language])
    sure = min((_mean(said), _mean(english)), default=0.0)
    return Gist(_joined(said), _joined(english), language, sure), seconds


def _pieces(samples: Samples) -> Iterator[Samples]:
    """What is said in one breath, each short enough to be heard at once: after a long pause the model stops writing."""
    start: int | None = None
    end = 0
    for part in get_speech_timestamps(samples, _VAD):
        too_long = start is not None and part["end"] - start > _PIECE_SECONDS * SAMPLE_RATE
        if start is not None and (too_long or part["start"] - end > _PAUSE_SECONDS * SAMPLE_RATE):
            yield samples[start:end]
            start = None
        start = part["start"] if start is None else start
        end = part["end"]
    if start is not None:
        yield samples[start:end]


def _joined(pieces: list[Transcript]) -> str:
    return " ".join(piece.text for piece in pieces if piece.text)


def _mean(pieces: list[Transcript]) -> float:
    """Probability of a token, as a geometric mean over what was believed; 0 where nothing was."""
    believed = [(piece.avg_logprob, len(piece.text)) for piece in pieces if piece.text]
    weight = sum(length for _, length in believed)
    return math.exp(min(sum(logprob * length for logprob, length in believed) / weight, 0.0)) if weight else 0.0
