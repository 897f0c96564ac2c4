"""The worker's part in listening, where an effect comes twice: a recording is told of once."""

from types import SimpleNamespace

from dispatch import events
from dispatch.effects import HearSpeech
from dispatch.intake import Intake
from dispatch.people import PhoneNumber
from dispatch.request import Request, RequestState
from dispatch.settings import Settings
from dispatch.store import Store
from tests.dispatch.requests import NOON
from tests.dispatch.test_searching import an_intake
from voice.carrier import CarrierError
from voice.language import Identified
from workers.performing import Performer

SILENCE = Identified(None, 0.0, "no_speech", (), 0.0, 0.0, SimpleNamespace())  # type: ignore[arg-type]


class Carrier:
    """Holds recordings, and cannot delete one just now."""

    def recording(self, sid: str) -> bytes:
        """The sound."""
        return b""

    def delete_recording(self, sid: str) -> None:
        """Refused for the moment."""
        raise CarrierError(0, retryable=True)


class Town:
    """One caller, and a worker who hears nothing in what they say."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self.store = store
        self.intake: Intake = an_intake(store)[0]
        listener = SimpleNamespace(identify=lambda wav, prior: SILENCE)
        self.performer = Performer(store, self.intake, carrier, Settings(_env_file=None), lambda: listener)  # type: ignore[arg-type, call-arg, return-value]
        prompted = self.intake.call("CA1", PhoneNumber("+16175550150"))
        self.request_id, self.leg = prompted.request_id, prompted.leg_id

    def speaks(self, recording: str) -> str:
        """They have spoken; the id of the effect that listens."""
        self.intake.report(self.request_id, events.SpeechRecorded(self.leg, recording))
        with self.store.reading() as tx:
            waiting = tx.stale_effects(NOON.replace(year=2027), 9)
        return next(one.id for one in waiting if one.effect == HearSpeech(recording))

    @property
    def request(self) -> Request:
        """As it is stored."""
        with self.store.reading() as tx:
            found = tx.request(self.request_id)
        assert found is not None
        return found


def test_a_recording_heard_again_is_not_taken_for_what_is_said_next(store: Store) -> None:
    town = Town(store, Carrier())
    first = town.speaks("RE1")
    town.performer.perform(first)
    assert (town.request.state, town.request.listens) == (RequestState.IDENTIFYING, 2)
    second = town.speaks("RE2")
    town.performer.perform(first)
    assert town.request.state is RequestState.IDENTIFYING
    town.performer.perform(second)
    assert town.request.state is RequestState.CONFIRMING


def test_who_comes_too_late_to_a_recording_reports_no_failure(store: Store) -> None:
    class Gone(Carrier):
        """Another worker has heard it and deleted it meanwhile."""

        def recording(self, sid: str) -> bytes:
            """It is not there any more."""
            with store.transaction() as tx:
                tx.finish_effect(hearing, NOON)
            raise CarrierError(20404, retryable=False)

    town = Town(store, Gone())
    hearing = town.speaks("RE1")
    town.performer.perform(hearing)
    assert (town.request.state, town.request.trouble) == (RequestState.IDENTIFYING, "")
    with store.reading() as tx:
        assert tx.open_alerts() == []
