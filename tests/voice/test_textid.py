"""The language of short texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import languages
from voice.textid import INDIGENOUS, identify_text

SURE = [
    ("necesito ayuda con mi vecino por favor", "spa"),
    ("mwen bezwen yon moun ki pale kreyòl", "hat"),
    ("tôi cần giúp đỡ, con tôi bị ốm", "vie"),
    ("мені потрібна допомога перекладача", "ukr"),
    ("preciso de ajuda com o meu filho", "por"),
    ("የአማርኛ አስተርጓሚ እፈልጋለሁ ነው", "amh"),
    ("ኣነ ሓገዝ ይደሊ ኣለኹ", "tir"),
    ("무엇을 도와드릴까요", "kor"),
    ("ช่วยด้วยครับ ผมหลงทาง", "tha"),
    ("من به کمک نیاز دارم", "pes"),
    ("koj puas hais lus hmoob", "hmn"),
]


@pytest.mark.parametrize(("text", "language"), SURE)
def test_what_people_write_is_recognised(text: str, language: str) -> None:
    assert identify_text(text).language == language


@pytest.mark.parametrize("text", ["", "   ", "123 456", "!?", "👍", "ok", "hola", "help", "gracias"])
def test_too_little_is_asked_about(text: str) -> None:
    assert identify_text(text).decision == "ask"


@pytest.mark.parametrize(
    ("text", "language"),
    [("我需要帮助", "cmn"), ("我唔識講英文", "yue"), ("помогите", "rus"), ("مساعدة", "arb"), ("እርዳታ", "amh")],
)
def test_a_few_signs_in_letters_of_their_own_are_asked_about_in_their_language(text: str, language: str) -> None:
    found = identify_text(text)
    assert (found.language, found.decision) == (language, "confirm")


@pytest.mark.parametrize("text", ["necesito ayuda", "pomogite", "au secours"])
def test_two_words_are_never_taken_for_an_answer(text: str) -> None:
    assert identify_text(text).decision != "accept"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("мне нужна помощь", "rus"),
        ("мені потрібна допомога", "ukr"),
        ("no hablo ingles", "spa"),
        ("hola, mi esposo me pego", "spa"),
        ("eske ou ka ede m", "hat"),
        ("naomba msaada tafadhali", "swh"),
        ("ho paura, aiutatemi", "ita"),
        ("I need help", "eng"),
    ],
)
def test_a_cry_for_help_is_understood_at_once(text: str, language: str) -> None:
    found = identify_text(text)
    assert (found.language, found.decision) == (language, "accept")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("mne nuzhna pomosh", "rus"),
        ("ana mehtaj musaada", "arb"),
        ("mujhe madad chahiye", "hin"),
        ("man komak mikham", "pes"),
        ("wo bu hui shuo yingwen", "cmn"),
        ("toi can giup do", "vie"),
        ("necesito help con mi landlord", "spa"),
    ],
)
def test_romanised_and_mixed_text_is_confirmed(text: str, language: str) -> None:
    found = identify_text(text)
    assert (found.language, found.decision) == (language, "confirm")


@pytest.mark.parametrize("text", ["ma la casa mia è qui vicino", "ana la ragazza che abita qui", "the man in the car"])
def test_languages_of_latin_letters_are_not_taken_for_romanised_ones(text: str) -> None:
    assert identify_text(text).language in ("ita", "eng")


def test_the_answer_is_the_same_every_time() -> None:
    assert len({identify_text("je ne comprends pas ce que vous dites") for _ in range(20)}) == 1


@pytest.mark.parametrize("text", ["toj tu'n kye kyxol qyol xjal tzeex", "xuquje' winaq chech ronojel utz kuya ruk'"])
def test_an_indigenous_language_is_never_chosen_by_itself(text: str) -> None:
    found = identify_text(text)
    assert found.language in INDIGENOUS
    assert found.decision != "accept"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("necesito help con my landlord", "spa"),
        ("please help mwen bezwen yon doctor", "hat"),
        ("mujhe help chahiye with my landlord", "hin"),
    ],
)
def test_mixed_text_is_confirmed_in_the_language_that_is_not_english(text: str, language: str) -> None:
    found = identify_text(text)
    assert (found.language, found.decision) == (language, "confirm")
    assert found.ranking[0][0] == language


@pytest.mark.parametrize("text", ["I need help with my car please", "necesito ayuda con mi vecino por favor"])
def test_one_language_with_a_borrowed_word_is_not_mixed(text: str) -> None:
    assert identify_text(text + " ok").decision == "accept"


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    found = identify_text(text)
    assert 0.0 <= found.confidence <= 1.0
    assert found.language is None or found.language in languages.all_languages()
