"""Shifts, time off and calendar addresses in the store."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, inspect, text

from dispatch import schema
from dispatch.errors import UnknownInterpreter
from dispatch.shifts import Calendar, Hours, Shift, TimeOff
from dispatch.store import Store
from tests.conftest import KEY
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON
from tests.dispatch.test_shifts import BOSTON, off, shift

OFFICE = Calendar((shift("09:00", "17:00", 0, 1, 2, 3, 4),), (off("2026-03-05T00:00", "2026-03-06T00:00"),))


def filled(store: Store, *numbers: int) -> Store:
    """The store with these interpreters."""
    with store.transaction() as tx:
        for number in numbers or (1,):
            tx.put_interpreter(interpreter(number))
    return store


def test_a_calendar_comes_back_as_it_was_and_is_replaced_whole(store: Store) -> None:
    filled(store, 1, 2)
    extra = Hours(
        datetime(2026, 3, 7, 9),
        datetime(2026, 3, 7, 12),
        BOSTON,
        "",
        (datetime(2026, 3, 8, 9),),
        (datetime(2026, 3, 7, 9),),
    )
    full = Calendar((*OFFICE.shifts, Shift("x", extra)), OFFICE.time_off)
    with store.transaction() as tx:
        tx.replace_calendar("i1", full, NOON)
        assert tx.calendar("i1") == full
        assert tx.calendar("i2") == Calendar()
        tx.replace_calendar("i1", Calendar(time_off=OFFICE.time_off), NOON)
    with store.reading() as tx:
        assert tx.calendar("i1") == Calendar(time_off=OFFICE.time_off)
        assert [entry.kind for entry in tx.log_after(0)] == ["CalendarReplaced", "CalendarReplaced"]


def test_the_same_entry_twice_in_one_file_is_kept_once(store: Store) -> None:
    filled(store)
    with store.transaction() as tx:
        tx.replace_calendar("i1", Calendar((OFFICE.shifts[0], OFFICE.shifts[0])), NOON)
        assert len(tx.calendar("i1").shifts) == 1


def test_who_may_not_be_rung_is_told_with_the_reason(store: Store) -> None:
    filled(store, 1, 2, 3)
    evening = NOON + timedelta(hours=10)  # 17:00 in Boston
    with store.transaction() as tx:
        tx.replace_calendar("i1", OFFICE, NOON)
        tx.replace_calendar("i2", Calendar((shift("17:00", "23:00"),)), NOON)
        found = tx.not_on_call(["i1", "i2", "i3"], evening)
    assert {one: answer.reason for one, answer in found.items()} == {
        "i1": "no shift now; next on call Fri 06 Mar 09:00 (America/New_York)"
    }


def test_calendars_of_a_whole_roster_are_read_without_a_list_that_no_database_likes(store: Store) -> None:
    filled(store)
    with store.transaction() as tx:
        tx.replace_calendar("i1", OFFICE, NOON)
        assert tx.calendars([f"i{number}" for number in range(40_000)]) == {"i1": OFFICE}


def test_a_calendar_address_stays_until_a_new_one_is_asked_for(store: Store) -> None:
    filled(store)
    with store.transaction() as tx:
        token = tx.calendar_token("i1", NOON)
        assert len(token) >= 32
        assert tx.calendar_token("i1", NOON) == token
        found = tx.interpreter_by_calendar_token(token)
        assert found is not None
        assert found.id == "i1"
        another = tx.calendar_token("i1", NOON, anew=True)
        assert another != token
        assert tx.interpreter_by_calendar_token(token) is None
        with pytest.raises(UnknownInterpreter):
            tx.calendar_token("nobody", NOON)


def test_calendar_addresses_are_sealed_in_the_database(store: Store, store_url: str) -> None:
    filled(store)
    with store.transaction() as tx:
        token = tx.calendar_token("i1", NOON)
    engine = create_engine(store_url)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM calendar_tokens")).one()
    engine.dispose()
    assert not any(token in str(value) for value in row)


def test_an_interpreter_is_found_by_code_or_named_as_unknown(store: Store) -> None:
    filled(store)
    with store.reading() as tx:
        assert tx.interpreter_by_code("1").id == "i1"
        with pytest.raises(UnknownInterpreter, match="'77'"):
            tx.interpreter_by_code("77")


def test_a_store_of_the_version_before_gets_the_tables(store_url: str) -> None:
    first = Store(store_url, KEY)
    first.migrate()
    first.close()
    engine = create_engine(store_url)
    ours = (schema.appointment_deadlines, schema.appointments, schema.calendar_tokens, schema.shifts, schema.time_off)
    with engine.begin() as connection:
        for table in ours:
            table.drop(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    again = Store(store_url, KEY)
    again.migrate()
    again.close()
    assert {table.name for table in ours} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_time_off_keeps_no_words_about_why() -> None:
    assert set(TimeOff.__dataclass_fields__) == {"uid", "hours"}
