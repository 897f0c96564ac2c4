"""What must survive: killed processes, repeated webhooks, a queue that is away."""

import sqlite3
from contextlib import closing

import pytest

from tests.stories.installation import CALLER, HOTLINE, JEAN, LUIS, MARIE, OFFICER, ROSA, SAMPLE, Installation


def both_talk(town: Installation) -> None:
    """Wait until the officer is in a conference with an interpreter; then hang up and look that all is over."""
    room = town.phones.wait("an interpreter joins", lambda e: e["kind"] == "joined" and e["phone"] in (JEAN, MARIE))
    town.saw("joined", OFFICER, conference=room["conference"])
    town.ends_the_talk(OFFICER)
    town.ended("completed")


@pytest.mark.parametrize("victim", ["worker-1", "ticker", "web", "queue"])
def test_kill_9_right_after_the_text_loses_nothing(town: Installation, victim: str) -> None:
    town.accepts(JEAN, MARIE)
    town.answers(OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.kill(victim)
    both_talk(town)


@pytest.mark.parametrize("victim", ["worker-1", "web", "queue"])
def test_kill_9_while_phones_ring_loses_nothing(town: Installation, victim: str) -> None:
    town.answers(JEAN, OFFICER)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.heard(JEAN, "Haitian Creole")
    town.kill(victim)
    town.accepts(MARIE)
    both_talk(town)


def test_kill_9_of_the_speech_worker_while_somebody_speaks(town: Installation) -> None:
    town.accepts(ROSA, LUIS)
    town.phones.do(CALLER, "call", to=HOTLINE)
    town.saw("recording", CALLER)
    town.kill("speech-1")
    town.phones.speak(CALLER, (SAMPLE / "speech" / "spanish.wav").read_bytes())
    town.phones.wait(
        "the caller is led on, by speech or by menu",
        lambda e: (
            e["kind"] == "said" and e["phone"] == CALLER and ("intérprete" in e["text"] or "presione" in e["text"])
        ),
    )
    if not town.happened("joined", CALLER) and town.board()["open"][0]["state"] == "confirming":
        town.phones.do(CALLER, "press", digits="2")
    town.saw("joined", CALLER)
    town.ends_the_talk(CALLER)
    town.ended("completed")


@pytest.mark.parametrize("times", [2, 5])
def test_everything_delivered_several_times_ends_the_same(town: Installation, times: int) -> None:
    town.phones.faults(deliveries=times)
    try:
        town.accepts(JEAN)
        town.answers(OFFICER)
        town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
        town.saw("joined", JEAN)
        town.saw("joined", OFFICER)
        town.ends_the_talk(OFFICER)
        ended = town.ended("completed")
        assert [offer["state"] for offer in ended["offers"]].count("finished") == 1
        assert len(town.happened("ringing", OFFICER)) == 1
        understood = [e for e in town.happened("text", OFFICER) if "We are ringing interpreters" in e["body"]]
        assert len(understood) == 1
    finally:
        town.phones.faults(deliveries=1)


def test_a_locked_database_is_answered_with_words_in_the_callers_languages(town: Installation) -> None:
    path = town.settings.store_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as rude:
        rude.execute("BEGIN EXCLUSIVE")
        town.phones.do(CALLER, "call", to=HOTLINE)
        town.heard(CALLER, "We have a technical problem")
        town.heard(CALLER, "Tenemos un problema técnico")
        rude.execute("ROLLBACK")
    town.heard(CALLER, "This is City Interpreter Line")
    town.phones.do(CALLER, "hang-up")
    town.ended("abandoned")


def test_a_text_that_cannot_be_delivered_reaches_the_dispatcher(town: Installation) -> None:
    town.phones.behave(OFFICER, text_error=30003)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.eventually(
        "the dispatcher is told",
        lambda b: [a for a in b["alerts"] if "30003" in a["reason"] and "call them" in a["reason"]],
    )
    town.phones.behave(OFFICER, text_error=0)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="drop")
    town.ended("cancelled")


def test_a_word_that_unsubscribes_is_honoured_and_told(town: Installation) -> None:
    town.phones.do(OFFICER, "text", to=HOTLINE, body="haitian creole")
    town.saw("ringing", JEAN)
    town.phones.do(OFFICER, "text", to=HOTLINE, body="STOP")
    town.ended("cancelled")
    town.eventually(
        "the dispatcher is told",
        lambda b: [a for a in b["alerts"] if "Dana Walsh used a word that unsubscribes" in a["reason"]],
    )
    town.phones.do(OFFICER, "text", to=HOTLINE, body="START")
    town.phones.do(OFFICER, "text", to=HOTLINE, body="status")
    town.heard(OFFICER, "You have no open request")
