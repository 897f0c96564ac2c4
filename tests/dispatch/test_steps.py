"""A request's life, told step by step."""

import pytest

from dispatch import events
from dispatch.effects import (
    AlertDispatcher,
    CheckCalls,
    FindInterpreters,
    FreeInterpreter,
    HangUp,
    HearSpeech,
    MoveCall,
    PlaceCall,
    ReadText,
    SendText,
    To,
)
from dispatch.offer import OfferState
from dispatch.people import Role
from dispatch.request import Channel, DeadlineKind, Guess, LegRole, LegState, Need, RequestState, Urgency
from dispatch.values import replace
from tests.dispatch.requests import Story, caller_speaks, officer_wants


def connected_officer() -> Story:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.CallPlaced("r1-1", "CA1"))
    story.then(events.LegAnswered("r1-1"), events.OfferAnswered("r1-1", True), events.CallPlaced("r1-2", "CA2"))
    return story.then(events.LegAnswered("r1-2"), events.LegJoined("r1-1"), events.LegJoined("r1-2"))


def test_a_named_language_is_searched_for_before_the_officer_is_told() -> None:
    story = officer_wants("hat")
    assert story.request.state is RequestState.MATCHING
    assert [type(effect) for effect in story.effects] == [FindInterpreters, SendText]


def test_a_text_without_a_language_is_read_for_one() -> None:
    story = Story().then(events.TextReceived(Need(), "necesito ayuda por favor"))
    assert story.effects == (ReadText("necesito ayuda por favor"),)
    assert story.request.state is RequestState.IDENTIFYING


def test_an_empty_text_gets_a_question_not_an_error() -> None:
    story = Story().then(events.TextReceived(Need(), " "))
    assert story.request.state is RequestState.CONFIRMING
    assert [effect.key for effect in story.did(SendText)] == ["officer_which_language"]


def test_english_written_by_an_officer_is_not_taken_for_the_language_wanted() -> None:
    story = Story().then(
        events.TextReceived(Need(), "hello please help"),
        events.LanguageHeard("accept", (Guess("eng", 0.99),), "their writing"),
    )
    assert story.request.state is RequestState.CONFIRMING
    assert [effect.key for effect in story.did(SendText)] == ["officer_which_language"]


def test_an_unsure_guess_is_confirmed_and_never_acted_on() -> None:
    story = caller_speaks("spa", 0.6, decision="confirm")
    assert story.request.state is RequestState.CONFIRMING
    assert story.did(FindInterpreters) == []
    assert story.did(MoveCall) == [MoveCall("r1-1")]


def test_a_heard_language_rings_before_it_speaks() -> None:
    story = caller_speaks("spa")
    assert [type(effect) for effect in story.effects] == [FindInterpreters, MoveCall]


def test_silence_is_asked_again_once_then_becomes_a_menu() -> None:
    story = Story(Role.COMMUNITY, Channel.VOICE).then(events.CallArrived("r1-1", "CA1"))
    story.then(events.SpeechRecorded("r1-1", None))
    assert story.request.state is RequestState.IDENTIFYING
    story.then(events.SpeechRecorded("r1-1", None))
    assert story.request.state is RequestState.CONFIRMING


def test_speech_is_listened_to_and_timed() -> None:
    story = Story(Role.COMMUNITY, Channel.VOICE)
    story.then(events.CallArrived("r1-1", "CA1"), events.SpeechRecorded("r1-1", "RE1"))
    assert story.effects == (HearSpeech("RE1"),)
    assert [deadline.kind for deadline in story.request.deadlines] == [DeadlineKind.IDENTIFY_TIMES_OUT]


def test_a_speech_worker_that_never_answers_becomes_a_menu_and_an_alert() -> None:
    story = Story(Role.COMMUNITY, Channel.VOICE)
    story.then(events.CallArrived("r1-1", "CA1"), events.SpeechRecorded("r1-1", "RE1"))
    story.then(events.DeadlinePassed(DeadlineKind.IDENTIFY_TIMES_OUT))
    assert story.request.state is RequestState.CONFIRMING
    assert story.did(AlertDispatcher)
    assert story.did(MoveCall)


def test_first_yes_wins_and_the_other_phone_stops_ringing() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina", "jean")))
    story.then(events.CallPlaced("r1-1", "CA1"), events.CallPlaced("r1-2", "CA2"), events.LegAnswered("r1-1"))
    story.then(events.OfferAnswered("r1-1", True))
    assert story.request.state is RequestState.CONNECTING
    assert [offer.state for offer in story.request.offers] == [OfferState.ACCEPTED, OfferState.WITHDRAWN]
    assert story.did(HangUp) == [HangUp("r1-2")]
    assert [call.to for call in story.did(PlaceCall)] == [To.REQUESTER]


def test_a_listening_interpreter_hears_that_it_is_taken() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina", "jean")))
    story.then(events.LegAnswered("r1-1"), events.LegAnswered("r1-2"), events.OfferAnswered("r1-1", True))
    assert story.did(MoveCall) == [MoveCall("r1-2")]


def test_a_second_yes_changes_nothing() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina", "jean")), events.OfferAnswered("r1-1", True))
    before = story.request
    story.then(events.OfferAnswered("r1-2", True), events.OfferAnswered("r1-1", True))
    assert (story.request, story.effects) == (before, ())


def test_a_yes_by_text_after_the_ring_ended_rings_the_interpreter_again() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina", "jean")))
    offer = story.request.offers[0]
    story.request = story.request.with_leg(
        story.request.legs[0].__class__(offer.id, LegRole.INTERPRETER, LegState.ENDED)
    )
    story.then(events.OfferAnswered(offer.id, True))
    assert PlaceCall(offer.id, To.INTERPRETER, "amina") in story.effects


def test_a_decline_looks_for_the_next_one() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.OfferAnswered("r1-1", False))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FindInterpreters)


def test_an_answering_machine_is_no_answer() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.LegAnswered("r1-1", machine=True))
    assert story.request.offers[0].state is OfferState.EXPIRED
    assert story.did(HangUp) == [HangUp("r1-1")]


def test_an_offer_nobody_answers_expires() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.CallPlaced("r1-1", "CA1"))
    story.then(events.DeadlinePassed(DeadlineKind.OFFER_EXPIRES, "r1-1"))
    assert story.request.offers[0].state is OfferState.EXPIRED
    assert story.did(FindInterpreters)


def test_an_acceptance_after_expiry_is_too_late() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)))
    story.then(events.DeadlinePassed(DeadlineKind.OFFER_EXPIRES, "r1-1"), events.OfferAnswered("r1-1", True))
    assert story.request.accepted is None


def test_nobody_free_tells_the_requester_and_the_dispatcher_once() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(()))
    assert story.request.state is RequestState.WAITING
    assert story.did(AlertDispatcher)
    assert [text.key for text in story.did(SendText)] == ["officer_nobody_free"]
    story.then(events.CandidatesFound(()))
    assert story.effects == ()


def test_waiting_looks_again_when_supply_changes_and_when_time_passes() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(()), events.SupplyChanged())
    assert story.did(FindInterpreters)
    story.then(events.DeadlinePassed(DeadlineKind.MATCH_AGAIN))
    assert story.did(FindInterpreters)
    assert any(deadline.kind is DeadlineKind.MATCH_AGAIN for deadline in story.request.deadlines)


def test_a_caller_who_hangs_up_while_waiting_is_called_back() -> None:
    story = caller_speaks().then(events.CandidatesFound(()), events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.CALLBACK_SCHEDULED
    story.then(events.SupplyChanged(), events.CandidatesFound(("rosa",)), events.OfferAnswered("r1-2", True))
    assert PlaceCall("r1-3", To.REQUESTER, "p1", 30) in story.effects


def test_a_caller_who_hangs_up_before_that_has_abandoned() -> None:
    story = caller_speaks().then(events.CandidatesFound(("rosa",)), events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.ABANDONED
    assert story.did(HangUp) == [HangUp("r1-2")]


def test_a_community_call_brings_the_duty_desk_in() -> None:
    story = caller_speaks().then(events.CandidatesFound(("rosa",)), events.OfferAnswered("r1-2", True))
    assert story.did(MoveCall) == [MoveCall("r1-1")]
    assert [call.to for call in story.did(PlaceCall)] == [To.DESK]


def test_both_in_conference_is_connected() -> None:
    story = connected_officer()
    assert story.request.state is RequestState.CONNECTED
    assert story.request.connected_at == story.now


def test_the_officer_hanging_up_completes_and_frees_the_interpreter() -> None:
    story = connected_officer().then(events.CallEnded("r1-2", "completed"))
    assert story.request.state is RequestState.COMPLETED
    assert story.did(FreeInterpreter) == [FreeInterpreter("amina")]
    assert story.did(MoveCall) == [MoveCall("r1-1")]
    assert story.request.deadlines == ()


def test_the_interpreter_hanging_up_first_after_goodbye_ends_cleanly() -> None:
    story = connected_officer().then(events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.CONNECTED
    story.then(events.CallEnded("r1-2", "completed"))
    assert story.request.state is RequestState.COMPLETED
    assert story.did(FreeInterpreter) == [FreeInterpreter("amina")]


def test_an_interpreter_lost_before_the_talk_is_replaced() -> None:
    story = caller_speaks().then(events.CandidatesFound(("rosa",)), events.LegAnswered("r1-2"))
    story.then(events.OfferAnswered("r1-2", True), events.CallEnded("r1-2", "completed"))
    assert story.request.state is RequestState.MATCHING
    assert story.did(FreeInterpreter) == [FreeInterpreter("rosa")]
    assert story.did(FindInterpreters)
    assert story.did(MoveCall) == [MoveCall("r1-1")]


def test_an_officer_who_does_not_pick_up_is_rung_once_more_then_texted() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.OfferAnswered("r1-1", True))
    story.then(events.CallEnded("r1-2", "no-answer"))
    assert [call.to for call in story.did(PlaceCall)] == [To.REQUESTER]
    story.then(events.CallEnded("r1-3", "no-answer"))
    assert story.request.state is RequestState.FAILED
    assert "officer_called_missed" in [text.key for text in story.did(SendText)]
    assert story.did(FreeInterpreter)


def test_drop_before_the_talk_cancels_and_stops_every_phone() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.RequestDropped("requester"))
    assert story.request.state is RequestState.CANCELLED
    assert story.did(HangUp) == [HangUp("r1-1")]


def test_a_call_the_carrier_started_too_late_is_stopped() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.RequestDropped("requester"))
    story.then(events.CallPlaced("r1-1", "CA1"))
    assert story.effects == (HangUp("r1-1"),)


def test_a_sign_language_is_never_a_voice_call() -> None:
    story = officer_wants("ase")
    assert story.did(FindInterpreters) == []
    assert story.did(AlertDispatcher)
    story.then(events.SupplyChanged())
    assert story.effects == ()


def test_a_second_language_needed_at_once_is_told_to_the_dispatcher() -> None:
    assert officer_wants("spa", "hat").did(AlertDispatcher)


def test_a_correction_withdraws_the_ring_and_starts_anew() -> None:
    story = officer_wants("spa").then(
        events.CandidatesFound(("rosa",)), events.LanguageChosen("por", "named in the text")
    )
    assert story.request.language == "por"
    assert story.request.offers[0].state is OfferState.WITHDRAWN
    assert story.did(FindInterpreters)


def test_pressing_nine_on_hold_brings_the_menu() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(("rosa",)), events.LanguageWrong())
    assert story.request.state is RequestState.CONFIRMING
    assert story.request.language is None


def test_an_officer_who_does_not_know_the_language_is_rung_to_listen() -> None:
    story = Story().then(events.ListenByPhone())
    assert story.did(PlaceCall) == [PlaceCall("r1-1", To.REQUESTER, "p1", 30)]
    story.then(events.LegAnswered("r1-1"), events.SpeechRecorded("r1-1", "RE1"))
    assert story.did(HearSpeech)


def test_a_session_is_compared_with_the_carrier_now_and_then() -> None:
    story = connected_officer().then(events.DeadlinePassed(DeadlineKind.CHECK_CALLS))
    assert story.effects == (CheckCalls(),)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_every_event_delivered_again_ends_in_the_same_state(times: int) -> None:
    happened: list[events.Event] = [
        events.TextReceived(Need(languages=("hat",)), "hat"),
        events.CandidatesFound(("amina",)),
        events.CallPlaced("r1-1", "CA1"),
        events.LegAnswered("r1-1"),
        events.OfferAnswered("r1-1", True),
        events.CallPlaced("r1-2", "CA2"),
        events.LegAnswered("r1-2"),
        events.LegJoined("r1-1"),
        events.LegJoined("r1-2"),
        events.CallEnded("r1-2", "completed"),
    ]
    story = Story()
    for event in happened[:1]:
        story.then(event)
    for event in happened[1:]:
        for _ in range(times):
            story.then(event)
    assert story.request.state is RequestState.COMPLETED
    assert [offer.state for offer in story.request.offers] == [OfferState.FINISHED]


def test_who_is_rung_to_be_listened_to_and_does_not_pick_up_is_asked_by_text() -> None:
    story = Story().then(events.ListenByPhone(), events.CallEnded("r1-1", "no-answer"))
    assert [call.to for call in story.did(PlaceCall)] == [To.REQUESTER]
    story.then(events.CallEnded("r1-2", "no-answer"))
    assert story.request.state is RequestState.CONFIRMING
    assert [text.key for text in story.did(SendText)] == ["officer_which_language"]
    assert story.did(AlertDispatcher)
    assert story.then(events.LanguageChosen("hat", "named in the text")).did(FindInterpreters)


def test_who_names_the_language_instead_of_picking_up_keeps_their_request() -> None:
    story = Story().then(events.ListenByPhone(), events.LanguageChosen("hat", "named in the text"))
    story.then(events.CandidatesFound(("amina",)), events.CallEnded("r1-1", "no-answer"))
    assert story.request.state is RequestState.OFFERING
    story.then(events.OfferAnswered("r1-2", True))
    assert [call.to for call in story.did(PlaceCall)] == [To.REQUESTER]


def test_what_a_first_text_said_stands_when_a_second_one_names_no_language_either() -> None:
    first = Need(urgency=Urgency.URGENT, place="5th & Main", constraints=("female",), encounter="victim")
    story = Story().then(events.TextReceived(first, "urgent at 5th & Main"), events.KeptOut("rosa"))
    story.then(events.LanguageHeard("menu", (), "their writing"))
    story.then(events.TextReceived(Need(), "I do not know"), events.LanguageHeard("menu", (), "their writing"))
    story.then(events.ListenByPhone(Need(hints=("mam",))))
    assert story.request.need == replace(first, kept_out=("rosa",), hints=("mam",))
