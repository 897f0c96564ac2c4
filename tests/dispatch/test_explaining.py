"""What the board says of why a request stands as it does."""

from dataclasses import replace

import pytest

from dispatch import board, events, explaining
from dispatch.override_events import FullInterpreterNeeded, VendorCalled
from dispatch.policy import Policy, Vendor
from dispatch.request import Need, Request, RequestState
from dispatch.store import RosterLine
from tests.dispatch import requests
from tests.dispatch.people import interpreter
from tests.dispatch.requests import POLICY, Story, caller_speaks, officer_wants

ACME = Vendor("Acme", "+18005550100", "ww12#", hold_seconds=20)


def told(request: Request, policy: Policy = POLICY) -> dict[str, str]:
    """The reasons by kind."""
    return {one.kind: one.words for one in explaining.reasons(request, policy, {"petrona": "113", "luis": "104"})}


def test_a_language_that_was_heard_says_how_sure_that_is() -> None:
    assert "97% sure" in told(caller_speaks("spa", 0.97).request)["language"]
    assert "language" not in told(officer_wants("hat").request)
    unsure = caller_speaks("spa", 0.6, "confirm").request
    assert told(unsure)["language"] == "Perhaps Spanish 60%: not settled"


def test_spanish_may_be_a_second_language_and_the_place_narrows_which_comes_first() -> None:
    story = Story().then(events.TextReceived(Need(languages=("spa",)), "spanish, he is from Todos Santos, Guatemala"))
    assert "Mam" in told(story.request)["first"]
    assert "Guatemala or Mexico" in told(caller_speaks("spa").request)["first"]
    assert "first" not in told(officer_wants("hat").request)


def test_the_encounter_names_its_credential_and_a_waiver_its_reason() -> None:
    story = officer_wants("spa").then(events.EncounterSet("custodial", "dana"))
    assert told(story.request)["credential"] == "Custodial: only certified interpreters are asked"
    story.then(events.CredentialWaived("nobody else until six", "dana"))
    assert told(story.request)["credential"] == "Custodial: the credential is waived: nobody else until six"
    full = officer_wants("spa").then(FullInterpreterNeeded("dana"))
    assert "proficiency 4 of 5 at least" in told(full.request)["credential"]
    assert "credential" not in told(officer_wants("spa").request)


def test_the_next_step_of_the_search_and_its_time_are_told_once() -> None:
    story = officer_wants("spa")
    assert told(story.request)["search"] == "Asks up to contractors; 0 of 9 further steps taken"
    assert told(story.request)["next"] == "More phones ring at once"
    card = board.card(story.request, {}, {}, POLICY)
    assert card["next"]["words"] == "more phones ring at once"
    assert "next" not in [reason["kind"] for reason in card["reasons"]]
    story.then(events.CandidatesFound(("rosa",)))
    assert story.request.deadlines


def test_a_relay_shows_both_halves_and_which_is_still_looked_for() -> None:
    story = officer_wants("mam")
    request = replace(story.request, reach=replace(story.request.reach, bridge="spa"))
    assert told(request)["relay"] == "A relay through Spanish is looked for too"
    story.request = request
    found = events.CandidatesFound(("petrona",), through=("spa",))
    story.then(found, events.LegAnswered("r1-1"), events.OfferAnswered("r1-1", True))
    assert told(story.request)["relay"] == "Relay: Mam ↔ Spanish (113), Spanish ↔ English (still looked for)"


def test_a_vendors_hold_and_how_a_human_was_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = replace(POLICY, vendors=(ACME,))
    monkeypatch.setattr(requests, "POLICY", policy)
    story = caller_speaks("spa").then(events.CandidatesFound(()), VendorCalled("Acme", "dana"))
    line = story.request.legs[-1].id
    assert told(story.request, policy)["vendor"] == "Acme is being dialled"
    story.then(events.LegAnswered(line), events.LegJoined(line), events.LegJoined("r1-1"))
    assert told(story.request, policy)["vendor"] == "Acme has answered: their own hold, usually 20 s"
    story.then(events.InterpreterSpeaks("desk"))
    assert told(story.request, policy)["vendor"] == "Acme: an interpreter speaks (noticed by the dispatcher)"


def test_a_callback_keeps_its_place_among_those_who_wait_for_the_language() -> None:
    first = officer_wants("spa").then(events.CandidatesFound(())).request
    later = replace(first, id="r2", created_at=first.created_at.replace(minute=5))
    other = replace(later, id="r3", language="hat")
    called = replace(first, state=RequestState.CALLBACK_SCHEDULED)
    assert explaining.places([later, called, other], POLICY) == {"r1": 1, "r2": 2, "r3": 1}
    assert "keeps the place" in told(called)["callback"]


def test_targets_are_the_policys_own() -> None:
    policy = replace(POLICY, targets={"hat": 12.0}, target_seconds=44.0)
    targets = [board.card(officer_wants(code).request, {}, {}, policy)["target"] for code in ("hat", "spa")]
    assert targets == [12, 44]
    assert RosterLine.of(interpreter(1, "hat")).languages == ("hat",)
