"""What is expected before anybody speaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import origins, territories
from dispatch.prior import prior

CODES = st.sampled_from(["eng", "spa", "hat", "som", "prs", "vie"])


@given(st.lists(CODES, unique=True), st.dictionaries(CODES, st.integers(1, 5000)), st.lists(CODES, unique=True))
def test_it_is_a_distribution_or_nothing(listed: list[str], recent: dict[str, int], hinted: list[str]) -> None:
    found = prior(listed, recent, hinted)
    assert set(found) == {*listed, *recent, *hinted}
    assert not found or sum(found.values()) == pytest.approx(1.0)


@given(CODES, st.integers(1, 1000), st.integers(1, 1000))
def test_more_requests_make_a_language_likelier(code: str, few: int, more: int) -> None:
    listed = ("eng", "spa")
    assert prior(listed, {code: few + more})[code] > prior(listed, {code: few})[code] or code in ("eng", "spa")
    assert prior(listed, {}, (code,))[code] >= prior(listed, {})[code] if code in listed else True


def test_after_weeks_what_came_in_outweighs_the_list() -> None:
    found = prior(("eng", "spa", "fra"), {"som": 400, "spa": 20})
    assert max(found, key=lambda code: found[code]) == "som"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ID, she is from Eritrea", ("tir",)),
        ("dont know the language, ethiopian couple", ("amh", "orm")),
        ("ID family from Afghanistan", ("prs", "pus")),
        ("ID afghan man", ("prs", "pus")),
        ("id guy says haiti", ("hat",)),
        ("ID congolese woman", ("fra",)),
        ("ID", ()),
        ("ID in New Jersey, United States", ()),
    ],
)
def test_a_country_hints_at_its_languages(text: str, first: tuple[str, ...]) -> None:
    found = territories.hinted(text)
    assert set(first) <= set(found)
    assert bool(found) == bool(first)
    assert "eng" not in found


def test_a_phone_number_says_where_its_owner_may_be_from() -> None:
    assert origins.mentioned("spanish, call her on +52 951 123 4567")[0] == "mix"
    assert "quc" in origins.mentioned("spanish speaker, phone +502 5555 1234")
    assert origins.mentioned("spanish, +1 617 555 0123, +34 612 345 678") == ()
