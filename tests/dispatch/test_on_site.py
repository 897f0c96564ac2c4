"""On site and sign languages: never a phone; asked by text, come with an estimate, replaced, told, called off."""

from datetime import timedelta

import pytest

from dispatch import appointment_record, events, override_events, writing_events
from dispatch.effects import ArrangeOnSite, CallOffOnSite, FindInterpreters, PlaceCall, SendText
from dispatch.eligibility import Facts, channel, consider
from dispatch.outcomes import Result
from dispatch.people import Availability, Interpreter, Terms
from dispatch.request import Need, RequestState
from dispatch.store import Store
from dispatch.understanding import understand
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY, Story, officer_wants
from tests.dispatch.test_appointment_book import Town

TEXT = "ASL on site at 5th & Main"


def wants(language: str, *constraints: str) -> Story:
    """An officer asks for it in that manner."""
    need = Need(languages=(language,), constraints=constraints, place="5th & Main")
    return Story().then(events.TextReceived(need, language))


# -- never a phone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "constraints"),
    [
        (TEXT, "ase", ("in_person",)),
        ("deaf man, need ASL in person at Mercy Hospital", "ase", ("in_person",)),
        ("spanish on-site at 5th & Main", "spa", ("in_person",)),
        ("french by text only", "fra", ("text",)),
    ],
)
def test_how_to_meet_is_understood(text: str, language: str, constraints: tuple[str, ...]) -> None:
    read = understand(text)
    assert (read.languages, read.constraints) == ((language,), constraints)


@pytest.mark.parametrize("asked", [wants("ase"), wants("ase", "in_person"), wants("spa", "in_person")])
def test_nobodys_phone_rings_whatever_happens(asked: Story) -> None:
    asked.request = asked.request  # each story goes on from where it was asked
    assert not asked.did(FindInterpreters)
    for event in (
        events.SupplyChanged(),
        events.CandidatesFound(("i1",)),
        events.EncounterSet("medical"),
        events.CredentialWaived("nobody else"),
        override_events.RequesterCalled("Kim"),
    ):
        asked.then(event)
        assert not asked.did(FindInterpreters)
        assert not [call for call in asked.did(PlaceCall) if call.to != "requester"]  # type: ignore[attr-defined]
    assert not asked.request.offers


def test_a_sign_languages_interpreter_is_not_rung_by_hand_either() -> None:
    story = wants("ase").then(override_events.InterpreterRung("i1", "Kim"))
    assert story.request.offers == ()


def test_writing_only_is_told_to_the_officer_and_nobody_is_asked_to_come() -> None:
    story = wants("fra", "text")
    assert channel(story.request) == "text"
    assert not story.did(ArrangeOnSite)
    assert [text.key for text in story.did(SendText)] == ["officer_onsite_text_only"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("channels", "ok"), [((), True), (("in_person",), True), (("voice",), False), (("voice", "in_person"), True)]
)
def test_the_channel_is_a_hard_constraint_and_signs_are_in_person(channels: tuple[str, ...], ok: bool) -> None:
    from dataclasses import replace

    one = replace(interpreter(1, "ase"), terms=Terms(channels=channels))
    assert consider(officer_wants("ase").request, one, Facts(), NOON, POLICY).ok is ok


def test_signs_cannot_be_written_so_somebody_still_comes() -> None:
    story = wants("ase").then(writing_events.WritingWanted())
    assert story.effects == ()
    assert story.request.reach.on_site == "asked"


def test_who_would_rather_write_calls_off_who_was_to_come() -> None:
    story = wants("spa", "in_person").then(writing_events.WritingWanted())
    assert channel(story.request) == "text"
    assert story.did(CallOffOnSite)
    assert story.did(FindInterpreters)


# -- the whole way -----------------------------------------------------------------------------------------------------


class Street(Town):
    """A town whose interpreters speak ASL, and an officer who asks for one; workers' news are carried by hand."""

    def __init__(self, store: Store, *people: Interpreter) -> None:
        super().__init__(store)
        with store.transaction() as tx:
            for one in people:
                tx.put_interpreter(one)
        self._sids += 1
        self.intake.text(f"SM{self._sids}", officer().number, TEXT)

    @property
    def request(self):  # type: ignore[no-untyped-def]
        """The officer's newest request."""
        with self.store.reading() as tx:
            return tx.open_request_of(officer().id) or tx.recent_requests(1)[0]

    @property
    def meeting(self):  # type: ignore[no-untyped-def]
        """The appointment as soon as possible, while it is open."""
        with self.store.reading() as tx:
            return next(iter(tx.on_site_for(self.request.id)), None)

    def carried(self) -> list[str]:
        """Texts that are sent, after the news that go to the request have been carried there."""
        from dispatch.effects import TellOnSite

        told: list[str] = []
        while self.handed:
            effect_id = self.handed.pop(0)
            with self.store.reading() as tx:
                stored = tx.effect(effect_id)
            assert stored is not None
            if isinstance(stored.effect, SendText):
                told.append(f"{stored.effect.person_id} {stored.effect.key}")
            elif isinstance(stored.effect, TellOnSite):
                news = stored.effect
                self.intake.report(news.request_id, events.OnSiteNews(news.what, news.minutes), effect_id, "x")
        return told

    def asks(self, body: str) -> list[str]:
        """The officer texts."""
        self._sids += 1
        self.intake.text(f"SM{self._sids}", officer().number, body)
        return self.carried()

    def ticks(self, **time: float) -> list[str]:
        """Time passes, and what is due is done."""
        self.at += timedelta(**time)
        self.book.deadlines(self.intake)
        return self.carried()

    def says(self, who: Interpreter, body: str) -> list[str]:
        """An interpreter texts."""
        self._sids += 1
        self.intake.text(f"SM{self._sids}", who.number, body)
        return self.carried()


def on_the_way(store: Store, *people: Interpreter) -> tuple[Street, str]:
    """The first of them has said that they come in 15 minutes; also gives the meeting's code."""
    street = Street(store, *people)
    street.ticks()
    code = street.meeting.code
    street.says(people[0], f"can {code} 15")
    return street, code


def signer(number: int, **terms: object) -> Interpreter:
    """An interpreter of ASL."""
    from dataclasses import replace

    return replace(interpreter(number, "ase"), terms=Terms(**terms))  # type: ignore[arg-type]


def test_an_interpreter_is_asked_by_text_comes_with_an_estimate_and_the_officer_is_told(store: Store) -> None:
    one, two, by_phone = signer(1), signer(2), signer(3, channels=("voice",))
    street = Street(store, one, two, by_phone)
    assert street.carried() == ["o9001 officer_onsite_asked"]
    assert sorted(street.ticks()) == ["i1 interpreter_on_site_ask", "i2 interpreter_on_site_ask"]
    code = street.meeting.code
    assert street.meeting.place == "5th & Main"
    assert street.says(one, f"can {code}") == ["i1 interpreter_on_site_when"]
    assert sorted(street.says(two, f"CAN {code} 25 min")) == [
        "i1 interpreter_on_site_taken",
        "i2 interpreter_on_site_go",
        "o9001 officer_onsite_coming",
    ]
    assert street.says(one, f"can {code} 10") == ["i1 interpreter_on_site_taken"]
    request = street.request
    assert (request.state, request.reach.on_site) == (RequestState.WAITING, "coming")
    assert request.reach.arrives == street.at + timedelta(minutes=25)
    with store.reading() as tx:
        assert tx.interpreter("i2").availability is Availability.BUSY
    street.ticks(minutes=25)
    assert street.request.reach.on_site == "here"
    street.ticks(minutes=61)
    assert street.request.state is RequestState.COMPLETED
    assert street.request.result == Result.IN_PERSON
    assert street.meeting is None


def test_who_is_kept_apart_while_they_are_on_the_way_need_not_come_and_others_are_asked(store: Store) -> None:
    one, two = signer(1), signer(2)
    street, _ = on_the_way(store, one, two)
    with store.transaction() as tx:
        street.handed += appointment_record.keep_apart(tx, "i1", officer().id, street.at)
        assert tx.interpreter("i1").availability is Availability.ON
    assert sorted(street.carried()) == ["i1 interpreter_on_site_taken", "o9001 officer_onsite_cannot"]
    with store.transaction() as tx:
        assert appointment_record.keep_apart(tx, "i1", officer().id, street.at) == []


def test_a_place_that_is_named_later_reaches_who_was_asked_and_who_comes(store: Store) -> None:
    one, two = signer(1), signer(2)
    street = Street(store, one, two)
    street.ticks()
    assert sorted(street.asks("the place is 12 Harbor St")) == [
        "i1 interpreter_on_site_place",
        "i2 interpreter_on_site_place",
        "o9001 officer_onsite_asked",
    ]
    street.says(one, f"can {street.meeting.code} 15")
    assert street.asks("now at 14 Harbor St") == ["i1 interpreter_on_site_place", "o9001 officer_onsite_coming"]
    assert street.meeting.place == street.request.need.place == "14 Harbor St"
    assert street.asks("at 14 Harbor St") == ["o9001 officer_onsite_coming"]


def test_who_cannot_come_after_all_is_replaced_and_the_officer_is_told(store: Store) -> None:
    one, two = signer(1), signer(2)
    street, code = on_the_way(store, one, two)
    assert "o9001 officer_onsite_cannot" in street.says(one, f"cant {code}")
    with store.reading() as tx:
        assert tx.interpreter("i1").availability is Availability.ON
    assert "o9001 officer_onsite_coming" in street.says(two, f"can {code} 30")
    assert street.meeting.interpreter_id == "i2"


def test_with_nobody_left_the_officer_is_told_once_and_people_who_sign_on_are_asked(store: Store) -> None:
    one = signer(1)
    street = Street(store, one)
    street.ticks()
    assert street.says(one, f"cant {street.meeting.code}") == ["i1 interpreter_on_site_declined"]
    assert street.ticks() == ["o9001 officer_onsite_nobody"]
    assert street.ticks(minutes=5) == []
    with store.transaction() as tx:
        tx.put_interpreter(signer(2))
    assert street.ticks(minutes=5) == ["i2 interpreter_on_site_ask"]


def test_dropping_the_request_tells_who_was_on_the_way(store: Store) -> None:
    one = signer(1)
    street = Street(store, one)
    street.ticks()
    street.says(one, f"can {street.meeting.code} 15")
    street._sids += 1
    street.intake.text(f"SM{street._sids}", officer().number, "drop")
    assert sorted(street.carried()) == ["i1 interpreter_on_site_off", "o9001 officer_dropped"]
    assert street.meeting is None
    with store.reading() as tx:
        assert tx.interpreter("i1").availability is Availability.ON


def test_another_language_calls_the_first_one_off(store: Store) -> None:
    street = Street(store, signer(1), interpreter(2, "spa"))
    street.ticks()
    street._sids += 1
    street.intake.text(f"SM{street._sids}", officer().number, "sorry, spanish")
    assert "i1 interpreter_on_site_off" in street.carried()
    assert street.request.language == "spa"
    assert street.ticks() == ["i2 interpreter_on_site_ask"]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_who_wanted_to_write_and_names_the_language_again_is_called_after_all(store: Store) -> None:
    town = Town(store)
    town.intake.text("SM1", officer().number, "french by text only, at 5th & Main")
    with store.reading() as tx:
        asked = tx.open_request_of(officer().id)
    assert asked is not None
    assert channel(asked) == "text"
    town.intake.text("SM2", officer().number, "french")
    with store.reading() as tx:
        again = tx.open_request_of(officer().id)
    assert again is not None
    assert (again.id, again.state, again.need.place) == (asked.id, RequestState.MATCHING, "5th & Main")
    assert channel(again) == "voice"


def test_who_is_on_the_way_may_say_so_again_and_that_they_are_late(store: Store) -> None:
    one, two = signer(1), signer(2)
    street, code = on_the_way(store, one, two)
    assert street.says(one, f"can {code}") == ["i1 interpreter_on_site_go"]
    street.ticks(minutes=15)
    assert street.request.reach.on_site == "here"
    street._sids += 1
    street.intake.text(f"SM{street._sids}", officer().number, "status")
    assert street.carried() == ["o9001 officer_onsite_coming"]
    assert street.says(one, f"can {code} 10") == ["o9001 officer_onsite_coming"]
    assert street.request.reach.arrives == street.at + timedelta(minutes=10)
    street.ticks(minutes=61)
    assert street.request.state is RequestState.WAITING
    street.ticks(minutes=10)
    assert street.request.state is RequestState.COMPLETED


def test_a_late_word_about_a_meeting_that_was_called_off_holds_nobody(store: Store) -> None:
    one = signer(1)
    street, code = on_the_way(store, one)
    street._sids += 1
    street.intake.text(f"SM{street._sids}", officer().number, "drop")
    street.carried()
    assert street.says(one, f"can {code} 10") == ["i1 interpreter_on_site_taken"]
    with store.reading() as tx:
        assert tx.interpreter("i1").availability is Availability.ON


def test_who_is_kept_out_need_not_come_and_others_are_asked(store: Store) -> None:
    one, two = signer(1), signer(2)
    street, code = on_the_way(store, one, two)
    street.intake.report(street.request.id, events.KeptOut("i1"))
    assert "o9001 officer_onsite_cannot" in street.carried()
    assert street.meeting.interpreter_id is None
    street.says(one, f"can {code} 10")
    assert street.meeting.interpreter_id is None
    assert "i2 interpreter_on_site_go" in street.says(two, f"can {code} 20")
