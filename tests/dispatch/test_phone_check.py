"""The states of a test call, and when none is made."""

from dataclasses import replace
from datetime import time, timedelta
from itertools import permutations

import pytest

from dispatch import phone_check
from dispatch.people import Availability, QuietHours, Terms
from dispatch.phone_check import (
    NEXT,
    OVER,
    CheckEvent,
    CheckState,
    KeyPressed,
    MachineHeard,
    NotPlaced,
    PhoneCheck,
    PickedUp,
    Placed,
    PutDown,
)
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON

PLACED, UP, MACHINE, KEY, DOWN = Placed("CA1"), PickedUp(), MachineHeard(), KeyPressed("1"), PutDown("completed")


def after(*events: CheckEvent) -> PhoneCheck:
    """A test call after these events, a second apart."""
    check = PhoneCheck("c1", "i1", "rosa", "spa", NOON)
    for seconds, event in enumerate(events, 1):
        check = phone_check.step(check, event, NOON + timedelta(seconds=seconds))
    return check


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), CheckState.QUEUED),
        ((PLACED,), CheckState.RINGING),
        ((PLACED, UP), CheckState.ANSWERED),
        ((PLACED, UP, KEY), CheckState.PRESSED),
        ((PLACED, UP, KEY, DOWN), CheckState.PRESSED),
        ((PLACED, UP, KeyPressed("2"), DOWN), CheckState.NO_KEY),
        ((PLACED, UP, DOWN), CheckState.NO_KEY),
        ((PLACED, UP, MACHINE, DOWN), CheckState.VOICEMAIL),
        ((PLACED, UP, DOWN, MACHINE), CheckState.VOICEMAIL),
        ((PLACED, UP, MACHINE, KEY), CheckState.PRESSED),
        ((PLACED, PutDown("no-answer")), CheckState.NO_ANSWER),
        ((PLACED, PutDown("busy")), CheckState.BUSY),
        ((PLACED, PutDown("failed")), CheckState.FAILED),
        ((NotPlaced("No such number."),), CheckState.FAILED),
        ((PLACED, NotPlaced("told twice")), CheckState.RINGING),
    ],
)
def test_a_test_call_ends_as_it_went(events: tuple[CheckEvent, ...], state: CheckState) -> None:
    assert after(*events).state is state


def test_news_in_any_order_and_twice_ends_in_the_same_state() -> None:
    for story, state in (((PLACED, UP, KEY, DOWN), CheckState.PRESSED), ((PLACED, UP, MACHINE), CheckState.VOICEMAIL)):
        for order in permutations(story):
            assert after(*order, *order).state is state, order
            assert after(*order).call_sid == "CA1"


def test_every_end_says_what_to_do_next_and_failures_say_why() -> None:
    assert NEXT.keys() == OVER
    assert after(NotPlaced("No such number.")).words == "No such number."


def test_every_step_is_kept_with_its_time() -> None:
    steps = after(PLACED, UP, KEY).steps
    assert [(state, (at - NOON).total_seconds()) for state, at in steps] == [
        (CheckState.RINGING, 1),
        (CheckState.ANSWERED, 2),
        (CheckState.PRESSED, 3),
    ]


def test_a_call_without_news_has_failed_and_another_may_be_made() -> None:
    check, later = after(PLACED), NOON + phone_check.SILENCE
    assert phone_check.as_of(check, later - timedelta(seconds=1)).state is CheckState.RINGING
    assert phone_check.as_of(check, later).state is CheckState.FAILED
    assert "on its way already" in phone_check.refusal(interpreter(1), check, NOON)
    assert phone_check.refusal(interpreter(1), check, later) == ""


def test_what_they_asked_for_is_told_before_they_are_disturbed() -> None:
    one = replace(interpreter(1), terms=Terms("America/New_York", QuietHours(time(6), time(9))))
    early = NOON.replace(hour=12)  # 7 or 8 in New York, whatever the season
    assert "quiet hours (06:00 to 09:00)" in phone_check.disturbance(one, "", early, "UTC")
    assert phone_check.disturbance(interpreter(1), "", NOON, "UTC") == ""
    assert "signed off" in phone_check.disturbance(
        replace(interpreter(1), availability=Availability.OFF), "", NOON, "UTC"
    )
    assert "not on call" in phone_check.disturbance(interpreter(1), "no shift now", NOON, "UTC")


def test_the_test_is_said_in_their_best_language_beside_english() -> None:
    assert phone_check.first_language(interpreter(1, "eng", "hat")) == "hat"
    assert phone_check.first_language(interpreter(1, "eng")) == "eng"
