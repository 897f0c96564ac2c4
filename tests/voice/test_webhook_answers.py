"""Webhooks answered for an intake that is only told what happened, or whose store is away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from dispatch.errors import StoreUnavailable
from dispatch.intake import Texted
from dispatch.people import PhoneNumber
from dispatch.settings import Settings
from voice.hook import Hook
from voice.prompt_audio import PromptAudio
from voice.webhooks import Webhooks

SM = "SM" + "0" * 32


class Told:
    """An intake that notes what it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failed: list[tuple[Any, ...]] = []

    def text(self, sid: str, sender: PhoneNumber, body: str, media: int, from_desk: bool) -> Texted:
        """A text."""
        self.texts.append(body)
        return Texted(handed_over=True)

    def text_failed(self, *told: Any) -> None:
        """One that was not delivered."""
        self.failed.append(told)

    def menu(self, request_id: str, leg_id: str) -> None:
        """The store is away."""
        raise StoreUnavailable("away")

    held = menu


@pytest.fixture
def intake() -> Told:
    """What happened."""
    return Told()


@pytest.fixture
def hooks(intake: Told, tmp_path: Path) -> Webhooks:
    """The webhooks of an agency with a duty desk."""
    told = Settings(_env_file=None, desk="+16175550199", public_url="http://town.test")  # type: ignore[call-arg]
    return Webhooks(intake, told, PromptAudio(tmp_path, tmp_path))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "kind", "taken"),
    [("Arrêt", "STOP", "STOP"), ("STOP", "", "STOP"), ("YES", "START", "YES"), ("ayuda", "HELP", "ayuda")],
)
def test_only_a_word_by_which_the_carrier_unsubscribes_is_taken_for_stop(
    hooks: Webhooks, intake: Told, body: str, kind: str, taken: str
) -> None:
    form = {"MessageSid": SM, "From": "+16175550123", "Body": body} | ({"OptOutType": kind} if kind else {})
    hooks.text(Hook(form, {}, "/text", {}))
    assert intake.texts == [taken]


def test_why_a_text_was_not_delivered_and_to_whom_goes_with_it(hooks: Webhooks, intake: Told) -> None:
    form = {"MessageStatus": "undelivered", "ErrorCode": "30006", "To": "+16175550123"}
    hooks.text_status(Hook(form, {"effect": "e1"}, "/text/status?effect=e1", {}))
    ((effect, code, why, to),) = intake.failed
    assert (effect, code, to) == ("e1", 30006, PhoneNumber("+16175550123"))
    assert "landline" in why


Asked = Callable[..., ElementTree.Element]


@pytest.fixture
def asked(hooks: Webhooks) -> Asked:
    """Asks what a phone hears next while the store is away."""

    def ask(query: str, **form: str) -> ElementTree.Element:
        told = dict(part.split("=") for part in query.split("&"))
        hook = Hook(form, told, f"/voice/r1/r1-1/menu?{query}", {"request": "r1", "leg": "r1-1"})
        return ElementTree.fromstring(bytes(hooks.menu(hook).body).decode())

    return ask


def test_a_desk_that_does_not_pick_up_while_the_store_is_away_is_not_the_end_of_the_call(asked: Asked) -> None:
    dial = asked("spoken=spa&tries=3").find("Dial")
    assert dial is not None
    assert dial.text == "+16175550199"
    assert "tries=4" in dial.get("action", "")
    assert asked("spoken=spa&tries=4", DialCallStatus="no-answer").find("Dial") is not None


def test_a_phone_on_hold_is_given_only_what_the_carrier_plays_there(hooks: Webhooks) -> None:
    hook = Hook({}, {"tries": "9"}, "/voice/r1/r1-1/held?tries=9", {"request": "r1", "leg": "r1-1"})
    answer = ElementTree.fromstring(bytes(hooks.held(hook).body).decode())
    assert {verb.tag for verb in answer} == {"Say", "Pause", "Redirect"}


def test_who_has_spoken_with_the_desk_is_told_goodbye(asked: Asked) -> None:
    answer = asked("spoken=spa&tries=4", DialCallStatus="completed")
    assert [verb.tag for verb in answer] == ["Say", "Hangup"]
    assert answer[0].get("language") == "es-MX"
