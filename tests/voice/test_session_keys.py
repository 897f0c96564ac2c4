"""The star key in a session, keys while waiting, and messages: what the carrier is told, and what its answers mean."""

from xml.etree import ElementTree

import pytest

from dispatch import events
from dispatch.intake import Prompted
from dispatch.prompts import AskLanguage, Hold, Join, LeaveMessage, Line, SessionMenu
from dispatch.request import LegRole
from voice.hook import BadWebhook, Hook
from voice.prompt_audio import PromptAudio
from voice.twiml import Voicing
from voice.webhooks import Webhooks


@pytest.fixture
def voicing(tmp_path) -> Voicing:  # type: ignore[no-untyped-def]
    """Renders for an installation of its own."""
    return Voicing(PromptAudio(tmp_path, tmp_path), "http://town.test", "eng", "911")


def rendered(voicing: Voicing, prompt: object) -> ElementTree.Element:
    """The TwiML of a prompt."""
    return ElementTree.fromstring(voicing.render(Prompted(prompt, "r1", "r1-2", 7)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "star"),
    [(LegRole.REQUESTER, "true"), (LegRole.INTERPRETER, "true"), (LegRole.AGENCY, "false"), (LegRole.VENDOR, "false")],
)
def test_who_talks_may_leave_the_conference_by_the_star_key_for_a_menu(
    voicing: Voicing, role: LegRole, star: str
) -> None:
    dial = rendered(voicing, Join((), "r1", role, starts=True, ends=False)).find("Dial")
    assert dial is not None
    assert dial.get("hangupOnStar") == star
    assert "/voice/r1/r1-2/menu?" in dial.get("action", "")


def test_a_session_menu_gathers_one_key_and_goes_back_in_silence(voicing: Voicing) -> None:
    answer = rendered(voicing, SessionMenu((Line("session_menu", "eng"),), ("language", "known", "other"), "requester"))
    gather = answer.find("Gather")
    assert gather is not None
    assert "asked=session" in gather.get("action", "")
    assert "at=7" in gather.get("action", "")
    redirect = answer.find("Redirect")
    assert redirect is not None
    assert "/prompt?turn=1" in (redirect.text or "")


def test_a_related_language_is_asked_with_its_own_key(voicing: Voicing) -> None:
    gather = rendered(voicing, Hold((Line("please_wait", "eng"),), 0, True, 12, False, "spa")).find("Gather")
    assert gather is not None
    assert "also=spa" in gather.get("action", "")


def test_a_message_is_recorded_and_silence_is_told_too(voicing: Voicing) -> None:
    answer = rendered(voicing, LeaveMessage((Line("wait_voicemail", "eng"),)))
    record, redirect = answer.find("Record"), answer.find("Redirect")
    assert record is not None
    assert redirect is not None
    assert record.get("maxLength") == "120"
    assert "nothing=1" in (redirect.text or "")


@pytest.mark.parametrize("prompt", [AskLanguage((), 1), LeaveMessage(())])
def test_a_recording_is_told_of_even_where_the_phone_was_moved_on_in_the_middle(
    voicing: Voicing, prompt: object
) -> None:
    record = rendered(voicing, prompt).find("Record")
    assert record is not None
    assert record.get("recordingStatusCallback") == record.get("action")


def pressed(digits: str, **query: str) -> events.Event | None:
    """What a key means."""
    hook = Hook({"Digits": digits}, query, "/voice/r1/r1-2/key", {"request": "r1", "leg": "r1-2"})
    return Webhooks._meaning(Webhooks.__new__(Webhooks), hook, digits)


@pytest.mark.parametrize(
    ("digits", "query", "event"),
    [
        ("1", {"asked": "session", "options": "done,language,known", "by": "interpreter"}, events.SessionDone()),
        (
            "3",
            {"asked": "session", "options": "done,language,known", "by": "interpreter"},
            events.AnotherWanted("interpreter", "known", "r1-2"),
        ),
        (
            "1",
            {"asked": "session", "options": "language,known,other", "by": "requester"},
            events.AnotherWanted("requester", "language"),
        ),
        ("9", {"asked": "session", "options": "language,known,other", "by": "requester"}, None),
        ("1", {"asked": "session", "options": "everything", "by": "requester"}, None),
        ("1", {"asked": "hold", "also": "spa"}, events.AlsoSpeaks("spa")),
        ("1", {"asked": "hold", "also": "klingon"}, None),
        ("1", {"asked": "hold"}, None),
        ("9", {"asked": "hold"}, events.LanguageWrong()),
    ],
)
def test_what_keys_mean(digits: str, query: dict[str, str], event: events.Event | None) -> None:
    assert pressed(digits, **query) == event


def test_a_key_without_a_question_is_refused() -> None:
    with pytest.raises(BadWebhook, match="asked"):
        pressed("1")
