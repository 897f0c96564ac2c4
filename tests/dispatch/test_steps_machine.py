"""Random, repeated, reordered and late events: whatever happens, the promises hold."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch import events, override_events
from dispatch.effects import FindInterpreters, FreeInterpreter, PlaceCall, To
from dispatch.offer import OfferState
from dispatch.people import Role
from dispatch.prompts import next_prompt
from dispatch.request import Channel, DeadlineKind, Guess, LegState, Need, Request, RequestState, Urgency
from dispatch.steps import step
from tests.dispatch.requests import NOON, POLICY

INTERPRETERS = ("amina", "jean", "rosa")
LANGUAGES = ("spa", "hat", "eng", "ase")
legs = st.integers(1, 8).map(lambda number: f"r1-{number}")
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
    st.just(events.SessionDone()),
    st.just(events.SupplyChanged()),
    st.builds(events.SendFailed, st.just("carrier down")),
)


class RequestMachine(RuleBasedStateMachine):
    """One request and everything that can happen to it."""

    request: Request

    @initialize(role=st.sampled_from(list(Role)), channel=st.sampled_from(list(Channel)))
    def begin(self, role: Role, channel: Channel) -> None:
        self.request = Request("r1", "p1", role, channel, RequestState.RECEIVED, NOON)
        self.now = NOON
        self.seated = 0
        self.freed = 0
        first: events.Event = events.CallArrived("r1-1", "CA1")
        if channel is Channel.TEXT:
            first = events.TextReceived(Need(languages=("hat",)), "hat")
        self.happens(first)

    @rule(event=any_event, again=st.booleans())
    def happens(self, event: events.Event, again: bool = False) -> None:
        """It happens; perhaps the carrier tells us twice."""
        for _ in range(2 if again else 1):
            self.now += timedelta(seconds=1)
            before = self.request
            self.request, self.effects = step(before, event, self.now, POLICY)
            self.freed += sum(isinstance(effect, FreeInterpreter) for effect in self.effects)
            if self.request.accepted is not None and before.accepted is None:
                self.seated += 1
            if before.over:
                assert self.request.state is before.state

    @rule(found=st.lists(st.sampled_from(INTERPRETERS), unique=True).map(tuple))
    def search_ends(self, found: tuple[str, ...]) -> None:
        """A search ends; what it found may be out of date."""
        self.happens(events.CandidatesFound(found))

    @rule(by=st.sampled_from(["requester", "dispatcher"]), really=st.integers(0, 9))
    def dropped(self, by: str, really: int) -> None:
        """Now and then somebody gives up."""
        if really == 0:
            self.happens(events.RequestDropped(by))
        if really == 1:
            self.happens(override_events.HandedToVendor("the vendor line", by))

    @invariant()
    def one_seat_one_interpreter(self) -> None:
        accepted = [offer for offer in self.request.offers if offer.state is OfferState.ACCEPTED]
        assert len(accepted) <= 1

    @invariant()
    def nobody_is_asked_twice_at_once(self) -> None:
        active = [offer.interpreter_id for offer in self.request.offers if offer.active]
        assert len(active) == len(set(active))

    @invariant()
    def every_interpreter_who_was_seated_is_freed_once(self) -> None:
        assert self.seated == self.freed + (self.request.accepted is not None)

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
        if self.request.accepted is not None:
            assert self.request.state in (RequestState.CONNECTING, RequestState.CONNECTED)
            assert any(deadline.kind is DeadlineKind.CHECK_CALLS for deadline in self.request.deadlines)

    @invariant()
    def a_known_leg_always_hears_something(self) -> None:
        for leg in self.request.legs:
            assert next_prompt(self.request, leg.id, 0, POLICY)

    @invariant()
    def calls_to_interpreters_belong_to_open_or_won_offers(self) -> None:
        for effect in self.effects:
            if isinstance(effect, PlaceCall) and effect.to is To.INTERPRETER:
                offer = self.request.offer(effect.leg_id)
                assert offer is not None
                assert offer.active


RequestMachine.TestCase.settings = settings(
    max_examples=1000,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestRequestMachine = RequestMachine.TestCase
