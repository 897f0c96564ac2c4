"""Roster files: credentials, hours and limits, and precise errors."""

from datetime import date, time

import pytest

from dispatch.errors import RosterError
from dispatch.people import Certificate, QuietHours, Terms
from dispatch.roster_files import read_interpreters, write_interpreters

HEAD = (
    "code,name,phone,languages,certificate,expires,timezone,quiet,daily_limit,weekly_limit,cost,english,channels,"
    "not_for\n"
)
ROSA = (
    "7,Rosa,+16175550111,spa:5; por:3,spa:certified; por:tested,spa:2027-06-30,America/New_York,22:00-7:00,120,600,"
    "0.75,no,voice; text,custodial\n"
)


def test_the_optional_columns_are_read_and_written_back() -> None:
    (one,) = read_interpreters(HEAD + ROSA)
    assert [(skill.language, skill.certificate, skill.expires) for skill in one.skills] == [
        ("spa", Certificate.CERTIFIED, date(2027, 6, 30)),
        ("por", Certificate.TESTED, None),
    ]
    assert one.terms == Terms(
        "America/New_York", QuietHours(time(22), time(7)), 120, 600, 0.75, False, ("voice", "text"), ("custodial",)
    )
    assert read_interpreters(write_interpreters([one])) == [one]


def test_a_row_that_breaks_off_is_named_by_its_place_in_the_file() -> None:
    with pytest.raises(RosterError, match="row 4, phone: "):
        read_interpreters("code,name,phone,languages\n1,Ada,+16175550001,spa\n\n2,Bo\n")


def test_a_file_without_them_limits_nothing() -> None:
    (one,) = read_interpreters("code,name,phone,languages\n7,Rosa,+16175550111,spa\n")
    assert one.terms == Terms()
    assert one.skills[0].certificate is Certificate.NONE
    assert read_interpreters(write_interpreters([one])) == [one]


def test_a_certificate_without_a_language_is_for_all_of_the_row() -> None:
    (one,) = read_interpreters(
        "code,name,phone,languages,certificate,expires\n7,R,+16175550111,spa;hat,tested,2027-01-31\n"
    )
    assert {(skill.certificate, skill.expires) for skill in one.skills} == {(Certificate.TESTED, date(2027, 1, 31))}


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("phone", "617555", "phone: This number has too many or too few digits"),
        ("languages", "spanich", "languages: 'spanich' is not a language this service can route. Did you mean Spanish"),
        ("certificate", "spa:gold", "certificate: 'gold' is not one of none, tested, certified"),
        ("certificate", "hat:tested", "certificate: Haitian Creole is not among this row's languages"),
        ("expires", "spa:30.6.2027", "expires: '30.6.2027' is not a day"),
        ("timezone", "Boston", "timezone: 'Boston' is not a time zone"),
        ("quiet", "at night", "quiet: 'at night' are not hours"),
        ("quiet", "25:00-07:00", "quiet: '25:00-07:00' are not hours"),
        ("quiet", "07:00-07:00", "quiet: '07:00-07:00' begin and end at the same time"),
        ("daily_limit", "-5", "daily_limit: '-5' is not a whole number from 1 to 1440"),
        ("weekly_limit", "60", "weekly_limit: 60 minutes a week is less than daily_limit allows in one day (120)"),
        ("cost", "cheap", "cost: 'cheap' is not an amount per minute"),
        ("english", "maybe", "english: 'maybe' is not yes or no"),
        ("channels", "fax", "channels: 'fax' is not one of voice, text, in_person"),
        ("not_for", "court", "not_for: 'court' is not one of routine, interview"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_field(column: str, cell: str, problem: str) -> None:
    cells = dict(zip(HEAD.strip().split(","), ROSA.strip().split(","), strict=True)) | {column: cell}
    bad = HEAD + ROSA.replace("0111", "0112").replace("7,", "8,", 1) + ",".join(cells.values()) + "\n"
    with pytest.raises(RosterError) as refused:
        read_interpreters(bad, file="people.csv")
    assert refused.value.problems[0].startswith(f"people.csv: row 3, {problem}"), refused.value.problems
