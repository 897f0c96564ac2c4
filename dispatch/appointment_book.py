"""The book of appointments: takes new ones in, has them called off, and does what is due. One transaction each.

The shell around `appointments.step`, as the intake is around requests. Texts go out through the same outbox; what the
queue does not take is handed over again by the ticker.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import stamina

from dispatch import by_hand, events, languages, routing, varieties
from dispatch.appointment import AHEAD, Appointment, Due, DueKind, How, Rules
from dispatch.appointment_record import apply, free_code, request_for
from dispatch.appointment_steps import CalledOff, DuePassed, Made, suitable
from dispatch.clock import Clock
from dispatch.conversation import known_requester
from dispatch.due_rounds import on_its_own
from dispatch.eligibility import fits, fitting
from dispatch.errors import AppointmentInvalid, Conflict, QueueUnavailable
from dispatch.intake import Intake
from dispatch.integrations import Once
from dispatch.people import Interpreter, PhoneNumber
from dispatch.policy import ENCOUNTERS, Policy
from dispatch.request import Need, Request, RequestState
from dispatch.shifts import zone_named
from dispatch.store import Store, Transaction
from dispatch.varieties import Fit

log = logging.getLogger(__name__)
_retry_conflicts = stamina.retry(on=Conflict, attempts=8, wait_initial=0.01, wait_max=0.2, timeout=10)

_SHORTEST, _LONGEST = 5, 12 * 60
_FARTHEST = timedelta(days=731)
_LAST_TIER = 5
_KEPT = 60
"""Lines kept of each answer to "why", as of a search by phone."""


@dataclass(frozen=True)
class Wish:
    """What an appointment is to be. `starts` carries a zone; `interpreter` is a code, "" for whoever can."""

    requester: PhoneNumber
    language: str
    starts: datetime
    zone: str
    minutes: int = 30
    how: How = How.PHONE
    place: str = ""
    encounter: str = ""
    note: str = ""
    interpreter: str = ""
    variety: str = ""
    """A code of `varieties`, of that language."""


class AppointmentBook:
    """Takes appointments in and keeps them. Safe to share between threads and to run in many processes."""

    def __init__(self, store: Store, clock: Clock, rules: Rules, relay: Callable[[Sequence[str]], None]) -> None:
        """`relay` hands effect ids to the queue; where it raises QueueUnavailable they wait in the outbox."""
        self._store = store
        self._clock = clock
        self._rules = rules
        self._relay = relay

    @_retry_conflicts
    def add(self, wish: Wish, by: str = "", once: Once | None = None) -> Appointment:
        """Book it, tell both sides, or begin to ask who can. Raises AppointmentInvalid, UnknownInterpreter.

        `by` is whom the audit log names. With the same key of `once` it is booked once; KeyReused for another wish.
        """
        now = self._clock.now()
        _check(wish, now)
        with self._store.transaction() as tx:
            appointment_id = secrets.token_hex(6)
            known = tx.claim_key(once, appointment_id, now) if once is not None and once.key else None
            booked = tx.appointment(known) if known is not None else None
            if booked is not None:
                return booked
            requester = known_requester(tx, wish.requester)
            draft = Appointment(
                id=appointment_id,
                code=free_code(tx),
                requester_id=requester.id,
                role=requester.role,
                language=wish.language,
                starts=wish.starts,
                minutes=wish.minutes,
                zone=wish.zone,
                how=wish.how,
                place=wish.place,
                encounter=wish.encounter,
                note=wish.note,
                variety=wish.variety,
                interpreter_id=_chosen(tx, wish).id if wish.interpreter else None,
            )
            tx.add_appointment(draft)
            made, ids = apply(tx, draft, Made(), now, self._rules)
            if by:
                tx.audit(by, "appointment booked", f"appointment {made.code}", "", now)
        self._hand_over(ids)
        return made

    @_retry_conflicts
    def call_off(self, code: str, by: str, who: str = "") -> Appointment:
        """Call it off and tell everybody concerned. Doing so twice is harmless. Raises AppointmentInvalid.

        `who` is whom the audit log names.
        """
        with self._store.transaction() as tx:
            found = tx.appointment_by_code(code)
            if found is None:
                raise AppointmentInvalid(
                    f"There is no appointment {code!r}; `appointments list` shows those there are."
                )
            if found.state not in AHEAD and not found.over:
                raise AppointmentInvalid(f"Appointment {found.code} is running; close its request instead.")
            after, ids = apply(tx, found, CalledOff(by), self._clock.now(), self._rules)
            if who:
                tx.audit(who, "appointment called off", f"appointment {found.code}", "", self._clock.now())
        self._hand_over(ids)
        return after

    def deadlines(self, intake: Intake, limit: int = 100) -> int:
        """Do what is due; returns how much it was. Called by the ticker, safe to run twice at once."""
        with self._store.reading() as tx:
            due = tx.due_appointments(self._clock.now(), limit)
        for appointment_id, one in due:
            with on_its_own("an appointment"):
                self._pass(appointment_id, one, intake)
        return len(due)

    @_retry_conflicts
    def _pass(self, appointment_id: str, due: Due, intake: Intake) -> None:
        request = self._followed(appointment_id, intake) if due.kind is DueKind.FOLLOW else None
        now = self._clock.now()
        with self._store.transaction() as tx:
            appointment = tx.appointment(appointment_id)
            if appointment is None:
                return
            passed = DuePassed(
                due,
                suitable=_suitable(tx, appointment, now, intake.policy) if due.kind is DueKind.SEEK else (),
                request_id=secrets.token_hex(6),
                request_over=request is None or request.over,
                spoke=request is not None and request.connected_at is not None,
            )
            _, ids = apply(tx, appointment, passed, now, self._rules)
        self._hand_over(ids)

    def _followed(self, appointment_id: str, intake: Intake) -> Request | None:
        """The request that was opened for it; its search is started where that has not happened, or was lost."""
        with self._store.reading() as tx:
            appointment = tx.appointment(appointment_id)
            request = tx.request(appointment.request_id) if appointment and appointment.request_id else None
            if appointment is None or request is None:
                return None
            if request.state is not RequestState.MATCHING or request.offers:
                return request
            booked = _booked(tx, appointment, request, self._clock.now(), intake.policy)
        self._search(request, booked, intake)
        return request

    def _search(self, request: Request, booked: Interpreter | None, intake: Intake) -> None:
        """Ring the booked interpreter alone, also one who is OFF now: they gave their word. Else, whoever is free."""
        if booked is not None and not booked.engaged:
            try:
                found = events.CandidatesFound((booked.id,), ("booked for this appointment",))
                intake.report(request.id, found)
                return
            except Conflict:
                log.info("the booked interpreter was taken in this moment; others are rung")
        intake.find_interpreters(request.id, 2)

    def _hand_over(self, effect_ids: Sequence[str]) -> None:
        if not effect_ids:
            return
        try:
            self._relay(effect_ids)
        except QueueUnavailable as error:
            log.error("%d effects wait in the outbox until the queue is back: %s", len(effect_ids), error)


def _booked(
    tx: Transaction, appointment: Appointment, request: Request, now: datetime, policy: Policy
) -> Interpreter | None:
    """The interpreter who has it; None where nobody has, or where they have left, or may not meet any more."""
    if appointment.interpreter_id is None or tx.is_retired(appointment.interpreter_id):
        return None
    one = tx.interpreter(appointment.interpreter_id)
    facts = tx.facts(request, [one], now, policy.timezone).get(one.id, by_hand.NO_FACTS)
    return None if by_hand.barred(request, one, facts) else one


def _suitable(tx: Transaction, appointment: Appointment, now: datetime, policy: Policy) -> tuple[str, ...]:
    if appointment.how is How.ON_SITE:
        return _who_can_come(tx, appointment, now, policy)
    roster = tx.speaking(appointment.language)
    request = request_for(appointment, "", now)
    facts = tx.facts(request, roster, now, policy.timezone)
    roster = [one for one in roster if fits(request, one, facts[one.id], appointment.starts, policy)]
    requester = tx.requester(appointment.requester_id)
    booked = tx.booked_between(appointment.starts, appointment.ends, but=appointment.id)
    calendars = tx.calendars([one.id for one in roster])
    return suitable(appointment, roster, calendars, booked, requester.number if requester else None)


def _who_can_come(tx: Transaction, appointment: Appointment, now: datetime, policy: Policy) -> tuple[str, ...]:
    """By the rules of any request: who may be asked now, of every tier, best first; who is booked elsewhere is not."""
    request = tx.request(appointment.request_id or "")
    if request is None:
        return ()
    wide = replace(request, reach=replace(request.reach, tier=_LAST_TIER))
    people = tx.speaking(appointment.language)
    facts = tx.facts(wide, people, now, policy.timezone)
    choice = routing.choose(wide, people, now, policy, facts)
    ends = now + timedelta(minutes=appointment.minutes * 2)
    booked = tx.booked_between(now, ends, but=appointment.id)
    tx.keep_decision(request.id, 1, policy.version, choice.considered[:_KEPT], now)
    return tuple(one.interpreter_id for one in choice.candidates if one.interpreter_id not in booked)


def _chosen(tx: Transaction, wish: Wish) -> Interpreter:
    """The interpreter named, if they can. Raises AppointmentInvalid with the reason, UnknownInterpreter."""
    found = tx.interpreter_by_code(wish.interpreter)
    tx.hold_interpreter(found.id)
    ends = wish.starts + timedelta(minutes=wish.minutes)
    spoken = found.speaks(wish.language)
    if tx.is_retired(found.id):
        raise AppointmentInvalid(f"Interpreter {found.code} has left the roster.")
    if spoken is None:
        raise AppointmentInvalid(f"Interpreter {found.code} does not speak {languages.get(wish.language).english}.")
    if fitting(Need(variety=wish.variety), spoken) is Fit.OTHER:
        theirs = varieties.spoken_as(wish.language, spoken.varieties)
        raise AppointmentInvalid(
            f"Interpreter {found.code} speaks {theirs}, not {varieties.get(wish.variety).name}; a variety that is only"
            " near is for the requester to accept."
        )
    held = tx.holds([found.id]).get(found.id, {})
    if "" in held or (wish.encounter or "routine") in held:
        raise AppointmentInvalid(f"Interpreter {found.code} is not asked until a task about them is cleared.")
    if found.number == wish.requester:
        raise AppointmentInvalid(
            f"Interpreter {found.code} is the requester; name another, or none to have them asked."
        )
    requester = tx.requester_by_number(wish.requester)
    if requester is not None and found.id in tx.apart_from(requester.id):
        raise AppointmentInvalid(f"Interpreter {found.code} is kept apart from this requester; name another.")
    if not tx.calendar(found.id).covers(wish.starts, ends):
        reason = tx.calendar(found.id).on_call(wish.starts).reason
        raise AppointmentInvalid(f"Interpreter {found.code} is not on call through that time: {reason}.")
    if found.id in tx.booked_between(wish.starts, ends):
        raise AppointmentInvalid(f"Interpreter {found.code} has another appointment at that time.")
    return found


def _check(wish: Wish, now: datetime) -> None:
    zone_named(wish.zone)
    if not now < wish.starts <= now + _FARTHEST:
        raise AppointmentInvalid("An appointment is booked for a time to come, two years ahead at most.")
    if not _SHORTEST <= wish.minutes <= _LONGEST:
        raise AppointmentInvalid(f"An appointment takes {_SHORTEST} to {_LONGEST} minutes, not {wish.minutes}.")
    language = languages.get(wish.language)
    if wish.variety and wish.variety not in {one.code for one in varieties.of_language(wish.language)}:
        raise AppointmentInvalid(f"{wish.variety!r} is no variety of {language.english} that this service knows.")
    if wish.encounter and wish.encounter not in ENCOUNTERS:
        raise AppointmentInvalid(f"{wish.encounter!r} is not one of {', '.join(ENCOUNTERS)}.")
    if wish.how is How.PHONE and not language.voice_call:
        raise AppointmentInvalid(f"{language.english} cannot be interpreted by phone; book it in person.")
    if wish.how is How.IN_PERSON and not wish.place.strip():
        raise AppointmentInvalid("A meeting in person needs a place.")
