"""Recordings of a caller's voice, however the carrier tells of them: listened to once, or deleted."""

import pytest

from dispatch import events
from dispatch.effects import DeleteRecording, HearSpeech
from dispatch.intake import Intake
from dispatch.override_events import LanguageSet
from dispatch.request import RequestState
from dispatch.store import Store
from tests.dispatch.requests import NOON, POLICY, Story
from tests.dispatch.test_searching import At


def test_what_was_said_before_a_dispatcher_set_the_language_is_deleted_unheard() -> None:
    story = Story.a_call().then(LanguageSet("spa", by="ana"))
    assert story.request.state is RequestState.MATCHING
    story.then(events.SpeechRecorded("r1-1", "RE1"))
    assert story.effects == (DeleteRecording("RE1"),)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_recording_told_of_in_two_ways_is_listened_to_once(store: Store) -> None:
    handed: list[str] = []
    intake = Intake(store, At(NOON), POLICY, handed.extend)
    call = intake.call("CA1", None)
    for _ in range(2):
        intake.on_leg(call.request_id, call.leg_id, events.SpeechRecorded(call.leg_id, "RE1"), "CA1", "RE1")
    with store.reading() as tx:
        found = [tx.effect(effect_id) for effect_id in handed]
    assert [one.effect for one in found if one is not None] == [HearSpeech("RE1")]
