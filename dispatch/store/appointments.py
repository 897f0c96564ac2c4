"""Appointments with what is due about them, written by compare-and-set."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, delete, insert, select, update

from dispatch.appointment import Answer, Appointment, AppointmentState, Asked, Due, DueKind, How
from dispatch.errors import Conflict
from dispatch.people import Interpreter, Role
from dispatch.schema import appointment_deadlines, appointments, interpreters, skills
from dispatch.store.shifts import Shifts

LONGEST = timedelta(days=1)
"""Of an appointment; looked back for those that still go on."""
_NOTED = ("note", "place")


class Appointments(Shifts):
    """Load, create and save appointments."""

    def add_appointment(self, appointment: Appointment) -> None:
        """Store a new appointment. Raises Conflict when its code is taken."""
        self._db.execute(insert(appointments), self._appointment_row(appointment))
        self._save_dues(replace(appointment, dues=()), appointment)

    def appointment(self, appointment_id: str) -> Appointment | None:
        """An appointment, locked until the transaction ends where the database locks rows."""
        return self._one_appointment(appointments.c.id == appointment_id)

    def appointment_by_code(self, code: str) -> Appointment | None:
        """The appointment with that code, however it is written; locked in the same way."""
        return self._one_appointment(appointments.c.code == code.upper())

    def save_appointment(self, before: Appointment, after: Appointment) -> Appointment:
        """Write what changed. Raises Conflict when the stored version is not `before`'s."""
        saved = replace(after, version=before.version + 1)
        mine = (appointments.c.id == before.id, appointments.c.version == before.version)
        written = self._db.execute(update(appointments).where(*mine).values(**self._appointment_row(saved)))
        if written.rowcount != 1:
            raise Conflict("The appointment was changed by somebody else in the meantime.")
        self._save_dues(before, saved)
        return saved

    def due_appointments(self, now: datetime, limit: int) -> list[tuple[str, Due]]:
        """What has come due, oldest first, with the appointment's id."""
        due = select(appointment_deadlines).where(appointment_deadlines.c.at <= now)
        found = self._db.execute(due.order_by(appointment_deadlines.c.at).limit(limit)).mappings()
        return [(row["appointment_id"], _to_due(row)) for row in found]

    def open_appointments(self) -> list[Appointment]:
        """Every appointment that is not over, the next first."""
        return self._appointments(select(appointments).where(appointments.c.over.is_(False)))

    def appointments_of(self, interpreter_id: str, since: datetime) -> list[Appointment]:
        """An interpreter's appointments from then on that were not called off, the next first."""
        mine = select(appointments).where(
            appointments.c.interpreter_id == interpreter_id,
            appointments.c.starts >= since,
            appointments.c.state != AppointmentState.CANCELLED.value,
        )
        return self._appointments(mine)

    def booked_between(self, starts: datetime, ends: datetime, but: str = "") -> set[str]:
        """Interpreters who have an appointment, other than `but`, that touches that time."""
        near = select(appointments).where(
            appointments.c.over.is_(False),
            appointments.c.starts < ends,
            appointments.c.starts > starts - LONGEST,
            appointments.c.interpreter_id.is_not(None),
            appointments.c.id != but,
        )
        return {str(row.interpreter_id) for row in self._db.execute(near) if _end(row) > starts}

    def on_site_for(self, request_id: str) -> list[Appointment]:
        """The appointments as soon as possible of a request that are not over."""
        mine = (appointments.c.request_id == request_id, appointments.c.channel == How.ON_SITE.value)
        return self._appointments(select(appointments).where(*mine, appointments.c.over.is_(False)))

    def appointments_with(self, requester_id: str) -> list[Appointment]:
        """The appointments of a requester that are not over."""
        theirs = (appointments.c.over.is_(False), appointments.c.requester_id == requester_id)
        return self._appointments(select(appointments).where(*theirs))

    def speaking(self, language: str) -> list[Interpreter]:
        """Everybody on the roster who speaks it, on or off now."""
        spoken = select(skills.c.interpreter_id).where(skills.c.language == language)
        here = select(interpreters).where(interpreters.c.id.in_(spoken), interpreters.c.retired_at.is_(None))
        return self._interpreters(here)

    def hold_interpreter(self, interpreter_id: str) -> None:
        """Let nobody else book this interpreter until the transaction ends, where the database locks rows."""
        if self._lock:
            self._db.execute(select(interpreters.c.id).where(interpreters.c.id == interpreter_id).with_for_update())

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _one_appointment(self, condition: Any) -> Appointment | None:
        query = select(appointments).where(condition)
        found = self._appointments(query.with_for_update() if self._lock else query)
        return found[0] if found else None

    def _appointments(self, query: Select[Any]) -> list[Appointment]:
        found = self._db.execute(query.order_by(appointments.c.starts, appointments.c.id)).mappings().all()
        dues = self._dues_of([row["id"] for row in found])
        return [self._to_appointment(row, dues[row["id"]]) for row in found]

    def _dues_of(self, ids: Sequence[str]) -> dict[str, list[Due]]:
        dues: dict[str, list[Due]] = defaultdict(list)
        query = select(appointment_deadlines).order_by(appointment_deadlines.c.at)
        if len(ids) <= 500:
            query = query.where(appointment_deadlines.c.appointment_id.in_(ids))
        for row in self._db.execute(query).mappings():
            dues[row["appointment_id"]].append(_to_due(row))
        return dues

    def _save_dues(self, before: Appointment, after: Appointment) -> None:
        table = appointment_deadlines
        for gone in set(before.dues) - set(after.dues):
            self._db.execute(
                delete(table).where(
                    table.c.appointment_id == after.id, table.c.kind == gone.kind.value, table.c.subject == gone.subject
                )
            )
        new = [
            {"appointment_id": after.id, "kind": due.kind.value, "subject": due.subject, "at": due.at}
            for due in after.dues
            if due not in before.dues
        ]
        if new:
            self._db.execute(insert(table), new)

    def _appointment_row(self, appointment: Appointment) -> dict[str, Any]:
        """The row; what was noted about place and person goes when it is over."""
        kept = {name: "" if appointment.over else getattr(appointment, name) for name in _NOTED}
        return {
            "id": appointment.id,
            "code": appointment.code,
            "requester_id": appointment.requester_id,
            "role": appointment.role.value,
            "language": appointment.language,
            "starts": appointment.starts,
            "minutes": appointment.minutes,
            "zone": appointment.zone,
            "channel": appointment.how.value,
            "encounter": appointment.encounter,
            "place_sealed": self._seal.seal(kept["place"]),
            "note_sealed": self._seal.seal(kept["note"]),
            "state": appointment.state.value,
            "over": appointment.over,
            "version": appointment.version,
            "interpreter_id": appointment.interpreter_id,
            "request_id": appointment.request_id,
            "asked": json.dumps({one.interpreter_id: one.answer.value for one in appointment.asked}),
            "outcome": appointment.outcome,
            "variety": appointment.variety,
            "also_varieties": " ".join(appointment.also_varieties),
            "asked_variety": appointment.asked_variety,
        }

    def _to_appointment(self, row: RowMapping, dues: Sequence[Due]) -> Appointment:
        return Appointment(
            id=row["id"],
            code=row["code"],
            requester_id=row["requester_id"],
            role=Role(row["role"]),
            language=row["language"],
            starts=row["starts"],
            minutes=row["minutes"],
            zone=row["zone"],
            how=How(row["channel"]),
            place=self._seal.open(row["place_sealed"]),
            encounter=row["encounter"],
            note=self._seal.open(row["note_sealed"]),
            state=AppointmentState(row["state"]),
            interpreter_id=row["interpreter_id"],
            asked=tuple(Asked(one, Answer(answer)) for one, answer in json.loads(row["asked"]).items()),
            dues=tuple(dues),
            request_id=row["request_id"],
            outcome=row["outcome"],
            version=row["version"],
            variety=row["variety"],
            also_varieties=tuple(row["also_varieties"].split()),
            asked_variety=row["asked_variety"],
        )


def _to_due(row: RowMapping) -> Due:
    return Due(DueKind(row["kind"]), row["at"], row["subject"])


def _end(row: Any) -> datetime:
    end: datetime = row.starts + timedelta(minutes=row.minutes)
    return end
