"""Shifts, time off and appointments by the API."""

import secrets
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Annotated, Literal

from pydantic import Field

from dispatch import varieties
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.request_shapes import Encounter
from dispatch.api.shapes import (
    In,
    LanguageOut,
    Line,
    Moment,
    Number,
    Out,
    Short,
    Time,
    Tongue,
    Words,
    language_out,
    read_number,
)
from dispatch.appointment import Appointment, How
from dispatch.appointment_book import Wish
from dispatch.integrations import Scope
from dispatch.shifts import Calendar, Hours, Shift, TimeOff, instant, read_week, zone_named
from dispatch.store import Transaction

Zone = Annotated[Short, Field(description="IANA name; without it the agency's own.", examples=["America/New_York"])]


class WeekIn(In):
    """Shifts as people write them."""

    week: Annotated[Line, Field(min_length=1, examples=["mon-fri 09:00-17:00; sat 22:00-06:00"])]
    zone: Zone = ""


class TimeOffIn(In):
    """When somebody is not to be asked. Why is not kept."""

    starts: Time
    ends: Time
    zone: Zone = ""


class HoursOut(Out):
    """Hours by the wall clock of a zone."""

    id: str
    starts: str = Field(description="By the wall clock.", examples=["2026-03-02T09:00:00"])
    ends: str
    zone: str
    rule: str = Field(description='How it repeats, as an RFC 5545 RRULE; "" for once.')
    starts_at: Moment = Field(description="The same as a moment.")
    ends_at: Moment


class CalendarOut(Out):
    """Somebody's shifts and time off, and whether they are on call now."""

    code: str
    on_call: bool
    reason: str
    until: Moment | None
    next: Moment | None
    shifts: list[HoursOut]
    time_off: list[HoursOut]


class NewAppointment(In):
    """What is booked."""

    requester: Number = Field(examples=["+16175550142"])
    language: Tongue
    starts: Time
    minutes: int = Field(default=30, ge=5, le=720)
    how: Literal["phone", "in_person"] = "phone"
    place: Line = Field(default="", description="Needed in person.")
    encounter: Encounter = "routine"
    note: Words = Field(default="", description="For the interpreter.")
    interpreter: Short = Field(default="", description="Their number; without one those who can are asked.")
    zone: Zone = ""
    variety: Short = Field(default="", description="Of that language: a code or a name.", examples=["zap-juchitan"])


class AppointmentOut(Out):
    """An appointment."""

    code: str
    state: str = Field(examples=["booked"])
    over: bool
    language: LanguageOut | None
    starts: Moment
    minutes: int
    zone: str
    how: Literal["phone", "in_person", "on_site"]
    place: str
    encounter: str
    interpreter: str | None = Field(description="Their number; null while nobody has it.")
    asked: int = Field(description="How many interpreters were asked.")
    request_id: str | None = Field(description="The request that it became at its hour.")
    outcome: str
    variety: str = Field(description='A code; "" where nobody has said which.')


class AppointmentsOut(Out):
    """Appointments that are not over, the next first."""

    appointments: list[AppointmentOut]


def read_calendar(call: Call) -> CalendarOut:
    """Somebody's shifts and time off."""
    with call.store.reading() as tx:
        return _calendar(tx, call)


def put_week(call: Call) -> CalendarOut:
    """Shifts of every week, in place of those there were; time off stays."""
    sent: WeekIn = call.body
    zone = sent.zone or call.parts.settings.time_zone
    today = call.now.astimezone(zone_named(zone)).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), clock_time(0))
    shifts = read_week(sent.week, zone, monday)
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        tx.replace_calendar(one.id, Calendar(shifts, tx.calendar(one.id).time_off), call.now)
        tx.audit(call.by, "shifts set", f"interpreter {one.code}", f"{len(shifts)} shifts", call.now)
        return _calendar(tx, call)


def clear_week(call: Call) -> CalendarOut:
    """No shifts: on call whenever they are ON."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        tx.replace_calendar(one.id, Calendar((), tx.calendar(one.id).time_off), call.now)
        tx.audit(call.by, "shifts removed", f"interpreter {one.code}", "", call.now)
        return _calendar(tx, call)


def add_time_off(call: Call) -> Created:
    """Hours in which somebody is not to be asked."""
    sent: TimeOffIn = call.body
    zone = zone_named(sent.zone or call.parts.settings.time_zone)
    starts, ends = (at.astimezone(zone).replace(tzinfo=None) for at in (sent.starts, sent.ends))
    entry = TimeOff(f"api-{secrets.token_hex(6)}", Hours(starts, ends, zone.key))
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        if call.once.key and tx.claim_key(call.once, one.id, call.now) is not None:
            return Created(_calendar(tx, call), f"/roster/{one.code}/calendar", again=True)
        before = tx.calendar(one.id)
        tx.replace_calendar(one.id, Calendar(before.shifts, (*before.time_off, entry)), call.now)
        tx.audit(call.by, "time off added", f"interpreter {one.code}", "", call.now)
        return Created(_calendar(tx, call), f"/roster/{one.code}/calendar")


def remove_time_off(call: Call) -> CalendarOut:
    """They can be asked again in these hours."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        before = tx.calendar(one.id)
        left = tuple(entry for entry in before.time_off if entry.uid != call.path["uid"])
        if len(left) == len(before.time_off):
            raise ApiProblem("not-found", "There is no such time off.")
        tx.replace_calendar(one.id, Calendar(before.shifts, left), call.now)
        tx.audit(call.by, "time off removed", f"interpreter {one.code}", "", call.now)
        return _calendar(tx, call)


def book(call: Call) -> Created:
    """Book an appointment."""
    sent: NewAppointment = call.body
    zone = sent.zone or call.parts.settings.time_zone
    wish = Wish(
        read_number(sent.requester, call.parts.settings.region),
        sent.language,
        sent.starts,
        zone,
        sent.minutes,
        How(sent.how),
        sent.place,
        sent.encounter if sent.encounter != "routine" else "",
        sent.note,
        sent.interpreter,
        varieties.as_code(sent.language, sent.variety) if sent.variety else "",
    )
    made = call.parts.appointments.add(wish, call.by, call.once)
    with call.store.reading() as tx:
        return Created(_appointment(tx, made), f"/appointments/{made.code}")


def appointments(call: Call) -> AppointmentsOut:
    """Those that are not over."""
    with call.store.reading() as tx:
        return AppointmentsOut(appointments=[_appointment(tx, one) for one in tx.open_appointments()])


def read_appointment(call: Call) -> AppointmentOut:
    """One of them."""
    with call.store.reading() as tx:
        return _appointment(tx, _booked(tx, call))


def call_off(call: Call) -> AppointmentOut:
    """Call it off; everybody concerned is told. Twice is harmless."""
    with call.store.reading() as tx:
        _booked(tx, call)
    after = call.parts.appointments.call_off(call.path["appointment"], "dispatcher", call.by)
    with call.store.reading() as tx:
        return _appointment(tx, after)


# -- how it is done ----------------------------------------------------------------------------------------------------


def _booked(tx: Transaction, call: Call) -> Appointment:
    found = tx.appointment_by_code(call.path["appointment"])
    if found is None:
        raise ApiProblem("not-found", "There is no appointment with this code.")
    return found


def _appointment(tx: Transaction, one: Appointment) -> AppointmentOut:
    people = tx.interpreters_by_id([one.interpreter_id] if one.interpreter_id else [])
    return AppointmentOut(
        code=one.code,
        state=one.state.value,
        over=one.over,
        language=language_out(one.language),
        starts=one.starts,
        minutes=one.minutes,
        zone=one.zone,
        how=one.how.value,
        place=one.place,
        encounter=one.encounter or "routine",
        interpreter=next((person.code for person in people.values()), None),
        asked=len(one.asked),
        request_id=one.request_id,
        outcome=one.outcome,
        variety=one.variety,
    )


def _calendar(tx: Transaction, call: Call) -> CalendarOut:
    return told(tx, call.path["code"], call.now)


def told(tx: Transaction, code: str, at: datetime) -> CalendarOut:
    """The calendar of the interpreter with that number. Raises UnknownInterpreter."""
    one = tx.interpreter_by_code(code)
    calendar = tx.calendar(one.id)
    now = calendar.on_call(at)
    return CalendarOut(
        code=one.code,
        on_call=now.yes,
        reason=now.reason,
        until=now.until,
        next=now.next,
        shifts=[_hours(entry) for entry in calendar.shifts],
        time_off=[_hours(entry) for entry in calendar.time_off],
    )


def _hours(entry: Shift | TimeOff) -> HoursOut:
    hours = entry.hours
    return HoursOut(
        id=entry.uid,
        starts=hours.starts.isoformat(),
        ends=hours.ends.isoformat(),
        zone=hours.zone,
        rule=hours.rule,
        starts_at=instant(hours.starts, hours.zone),
        ends_at=instant(hours.ends, hours.zone),
    )


_CALENDAR = "/roster/{code}/calendar"
OPERATIONS = (
    Operation(
        "read_calendar",
        "GET",
        _CALENDAR,
        Scope.ROSTER,
        read_calendar,
        CalendarOut,
        "Read somebody's shifts and time off",
        "And whether they are on call now, with the reason.",
    ),
    Operation(
        "set_shifts",
        "PUT",
        f"{_CALENDAR}/shifts",
        Scope.ROSTER,
        put_week,
        CalendarOut,
        "Set somebody's shifts",
        "Every week from this one on, in place of all there were. Time off stays.",
        body=WeekIn,
        examples={"office hours and a night": {"week": "mon-fri 09:00-17:00; sat 22:00-06:00"}},
    ),
    Operation(
        "remove_shifts",
        "DELETE",
        f"{_CALENDAR}/shifts",
        Scope.ROSTER,
        clear_week,
        CalendarOut,
        "Remove somebody's shifts",
        "They are then on call whenever they are ON.",
    ),
    Operation(
        "add_time_off",
        "POST",
        f"{_CALENDAR}/time-off",
        Scope.ROSTER,
        add_time_off,
        CalendarOut,
        "Add time off",
        "An Idempotency-Key keeps it from being added twice.",
        body=TimeOffIn,
        status=201,
        examples={"a day": {"starts": "2026-12-24T00:00:00-05:00", "ends": "2026-12-25T00:00:00-05:00"}},
    ),
    Operation(
        "remove_time_off",
        "DELETE",
        f"{_CALENDAR}/time-off/{{uid}}",
        Scope.ROSTER,
        remove_time_off,
        CalendarOut,
        "Remove time off",
    ),
    Operation(
        "book_appointment",
        "POST",
        "/appointments",
        Scope.REQUEST,
        book,
        AppointmentOut,
        "Book an appointment",
        "By phone both phones ring at its hour. With an Idempotency-Key it is booked once.",
        body=NewAppointment,
        status=201,
        problems=(404,),
        examples={
            "by phone": {
                "requester": "+16175550142",
                "language": "Mam",
                "starts": "2026-12-01T10:00:00-05:00",
                "minutes": 45,
            }
        },
    ),
    Operation(
        "list_appointments",
        "GET",
        "/appointments",
        Scope.READ,
        appointments,
        AppointmentsOut,
        "List appointments",
        "Those that are not over, the next first.",
    ),
    Operation(
        "read_appointment",
        "GET",
        "/appointments/{appointment}",
        Scope.READ,
        read_appointment,
        AppointmentOut,
        "Read an appointment",
    ),
    Operation(
        "cancel_appointment",
        "POST",
        "/appointments/{appointment}/cancel",
        Scope.REQUEST,
        call_off,
        AppointmentOut,
        "Call an appointment off",
        "Everybody concerned is told. Doing so twice is harmless.",
    ),
)
