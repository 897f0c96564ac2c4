"""Effects that fail, and effects that are performed once more after a worker died."""

from typing import Any

import pytest

from dispatch import effects, events
from dispatch.intake import Intake
from dispatch.request import RequestState
from dispatch.settings import Settings
from dispatch.store import Store
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON, POLICY
from tests.dispatch.test_searching import At
from voice.carrier import GONE, CarrierError
from voice.language import Identified
from workers.performing import Performer

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


class Town:
    """A performer whose carrier refuses texts, holds recordings and loses them when they are deleted."""

    def __init__(self, store: Store, decision: str = "accept") -> None:
        self.store = store
        self.intake = Intake(store, At(NOON), POLICY, lambda ids: None)
        self.decision = decision
        self.held = {"RE1", "RE2"}
        self.dies = ""
        """The step at which the worker dies."""
        told = Settings(_env_file=None)  # type: ignore[call-arg]
        self.performer = Performer(store, self.intake, self, told, lambda: self)  # type: ignore[arg-type]
        with store.transaction() as tx:
            tx.add_requester(officer())
            tx.put_interpreter(interpreter(1))

    def send_text(self, *told: str) -> str:
        """Refused."""
        raise CarrierError(21610, retryable=False)

    def recording(self, sid: str) -> bytes:
        """The sound."""
        if sid not in self.held:
            raise CarrierError(GONE, retryable=True)
        return b"sound"

    def delete_recording(self, sid: str) -> None:
        """Gone, unless the worker dies before it could."""
        if self.dies == "before the deletion":
            raise KeyboardInterrupt
        self.held.discard(sid)

    def identify(self, wav: bytes, expected: Any) -> Any:
        """What was heard in it."""
        spoken = "spa" if self.decision == "accept" else None
        candidates = ((spoken, 0.97),) if spoken else ()
        return Identified(spoken, 0.97, self.decision, candidates, 2.0, 0.1, heard=None)  # type: ignore[arg-type]

    def gist(self, heard: Any, language: str) -> None:
        """Worked out after everything else."""
        if self.dies == "while it works the gist out":
            raise KeyboardInterrupt

    def performs(self, effect: effects.Effect, request_id: str | None = None) -> str:
        """The effect is performed; a worker who dies on it is followed by one who lives. Returns its id."""
        with self.store.transaction() as tx:
            (effect_id,) = tx.put_effects(request_id, [effect], NOON)
        if self.dies:
            with pytest.raises(KeyboardInterrupt):
                self.performer.perform(effect_id)
            self.dies = ""
        self.performer.perform(effect_id)
        return effect_id

    def caller(self) -> str:
        """Somebody calls and speaks; returns the request."""
        found = self.intake.call("CA1", None)
        spoken = events.SpeechRecorded(found.leg_id, "RE1")
        self.intake.on_leg(found.request_id, found.leg_id, spoken, "CA1", "RE1")
        return found.request_id

    def alerts(self) -> list[str]:
        """What the dispatcher is told."""
        with self.store.reading() as tx:
            return [alert.reason for alert in tx.open_alerts()]


@pytest.mark.parametrize(
    ("effect", "who"),
    [
        (effects.SendText(effects.To.INTERPRETER, "i1", "interpreter_on", "eng"), "Interpreter 1"),
        (effects.SendText(effects.To.REQUESTER, "o9001", "officer_menu", "eng"), "Dana Walsh"),
    ],
)
def test_the_dispatcher_is_told_who_it_is_that_gets_no_texts(store: Store, effect: effects.Effect, who: str) -> None:
    town = Town(store)
    town.performs(effect)
    (alert,) = town.alerts()
    assert alert.startswith(f"{who}: This person has unsubscribed")


def test_a_worker_that_dies_over_the_gist_leaves_no_alarm_behind(store: Store) -> None:
    town = Town(store)
    request_id = town.caller()
    town.dies = "while it works the gist out"
    effect_id = town.performs(effects.HearSpeech("RE1"), request_id)
    assert town.alerts() == []
    with store.reading() as tx:
        request = tx.request(request_id)
        assert request is not None
        assert (request.language, request.trouble) == ("spa", "")
        assert tx.effect(effect_id) is None  # done, and what it said is forgotten


def test_silence_that_is_heard_twice_is_asked_about_once(store: Store) -> None:
    town = Town(store, decision="no_speech")
    request_id = town.caller()
    town.dies = "before the deletion"
    town.performs(effects.HearSpeech("RE1"), request_id)
    with store.reading() as tx:
        request = tx.request(request_id)
    assert request is not None
    assert (request.state, request.listens) == (RequestState.IDENTIFYING, 2)
    assert "RE1" not in town.held
