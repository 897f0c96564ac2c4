"""From what was heard to a decision: fusion, thresholds, questions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.language import NONE, Calibration, Reading, decide, fuse, question
from voice.speech import Heard, Transcript, believable, window_for

PRIOR = {"eng": 0.4, "spa": 0.3, "fra": 0.2, "hat": 0.1}


def heard(**posterior: float) -> Heard:
    """Three seconds of speech with that posterior."""
    return Heard(posterior, 3.0, 0.1, 5)


def reading(language: str, logprob: float, text: float = 0.9) -> Reading:
    """A reading of that quality."""
    return Reading(language, Transcript("algo que se dijo", logprob, 0.1), text)


def test_a_clear_sound_is_accepted_without_reading() -> None:
    decision = decide(fuse(heard(spa=0.98, por=0.01, eng=0.01), PRIOR), sound_alone=True)
    assert (decision.kind, decision.language) == ("accept", "spa")


def test_spanish_heard_as_latin_is_repaired_by_the_words() -> None:
    unclear = heard(lat=0.91, spa=0.04, ita=0.03, por=0.02)
    read = (reading("spa", -0.2), reading("ita", -0.9, 0.1), reading("por", -0.8, 0.1))
    assert decide(fuse(unclear, PRIOR, read)).language == "spa"


def test_what_can_be_routed_to_nobody_is_none_of_these() -> None:
    routed = fuse(heard(spa=0.98, eng=0.02), PRIOR)[NONE]
    unroutable = fuse(heard(lat=0.6, jav=0.3, spa=0.1), PRIOR, (reading("spa", -1.2, 0.1),))[NONE]
    assert unroutable > 10 * routed
    assert decide(fuse(heard(lat=0.6, jav=0.3, spa=0.1), PRIOR, (reading("spa", -1.2, 0.1),))).kind != "accept"


def test_nobody_speaking_is_not_a_language() -> None:
    assert decide(fuse(Heard({}, 0.0, 0.1), PRIOR)).kind == "no_speech"
    noise = tuple(Reading(code, Transcript("", -1.5, 0.97)) for code in ("eng", "spa"))
    assert decide(fuse(heard(eng=0.5, spa=0.5), PRIOR, noise)).kind == "no_speech"


@pytest.mark.parametrize(("language", "other"), [("pes", "prs"), ("cmn", "yue")])
def test_languages_the_model_cannot_tell_apart_are_always_asked(language: str, other: str) -> None:
    accepted = decide({language: 0.99, NONE: 0.01})
    asked = question(accepted, (reading(language, -0.1, 0.99),))
    assert asked.kind == "confirm"
    assert [code for code, _ in asked.candidates[:2]] == [language, other]


def test_a_doubtful_reading_of_a_language_others_are_taken_for_is_asked_a_clear_one_is_not() -> None:
    accepted = decide({"amh": 0.97, NONE: 0.03})
    assert question(accepted, (reading("amh", -0.9, 0.9),)).kind == "confirm"
    assert question(accepted, (reading("amh", -0.1, 0.99),)).kind == "accept"


def test_an_agencys_own_thresholds_hold_for_sound_and_words_alike() -> None:
    strict = Calibration.fitted().asked(0.99, 0.8)
    assert decide({"spa": 0.95, NONE: 0.05}, strict).kind == "confirm"
    assert decide({"spa": 0.95, NONE: 0.05}, strict, sound_alone=True).kind == "confirm"
    assert decide({"spa": 0.7, NONE: 0.3}, strict).kind == "menu"
    assert Calibration.fitted().asked(None, None) == Calibration.fitted()


codes = st.sampled_from(["spa", "eng", "fra", "lat", "jav", "amh", "pes", "rus"])


@given(st.dictionaries(codes, st.floats(0.0, 1.0), min_size=1), st.lists(st.floats(-3, 0), max_size=3))
def test_probabilities_always_add_up(posterior: dict[str, float], logprobs: list[float]) -> None:
    posterior["eng"] = 0.1
    read = tuple(reading(code, p) for code, p in zip(("spa", "eng", "fra"), logprobs, strict=False))
    found = fuse(heard(**posterior), PRIOR, read)
    assert math.isclose(sum(found.values()), 1.0, rel_tol=1e-6)
    assert decide(found).kind in ("accept", "confirm", "menu")


@pytest.mark.parametrize(("seconds", "window"), [(0.5, 5), (5.0, 5), (5.1, 10), (12.0, 15), (16.0, 30), (90.0, 30)])
def test_the_window_holds_all_of_the_speech(seconds: float, window: int) -> None:
    assert window_for(seconds) == window


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Subtítulos realizados por la comunidad de Amara.org", False),
        ("Thanks for watching!", False),
        ("ご視聴ありがとうございました", False),
        ("la la la la la la la la la la la la la la la la la la la la", False),
        ("Necesito ayuda con mi vecino", True),
        ("Mwen bezwen yon entèprèt", True),
    ],
)
def test_known_inventions_are_not_believed(text: str, kept: bool) -> None:
    assert bool(believable(text, -0.3, 0.1, 3.0)) is kept


def test_a_polite_word_counts_only_where_somebody_spoke() -> None:
    assert believable("Thank you.", -0.3, 0.1, 2.0)
    assert not believable("Thank you.", -0.3, 0.1, 0.6)
    assert not believable("Thank you.", -0.3, 0.9, 2.0)
