"""Texts as the intake takes them: who sent them, what they were in the middle of, and what it must not do."""

import pytest

from dispatch import events
from dispatch.effects import FindInterpreters, SendText
from dispatch.intake import Intake
from dispatch.offer import OfferState
from dispatch.override_events import VendorCalled
from dispatch.people import Availability
from dispatch.policy import Vendor
from dispatch.request import DeadlineKind, LegRole, Request, RequestState, Urgency
from dispatch.store import Store
from dispatch.values import replace
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from tests.dispatch.test_searching import At
from tests.dispatch.test_writing import TEXTER, session, texting

on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


class Desk:
    """A store with an officer and interpreters; texts come in, what is texted because of them goes out."""

    def __init__(self, store: Store, *languages: str) -> None:
        self.store, self.clock, self.handed, self.sids = store, At(NOON), list[str](), 0
        policy = replace(POLICY, vendors=(Vendor("Acme", "+18005550100"),))
        self.intake = Intake(store, self.clock, policy, self.handed.extend)
        with store.transaction() as tx:
            tx.add_requester(officer())
            for number, language in enumerate(languages, 1):
                tx.put_interpreter(interpreter(number, *language.split()))

    def text(self, who: int, body: str) -> list[str]:
        """Interpreter `who` texts, or the officer for 0; returns who is texted what."""
        self.sids += 1
        self.handed.clear()
        self.intake.text(f"SM{self.sids}", interpreter(who).number if who else officer().number, body)
        with self.store.reading() as tx:
            found = [stored.effect for one in self.handed if (stored := tx.effect(one)) is not None]
        return [f"{one.person_id} {one.key}" for one in found if isinstance(one, SendText)]

    def happens(self, *happened: events.Event) -> None:
        """These things happen to the open request."""
        for event in happened:
            self.intake.report(self.request.id, event)

    @property
    def request(self) -> Request:
        """The newest request."""
        with self.store.reading() as tx:
            return (tx.open_requests() or tx.recent_requests(1))[-1]

    def relay(self) -> str:
        """Interpreter 1 holds the first half of a relay from Mam, 2 is being rung for the second: their offer's id."""
        self.text(0, "mam")
        self.happens(events.CandidatesFound(("i1",), through=("spa",)))
        self.happens(events.OfferAnswered(self.request.offers[0].id, accepted=True))
        self.happens(events.CandidatesFound(("i2",), seat=2))
        return self.request.offers[1].id


@on_sqlite
def test_the_second_of_a_relay_who_says_yes_by_text_is_not_told_that_it_is_taken(store: Store) -> None:
    desk = Desk(store, "mam spa", "spa")
    desk.relay()
    assert "i2 interpreter_accepted" in desk.text(2, "YES")
    assert desk.request.state is RequestState.CONNECTING


@on_sqlite
def test_done_of_somebody_who_is_only_being_rung_ends_nobodys_session(store: Store) -> None:
    desk = Desk(store, "mam spa", "spa")
    desk.relay()
    assert desk.text(2, "DONE") == ["i2 interpreter_menu"]
    assert [offer.interpreter_id for offer in desk.request.seated] == ["i1"]


@on_sqlite
def test_an_interpreter_who_unsubscribes_while_they_write_is_replaced_and_the_other_is_told(store: Store) -> None:
    texts = session(store)
    got = texts.text(interpreter(1).number, "END")
    assert ("them", "onsite_text_only") in got
    assert texts.request.state in (RequestState.MATCHING, RequestState.OFFERING)
    assert "i1" not in {offer.interpreter_id for offer in texts.request.offers if offer.active}
    with store.reading() as tx:
        assert tx.interpreter("i1").availability is Availability.OFF


@on_sqlite
def test_an_interpreter_who_unsubscribes_while_they_are_asked_by_text_has_declined(store: Store) -> None:
    texts = texting(store)
    texts.text(interpreter(1).number, "STOP")
    assert "i1" not in {offer.interpreter_id for offer in texts.request.offers if offer.active}
    with store.reading() as tx:
        requester = tx.requester_by_number(TEXTER)
    assert requester is not None


@on_sqlite
def test_nobody_is_promised_another_interpreter_where_a_vendors_speaks(store: Store) -> None:
    desk = Desk(store)
    desk.text(0, "somali")
    desk.happens(events.CandidatesFound(()), VendorCalled("Acme", "dana"))
    vendor = desk.request.leg_of(LegRole.VENDOR)
    assert vendor is not None
    desk.happens(events.LegAnswered(vendor.id))
    mine = desk.request.leg_of(LegRole.REQUESTER)
    assert mine is not None
    desk.happens(events.LegAnswered(mine.id), events.LegJoined(vendor.id), events.LegJoined(mine.id))
    desk.happens(events.InterpreterSpeaks())
    assert desk.request.state is RequestState.CONNECTED
    assert desk.text(0, "wrong language") == ["o9001 officer_status"]
    with store.reading() as tx:
        assert any("not content with Acme" in alert.reason for alert in tx.open_alerts())


def test_two_tickers_take_one_step_between_them(store: Store) -> None:
    desk = Desk(store, "hat")
    desk.text(0, "haitian creole")
    desk.intake.find_interpreters(desk.request.id, 1)
    (due,) = [one for one in desk.request.deadlines if one.kind is DeadlineKind.ESCALATE]
    desk.clock.at = due.at
    reads = Intake._pass

    def meanwhile(self: Intake, request_id: str, deadline: object) -> None:
        reads(self, request_id, deadline)  # type: ignore[arg-type]
        reads(self, request_id, deadline)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Intake, "_pass", meanwhile)
        desk.intake.deadlines()
    assert desk.request.reach.step == 1


@on_sqlite
def test_what_an_officer_adds_to_an_open_request_is_heeded(store: Store) -> None:
    desk = Desk(store, "spa", "spa")
    desk.text(0, "need an interpreter at 5th & Main")
    desk.happens(events.LanguageHeard("menu", (), "their writing"))
    desk.text(0, "spanish, victim of an assault, female interpreter please")
    need = desk.request.need
    assert (need.place, need.encounter, need.constraints) == ("5th & Main", "victim", ("female",))
    assert need.urgency is Urgency.ROUTINE
    desk.text(0, "urgent, she is bleeding")
    with store.reading() as tx:
        searched = [stored.effect for one in desk.handed if (stored := tx.effect(one)) is not None]
    assert any(isinstance(effect, FindInterpreters) for effect in searched)
    assert desk.request.need == replace(need, urgency=Urgency.EMERGENCY)


@on_sqlite
def test_what_is_said_besides_changes_no_way_of_meeting_and_lets_nobody_go(store: Store) -> None:
    desk = Desk(store, "spa")
    desk.text(0, "spanish urgent")
    desk.happens(events.CandidatesFound(("i1",)))
    assert desk.text(0, "spanish, in person") == ["o9001 officer_status"]
    assert [offer.interpreter_id for offer in desk.request.open_offers] == ["i1"]
    assert (desk.request.need.constraints, desk.request.need.urgency) == ((), Urgency.URGENT)


@on_sqlite
@pytest.mark.parametrize("word", ["OFF", "busy 2h", "BREAK"])
def test_who_signs_off_while_they_are_asked_has_declined_and_the_next_is_asked(store: Store, word: str) -> None:
    texts = texting(store)
    (free,) = {"i1", "i2", "i3", "i4"} - {offer.interpreter_id for offer in texts.request.open_offers}
    got = texts.text(interpreter(1).number, word)
    assert (free, "interpreter_offer_writing") in got
    mine = [offer.state for offer in texts.request.offers if offer.interpreter_id == "i1"]
    assert mine[-1] is OfferState.DECLINED
    with store.reading() as tx:
        assert not tx.interpreter("i1").can_be_rung(texts.clock.now())
