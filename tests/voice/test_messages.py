"""A whole message is written down, beyond the half minute that the model hears at once; silence and other languages."""

import io
import wave
from pathlib import Path

import pytest

from dispatch.settings import Settings
from voice.messages import write_down
from voice.speech import Ear
from workers.wiring import listener

SPEECH = Path(__file__).parents[2] / "workers" / "sample" / "speech"


@pytest.fixture(scope="module")
def ear() -> Ear:
    """The bundled model."""
    return listener(Settings(_env_file=None)).ear


def message(*names: str, pause: float = 0.0) -> bytes:
    """Recordings one after the other, as the carrier would hand them over."""
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        for number, name in enumerate(names):
            with wave.open(str(SPEECH / f"{name}.wav")) as source:
                if number == 0:
                    target.setparams(source.getparams())
                target.writeframes(source.readframes(source.getnframes()))
                target.writeframes(b"\0\0" * int(pause * source.getframerate()))
    return out.getvalue()


def test_a_message_longer_than_the_model_hears_at_once_is_written_to_its_end(ear: Ear) -> None:
    written, seconds = write_down(ear, message("spanish", "spanish", "spanish", "spanish", "spanish", pause=3.0), "spa")
    once, brief = write_down(ear, message("spanish"), "spa")
    assert seconds > 4.5 * brief
    assert len(written.words.split()) > 3.5 * len(once.words.split())
    assert written.english
    assert 0.3 < written.certainty <= 1.0


def test_a_language_the_model_cannot_write_is_not_guessed_at(ear: Ear) -> None:
    written, seconds = write_down(ear, message("spanish"), "mam")
    assert (written.words, written.english, written.language) == ("", "", "mam")
    assert seconds > 1
