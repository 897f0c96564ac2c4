"""Sound in memory: bytes to samples, where the speech is, and the telephone's mu-law.

Everything works on float32 samples between -1 and 1, mono, at SAMPLE_RATE. Nothing here writes audio to disk.
"""

import io
from dataclasses import dataclass
from typing import TypeAlias

import av
import numpy as np
from faster_whisper import decode_audio
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from dispatch.errors import DispatchError

Samples: TypeAlias = NDArray[np.float32]

SAMPLE_RATE = 16_000
"""Hz; what Whisper and the voice activity detector take."""
TELEPHONE_RATE = 8_000
"""Hz; what telephone networks and the carrier's streams carry."""
MAX_SECONDS = 30.0
"""Of audio kept: Whisper hears no more at once, and a language shows in far less."""
_LEAST_SECONDS = 0.1
_VAD = VadOptions(threshold=0.5, min_speech_duration_ms=250, min_silence_duration_ms=300, speech_pad_ms=200)


class AudioUnreadable(DispatchError):
    """The bytes are not audio that can be heard: empty, cut off or damaged. Ask the caller to speak again."""


@dataclass(frozen=True)
class Speech:
    """Where in the audio somebody speaks."""

    seconds: float
    """Seconds of speech, pauses not counted."""
    samples: Samples
    """From the first word to the last, pauses included; empty when nobody speaks."""


def decode(data: bytes, max_seconds: float = MAX_SECONDS) -> Samples:
    """Decode WAV (or anything else FFmpeg reads) to samples at SAMPLE_RATE; what is after `max_seconds` is dropped.

    Raises AudioUnreadable for bytes that hold no audio.
    """
    if not data:
        raise AudioUnreadable("The recording is empty (0 bytes). Ask the caller to speak again.")
    try:
        samples: Samples = decode_audio(io.BytesIO(data), sampling_rate=SAMPLE_RATE)
    except (av.error.FFmpegError, ValueError, IndexError, EOFError) as error:
        raise AudioUnreadable(
            f"The recording could not be decoded ({type(error).__name__}). Ask the caller to speak again."
        ) from error
    if len(samples) < _LEAST_SECONDS * SAMPLE_RATE:
        raise AudioUnreadable(
            f"The recording is only {len(samples) / SAMPLE_RATE:.2f} s long. Ask the caller to speak again."
        )
    return samples[: int(max_seconds * SAMPLE_RATE)]


def find_speech(samples: Samples) -> Speech:
    """What a person says in `samples`, by voice activity (Silero, shipped with faster-whisper)."""
    parts = get_speech_timestamps(samples, _VAD)
    if not parts:
        return Speech(0.0, samples[:0])
    seconds = sum(part["end"] - part["start"] for part in parts) / SAMPLE_RATE
    return Speech(seconds, samples[parts[0]["start"] : parts[-1]["end"]])


def from_mulaw(data: bytes) -> Samples:
    """Telephone mu-law bytes (ITU-T G.711) as samples at TELEPHONE_RATE."""
    coded = ~np.frombuffer(data, dtype=np.uint8)
    exponent = ((coded >> 4) & 0x07).astype(np.int32)
    mantissa = (coded & 0x0F).astype(np.int32)
    magnitude = (((mantissa << 3) + 132) << exponent) - 132
    signed = np.where(coded & 0x80, -magnitude, magnitude)
    return (signed / 32768.0).astype(np.float32)


def to_mulaw(samples: Samples) -> bytes:
    """Samples at TELEPHONE_RATE as telephone mu-law bytes (ITU-T G.711)."""
    pcm = np.clip(np.rint(samples * 32768.0), -32635, 32635).astype(np.int32)
    biased = np.abs(pcm) + 132
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    coded = np.where(pcm < 0, 0x80, 0) | (exponent << 4) | mantissa
    return bytes(~coded.astype(np.uint8))


def at_16k(samples: Samples) -> Samples:
    """Samples at TELEPHONE_RATE brought to SAMPLE_RATE, by FFmpeg's resampler."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = TELEPHONE_RATE
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([piece.to_ndarray().reshape(-1) for piece in frames])
