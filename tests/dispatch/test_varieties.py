"""Varieties: their data, how people write them, who may be asked for one, and what is remembered when it was wrong."""

from dataclasses import replace

import pytest

from dispatch import events, languages, origins, override_events, varieties
from dispatch.effects import FindInterpreters, SendText
from dispatch.eligibility import Facts, consider, fitting_varieties
from dispatch.errors import RosterError
from dispatch.people import Interpreter, Skill
from dispatch.prompts import ChooseVariety, Hold, OfferQuestion, next_prompt
from dispatch.request import DeadlineKind, Need, RequestState
from dispatch.roster_files import read_interpreters, write_interpreters
from dispatch.roster_preview import read_one
from dispatch.routing import choose
from dispatch.spreadsheets import from_csv, to_csv
from dispatch.understanding import understand
from dispatch.varieties import Fit
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON, POLICY, Story, caller_speaks, officer_wants
from voice.hook import Hook
from voice.webhooks import Webhooks


def speaker(number: int, language: str, *kinds: str, tier: int = 1) -> Interpreter:
    """Interpreter `number` of these varieties."""
    return replace(interpreter(number, language, tier=tier), skills=(Skill(language, 4, varieties=kinds),))


def wanted(language: str, variety: str = "", **more: object) -> Story:
    """An officer has asked for that variety."""
    need = Need(languages=(language,), variety=variety, **more)  # type: ignore[arg-type]
    return Story().then(events.TextReceived(need, language))


# -- the data ----------------------------------------------------------------------------------------------------------

TOLD_APART = [code for code in languages.all_languages() if varieties.of_language(code)]


@pytest.mark.parametrize("language", TOLD_APART)
def test_every_pair_names_varieties_that_exist_and_its_source(language: str) -> None:
    known = {one.code for one in varieties.of_language(language)}
    assert all(pair.of <= known and len(pair.of) > 1 and pair.source for pair in varieties.pairs(language))
    assert all(not one.place or origins.known(one.place) for one in varieties.of_language(language))


@pytest.mark.parametrize("language", ["zap", "mix", "mam", "nah", "que", "arb", "kmr", "yue", "ful", "orm"])
def test_languages_where_it_matters_are_told_apart(language: str) -> None:
    assert len(varieties.of_language(language)) > 1


def test_understanding_goes_both_ways_and_near_is_not_understood() -> None:
    assert varieties.understood("zap-juchitan") == {"zap-tehuantepec"}
    assert "zap-juchitan" in varieties.understood("zap-tehuantepec")
    assert varieties.near("arb-iraqi") == ("arb-levantine", "arb-gulf")
    assert not varieties.understood("arb-maghrebi")


# -- what people write -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "variety"),
    [
        ("zapotec from juchitan", "zap", "zap-juchitan"),
        ("Zapoteco de Juchitán at 5th & Main, urgent", "zap", "zap-juchitan"),
        ("need zapotec (juchitn)", "zap", "zap-juchitan"),
        ("zapotec", "zap", ""),
        ("iraqi arabic", "arb", "arb-iraqi"),
        ("iraki arabic please", "arb", "arb-iraqi"),
        ("arabic speaker from syria", "arb", "arb-levantine"),
        ("moroccan arabic, female", "arb", "arb-maghrebi"),
        ("mam from todos santos cuchumatan", "mam", "mam-todossantos"),
        ("mam interpreter, he is from comitancilo", "mam", "mam-comitancillo"),
        ("mixtec, san martin peras", "mix", "mix-peras"),
        ("cantonese, toisan", "yue", "yue-taishan"),
        ("brazilian portuguese", "por", "por-brazil"),
        ("arabic interpreter at 12 Jordan st", "arb", ""),
        ("arabic not egyptian", "arb", ""),
        ("spanish, she is from iraq", "spa", ""),
    ],
)
def test_the_variety_in_an_officers_text_is_understood(text: str, language: str, variety: str) -> None:
    read = understand(text)
    assert (read.languages, read.variety) == ((language,), variety)


def test_a_variety_after_not_is_kept_as_the_wrong_one() -> None:
    assert understand("arabic, not egyptian").not_varieties == ("arb-egyptian",)


# -- rosters -----------------------------------------------------------------------------------------------------------

SPOKEN = (
    "Zapotec (Juchitán):5; mam (todos santos, Tacaná):4; Spanish:5; por (Brazilian):3; "
    "ful (Pulaar (Senegal, Mauritania)):4"
)


def roster_of(spoken: str) -> str:
    """A roster file of one interpreter."""
    return f'code,name,phone,languages\n7,Na Lupe,+16175550171,"{spoken}"\n'


def test_varieties_survive_a_roster_file_a_spreadsheet_and_the_form() -> None:
    (read,) = read_interpreters(roster_of(SPOKEN))
    spoken = {skill.language: (skill.proficiency, skill.varieties) for skill in read.skills}
    assert spoken["zap"] == (5, ("zap-juchitan",))
    assert spoken["mam"] == (4, ("mam-todossantos", "mam-tacana"))
    assert spoken["spa"] == (5, ())
    assert spoken["ful"] == (4, ("ful-pulaar",))
    written = write_interpreters([read])
    assert read_interpreters(written) == [read]
    assert read_interpreters(to_csv(from_csv(written, "Interpreters"))) == [read]
    assert read_one({"name": "Guadalupe"}, read, "US").skills == read.skills


@pytest.mark.parametrize(
    ("languages_cell", "problem"),
    [
        ("Zapotec (Juchitlan de algo):5", "is no variety of Zapotec that is known here"),
        ("Zapotec (Atlantis)", "Known are: Juchitán"),
        ("French (Paris):3", "No varieties of French are told apart"),
        ("Zapotec (Juchitán:5", "cannot be read"),
    ],
)
def test_a_variety_nobody_knows_is_refused_with_those_there_are(languages_cell: str, problem: str) -> None:
    with pytest.raises(RosterError, match="row 2, languages") as refused:
        read_interpreters(roster_of(languages_cell))
    assert problem in str(refused.value)


# -- who may be asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kinds", "ok", "fit"),
    [
        ("zap-juchitan", ("zap-juchitan",), True, Fit.SAME),
        ("zap-juchitan", ("zap-mitla", "zap-juchitan"), True, Fit.SAME),
        ("zap-juchitan", ("zap-tehuantepec",), True, Fit.UNDERSTOOD),
        ("zap-juchitan", (), True, Fit.NOT_SAID),
        ("", ("zap-mitla",), True, Fit.SAME),
        ("zap-juchitan", ("zap-mitla",), False, None),
        ("zap-tlacolula", ("zap-mitla",), False, None),
        ("arb-iraqi", ("zap-mitla",), True, Fit.SAME),
    ],
)
def test_who_may_be_asked_for_a_variety(asked: str, kinds: tuple[str, ...], ok: bool, fit: Fit | None) -> None:
    verdict = consider(wanted("zap", asked).request, speaker(1, "zap", *kinds), Facts(), NOON, POLICY)
    assert verdict.ok is ok
    assert fit is None or verdict.fit is fit


def test_another_variety_is_refused_with_its_reason_in_words() -> None:
    request = wanted("zap", "zap-juchitan").request
    assert consider(request, speaker(1, "zap", "zap-mitla"), Facts(), NOON, POLICY).reason == (
        "speaks Zapotec (Mitla), not Juchitán: not known to be understood there"
    )
    near = wanted("zap", "zap-tlacolula").request
    assert "only the person can say so" in consider(near, speaker(1, "zap", "zap-mitla"), Facts(), NOON, POLICY).reason


def test_who_has_not_said_comes_after_who_has_whatever_their_tier() -> None:
    people = [speaker(1, "zap", tier=1), speaker(2, "zap", "zap-tehuantepec", tier=2), speaker(3, "zap", "zap-mitla")]
    choice = choose(wanted("zap", "zap-juchitan").request, people, NOON, POLICY, {})
    assert [one.interpreter_id for one in choice.candidates] == ["i2", "i1"]
    assert [one.unsaid for one in choice.candidates] == [False, True]
    assert "which is understood there" in choice.candidates[0].reason
    assert "has not said which variety" in choice.candidates[1].reason


def test_the_interpreter_hears_the_variety_before_they_answer() -> None:
    story = wanted("zap", "zap-juchitan").then(events.CandidatesFound(("i1",)), events.LegAnswered("r1-1"))
    asked = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(asked, OfferQuestion)
    assert dict(asked.line.params)["language"] == "zap-juchitan"
    assert varieties.named("zap-juchitan") == "Zapotec (Juchitán)"


# -- saying which ------------------------------------------------------------------------------------------------------


def test_an_officer_who_names_only_the_language_is_asked_which_while_phones_ring() -> None:
    story = officer_wants("zap")
    assert story.did(FindInterpreters)
    assert "officer_which_variety" in [text.key for text in story.did(SendText)]  # type: ignore[attr-defined]
    assert "officer_which_variety" not in [text.key for text in wanted("zap", "zap-mitla").did(SendText)]  # type: ignore[attr-defined]
    assert "officer_which_variety" not in [text.key for text in officer_wants("hat").did(SendText)]  # type: ignore[attr-defined]


def test_a_variety_named_later_lets_phones_stop_and_searches_anew() -> None:
    story = wanted("zap").then(
        events.CandidatesFound(("i1",)), events.VarietyNamed("zap-juchitan", "named in the text")
    )
    assert story.request.variety == "zap-juchitan"
    assert not story.request.open_offers
    assert story.did(FindInterpreters)
    version = story.request
    story.then(events.VarietyNamed("zap-juchitan", "named in the text"))
    assert story.request == version


def test_the_dispatcher_sets_language_and_variety() -> None:
    story = officer_wants("spa").then(override_events.LanguageSet("zap", "Kim", "zap-juchitan"))
    assert (story.request.language, story.request.variety) == ("zap", "zap-juchitan")
    story.then(override_events.LanguageSet("zap", "Kim", "zap-mitla"))
    assert story.request.variety == "zap-mitla"


def test_the_callers_menu_of_places_asks_for_the_town_and_silence_is_an_answer() -> None:
    story = caller_speaks("spa").then(events.OtherLanguageFirst(), events.OriginChosen("mx/oaxaca"))
    story.then(events.LanguageChosen("zap", "chosen by key"))
    asked = next_prompt(story.request, "r1-1", 0, POLICY)
    assert isinstance(asked, ChooseVariety)
    assert asked.varieties[0] == "zap-juchitan"
    assert [line.language for line in asked.lines] == ["spa"] * len(asked.lines)

    def pressed(digits: str) -> events.Event | None:
        query = {"asked": "variety", "of": "zap", "options": ",".join(asked.varieties)}
        hook = Hook({"Digits": digits}, query, "/voice/r1/r1-1/key", {"request": "r1", "leg": "r1-1"})
        return Webhooks._meaning(Webhooks.__new__(Webhooks), hook, digits)

    assert pressed("1") == events.LanguageChosen("zap", "chosen by key", "zap-juchitan")
    unknown = pressed("")
    assert unknown == events.LanguageChosen("zap", "chosen by key", "?")
    assert pressed("0") == unknown
    story.then(unknown)
    assert (story.request.language, story.request.variety) == ("zap", "")
    assert story.did(FindInterpreters)


# -- near varieties and wrong ones -------------------------------------------------------------------------------------


def test_near_varieties_are_asked_about_one_by_one_and_never_used_silently() -> None:
    story = wanted("arb", "arb-iraqi").then(events.CandidatesFound(()))
    related = [step.do for step in POLICY.escalation[story.request.need.urgency]].index("related")
    story.request = replace(story.request, reach=replace(story.request.reach, step=related))
    story.then(events.DeadlinePassed(DeadlineKind.ESCALATE))
    assert story.request.reach.asked == "arb-levantine"
    assert story.request.need.also_varieties == ()
    (text,) = story.did(SendText)
    assert (text.key, text.params["also"]) == ("officer_step_related", "arb-levantine")  # type: ignore[attr-defined]
    due = next(one for one in story.request.deadlines if one.kind is DeadlineKind.ESCALATE)
    assert (due.at - story.now).total_seconds() == 15
    story.then(events.AlsoSpeaks("arb-levantine"))
    assert story.did(FindInterpreters)
    assert consider(story.request, speaker(1, "arb", "arb-levantine"), Facts(), NOON, POLICY).ok
    assert fitting_varieties(story.request.need) == ("arb-iraqi", "arb-levantine", "arb-egyptian")
    story.then(events.DeadlinePassed(DeadlineKind.ESCALATE))
    assert story.request.reach.asked == "arb-gulf"


def test_a_caller_hears_the_question_about_a_near_variety_in_their_language() -> None:
    story = caller_speaks("arb").then(events.VarietyNamed("arb-iraqi", "the dispatcher"), events.CandidatesFound(()))
    reach = replace(story.request.reach, told="related", asked="arb-gulf")
    asked = next_prompt(replace(story.request, reach=reach), "r1-1", 1, POLICY)
    assert isinstance(asked, Hold)
    assert (asked.also, asked.lines[-1].key, asked.lines[-1].language) == ("arb-gulf", "wait_related", "arb")
    assert varieties.named("arb-gulf", "arb").endswith("(الخليجية)")


def in_session(asked: str) -> Story:
    """An officer talks with interpreter i1."""
    story = wanted("zap", asked).then(events.CandidatesFound(("i1",)), events.LegAnswered("r1-1"))
    story.then(events.OfferAnswered("r1-1", True), events.LegAnswered("r1-2"))
    return story.then(events.LegJoined("r1-1"), events.LegJoined("r1-2"))


def test_a_wrong_variety_is_remembered_for_the_request() -> None:
    story = in_session("").then(events.AnotherWanted("requester", "language", varieties=("zap-mitla",)))
    assert story.request.state is RequestState.MATCHING
    assert story.request.need.not_varieties == ("zap-mitla",)
    refused = consider(story.request, speaker(2, "zap", "zap-mitla"), Facts(), NOON, POLICY)
    assert (refused.ok, "wrong variety for this request" in refused.reason) == (False, True)
    assert consider(story.request, speaker(3, "zap", "zap-mitla", "zap-guila"), Facts(), NOON, POLICY).ok
    assert consider(story.request, speaker(4, "zap"), Facts(), NOON, POLICY).ok


def test_when_the_variety_asked_for_was_the_mistake_any_other_may_come() -> None:
    story = in_session("zap-juchitan").then(
        events.AnotherWanted("interpreter", "language", "r1-1", varieties=("zap-juchitan",))
    )
    assert story.request.need.variety == ""
    assert consider(story.request, speaker(2, "zap", "zap-mitla"), Facts(), NOON, POLICY).ok
    assert not consider(story.request, speaker(3, "zap", "zap-juchitan"), Facts(), NOON, POLICY).ok


def test_the_right_variety_named_with_the_complaint_is_searched_for() -> None:
    wrong = events.AnotherWanted("requester", "language", variety="zap-mitla", varieties=("zap-juchitan",))
    story = in_session("zap-juchitan").then(wrong)
    assert story.request.variety == "zap-mitla"
    assert story.request.need.not_varieties == ("zap-juchitan",)
