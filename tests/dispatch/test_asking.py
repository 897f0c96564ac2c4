"""Which language: languages of the Americas, officers on the phone, a person when no menu helps."""

import pytest

from dispatch import events, languages, origins
from dispatch.effects import AlertDispatcher, FindInterpreters, HangUp, PlaceCall, SendText, To
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.prompts import AskLanguage, ChooseLanguage, ChooseOrigin, Hold, Join, next_prompt
from dispatch.request import Channel, Guess, Need, RequestState, Urgency
from tests.dispatch.requests import POLICY, Story, caller_speaks


def hears(story: Story, turn: int = 0) -> object:
    """What the caller's phone says now."""
    return next_prompt(story.request, "r1-1", turn, POLICY)


def test_a_spanish_answer_offers_another_first_language_by_key() -> None:
    prompt = hears(caller_speaks("spa"))
    assert isinstance(prompt, Hold)
    assert prompt.other_first
    assert "first_other_language" in [line.key for line in prompt.lines]
    assert not hears(caller_speaks("fra")).other_first  # type: ignore[attr-defined]


def test_place_comes_before_language_and_nothing_is_chosen_for_the_caller() -> None:
    story = caller_speaks("spa").then(events.CandidatesFound(("rosa",)))
    story.then(events.OtherLanguageFirst())
    assert story.request.state is RequestState.CONFIRMING
    assert story.request.language is None
    assert story.did(HangUp)  # the Spanish interpreter's phone stops
    countries = hears(story)
    assert isinstance(countries, ChooseOrigin)
    assert countries.places[0] == "gt"
    story.then(events.OriginChosen("gt"))
    districts = hears(story)
    assert isinstance(districts, ChooseOrigin)
    assert "gt/altaverapaz" in districts.places
    story.then(events.OriginChosen("gt/altaverapaz"))
    named = hears(story)
    assert isinstance(named, ChooseLanguage)
    assert named.languages == ("kek",)  # one only, and still asked
    story.then(events.LanguageChosen("kek", "chosen by key"))
    assert story.request.language == "kek"
    assert story.request.need.origin is None  # what they said of the place is forgotten
    assert story.did(FindInterpreters)


def test_an_unknown_place_reads_out_every_language() -> None:
    story = caller_speaks("spa").then(events.OtherLanguageFirst(), events.OriginChosen("/?"))
    pages = [hears(story, turn) for turn in (0, 1, 2)]
    first, second, again = (page for page in pages if isinstance(page, ChooseLanguage))
    assert {"mam", "mix", "que", "cab"} <= {*first.languages, *second.languages}
    assert not {*first.languages} & {*second.languages}
    assert (second.last, again.last) == (False, True)


@pytest.mark.parametrize("language", ["fra", "hat"])
def test_other_language_first_is_for_spanish_answers_only(language: str) -> None:
    story = caller_speaks(language)
    before = story.request
    assert story.then(events.OtherLanguageFirst()).request == before


def test_places_hold_languages_that_can_be_routed() -> None:
    for country in origins.countries():
        for place in (country, *origins.inside(country.path)):
            assert place.languages
            assert set(place.languages) <= set(languages.all_languages())
            assert origins.known(place.path)
    assert not origins.known("xx/nowhere")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spanish, family from Guatemala", "mam"),
        ("spanish interp, she is from Oaxaca", "mix"),
        ("spanish for a man from Alta Verapaz", None),
        ("spanish at 5th and Main", None),
    ],
)
def test_an_officers_spanish_request_gets_one_nudge_where_the_text_names_such_a_place(
    text: str, expected: str | None
) -> None:
    story = Story().then(events.TextReceived(Need(languages=("spa",)), text))
    nudges = [effect for effect in story.did(SendText) if getattr(effect, "key", "") == "officer_other_first"]
    assert len(nudges) == (expected is not None)
    assert story.request.language == "spa"  # the officer's word stands
    if expected:
        assert languages.get(expected).english in nudges[0].params["first"]  # type: ignore[attr-defined]


def test_who_cannot_choose_gets_a_person_and_the_menu_again_when_nobody_picks_up() -> None:
    story = caller_speaks(decision="menu")
    story.then(events.PersonWanted())
    (call,) = story.did(PlaceCall)
    assert isinstance(call, PlaceCall)
    assert call.to is To.DESK
    assert story.did(AlertDispatcher)
    assert isinstance(hears(story), Join)
    assert isinstance(next_prompt(story.request, call.leg_id, 0, POLICY), Join)
    assert story.then(events.PersonWanted()).effects == ()  # asked twice, rung once
    story.then(events.CallEnded(call.leg_id, "no-answer"))
    assert isinstance(hears(story), ChooseLanguage)


def test_a_caller_who_hangs_up_on_the_desk_has_not_abandoned() -> None:
    story = caller_speaks(decision="menu").then(events.PersonWanted())
    (call,) = story.did(PlaceCall)
    assert isinstance(call, PlaceCall)
    story.then(events.CallPlaced(call.leg_id, "CA2"), events.LegAnswered(call.leg_id), events.LegJoined(call.leg_id))
    story.then(events.LegJoined("r1-1"), events.CallEnded("r1-1", "completed"))
    assert story.request.state is RequestState.CANCELLED
    assert "duty desk" in story.request.outcome


def test_the_menu_ends_with_a_person_only_where_there_is_a_desk() -> None:
    story = caller_speaks(decision="menu")
    assert [hears(story, turn).last for turn in range(3)] == [False, False, True]  # type: ignore[attr-defined]
    alone = Policy(agency_languages=("eng", "spa"), desk=False)
    prompt = next_prompt(story.request, "r1-1", 9, alone)
    assert isinstance(prompt, ChooseLanguage)
    assert not prompt.last


def officer_calls() -> Story:
    """An officer has called and been recorded."""
    story = Story(Role.OFFICER, Channel.VOICE)
    return story.then(events.CallArrived("r1-1", "CA1"), events.SpeechRecorded("r1-1", "RE1"))


def test_an_officer_on_the_phone_may_name_the_language() -> None:
    story = officer_calls().then(events.LanguageHeard("accept", (Guess("eng", 0.99),), "heard", ("hat",)))
    assert (story.request.language, story.request.found_by) == ("hat", "named aloud")


def test_an_officers_english_is_not_a_request_for_english() -> None:
    story = officer_calls().then(events.LanguageHeard("accept", (Guess("eng", 0.99),), "heard"))
    assert story.request.state is RequestState.CONFIRMING


def test_the_person_beside_the_officer_is_asked_in_the_likeliest_languages_hints_first() -> None:
    story = Story().then(events.ListenByPhone(Need(alternatives=("pes", "prs"), excluded=("fra",))))
    prompt = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(prompt, AskLanguage)
    assert [line.language for line in prompt.lines] == ["eng", "pes", "prs", "spa"]
    story.then(events.SpeechRecorded("r1-1", "RE1"), events.LanguageHeard("accept", (Guess("prs", 0.9),), "heard"))
    told = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(told, Hold)
    assert {"eng", "prs"} <= {line.language for line in told.lines}


def test_what_an_officer_said_before_the_language_counts_with_the_answer() -> None:
    story = Story().then(
        events.TextReceived(Need(urgency=Urgency.URGENT, place="5th & Main", constraints=("male",)), "interp asap"),
        events.LanguageHeard("menu", (), "their writing"),
        events.TextReceived(Need(excluded=("spa",)), "not spanish"),
        events.LanguageHeard("menu", (), "their writing"),
        events.TextReceived(Need(alternatives=("pes", "prs"), constraints=("female",)), "farsi or dari, female"),
    )
    need = story.request.need
    assert story.request.language == "pes"
    assert (need.urgency, need.place, need.constraints) == (Urgency.URGENT, "5th & Main", ("female",))
    assert (need.alternatives, need.excluded) == (("pes", "prs"), ("spa",))


def test_an_officer_who_then_lets_the_phone_listen_is_still_where_they_said() -> None:
    story = Story().then(
        events.TextReceived(Need(place="5th & Main"), "interp"),
        events.LanguageHeard("menu", (), "their writing"),
        events.ListenByPhone(Need(hints=("tir",))),
    )
    assert (story.request.need.place, story.request.need.hints) == ("5th & Main", ("tir",))
