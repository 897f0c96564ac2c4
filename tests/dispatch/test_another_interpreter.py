""" "I know this person" and "the language is wrong": by key and by text, from officer, caller and interpreter, kept."""

from datetime import datetime

import pytest

from dispatch import events
from dispatch.intake import Intake
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.prompts import SessionMenu
from dispatch.replies import read_swap
from dispatch.request import Channel, RequestState
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from voice.hook import Hook
from voice.webhooks import Webhooks

CALLER = Requester("c1", PhoneNumber("+16175550150"), Role.COMMUNITY, language="spa")
KNOWN, WRONG = "known", "language"


class Clock:
    """A clock that stands."""

    def now(self) -> datetime:
        """The time."""
        return NOON


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I know this person", KNOWN),
        ("I know the interpreter", KNOWN),
        ("wrong language", WRONG),
        ("wrong dialect, he is from juchitan", WRONG),
        ("I can't understand her", WRONG),
        ("Conozco a esta persona", KNOWN),
        ("no es mi idioma", WRONG),
        ("quiero otro intérprete", "other"),
        ("Je connais l’interprète", KNOWN),
        ("ce n'est pas ma langue", WRONG),
        ("mwen konn moun sa", KNOWN),
        ("я знаю этого человека", KNOWN),
        ("不是我的语言", WRONG),
        ("tôi quen người này", KNOWN),
        ("gracias, ya viene", None),
        ("thanks", None),
    ],
)
def test_what_people_write_in_a_session_is_read_in_their_languages(text: str, why: str | None) -> None:
    assert read_swap(text) == why


class Session:
    """A session through the one door: requester and interpreter i1 talk, on either database."""

    def __init__(self, store: Store, who: Requester) -> None:
        self.store, self.who, self.sent = store, who, 0
        self.intake = Intake(store, Clock(), POLICY, lambda ids: None)
        with store.transaction() as tx:
            tx.add_requester(who)
            for number in (1, 2):
                tx.put_interpreter(interpreter(number, "spa"))
        self.text(who.number, "spanish" if who.role is Role.OFFICER else "español")
        request = self.request
        self.intake.find_interpreters(request.id, 1)
        self.seat = f"{request.id}-1"
        self.happens(events.LegAnswered(self.seat), events.OfferAnswered(self.seat, True))
        self.leg = self.request.legs[-1].id
        requester = next(leg.id for leg in self.request.legs if leg.role == "requester")
        self.leg = requester
        self.happens(events.LegAnswered(requester), events.LegJoined(self.seat), events.LegJoined(requester))
        assert self.request.state is RequestState.CONNECTED
        self.interpreter_id = self.request.seated[0].interpreter_id

    @property
    def request(self):  # type: ignore[no-untyped-def]
        """The requester's open request."""
        with self.store.reading() as tx:
            return tx.open_request_of(self.who.id)

    def happens(self, *happened: events.Event) -> None:
        """The carrier tells these, each once."""
        for event in happened:
            self.sent += 1
            self.intake.report(self.request.id, event, "CA1", str(self.sent))

    def text(self, number: PhoneNumber, body: str) -> None:
        """Somebody texts."""
        self.sent += 1
        self.intake.text(f"SM{self.sent:032d}", number, body)

    def presses(self, leg: str, choice: str) -> None:
        """Star, and the key of that choice, as the carrier tells it."""
        menu = self.intake.menu(self.request.id, leg).prompt
        assert isinstance(menu, SessionMenu)
        query = {"asked": "session", "options": ",".join(menu.choices), "by": menu.by}
        digits = str(menu.choices.index(choice) + 1)
        hook = Hook({"Digits": digits}, query, "/", {"request": self.request.id, "leg": leg})
        event = Webhooks._meaning(Webhooks.__new__(Webhooks), hook, digits)
        assert event is not None
        self.happens(event)

    def kept_apart(self) -> set[str]:
        """Interpreters who are never asked for this requester again."""
        with self.store.reading() as tx:
            return set(tx.apart_from(self.who.id))


SIDES = {
    "officer by key": (officer(), lambda s, why: s.presses(s.leg, why)),
    "caller by key": (CALLER, lambda s, why: s.presses(s.leg, why)),
    "officer by text": (
        officer(),
        lambda s, why: s.text(s.who.number, "I know this person" if why == KNOWN else "wrong language"),
    ),
    "caller by text": (
        CALLER,
        lambda s, why: s.text(s.who.number, "conozco al intérprete" if why == KNOWN else "no es mi idioma"),
    ),
    "interpreter by key": (officer(), lambda s, why: s.presses(s.seat, why)),
    "interpreter by text": (
        CALLER,
        lambda s, why: s.text(
            interpreter(int(s.interpreter_id[1:])).number, "I know him" if why == KNOWN else "not my language"
        ),
    ),
}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", SIDES)
@pytest.mark.parametrize("why", [KNOWN, WRONG])
def test_another_one_is_rung_inside_the_call_and_who_know_each_other_stay_apart(
    store: Store, way: str, why: str
) -> None:
    who, asks = SIDES[way]
    session = Session(store, who)
    asks(session, why)
    request = session.request
    assert request.state is RequestState.MATCHING
    assert request.need.kept_out == (session.interpreter_id,)
    assert session.kept_apart() == ({session.interpreter_id} if why == KNOWN else set())
    session.intake.find_interpreters(request.id, 5)
    rung = [offer.interpreter_id for offer in session.request.open_offers]
    assert rung == [one for one in ("i1", "i2") if one != session.interpreter_id]


def test_the_pair_is_kept_apart_in_the_next_request_too(store: Store) -> None:
    session = Session(store, CALLER)
    session.presses(session.leg, KNOWN)
    session.happens(events.RequestDropped("requester"))
    session.text(CALLER.number, "español")
    assert session.request.channel is Channel.TEXT
    session.intake.find_interpreters(session.request.id, 5)
    assert session.interpreter_id not in [offer.interpreter_id for offer in session.request.offers]
