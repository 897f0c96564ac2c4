"""The brief for officers, and the data it is made from."""

import tomllib
from dataclasses import replace
from importlib.resources import files

from dispatch import languages
from dispatch.arrival import Share
from dispatch.brief import MOST_LANGUAGES, MOST_PHRASES, PHRASES, make
from dispatch.people import PhoneNumber
from tests.dispatch.test_arrival import BUS

HOTLINE = PhoneNumber("+16175550100")


def load(name: str) -> dict[str, dict[str, object]]:
    """A data file."""
    return tomllib.loads(files("dispatch").joinpath(f"language_data/{name}").read_text(encoding="utf-8"))


def test_every_phrase_has_its_script_and_how_to_say_it() -> None:
    data = load("brief_phrases.toml")
    assert set(data["say"]) <= set(languages.all_languages())
    for code, entry in data["phrases"].items():
        assert languages.get(code).voice_call
        assert isinstance(entry, dict)
        assert set(PHRASES) <= set(entry)
        for key in PHRASES:
            text, said = entry[key]
            assert text.strip(), (code, key)
            assert said.isascii(), (code, key)


def test_notes_say_what_to_do_and_name_languages_that_there_are() -> None:
    data = load("cultural_notes.toml")
    for note in [*data["general"], *data["languages"]]:
        assert isinstance(note, dict)
        assert note["title"]
        assert len(note["text"]) <= 230
        assert set(note.get("codes", [])) <= set(languages.all_languages())
    assert any("immigration status" in str(note) for note in data["general"])


def test_speakers_of_a_language_without_phrases_are_met_in_one_that_many_know() -> None:
    made = make(BUS, "Town", HOTLINE, "Wednesday")
    (spanish,) = made.spoken
    assert (spanish.name, spanish.stands_for) == ("Spanish", ("Mam",))
    assert made.example == "mam, Todos Santos"
    assert made.text_address == "sms:+16175550100"
    assert made.draft


def test_what_does_not_fit_the_page_is_said() -> None:
    codes = ("arb", "prs", "hat", "amh", "cmn", "khm", "ukr", "pus", "tir", "nav")
    known = [code for code in codes if code in languages.all_languages()]
    made = make(replace(BUS, languages=tuple(Share(code, 10) for code in known)), "Town", HOTLINE, "Wednesday")
    assert len(made.spoken) == MOST_PHRASES
    assert (len(made.expected), made.more) == (MOST_LANGUAGES, len(known) - MOST_LANGUAGES)
    assert set(made.without) >= {"Ukrainian", "Pashto"}


def test_notes_stand_in_two_columns_of_about_one_length_in_their_order() -> None:
    made = make(BUS, "Town", HOTLINE, "Wednesday")
    left, right = made.note_columns
    assert left + right == made.notes
    lengths = [sum(len(note.title + note.text + note.source) + 40 for note in half) for half in (left, right)]
    assert abs(lengths[0] - lengths[1]) < 300
    assert replace(made, notes=()).note_columns == ((), ())
