"""A caller's message: what they hear, what is kept and for how long, and how a dispatcher is done with it."""

from datetime import timedelta

import pytest

from dispatch import events, phrases
from dispatch.effects import AlertDispatcher, HearMessage
from dispatch.escalation import MESSAGE_LEFT
from dispatch.gist import Gist
from dispatch.intake import Intake
from dispatch.people import PhoneNumber, Requester, Role
from dispatch.policy import Do
from dispatch.prompts import Farewell, next_prompt
from dispatch.request import Urgency
from dispatch.retention import Keep
from dispatch.store import Store
from dispatch.voicemail import Voicemail
from tests.dispatch.requests import NOON, POLICY, Story, caller_speaks

WEEK = NOON + timedelta(days=7)


class Clock:
    """A clock that stands until it is moved."""

    at = NOON

    def now(self):  # type: ignore[no-untyped-def]
        """The time."""
        return self.at


def asked_for_a_message(language: str = "spa") -> Story:
    """A caller for whom nobody was found, at the last step."""
    from dataclasses import replace

    story = caller_speaks(language).then(events.CandidatesFound(()))
    story.request = replace(story.request, reach=replace(story.request.reach, told=Do.VOICEMAIL.value))
    return story


def message(words: str = "necesito ayuda", english: str = "I need help", sid: str = "RE1") -> Voicemail:
    """A message as the machine wrote it down."""
    return Voicemail(sid, "r1", NOON, 4.0, Gist(words, english, "spa", 0.7))


def waiting(store: Store) -> Intake:
    """A store with the caller's open request in it."""
    with store.transaction() as tx:
        tx.add_requester(Requester("p1", PhoneNumber("+16175550150"), Role.COMMUNITY))
        tx.create_request(asked_for_a_message().request)
    return Intake(store, Clock(), POLICY, lambda ids: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("recording", "key"), [("RE7", "wait_left"), (None, "wait_nothing_left")])
def test_the_caller_hears_in_their_language_what_becomes_of_the_message(recording: str | None, key: str) -> None:
    story = asked_for_a_message().then(events.MessageLeft(recording))
    told = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(told, Farewell)
    assert [(line.key, line.language) for line in told.lines] == [(key, "spa"), ("goodbye", "spa")]
    assert phrases.has(key, "spa")


def test_a_message_raises_the_alert_that_opens_it_and_is_written_down() -> None:
    story = asked_for_a_message().then(events.MessageLeft("RE7"))
    assert story.did(HearMessage) == [HearMessage("RE7")]
    assert story.did(AlertDispatcher) == [AlertDispatcher(MESSAGE_LEFT)]


def test_words_are_sealed_and_gone_when_their_days_are_over(store: Store) -> None:
    waiting(store)
    with store.transaction() as tx:
        tx.keep_voicemail(message(), WEEK)
        tx.keep_voicemail(message(), WEEK)
        raw = str(tx._db.exec_driver_sql("SELECT * FROM voicemails").all())
    assert "ayuda" not in raw
    assert "help" not in raw
    with store.transaction() as tx:
        (kept,) = tx.voicemails_of("r1", NOON)
        assert (kept.written.words, kept.written.english, kept.readable) == ("necesito ayuda", "I need help", True)
        assert tx.with_voicemail(["r1", "r2"], NOON) == {"r1"}
        assert tx.voicemails_of("r1", WEEK) == []
        assert tx.forget_voicemails(WEEK - timedelta(seconds=1)) == 0
        assert tx.forget_voicemails(WEEK) == 1


def test_handled_means_that_words_and_alert_are_gone_and_other_alerts_stay(store: Store) -> None:
    waiting(store)
    with store.transaction() as tx:
        tx.raise_alert("r1", MESSAGE_LEFT, NOON)
        tx.raise_alert("r1", "Nobody is free.", NOON)
        tx.keep_voicemail(message(), WEEK)
        assert not tx.voicemail_handled("RE1", "another request", MESSAGE_LEFT, NOON)
        assert tx.voicemail_handled("RE1", "r1", MESSAGE_LEFT, NOON)
        assert not tx.voicemail_handled("RE1", "r1", MESSAGE_LEFT, NOON)
        assert tx.voicemails_of("r1", NOON) == []
        assert [alert.reason for alert in tx.open_alerts()] == ["Nobody is free."]


def test_danger_in_a_message_makes_the_request_more_urgent(store: Store) -> None:
    intake = waiting(store)
    intake.keep_voicemail(message("tiene un cuchillo", "he has a knife"), 7)
    with store.reading() as tx:
        request = tx.request("r1")
        assert request is not None
        assert request.need.urgency is Urgency.EMERGENCY
        assert tx.with_voicemail(["r1"], NOON)
        assert "cuchillo" not in str([entry.detail for entry in tx.log_of("r1") if entry.kind == "VoicemailKept"])


def test_it_outlives_the_gist_and_is_forgotten_by_the_clock(store: Store) -> None:
    intake = waiting(store)
    intake.keep_gist("r1", message().written, 60)
    intake.keep_voicemail(message(), 7)
    intake._clock.at = NOON + timedelta(hours=2)  # type: ignore[attr-defined]
    intake.forget(Keep())
    with store.reading() as tx:
        assert tx.gists(["r1"], NOON) == {}
        assert tx.voicemails_of("r1", NOON)
    intake._clock.at = WEEK  # type: ignore[attr-defined]
    intake.forget(Keep())
    with store.reading() as tx:
        assert tx.voicemails_of("r1", NOON) == []
