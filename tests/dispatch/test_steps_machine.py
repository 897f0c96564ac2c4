"""Random, repeated, reordered and late events: whatever happens, the promises hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from dispatch import asking_events, events, languages, on_site, override_events, ringing, writing_events
from dispatch.effects import FindInterpreters, FreeInterpreter, PlaceCall, To
from dispatch.escalation import LOOKING
from dispatch.people import Role
from dispatch.policy import ENCOUNTERS, Do, Vendor
from dispatch.prompts import next_prompt, session_menu
from dispatch.request import Channel, DeadlineKind, Guess, LegRole, LegState, Need, Request, RequestState, Urgency
from dispatch.ring_plan import Adaptive
from dispatch.steps import step
from tests.dispatch.requests import NOON, POLICY

INTERPRETERS = ("amina", "jean", "rosa")
LANGUAGES = ("spa", "hat", "mam", "ase")
VARIETIES = ("mam-tacana", "mam-comitancillo", "mam-todossantos")
MACHINE = replace(POLICY, vendors=(Vendor("Acme", "+18005550100"),), strategy=Adaptive())
legs = st.integers(1, 10).map(lambda number: f"r1-{number}")
guesses = st.lists(st.builds(Guess, st.sampled_from(LANGUAGES), st.floats(0, 1)), max_size=3).map(tuple)
decisions = st.sampled_from(["accept", "confirm", "menu", "no_speech"])
any_event = st.one_of(
    st.builds(
        events.LanguageHeard, st.sampled_from(["accept", "confirm", "menu", "no_speech"]), guesses, st.just("heard")
    ),
    st.builds(events.SpeechRecorded, legs, st.sampled_from([None, "RE1"])),
    st.builds(events.LanguageFailed, st.just("model missing")),
    st.builds(events.LanguageChosen, st.sampled_from(LANGUAGES), st.just("key")),
    st.just(events.LanguageWrong()),
    st.just(events.OtherLanguageFirst()),
    st.builds(events.OriginChosen, st.sampled_from(["gt", "gt/quiche", "/?", "mx/?"])),
    st.just(events.PersonWanted()),
    st.builds(events.GistWritten, st.sampled_from(["", "weapon"]), st.sampled_from(list(Urgency))),
    st.just(events.ListenByPhone()),
    st.builds(
        asking_events.MoreSaid,
        st.builds(
            Need,
            urgency=st.sampled_from(list(Urgency)),
            constraints=st.sampled_from([(), ("female",), ("text",), ("in_person",)]),
            encounter=st.sampled_from(["", "victim"]),
        ),
    ),
    st.builds(events.CallPlaced, legs, st.just("CA9")),
    st.builds(events.CallFailed, legs, st.just("busy")),
    st.builds(events.LegAnswered, legs, st.booleans()),
    st.builds(events.OfferAnswered, legs, st.booleans()),
    st.builds(events.LegJoined, legs),
    st.builds(events.LegLeft, legs),
    st.builds(events.CallEnded, legs, st.sampled_from(["completed", "no-answer", "busy", "failed", "canceled"])),
    st.builds(events.DeadlinePassed, st.sampled_from(list(DeadlineKind)), st.one_of(st.just(""), legs)),
    st.builds(override_events.LanguageSet, st.sampled_from(LANGUAGES), st.just("amina")),
    st.builds(override_events.InterpreterRung, st.sampled_from(INTERPRETERS), st.just("amina")),
    st.builds(override_events.RequesterCalled, st.just("amina")),
    st.builds(override_events.MessageWritten, st.sampled_from(list(To)), st.just("p1"), st.just("hello"), st.just("a")),
    st.builds(override_events.TakenOver, st.just("amina")),
    st.builds(override_events.LegRemoved, legs, st.just("amina")),
    st.builds(override_events.MuteSet, legs, st.booleans(), st.just("amina")),
    st.builds(override_events.HoldSet, legs, st.booleans(), st.just("amina")),
    st.builds(override_events.VendorCalled, st.sampled_from(["Acme", "nobody's"]), st.just("amina")),
    st.builds(override_events.FullInterpreterNeeded, st.just("amina")),
    st.builds(events.ParticipantChanged, legs, st.booleans(), st.booleans(), st.integers(1, 9)),
    st.just(events.SessionDone()),
    st.builds(events.EncounterSet, st.sampled_from(ENCOUNTERS)),
    st.builds(events.CredentialWaived, st.sampled_from(["", "the sergeant agreed"])),
    st.builds(events.KeptOut, st.sampled_from(INTERPRETERS)),
    st.builds(events.AlsoSpeaks, st.sampled_from(LANGUAGES)),
    st.builds(
        events.AnotherWanted,
        st.sampled_from(["requester", "interpreter", "dispatcher"]),
        st.sampled_from(["language", "full", "known", "other"]),
        st.one_of(st.just(""), legs),
        st.sampled_from(["", *LANGUAGES]),
        st.sampled_from(["", *VARIETIES]),
        st.sampled_from([(), ("mam-tacana",)]),
    ),
    st.builds(events.VarietyNamed, st.sampled_from(["", *VARIETIES]), st.just("the dispatcher")),
    st.builds(events.AlsoSpeaks, st.sampled_from(VARIETIES)),
    st.just(writing_events.WritingWanted()),
    st.builds(
        writing_events.Wrote,
        st.sampled_from(["requester", "interpreter", "desk"]),
        st.just("words"),
        st.sampled_from(["requester", "interpreter", "desk"]),
    ),
    st.builds(events.OnSiteNews, st.sampled_from(on_site.NEWS), st.sampled_from([0, 20])),
    st.builds(events.InterpreterSpeaks, st.sampled_from(["key", "heard", "assumed"]), st.floats(0, 60)),
    st.just(events.VendorHolds()),
    st.builds(events.MessageLeft, st.sampled_from([None, "RE2"])),
    st.just(events.SupplyChanged()),
    st.builds(events.SendFailed, st.just("carrier down")),
)


class RequestMachine(RuleBasedStateMachine):
    """One request and everything that can happen to it."""

    request: Request
    steps_taken: ClassVar[list[int]] = []
    seen: ClassVar[set[str]] = set()

    @initialize(
        role=st.sampled_from(list(Role)),
        channel=st.sampled_from(list(Channel)),
        so_far=st.sampled_from(
            ["", "", "waits", "connects", "missed", "talks", "relay", "vendor", "writes", "message"]
        ),
    )
    def begin(self, role: Role, channel: Channel, so_far: str) -> None:
        """A new request, or one that is well under way already."""
        self.request = Request("r1", "p1", role, channel, RequestState.RECEIVED, NOON)
        self.now = NOON
        self.seated = 0
        self.taken = 0
        self.freed = 0
        first: events.Event = events.CallArrived("r1-1", "CA1")
        if channel is Channel.TEXT:
            first = events.TextReceived(Need(languages=("hat",)), "hat")
        self.happens(first)
        if so_far:
            self.happens(events.LanguageChosen("mam", "key"))
            getattr(self, f"_{so_far}")()

    def _waits(self) -> None:
        self.happens(events.CandidatesFound(()))

    def _connects(self) -> None:
        self.happens(events.CandidatesFound(("amina",)))
        self.happens(events.OfferAnswered(self.request.offers[0].id, True))

    def _missed(self) -> None:
        """Their phone was rung as often as may be, and rings for the last time."""
        self._connects()
        for _ in range(MACHINE.requester_calls - 1):
            for leg in self.request.legs:
                if leg.role is LegRole.REQUESTER and leg.state is LegState.DIALLING:
                    self.happens(events.CallEnded(leg.id, "no-answer"))

    def _talks(self) -> None:
        self.happens(events.CandidatesFound(("amina",)))
        self._everybody_joins()

    def _writes(self) -> None:
        self.happens(writing_events.WritingWanted())
        self.happens(events.CandidatesFound(("amina", "jean")))
        for offer in self.request.open_offers[:1]:
            self.happens(events.OfferAnswered(offer.id, True))
            self.happens(writing_events.Wrote("interpreter", "words", "requester"))

    def _message(self) -> None:
        self.happens(events.LanguageChosen("spa", "key"))
        self.happens(events.CandidatesFound(("amina",)))
        for _ in range(12):
            if self.request.reach.told != Do.VOICEMAIL:
                self.happens(events.DeadlinePassed(DeadlineKind.ESCALATE))
        self.happens(events.MessageLeft("RE2"))

    def _relay(self) -> None:
        self._escalates(lambda: bool(self.request.reach.bridge))
        self.happens(events.CandidatesFound(("amina",), through=("spa",)))
        self._everybody_joins()
        self.happens(events.CandidatesFound(("jean",), seat=2))
        self._everybody_joins()

    def _vendor(self) -> None:
        self._escalates(lambda: self.request.leg_of(LegRole.VENDOR) is not None)
        self._everybody_joins()
        self.happens(events.InterpreterSpeaks())

    def _escalates(self, far: Callable[[], bool]) -> None:
        self.happens(events.CandidatesFound(()))
        for _ in range(10):
            if not far():
                self.happens(events.DeadlinePassed(DeadlineKind.ESCALATE))

    def _everybody_joins(self) -> None:
        for _ in range(2):
            for leg in self.request.legs:
                if leg.state is not LegState.ENDED:
                    self.happens(events.LegAnswered(leg.id))
                    self.happens(events.OfferAnswered(leg.id, True))
                    self.happens(events.LegJoined(leg.id))

    @rule(event=any_event, again=st.booleans())
    def happens(self, event: events.Event, again: bool = False) -> None:
        """It happens; perhaps the carrier tells us twice."""
        for _ in range(2 if again else 1):
            self.now += timedelta(seconds=1)
            before = self.request
            self.request, self.effects = step(before, event, self.now, MACHINE)
            self.freed += sum(isinstance(effect, FreeInterpreter) for effect in self.effects)
            held = {offer.id for offer in before.seated}
            self.seated += sum(offer.accepted_at is not None for offer in self.request.offers) - self.taken
            self.taken = sum(offer.accepted_at is not None for offer in self.request.offers)
            assert len({offer.id for offer in self.request.seated} - held) <= 1
            if before.over:
                assert self.request.state is before.state
                assert (self.request.result, self.request.miss) == (before.result, before.miss)
            self.steps_taken.append(1)
            self.seen.add(f"{self.request.state.value} with {len(self.request.seated)}")

    @rule(
        found=st.lists(st.sampled_from(INTERPRETERS), unique=True).map(tuple),
        seat=st.sampled_from([1, 1, 1, 2, 2]),
        relay=st.booleans(),
        chances=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    )
    def search_ends(self, found: tuple[str, ...], seat: int, relay: bool, chances: tuple[float, ...]) -> None:
        """A search ends; what it found may be out of date."""
        through = (self.request.reach.bridge,) * len(found) if relay else ()
        self.happens(events.CandidatesFound(found, chances=chances, through=through, seat=seat))

    @rule(late=st.sampled_from([0.0, 0.3, 5.0, 90.0]))
    def time_passes(self, late: float) -> None:
        """The ticker turns what is due into events, perhaps late."""
        self.now += timedelta(seconds=30 + late)
        for due in sorted(self.request.deadlines, key=lambda one: one.at):
            if due.at <= self.now:
                self.happens(events.DeadlinePassed(due.kind, due.subject))

    @rule(picks_up=st.integers(0, 4))
    def somebody_accepts(self, picks_up: int) -> None:
        """Whoever rings presses 1 and joins; so do those who are waited for, most of the time."""
        for offer in self.request.open_offers[:1]:
            self.happens(events.LegAnswered(offer.id))
            self.happens(events.OfferAnswered(offer.id, True))
        for leg in self.request.legs:
            if leg.role is LegRole.REQUESTER and leg.state is LegState.DIALLING and not picks_up:
                self.happens(events.CallEnded(leg.id, "no-answer"))
            elif leg.state is not LegState.ENDED and self.request.state is RequestState.CONNECTING:
                self.happens(events.LegAnswered(leg.id))
                self.happens(events.LegJoined(leg.id))

    @rule(how=st.sampled_from(["completed", "no-answer"]), really=st.integers(0, 2))
    def requester_leaves(self, how: str, really: int) -> None:
        """Now and then the requester hangs up, or does not pick up."""
        leg = self.request.leg_of(LegRole.REQUESTER)
        if leg is not None and really == 0:
            self.happens(events.CallEnded(leg.id, how))

    @rule(really=st.integers(0, 2))
    def requester_calls(self, really: int) -> None:
        """Now and then they call the hotline while something is done for them; every call is another leg."""
        if really == 0:
            self.happens(events.CallArrived(ringing.next_leg_id(self.request), "CA9"))

    @rule()
    def answers_in_words(self) -> None:
        """Who was asked for their language writes something that names none."""
        if self.request.state is RequestState.CONFIRMING:
            self.happens(events.TextReceived(Need(urgency=Urgency.URGENT), "words in some language"))

    @rule(by=st.sampled_from(["requester", "dispatcher"]), really=st.integers(0, 9))
    def dropped(self, by: str, really: int) -> None:
        """Now and then somebody gives up."""
        if really == 0:
            self.happens(events.RequestDropped(by))
        if really == 1:
            self.happens(override_events.HandedToVendor("the vendor line", by))

    @invariant()
    def one_seat_one_interpreter(self) -> None:
        seats = [offer.seat for offer in self.request.seated]
        assert len(seats) == len(set(seats))
        assert set(seats) <= {1, 2}

    @invariant()
    def nobody_is_asked_twice_at_once(self) -> None:
        active = [offer.interpreter_id for offer in self.request.offers if offer.active]
        assert len(active) == len(set(active))

    @invariant()
    def every_interpreter_who_was_seated_is_freed_once(self) -> None:
        assert self.seated == self.freed + len(self.request.seated)

    @invariant()
    def when_it_is_over_nobody_is_held_and_nothing_rings(self) -> None:
        if self.request.over:
            assert not any(offer.active for offer in self.request.offers)
            assert not any(leg.state is LegState.DIALLING for leg in self.request.legs)
            assert self.request.deadlines == ()
            assert not any(isinstance(effect, FindInterpreters) for effect in self.effects)

    @invariant()
    def open_offers_always_end_by_themselves(self) -> None:
        due = {deadline.subject for deadline in self.request.deadlines}
        assert {offer.id for offer in self.request.open_offers} <= due

    @invariant()
    def a_seat_is_only_held_while_people_are_brought_together(self) -> None:
        """While they talk or are brought together, or while the other seat of a relay is being filled."""
        if self.request.seated:
            talking = self.request.state in (RequestState.CONNECTING, RequestState.CONNECTED)
            assert talking or self.request.open_seat is not None
            assert talking or self.request.state in LOOKING
            ends = {DeadlineKind.CHECK_CALLS}
            if "text" in self.request.need.constraints:
                ends = {DeadlineKind.CONNECT_TIMES_OUT, DeadlineKind.WRITING_QUIET}
            assert any(deadline.kind in ends for deadline in self.request.deadlines)

    @invariant()
    def who_talks_has_an_interpreter_or_is_about_to_get_another(self) -> None:
        if self.request.state is RequestState.CONNECTED and not self.request.seated:
            assert self.request.reach.vendor

    @invariant()
    def nobody_waits_without_an_end(self) -> None:
        """Whoever waits has a search under way, a phone ringing, or a moment at which we look again."""
        spoken = languages.all_languages().get(self.request.language or "")
        if spoken and spoken.voice_call and self.request.state is RequestState.WAITING:
            assert any(deadline.kind is DeadlineKind.MATCH_AGAIN for deadline in self.request.deadlines)

    @invariant()
    def every_phone_that_rings_can_be_accepted(self) -> None:
        assert {offer.seat for offer in self.request.open_offers} <= {self.request.open_seat}
        for offer in self.request.open_offers:
            after, _ = step(self.request, events.OfferAnswered(offer.id, True), self.now, MACHINE)
            assert offer.id in {one.id for one in after.seated}, "a yes that nobody heard"

    @invariant()
    def every_end_has_a_result(self) -> None:
        assert bool(self.request.result) == self.request.over

    @invariant()
    def a_known_leg_always_hears_something(self) -> None:
        for leg in self.request.legs:
            assert next_prompt(self.request, leg.id, 0, MACHINE)
            assert session_menu(self.request, leg.id, MACHINE)

    @invariant()
    def calls_to_interpreters_belong_to_open_or_won_offers(self) -> None:
        for effect in self.effects:
            if isinstance(effect, PlaceCall) and effect.to is To.INTERPRETER:
                offer = self.request.offer(effect.leg_id)
                assert offer is not None
                assert offer.active


RequestMachine.TestCase.settings = settings(
    max_examples=1500,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.no_cover  # counting lines would take longer than the walk; the stories of `step` count them
def test_promises_hold_over_fifty_thousand_steps() -> None:
    """Random, duplicated, reordered and late events; the figure is counted, not assumed."""
    RequestMachine.steps_taken.clear()
    run_state_machine_as_test(RequestMachine, settings=RequestMachine.TestCase.settings)  # type: ignore[no-untyped-call]
    print(f"{len(RequestMachine.steps_taken):,} steps")
    assert len(RequestMachine.steps_taken) >= 50_000
    # The walk went everywhere: every state, talking with one interpreter, with both of a relay, and with the vendor's.
    unreached = {RequestState.RECEIVED, RequestState.VENDOR_HANDOFF}
    assert {state.value for state in set(RequestState) - unreached} <= {one.split()[0] for one in RequestMachine.seen}
    assert {"connected with 0", "connected with 1", "connected with 2", "matching with 1"} <= RequestMachine.seen
