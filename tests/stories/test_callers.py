"""Community members who call and speak, end to end, with recorded human speech."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.stories.installation import CALLER, CLAIRE, DESK, HOTLINE, LUIS, ROSA, SAMIRA, SAMPLE, Installation

SPEECH = SAMPLE / "speech"


def wav(samples: np.ndarray, rate: int = 8000) -> bytes:
    """16-bit mono WAV bytes."""
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes((samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


def says(town: Installation, sound: bytes | Path) -> None:
    """The caller waits for the tone and speaks."""
    town.saw("recording", CALLER)
    town.phones.speak(CALLER, sound.read_bytes() if isinstance(sound, Path) else sound)


def test_spanish_is_heard_and_everybody_meets(town: Installation) -> None:
    town.accepts(ROSA, LUIS)
    town.phones.do(CALLER, "call", to=HOTLINE)
    town.heard(CALLER, "This is City Interpreter Line")
    town.heard(CALLER, "hable en su idioma")
    says(town, SPEECH / "spanish.wav")
    town.heard(CALLER, "Estamos llamando a un intérprete que habla español")
    interpreter = town.phones.wait(
        "an interpreter joins", lambda e: e["kind"] == "joined" and e["phone"] in (ROSA, LUIS)
    )
    town.saw("joined", CALLER, conference=interpreter["conference"])
    town.saw("joined", DESK, conference=interpreter["conference"])
    town.ends_the_talk(CALLER)
    town.saw("ended", DESK)
    ended = town.ended("completed")
    assert ended["language"] == "Spanish"
    assert ended["who"] == "Caller +1…50"
    assert town.phones.wait("the recording is deleted", lambda e: e["kind"] == "recording deleted")


def test_french_is_heard_too(town: Installation) -> None:
    town.accepts(CLAIRE, SAMIRA)
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, SPEECH / "french.wav")
    town.heard(CALLER, "Nous appelons un interprète")
    town.saw("joined", CALLER)
    town.ends_the_talk(CALLER)
    assert town.ended("completed")["language"] == "French"


SILENCE = np.zeros(8000 * 3)
HUM = 0.2 * np.sin(2 * np.pi * 440 * np.arange(8000 * 4) / 8000)
NOISE = 0.05 * np.random.default_rng(3).standard_normal(8000 * 4).clip(-1, 1)


@pytest.mark.parametrize(
    "sound", [wav(SILENCE), wav(HUM), wav(NOISE), wav(np.zeros(0))], ids=["silence", "tone", "noise", "empty"]
)
def test_without_speech_the_caller_is_asked_once_more_and_then_gets_a_menu(town: Installation, sound: bytes) -> None:
    town.accepts(ROSA)
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, sound)
    town.heard(CALLER, "I could not hear you")
    town.heard(CALLER, "No pude oírle")
    town.heard(CALLER, "Para español, presione 2")
    town.phones.do(CALLER, "press", digits="2")
    town.heard(CALLER, "Estamos llamando a un intérprete que habla español")
    town.saw("joined", CALLER)
    town.ends_the_talk(CALLER)
    assert town.ended("completed")["language"] == "Spanish"


def test_two_minutes_of_talk_are_cut_by_the_carrier_and_still_understood(town: Installation) -> None:
    town.phones.do(CALLER, "call", to=HOTLINE)
    with wave.open(str(SPEECH / "spanish.wav")) as source:
        once = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2") / 32768
    says(town, wav(np.tile(once, 18)))
    town.heard(CALLER, "intérprete que habla español")
    town.phones.do(CALLER, "hang-up")
    town.ended("abandoned")


def test_a_caller_corrects_the_language_by_key(town: Installation) -> None:
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, SPEECH / "spanish.wav")
    town.heard(CALLER, "Si este no es su idioma, presione 9")
    town.phones.do(CALLER, "press", digits="9")
    town.heard(CALLER, "appuyez sur le 3")
    town.accepts(CLAIRE, SAMIRA)
    town.phones.do(CALLER, "press", digits="3")
    town.heard(CALLER, "Nous appelons un interprète")
    town.saw("joined", CALLER)
    town.ends_the_talk(CALLER)
    assert town.ended("completed")["language"] == "French"


def test_hanging_up_while_interpreters_ring_frees_them(town: Installation) -> None:
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, SPEECH / "spanish.wav")
    town.saw("ringing", ROSA)
    town.phones.do(CALLER, "hang-up")
    town.saw("ended", ROSA, status="canceled")
    town.ended("abandoned")


def test_an_interpreter_lost_before_the_talk_is_replaced(town: Installation) -> None:
    town.answers(ROSA)
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, SPEECH / "spanish.wav")
    town.heard(ROSA, "Spanish")
    town.phones.do(ROSA, "press", digits="1")
    town.heard(ROSA, "Thank you. Connecting you now.")
    town.accepts(LUIS)
    town.phones.do(ROSA, "hang-up")
    town.phones.wait("somebody talks to the caller", lambda e: e["kind"] == "joined" and e["phone"] == CALLER)
    town.ends_the_talk(CALLER)
    town.eventually("over", lambda b: not b["open"])


def test_another_first_language_is_reached_by_place_and_then_by_name(town: Installation) -> None:
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, SPEECH / "spanish.wav")
    town.heard(CALLER, "Si usted habla primero otro idioma")
    town.phones.do(CALLER, "press", digits="8")
    town.heard(CALLER, "¿De qué lugar es su familia?")
    town.phones.do(CALLER, "press", digits="1")
    town.heard(CALLER, "Para Huehuetenango, presione 1")
    town.accepts(LUIS)
    town.phones.do(CALLER, "press", digits="1")
    town.heard(CALLER, "Para mam, presione 1")
    town.phones.do(CALLER, "press", digits="1")
    town.saw("joined", LUIS)
    town.saw("joined", CALLER)
    town.ends_the_talk(CALLER)
    assert town.ended("completed")["language"] == "Mam"


def test_a_caller_who_cannot_choose_is_brought_to_a_person(town: Installation) -> None:
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, wav(SILENCE))
    town.heard(CALLER, "I could not hear you")
    says(town, wav(SILENCE))
    town.heard(CALLER, "To speak with a person, press 0")
    town.phones.do(CALLER, "press", digits="0")
    town.heard(DESK, "whose language we could not find out")
    room = town.saw("joined", DESK)["conference"]
    town.saw("joined", CALLER, conference=room)
    town.phones.do(CALLER, "hang-up")
    assert "duty desk" in town.ended("cancelled")["outcome"]


def test_the_gist_of_the_first_words_reaches_dispatcher_and_interpreter(town: Installation) -> None:
    town.answers(ROSA)
    town.phones.do(CALLER, "call", to=HOTLINE)
    says(town, SPEECH / "spanish.wav")
    ringing = town.saw("ringing", ROSA)
    shown = town.eventually("the gist is there", lambda b: [r["gist"] for r in b["open"] if r["gist"]])[0]
    assert shown["english"]
    assert "sure" in shown["sure"]
    town.heard(ROSA, "Spanish")
    town.phones.do(ROSA, "press", digits="1")
    told = town.heard(ROSA, "Machine's gist of the caller's first words")
    assert shown["english"] in told.get("text", told.get("body"))
    assert ringing["at"] < told["at"]
    town.saw("joined", CALLER)
    town.ends_the_talk(CALLER)
    town.ended("completed")
