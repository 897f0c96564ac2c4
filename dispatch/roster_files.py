"""Roster files: interpreters and officers as CSV, checked whole before anything is written.

Interpreters: code,name,phone,languages,tier,gender,availability — languages as "spa:5; hat:4" (ISO 639-3 code or
English name, proficiency 1 to 5; in brackets the varieties they speak: "Zapotec (Juchitán):5; mam (Todos Santos,
Tacaná):4") — and, where they apply: certificate ("tested" for every language, or
"spa:certified; hat:tested"), expires (2027-06-30, or "spa:2027-06-30"), timezone (America/New_York), quiet
(22:00-07:00, by their own clock), daily_limit and weekly_limit (minutes of interpreting), cost (a minute), english (no:
relays only), channels (voice, text, in_person), not_for (encounter types). Officers: name,phone,unit.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from dispatch import languages, varieties
from dispatch.errors import InvalidNumber, RosterError
from dispatch.people import Availability, Interpreter, PhoneNumber, Requester, Role, Skill
from dispatch.roster_terms import TERM_COLUMNS, BadField, proven, read_terms, whole, written_terms

INTERPRETER_COLUMNS = ("code", "name", "phone", "languages", "tier", "gender", "availability", *TERM_COLUMNS)
OFFICER_COLUMNS = ("name", "phone", "unit")

_Person = TypeVar("_Person", Interpreter, Requester)
_SKILL = re.compile(r"(?P<name>[^():]+?)\s*(?:\((?P<inside>.*)\))?\s*(?::(?P<level>[^:()]*))?")


def read_interpreters(text: str, region: str = "US", file: str = "") -> list[Interpreter]:
    """Interpreters from CSV text. Raises RosterError naming every bad row and field; then nothing was read.

    `file` is named in front of each problem where given.
    """
    rows = _rows(text, INTERPRETER_COLUMNS, required=("code", "name", "phone", "languages"))
    return _read(rows, lambda row: _interpreter(row, region), file)


def read_officers(text: str, region: str = "US", file: str = "") -> list[Requester]:
    """Officers from CSV text. Raises RosterError naming every bad row and field; then nothing was read."""
    rows = _rows(text, OFFICER_COLUMNS, required=("name", "phone"))
    return _read(rows, lambda row: _officer(row, region), file)


def write_interpreters(roster: Iterable[Interpreter]) -> str:
    """The roster as CSV that `read_interpreters` reads back."""
    out = io.StringIO()
    writer = csv.DictWriter(out, INTERPRETER_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for interpreter in roster:
        spoken = "; ".join(skill_cell(skill) for skill in interpreter.skills)
        writer.writerow(
            {
                "code": interpreter.code,
                "name": interpreter.name,
                "phone": interpreter.number.e164,
                "languages": spoken,
                "tier": interpreter.tier,
                "gender": interpreter.gender or "",
                "availability": interpreter.availability.value,
                **written_terms(interpreter),
            }
        )
    return out.getvalue()


def is_officer_file(text: str) -> bool:
    """Whether the header is that of an officers' file."""
    return "languages" not in table(text)[0]


def table(text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The columns of a file, in small letters, and its rows that hold anything, numbered as a spreadsheet does.

    Whatever program wrote it: line ends of any kind, and semicolons or tabs between columns where the header has them
    (spreadsheet programs write semicolons where a comma is for decimals). Raises RosterError.
    """
    plain = text.lstrip("\ufeff")
    first = plain.partition("\n")[0].partition("\r")[0]
    reader = csv.reader(io.StringIO(plain, newline=""), delimiter=max(",;\t", key=first.count))
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        for line, values in enumerate(reader, 2):
            cells = {name: value.strip() for name, value in zip(header, values, strict=False) if name}
            if any(cells.values()):
                rows.append((line, cells))
    except csv.Error as error:
        after = rows[-1][0] if rows else 1
        problem = f"after row {after} the file cannot be read ({error}); is a quotation mark missing there?"
        raise RosterError([problem]) from error
    return header, rows


def _rows(text: str, columns: tuple[str, ...], required: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    header, rows = table(text)
    missing = [name for name in required if name not in header]
    if missing:
        raise RosterError(
            [f"row 1: the column {name!r} is missing; the header is {','.join(columns)}" for name in missing]
        )
    return [(line, dict.fromkeys(header, "") | cells) for line, cells in rows]


def _read(
    rows: list[tuple[int, dict[str, str]]], read: Callable[[Mapping[str, str]], _Person], file: str
) -> list[_Person]:
    people: list[_Person] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, row in rows:
        try:
            person = read(row)
        except BadField as error:
            problems.append(f"row {line}, {error}")
            continue
        if person.number.e164 in seen:
            problems.append(f"row {line}, phone: the same number is in row {seen[person.number.e164]}")
        seen[person.number.e164] = line
        people.append(person)
    if problems:
        raise RosterError([f"{file}: {problem}" if file else problem for problem in problems])
    return people


def _interpreter(row: Mapping[str, str], region: str) -> Interpreter:
    code = row["code"]
    if not code:
        raise BadField("code: is empty; give each interpreter a number of their own")
    availability = row.get("availability", "") or Availability.ON.value
    if availability not in set(Availability):
        raise BadField(f"availability: {availability!r} is not one of on, off, busy")
    return Interpreter(
        id=f"i-{_digest(code)}",
        code=code,
        name=row["name"],
        number=_number(row["phone"], region),
        skills=proven(_skills(row["languages"]), row),
        tier=whole(row.get("tier", "") or "1", "tier", 1, 5),
        gender=row.get("gender") or None,
        availability=Availability(availability),
        terms=read_terms(row),
    )


def _officer(row: Mapping[str, str], region: str) -> Requester:
    number = _number(row["phone"], region)
    return Requester(f"o-{_digest(number.e164)}", number, Role.OFFICER, row["name"], row.get("unit", ""))


def _skills(text: str) -> tuple[Skill, ...]:
    skills = []
    for part in (part.strip() for part in text.split(";")):
        if not part:
            continue
        name, inside, proficiency = _taken_apart(part)
        try:
            code = languages.normalise(name)
            kinds = tuple(varieties.find(code, one).code for one in _listed(code, inside))
        except (languages.UnknownLanguage, varieties.UnknownVariety) as error:
            raise BadField(f"languages: {error}") from error
        level = whole(proficiency or "4", "languages", 1, 5)
        skills.append(Skill(code, level, varieties=tuple(dict.fromkeys(kinds))))
    if not skills:
        raise BadField('languages: is empty; write them like "spa:5; hat:4"')
    return tuple(skills)


def _taken_apart(part: str) -> tuple[str, str, str]:
    """ "Zapotec (Juchitán):5" as its language, what is in brackets, and the proficiency."""
    found = _SKILL.fullmatch(part)
    if found is None:
        raise BadField(f'languages: {part!r} cannot be read; write it like "spa:5" or "Zapotec (Juchitán):5"')
    return found["name"].strip(), (found["inside"] or "").strip(), (found["level"] or "").strip()


def _listed(code: str, inside: str) -> list[str]:
    """The varieties within the brackets, by commas; one whose own name holds a comma is meant whole."""
    whole_names = [one.name for one in varieties.of_language(code) if "," in one.name and one.name in inside]
    for name in whole_names:
        inside = inside.replace(name, "")
    return whole_names + [name.strip() for name in inside.split(",") if name.strip()]


def skill_cell(skill: Skill) -> str:
    """A skill with its varieties as a file's `languages` has it: "mam (Todos Santos):5"."""
    inside = ", ".join(varieties.get(code).name for code in skill.varieties)
    return f"{skill.language} ({inside}):{skill.proficiency}" if inside else f"{skill.language}:{skill.proficiency}"


def _number(text: str, region: str) -> PhoneNumber:
    try:
        return PhoneNumber.parse(text, region)
    except InvalidNumber as error:
        raise BadField(f"phone: {error}") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
