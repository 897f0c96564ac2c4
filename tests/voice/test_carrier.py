"""What the carrier says when it refuses, in words that may be logged and stored."""

import pytest

from voice.carrier import CarrierError


@pytest.mark.parametrize(
    "said",
    [
        "Account not allowed to call +16175550123",
        "'To' number: (617) 555-0123, is not reachable from 617.555.0100",
        "The number 16175550123 is not in the allow list",
    ],
)
def test_numbers_that_the_carrier_repeats_are_left_out_of_its_words(said: str) -> None:
    error = CarrierError(99999, retryable=False, said=said)
    assert error.words.startswith("The carrier said: ")
    assert "555" not in f"{error.words} {error}"


def test_what_the_carrier_says_besides_stays() -> None:
    assert CarrierError(502, retryable=True, said="HTTP 502").words == "The carrier said: HTTP 502"
