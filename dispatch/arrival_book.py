"""The book of expected arrivals: takes them in, invites interpreters, does what is due. One transaction each.

The shell around `arrival` and `invitation.step`. Texts go out through the same outbox as all others.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import stamina

from dispatch import arrival as arrivals
from dispatch import arrival_view, languages
from dispatch.appointment import Rules
from dispatch.appointment_record import free_code
from dispatch.arrival import Arrival, ArrivalState
from dispatch.brief import Brief, make
from dispatch.clock import Clock
from dispatch.due_rounds import on_its_own
from dispatch.errors import ArrivalInvalid, Conflict
from dispatch.integrations import Once
from dispatch.invitation import Due, DueKind, DuePassed, Invitation, Made, Withdrawn
from dispatch.invitation_texts import apply
from dispatch.people import Availability, Interpreter, PhoneNumber
from dispatch.settings import Settings
from dispatch.shifts import Hours, Shift, has_usual, instant, zone_named
from dispatch.store import Store, Transaction

_retry_conflicts = stamina.retry(on=Conflict, attempts=8, wait_initial=0.01, wait_max=0.2, timeout=10)
KEPT = timedelta(days=30)
"""After an arrival is over: then its place, its liaison and its note are forgotten."""


class ArrivalBook:
    """Takes arrivals and invitations in and keeps them. Safe to share between threads and in many processes."""

    def __init__(
        self, store: Store, clock: Clock, settings: Settings, hand_over: Callable[[Sequence[str]], None]
    ) -> None:
        """`hand_over` gives the ids of committed effects to the queue."""
        self._store = store
        self._clock = clock
        self._hand_over = hand_over
        self._settings = settings
        self._zone = settings.time_zone
        self._rules = Rules(
            reminders=tuple(timedelta(minutes=minutes) for minutes in settings.appointment_reminder_minutes),
            quiet_from=settings.quiet_from,
            quiet_to=settings.quiet_to,
        )

    # -- arrivals ------------------------------------------------------------------------------------------------------

    def add(self, arrival: Arrival, by: str, once: Once | None = None) -> Arrival:
        """Take an arrival in; with the same key of `once` only once. Raises ArrivalInvalid, KeyReused."""
        now = self._clock.now()
        arrivals.check(arrival, now)
        made = replace(arrival, id=secrets.token_hex(6), version=0)
        with self._store.transaction() as tx:
            earlier = tx.claim_key(once, made.id, now) if once is not None and once.key else None
            known = tx.arrival(earlier) if earlier is not None else None
            if known is not None:
                return known
            tx.add_arrival(made)
            tx.audit(by, "arrival entered", f"arrival {made.id}", f"{made.people} people", now)
        return made

    def change(self, arrival: Arrival, by: str) -> Arrival:
        """Write it anew; whether it is called off stays as it is (`call_off`, `expect_again`).

        Raises ArrivalInvalid, and Conflict where somebody else has changed it meanwhile.
        """
        now = self._clock.now()
        arrivals.check(arrival, now)
        with self._store.transaction() as tx:
            known = tx.arrival(arrival.id)
            saved = tx.save_arrival(arrival, replace(arrival, state=known.state) if known is not None else arrival)
            tx.audit(by, "arrival changed", f"arrival {saved.id}", f"{saved.people} people", now)
        return saved

    @_retry_conflicts
    def call_off(self, arrival_id: str, by: str) -> None:
        """They do not come: everybody who said yes is told, and free again. Doing so twice is harmless."""
        now = self._clock.now()
        ids: list[str] = []
        with self._store.transaction() as tx:
            known = tx.arrival(arrival_id)
            if known is None or known.state is ArrivalState.CALLED_OFF:
                return
            tx.save_arrival(known, replace(known, state=ArrivalState.CALLED_OFF))
            for one in tx.invitations_to(arrival_id):
                ids += apply(tx, one, Withdrawn(), now, self._rules)[1]
            tx.audit(by, "arrival called off", f"arrival {arrival_id}", "", now)
        self._hand_over(ids)

    @_retry_conflicts
    def expect_again(self, arrival_id: str, by: str) -> None:
        """They come after all. Nobody is invited by this: who was told that it is off has to be asked anew.

        Doing so twice is harmless. Raises ArrivalInvalid for one that is over.
        """
        now = self._clock.now()
        with self._store.transaction() as tx:
            known = tx.arrival(arrival_id)
            if known is None or known.state is ArrivalState.EXPECTED:
                return
            if known.ends <= now:
                raise ArrivalInvalid("Its time is over; enter a new arrival for another day.")
            tx.save_arrival(known, replace(known, state=ArrivalState.EXPECTED))
            tx.audit(by, "arrival expected after all", f"arrival {arrival_id}", "", now)

    def brief(self, arrival_id: str, by: str, whole: bool) -> Brief:
        """The page for officers; `whole`: with the liaison's number, which is audited. Raises ArrivalInvalid."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            known = tx.arrival(arrival_id)
            if known is None:
                raise ArrivalInvalid("There is no such arrival; see the list of arrivals.")
            if known.liaison_phone and whole:
                tx.audit(by, "liaison number revealed", f"brief of arrival {known.id}", "", now)
        if known.liaison_phone and not whole:
            known = replace(known, liaison_phone=str(PhoneNumber(known.liaison_phone)))
        return make(known, self._settings.agency, self._settings.hotline_number, arrival_view.when(known))

    # -- invitations ---------------------------------------------------------------------------------------------------

    @_retry_conflicts
    def invite(self, arrival_id: str, asked: dict[str, tuple[Hours, ...]], by: str) -> int:
        """Invite these interpreters (ids) for these hours; returns how many. Who was invited before is not again,
        unless that invitation was taken back.

        Raises ArrivalInvalid.
        """
        now = self._clock.now()
        with self._store.transaction() as tx:
            known = tx.arrival(arrival_id)
            if known is None or known.state is ArrivalState.CALLED_OFF or known.ends <= now:
                raise ArrivalInvalid("This arrival is over or called off; nobody is invited to it any more.")
            before = {one.interpreter_id: one for one in tx.invitations_to(arrival_id)}
            standing = arrival_view.standing(before.values())
            fresh = {one: hours for one, hours in asked.items() if one not in standing}
            for interpreter_id, hours in fresh.items():
                one = tx.interpreter(interpreter_id)
                spoken = _useful(one, [share.language for share in known.languages])
                self._write(tx, one, arrival_id, hours, spoken, known.area, True, now, before.get(interpreter_id))
            if fresh:
                codes = ", ".join(tx.interpreter(one).code for one in fresh)
                tx.audit(by, "interpreters invited", f"arrival {arrival_id}", codes, now)
        self.deadlines()
        return len(fresh)

    @_retry_conflicts
    def invite_weekly(self, interpreter_id: str, hours: Hours, spoken: Sequence[str], by: str) -> bool:
        """Ask an interpreter by text for a shift of every week; False where they were asked for the same before."""
        now = self._clock.now()
        seed = f"{hours.starts:%a %H:%M}{hours.ends:%a %H:%M}{hours.zone}{hours.rule}"
        purpose = f"shift:{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
        with self._store.transaction() as tx:
            one = tx.interpreter(interpreter_id)
            if any(known.interpreter_id == one.id for known in tx.invitations_to(purpose)):
                return False
            extra = not has_usual(tx.calendar(one.id).shifts)
            self._write(tx, one, purpose, (hours,), spoken or _useful(one, []), "", extra, now)
            tx.audit(by, "invited to a shift", f"interpreter {one.code}", f"{hours.starts:%H:%M} {hours.rule}", now)
        self.deadlines()
        return True

    @_retry_conflicts
    def withdraw(self, invitation_id: str, by: str) -> None:
        """Take an invitation back; who was asked or said yes is told. Doing so twice is harmless."""
        now = self._clock.now()
        ids: list[str] = []
        with self._store.transaction() as tx:
            one = tx.invitation(invitation_id)
            if one is not None and not one.over:
                ids = apply(tx, one, Withdrawn(), now, self._rules)[1]
                tx.audit(by, "invitation withdrawn", f"invitation {one.code}", "", now)
        self._hand_over(ids)

    @_retry_conflicts
    def keep_shift(self, interpreter_id: str, shift: Shift, by: str) -> None:
        """Put a shift into an interpreter's calendar; the rest of it stays."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            one = tx.interpreter(interpreter_id)
            tx.change_calendar(one.id, (shift,), frozenset(), now)
            told = f"{shift.hours.starts:%H:%M}-{shift.hours.ends:%H:%M} {shift.hours.zone} {shift.hours.rule}"
            tx.audit(by, "shift kept", f"interpreter {one.code}", told, now)

    # -- what is due ---------------------------------------------------------------------------------------------------

    def deadlines(self, limit: int = 100) -> int:
        """Do what is due; returns how much it was. Called by the ticker, safe to run twice at once."""
        with self._store.reading() as tx:
            due = tx.due_invitations(self._clock.now(), limit)
        for invitation_id, one in due:
            with on_its_own("an invitation"):
                self._pass(invitation_id, one)
        return len(due)

    def forget(self) -> None:
        """Forget place, liaison and note of arrivals that have been over for long enough."""
        with self._store.transaction() as tx:
            tx.forget_arrivals(self._clock.now() - KEPT)

    @_retry_conflicts
    def _pass(self, invitation_id: str, due: Due) -> None:
        now = self._clock.now()
        with self._store.transaction() as tx:
            one = tx.invitation(invitation_id)
            if one is None:
                return
            ids = apply(tx, one, _facts(tx, one, due), now, self._rules)[1]
        self._hand_over(ids)

    def _write(
        self,
        tx: Transaction,
        one: Interpreter,
        purpose: str,
        hours: tuple[Hours, ...],
        spoken: Sequence[str],
        area: str,
        extra: bool,
        now: datetime,
        taken_back: Invitation | None = None,
    ) -> None:
        if not hours or any(instant(part.ends, part.zone) <= now and not part.rule for part in hours):
            raise ArrivalInvalid(f"Name hours to come for interpreter {one.code}.")
        draft = Invitation(
            id=secrets.token_hex(6),
            code=free_code(tx),
            interpreter_id=one.id,
            purpose=purpose,
            hours=hours,
            zone=zone_of(one, self._zone),
            languages=tuple(spoken),
            area=area,
            quiet=one.terms.quiet,
            extra=extra,
        )
        if taken_back is not None:  # one row for each interpreter; its former code is nobody's any more
            draft = tx.save_invitation(taken_back, replace(draft, id=taken_back.id))
        else:
            tx.add_invitation(draft)
        apply(tx, draft, Made(), now, self._rules)


def zone_of(one: Interpreter, agency_zone: str) -> str:
    """The IANA name of where they live, as far as anybody knows."""
    return zone_named(one.terms.timezone or agency_zone).key


def _useful(one: Interpreter, wanted: Sequence[str]) -> tuple[str, ...]:
    """What they are asked for: the arrival's languages that they speak, else their best."""
    spoken = [code for code in wanted if one.speaks(code) is not None]
    best = [skill.language for skill in one.skills if languages.get(skill.language).voice_call]
    return tuple(spoken or best[:1])


def _facts(tx: Transaction, one: Invitation, due: Due) -> DuePassed:
    if due.kind is DueKind.BEGIN:
        return DuePassed(due, off=tx.interpreter(one.interpreter_id).availability is Availability.OFF)
    if due.kind is DueKind.END and one.signed_on:
        begins = instant(one.hours[int(due.subject)].starts, one.hours[int(due.subject)].zone)
        said = tx.signed_on_and_off(begins).get(one.interpreter_id, [])
        return DuePassed(due, untouched=len(said) <= 1)
    return DuePassed(due)
