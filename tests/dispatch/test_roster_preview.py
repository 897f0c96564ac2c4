"""Roster files before they are written, and spreadsheets."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from dispatch import spreadsheets
from dispatch.errors import RosterError
from dispatch.people import Certificate, Skill
from dispatch.roster_preview import Fate, preview, read_one
from tests.dispatch.people import interpreter

HEADER = "code,name,phone,languages,tier\n"


def test_every_row_says_what_it_would_do_and_what_is_wrong() -> None:
    roster = [interpreter(1, "spa"), interpreter(2, "hat"), interpreter(3, "fra")]
    text = HEADER + "\n".join(
        (
            "1,Interpreter 1,+16175550001,spa:4,1",
            "2,Interpreter Two,+16175550002,Haitian Creole:5,1",
            "7,Ada,+16175550007,klingonish:5,1",
            "8,Bo,12,spa:9,1",
            "9,Cy,+16175550003,spa:4,1",
            "10,Di,+16175550010,mam:4,2",
            "10,Di again,+16175550011,mam:4,2",
            "11,Ed,+16175550010,mam:4,2",
        )
    )
    rows = {row.line: row for row in preview(text, roster, "US")}
    assert [rows[line].fate for line in (2, 3, 7)] == [Fate.SAME, Fate.CHANGED, Fate.NEW]
    assert rows[3].told == ("name: Interpreter 2 → Interpreter Two", "languages: hat:4 → hat:5")
    problems = {line: rows[line].told for line in rows if rows[line].fate is Fate.PROBLEM}
    assert set(problems) == {4, 5, 6, 8, 9}
    assert problems[4][0].startswith("languages: 'klingonish'")
    assert problems[6] == ("phone: this number is 3's on the roster",)
    assert problems[8] == ("code: is in row 7 already",)
    assert problems[9] == ("phone: the same number is in row 7",)


def test_a_changed_number_is_shown_masked() -> None:
    (row,) = preview(HEADER + "1,Interpreter 1,+16175559999,spa:4,1", [interpreter(1)], "US")
    assert row.told == ("phone: +1…01 → +1…99",)


def test_columns_that_a_file_lacks_stay_as_they_are() -> None:
    before = interpreter(1, "spa", tier=3, gender="female")
    made = read_one({"code": "1", "name": "New Name"}, before, "US")
    assert (made.name, made.tier, made.gender, made.id) == ("New Name", 3, "female", before.id)


def test_a_header_without_what_is_needed_is_refused_whole() -> None:
    with pytest.raises(RosterError, match="'languages' is missing"):
        preview("code,name,phone\n1,A,+16175550001", [], "US")


ROW = "1,Ada,+16175550001,spa:4"


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}{ROW},2\n",
        f"{HEADER}{ROW},2".replace("\n", "\r"),
        f"{HEADER}{ROW},2".replace("\n", "\r\n"),
        'code;name;phone;languages;tier\n1;Ada;+16175550001;"spa:4; hat:4";2\n',
        "code\tname\tphone\tlanguages\ttier\n1\tAda\t+16175550001\tspa:4\t2\n",
    ],
    ids=["byte order mark", "old line ends", "Windows line ends", "semicolons", "tabs"],
)
def test_a_file_is_read_whatever_program_wrote_it(text: str) -> None:
    (row,) = preview(text, [], "US")
    assert row.told == ()
    assert (row.fate, row.name) == (Fate.NEW, "Ada")
    assert row.interpreter is not None
    assert row.interpreter.tier == 2


def test_a_quotation_mark_that_is_never_closed_is_told_in_words() -> None:
    text = f'{HEADER}{ROW},2\n2,"Bo,+16175550002,spa:4,1\n' + f"{ROW},2\n" * 10_000
    with pytest.raises(RosterError, match="after row 2 the file cannot be read"):
        preview(text, [], "US")


def test_a_day_that_the_spreadsheet_program_has_made_a_date_of_is_read_as_that_day() -> None:
    book = Workbook()
    book.active.append(["code", "name", "phone", "languages", "certificate", "expires"])
    book.active.append([1, "Ada", 16175550001, "spa:4", "tested", datetime(2027, 6, 30)])
    out = io.BytesIO()
    book.save(out)
    (row,) = preview(spreadsheets.to_csv(out.getvalue()), [], "US")
    assert row.told == ()
    assert row.interpreter is not None
    assert row.interpreter.skills[0].expires == date(2027, 6, 30)


def _packed(**entries: str) -> bytes:
    """A file that is packed as a spreadsheet is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return out.getvalue()


def _damaged() -> bytes:
    """A spreadsheet whose sheet breaks off."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(spreadsheets.from_csv(f"{HEADER}{ROW},2", "Interpreters"))) as whole,
        zipfile.ZipFile(out, "w") as made,
    ):
        for entry in whole.infolist():
            content = whole.read(entry)
            made.writestr(entry, content[: len(content) // 2] if "sheet1" in entry.filename else content)
    return out.getvalue()


TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'


@pytest.mark.parametrize(
    "content",
    [_packed(**{"[Content_Types].xml": TYPES}), _packed(**{"[Content_Types].xml": "<Types"}), _damaged()],
    ids=["a text document", "a broken list of parts", "a sheet that breaks off"],
)
def test_a_file_that_is_only_packed_like_a_spreadsheet_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(RosterError, match=r"save it as \.xlsx or \.csv"):
        spreadsheets.to_csv(content)


def test_spreadsheets_keep_plus_signs_zeros_and_formulas_as_text() -> None:
    text = 'code,name,phone\n1,Rosa,+16175550001\n007,"=1+1",+16175550007\n'
    again = spreadsheets.to_csv(spreadsheets.from_csv(text, "Interpreters"))
    assert list(csv.reader(io.StringIO(again))) == list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("content", [b"PK not a zip at all", b"PK\x03\x04", b""])
def test_what_is_no_spreadsheet_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(RosterError, match="not a spreadsheet"):
        spreadsheets.to_csv(content)


def test_a_certificate_goes_with_the_language_that_a_file_takes_out() -> None:
    held = (Skill("spa", 5, Certificate.CERTIFIED, date(2030, 12, 31)), Skill("por", 3, Certificate.TESTED))
    before = replace(interpreter(1), skills=held)
    (row,) = preview("code,name,phone,languages\n1,Interpreter 1,+16175550001,spa:5; mam:3\n", [before], "US")
    assert row.fate is Fate.CHANGED
    assert row.interpreter is not None
    assert row.interpreter.skills == (held[0], Skill("mam", 3))
