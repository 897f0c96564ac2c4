"""The sentences people hear and read.

SMS: a text of the GSM alphabet (3GPP TS 23.038, 6.2.1) fits 160 septets, or 153 in each of several segments; any other
character makes it UCS-2, 70 or 67 UTF-16 units.
"""

import re

import pytest

from dispatch import languages, phrases

LANGUAGES = [one.language for one in phrases.report()]
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = frozenset("^{}\\[~]|€")
"""Two septets each."""
MOST_SEGMENTS = 3
AGENCY = "City Interpreter Line"
MUST_BE_COMPLETE = {"amh", "hat", "mya", "nep", "prs", "pus", "som", "swh", "tir", "ukr"}
ACTED_ON_BY_THE_CARRIER = re.compile(r"\b(?:STOP|END|QUIT|CANCEL|UNSUBSCRIBE|STOPALL|REVOKE|OPTOUT|HELP|START)\b")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_spoken_sentence_with_the_same_values(language: str) -> None:
    assert language in languages.all_languages()
    (coverage,) = [one for one in phrases.report() if one.language == language]
    # What is spoken on the phone must be there; a text that is missing is sent in English.
    assert [key for key in coverage.missing if not phrases.is_text(key)] == []
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


def test_thirty_languages_have_every_sentence() -> None:
    complete = {one.language for one in phrases.report() if not one.missing}
    assert len(complete) >= 30
    assert complete >= MUST_BE_COMPLETE


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_of_the_menu_names_its_key(language: str) -> None:
    name = languages.name_in(language, language)
    line = phrases.sentence("choose_language", language, language=name, digit="7").text
    assert (line.count(name), re.findall(r"\d", line)) == (1, ["7"])
    for key, digit in (("press_to_correct", "9"), ("person_key", "0")):
        found = phrases.sentence(key, language)
        assert (found.language, re.findall(r"\d", found.text)) == (language, [digit])


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_at_most_three_segments_with_the_longest_language_name(language: str) -> None:
    longest = max((languages.name_in(code, language) for code in languages.all_languages()), key=len)
    for key in phrases._all()[language].phrases:
        if phrases.is_text(key):
            values = {"agency": AGENCY, "language": longest, "also": longest, "emergency": "911", "minutes": "60"}
            values |= {"when": "Wednesday, December 16, 10:00", "code": "7KQM"}
            text = phrases.sentence(key, language, **values).text
            assert segments(text) <= MOST_SEGMENTS, f"{key}: {len(text)} characters"


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ç" * 70, 1), ("ç" * 71, 2), ("ç" * 202, 4)],
)
def test_segments_are_counted_as_carriers_do(text: str, count: int) -> None:
    assert segments(text) == count


def segments(text: str) -> int:
    """How many SMS the text is sent as."""
    if set(text) <= GSM | GSM_ESCAPED:
        size, alone, each = len(text) + sum(character in GSM_ESCAPED for character in text), 160, 153
    else:
        size, alone, each = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= alone else -(-size // each)
