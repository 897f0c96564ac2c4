"""An interpreter's form: the columns of a roster file as fields a person can fill in, and back."""

from dataclasses import dataclass, fields, replace
from typing import Any

from dispatch import language_rows, roster_changes, roster_files, roster_preview
from dispatch.console.row_forms import rows_after, sent_rows
from dispatch.console.visits import Visit
from dispatch.errors import RosterError
from dispatch.language_rows import LanguageRow
from dispatch.people import Availability, Certificate, Interpreter, Skill
from dispatch.policy import ENCOUNTERS, TIERS

VARIED = any(field.name == "varieties" for field in fields(Skill))
"""Whether the roster keeps varieties of a language: only then the rows ask for them."""
CHOICES: dict[str, Any] = {
    "tiers": TIERS,
    "availabilities": tuple(Availability),
    "certificates": tuple(Certificate),
    "channels": {"voice": "phone", "text": "text", "in_person": "in person"},
    "encounters": ENCOUNTERS,
}
_PLAIN = (
    "code",
    "name",
    "phone",
    "tier",
    "gender",
    "availability",
    "timezone",
    "daily_limit",
    "weekly_limit",
    "cost",
    "english",
)
_TICKED = ("channels", "not_for")


@dataclass(frozen=True)
class SentForm:
    """What the form holds: cells of a roster file, and the languages as rows."""

    cells: dict[str, str]
    rows: list[LanguageRow]
    seen: str = ""
    """What was looked at (`roster_changes.digest`): a form that is drawn again keeps it, so that what somebody else has
    written meanwhile is not taken to have been read."""
    seen_availability: str = ""

    @classmethod
    def empty(cls) -> "SentForm":
        """For somebody new."""
        cells = dict.fromkeys(roster_files.INTERPRETER_COLUMNS, "")
        return cls(cells | {"tier": "1", "availability": "on", "quiet_from": "", "quiet_to": ""}, [LanguageRow()])

    @classmethod
    def showing(cls, one: Interpreter) -> "SentForm":
        """For somebody on the roster; their number is not shown."""
        cells = roster_preview.as_cells(one)
        begin, _, end = cells["quiet"].partition("-")
        shown = cells | {"phone": "", "quiet_from": begin, "quiet_to": end}
        return cls(shown, language_rows.rows_of(cells), roster_changes.digest(one), one.availability.value)

    @classmethod
    def of(cls, visit: Visit) -> "SentForm":
        """As it was sent."""
        cells = {name: visit.text(name) for name in _PLAIN}
        cells |= {name: "; ".join(str(value) for value in visit.form.getlist(name)) for name in _TICKED}
        begin, end = visit.text("quiet_from"), visit.text("quiet_to")
        cells |= {"quiet_from": begin, "quiet_to": end, "quiet": f"{begin[:5]}-{end[:5]}" if begin or end else ""}
        rows = [LanguageRow(**row) for row in sent_rows(visit, *language_rows.FIELDS)]
        return cls(cells, rows or [LanguageRow()], visit.text("seen"), visit.text("seen_availability"))

    def after(self, do: str) -> "SentForm":
        """After one of the row buttons."""
        return replace(self, rows=rows_after(self.rows, do, LanguageRow()))

    def checked(self) -> dict[str, str]:
        """The cells of a file. Raises RosterError naming each row of the languages that will not do."""
        spoken, problems = language_rows.cells_of(self.rows)
        quiet = (self.cells.get("quiet_from", ""), self.cells.get("quiet_to", ""))
        if any(quiet) and not all(quiet):
            problems.append("Do not disturb: give both when it begins and when it ends.")
        if problems:
            raise RosterError(problems)
        columns = set(roster_files.INTERPRETER_COLUMNS)
        return {name: value for name, value in (self.cells | spoken).items() if name in columns}
