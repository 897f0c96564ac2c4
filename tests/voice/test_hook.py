"""The fields of a webhook: who calls, however the carrier and the networks before it write that."""

import pytest

from dispatch.people import PhoneNumber
from voice.hook import BadWebhook, Hook


def from_(told: str) -> PhoneNumber | None:
    """Who calls, where the carrier says `told`."""
    return Hook({"From": told}, {}, "/voice", {}).caller("US")


@pytest.mark.parametrize(
    "told",
    ["", "Anonymous", "restricted", "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+7748283"],
)
def test_a_number_that_only_spells_out_that_it_is_withheld_is_nobodys(told: str) -> None:
    assert from_(told) is None


@pytest.mark.parametrize("told", ["12", "+464", "client:front-desk", "sip:alice@example.test", "no number"])
def test_a_caller_whose_number_cannot_be_read_is_answered_like_one_who_withholds_it(told: str) -> None:
    assert from_(told) is None


def test_a_number_is_read_and_a_missing_one_named() -> None:
    assert from_("+16175550123") == PhoneNumber("+16175550123")
    with pytest.raises(BadWebhook, match="From"):
        Hook({}, {}, "/voice", {}).caller("US")
