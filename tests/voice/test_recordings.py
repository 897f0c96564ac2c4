"""Which sentences an agency can record."""

from dispatch import phrases
from voice import recordings


def test_the_sentences_to_record_are_listed_once_and_none_is_a_text() -> None:
    listed = recordings.spoken()
    assert len(set(listed)) == len(listed)
    assert {"greeting", "person_key", "person_coming", "first_ask_origin"} <= set(listed)
    assert not any(key.startswith(("officer_", "interpreter_", "desk_")) or phrases.is_text(key) for key in listed)
    assert set(listed) <= set(phrases.all_keys())
    assert not any("origin" in phrases.placeholders(key, "eng") for key in listed)
