"""An interpreter's week: shifts and time off on a grid, changed by form, mouse or keys; their calendar's address."""

import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import calendar_feed, week_grid
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to
from dispatch.errors import ShiftInvalid
from dispatch.people import Interpreter
from dispatch.shift_form import (
    LABELS,
    ShiftFields,
    fields_of,
    from_form,
    keeping_exceptions,
    moved,
    read_entry,
    said,
    without_day,
)
from dispatch.shifts import Calendar, Shift, TimeOff, occurrences, zone_named
from dispatch.store import Transaction

Entry = Shift | TimeOff
_CHANGED = "Somebody changed these hours meanwhile. What you see now is theirs; change it again."


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of one interpreter's week."""
    pages = ShiftPages(console)
    one = "/console/roster/one/{code}"
    return [
        Route(f"{one}/week", guard(pages.page, May.SEE_ROSTER)),
        Route(f"{one}/week", guard(pages.change, May.CHANGE_ROSTER), methods=["POST"]),
        Route(f"{one}/feed", guard(pages.feed, May.CHANGE_ROSTER), methods=["POST"]),
    ]


class ShiftPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    def page(self, visit: Visit) -> Response:
        """The week that was asked for, and the form: empty, for an entry, or for one that was dragged elsewhere."""
        with self._store.reading() as tx:
            one = tx.interpreter_by_code(_code(visit))
            entry = _entry(tx.calendar(one.id), visit.asked("change"))
            shown = week_values(tx, one, self._monday(visit, tx, one), self._zone(tx, one))
        form = fields_of(entry) if entry is not None else None
        if form is not None:
            form = moved(form, _whole(visit.asked("move_days")), _whole(visit.asked("move_minutes")))
        return self._drawn(visit, shown, form, visit.asked("change") if form is not None else "")

    def change(self, visit: Visit) -> Response:
        """Add, change, move or remove an entry, or leave one day of it out."""
        code, do = _code(visit), visit.text("do")
        sent = {name: visit.text(name) for name in visit.form}
        days = [str(day) for day in visit.form.getlist("days")]
        form: ShiftFields | None = None
        try:
            with self._store.transaction() as tx:
                one = tx.interpreter_by_code(code)
                calendar = tx.calendar(one.id)
                form = from_form(sent, days, self._zone(tx, one))
                if visit.text("seen") != week_grid.calendar_key(calendar):
                    raise _Older
                after, told = _after(calendar, _entry(calendar, visit.text("key")), do, form, sent)
                tx.replace_calendar(one.id, after, visit.now)
                tx.audit(visit.visitor.name, "shifts changed", f"interpreter {one.code}", told, visit.now)
        except (ShiftInvalid, _Older) as error:
            older = isinstance(error, _Older)
            told = _CHANGED if older else _problem(error)
            with self._store.reading() as tx:
                shown = week_values(tx, tx.interpreter_by_code(code), self._monday(visit, tx, one), self._zone(tx, one))
            key = "" if older else visit.text("key")
            if do == "move":  # it came from the grid: nobody has filled the form in
                form, key = None, ""
            return self._drawn(visit, shown, form, key, told, 409 if older else 422)
        return back_to(f"/console/roster/one/{one.code}/week?week={visit.text('week')}")

    def feed(self, visit: Visit) -> Response:
        """Make the calendar's address anew and show it once, or revoke it."""
        make = visit.text("action") == "make"
        with self._store.transaction() as tx:
            one = tx.interpreter_by_code(_code(visit))
            token = tx.calendar_token(one.id, visit.now, anew=True) if make else ""
            if not make:
                tx.revoke_calendar_token(one.id, visit.now)
            action = "calendar address made" if make else "calendar address revoked"
            tx.audit(visit.visitor.name, action, f"interpreter {one.code}", "", visit.now)
        if not make:
            return back_to(f"/console/roster/one/{one.code}")
        address = calendar_feed.address(self._console.settings, token)
        return self._console.pages.draw("calendar_address.html", visit, one=one, address=address)

    def _drawn(
        self,
        visit: Visit,
        shown: dict[str, Any],
        form: ShiftFields | None,
        key: str,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        form = form or ShiftFields(first=shown["monday"].isoformat(), zone=shown["zone"])
        values = shown | {"form": form, "key": key, "problem": problem, "days": week_grid.DAYS}
        return self._console.pages.draw("week.html", visit, status=status, **values)

    def _zone(self, tx: Transaction, one: Interpreter) -> str:
        return zone_of(tx, one, self._console.settings.time_zone)

    def _monday(self, visit: Visit, tx: Transaction, one: Interpreter) -> date:
        asked = visit.asked("week") or visit.text("week")
        try:
            return week_grid.monday_of(date.fromisoformat(asked))
        except ValueError:
            return week_grid.monday_of(visit.now.astimezone(zone_named(self._zone(tx, one))).date())


class _Older(Exception):
    """The calendar is not the one that the page showed."""


def zone_of(tx: Transaction, one: Interpreter, agency_zone: str) -> str:
    """The zone in which an interpreter's week is shown: that of their shifts, else where they live, else ours."""
    entries = tx.calendar(one.id).entries
    return entries[0].hours.zone if entries else one.terms.timezone or agency_zone


def week_values(tx: Transaction, one: Interpreter, monday: date, zone: str) -> dict[str, Any]:
    """What the grid's template shows."""
    calendar = tx.calendar(one.id)
    starts, ends = week_grid.bounds(monday, zone)
    booked = [found for found in tx.appointments_of(one.id, starts - timedelta(days=1)) if found.starts < ends]
    entries = [
        {
            "key": week_grid.entry_key(entry),
            "kind": "shift" if isinstance(entry, Shift) else "time off",
            "words": said(entry),
            "zone": entry.hours.zone,
            "by_form": fields_of(entry) is not None,
            "repeats": bool(entry.hours.rule),
            "days": [
                found.starts.astimezone(zone_named(entry.hours.zone)).date()
                for found in occurrences(entry.hours, starts, ends)
                if found.starts >= starts
            ],
        }
        for entry in calendar.entries
    ]
    return {
        "one": one,
        "grid": week_grid.week(calendar, booked, monday, zone),
        "entries": entries,
        "outside": week_grid.outside(calendar, booked) if calendar.entries else [],
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "zone": zone,
        "seen": week_grid.calendar_key(calendar),
        "fixed": bool(calendar.shifts),
    }


def _after(
    calendar: Calendar, entry: Entry | None, do: str, form: ShiftFields, sent: dict[str, str]
) -> tuple[Calendar, str]:
    """The calendar after what was asked for, and what the audit log says of it. Raises ShiftInvalid."""
    if do == "add" or (do == "save" and not sent.get("key")):
        added = read_entry(form, f"console-{secrets.token_hex(6)}")
        return _with(calendar, None, added), f"{form.kind.replace('_', ' ')} added: {said(added)}"
    if entry is None:
        raise _Older
    if do == "remove":
        return _with(calendar, entry, None), f"removed: {said(entry)}"
    if do == "move":
        fields = fields_of(entry)
        if fields is None:
            raise ShiftInvalid("rule", "it comes from a calendar file; import it anew to change it")
        form = moved(fields, *(_whole(sent.get(name, "")) for name in ("move_days", "move_minutes", "longer")))
    if do == "leave_out":
        day = date.fromisoformat(sent.get("day", "")) if sent.get("day") else entry.hours.starts.date()
        return _with(calendar, entry, without_day(entry, day)), f"{day.isoformat()} left out of: {said(entry)}"
    changed = keeping_exceptions(entry, read_entry(form, entry.uid))
    return _with(calendar, entry, changed), f"{said(entry)} is now: {said(changed)}"


def _with(calendar: Calendar, old: Entry | None, new: Entry | None) -> Calendar:
    """The calendar with one entry in place of another."""
    entries = [entry for entry in calendar.entries if entry is not old] + ([new] if new is not None else [])
    return replace(
        calendar,
        shifts=tuple(entry for entry in entries if isinstance(entry, Shift)),
        time_off=tuple(entry for entry in entries if isinstance(entry, TimeOff)),
    )


def _entry(calendar: Calendar, key: str) -> Entry | None:
    return next((entry for entry in calendar.entries if week_grid.entry_key(entry) == key), None)


def _problem(error: Exception) -> str:
    if isinstance(error, ShiftInvalid):
        return f"{LABELS.get(error.field, error.field)}: {error.words}."
    return str(error)


def _code(visit: Visit) -> str:
    return str(visit.request.path_params["code"])


def _whole(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 6 else 0
