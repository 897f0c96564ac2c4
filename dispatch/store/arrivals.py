"""Expected arrivals and invitations, written by compare-and-set; and what coverage is worked out from."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select, update

from dispatch.arrival import Arrival, ArrivalState, Shape, Share
from dispatch.errors import Conflict
from dispatch.invitation import Due, DueKind, Invitation, InvitationState
from dispatch.people import Availability, Interpreter, QuietHours
from dispatch.schema import event_log, requests
from dispatch.schema_arrivals import arrivals, invitations
from dispatch.shifts import Calendar, Hours
from dispatch.store.routing import Routing

_SEALED = ("place", "liaison", "liaison_phone", "note")


class Arrivals(Routing):
    """Load, create and save arrivals and invitations."""

    def add_arrival(self, arrival: Arrival) -> None:
        """Store a new arrival."""
        self._db.execute(insert(arrivals), self._arrival_row(arrival) | {"forgotten": False})

    def arrival(self, arrival_id: str) -> Arrival | None:
        """An arrival by id."""
        row = self._db.execute(select(arrivals).where(arrivals.c.id == arrival_id)).mappings().first()
        return self._to_arrival(row) if row is not None else None

    def arrivals_since(self, since: datetime) -> list[Arrival]:
        """Arrivals that were not over then, the next first."""
        found = select(arrivals).where(arrivals.c.ends > since).order_by(arrivals.c.starts, arrivals.c.id)
        return [self._to_arrival(row) for row in self._db.execute(found).mappings()]

    def save_arrival(self, before: Arrival, after: Arrival) -> Arrival:
        """Write what changed. Raises Conflict when the stored version is not `before`'s."""
        saved = replace(after, version=before.version + 1)
        mine = (arrivals.c.id == before.id, arrivals.c.version == before.version)
        if self._db.execute(update(arrivals).where(*mine).values(**self._arrival_row(saved))).rowcount != 1:
            raise Conflict("The arrival was changed by somebody else in the meantime.")
        return saved

    def forget_arrivals(self, before: datetime) -> int:
        """Forget place, liaison and note of arrivals that were over by then; returns how many."""
        old = (arrivals.c.ends < before, arrivals.c.forgotten.is_(False))
        if not self._db.execute(select(func.count()).where(*old)).scalar_one():
            return 0
        empty = self._seal.seal(json.dumps(dict.fromkeys(_SEALED, "")))
        return self._db.execute(update(arrivals).where(*old).values(sealed=empty, forgotten=True)).rowcount

    # -- invitations ---------------------------------------------------------------------------------------------------

    def add_invitation(self, invitation: Invitation) -> None:
        """Store a new invitation. Raises Conflict when its code is taken, or they are invited to this already."""
        self._db.execute(insert(invitations), _invitation_row(invitation))

    def invitation(self, invitation_id: str) -> Invitation | None:
        """An invitation, locked until the transaction ends where the database locks rows."""
        return self._one_invitation(invitations.c.id == invitation_id)

    def invitation_by_code(self, code: str) -> Invitation | None:
        """The invitation with that code, however it is written; locked in the same way."""
        return self._one_invitation(invitations.c.code == code.upper())

    def invitations_to(self, purpose: str) -> list[Invitation]:
        """Everybody who was invited to that."""
        return self._invitations(select(invitations).where(invitations.c.purpose == purpose))

    def invitation_waiting_for(self, interpreter_id: str) -> Invitation | None:
        """The invitation that this interpreter was sent last and has not answered."""
        mine = select(invitations).where(
            invitations.c.interpreter_id == interpreter_id, invitations.c.state == InvitationState.ASKED.value
        )
        found = self._invitations(mine.order_by(invitations.c.asked_at.desc()).limit(1))
        return found[0] if found else None

    def invitations_open(self) -> list[Invitation]:
        """Invitations of which something is still to come."""
        return self._invitations(select(invitations).where(invitations.c.next_due.is_not(None)))

    def save_invitation(self, before: Invitation, after: Invitation) -> Invitation:
        """Write what changed. Raises Conflict when the stored version is not `before`'s."""
        saved = replace(after, version=before.version + 1)
        mine = (invitations.c.id == before.id, invitations.c.version == before.version)
        if self._db.execute(update(invitations).where(*mine).values(**_invitation_row(saved))).rowcount != 1:
            raise Conflict("The invitation was changed by somebody else in the meantime.")
        return saved

    def due_invitations(self, now: datetime, limit: int) -> list[tuple[str, Due]]:
        """What has come due, oldest first, with the invitation's id."""
        due = select(invitations).where(invitations.c.next_due <= now).order_by(invitations.c.next_due).limit(limit)
        return [
            (one.id, what)
            for one in self._invitations(due)
            for what in sorted(one.dues, key=lambda what: what.at)
            if what.at <= now
        ]

    def change_calendar(self, interpreter_id: str, add: Sequence[Any], remove: frozenset[str], now: datetime) -> None:
        """Put shifts into an interpreter's calendar, or take those with these uids out; the rest stays."""
        known = self.calendar(interpreter_id)
        gone = remove | {shift.uid for shift in add}
        kept = tuple(shift for shift in known.shifts if shift.uid not in gone)
        self.replace_calendar(interpreter_id, Calendar((*kept, *add), known.time_off), now)

    # -- what coverage is made from ------------------------------------------------------------------------------------

    def asked_since(self, since: datetime, until: datetime) -> list[tuple[str, datetime, float]]:
        """Language, time and minutes talked of requests in that time that are over and whose language was known."""
        found = select(requests.c.language, requests.c.created_at, requests.c.connected_at, requests.c.ended_at).where(
            requests.c.over,
            requests.c.language.is_not(None),
            requests.c.created_at >= since,
            requests.c.created_at < until,
        )
        return [
            (
                row.language,
                row.created_at,
                (row.ended_at - row.connected_at).total_seconds() / 60 if row.connected_at and row.ended_at else 0.0,
            )
            for row in self._db.execute(found)
        ]

    def signed_on_and_off(self, since: datetime) -> dict[str, list[tuple[datetime, bool]]]:
        """When each interpreter signed on (True) or off, oldest first. A pause counts as on: it ends by itself."""
        said = select(event_log.c.at, event_log.c.detail).where(
            event_log.c.kind == "AvailabilityChanged", event_log.c.at >= since
        )
        found: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
        for row in self._db.execute(said.order_by(event_log.c.seq)):
            told = json.loads(row.detail)
            found[told["interpreter_id"]].append((row.at, told["to"] != Availability.OFF.value))
        return found

    def limit_reached(self, people: Sequence[Interpreter], now: datetime, agency_zone: str) -> frozenset[str]:
        """Those who have interpreted as many minutes this week as they do at most."""
        spent = self._minutes(people, now, agency_zone)
        limits = {one.id: one.terms.weekly_minutes for one in people}
        return frozenset(
            one for one, minutes in spent.items() if (limit := limits[one]) is not None and minutes[1] >= limit
        )

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _one_invitation(self, condition: Any) -> Invitation | None:
        query = select(invitations).where(condition)
        found = self._invitations(query.with_for_update() if self._lock else query)
        return found[0] if found else None

    def _invitations(self, query: Select[Any]) -> list[Invitation]:
        return [_to_invitation(row) for row in self._db.execute(query).mappings()]

    def _arrival_row(self, arrival: Arrival) -> dict[str, Any]:
        return {
            "id": arrival.id,
            "name": arrival.name,
            "starts": arrival.starts,
            "ends": arrival.ends,
            "zone": arrival.zone,
            "people": arrival.people,
            "languages": json.dumps([[one.language, one.people, one.variety] for one in arrival.languages]),
            "area": arrival.area,
            "contacts_per_day": arrival.contacts_per_day,
            "shape": arrival.shape.value,
            "sealed": self._seal.seal(json.dumps({name: getattr(arrival, name) for name in _SEALED})),
            "state": arrival.state.value,
            "version": arrival.version,
        }

    def _to_arrival(self, row: RowMapping) -> Arrival:
        return Arrival(
            id=row["id"],
            name=row["name"],
            starts=row["starts"],
            ends=row["ends"],
            zone=row["zone"],
            people=row["people"],
            languages=tuple(Share(*one) for one in json.loads(row["languages"])),
            area=row["area"],
            contacts_per_day=row["contacts_per_day"],
            shape=Shape(row["shape"]),
            state=ArrivalState(row["state"]),
            version=row["version"],
            **json.loads(self._seal.open(row["sealed"])),
        )


def _invitation_row(one: Invitation) -> dict[str, Any]:
    return {
        "id": one.id,
        "code": one.code,
        "interpreter_id": one.interpreter_id,
        "purpose": one.purpose,
        "hours": json.dumps([[h.starts.isoformat(), h.ends.isoformat(), h.zone, h.rule] for h in one.hours]),
        "zone": one.zone,
        "languages": ",".join(one.languages),
        "area": one.area,
        "quiet": f"{one.quiet.start:%H:%M}-{one.quiet.end:%H:%M}" if one.quiet else "",
        "extra": one.extra,
        "state": one.state.value,
        "dues": json.dumps([[due.kind.value, due.at.isoformat(), due.subject] for due in one.dues]),
        "next_due": min((due.at for due in one.dues), default=None),
        "asked_at": one.asked_at,
        "answered_at": one.answered_at,
        "signed_on": one.signed_on,
        "version": one.version,
    }


def _to_invitation(row: RowMapping) -> Invitation:
    start, _, end = row["quiet"].partition("-")
    moment = datetime.fromisoformat
    return Invitation(
        id=row["id"],
        code=row["code"],
        interpreter_id=row["interpreter_id"],
        purpose=row["purpose"],
        hours=tuple(
            Hours(moment(starts), moment(ends), zone, rule) for starts, ends, zone, rule in json.loads(row["hours"])
        ),
        zone=row["zone"],
        languages=tuple(row["languages"].split(",")),
        area=row["area"],
        quiet=QuietHours(time.fromisoformat(start), time.fromisoformat(end)) if start else None,
        extra=row["extra"],
        state=InvitationState(row["state"]),
        dues=tuple(Due(DueKind(kind), moment(at), subject) for kind, at, subject in json.loads(row["dues"])),
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
        signed_on=row["signed_on"],
        version=row["version"],
    )
