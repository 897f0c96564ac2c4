"""Calendars as iCalendar by the API: a file looked at, then taken; the same written; and the address of the feed."""

import json
from datetime import timedelta

from pydantic import Field

from dispatch import calendar_feed
from dispatch.api import calendar
from dispatch.api.calendar import CalendarOut, Zone
from dispatch.api.operations import Call, Created, File, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.shapes import In, Out
from dispatch.calendar_files import listing, read_calendar
from dispatch.integrations import Scope
from dispatch.shifts import zone_named

DRAFT_LIFE = timedelta(hours=1)
_ICS = "text/calendar"


class FileQuery(In):
    """How to read it."""

    zone: Zone = ""


class CalendarPreviewOut(Out):
    """What the file would put in place of all shifts and time off; nothing is written yet."""

    draft: str = Field(description="Take it by this, within an hour.")
    shifts: int
    time_off: int
    entries: list[str] = Field(
        description="Each in words.",
        examples=[["on call  Mon 2026-03-02 09:00 to Mon 2026-03-02 17:00 (America/New_York), repeats FREQ=WEEKLY"]],
    )
    replaces_shifts: int = Field(description="Shifts that there are now.")
    replaces_time_off: int


class AddressOut(Out):
    """Where an interpreter's own calendar program reads their shifts and appointments."""

    address: str | None = Field(
        description="Whoever has it needs no password. Shown this once; null where the same Idempotency-Key was "
        "answered before."
    )


class RevokedOut(Out):
    """Nobody reads there any more."""

    revoked: bool


def look(call: Call) -> CalendarPreviewOut:
    """What a file would do. Every event that cannot be read is named."""
    asked: FileQuery = call.query
    zone = zone_named(asked.zone or call.parts.settings.time_zone).key
    content: bytes = call.body
    read = read_calendar(content, "calendar", zone)
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        now = tx.calendar(one.id)
        kept = json.dumps({"code": one.code, "zone": zone, "calendar": content.decode("latin-1")})
        draft = tx.keep_draft(call.by, kept, call.now, call.now + DRAFT_LIFE)
    return CalendarPreviewOut(
        draft=draft,
        shifts=len(read.shifts),
        time_off=len(read.time_off),
        entries=list(listing(read)),
        replaces_shifts=len(now.shifts),
        replaces_time_off=len(now.time_off),
    )


def take(call: Call) -> CalendarOut:
    """Put a file that was looked at in place of what there is: all of it, or nothing."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        kept = _kept(tx.draft(call.path["draft"], call.by, call.now))
        if kept.get("code") != one.code:
            raise ApiProblem("not-found", "There is no such preview of theirs, or it is too old; send the file again.")
        content = kept["calendar"].encode("latin-1")
        read = read_calendar(content, "calendar", kept["zone"])
        tx.replace_calendar(one.id, read, call.now)
        tx.forget_draft(call.path["draft"])
        told = f"{len(read.shifts)} shifts and {len(read.time_off)} times off"
        tx.audit(call.by, "calendar imported", f"interpreter {one.code}", told, call.now)
        return calendar.told(tx, one.code, call.now)


def export(call: Call) -> File:
    """As their feed has it."""
    with call.store.reading() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        written = calendar_feed.written(tx, one, call.parts.settings.agency, call.now)
    return File(written, f"interpreter-{one.code}.ics")


def make_address(call: Call) -> Created:
    """Another address of the feed; a former one is nobody's any more."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        where = f"/roster/{one.code}/calendar.ics"
        if call.once.key and tx.claim_key(call.once, one.id, call.now) is not None:
            return Created(AddressOut(address=None), where, again=True)
        token = tx.calendar_token(one.id, call.now, anew=True)
        tx.audit(call.by, "calendar address made", f"interpreter {one.code}", "", call.now)
        return Created(AddressOut(address=calendar_feed.address(call.parts.settings, token)), where)


def revoke_address(call: Call) -> RevokedOut:
    """Nobody reads there any more."""
    with call.store.transaction() as tx:
        one = tx.interpreter_by_code(call.path["code"])
        tx.revoke_calendar_token(one.id, call.now)
        tx.audit(call.by, "calendar address revoked", f"interpreter {one.code}", "", call.now)
    return RevokedOut(revoked=True)


def _kept(draft: str | None) -> dict[str, str]:
    """What was kept; {} for nothing, and for what is another kind of file."""
    try:
        read = json.loads(draft or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


_CALENDAR = "/roster/{code}/calendar"
_EXAMPLE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VEVENT
UID:office-hours
DTSTAMP:20260301T000000Z
SUMMARY:On call
DTSTART;TZID=America/New_York:20260302T090000
DTEND;TZID=America/New_York:20260302T170000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
END:VEVENT
END:VCALENDAR
"""
OPERATIONS = (
    Operation(
        "preview_calendar",
        "POST",
        f"{_CALENDAR}/import",
        Scope.ROSTER,
        look,
        CalendarPreviewOut,
        "See what an iCalendar file would do",
        "Events are shifts (“On call”) or time off, by CATEGORIES or SUMMARY. Nothing is written yet; 422 names every "
        "event and field that cannot be read.",
        query=FileQuery,
        takes=_ICS,
        largest=2 << 20,
        examples={"office hours": _EXAMPLE},
    ),
    Operation(
        "take_calendar",
        "POST",
        f"{_CALENDAR}/import/{{draft}}",
        Scope.ROSTER,
        take,
        CalendarOut,
        "Import an iCalendar file that was looked at",
        "In place of all their shifts and time off: all of it, or nothing.",
    ),
    Operation(
        "export_calendar",
        "GET",
        f"{_CALENDAR}.ics",
        Scope.ROSTER,
        export,
        None,
        "Read somebody's calendar as iCalendar",
        "Shifts, time off and appointments, as their feed has them: no requester, place or note.",
        sends=_ICS,
    ),
    Operation(
        "make_calendar_address",
        "POST",
        f"{_CALENDAR}/address",
        Scope.ROSTER,
        make_address,
        AddressOut,
        "Make the address of somebody's calendar feed",
        "For their own calendar program; nobody can guess it. A former address is nobody's any more.",
        status=201,
    ),
    Operation(
        "revoke_calendar_address",
        "DELETE",
        f"{_CALENDAR}/address",
        Scope.ROSTER,
        revoke_address,
        RevokedOut,
        "Revoke the address of somebody's calendar feed",
        "Doing so twice is harmless.",
    ),
)
