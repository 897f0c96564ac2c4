"""The sentences people hear and read."""

import re

import pytest

from dispatch import languages, phrases

LANGUAGES = [one.language for one in phrases.report()]
ACTED_ON_BY_THE_CARRIER = re.compile(r"\b(?:STOP|END|QUIT|CANCEL|UNSUBSCRIBE|STOPALL|REVOKE|OPTOUT|HELP|START)\b")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_spoken_sentence_with_the_same_values(language: str) -> None:
    assert language in languages.all_languages()
    (coverage,) = [one for one in phrases.report() if one.language == language]
    # What is spoken on the phone must be there; a text that is missing is sent in English.
    assert [key for key in coverage.missing if not key.startswith("text_")] == []
    for key in phrases._all()[language].phrases:
        assert phrases.placeholders(key, language) == phrases.placeholders(key, "eng"), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_asks_for_a_word_that_unsubscribes(language: str) -> None:
    for key, sentence in phrases._all()[language].phrases.items():
        assert not ACTED_ON_BY_THE_CARRIER.search(sentence), key


def test_a_language_without_the_sentence_gets_english_and_says_so() -> None:
    found = phrases.sentence("goodbye", "nav")
    assert (found.text, found.language) == ("Thank you. Goodbye.", "eng")
    assert phrases.sentence("goodbye", "spa").draft


def test_what_is_missing_is_named() -> None:
    with pytest.raises(phrases.PhraseMissing, match="nosuch"):
        phrases.sentence("nosuch", "eng")
    with pytest.raises(phrases.PhraseMissing, match="agency"):
        phrases.sentence("greeting", "eng")
