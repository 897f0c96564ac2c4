"""The evening of the pictures: who waits, who talks, who has left a message, and the bus that is expected."""

from dataclasses import replace
from datetime import time, timedelta

from dispatch import events
from dispatch.arrival import Arrival, Share
from dispatch.arrival_book import ArrivalBook
from dispatch.clock import SystemClock
from dispatch.conversation import new_request
from dispatch.dispatching import Dispatching
from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.inviting import as_hours
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.request import Channel, Guess, LegRole, Need, Urgency
from dispatch.settings import Settings
from dispatch.shifts import Window
from dispatch.store import Store
from dispatch.voicemail import Voicemail
from scripts.made_up_agency import CALLER

KEY = "a key for pictures alone, thirty-two"


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
