"""What a dispatcher's hand does to a request."""

from dispatch import events
from dispatch.effects import (
    AlertDispatcher,
    FindInterpreters,
    FreeInterpreter,
    HangUp,
    MoveCall,
    PlaceCall,
    SendText,
    To,
)
from dispatch.offer import OfferState
from dispatch.override_events import (
    HandedToVendor,
    InterpreterRung,
    LanguageSet,
    LegRemoved,
    MessageWritten,
    RequesterCalled,
    TakenOver,
)
from dispatch.prompts import Hold, Join, Line, next_prompt
from dispatch.request import RequestState
from tests.dispatch.requests import POLICY, Story, caller_speaks, officer_wants


def offering() -> Story:
    """Two interpreters are being rung for an officer."""
    return officer_wants("spa").then(events.CandidatesFound(("rosa", "luis"), ("tier 1", "tier 1")))


def waiting() -> Story:
    """Nobody is free for a caller who stays on the line."""
    return caller_speaks("spa").then(events.CandidatesFound(()))


def test_one_more_interpreter_is_rung_beside_the_wave() -> None:
    story = offering().then(InterpreterRung("amina", "dana"))
    assert [effect.person_id for effect in story.did(PlaceCall)] == ["amina"]  # type: ignore[attr-defined]
    assert len(story.request.open_offers) == 3
    assert story.request.offers[-1].reason == "asked for by dana"


def test_nobody_is_rung_twice_or_without_a_language() -> None:
    assert offering().then(InterpreterRung("rosa", "dana")).effects == ()
    assert Story().then(InterpreterRung("rosa", "dana")).effects == ()


def test_a_language_set_by_hand_stops_the_wrong_phones_and_searches_again() -> None:
    story = offering().then(LanguageSet("mam", "dana"))
    assert story.request.language == "mam"
    assert story.request.found_by == "set by the dispatcher"
    assert all(offer.state is OfferState.WITHDRAWN for offer in story.request.offers)
    assert story.did(FindInterpreters)
    assert offering().then(LanguageSet("spa", "dana")).effects == ()


def test_taking_over_brings_requester_and_desk_together_and_stops_the_search() -> None:
    story = waiting().then(TakenOver("dana"))
    assert story.request.state is RequestState.CONFIRMING
    assert [effect.to for effect in story.did(PlaceCall)] == [To.DESK]  # type: ignore[attr-defined]
    assert story.did(MoveCall) == [MoveCall("r1-1")]
    assert story.request.deadlines == ()
    desk = story.request.legs[-1]
    story.then(events.CallPlaced(desk.id, "CA9"), events.LegAnswered(desk.id))
    prompt = next_prompt(story.request, desk.id, 0, POLICY)
    assert isinstance(prompt, Join)
    assert prompt.lines == (Line("desk_taken_over", "eng", (("agency", "Town"),)),)
    assert isinstance(next_prompt(story.request, "r1-1", 0, POLICY), Join)
    assert story.then(TakenOver("luis")).effects == ()


def test_an_officer_who_texted_is_rung_when_taken_over_and_goes_on_once_the_language_is_set() -> None:
    story = offering().then(TakenOver("dana"))
    assert {effect.to for effect in story.did(PlaceCall)} == {To.DESK, To.REQUESTER}  # type: ignore[attr-defined]
    story.then(LanguageSet("spa", "dana"))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FindInterpreters)


def test_the_requester_can_be_rung_while_they_wait_and_keeps_their_place() -> None:
    story = officer_wants("spa").then(events.CandidatesFound(()), RequesterCalled("dana"))
    leg = story.request.legs[-1]
    assert story.did(PlaceCall) == [PlaceCall(leg.id, To.REQUESTER, "p1", ring_seconds=30)]
    assert story.then(RequesterCalled("dana")).effects == ()
    story.then(events.CallPlaced(leg.id, "CA1"), events.LegAnswered(leg.id))
    assert isinstance(next_prompt(story.request, leg.id, 0, POLICY), Hold)
    story.then(events.CallEnded(leg.id, "completed"))
    assert story.request.state is RequestState.CALLBACK_SCHEDULED
    assert offering().then(RequesterCalled("dana")).effects == ()


def test_a_requester_who_does_not_pick_up_keeps_their_place_though_somebody_is_being_rung_by_then() -> None:
    story = officer_wants("spa").then(events.CandidatesFound(()), RequesterCalled("dana"))
    leg = story.request.legs[-1]
    story.then(events.CandidatesFound(("rosa",)), events.CallEnded(leg.id, "no-answer"))
    assert story.request.state is RequestState.OFFERING
    assert [offer.interpreter_id for offer in story.request.open_offers] == ["rosa"]


def test_who_does_not_pick_up_when_taken_over_has_not_spoken_with_the_desk() -> None:
    story = officer_wants("spa").then(events.CandidatesFound(()), TakenOver("dana"))
    desk, first = story.request.legs[-2:]
    story.then(events.LegAnswered(desk.id), events.CallEnded(first.id, "no-answer"))
    again = story.request.legs[-1]
    assert story.did(PlaceCall) == [PlaceCall(again.id, To.REQUESTER, "p1", ring_seconds=30)]
    story.then(events.CallEnded(again.id, "no-answer"))
    assert not story.request.over
    assert "step in" in story.did(AlertDispatcher)[0].reason  # type: ignore[attr-defined]


def test_a_vendor_gets_it_but_nobody_on_the_line_is_hung_up_on() -> None:
    assert waiting().then(HandedToVendor("Line 9", "dana")).effects == ()
    story = offering().then(HandedToVendor("Line 9", "dana"))
    assert story.request.state is RequestState.VENDOR_HANDOFF
    assert story.request.outcome == "handed to Line 9 by dana"
    assert [text.key for text in story.did(SendText)] == ["officer_handed_on"]  # type: ignore[attr-defined]


def test_messages_go_to_people_of_this_request_only() -> None:
    sent = offering().then(MessageWritten(To.INTERPRETER, "rosa", "Ask for Mam.", "dana")).did(SendText)
    assert sent == [SendText(To.INTERPRETER, "rosa", "desk_message", "eng", {"words": "Ask for Mam."})]
    assert offering().then(MessageWritten(To.INTERPRETER, "stranger", "Hello", "dana")).effects == ()


def test_a_phone_taken_out_is_hung_up() -> None:
    assert waiting().then(LegRemoved("r1-1", "dana")).effects == (HangUp("r1-1"),)
    assert waiting().then(LegRemoved("r1-9", "dana")).effects == ()


def test_who_is_kept_out_after_they_accepted_is_not_brought_together_with_them() -> None:
    story = offering().then(events.OfferAnswered("r1-1", True), events.KeptOut("rosa"))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FreeInterpreter) == [FreeInterpreter("rosa")]
    assert story.did(FindInterpreters)
