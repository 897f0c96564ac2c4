"""How each sentence is heard: the agency's own recording, the carrier's voice, local speech, or a second language.

`PromptAudio.source` decides; `wav` makes the local ones. What is spoken here holds nothing about anybody, so it is kept
in the cache folder: a sentence is synthesised once.
"""

import hashlib
import io
import math
import secrets
import shutil
import struct
import subprocess
import tomllib
import wave
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

import langcodes
import stamina

from dispatch import languages, phrases
from dispatch.errors import DispatchError

RATE = 8_000
"""Hz, 16-bit mono: what a telephone carries."""
_ESPEAK_SECONDS = 20
_WORDS_PER_MINUTE = 150
"""Slower than espeak-ng's 175: heard over a telephone, in distress, by people who may not read."""
_ESPEAK_NAMES = {"arb": "ar", "pes": "fa", "prs": "fa", "npi": "ne", "swh": "sw", "hat": "ht", "kmr": "ku"}
"""Where espeak-ng's name differs. Its Kurdish reads Latin letters, so Kurmanji; Sorani's Arabic ones it only spells."""


class SpeechUnavailable(DispatchError):
    """The sentence cannot be spoken on this machine."""


@dataclass(frozen=True)
class CarrierVoice:
    """A voice of the carrier's: BCP 47 tag and voice name for `<Say>`."""

    tag: str
    voice: str


@dataclass(frozen=True)
class Recorded:
    """The agency's own recording of the sentence."""

    path: Path


@dataclass(frozen=True)
class Spoken:
    """Local speech, by espeak-ng's voice of that name."""

    voice: str


Source = Recorded | CarrierVoice | Spoken


@cache
def carrier_voices() -> dict[str, CarrierVoice]:
    """The carrier's voices by ISO 639-3."""
    data = tomllib.loads(files("voice").joinpath("carrier_voices.toml").read_text(encoding="utf-8"))
    return {code: CarrierVoice(entry["tag"], entry["voice"]) for code, entry in data.items()}


@cache
def espeak_voices() -> dict[str, str]:
    """espeak-ng's voices on this machine: language name as espeak writes it, to voice file. Empty without espeak-ng."""
    program = shutil.which("espeak-ng")
    if program is None:
        return {}
    listed = subprocess.run([program, "--voices"], capture_output=True, text=True, check=True, timeout=_ESPEAK_SECONDS)
    return {columns[1].lower(): columns[1] for line in listed.stdout.splitlines()[1:] if (columns := line.split())}


class PromptAudio:
    """Chooses and makes the sound of sentences."""

    def __init__(self, recordings_dir: Path, cache_dir: Path) -> None:
        """`recordings_dir` holds `<language>/<phrase>.wav`, and `<phrase>-<digit>.wav` for menu lines."""
        self._recordings = recordings_dir
        self._cache = cache_dir

    def source(self, key: str, language: str, digit: str = "", named: str = "") -> Source | None:
        """Where the sentence's sound in that language comes from; None when nothing here or there can speak it.

        `named`: the language or place that is named in it. A recording names its own language, so it cannot stand for
        the sentence about another. A voice speaks only what is written in its language: English words in a Greek voice
        are understood by nobody.
        """
        recorded = self._recorded(key, language, digit, named)
        if recorded is not None:
            return Recorded(recorded)
        if not phrases.has(key, language):
            return None
        if language in carrier_voices():
            return carrier_voices()[language]
        voice = espeak_voice(language)
        return Spoken(voice) if voice is not None else None

    def wav(self, text: str, voice: str) -> bytes:
        """`text` spoken by espeak-ng: WAV at RATE. Raises SpeechUnavailable."""
        name = hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()[:24]
        kept = self._cache / f"{name}.wav"
        if not kept.is_file():
            self._cache.mkdir(parents=True, exist_ok=True)
            # Two callers may be the first to hear it in the same moment: each writes a file of its own.
            partial = kept.with_suffix(f".{secrets.token_hex(4)}.partial")
            partial.write_bytes(telephone_wav(_espeak(text, voice)))
            partial.replace(kept)
        return kept.read_bytes()

    def of(self, key: str, language: str, digit: str = "", named: str = "", /, **params: str) -> bytes:
        """The sentence as WAV, from a recording or local speech; `named` as in `source`. Raises SpeechUnavailable."""
        recorded = self._recorded(key, language, digit, named)
        if recorded is not None:
            return recorded.read_bytes()
        voice = espeak_voice(language) if phrases.has(key, language) else None
        if voice is None:
            name = _file(key, digit)
            raise SpeechUnavailable(f"Nothing here speaks {language!r}: record {language}/{name} or install espeak-ng.")
        return self.wav(phrases.sentence(key, language, **params, **({"digit": digit} if digit else {})).text, voice)

    def _recorded(self, key: str, language: str, digit: str, named: str) -> Path | None:
        if named not in ("", language) and "language" in phrases.placeholders(key, phrases.FALLBACK):
            return None
        path = self._recordings / language / _file(key, digit)
        return path if path.is_file() else None


def _file(key: str, digit: str) -> str:
    return f"{key}-{digit}.wav" if digit else f"{key}.wav"


@lru_cache(maxsize=512)
def espeak_voice(language: str) -> str | None:
    """espeak-ng's voice for an ISO 639-3 language, or None."""
    known = espeak_voices()
    for name in (_ESPEAK_NAMES.get(language, ""), languages.tag(language), langcodes.get(language).language or ""):
        if name.lower() in known:
            return known[name.lower()]
    return None


@lru_cache(maxsize=8)
def hold_music(seconds: int) -> bytes:
    """Quiet, slow chords for the wait: WAV at RATE. Made here, so it is nobody else's music."""
    chords = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6), (196.0, 246.9, 329.6))
    samples = []
    for position in range(seconds * RATE):
        at = position / RATE
        chord = chords[int(at / 3) % len(chords)]
        swell = math.sin(math.pi * (at % 3) / 3) ** 2
        tone = sum(math.sin(2 * math.pi * note * at) for note in chord) / len(chord)
        samples.append(int(4500 * swell * tone))
    return _wav(struct.pack(f"<{len(samples)}h", *samples))


def spoken(text: str, voice: str) -> bytes:
    """`text` by espeak-ng, as it writes it: WAV. Raises SpeechUnavailable."""
    return _espeak(text, voice)


@stamina.retry(on=subprocess.TimeoutExpired, attempts=2)
def _espeak(text: str, voice: str) -> bytes:
    program = shutil.which("espeak-ng")
    if program is None:
        raise SpeechUnavailable("espeak-ng is not installed: sudo apt-get install espeak-ng.")
    command = [program, "-v", voice, "-s", str(_WORDS_PER_MINUTE), "--stdin", "--stdout"]
    spoken = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_ESPEAK_SECONDS)
    if spoken.returncode != 0 or not spoken.stdout:
        raise SpeechUnavailable(f"espeak-ng could not speak with voice {voice!r}; see that its data is installed.")
    return spoken.stdout


def telephone_wav(wav_bytes: bytes) -> bytes:
    """Any sound FFmpeg reads, brought to RATE, mono, 16 bit, by its resampler."""
    import av  # only the processes that make speech pay for loading it

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    frames = []
    # espeak-ng streams its output and leaves the length in the header open.
    with av.open(io.BytesIO(wav_bytes), mode="r") as container:
        for frame in container.decode(audio=0):
            frames += resampler.resample(frame)
    frames += resampler.resample(None)
    return _wav(b"".join(frame.to_ndarray().tobytes() for frame in frames))


def _wav(pcm: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(pcm)
    return out.getvalue()
