"""Callers who hang up while they wait: who can be called back, who cannot, and who is quicker and calls again."""

from dataclasses import replace

import pytest

from dispatch import asking, events
from dispatch.effects import FindInterpreters, HangUp, MoveCall, PlaceCall, To
from dispatch.intake import Intake
from dispatch.people import PhoneNumber
from dispatch.policy import Do
from dispatch.prompts import AskLanguage, Hold, Join, LeaveMessage, next_prompt
from dispatch.request import DeadlineKind, Guess, Need, RequestState
from dispatch.store import Store
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON, POLICY, Story, officer_wants
from tests.dispatch.test_searching import At

CALLER = PhoneNumber("+16175550150")


def waits(withheld: bool) -> Story:
    """A caller who was heard and for whom nobody is free."""
    story = Story.a_call(withheld).then(events.SpeechRecorded("r1-1", "RE1"))
    heard = events.LanguageHeard("accept", (Guess("spa", 0.97),), "heard")
    return story.then(heard, events.CandidatesFound(()))


def every_step(story: Story) -> list[str]:
    """The keys of what is said while each step of the escalation is taken."""
    said: list[str] = []
    for _ in POLICY.escalation[story.request.need.urgency]:
        story.then(events.DeadlinePassed(DeadlineKind.ESCALATE))
        prompt = next_prompt(story.request, "r1-1", 1, POLICY)
        assert isinstance(prompt, Hold | LeaveMessage)
        said += [line.key for line in prompt.lines]
    return said


def test_who_withholds_the_number_is_never_told_that_we_call_back() -> None:
    told = {f"wait_{do.value}" for do in (Do.CALLBACK, Do.VOICEMAIL)}
    assert told <= set(every_step(waits(withheld=False)))
    assert not told & set(every_step(waits(withheld=True)))


@pytest.mark.parametrize(
    ("withheld", "state"), [(True, RequestState.ABANDONED), (False, RequestState.CALLBACK_SCHEDULED)]
)
def test_nobody_is_woken_for_a_caller_who_hung_up_and_cannot_be_called(withheld: bool, state: RequestState) -> None:
    assert waits(withheld).then(events.CallEnded("r1-1", "completed")).request.state is state


def test_who_calls_again_keeps_their_place_and_their_language() -> None:
    story = waits(withheld=False).then(events.CallEnded("r1-1", "completed"))
    story.then(events.CallArrived("r1-2", "CA2"))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FindInterpreters)
    prompt = next_prompt(story.request, "r1-2", 0, POLICY)
    assert isinstance(prompt, Hold)
    assert [(line.key, line.language) for line in prompt.lines[:2]] == [
        ("connecting", "spa"),
        ("press_to_correct", "spa"),
    ]
    story.then(events.CandidatesFound(("i1",)), events.OfferAnswered("r1-3", accepted=True))
    assert MoveCall("r1-2") in story.effects


def test_who_calls_again_and_hangs_up_again_is_still_called_back() -> None:
    story = waits(withheld=False).then(events.CallEnded("r1-1", "completed"))
    story.then(events.CallArrived("r1-2", "CA2"), events.CallEnded("r1-2", "completed"))
    # The search that their second call began goes on, and whoever accepts is brought to them.
    story.then(events.CandidatesFound(("i1",)), events.OfferAnswered("r1-3", accepted=True))
    assert To.REQUESTER in [effect.to for effect in story.effects if isinstance(effect, PlaceCall)]


def test_a_second_call_after_a_message_was_left_is_no_goodbye() -> None:
    story = waits(withheld=False)
    every_step(story)
    story.then(events.MessageLeft("RE7"), events.CallEnded("r1-1", "completed"))
    story.then(events.CallArrived("r1-2", "CA2"))
    assert isinstance(next_prompt(story.request, "r1-2", 0, POLICY), Hold)


def test_who_calls_while_we_ring_them_is_brought_straight_to_the_interpreter() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.OfferAnswered("r1-1", accepted=True))
    story.then(events.CallPlaced("r1-2", "CA2"), events.CallArrived("r1-3", "CA3"))
    assert HangUp("r1-2") in story.effects
    prompt = next_prompt(story.request, "r1-3", 0, POLICY)
    assert isinstance(prompt, Join)
    story.then(events.CallEnded("r1-2", "canceled"), events.LegAnswered("r1-1"), events.LegJoined("r1-1"))
    story.then(events.LegJoined("r1-3"))
    assert story.request.state is RequestState.CONNECTED


def test_an_officer_who_calls_while_we_ring_to_listen_is_listened_to() -> None:
    story = Story().then(events.ListenByPhone(Need()), events.CallPlaced("r1-1", "CA1"))
    story.then(events.CallArrived("r1-2", "CA2"))
    assert story.effects == (HangUp("r1-1"),)
    assert isinstance(next_prompt(story.request, "r1-2", 0, POLICY), AskLanguage)


def test_an_officer_who_texted_and_calls_waits_on_the_line_for_the_same_request() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.CallArrived("r1-2", "CA2"))
    prompt = next_prompt(story.request, "r1-2", 0, POLICY)
    assert isinstance(prompt, Hold)
    assert prompt.lines[0].language == "eng"
    story.then(events.OfferAnswered("r1-1", accepted=True))
    assert MoveCall("r1-2") in story.effects
    assert not [effect for effect in story.effects if isinstance(effect, PlaceCall)]
    assert isinstance(next_prompt(story.request, "r1-2", 0, POLICY), Join)


def test_who_texted_calls_and_hangs_up_is_still_rung_when_somebody_accepts() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.CallArrived("r1-2", "CA2"))
    story.then(events.CallEnded("r1-2", "completed"), events.OfferAnswered("r1-1", accepted=True))
    assert To.REQUESTER in [effect.to for effect in story.effects if isinstance(effect, PlaceCall)]


@pytest.mark.parametrize("text", ["", "kisa ou bezwen"])
def test_who_was_asked_by_text_for_the_language_and_calls_is_listened_to(text: str) -> None:
    story = Story().then(events.TextReceived(Need(place="5th & Main"), text), events.CallArrived("r1-1", "CA1"))
    assert isinstance(next_prompt(story.request, "r1-1", 0, POLICY), AskLanguage)
    assert story.request.need.place == "5th & Main"
    story.then(events.SpeechRecorded("r1-1", "RE1"), events.LanguageHeard("accept", (Guess("hat", 0.97),), "heard"))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FindInterpreters)


def test_who_asked_to_write_and_calls_talks_instead() -> None:
    story = Story().then(events.TextReceived(Need(languages=("spa",), constraints=("text", "female")), "spanish"))
    story.then(events.CandidatesFound(("amina",)), events.CallArrived("r1-2", "CA2"))
    assert story.request.need.constraints == ("female",)
    assert story.request.open_offers == ()
    assert story.did(FindInterpreters)
    assert isinstance(next_prompt(story.request, "r1-2", 0, POLICY), Hold)


def test_who_talks_already_and_calls_from_the_same_number_has_something_else_to_ask() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.OfferAnswered("r1-1", accepted=True))
    story.then(events.CallPlaced("r1-2", "CA2"), events.LegAnswered("r1-2"))
    assert asking.waiting_for_call(story.request) is None


def test_who_waits_for_somebody_to_come_and_calls_has_something_else_to_ask() -> None:
    story = waits(withheld=False).then(events.CallEnded("r1-1", "completed"))
    assert asking.waiting_for_call(story.request) is story.request
    on_site = replace(story.request, reach=replace(story.request.reach, on_site="coming"))
    assert asking.waiting_for_call(on_site) is None


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_one_caller_is_one_request_however_often_they_ring(store: Store) -> None:
    intake = Intake(store, At(NOON), POLICY, lambda ids: None)
    with store.transaction() as tx:
        tx.put_interpreter(interpreter(1, "hat"))
    first = intake.call("CA1", CALLER)
    intake.on_leg(first.request_id, first.leg_id, events.SpeechRecorded(first.leg_id, "RE1"), "CA1", "RE1")
    intake.report(first.request_id, events.LanguageHeard("accept", (Guess("spa", 0.97),), "heard"))
    intake.find_interpreters(first.request_id, 1)
    intake.call_over("CA1", "completed")
    again = intake.call("CA2", CALLER)
    assert (again.request_id, again.leg_id) == (first.request_id, f"{first.request_id}-2")
    assert intake.call("CA2", CALLER) == again
    with store.reading() as tx:
        (request,) = tx.open_requests()
        assert request.language == "spa"
    assert intake.call("CA3", None).request_id != intake.call("CA4", None).request_id


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_call_from_a_phone_that_is_in_a_call_already_is_a_request_of_its_own(store: Store) -> None:
    intake = Intake(store, At(NOON), POLICY, lambda ids: None)
    assert intake.call("CA1", CALLER).request_id != intake.call("CA2", CALLER).request_id
