"""`interpreter-dispatch shifts ...` and `appointments ...`: on-call shifts, time off and booked appointments."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from dispatch.clock import SystemClock
from dispatch.errors import DispatchError, ShiftInvalid
from dispatch.settings import Settings
from dispatch.shifts import Calendar, Window, instant, occurrences, read_week, stretches, zone_named
from workers.command_line import BY

if TYPE_CHECKING:
    from dispatch.appointment import Appointment
    from dispatch.appointment_book import AppointmentBook

shifts_app = typer.Typer(no_args_is_help=True, help="Interpreters' on-call shifts and time off, as iCalendar.")
appointments_app = typer.Typer(no_args_is_help=True, help="Appointments booked ahead.")

_errors = Console(stderr=True)


@contextmanager
def _told() -> Iterator[None]:
    """Errors raised on purpose become words on standard error and exit status 1."""
    try:
        yield
    except DispatchError as error:
        _errors.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except OSError as error:
        _errors.print(f"{error.filename}: {error.strerror}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


@shifts_app.command("import")
def shifts_import(
    file: Path,
    interpreter: Annotated[str, typer.Option(help="The interpreter's code.")],
    zone: Annotated[str, typer.Option(help="Where they live (IANA), for times that name no zone.")] = "",
    preview: Annotated[bool, typer.Option(help="List what the file says and change nothing.")] = False,
) -> None:
    """Replace an interpreter's shifts and time off by an iCalendar file: all of it, or nothing on any error."""
    from dispatch.calendar_files import listing, read_calendar
    from workers.roster import opened

    with _told():
        settings = Settings()
        zone_named(zone or settings.time_zone)
        calendar = read_calendar(file.read_bytes(), str(file), zone or settings.time_zone)
        with opened(settings).transaction() as tx:
            found = tx.interpreter_by_code(interpreter)
            for line in listing(calendar):
                print(line)
            counted = f"{len(calendar.shifts)} shifts and {len(calendar.time_off)} times off"
            if preview:
                print(f"{counted} would replace those of interpreter {found.code}; nothing was changed.")
                return
            tx.replace_calendar(found.id, calendar, datetime.now(UTC))
            tx.audit(BY, "calendar imported", f"interpreter {found.code}", counted, datetime.now(UTC))
        print(f"{counted} imported for interpreter {found.code}.")


@shifts_app.command("set")
def shifts_set(
    code: str,
    week: Annotated[str, typer.Argument(help='Like "mon-fri 09:00-17:00; sat 22:00-06:00".')],
    zone: Annotated[str, typer.Option(help="Where they live (IANA).")] = "",
) -> None:
    """Replace an interpreter's shifts by these, every week from this one on. Time off stays."""
    from workers.roster import opened

    with _told():
        settings = Settings()
        zone = zone or settings.time_zone
        today = datetime.now(zone_named(zone)).date()
        monday = datetime.combine(today - timedelta(days=today.weekday()), time(0))
        shifts = read_week(week, zone, monday)
        with opened(settings).transaction() as tx:
            found = tx.interpreter_by_code(code)
            tx.replace_calendar(found.id, Calendar(shifts, tx.calendar(found.id).time_off), datetime.now(UTC))
            tx.audit(BY, "shifts set", f"interpreter {found.code}", f"{len(shifts)} shifts", datetime.now(UTC))
        print(f"{len(shifts)} shifts set for interpreter {found.code}.")


@shifts_app.command("export")
def shifts_export(code: str) -> None:
    """Print an interpreter's shifts and time off as iCalendar."""
    from dispatch.calendar_files import write_calendar
    from workers.roster import opened

    with _told(), opened(Settings()).reading() as tx:
        found = tx.interpreter_by_code(code)
        written = write_calendar(tx.calendar(found.id), f"interpreter {found.code}", datetime.now(UTC))
        sys.stdout.write(written.decode())


@shifts_app.command("show")
def shifts_show(
    code: str, week: Annotated[str, typer.Option(help="A day of the week to show, like 2026-03-08.")] = ""
) -> None:
    """Show an interpreter's week, and whether they are on call now."""
    from workers.roster import opened

    with _told(), opened(Settings()).reading() as tx:
        settings = Settings()
        calendar = tx.calendar(tx.interpreter_by_code(code).id)
        zone = zone_named(calendar.entries[0].hours.zone if calendar.entries else settings.time_zone)
        day = _day(week) if week else datetime.now(zone).date()
        monday = day - timedelta(days=day.weekday())
        for offset in range(7):
            shown = monday + timedelta(days=offset)
            begins = datetime.combine(shown, time(0), zone).astimezone(UTC)
            ends = datetime.combine(shown + timedelta(days=1), time(0), zone).astimezone(UTC)
            print(f"{shown:%a %Y-%m-%d}  {_told_day(calendar, begins, ends, zone.key)}")
        print(f"All times in {zone.key}. Now: {calendar.on_call(datetime.now(UTC)).reason}.")


@shifts_app.command("feed")
def shifts_feed(
    code: str, anew: Annotated[bool, typer.Option("--new", help="Make another address; the old one is gone.")] = False
) -> None:
    """Print the address at which an interpreter's own calendar program reads their shifts and appointments."""
    from dispatch.calendar_feed import address
    from workers.roster import opened

    with _told():
        settings = Settings()
        with opened(settings).transaction() as tx:
            found = tx.interpreter_by_code(code)
            token = tx.calendar_token(found.id, datetime.now(UTC), anew)
            action = f"calendar address {'made' if anew else 'shown'}"
            tx.audit(BY, action, f"interpreter {found.code}", "", datetime.now(UTC))
        print(address(settings, token))


def _told_day(calendar: Calendar, begins: datetime, ends: datetime, zone: str) -> str:
    """One day's on-call time and time off, by the wall clock."""
    on = [_span(one, begins, ends, zone) for one in stretches(calendar.shifts, calendar.time_off, begins, ends)]
    off = [one for entry in calendar.time_off for one in occurrences(entry.hours, begins, ends)]
    told = ", ".join(on) or "not on call"
    if not calendar.shifts:
        told = f"{told} (no shifts: while ON)"
    return told + "".join(f"; time off {_span(one, begins, ends, zone)}" for one in off)


def _span(one: Window, begins: datetime, ends: datetime, zone: str) -> str:
    local = zone_named(zone)
    until = "24:00" if one.ends >= ends else f"{one.ends.astimezone(local):%H:%M}"
    return f"{max(one.starts, begins).astimezone(local):%H:%M} to {until}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ShiftInvalid("week", f"{text!r} is not a day; write it like 2026-03-08") from error


# -- appointments ------------------------------------------------------------------------------------------------------


@appointments_app.command("add")
def appointments_add(
    requester: Annotated[str, typer.Option(help="Phone number of who needs the interpreter.")],
    language: Annotated[str, typer.Option(help="Name or code of the language.")],
    at: Annotated[str, typer.Option(help='Day and time, like "2026-12-01 10:00".')],
    minutes: Annotated[int, typer.Option(help="How long it takes.")] = 30,
    interpreter: Annotated[str, typer.Option(help="Code of who interprets; none: those who can are asked.")] = "",
    place: Annotated[str, typer.Option(help="Where they meet; none: by phone.")] = "",
    encounter: Annotated[str, typer.Option(help="routine, interview, custodial, victim or medical.")] = "",
    note: Annotated[str, typer.Option(help="For the interpreter.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone of --at (IANA).")] = "",
    variety: Annotated[str, typer.Option(help="Which variety of the language, where it matters.")] = "",
) -> None:
    """Book an appointment. By phone unless a place is named: both phones ring at its hour."""
    from dispatch import languages, varieties
    from dispatch.appointment import How
    from dispatch.appointment_book import Wish
    from dispatch.people import PhoneNumber

    with _told():
        settings = Settings()
        zone = zone or settings.time_zone
        how = How.IN_PERSON if place else How.PHONE
        number = PhoneNumber.parse(requester, settings.region)
        starts = instant(_moment(at), zone)
        code = languages.normalise(language)
        exact = varieties.as_code(code, variety) if variety else ""
        wish = Wish(number, code, starts, zone, minutes, how, place, encounter, note, interpreter, exact)
        made = _book(settings).add(wish, BY)
        asked = f"interpreter {interpreter}" if interpreter else "interpreters are being asked"
        print(f"{made.code}: {_line(made)}; {asked}.")


@appointments_app.command("list")
def appointments_list(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the appointments that are not over, the next first."""
    from workers.roster import opened

    with _told(), opened(Settings()).reading() as tx:
        for one in tx.open_appointments():
            code = tx.interpreter(one.interpreter_id).code if one.interpreter_id else ""
            if as_json:
                told: dict[str, object] = {
                    "code": one.code,
                    "language": one.language,
                    "starts": one.starts.isoformat(),
                    "zone": one.zone,
                }
                told |= {"minutes": one.minutes, "how": one.how.value, "state": one.state.value, "interpreter": code}
                print(json.dumps(told))
            else:
                print(f"{one.code}  {_line(one)}  {one.state.value.replace('_', ' ')}  {code or 'no interpreter yet'}")


@appointments_app.command("cancel")
def appointments_cancel(code: str) -> None:
    """Call an appointment off and tell everybody concerned."""
    with _told():
        done = _book(Settings()).call_off(code, "dispatcher", BY)
        print(f"{done.code}: {done.state.value}.")


def _book(settings: Settings) -> "AppointmentBook":
    """The book on this installation's store; its texts wait in the outbox until the ticker hands them over."""
    from dispatch.appointment_book import AppointmentBook
    from workers.roster import opened
    from workers.wiring import appointment_rules

    return AppointmentBook(opened(settings), SystemClock(), appointment_rules(settings), lambda ids: None)


def _line(one: "Appointment") -> str:
    from dispatch import varieties
    from dispatch.appointment_steps import said_when

    when = f"{said_when(one.starts, one.zone, 'eng')} ({one.zone})"
    return f"{varieties.named(one.spoken)}, {when}, {one.minutes} minutes, {one.how.value.replace('_', ' ')}"


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ShiftInvalid("at", f'{text!r} is not a time; write it like "2026-12-01 10:00"') from error
    if read.tzinfo is not None:
        raise ShiftInvalid("at", "give the time by the wall clock, and its zone with --zone")
    return read
