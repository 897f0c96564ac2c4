"""Audio of the simulated phones: 16-bit mono PCM at 8 kHz in memory, and how long things take to hear."""

import io
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av

from voice.local.exchange import RATE as RATE
from voice.prompt_audio import hold_music, spoken

_CHARACTERS_PER_SECOND = 14.0
"""About 150 English words a minute."""


def to_pcm(data: bytes) -> bytes:
    """Any audio file as 16-bit mono PCM at RATE; empty when it holds none."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (av.error.FFmpegError, IndexError):
        return b""
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


def to_wav(pcm: bytes) -> bytes:
    """PCM as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(pcm)
    return out.getvalue()


def seconds_of(pcm: bytes) -> float:
    """How long PCM takes to hear."""
    return len(pcm) / 2 / RATE


def silence(seconds: float) -> bytes:
    """That much silence."""
    return b"\0\0" * int(seconds * RATE)


def piece(told: Mapping[str, Any], samples: Mapping[str, Path]) -> bytes:
    """One piece of what a phone plays by itself (`exchange.Behaviour.says`) as PCM; empty for what nobody knows."""
    if "sample" in told:
        path = samples.get(str(told["sample"]))
        return to_pcm(path.read_bytes()) if path else b""
    if "text" in told:
        return to_pcm(spoken(str(told["text"]), str(told.get("voice", "en-us"))))
    if "music" in told:
        return to_pcm(hold_music(int(told["music"])))
    return silence(float(told.get("silence", 0.0)))


def spoken_seconds(text: str) -> float:
    """How long a sentence takes to say."""
    return max(0.6, len(text) / _CHARACTERS_PER_SECOND)
