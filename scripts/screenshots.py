"""Takes the pictures of `scripts/screenshot`: the console over a store of made-up people, every page in both themes.

The console is the real one, without carrier and queue: who is rung here stays rung, so that the pictures keep still.
"""

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Literal

import pyotp
from playwright.sync_api import Page, expect, sync_playwright
from starlette.applications import Starlette

from benchmarks.serving import serving
from dispatch import console, credentials, events, roster_files
from dispatch.accounts import Account, AccountRole
from dispatch.arrival import Arrival, Share
from dispatch.arrival_book import ArrivalBook
from dispatch.clock import SystemClock
from dispatch.conversation import new_request
from dispatch.dispatching import Dispatching
from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.inviting import as_hours
from dispatch.offer import Offer, OfferState
from dispatch.outcomes import Result
from dispatch.people import Certificate, Interpreter, PhoneNumber, Requester, Role
from dispatch.phone_check import KeyPressed, PickedUp, Placed
from dispatch.policy import Policy, Vendor
from dispatch.quality_tasks import Source, make
from dispatch.request import Channel, Guess, LegRole, Need, Request, RequestState, Urgency
from dispatch.settings import Settings
from dispatch.shifts import Calendar, Hours, TimeOff, Window, read_week
from dispatch.store import Store
from dispatch.voicemail import Voicemail
from scripts.made_up_integrations import an_integration, documented

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "workers" / "sample"
KEY = "a key for pictures alone, thirty-two"
PASSWORD = "violet harbour lantern"
LANGUAGES = ("spa",) * 9 + ("hat",) * 4 + ("por",) * 3 + ("vie", "arb", "mam", "mam", "fra", "som")
FILE = "code,name,phone,languages\n101,Rosa Delgado,+16175550111,spa:5; por:3; mam:3\n201,محمد علي,+16175550201,Arabic:5\n202,Bo,12,spa\n"  # noqa: E501
CALLER = Requester("caller", PhoneNumber("+16175550150"), Role.COMMUNITY)
SERGEANT = Requester("sergeant", PhoneNumber("+16175550109"), Role.OFFICER, "Sgt. Ines Moura", "Unit 4")
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = Store(f"sqlite:///{folder}/store.sqlite3", KEY)
        store.migrate()
        vendors = (Vendor("Acme Line", "+18005550100", "ww12#"),)
        policy = Policy(agency="City Interpreter Line", vendors=vendors, calls_per_second=0)
        intake = Dispatching(store, SystemClock(), policy, lambda effects: None)
        officers = people(store)
        make_up_a_month(store, officers)
        make_up_tasks(store)
        shifts_and_a_test_call(store, intake, officers)
        with served(store, intake, Path(folder)) as address:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
            page.set_default_timeout(20_000)
            take_all(page, store, intake, officers)
            browser.close()
        store.close()
    shutil.copy(ROOT / "docs" / "console" / "board-night.png", ROOT / "docs" / "console.png")


def take_all(page: Page, store: Store, intake: Dispatching, officers: list[Requester]) -> None:
    """Before signing in, then everything an administrator sees."""
    take(page, "first-account", "/console/first-run", "light")
    accounts(store)
    for scheme in SCHEMES:
        take(page, "sign-in", "/console/sign-in", scheme)
    sign_in(page)
    opened = an_evening(store, intake, officers)
    talking = a_session(store, intake, SERGEANT)
    message = a_message(store, intake)
    arrival = an_arrival(store, intake)
    an_integration(store)
    month = f"{SystemClock().now() - timedelta(days=25):%Y-%m}"
    pages = {
        "board": "/console/",
        "request": f"/console/requests/{opened}",
        "session": f"/console/requests/{talking}",
        "message": f"/console/requests/{message}",
        "roster": "/console/roster",
        "interpreter": "/console/roster/one/101",
        "test-call": "/console/roster/one/101/test-call",
        "week": "/console/roster/one/101/week",
        "shifts": "/console/shifts",
        "settings": "/console/settings",
        "start-agency": "/console/first-run?step=agency",
        "start-languages": "/console/first-run?step=languages",
        "start-roster": "/console/first-run?step=roster",
        "start-test": "/console/first-run?step=test",
        "import": "/console/roster/import",
        "tasks": "/console/tasks",
        "task": "/console/tasks/t1",
        "ratings": "/console/ratings",
        "interpreter-quality": "/console/roster/one/101/quality",
        "reports": "/console/reports",
        "month": f"/console/reports/month?month={month}",
        "coverage": "/console/coverage?weeks=4",
        "coverage-what-if": "/console/coverage?language=mam&on=0&on=1&on=2&on=3&on=4&from=18:00&to=23:00",
        "arrivals": "/console/arrivals",
        "arrival": f"/console/arrivals/{arrival}",
        "arrival-new": "/console/arrivals/new",
        "brief": f"/console/arrivals/{arrival}/brief",
        "audit": "/console/audit",
        "integrations": "/console/integrations",
        "integration": "/console/integrations/city-cad",
        "api-docs": "/api/docs",
        "accounts": "/console/accounts",
        "account": "/console/me",
        "first-run": "/console/first-run?step=ready",
    }
    for scheme in SCHEMES:
        for name, where in pages.items():
            take(page, name, where, scheme)
        step_in(page, scheme)
        preview(page, scheme)
        page.set_viewport_size({"width": 390, "height": 844})
        phone = ("board", "request", "session", "reports", "coverage", "arrival", "task")
        for name in (*phone, "interpreter", "week", "start-languages", "integrations", "integration", "api-docs"):
            take(page, f"{name}-phone", pages[name], scheme)
        page.set_viewport_size({"width": 1280, "height": 900})


def take(page: Page, name: str, where: str, scheme: Scheme) -> None:
    """One page."""
    page.emulate_media(color_scheme=scheme)
    page.goto(where)
    if page.locator("#live").count():
        expect(page.locator("#live")).to_have_text("live")
    save(page, name, scheme)


def save(page: Page, name: str, scheme: Scheme) -> None:
    """As it is now: the board as it fits the screen, other pages whole."""
    path = ROOT / "docs" / "console" / f"{name}-{'day' if scheme == 'light' else 'night'}.png"
    page.screenshot(path=path, full_page=name not in ("board", "step-in", "board-phone"))


def step_in(page: Page, scheme: Scheme) -> None:
    """The board's dialog."""
    page.goto("/console/")
    page.get_by_role("button", name="Step in: Spanish").click()
    expect(page.get_by_role("dialog")).to_contain_text("Cancel the request")
    save(page, "step-in", scheme)


def preview(page: Page, scheme: Scheme) -> None:
    """A file before its import."""
    page.goto("/console/roster/import")
    page.get_by_label("File").set_input_files(
        files={"name": "roster.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator("tr.bad")).to_have_count(1)
    save(page, "import-preview", scheme)


def sign_in(page: Page) -> None:
    """As the administrator, for the first time."""
    page.emulate_media(color_scheme="light")
    page.goto("/console/sign-in")
    page.get_by_label("Name").fill("amina.diallo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    save(page, "second-factor", "light")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(page.locator(".secret").inner_text()).now())
    page.get_by_role("button", name="Go on").click()
    save(page, "recovery-codes", "light")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#live")).to_have_text("live")


# -- made up -----------------------------------------------------------------------------------------------------------


def people(store: Store) -> list[Requester]:
    """The sample's interpreters and officers, and a caller; returns the officers."""
    officers = roster_files.read_officers((SAMPLE / "officers.csv").read_text(encoding="utf-8"))
    with store.transaction() as tx:
        for interpreter in roster_files.read_interpreters((SAMPLE / "interpreters.csv").read_text(encoding="utf-8")):
            tx.put_interpreter(interpreter)
        for one in (*officers, CALLER, SERGEANT):
            tx.add_requester(one)
    return officers


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


def accounts(store: Store) -> None:
    """Two accounts, one of them disabled."""
    now = SystemClock().now()
    made = (("amina.diallo", AccountRole.ADMIN, False), ("luis.ortega", AccountRole.DISPATCHER, True))
    for number, (name, role, disabled) in enumerate(made):
        one = Account(f"a{number}", name, role, credentials.hash_password(PASSWORD), now, disabled=disabled)
        with store.transaction() as tx:
            tx.add_account(one)
            tx.audit("command line", "account added", name, role.value, now)


def an_evening(store: Store, intake: Dispatching, officers: list[Requester]) -> str:
    """Three people wait; returns the id of the request of the first."""
    spanish = Need(languages=("spa",), place="5th & Main", urgency=Urgency.URGENT)
    need = Need(languages=("mam",), variety="mam-todossantos", place="12 Dock Street", constraints=("female",))
    mam = replace(need, encounter="custodial")
    first = ask(store, intake, officers[0], spanish, 24)
    ask(store, intake, officers[1], mam, 95)
    now = SystemClock().now()
    with store.transaction() as tx:
        call = new_request(CALLER, Channel.VOICE, now - timedelta(seconds=12))
        tx.create_request(call)
    intake.report(call.id, events.CallArrived(f"{call.id}-1", "CA1"))
    intake.report(call.id, events.SpeechRecorded(f"{call.id}-1", "RE1"))
    intake.report(call.id, events.LanguageHeard("accept", (Guess("hat", 0.93),), "heard"))
    intake.keep_gist(call.id, Gist("pitit mwen malad", "my child is ill", "hat", 0.7), 60)
    intake.find_interpreters(call.id, 2)
    return first


def a_session(store: Store, intake: Dispatching, officer: Requester) -> str:
    """An officer and an interpreter talk; the officer is on hold for a moment. Returns the request's id."""
    made = ask(store, intake, officer, Need(languages=("por",), place="City Hall", encounter="interview"), 200)
    with store.reading() as tx:
        request = tx.request(made)
    assert request is not None
    rung = request.offers[0].id
    intake.report(made, events.CallPlaced(rung, "CA71"))
    intake.report(made, events.LegAnswered(rung))
    intake.report(made, events.OfferAnswered(rung, True))
    with store.reading() as tx:
        request = tx.request(made)
    assert request is not None
    own = next(leg.id for leg in request.legs if leg.role is LegRole.REQUESTER)
    intake.report(made, events.CallPlaced(own, "CA72"))
    intake.report(made, events.LegAnswered(own))
    for leg in (rung, own):
        intake.report(made, events.LegJoined(leg))
    intake.report(made, events.ParticipantChanged(own, muted=False, held=True, sequence=3))
    return made


def a_message(store: Store, intake: Dispatching) -> str:
    """A caller for whom nobody was found has left a message; returns the id of their request."""
    now = SystemClock().now()
    caller = Requester("second-caller", PhoneNumber("+16175550151"), Role.COMMUNITY)
    with store.transaction() as tx:
        tx.add_requester(caller)
        call = new_request(caller, Channel.VOICE, now - timedelta(minutes=11))
        tx.create_request(call)
        tx.raise_alert(call.id, MESSAGE_LEFT, now)
    intake.report(call.id, events.CallArrived(f"{call.id}-1", "CA2"))
    intake.report(call.id, events.LanguageChosen("arb", "chosen by key", "arb-iraqi"))
    words = Gist(
        "السلام عليكم، أحتاج إلى المساعدة، صاحب البيت غيّر القفل وأطفالي في الخارج",
        "Hello, I need help, the landlord has changed the lock and my children are outside.",
        "arb",
        0.61,
    )
    intake.keep_voicemail(Voicemail("RE9", call.id, now - timedelta(minutes=1), 9.0, words), 7)
    return call.id


def an_arrival(store: Store, intake: Dispatching) -> str:
    """A bus that is expected in two days; three interpreters are asked, one says yes and one no. Returns its id."""
    settings = Settings(_env_file=None, secret_key=KEY, quiet_from=time(0), quiet_to=time(0))  # type: ignore[call-arg, arg-type]
    book = ArrivalBook(store, SystemClock(), settings, lambda effects: None)
    comes = SystemClock().now().replace(hour=14, minute=0, second=0, microsecond=0) + timedelta(days=2)
    spoken = (Share("mam", 56, "Todos Santos"), Share("spa", 49), Share("hat", 14), Share("kjb", 11), Share("prs", 10))
    draft = Arrival("", "Bus from the south", comes, comes + timedelta(hours=30), "UTC", 140, spoken, "north side")
    draft = replace(draft, place="Lincoln school gym, 12 Dock Street", liaison="Ana Ruiz, county refugee office")
    note = "Two buses; families with small children. Water and blankets at the east door."
    made = book.add(replace(draft, liaison_phone="+16175550140", note=note), "amina.diallo")
    with store.reading() as tx:
        asked = [one for one in tx.roster() if one.code in ("101", "103", "104")]
    hours = {one.id: as_hours([Window(comes, comes + timedelta(hours=8))], "America/New_York") for one in asked}
    book.invite(made.id, hours, "amina.diallo")
    with store.reading() as tx:
        codes = {one.interpreter_id: one.code for one in tx.invitations_to(made.id)}
    for one, word in zip(asked, ("CANT", "CAN"), strict=False):
        intake.text(f"SM{one.code}", one.number, f"{word} {codes[one.id]}")
    return made.id


def ask(store: Store, intake: Dispatching, officer: Requester, need: Need, seconds_ago: int) -> str:
    """An officer asks, and whoever is free is rung."""
    with store.transaction() as tx:
        made = new_request(officer, Channel.TEXT, SystemClock().now() - timedelta(seconds=seconds_ago))
        tx.create_request(made)
    intake.report(made.id, events.TextReceived(need, "in their words"))
    intake.find_interpreters(made.id, 2)
    return made.id


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


@contextmanager
def served(store: Store, intake: Dispatching, folder: Path) -> Iterator[str]:
    """The console on a port of this machine; gives its address."""
    settings = Settings(_env_file=None, state_dir=folder, secret_key=KEY)  # type: ignore[call-arg, arg-type]
    routes = console.routes(store, settings, SystemClock(), intake, lambda: True)
    with serving(Starlette(routes=[*routes, *documented(store, settings, intake)])) as address:
        yield address


if __name__ == "__main__":
    main()
