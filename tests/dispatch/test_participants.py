"""Muting, holding, a full interpreter and the vendor's line, by the dispatcher's hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch import events
from dispatch.effects import (
    AlertDispatcher,
    FindInterpreters,
    FreeInterpreter,
    HoldLeg,
    MoveCall,
    MuteLeg,
    PlaceCall,
    SendText,
    To,
)
from dispatch.eligibility import Facts, consider
from dispatch.events import ParticipantChanged
from dispatch.offer import OfferState
from dispatch.override_events import (
    FullInterpreterNeeded,
    HandedToVendor,
    HoldSet,
    InterpreterRung,
    MuteSet,
    TakenOver,
    VendorCalled,
)
from dispatch.people import Certificate, Skill
from dispatch.policy import Vendor
from dispatch.prompts import Join, held_prompt, next_prompt, session_menu
from dispatch.request import DeadlineKind, LegRole, LegState, RequestState
from dispatch.store import Store
from tests.dispatch import requests
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY, Story, caller_speaks, officer_wants
from tests.dispatch.test_sessions import talks

ACME = Vendor("Acme", "+18005550100", "ww12#", ("spa",), hold_seconds=20)


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy of stories has a vendor line for Spanish."""
    monkeypatch.setattr(requests, "POLICY", replace(POLICY, vendors=(ACME,)))


def muted(story: Story, leg_id: str) -> tuple[bool, bool]:
    """Whether that phone is muted, and held."""
    leg = story.request.leg(leg_id)
    assert leg is not None
    return leg.muted, leg.held


def test_a_phone_is_muted_once_the_carrier_says_so() -> None:
    story = talks().then(MuteSet("r1-1", True, "dana"))
    assert story.effects == (MuteLeg("r1-1", True),)
    assert muted(story, "r1-1") == (False, False)
    story.then(ParticipantChanged("r1-1", True, False, 5))
    assert muted(story, "r1-1") == (True, False)
    assert story.then(MuteSet("r1-1", True, "luis")).effects == ()


def test_older_news_of_a_phone_changes_nothing_in_any_order() -> None:
    story = talks().then(ParticipantChanged("r1-2", False, True, 9), ParticipantChanged("r1-2", True, False, 7))
    assert muted(story, "r1-2") == (False, True)
    story.then(ParticipantChanged("r1-2", False, True, 9))
    assert muted(story, "r1-2") == (False, True)


def test_hold_ends_with_the_conference_and_mute_lasts_until_they_come_back() -> None:
    story = talks().then(HoldSet("r1-1", True, "dana"))
    assert story.effects == (HoldLeg("r1-1", True),)
    story.then(ParticipantChanged("r1-1", True, True, 5), events.LegLeft("r1-1"))
    assert muted(story, "r1-1") == (True, False)
    back = next_prompt(story.request, "r1-1", 1, POLICY)
    assert isinstance(back, Join)
    assert back.muted
    assert story.then(ParticipantChanged("r1-1", False, True, 6)).request.leg("r1-1") == story.request.leg("r1-1")
    assert muted(story, "r1-1") == (True, False)


def test_nobody_is_muted_outside_the_conference() -> None:
    story = officer_wants("spa").then(events.CandidatesFound(("rosa",)), events.LegAnswered("r1-1"))
    assert story.then(MuteSet("r1-1", True, "dana")).effects == ()
    assert story.then(HoldSet("r1-9", True, "dana")).effects == ()


def test_a_caller_on_hold_hears_their_own_language_and_an_interpreter_english() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(("rosa",)), events.LegAnswered("r1-2"))
    story.then(events.OfferAnswered("r1-2", True), events.LegJoined("r1-1"), events.LegJoined("r1-2"))
    assert [(line.key, line.language) for line in held_prompt(story.request, "r1-1", POLICY).lines] == [
        ("wait_held", "spa")
    ]
    assert held_prompt(story.request, "r1-2", POLICY).lines[0].language == "eng"


def test_who_is_muted_and_held_is_kept(store: Store) -> None:
    story = talks().then(ParticipantChanged("r1-2", True, True, 4))
    with store.transaction() as tx:
        tx.add_requester(officer())
        tx.put_interpreter(replace(interpreter(1, "hat"), id="amina"))
        tx.create_request(replace(story.request, requester_id=officer().id))
    with store.reading() as tx:
        kept = tx.request("r1")
    assert kept is not None
    assert kept.legs == story.request.legs


# -- a full interpreter ------------------------------------------------------------------------------------------------


def test_in_a_session_the_interpreter_is_replaced_by_one_who_is_tested_and_proficient() -> None:
    story = talks().then(FullInterpreterNeeded("dana"))
    assert story.request.need.full
    assert story.request.state is RequestState.MATCHING
    assert story.did(FindInterpreters)
    assert story.did(FreeInterpreter) == [FreeInterpreter("amina")]
    fluent = Skill("hat", 5, Certificate.TESTED)
    for skill, reason in (
        (fluent, "may be asked"),
        (Skill("hat", 3, Certificate.TESTED), "proficiency 3 of 5; a full interpreter is needed, 4 at least"),
        (Skill("hat", 5), "not tested in Haitian Creole; this request asks for tested"),
    ):
        verdict = consider(story.request, replace(interpreter(2), skills=(skill,)), Facts(), NOON, POLICY)
        assert (verdict.ok, verdict.reason) == (skill is fluent, reason)


def test_before_a_session_those_who_ring_stop_and_others_are_asked() -> None:
    story = officer_wants("spa").then(events.CandidatesFound(("rosa",)), FullInterpreterNeeded("dana"))
    assert story.request.offers[0].state is OfferState.WITHDRAWN
    assert story.did(FindInterpreters)
    assert story.then(FullInterpreterNeeded("luis")).effects == ()


def test_the_interpreter_and_the_officer_have_a_key_for_it_in_the_session() -> None:
    for leg_id in ("r1-1", "r1-2"):
        menu = session_menu(talks().request, leg_id, POLICY)
        assert menu.choices[3] == "full"  # type: ignore[union-attr]


def test_waiving_the_credential_later_lets_others_be_asked_again() -> None:
    story = officer_wants("spa").then(FullInterpreterNeeded("dana"), events.CredentialWaived("no one else", "dana"))
    assert consider(story.request, interpreter(3, "spa"), Facts(), NOON, POLICY).ok


def test_somebody_who_is_kept_out_is_not_rung_by_hand_either() -> None:
    story = officer_wants("spa").then(events.KeptOut("rosa", "dana"))
    assert story.then(InterpreterRung("rosa", "luis")).effects == ()


# -- the vendor --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("vendors")
def test_a_vendor_is_dialled_for_a_caller_who_waits_and_nobody_is_hung_up_on() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(()), VendorCalled("Acme", "dana"))
    (call,) = story.did(PlaceCall)
    assert (call.to, call.person_id) == (To.VENDOR, "Acme")  # type: ignore[attr-defined]
    assert story.did(MoveCall) == [MoveCall("r1-1")]
    vendor = story.request.leg_of(LegRole.VENDOR)
    assert vendor is not None
    assert story.then(VendorCalled("Acme", "luis")).effects == ()
    story.then(events.CallPlaced(vendor.id, "CA9"), events.LegAnswered(vendor.id), events.LegJoined(vendor.id))
    story.then(events.LegJoined("r1-1"))
    assert story.request.state is RequestState.CONNECTING
    story.then(events.InterpreterSpeaks("desk"))
    assert story.request.state is RequestState.CONNECTED
    assert story.request.reach.vendor_spoke == "desk"


@pytest.mark.usefixtures("vendors")
def test_a_dispatcher_who_has_taken_over_brings_the_vendor_into_the_same_call() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(()), TakenOver("dana"))
    desk = story.request.legs[-1].id
    story.then(events.CallPlaced(desk, "CA8"), events.LegAnswered(desk), events.LegJoined(desk))
    story.then(events.LegJoined("r1-1"), VendorCalled("Acme", "dana"))
    assert story.request.state is RequestState.CONFIRMING
    assert not story.did(MoveCall)
    vendor = story.request.legs[-1].id
    story.then(events.CallPlaced(vendor, "CA9"), events.LegAnswered(vendor))
    assert not story.did(MoveCall)
    assert story.request.state is RequestState.CONNECTING
    story.then(events.LegJoined(vendor))
    due = next(one for one in story.request.deadlines if one.kind is DeadlineKind.VENDOR_SPEAKS)
    assert due.at == story.now + timedelta(seconds=20)
    story.then(events.DeadlinePassed(DeadlineKind.VENDOR_SPEAKS))
    assert story.request.state is RequestState.CONNECTED
    assert story.request.reach.vendor_spoke == "assumed"


@pytest.mark.usefixtures("vendors")
def test_a_vendor_line_that_is_busy_leaves_the_desk_and_the_caller_together() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(()), TakenOver("dana"))
    desk = story.request.legs[-1].id
    story.then(events.LegAnswered(desk), events.LegJoined(desk), events.LegJoined("r1-1"), VendorCalled("Acme", "dana"))
    vendor = story.request.legs[-1].id
    story.then(events.CallEnded(vendor, "busy"))
    assert story.request.state is RequestState.CONFIRMING
    assert story.did(AlertDispatcher)
    assert story.then(VendorCalled("Acme", "dana")).did(PlaceCall)


@pytest.mark.usefixtures("vendors")
def test_a_line_that_does_not_take_the_language_or_is_not_ours_is_not_dialled() -> None:
    assert officer_wants("hat").then(VendorCalled("Acme", "dana")).effects == ()
    assert officer_wants("spa").then(VendorCalled("Nobody's", "dana")).effects == ()


def test_a_line_outside_is_written_down_while_the_desk_is_with_the_caller() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(()), TakenOver("dana"))
    desk = story.request.legs[-1].id
    story.then(events.LegAnswered(desk), events.LegJoined(desk), events.LegJoined("r1-1"))
    story.then(HandedToVendor("Line 9, job 44", "dana"))
    assert story.effects == ()
    assert story.request.leg("r1-1").state is LegState.IN_CONFERENCE  # type: ignore[union-attr]
    story.then(events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.VENDOR_HANDOFF
    assert "Line 9, job 44" in story.request.outcome
    assert not story.did(SendText)
