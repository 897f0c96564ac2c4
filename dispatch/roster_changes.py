"""What is done to the roster, by whomever: the console and the API do it by these functions, within a transaction.

Every change is audited. Problems are RosterError, each naming its field.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch import board, roster_files, roster_preview
from dispatch.errors import ChangedMeanwhile, NotPossibleNow, RosterError
from dispatch.people import Interpreter
from dispatch.roster_preview import Fate
from dispatch.store import Transaction


@dataclass(frozen=True)
class By:
    """Who changes something, and when."""

    name: str
    now: datetime


def known(tx: Transaction, code: str) -> Interpreter:
    """The interpreter with that number of their own, those who have left too. Raises RosterError."""
    found = next((one for one in (*tx.roster(), *tx.retired()) if one.code == code), None)
    if found is None:
        raise RosterError([f"Nobody on the roster has the number {code}."])
    return found


def statuses(tx: Transaction, people: Sequence[Interpreter], now: datetime) -> dict[str, str]:
    """What each is doing, in a word or two, by id."""
    held = board.holding(tx.open_requests())
    told = [board.roster_row(line, held.get(line.id), now) for line in board.lines(people)]
    return {one["id"]: one["status"] for one in told}


def digest(one: Interpreter) -> str:
    """What was shown of somebody: tells whether it was changed since. Availability, which texts change, is left out."""
    cells = roster_preview.as_cells(one) | {"availability": ""}
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def add(tx: Transaction, cells: Mapping[str, str], region: str, by: By) -> Interpreter:
    """Add somebody. Raises RosterError; Conflict when their number is somebody else's."""
    made = roster_preview.read_one(cells, None, region)
    if any(one.code == made.code for one in (*tx.roster(), *tx.retired())):
        raise RosterError([f"code: {made.code} is somebody's already"])
    tx.put_interpreter(made)
    tx.audit(by.name, "interpreter added", f"interpreter {made.code}", "", by.now)
    return made


def change(tx: Transaction, one: Interpreter, cells: Mapping[str, str], seen: str, region: str, by: By) -> Interpreter:
    """Write these fields anew, unless changed since `seen` (a `digest`). Raises ChangedMeanwhile, RosterError."""
    if digest(one) != seen:
        raise ChangedMeanwhile("Somebody changed this entry meanwhile. What you see now is theirs; change it again.")
    made = roster_preview.read_one(cells, one, region)
    _write(tx, made, one, by)
    before, after = roster_preview.as_cells(one), roster_preview.as_cells(made)
    changed = ", ".join(name for name in before if before[name] != after[name]) or "nothing"
    tx.audit(by.name, "interpreter changed", f"interpreter {one.code}", changed, by.now)
    return made


def _write(tx: Transaction, made: Interpreter, before: Interpreter | None, by: By) -> None:
    """Write somebody; whether they may be rung is kept as if they had texted it: in the log, and any break is over."""
    tx.put_interpreter(made)
    if before is not None and made.availability is not before.availability:
        tx.set_availability(made.id, made.availability, None, by.now)


def leave(tx: Transaction, one: Interpreter, back: bool, by: By) -> None:
    """They have left, or are back. Past requests keep naming them."""
    tx.retire(one.id, None if back else by.now)
    action = "interpreter is back" if back else "interpreter has left"
    tx.audit(by.name, action, f"interpreter {one.code}", "", by.now)


def take(tx: Transaction, draft: str, region: str, by: By) -> tuple[int, int] | None:
    """Import the good rows of a file that was looked at, judged anew against the roster as it is now.

    Returns how many were written and how many left out; None when the draft is not theirs, or too old.
    """
    text = tx.draft(draft, by.name, by.now)
    if text is None:
        return None
    before = {one.id: one for one in (*tx.roster(), *tx.retired())}
    gone = {one.id for one in tx.retired()}
    rows = roster_preview.preview(text, before.values(), region)
    written = [row.interpreter for row in rows if row.fate in (Fate.NEW, Fate.CHANGED) and row.interpreter is not None]
    for interpreter in written:
        _write(tx, interpreter, before.get(interpreter.id), by)
        if interpreter.id in gone:
            tx.retire(interpreter.id, None)
    tx.forget_draft(draft)
    left_out = sum(row.fate is Fate.PROBLEM for row in rows)
    tx.audit(by.name, "roster imported", "roster", f"{len(written)} written, {left_out} left out", by.now)
    return len(written), left_out


def note(tx: Transaction, one: Interpreter, words: str, by: By) -> None:
    """Keep a note on an interpreter. Raises NotPossibleNow where nothing was written."""
    if not words.strip():
        raise NotPossibleNow("Write the note first.")
    tx.note_on_interpreter(one.id, by.name, words, by.now)
    tx.audit(by.name, "interpreter note written", f"interpreter {one.code}", "", by.now)


def ask_again(tx: Transaction, one: Interpreter, encounter: str, by: By) -> None:
    """Ask an interpreter again who was held back, from that encounter or ("") at all. Raises NotPossibleNow."""
    if not tx.let_again(one.id, encounter):
        raise NotPossibleNow("They are asked again already.")
    tx.audit(by.name, "interpreter asked again", f"interpreter {one.code}", encounter or "at all", by.now)


def export(tx: Transaction, kind: str, by: By) -> str:
    """The whole roster as CSV, numbers and all, which the audit log says; `kind`: of what file it becomes."""
    roster = tx.roster()
    tx.audit(by.name, "roster exported", "roster", f"{len(roster)} interpreters with numbers, {kind}", by.now)
    return roster_files.write_interpreters(roster)
