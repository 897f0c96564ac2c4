"""Stretching the search by the clock, and what the person waiting hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch import events
from dispatch.effects import (
    AlertDispatcher,
    DeleteRecording,
    FindInterpreters,
    FreeInterpreter,
    HangUp,
    HearMessage,
    MoveCall,
    PlaceCall,
    SendText,
    To,
)
from dispatch.offer import OfferState
from dispatch.policy import Do, Step, Vendor
from dispatch.prompts import Farewell, Hold, Join, LeaveMessage, OfferQuestion, next_prompt
from dispatch.request import DeadlineKind, LegRole, RequestState, Urgency
from dispatch.steps import step
from tests.dispatch.requests import POLICY, Story, caller_speaks, officer_wants

LINE = Vendor("Acme", "+18005550100", "ww1234#", hold_seconds=40)
WITH_VENDOR = replace(POLICY, vendors=(LINE,))
DUE = events.DeadlinePassed(DeadlineKind.ESCALATE)


def until(story: Story, do: Do) -> Story:
    """Let the steps come due until that one has been taken."""
    for _ in range(12):
        story.then(DUE)
        if story.request.reach.told == do:
            return story
    raise AssertionError(f"{do} was not taken; the last told is {story.request.reach.told!r}")


def deadline(story: Story, kind: DeadlineKind) -> float:
    """Seconds until that deadline."""
    return next((d.at - story.now).total_seconds() for d in story.request.deadlines if d.kind is kind)


def test_the_first_step_is_due_at_its_time_and_at_once_when_nobody_is_left_to_ring() -> None:
    story = officer_wants("hat")
    assert deadline(story, DeadlineKind.ESCALATE) == POLICY.escalation[Urgency.ROUTINE][0].after
    story.then(events.CandidatesFound((), because="2 signed off"))
    assert deadline(story, DeadlineKind.ESCALATE) == POLICY.nobody_left_seconds
    assert "2 signed off" in story.did(AlertDispatcher)[0].reason  # type: ignore[attr-defined]


def test_every_step_is_read_by_an_officer_and_ends_with_an_alert() -> None:
    story = officer_wants("mam").then(events.CandidatesFound(()))
    read = []
    for _ in range(15):
        story.then(DUE)
        read += [text.key for text in story.did(SendText)]  # type: ignore[attr-defined]
        if any("Step in" in alert.reason for alert in story.did(AlertDispatcher)):  # type: ignore[attr-defined]
            break
    else:
        raise AssertionError("no alert")
    assert read == [
        "officer_step_widen",
        "officer_step_next_tier",
        "officer_step_related",
        "officer_step_next_tier",
        "officer_step_relay",
    ]


def test_a_caller_hears_each_step_in_their_language() -> None:
    story = caller_speaks("fra").then(events.CandidatesFound(()))
    until(story, Do.WIDEN)
    hold = next_prompt(story.request, "r1-1", 1, POLICY)
    assert isinstance(hold, Hold)
    assert ("wait_widen", "fra") in [(line.key, line.language) for line in hold.lines]


def test_a_step_without_words_in_a_language_is_said_in_plainer_ones() -> None:
    story = caller_speaks("mam").then(events.CandidatesFound(()))
    until(story, Do.WIDEN)
    hold = next_prompt(story.request, "r1-1", 1, POLICY)
    assert isinstance(hold, Hold)
    assert [line.key for line in hold.lines] == ["nobody_free"]


def test_a_related_language_is_only_a_question_and_yes_widens_the_search() -> None:
    story = caller_speaks("kek").then(events.CandidatesFound(()))
    until(story, Do.RELATED)
    hold = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(hold, Hold)
    assert (hold.also, story.request.language) == ("spa", "kek")
    assert ("wait_related", "spa") in [(line.key, line.language) for line in hold.lines]
    story.then(events.AlsoSpeaks("spa"))
    assert story.request.need.alternatives == ("kek", "spa")
    assert story.request.language == "kek"
    assert story.did(FindInterpreters)
    assert story.then(events.AlsoSpeaks("spa")).effects == ()


def test_a_hang_up_after_the_callback_was_offered_keeps_the_place_while_phones_ring_on() -> None:
    story = caller_speaks("fra").then(events.CandidatesFound(("claire",)))
    until(story, Do.CALLBACK)
    story.then(events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.OFFERING
    story.then(events.OfferAnswered("r1-2", True))
    assert next(iter(story.did(PlaceCall))).to is To.REQUESTER  # type: ignore[attr-defined]


def test_who_hangs_up_as_they_were_told_they_may_is_called_back_though_somebody_accepted_in_that_moment() -> None:
    story = caller_speaks("fra").then(events.CandidatesFound(("claire",)))
    until(story, Do.CALLBACK)
    story.then(events.OfferAnswered("r1-2", True), events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.CONNECTING
    assert [call.to for call in story.did(PlaceCall)] == [To.REQUESTER]  # type: ignore[attr-defined]


def test_a_message_is_asked_for_at_last_and_the_caller_is_called_back() -> None:
    story = caller_speaks("fra").then(events.CandidatesFound(()))
    until(story, Do.VOICEMAIL)
    assert story.did(MoveCall)
    assert isinstance(next_prompt(story.request, "r1-1", 0, POLICY), LeaveMessage)
    story.then(events.MessageLeft("RE7"))
    assert story.did(HearMessage) == [HearMessage("RE7")]
    assert isinstance(next_prompt(story.request, "r1-1", 0, POLICY), Farewell)
    story.then(events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.CALLBACK_SCHEDULED


def test_a_yes_counts_while_the_caller_has_left_a_message_and_phones_ring_on() -> None:
    story = caller_speaks("fra").then(events.CandidatesFound(("amina",)))
    until(story, Do.VOICEMAIL)
    story.then(events.MessageLeft("RE7"), events.CallEnded("r1-1", "completed"))
    assert story.request.open_offers
    story.then(events.LegAnswered("r1-2"), events.OfferAnswered("r1-2", True))
    assert story.request.state is RequestState.CONNECTING
    assert next(iter(story.did(PlaceCall))).to is To.REQUESTER  # type: ignore[attr-defined]


def test_a_message_that_an_interpreter_interrupts_is_deleted_at_the_carrier() -> None:
    story = caller_speaks("fra").then(events.CandidatesFound(("amina",)))
    until(story, Do.VOICEMAIL)
    story.then(events.LegAnswered("r1-2"), events.OfferAnswered("r1-2", True), events.MessageLeft("RE7"))
    assert story.effects == (DeleteRecording("RE7"),)


# -- relay -------------------------------------------------------------------------------------------------------------


def relay_offered() -> Story:
    """Nobody goes the whole way from Mam; somebody between Mam and Spanish is rung."""
    story = officer_wants("mam").then(events.CandidatesFound(()))
    until(story, Do.RELAY)
    assert story.request.reach.bridge == "spa"
    return story.then(events.CandidatesFound(("luis",), through=("spa",)), events.LegAnswered("r1-1"))


def relay_talks() -> Story:
    """Both interpreters and the officer are in the conference."""
    story = relay_offered().then(events.OfferAnswered("r1-1", True), events.LegJoined("r1-1"))
    story.then(
        events.CandidatesFound(("rosa",), seat=2), events.LegAnswered("r1-2"), events.OfferAnswered("r1-2", True)
    )
    story.then(events.LegJoined("r1-2"), events.LegAnswered("r1-3"), events.LegJoined("r1-3"))
    assert story.request.state is RequestState.CONNECTED
    return story


def test_the_first_half_of_a_relay_waits_on_the_line_while_the_second_is_found() -> None:
    story = relay_offered()
    question = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(question, OfferQuestion)
    assert (question.line.key, question.line.language) == ("interpreter_offer_relay", "spa")
    story.then(events.OfferAnswered("r1-1", True))
    assert story.request.state is RequestState.MATCHING
    assert [effect.seat for effect in story.did(FindInterpreters)] == [2]  # type: ignore[attr-defined]
    waiting = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(waiting, Join)
    assert (waiting.lines[0].key, waiting.lines[0].language) == ("interpreter_relay_wait", "spa")


def test_the_second_half_of_a_relay_is_asked_in_english() -> None:
    story = relay_offered().then(events.OfferAnswered("r1-1", True), events.LegJoined("r1-1"))
    story.then(events.CandidatesFound(("rosa",), seat=2), events.LegAnswered("r1-2"))
    question = next_prompt(story.request, "r1-2", 0, POLICY)
    assert isinstance(question, OfferQuestion)
    assert (question.line.key, question.line.language) == ("interpreter_offer_bridge", "eng")


def test_a_relay_talks_only_with_both_interpreters_in_it() -> None:
    story = relay_offered().then(events.OfferAnswered("r1-1", True), events.LegJoined("r1-1"))
    story.then(
        events.CandidatesFound(("rosa",), seat=2), events.LegAnswered("r1-2"), events.OfferAnswered("r1-2", True)
    )
    assert story.request.state is RequestState.CONNECTING
    story.then(events.LegAnswered("r1-3"), events.LegJoined("r1-3"))
    assert story.request.state is RequestState.CONNECTING
    story.then(events.LegJoined("r1-2"))
    assert story.request.state is RequestState.CONNECTED
    assert [offer.seat for offer in story.request.seated] == [1, 2]
    story.then(events.SessionDone())
    assert story.request.state is RequestState.COMPLETED
    assert not story.request.seated


def test_relay_leg_fails_while_the_other_is_connected() -> None:
    story = relay_talks().then(events.CallEnded("r1-2", "completed"))
    assert story.request.state is RequestState.CONNECTED  # it may be goodbye
    story.then(events.DeadlinePassed(DeadlineKind.HANDOVER, "r1-2"))
    assert story.request.state is RequestState.MATCHING
    assert [offer.interpreter_id for offer in story.request.seated] == ["luis"]
    assert [effect.seat for effect in story.did(FindInterpreters)] == [2]  # type: ignore[attr-defined]
    assert story.did(MoveCall) == []  # the officer stays with the first interpreter
    told = {(text.to, text.key) for text in story.did(SendText)}  # type: ignore[attr-defined]
    assert told == {(To.REQUESTER, "officer_replacing"), (To.INTERPRETER, "interpreter_relay_replacing")}
    story.then(
        events.CandidatesFound(("maria",), seat=2), events.LegAnswered("r1-4"), events.OfferAnswered("r1-4", True)
    )
    story.then(events.LegJoined("r1-4"))
    assert story.request.state is RequestState.CONNECTED


def test_somebody_who_goes_the_whole_way_ends_the_relay() -> None:
    story = relay_talks().then(events.CallEnded("r1-1", "completed"))
    story.then(events.DeadlinePassed(DeadlineKind.HANDOVER, "r1-1"))
    story.then(events.CandidatesFound(("petrona",), through=("",)), events.LegAnswered("r1-4"))
    story.then(events.OfferAnswered("r1-4", True))
    assert [offer.interpreter_id for offer in story.request.seated] == ["petrona"]
    assert story.request.offer("r1-2").state is OfferState.FINISHED  # type: ignore[union-attr]


def test_a_relay_whose_second_half_is_not_found_lets_the_first_go() -> None:
    story = relay_offered().then(events.OfferAnswered("r1-1", True), events.CandidatesFound((), seat=2))
    story.then(events.DeadlinePassed(DeadlineKind.CONNECT_TIMES_OUT))
    assert not story.request.seated
    assert story.did(AlertDispatcher)
    assert story.did(FindInterpreters)


# -- the vendor line ---------------------------------------------------------------------------------------------------


def vendor_called(story: Story) -> Story:
    """The steps are taken until the vendor line rings."""
    for _ in range(12):
        story.now += timedelta(seconds=1)
        story.request, story.effects = step(story.request, DUE, story.now, WITH_VENDOR)
        if story.did(PlaceCall):
            return story
    raise AssertionError("the vendor was not called")


def test_the_vendor_line_is_called_with_its_code_and_its_hold_counts() -> None:
    story = vendor_called(officer_wants("som").then(events.CandidatesFound(())))
    (call,) = story.did(PlaceCall)
    assert isinstance(call, PlaceCall)
    assert (call.to, call.person_id) == (To.VENDOR, "Acme")
    read: list[str] = []
    for event in (
        events.CallPlaced(call.leg_id, "CA9"),
        events.LegAnswered(call.leg_id),
        events.LegAnswered("r1-2"),
        events.LegJoined(call.leg_id),
        events.LegJoined("r1-2"),
    ):
        story.now += timedelta(seconds=1)
        story.request, story.effects = step(story.request, event, story.now, WITH_VENDOR)
        read += [text.key for text in story.did(SendText)]  # type: ignore[attr-defined]
    assert read == ["officer_vendor"]
    assert story.request.state is RequestState.CONNECTING  # the vendor's music is no interpreter
    assert deadline(story, DeadlineKind.VENDOR_SPEAKS) == LINE.hold_seconds
    spoke = story.then(events.InterpreterSpeaks())
    assert spoke.request.state is RequestState.CONNECTED
    assert spoke.request.connected_at == story.now


def test_an_interpreter_who_accepts_first_spares_the_vendor() -> None:
    story = vendor_called(officer_wants("som").then(events.CandidatesFound(("yusuf",))))
    leg = story.request.leg_of(LegRole.VENDOR)
    assert leg is not None
    story.then(events.OfferAnswered("r1-1", True))
    assert HangUp(leg.id) in story.effects
    assert story.request.leg_of(LegRole.VENDOR) is None


def test_a_vendor_line_that_cannot_be_used_goes_back_to_the_search() -> None:
    story = vendor_called(officer_wants("som").then(events.CandidatesFound(())))
    (call,) = story.did(PlaceCall)
    assert isinstance(call, PlaceCall)
    story.then(events.LegAnswered(call.leg_id), events.CallEnded(call.leg_id, "completed"))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FindInterpreters)
    assert story.did(AlertDispatcher)


@pytest.mark.parametrize("urgency", list(Urgency))
def test_steps_are_in_order_of_time(urgency: Urgency) -> None:
    steps = POLICY.escalation[urgency]
    assert [one.after for one in steps] == sorted(one.after for one in steps)
    assert Step(steps[0].after, steps[0].do) == steps[0]


def test_a_vendor_who_answers_while_half_a_relay_waits_goes_the_whole_way() -> None:
    story = relay_offered().then(events.OfferAnswered("r1-1", True), events.LegJoined("r1-1"))
    vendor_called(story.then(events.CandidatesFound(("rosa",), seat=2)))
    leg = story.request.leg_of(LegRole.VENDOR)
    assert leg is not None
    story.then(events.LegAnswered(leg.id))
    assert story.request.state is RequestState.CONNECTING
    assert story.did(FreeInterpreter) == [FreeInterpreter("luis")]
    assert [call.to for call in story.did(PlaceCall)] == [To.REQUESTER]  # type: ignore[attr-defined]
    assert not any(offer.active for offer in story.request.offers)
