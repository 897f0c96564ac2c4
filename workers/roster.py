"""Roster import and export against the store, for the command line and the demo."""

from dataclasses import replace

from dispatch import roster_changes, roster_files, roster_preview
from dispatch.clock import SystemClock
from dispatch.errors import RosterError
from dispatch.roster_changes import By
from dispatch.roster_preview import Fate
from dispatch.settings import Settings
from dispatch.store import Store, Transaction
from workers.command_line import BY
from workers.supervisor import secret_key


def import_file(settings: Settings, text: str, file: str = "") -> str:
    """Import interpreters or officers, as the header says: all or nothing. Raises RosterError with each problem.

    What the file does not say of people whom the roster knows stays as it is, as with an import on the console.
    """
    officers = roster_files.is_officer_file(text)
    with opened(settings).transaction() as tx:
        if officers:
            people = roster_files.read_officers(text, settings.region, file)
            for officer in people:
                known = tx.requester_by_number(officer.number)
                if known is None:
                    tx.add_requester(officer)
                else:
                    tx.change_requester(replace(officer, id=known.id))
            told = f"{len(people)} officers"
        else:
            told = f"{_import_interpreters(tx, text, settings.region, file)} interpreters"
        tx.audit(BY, "roster imported", "roster", told, SystemClock().now())
    return f"{told} imported."


def _import_interpreters(tx: Transaction, text: str, region: str, file: str) -> int:
    gone = {one.id for one in tx.retired()}
    rows = roster_preview.preview(text, (*tx.roster(), *tx.retired()), region)
    problems = [f"row {row.line}, {told}" for row in rows if row.fate is Fate.PROBLEM for told in row.told]
    if problems:
        raise RosterError([f"{file}: {problem}" if file else problem for problem in problems])
    for one in (row.interpreter for row in rows if row.interpreter is not None):
        tx.put_interpreter(one)
        if one.id in gone:
            tx.retire(one.id, None)
    return len(rows)


def export(settings: Settings) -> str:
    """All interpreters as CSV."""
    with opened(settings).transaction() as tx:
        return roster_changes.export(tx, "a file", By(BY, SystemClock().now()))


def opened(settings: Settings) -> Store:
    """The installation's store, made and brought up to date where it is not. Raises ConfigurationError where its
    numbers were sealed with another key."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url, settings.secret_key.get_secret_value() or secret_key(settings.state_dir))
    store.migrate()
    with store.reading() as tx:
        tx.prove_key()
    return store
