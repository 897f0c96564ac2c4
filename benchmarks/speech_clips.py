"""Labelled speech to measure on: recorded people, local synthetic voices, telephone faults, and sounds without speech.

The people are the professional telephone prompts of Debian's `asterisk-core-sounds-{en,es,fr,it,ru}-wav` (8 kHz). The
GSM versions of the same prompts are in the `-gsm` packages. Synthetic clips are espeak-ng saying this product's own
sentences; they are reported apart, for a synthetic voice is not a person.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch import languages, phrases
from dispatch.settings import Settings
from voice.audio import SAMPLE_RATE, TELEPHONE_RATE, Samples, at_16k, decode, find_speech, from_mulaw, to_mulaw
from voice.prompt_audio import PromptAudio, SpeechUnavailable, espeak_voice, hold_music

SOUNDS = Path("/usr/share/asterisk/sounds")
VOICES = {
    "eng": "en_US_f_Allison",
    "spa": "es_MX_f_Allison",
    "fra": "fr_CA_f_June",
    "ita": "it_IT_m_Carlo",
    "rus": "ru_RU_f_IvrvoiceRU",
}
LEAST_SECONDS = 2.0
MOST_SECONDS = 12.0
_SPOKEN = ("speak_now", "say_again", "please_wait", "nobody_free", "trouble", "joined")
_NAMELESS = ("eo", "jbo", "qya", "sjn", "piqd", "io", "lfn", "nci", "quc", "qu", "gn", "ku", "om", "tn", "hak", "bpy")
"""espeak-ng voices of languages that the speech model has no token for."""


@dataclass(frozen=True)
class Clip:
    """One labelled clip. `language` is ISO 639-3, "none" for one the model cannot name, "" where nobody speaks."""

    language: str
    kind: str
    name: str
    samples: Samples
    """At SAMPLE_RATE."""


def people(each: int, seed: int = 5, suffix: str = "wav") -> Iterator[Clip]:
    """Up to `each` prompts a language, of LEAST_SECONDS to MOST_SECONDS, that hold speech."""
    for language, folder in VOICES.items():
        found = sorted((SOUNDS / folder).rglob("*.wav"))
        if not found and suffix == "wav":
            raise SystemExit(f"Install the prompts first: apt-get install asterisk-core-sounds-{folder[:2]}-wav")
        # Letters and numbers alone are said alike in several languages.
        found = [path for path in found if not {"digits", "letters", "phonetic", "silence"} & set(path.parts)]
        random.Random(seed).shuffle(found)
        taken = 0
        for path in found:
            written = path.with_suffix(f".{suffix}")
            if taken == each or not written.exists() or path.stat().st_size < 2 * TELEPHONE_RATE * LEAST_SECONDS:
                continue
            samples = decode(written.read_bytes())
            seconds = find_speech(samples).seconds
            if len(samples) > MOST_SECONDS * SAMPLE_RATE or seconds < 0.75 * LEAST_SECONDS or "misdn" in path.name:
                continue
            taken += 1
            yield Clip(language, "people" if suffix == "wav" else suffix, f"{language}/{path.stem}", samples)


def labelled(folder: Path) -> Iterator[Clip]:
    """An agency's own clips: `folder`/<ISO 639-3>/<anything>.wav."""
    for path in sorted(folder.glob("*/*")):
        if path.is_file():
            yield Clip(languages.normalise(path.parent.name), "people", str(path), decode(path.read_bytes()))


def synthetic(cache: Path) -> Iterator[Clip]:
    """espeak-ng saying the product's sentences, in the languages that have both."""
    audio = PromptAudio(Path("recordings"), cache)
    params = {"agency": "", "emergency": "911"}
    for code in languages.all_languages():
        voice = espeak_voice(code)
        named = languages.get(code).whisper
        if voice is None or named is None or code in VOICES:
            continue
        for key in _SPOKEN:
            if phrases.has(key, code):
                wav = audio.wav(phrases.sentence(key, code, **params).text, voice)
                yield Clip(code, "synthetic", f"{code}/{key}", decode(wav))


def nameless(cache: Path) -> Iterator[Clip]:
    """espeak-ng's voices for languages the model cannot name, saying what their letters let them say."""
    audio = PromptAudio(Path("recordings"), cache)
    texts = {
        "quc": "Jas ri ab'i' la? Utz, maltyox. Kinch'aw pa qatzij, man weta'm ta kaxtila tzij.",
        "nci": "Ticmati in tlahtolli? Nehuatl nitlahtoa nahuatl, ahmo nicmati caxtillan tlahtolli.",
        "qu": "Imaynallam kashanki? Ñuqaqa runasimita rimani, manam kastillanuta yachanichu.",
        "gn": "Mba'éichapa? Che añe'ẽ avañe'ẽme, ndaikuaái karaiñe'ẽ. Eipytyvõna chéve.",
        "ku": "Tu çawa yî? Ez bi kurdî diaxivim, ez bi zimanekî din nizanim. Ji kerema xwe alîkarî.",
        "om": "Akkam jirta? Ani Afaan Oromoo dubbadha. Afaan Ingiliffaa hin beeku. Maaloo na gargaari.",
        "tn": "O kae? Ke bua Setswana. Ga ke itse Sekgoa. Tsweetswee nthuse, ke kopa mofetoledi.",
    }
    for voice in _NAMELESS:
        text = texts.get(voice, "Mi ne parolas la anglan. Bonvolu helpi min, mi bezonas interpretiston nun.")
        for number, said in enumerate((text, text.split(". ", 1)[-1])):
            try:
                yield Clip("none", "nameless", f"{voice}/{number}", decode(audio.wav(said, voice)))
            except SpeechUnavailable:
                continue


def without_speech() -> Iterator[Clip]:
    """Silence, noise, tones, dialling, ringing, hold music."""
    rng = np.random.default_rng(3)
    seconds = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    sounds: dict[str, Samples] = {"silence": np.zeros_like(seconds)}
    for level in (0.003, 0.03, 0.2):
        sounds[f"white noise {level}"] = rng.normal(0, level, len(seconds))
        sounds[f"brown noise {level}"] = np.cumsum(rng.normal(0, level, len(seconds))) / 40
    for pitch in (440, 1000, 2100):
        sounds[f"tone {pitch}"] = 0.4 * np.sin(2 * np.pi * pitch * seconds)
    for low, high in ((697, 1209), (770, 1336), (941, 1477)):
        key = (np.sin(2 * np.pi * low * seconds) + np.sin(2 * np.pi * high * seconds)) * 0.25
        sounds[f"keys {low}"] = key * ((seconds % 0.5) < 0.2)
    sounds["ringing"] = (
        (np.sin(2 * np.pi * 440 * seconds) + np.sin(2 * np.pi * 480 * seconds)) * 0.2 * (seconds % 6 < 2)
    )
    for name, samples in sounds.items():
        yield Clip("", "no speech", name, samples.astype(np.float32))
    for length in (6, 12):
        yield Clip("", "no speech", f"music {length}", decode(hold_music(length)))
    for path in sorted((SOUNDS.parent / "moh").glob("*.wav"))[:3]:
        yield Clip("", "no speech", path.name, decode(path.read_bytes(), MOST_SECONDS))


def faulty(clips: list[Clip]) -> Iterator[Clip]:
    """The same clips through what telephones do to speech."""
    rng = np.random.default_rng(11)
    faults: dict[str, Callable[[Samples], Samples]] = {
        "mu-law": lambda samples: at_16k(from_mulaw(to_mulaw(_at_8k(samples)))),
        "10 dB noise": lambda samples: samples + rng.normal(0, _rms(samples) / 10**0.5, len(samples)),
        "clipping": lambda samples: np.clip(samples * 8, -0.5, 0.5),
        "5 % packet loss": lambda samples: samples * _kept(len(samples), 0.05, rng),
    }
    for name, fault in faults.items():
        for clip in clips:
            yield Clip(clip.language, name, clip.name, fault(clip.samples).astype(np.float32))


def _at_8k(samples: Samples) -> Samples:
    """The clips were 8 kHz to begin with: every second sample holds all there is."""
    return samples[::2]


def _rms(samples: Samples) -> float:
    loud = samples[np.abs(samples) > 0.02]
    return float(np.sqrt(np.mean(loud**2))) if len(loud) else 0.05


def _kept(length: int, loss: float, rng: np.random.Generator) -> Samples:
    """1 where a 20 ms packet arrived, 0 where it was lost."""
    packet = SAMPLE_RATE // 50
    return np.repeat(rng.random(length // packet + 1) > loss, packet)[:length]


def cache_folder() -> Path:
    """Where synthetic speech is kept between runs."""
    return Settings().cache_dir / "benchmarks"
