"""Which sentences an agency can record."""

from pathlib import Path

from dispatch import phrases
from voice import recordings
from voice.prompt_audio import PromptAudio


def test_the_sentences_to_record_are_listed_once_and_none_is_a_text() -> None:
    listed = recordings.spoken()
    assert len(set(listed)) == len(listed)
    assert {"greeting", "person_key", "person_coming", "first_ask_origin"} <= set(listed)
    assert not any(key.startswith(("officer_", "interpreter_", "desk_")) or phrases.is_text(key) for key in listed)
    assert set(listed) <= set(phrases.all_keys())
    assert not any("origin" in phrases.placeholders(key, "eng") for key in listed)


def test_a_language_that_has_recordings_only_is_reported_too(tmp_path: Path) -> None:
    (tmp_path / "mam").mkdir()
    (tmp_path / "mam" / "goodbye.wav").write_bytes(b"RIFF")
    (tmp_path / "notes").mkdir()
    listed = recordings.report(tmp_path, PromptAudio(tmp_path, tmp_path))
    (mam,) = [one for one in listed if one.language == "mam"]
    assert (mam.recorded, mam.otherwise) == (1, "own recordings")
    assert "please_wait" in mam.missing
    assert not any(one.language == "notes" for one in listed)
