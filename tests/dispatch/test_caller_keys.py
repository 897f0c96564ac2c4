"""A community caller asks for another interpreter by key, and hears in their own language that they can."""

import pytest

from dispatch import events, phrases
from dispatch.people import Role
from dispatch.prompts import Hold, Join, SessionMenu, next_prompt, session_menu
from dispatch.request import Channel, Need, RequestState
from tests.dispatch.requests import POLICY, Story, caller_speaks

LANGUAGES = [one.language for one in phrases.report()]


def caller_talks(language: str) -> Story:
    """A caller of that language, in conference with an interpreter."""
    story = caller_speaks(language).then(events.CandidatesFound(("rosa",)), events.CallPlaced("r1-2", "CA2"))
    story.then(events.LegAnswered("r1-2"), events.OfferAnswered("r1-2", True))
    return story.then(events.LegJoined("r1-2"), events.LegJoined("r1-1"))


def said(prompt: object) -> list[tuple[str, str]]:
    """Which sentences, in which languages."""
    assert isinstance(prompt, Hold | Join | SessionMenu)
    return [(line.key, line.language) for line in prompt.lines]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_star_key_is_announced_and_both_keys_are_named_in_the_callers_language(language: str) -> None:
    waiting = caller_speaks(language)
    assert ("session_star", language) in said(next_prompt(waiting.request, "r1-1", 0, POLICY))
    talking = caller_talks(language)
    assert talking.request.state is RequestState.CONNECTED
    menu = session_menu(talking.request, "r1-1", POLICY)
    assert isinstance(menu, SessionMenu)
    assert said(menu) == [("session_menu", language)]
    assert menu.choices[:2] == ("language", "known")
    assert menu.by == "requester"


@pytest.mark.parametrize("why", ["language", "known"])
def test_the_caller_keeps_the_line_while_another_interpreter_is_rung(why: str) -> None:
    story = caller_talks("hat").then(events.AnotherWanted("requester", why))
    assert story.request.state is RequestState.MATCHING
    assert said(next_prompt(story.request, "r1-1", 0, POLICY))[0] == ("wait_replacing", "hat")
    assert story.request.need.kept_out == ("rosa",)


def test_whom_we_call_back_hears_of_the_key_before_they_are_joined_and_not_each_time_they_come_back() -> None:
    story = Story(Role.COMMUNITY, Channel.TEXT).then(events.TextReceived(Need(("hat",)), "kreyòl"))
    story.then(events.CandidatesFound(("jean",)), events.CallPlaced("r1-1", "CA1"), events.LegAnswered("r1-1"))
    story.then(events.OfferAnswered("r1-1", True), events.CallPlaced("r1-2", "CA2"), events.LegAnswered("r1-2"))
    assert said(next_prompt(story.request, "r1-2", 0, POLICY)) == [("joined", "hat"), ("session_star", "hat")]
    story.then(events.LegJoined("r1-1"), events.LegJoined("r1-2"))
    assert said(next_prompt(story.request, "r1-2", 1, POLICY)) == []


def test_who_is_told_at_once_that_nobody_is_free_hears_of_the_key_too() -> None:
    story = caller_speaks("hat").then(events.CandidatesFound(()))
    assert story.request.state is RequestState.WAITING
    assert [key for key, _ in said(next_prompt(story.request, "r1-1", 0, POLICY))][:2] == [
        "nobody_free",
        "session_star",
    ]
    assert "session_star" not in [key for key, _ in said(next_prompt(story.request, "r1-1", 1, POLICY))]
