"""The vendor's hold: which words are whose, when the clock stops, and how it is known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch import events
from dispatch.errors import PolicyError
from dispatch.policy import Vendor
from dispatch.policy_file import read_policy, write_policy
from dispatch.prompts import Join, SessionMenu, next_prompt, session_menu
from dispatch.request import DeadlineKind, LegRole, RequestState
from dispatch.steps import step
from dispatch.vendor_hold import Heard, judge
from tests.dispatch.requests import POLICY, Story
from tests.dispatch.test_escalation import LINE, WITH_VENDOR, vendor_called
from tests.dispatch.test_varieties import wanted

ACME = Vendor("Acme", "+18005550100")


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("Thank you for calling Acme. For Spanish, press one.", Heard.HOLD),
        ("Please hold for the next available interpreter.", Heard.HOLD),
        ("Your call is important to us.", Heard.HOLD),
        ("Which language do you need?", Heard.HOLD),
        ("Hello, this is interpreter number 4.22. How may I tell you?", Heard.HUMAN),
        ("Good evening, my name is Ana, interpreter ID 2 0 5.", Heard.HUMAN),
        ("How may I help?", Heard.HUMAN),
        ("Thank you for calling Acme. How may I help you?", Heard.HOLD),
        ("For all under language and clean foals.", Heard.UNCLEAR),
        ("La la la.", Heard.UNCLEAR),
        ("", Heard.UNCLEAR),
    ],
)
def test_whose_words_are_heard(words: str, heard: Heard) -> None:
    assert judge(words, ACME) is heard


def test_an_agencys_own_phrases_replace_the_common_ones() -> None:
    file = """version = "v2"
[[vendors]]
name = "Acme"
number = "+1 800 555 0100"
hold_phrases = ["enjoy the music"]
human_phrases = ["tigrinya desk"]
"""
    (vendor,) = read_policy(file, "policy.toml").vendors
    assert judge("Enjoy the music!", vendor) is Heard.HOLD
    assert judge("Tigrinya desk, good morning", vendor) is Heard.HUMAN
    assert judge("How may I help you?", vendor) is Heard.UNCLEAR
    assert read_policy(write_policy(read_policy(file, "policy.toml")), "again").vendors[0].hold_phrases == (
        "enjoy the music",
    )


def test_a_phrase_that_would_be_found_in_anything_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"vendors\[0\].hold_phrases"):
        read_policy('version = "v"\n[[vendors]]\nname = "A"\nnumber = "+18005550100"\nhold_phrases = ["hi"]\n', "p")


# -- the clock ---------------------------------------------------------------------------------------------------------


class OnHold(Story):
    """An officer and the vendor line are in the conference; the vendor's hold has begun."""

    def __init__(self, joined: bool = True) -> None:
        told = vendor_called(wanted("som").then(events.CandidatesFound(())))
        self.request, self.now, self.effects = told.request, told.now, told.effects
        vendor = told.request.leg_of(LegRole.VENDOR)
        assert vendor is not None
        self.vendor = vendor.id
        self.happens(events.CallPlaced(self.vendor, "CA9"), events.LegAnswered(self.vendor))
        officer = self.request.leg_of(LegRole.REQUESTER)
        assert officer is not None
        self.officer = officer.id
        self.happens(events.LegJoined(self.vendor), events.LegAnswered(self.officer))
        if joined:
            self.happens(events.LegJoined(self.officer))
        self.began = self.now

    def happens(self, *happened: events.Event, after: float = 1.0) -> "OnHold":
        """These things happen, with the vendor's line in the policy."""
        for event in happened:
            self.now += timedelta(seconds=after)
            self.request, self.effects = step(self.request, event, self.now, WITH_VENDOR)
        return self

    @property
    def assumed_in(self) -> float | None:
        """Seconds until their hold is taken to be over."""
        due = [one for one in self.request.deadlines if one.kind is DeadlineKind.VENDOR_SPEAKS]
        return (due[0].at - self.now).total_seconds() if due else None


def test_the_clock_stops_when_the_interpreter_began_to_speak_and_says_that_it_was_heard() -> None:
    story = OnHold().happens(events.InterpreterSpeaks("heard", 4.5), after=20)
    assert story.request.state is RequestState.CONNECTED
    assert story.request.connected_at == story.now - timedelta(seconds=4.5)
    assert story.request.reach.vendor_spoke == "heard"
    assert "heard on the vendor's line" in story.request.miss or not story.request.miss


def test_hearing_never_sets_the_clock_before_the_requester_was_there() -> None:
    story = OnHold().happens(events.InterpreterSpeaks("heard", 500.0), after=3)
    assert story.request.connected_at == story.began


def test_with_nobody_to_say_so_it_is_assumed_and_told_apart() -> None:
    story = OnHold()
    assert story.assumed_in == LINE.hold_seconds
    story.happens(events.DeadlinePassed(DeadlineKind.VENDOR_SPEAKS), after=LINE.hold_seconds)
    assert (story.request.state, story.request.reach.vendor_spoke) == (RequestState.CONNECTED, "assumed")


def test_an_announcement_heard_keeps_the_hold_from_being_taken_for_over() -> None:
    story = OnHold().happens(events.VendorHolds(), after=LINE.hold_seconds - 5)
    assert story.assumed_in == POLICY.vendor_quiet_seconds
    early = OnHold().happens(events.VendorHolds())
    assert early.assumed_in == LINE.hold_seconds - 1
    assert OnHold().happens(events.InterpreterSpeaks(), events.VendorHolds()).request.state is RequestState.CONNECTED


def test_an_interpreter_quicker_than_the_officer_is_met_when_the_officer_joins() -> None:
    story = OnHold(joined=False).happens(events.InterpreterSpeaks("heard", 1.0))
    assert story.request.state is RequestState.CONNECTING
    story.happens(events.LegJoined(story.officer))
    assert (story.request.state, story.request.connected_at) == (RequestState.CONNECTED, story.now)
    assert story.request.reach.vendor_spoke == "heard"


def test_the_requester_can_say_so_by_the_star_key() -> None:
    story = OnHold()
    menu = session_menu(story.request, story.officer, WITH_VENDOR)
    assert isinstance(menu, SessionMenu)
    assert (menu.choices, menu.lines[0].key) == (("speaks",), "session_vendor")
    story.happens(events.LegLeft(story.officer), events.InterpreterSpeaks(), events.LegJoined(story.officer))
    assert (story.request.state, story.request.reach.vendor_spoke) == (RequestState.CONNECTED, "key")


def test_their_line_is_forked_only_while_they_hold_and_where_the_policy_says_so() -> None:
    story = OnHold()
    joined = next_prompt(story.request, story.vendor, 0, WITH_VENDOR)
    assert isinstance(joined, Join)
    assert joined.listen
    deaf = replace(WITH_VENDOR, vendors=(replace(LINE, listen=False),))
    assert next_prompt(story.request, story.vendor, 0, deaf) == replace(joined, listen=False)
    story.happens(events.InterpreterSpeaks("heard"))
    assert next_prompt(story.request, story.vendor, 0, WITH_VENDOR) == replace(joined, listen=False)
