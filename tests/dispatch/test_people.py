"""Phone numbers as values: read as people write them, masked when printed, whole only where that is asked for."""

import pytest

from dispatch.errors import InvalidNumber
from dispatch.people import PhoneNumber


@pytest.mark.parametrize(
    ("e164", "written"),
    [
        ("+16175550100", "+1 617 555 0100"),
        ("+50222345678", "+502 2234 5678"),
        ("+442079460018", "+44 20 7946 0018"),
    ],
)
def test_a_number_is_written_as_people_of_its_country_write_it(e164: str, written: str) -> None:
    assert PhoneNumber(e164).written == written
    assert PhoneNumber.parse(written) == PhoneNumber(e164)


def test_printing_a_number_shows_little_of_it() -> None:
    one = PhoneNumber("+16175550100")
    assert (f"{one}", repr(one)) == ("+1…00", "PhoneNumber(+1…00)")


@pytest.mark.parametrize("text", ["", "12", "not a number", "+1 617 555 0100 22 33 44"])
def test_what_is_no_number_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(InvalidNumber, match=r"\+1 617 555 0100"):
        PhoneNumber.parse(text)
