"""Roster import and export against the store, for the command line and the demo."""

from dataclasses import replace

from dispatch import roster_files
from dispatch.settings import Settings
from dispatch.store import Store
from workers.supervisor import secret_key


def import_file(settings: Settings, text: str, file: str = "") -> str:
    """Import interpreters or officers, as the header says: all or nothing. Raises RosterError with each problem."""
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
            return f"{len(people)} officers imported."
        interpreters = roster_files.read_interpreters(text, settings.region, file)
        for interpreter in interpreters:
            tx.put_interpreter(interpreter)
        return f"{len(interpreters)} interpreters imported."


def export(settings: Settings) -> str:
    """All interpreters as CSV."""
    with opened(settings).reading() as tx:
        return roster_files.write_interpreters(tx.roster())


def opened(settings: Settings) -> Store:
    """The installation's store, made and brought up to date where it is not."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url, settings.secret_key.get_secret_value() or secret_key(settings.state_dir))
    store.migrate()
    return store
