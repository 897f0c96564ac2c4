"""What is heard where a language has no voice of the carrier's: recordings, local speech, another language; never
silence, and never yesterday's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dispatch.intake import Prompted
from dispatch.prompts import Farewell, Line
from dispatch.settings import Settings
from voice import prompt_audio
from voice.prompt_audio import PromptAudio
from voice.sounds import Sounds
from voice.twiml import Voicing

RECORDED, AGAIN = b"RIFF their own words", b"RIFF the same, said better"
Keep = Callable[..., None]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Keeps a recording of a sentence."""

    def kept(language: str, key: str, sound: bytes = RECORDED) -> None:
        path = tmp_path / "recordings" / language / f"{key}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sound)

    return kept


@pytest.fixture
def audio(tmp_path: Path) -> PromptAudio:
    """The sounds of an installation of its own."""
    return PromptAudio(tmp_path / "recordings", tmp_path / "cache")


@pytest.fixture
def client(audio: PromptAudio) -> TestClient:
    """The addresses of its sounds."""
    told = Settings(_env_file=None)  # type: ignore[call-arg]
    return TestClient(Starlette(routes=Sounds(audio, lambda: told).routes()))


def heard(audio: PromptAudio, language: str, key: str = "please_wait", first: str = "eng") -> list[ElementTree.Element]:
    """What a phone is given for that sentence, by an agency whose first language is `first`."""
    voicing = Voicing(audio, "http://town.test", first, "911")
    farewell = Farewell((Line(key, language, (("language", language),)),))
    answer = ElementTree.fromstring(voicing.render(Prompted(farewell, "r1", "r1-1")))
    return [verb for verb in answer if verb.tag != "Hangup"]


@pytest.mark.parametrize("language", ["mam", "kjb"])
def test_a_language_without_any_voice_is_answered_in_the_agencys_first(audio: PromptAudio, language: str) -> None:
    (said,) = heard(audio, language, first="spa")
    assert (said.tag, said.get("language")) == ("Say", "es-MX")


def test_the_agencys_own_recording_of_its_first_language_is_heard_there_too(audio: PromptAudio, keep: Keep) -> None:
    keep("eng", "please_wait")
    (played,) = heard(audio, "mam")
    assert (played.tag, played.text) == ("Play", "http://town.test/audio/eng/please_wait.wav?language=mam")


def test_where_the_first_language_cannot_be_spoken_either_it_is_english(audio: PromptAudio) -> None:
    (said,) = heard(audio, "mam", first="kjb")
    assert said.get("language") == "en-US"


def test_a_voice_of_another_language_never_reads_english_words(audio: PromptAudio) -> None:
    (said,) = heard(audio, "ell")
    assert said.get("language") == "en-US"


def test_a_recording_in_a_language_that_has_no_written_sentences_is_heard(
    audio: PromptAudio, client: TestClient, keep: Keep
) -> None:
    keep("mam", "please_wait")
    (played,) = heard(audio, "mam")
    answer = client.get((played.text or "").removeprefix("http://town.test"))
    assert (answer.status_code, answer.content) == (200, RECORDED)
    assert client.get("/audio/mam/goodbye.wav").status_code == 404


def test_a_recorded_line_of_the_menu_is_not_heard_where_another_language_is_named(
    audio: PromptAudio, keep: Keep
) -> None:
    keep("spa", "choose_language-1")
    voicing = Voicing(audio, "http://town.test", "eng", "911")
    lines = tuple(Line("choose_language", "spa", (("language", code), ("digit", "1"))) for code in ("spa", "mam"))
    answer = ElementTree.fromstring(voicing.render(Prompted(Farewell(lines), "r1", "r1-1")))
    assert [verb.tag for verb in answer] == ["Play", "Say", "Hangup"]
    assert "mam" in (answer[1].text or "").lower()


def test_a_new_recording_is_heard_at_once_and_an_unchanged_one_is_not_fetched_again(
    client: TestClient, keep: Keep
) -> None:
    keep("mam", "goodbye")
    first = client.get("/audio/mam/goodbye.wav")
    assert first.headers["cache-control"] == "no-cache"
    held = {"If-None-Match": first.headers["etag"]}
    assert client.get("/audio/mam/goodbye.wav", headers=held).status_code == 304
    keep("mam", "goodbye", AGAIN)
    assert client.get("/audio/mam/goodbye.wav", headers=held).content == AGAIN


def test_two_callers_who_are_the_first_to_hear_a_sentence_both_hear_all_of_it(
    audio: PromptAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Barrier(2)

    def speak(text: str, voice: str) -> bytes:
        both.wait(5)
        return b"spoken"

    def slowly(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            both.wait(5)
            written = file.write(data)
        both.wait(5)
        return written

    monkeypatch.setattr(prompt_audio, "_espeak", speak)
    monkeypatch.setattr(prompt_audio, "telephone_wav", lambda spoken: spoken)
    monkeypatch.setattr(Path, "write_bytes", slowly)
    with ThreadPoolExecutor(2) as callers:
        given = [callers.submit(audio.wav, "Tanpri rete sou liy lan.", "ht") for _ in range(2)]
        assert [one.result(10) for one in given] == [b"spoken", b"spoken"]


@pytest.mark.parametrize("path", ["hold.wav?seconds=abc", "hold.wav?seconds=0"])
def test_music_of_no_length_is_music_all_the_same(client: TestClient, path: str) -> None:
    assert client.get(f"/audio/{path}").status_code == 200


def test_a_sentence_that_lacks_its_words_is_not_found(client: TestClient) -> None:
    assert client.get("/audio/eng/first_choose_origin.wav").status_code == 404
