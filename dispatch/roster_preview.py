"""A roster file before it is imported: what each row would do, and what is wrong with it. Plain functions.

Each row is read by `roster_files` itself, so that nothing is judged here that the import would judge otherwise.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch import language_rows, roster_files
from dispatch.errors import RosterError
from dispatch.people import Interpreter, PhoneNumber

Cells = dict[str, str]
_NEEDED = ("code", "name", "phone", "languages")
"""Columns that every file has; a row that ends before them leaves them empty."""


class Fate(StrEnum):
    """What the import would do with a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Row:
    """One row of the file."""

    line: int
    """As a spreadsheet counts: the header is 1."""
    code: str
    name: str
    fate: Fate
    told: tuple[str, ...]
    """Its problems, or what would change; numbers are masked."""
    interpreter: Interpreter | None = None
    """What would be written; None with a problem."""


def preview(text: str, roster: Iterable[Interpreter], region: str) -> list[Row]:
    """Every row of an interpreters' file against the roster. Raises RosterError when its header cannot be read.

    Columns that the file does not have stay as they are for people the roster knows.
    """
    known = {one.code: one for one in roster}
    owners = {one.number.e164: one.code for one in known.values()}
    header, rows = roster_files.table(text)
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise RosterError([f"row 1: the column {name!r} is missing" for name in missing])
    found: list[Row] = []
    codes: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for line, cells in rows:
        row = _row(line, cells, known.get(cells.get("code", "")), region)
        problems = list(row.told) if row.fate is Fate.PROBLEM else []
        problems += [f"code: is in row {codes[row.code]} already"] if row.code in codes else []
        number = row.interpreter.number.e164 if row.interpreter else ""
        if number:
            problems += [f"phone: the same number is in row {numbers[number]}"] if number in numbers else []
            owner = owners.get(number, row.code)
            problems += [f"phone: this number is {owner}'s on the roster"] if owner != row.code else []
            numbers.setdefault(number, line)
        codes.setdefault(row.code, line)
        found.append(replace(row, fate=Fate.PROBLEM, told=tuple(problems), interpreter=None) if problems else row)
    return found


def read_one(cells: Mapping[str, str], before: Interpreter | None, region: str) -> Interpreter:
    """One interpreter from the fields of a file or form; what is not a field of files stays as it was.

    Fields that are missing are taken from `before`. Raises RosterError naming each bad field.
    """
    merged = (as_cells(before) if before is not None else {}) | dict(cells)
    if before is not None and "languages" in cells:
        # Certificates in languages that are taken out go with them, unless the file says something of its own.
        for column in {"certificate", "expires"} - cells.keys():
            merged[column] = language_rows.only_for(merged[column], merged["languages"])
    try:
        made = roster_files.read_interpreters(_write(merged), region)[0]
    except RosterError as error:
        raise RosterError([problem.removeprefix("row 2, ") for problem in error.problems]) from error
    if before is None:
        return made
    return replace(
        made,
        id=before.id,
        busy_until=before.busy_until,
        wrap_up_until=before.wrap_up_until,
        last_offered_at=before.last_offered_at,
        engaged=before.engaged,
    )


def as_cells(interpreter: Interpreter) -> Cells:
    """An interpreter as the fields of a file."""
    return roster_files.table(roster_files.write_interpreters([interpreter]))[1][0][1]


def _row(line: int, cells: Cells, before: Interpreter | None, region: str) -> Row:
    cells = dict.fromkeys(_NEEDED, "") | cells
    code, name = cells["code"], cells["name"]
    try:
        made = read_one(cells, before, region)
    except RosterError as error:
        return Row(line, code, name, Fate.PROBLEM, tuple(error.problems))
    if before is None:
        return Row(line, code, name, Fate.NEW, (), made)
    was, will = as_cells(before), as_cells(made)
    changes = tuple(
        f"{field}: {_masked(field, was[field])} → {_masked(field, will[field])}"
        for field in was
        if was[field] != will[field]
    )
    return Row(line, code, name, Fate.CHANGED if changes else Fate.SAME, changes, made)


def _masked(field: str, value: str) -> str:
    return str(PhoneNumber(value)) if field == "phone" and value else value or "nothing"


def _write(cells: Mapping[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(cells), lineterminator="\n")
    writer.writeheader()
    writer.writerow(cells)
    return out.getvalue()
