"""Talking: goodbyes, drops, handovers, asking for somebody else; outcomes and the clock."""

from datetime import timedelta

from dispatch import events
from dispatch.effects import AlertDispatcher, FindInterpreters, FreeInterpreter, KeepApart, MoveCall, SendText
from dispatch.offer import OfferState
from dispatch.outcomes import Result, seconds_to_connect
from dispatch.prompts import Hold, Join, SessionMenu, next_prompt, session_menu
from dispatch.request import DeadlineKind, RequestState
from dispatch.steps import step
from tests.dispatch.requests import NOON, POLICY, Story, caller_speaks, officer_wants


def talks() -> Story:
    """A Haitian Creole session of officer (leg 2) and Amina (leg 1)."""
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.CallPlaced("r1-1", "CA1"))
    story.then(events.LegAnswered("r1-1"), events.OfferAnswered("r1-1", True), events.CallPlaced("r1-2", "CA2"))
    return story.then(events.LegAnswered("r1-2"), events.LegJoined("r1-1"), events.LegJoined("r1-2"))


def cut_off() -> Story:
    """The interpreter's phone has died and the officer is still there."""
    story = talks().then(events.LegLeft("r1-1"), events.CallEnded("r1-1", "completed"))
    return story.then(events.DeadlinePassed(DeadlineKind.HANDOVER, "r1-1"))


def test_a_goodbye_is_told_from_a_drop_by_whether_the_requester_leaves_too() -> None:
    story = talks().then(events.CallEnded("r1-1", "completed"))
    (due,) = [one for one in story.request.deadlines if one.kind is DeadlineKind.HANDOVER]
    assert (due.at - story.now).total_seconds() == POLICY.goodbye_seconds
    story.then(events.CallEnded("r1-2", "completed"))
    assert story.request.state is RequestState.COMPLETED
    assert not story.did(FindInterpreters)


def test_a_drop_rings_a_replacement_while_the_officer_stays_and_is_told() -> None:
    story = cut_off()
    assert story.request.state is RequestState.MATCHING
    assert story.did(FreeInterpreter) == [FreeInterpreter("amina")]
    assert story.did(FindInterpreters)
    assert story.did(MoveCall) == [MoveCall("r1-2")]
    assert [text.key for text in story.did(SendText)] == ["officer_replacing"]  # type: ignore[attr-defined]
    assert story.did(AlertDispatcher)
    hold = next_prompt(story.request, "r1-2", 0, POLICY)
    assert isinstance(hold, Hold)
    assert hold.lines[0].key == "wait_replacing"


def test_a_replacement_who_accepts_joins_and_the_clock_is_not_set_again() -> None:
    story = cut_off()
    first = story.request.connected_at
    story.then(events.CandidatesFound(("jean",)), events.LegAnswered("r1-3"), events.OfferAnswered("r1-3", True))
    assert story.did(MoveCall) == [MoveCall("r1-2")]
    story.then(events.LegJoined("r1-3"), events.LegJoined("r1-2"))
    assert story.request.state is RequestState.CONNECTED
    assert story.request.connected_at == first


def test_an_officer_who_hangs_up_before_the_replacement_has_still_been_served() -> None:
    story = cut_off().then(events.CandidatesFound(("jean",)), events.CallEnded("r1-2", "completed"))
    assert story.request.state is RequestState.COMPLETED
    assert story.request.result == Result.CONNECTED
    assert not any(offer.active for offer in story.request.offers)


def test_done_by_key_or_text_is_never_a_drop() -> None:
    story = talks().then(events.SessionDone(), events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.COMPLETED


def test_a_caller_without_an_interpreter_is_told_in_their_language() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(("rosa",)), events.LegAnswered("r1-2"))
    story.then(events.OfferAnswered("r1-2", True), events.LegJoined("r1-1"), events.LegJoined("r1-2"))
    story.then(events.CallEnded("r1-2", "completed"), events.DeadlinePassed(DeadlineKind.HANDOVER, "r1-2"))
    hold = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(hold, Hold)
    assert (hold.lines[0].key, hold.lines[0].language) == ("wait_replacing", "spa")


def test_the_star_key_offers_each_side_their_own_choices_and_a_way_back() -> None:
    story = talks()
    interpreter, officer = (session_menu(story.request, leg, POLICY) for leg in ("r1-1", "r1-2"))
    assert isinstance(interpreter, SessionMenu)
    assert isinstance(officer, SessionMenu)
    assert (interpreter.by, interpreter.choices) == ("interpreter", ("done", "language", "known", "full"))
    assert (officer.by, officer.choices) == ("requester", ("language", "known", "other", "full"))
    back = next_prompt(story.request, "r1-2", 1, POLICY)
    assert isinstance(back, Join)
    assert back.lines == ()
    assert not back.ends


def test_another_interpreter_is_rung_inside_the_call_and_the_first_is_not_asked_again() -> None:
    story = talks().then(events.AnotherWanted("requester", "language"))
    assert story.request.state is RequestState.MATCHING
    assert story.request.need.kept_out == ("amina",)
    assert set(story.did(MoveCall)) == {MoveCall("r1-1"), MoveCall("r1-2")}
    assert not story.did(KeepApart)


def test_who_know_each_other_are_kept_apart_from_then_on() -> None:
    story = talks().then(events.AnotherWanted("interpreter", "known", "r1-1"))
    (apart,) = story.did(KeepApart)
    assert isinstance(apart, KeepApart)
    assert (apart.interpreter_id, apart.requester_id) == ("amina", "p1")


def test_the_right_language_named_in_the_session_is_searched_for() -> None:
    story = talks().then(events.AnotherWanted("requester", "language", language="fra"))
    assert story.request.language == "fra"
    assert story.did(FindInterpreters)


# -- outcomes ----------------------------------------------------------------------------------------------------------


def test_nobody_reached_is_its_own_outcome_and_never_refused() -> None:
    story = officer_wants("hat").then(events.CandidatesFound((), because="3 signed off"))
    story.now = NOON + timedelta(seconds=300)
    story.then(events.RequestDropped("requester"))
    assert story.request.state is RequestState.CANCELLED
    assert story.request.result == Result.INTERPRETER_NOT_REACHED
    assert "3 signed off" in story.request.miss
    assert "refused" not in {result.value for result in Result}


def test_a_request_given_up_before_the_target_is_withdrawn() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.RequestDropped("requester"))
    assert (story.request.result, story.request.miss) == (Result.WITHDRAWN, "")


def test_the_clock_runs_from_the_first_word_to_the_interpreter_speaking() -> None:
    story = talks()
    assert seconds_to_connect(story.request) == (story.now - NOON).total_seconds()
    assert story.request.miss == ""


def test_a_missed_target_names_its_cause() -> None:
    story = officer_wants("spa").then(events.CandidatesFound(("rosa",)))
    story.now += timedelta(seconds=40)
    story.then(events.DeadlinePassed(DeadlineKind.OFFER_EXPIRES, "r1-1"), events.CandidatesFound(("luis",)))
    story.then(events.LegAnswered("r1-2"), events.OfferAnswered("r1-2", True), events.LegAnswered("r1-3"))
    story.then(events.LegJoined("r1-2"), events.LegJoined("r1-3"))
    assert story.request.state is RequestState.CONNECTED
    assert story.request.miss.endswith("instead of 30 s: 1 did not answer")


# -- two at once -------------------------------------------------------------------------------------------------------


def test_a_search_that_began_anew_is_not_taken_for_a_language_that_was_settled_late() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.OfferAnswered("r1-1", True))
    story.now += timedelta(seconds=90)
    story.then(events.CallEnded("r1-1", "completed"), events.CandidatesFound(("jean",)))
    again = story.request.open_offers[0].id
    story.then(events.OfferAnswered(again, True), events.LegAnswered("r1-2"), events.LegJoined("r1-2"))
    story.then(events.LegJoined(again))
    assert story.request.connected_at is not None
    assert story.request.miss.endswith("1 was lost again")


def test_two_acceptances_in_the_same_millisecond_seat_one() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina", "jean")))
    story.then(events.LegAnswered("r1-1"), events.LegAnswered("r1-2"))
    at = story.now + timedelta(milliseconds=1)
    request, _ = step(story.request, events.OfferAnswered("r1-2", True), at, POLICY)
    request, effects = step(request, events.OfferAnswered("r1-1", True), at, POLICY)
    assert [offer.interpreter_id for offer in request.seated] == ["jean"]
    assert request.offer("r1-1").state is OfferState.WITHDRAWN  # type: ignore[union-attr]
    assert effects == ()


def test_an_acceptance_after_expiry_is_told_so_and_seats_nobody() -> None:
    story = officer_wants("hat").then(events.CandidatesFound(("amina", "jean")), events.LegAnswered("r1-1"))
    story.then(events.DeadlinePassed(DeadlineKind.OFFER_EXPIRES, "r1-1"), events.OfferAnswered("r1-1", True))
    assert story.request.seated == ()
    story.then(events.OfferAnswered("r1-2", True))
    assert [offer.interpreter_id for offer in story.request.seated] == ["jean"]


# -- mailboxes ---------------------------------------------------------------------------------------------------------


def yes_by_text() -> Story:
    """The interpreter has said yes by text while their phone rings; then somebody, or something, picks up."""
    story = officer_wants("hat").then(events.CandidatesFound(("amina",)), events.CallPlaced("r1-1", "CA1"))
    story.then(events.OfferAnswered("r1-1", True), events.CallPlaced("r1-2", "CA2"), events.LegAnswered("r1-2"))
    return story.then(events.LegJoined("r1-2"), events.LegAnswered("r1-1"), events.LegJoined("r1-1"))


def test_a_mailbox_that_picks_up_after_a_yes_by_text_is_not_left_with_the_requester() -> None:
    story = yes_by_text()
    assert story.request.state is RequestState.CONNECTED
    story.then(events.LegAnswered("r1-1", machine=True))
    assert story.request.state is RequestState.MATCHING
    assert {effect.leg_id for effect in story.effects if isinstance(effect, MoveCall)} == {"r1-1", "r1-2"}
    assert story.did(FindInterpreters)
    assert story.request.connected_at is None
    assert isinstance(next_prompt(story.request, "r1-2", 0, POLICY), Hold)


def test_who_has_pressed_a_key_is_a_person_whatever_the_carrier_hears() -> None:
    story = talks().then(events.LegAnswered("r1-1", machine=True))
    assert story.request.state is RequestState.CONNECTED
    assert story.effects == ()


def test_a_mailbox_that_takes_the_place_of_one_who_was_cut_off_does_not_set_the_clock_anew() -> None:
    story = cut_off()
    spoke = story.request.connected_at
    story.then(events.CandidatesFound(("jean",)), events.CallPlaced("r1-3", "CA3"), events.OfferAnswered("r1-3", True))
    story.then(events.LegAnswered("r1-3"), events.LegJoined("r1-3"), events.LegJoined("r1-2"))
    story.then(events.LegAnswered("r1-3", machine=True))
    assert story.request.state is RequestState.MATCHING
    assert story.request.connected_at == spoke
