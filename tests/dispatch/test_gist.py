"""The machine's gist: danger raises urgency with the reason, never lowers it; kept sealed and not for long."""

from datetime import timedelta

import pytest

from dispatch import events, languages
from dispatch.effects import AlertDispatcher, FindInterpreters, SendGist
from dispatch.gist import Gist, _signs, danger
from dispatch.request import Urgency
from dispatch.retention import Keep
from tests.dispatch.requests import caller_speaks


def gist(words: str, language: str = "spa", english: str = "") -> Gist:
    """A gist with these words."""
    return Gist(words, english or "something", language, 0.8)


@pytest.mark.parametrize(
    ("words", "language", "kind", "urgency"),
    [
        ("Mi esposo tiene un cuchillo", "spa", "weapon", Urgency.EMERGENCY),
        ("está aquí, por favor", "spa", "he is here", Urgency.URGENT),
        ("mi hijo no llega de la escuela", "spa", "a child", Urgency.URGENT),
        ("Il y a un incendie dans la maison", "fra", "fire", Urgency.EMERGENCY),
        ("li gen yon zam", "hat", "weapon", Urgency.EMERGENCY),
        ("أخي ينزف", "arb", "injury", Urgency.EMERGENCY),
        ("он здесь", "rus", "he is here", Urgency.URGENT),
        ("家里失火了", "cmn", "fire", Urgency.EMERGENCY),
        ("ልጄ ጠፋ", "amh", "a child", Urgency.URGENT),
    ],
)
def test_danger_is_heard_in_the_callers_own_words(words: str, language: str, kind: str, urgency: Urgency) -> None:
    found = danger(gist(words, language))
    assert found is not None
    assert found.reason.startswith(kind)
    assert found.urgency is urgency


def test_danger_is_heard_in_the_english_too() -> None:
    found = danger(gist("...", "kat", "My brother is not breathing."))
    assert found is not None
    assert found.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    ("words", "english"),
    [("quiero una cita con el dentista", "I want an appointment"), ("hablo español", "I speak Spanish")],
)
def test_everyday_words_are_no_danger(words: str, english: str) -> None:
    assert danger(gist(words, "spa", english)) is None


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("soy de Matamoros", "spa"),
        ("tengo un armario y mucho humor", "spa"),
        ("j'ai reçu une feuille violette", "fra"),
        ("ele tirou uma foto", "por"),
        ("li se zanmi mwen", "hat"),
        ("bu kanun hakkında", "tur"),
        ("tôi không chịu nổi", "vie"),
        ("dabadeed waan hubaa", "som"),
        ("он живёт с каждым из них, хранение вещей", "rus"),
        ("більше ніж тиждень", "ukr"),
        ("أحتاج معلومات عن خدمة، أنا من دمشق، عشرون دينارا", "arb"),
        ("یک مرد در خونه فارسی حرف می‌زند", "pes"),
        ("हम आगे जाना चाहते हैं", "hin"),
        ("এই কাগজগুলি", "ben"),
        ("ਸੜਕ ਦੇ ਅੱਗੇ, ਮੇਰੀ ਉਮਰ", "pan"),
        ("ከዚህ በፊት ቀደም ሲል", "amh"),
        ("커피가 있어요, 총영사관에 연기해 주세요", "kor"),
        ("これだけが必要です", "jpn"),
        ("ကျွန်တော် သေချာပါတယ်", "mya"),
    ],
)
def test_a_sign_of_danger_within_another_word_is_none(words: str, language: str) -> None:
    assert danger(gist(words, language)) is None


@pytest.mark.parametrize("english", ["My heating is broken.", "I was fired before the deadline.", "My kidney stone."])
def test_everyday_english_is_no_danger(english: str) -> None:
    assert danger(gist("...", "kat", english)) is None


@pytest.mark.parametrize(
    ("words", "language", "kind"),
    [
        ("él me mata", "spa", "weapon"),
        ("y a le feu!", "fra", "fire"),
        ("yerde kan var", "tur", "injury"),
        ("guriga dab baa ka kacay", "som", "fire"),
        ("معه سكين والدم في كل مكان", "arb", "injury"),
        ("هددني بسكين", "arb", "weapon"),
        ("خون زیاد", "pes", "injury"),
        ("घर में आग।", "hin", "fire"),
        ("ঘরে আগুন", "ben", "fire"),
        ("ਘਰ ਨੂੰ ਅੱਗ ਲੱਗੀ", "pan", "fire"),
        ("በደም ተሸፍኗል", "amh", "injury"),
        ("권총을 들고 있어요", "kor", "weapon"),
        ("он его застрелил", "rus", "weapon"),
    ],
)
def test_whole_words_and_what_is_written_together_with_them_are_heard(words: str, language: str, kind: str) -> None:
    found = danger(gist(words, language))
    assert found is not None
    assert found.reason.startswith(kind)


def test_the_gravest_kind_is_told() -> None:
    found = danger(gist("mi hija está herida"))
    assert found is not None
    assert found.reason.startswith("injury")


def test_every_kind_is_in_english_and_in_languages_that_exist() -> None:
    for urgency, patterns in _signs().values():
        assert urgency in (Urgency.URGENT, Urgency.EMERGENCY)
        assert "eng" in patterns
        assert set(patterns) <= set(languages.all_languages())


def test_danger_makes_it_more_urgent_and_rings_more() -> None:
    story = caller_speaks().then(events.GistWritten("weapon (heard: 'pistola')", Urgency.EMERGENCY))
    assert story.request.need.urgency is Urgency.EMERGENCY
    assert story.did(FindInterpreters)
    (alert,) = story.did(AlertDispatcher)
    assert "pistola" in alert.reason  # type: ignore[attr-defined]


def test_nothing_makes_it_less_urgent() -> None:
    story = caller_speaks().then(
        events.GistWritten("fire", Urgency.EMERGENCY), events.GistWritten("a child", Urgency.URGENT)
    )
    assert story.request.need.urgency is Urgency.EMERGENCY
    assert story.then(events.GistWritten()).request.need.urgency is Urgency.EMERGENCY


def test_the_interpreter_who_accepted_reads_it_whichever_comes_first() -> None:
    story = caller_speaks().then(events.CandidatesFound(("rosa",)))
    offer = story.request.open_offers[0].id
    story.then(events.CallPlaced(offer, "CA5"), events.LegAnswered(offer), events.OfferAnswered(offer, accepted=True))
    assert story.did(SendGist) == [SendGist("rosa")]
    assert story.then(events.GistWritten()).did(SendGist) == [SendGist("rosa")]


def test_it_is_sealed_and_forgotten_in_time(store) -> None:  # type: ignore[no-untyped-def]
    from tests.dispatch.requests import NOON

    request = caller_speaks().request
    with store.transaction() as tx:
        from dispatch.people import PhoneNumber, Requester, Role

        tx.add_requester(Requester("p1", PhoneNumber("+16175550150"), Role.COMMUNITY))
        tx.create_request(request)
        tx.keep_gist("r1", gist("ayuda", "spa", "help"), NOON + timedelta(minutes=5))
        tx.keep_gist("r1", gist("ayuda", "spa", "help me"), NOON + timedelta(minutes=5))
        assert tx.gists(["r1"], NOON)["r1"].english == "help me"
        assert tx.gists(["r1"], NOON + timedelta(minutes=6)) == {}
        assert tx.forget_old(Keep(), NOON) == {}
        assert tx.forget_old(Keep(), NOON + timedelta(minutes=6)) == {"gists": 1}
        assert tx.gists(["r1"], NOON) == {}
