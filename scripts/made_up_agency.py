"""The agency of the pictures: its people, their weeks, a month that has passed and what there is to see to."""

import random
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from dispatch import credentials, roster_files
from dispatch.accounts import Account, AccountRole
from dispatch.clock import SystemClock
from dispatch.conversation import new_request
from dispatch.dispatching import Dispatching
from dispatch.offer import Offer, OfferState
from dispatch.outcomes import Result
from dispatch.people import Certificate, Interpreter, PhoneNumber, Requester, Role
from dispatch.phone_check import KeyPressed, PickedUp, Placed
from dispatch.quality_tasks import Source, make
from dispatch.request import Channel, Request, RequestState
from dispatch.shifts import Calendar, Hours, TimeOff, read_week
from dispatch.store import Store

SAMPLE = Path(__file__).parents[1] / "workers" / "sample"
PASSWORD = "violet harbour lantern"
LANGUAGES = ("spa",) * 9 + ("hat",) * 4 + ("por",) * 3 + ("vie", "arb", "mam", "mam", "fra", "som")
CALLER = Requester("caller", PhoneNumber("+16175550150"), Role.COMMUNITY)
SERGEANT = Requester("sergeant", PhoneNumber("+16175550109"), Role.OFFICER, "Sgt. Ines Moura", "Unit 4")


def people(store: Store) -> list[Requester]:
    """The sample's interpreters and officers, and a caller; returns the officers."""
    officers = roster_files.read_officers((SAMPLE / "officers.csv").read_text(encoding="utf-8"))
    with store.transaction() as tx:
        for interpreter in roster_files.read_interpreters((SAMPLE / "interpreters.csv").read_text(encoding="utf-8")):
            tx.put_interpreter(interpreter)
        for one in (*officers, CALLER, SERGEANT):
            tx.add_requester(one)
    return officers


def accounts(store: Store) -> None:
    """Two accounts, one of them disabled."""
    now = SystemClock().now()
    made = (("amina.diallo", AccountRole.ADMIN, False), ("luis.ortega", AccountRole.DISPATCHER, True))
    for number, (name, role, disabled) in enumerate(made):
        one = Account(f"a{number}", name, role, credentials.hash_password(PASSWORD), now, disabled=disabled)
        with store.transaction() as tx:
            tx.add_account(one)
            tx.audit("command line", "account added", name, role.value, now)


def shifts_and_a_test_call(store: Store, intake: Dispatching, officers: list[Requester]) -> None:
    """Three people's weeks, one with time off; a phone that works; two who are kept apart."""
    now, zone = SystemClock().now(), "America/New_York"
    monday = datetime.combine(now.date() - timedelta(days=now.weekday()), time(0))
    weeks = {"101": "mon-fri 09:00-17:00", "102": "mon,wed,sat 22:00-06:00", "103": "daily 07:30-12:00"}
    noon = monday + timedelta(days=2, hours=12)
    with store.transaction() as tx:
        for code, week in weeks.items():
            off = (TimeOff("off", Hours(noon, noon + timedelta(hours=2), zone)),) if code == "101" else ()
            one = tx.interpreter_by_code(code)
            tx.replace_calendar(one.id, Calendar(read_week(week, zone, monday), off), now)
        rosa = tx.interpreter_by_code("101")
        tx.keep_apart(rosa.id, officers[0].id, "the interpreter knows this person", now)
    check = intake.begin_check(rosa.id, "amina.diallo", confirmed=True)
    for event in (Placed("CA0"), PickedUp(), KeyPressed("1")):
        intake.report_check(check.id, event)


def make_up_a_month(store: Store, officers: list[Requester]) -> None:
    """Some hundred requests that ended in the last thirty days."""
    chance, now = random.Random(7), SystemClock().now()
    with store.transaction() as tx:
        roster = tx.roster()
        for _ in range(420):
            begun = now - timedelta(days=chance.uniform(0, 30))
            begun = begun.replace(hour=min(int(chance.triangular(0, 24, 18)), 23))
            if begun < now - timedelta(hours=2):
                tx.create_request(_past(chance, begun, chance.choice((*officers, CALLER)), roster))


def make_up_tasks(store: Store) -> None:
    """Ratings of the last weeks, three things to see to, and a certificate that ends soon."""
    chance, now = random.Random(5), SystemClock().now()
    with store.transaction() as tx:
        recent = [one for one in tx.recent_requests(200) if one.connected_at is not None]
        for request in recent[:120]:
            value = chance.choice((5, 5, 5, 4, 4, 3, 2, 1))
            tx.ask_rating(request.id, request.id, "rating", request.requester_id, request.language or "", "", now)
            if chance.random() < 0.7:
                tx.give_rating(request.id, value, "", now - timedelta(minutes=1))
        told = recent[0]
        rosa = tx.interpreter_by_code("101")
        soon = now.date() + timedelta(days=27)
        proven = (replace(rosa.skills[0], certificate=Certificate.CERTIFIED, expires=soon), *rosa.skills[1:])
        tx.put_interpreter(replace(rosa, skills=proven))
        about = {"request_id": told.id, "requester_id": CALLER.id, "interpreter_id": rosa.id, "made_by": "by text"}
        words = "La intérprete no hablaba mam, y yo no entendía."
        line = "Check the headset of the duty desk: the officer heard an echo."
        tx.add_task(make(Source.COMPLAINT, "t1", "1", now - timedelta(hours=3), words=words, **about))
        tx.add_task(make(Source.LOW_RATING, "t2", "2", now - timedelta(days=3), what="Rated 2 of 5", **about))
        tx.add_task(make(Source.DISPATCHER, "t3", "3", now, words=line, made_by="luis.ortega", request_id=told.id))
        what = f"101: certified in Spanish ends {soon}"
        tx.add_task(make(Source.CERTIFICATE, "t4", "4", now, what=what, interpreter_id=rosa.id))
        tx.assign_task("t2", "amina.diallo")
        tx.note_task("t1", "luis.ortega", "Left a message in Mam with the number of the desk.", now)
        tx.note_on_interpreter(rosa.id, "luis.ortega", "Prefers mornings; asks for a headset.", now)
        tx.hold_back(rosa.id, "custodial", "complaint, decided by luis.ortega", "luis.ortega", now)


def _past(chance: random.Random, begun: datetime, asked: Requester, roster: list[Interpreter]) -> Request:
    language = chance.choice(LANGUAGES)
    lost = chance.random() < {"mam": 0.5, "som": 0.4}.get(language, 0.06)
    speakers = [one for one in roster if one.speaks(language)]
    made = replace(new_request(asked, chance.choice(list(Channel)), begun), language=language)
    if lost or not speakers:
        state = chance.choice((RequestState.ABANDONED, RequestState.CANCELLED, RequestState.VENDOR_HANDOFF))
        late = "240 s instead of 60 s: nobody was free (none could be rung)"
        lost_to = {"result": Result.INTERPRETER_NOT_REACHED.value, "miss": late}
        return replace(made, state=state, ended_at=begun + timedelta(minutes=4), **lost_to)
    connected = begun + timedelta(seconds=chance.lognormvariate(3.0 if language == "spa" else 3.5, 0.5))
    who = chance.choice(speakers)
    return replace(
        made,
        state=RequestState.COMPLETED,
        outcome="requester hung up",
        result=Result.CONNECTED.value,
        connected_at=connected,
        ended_at=connected + timedelta(minutes=chance.uniform(3, 40)),
        offers=(Offer(f"{made.id}-1", who.id, OfferState.FINISHED, begun, connected, "tier 1"),),
    )
