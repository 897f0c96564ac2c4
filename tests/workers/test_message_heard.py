"""The worker's part in a caller's message: fetched, written down, handed to the intake, deleted at the carrier."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from dispatch.clock import SystemClock
from dispatch.effects import HearMessage
from dispatch.settings import Settings
from dispatch.voicemail import Voicemail
from tests.dispatch.requests import caller_speaks
from workers.performing import Performer
from workers.scenarios import SPEECH
from workers.wiring import listener


class Town:
    """A carrier that holds one recording, and an intake that keeps what it is handed."""

    def __init__(self, wav: bytes) -> None:
        self.wav = wav
        self.deleted: list[str] = []
        self.kept: list[tuple[Voicemail, int]] = []

    def recording(self, sid: str) -> bytes:
        """The sound."""
        return self.wav

    def delete_recording(self, sid: str) -> None:
        """Gone at the carrier."""
        self.deleted.append(sid)

    def keep_voicemail(self, message: Voicemail, days: int) -> None:
        """Kept."""
        self.kept.append((message, days))

    def now(self) -> object:
        """The clock."""
        return SystemClock().now()


def heard(wav: bytes, language: str = "spa", **settings: object) -> Town:
    """What becomes of a message with that sound."""
    told = Settings(_env_file=None, **settings)  # type: ignore[arg-type]
    town = Town(wav)
    performer = Performer(SimpleNamespace(), town, town, told, lambda: listener(Settings(_env_file=None)))  # type: ignore[arg-type]
    request = replace(caller_speaks().request, language=language)
    performer._hear_message(request, HearMessage("RE7"), "e1")
    return town


def test_a_message_is_written_down_for_as_long_as_the_agency_says_and_its_sound_is_deleted() -> None:
    town = heard((SPEECH / "spanish.wav").read_bytes(), voicemail_days=3)
    ((message, days),) = town.kept
    assert (message.id, message.written.language, days) == ("RE7", "spa", 3)
    assert "llamada" in message.written.words
    assert message.written.english
    assert town.deleted == ["RE7"]


@pytest.mark.parametrize(("wav", "days"), [(b"", 7), (b"RIFF broken", 7)])
def test_sound_that_cannot_be_read_is_still_shown_as_a_message(wav: bytes, days: int) -> None:
    town = heard(wav)
    ((message, kept),) = town.kept
    assert (message.readable, kept) == (False, days)
    assert town.deleted == ["RE7"]


def test_with_no_days_nothing_is_written_down() -> None:
    town = heard((SPEECH / "spanish.wav").read_bytes(), voicemail_days=0)
    assert town.kept == []
    assert town.deleted == ["RE7"]
