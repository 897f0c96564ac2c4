"""Reading ratings, whom to ask and when, and what many ratings come to."""

from datetime import UTC, datetime, time, timedelta

import pytest

from dispatch import after_session, ratings
from dispatch.after_session import Asked, QualityRules
from dispatch.people import PhoneNumber, QuietHours
from dispatch.ratings import Rated, Reading
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON

RULES = QualityRules(zone="America/New_York")
MOBILE = PhoneNumber("+16175550150")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        (" 4 . ", 4),
        ("5 gracias", 5),
        ("five stars", 5),
        ("Cinco estrellas, muchas gracias", 5),
        ("gracias, 5", 5),
        ("5/5", 5),
        ("3 out of 5", 3),
        ("٥", 5),
        ("५", 5),
        ("４", 4),
        ("五", 5),
        ("⭐⭐⭐", 3),
        ("★★★★☆", 4),
        ("mesi, senk", 5),
        ("пять", 5),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, value: int) -> None:
    assert ratings.read(text, "spa") == Reading(value)


@pytest.mark.parametrize("text", ["0", "6", "10", "10/10", "100"])
def test_a_number_that_is_none_of_the_five_is_asked_about_again(text: str) -> None:
    assert ratings.read(text, "spa") == Reading(None)


def test_words_beside_the_number_are_kept_and_thanks_are_not() -> None:
    assert ratings.read("2, she did not understand me", "spa") == Reading(2, "she did not understand me")
    assert ratings.read("5 thank you so much!", "eng") == Reading(5)


@pytest.mark.parametrize(
    "text",
    [
        "spanish",
        "2 people, need mam at 5th & Main",
        "5 spanish please",
        "1 person, haitian creole, urgent",
        "two officers are here",
        "4.5",
        "status",
        "hello",
        "",
        "1 me quiere matar",
        "yes",
        "617 555 0100",
        "5th & Main",
    ],
)
def test_a_request_or_a_sign_of_danger_is_no_rating(text: str) -> None:
    assert ratings.read(text, "spa") is None


def asked(**changed: object) -> Asked:
    """Somebody whose session ended just now."""
    return Asked(**{"number": MOBILE, "ended_at": NOON, **changed})  # type: ignore[arg-type]


DAY = NOON + timedelta(hours=4)  # 11:00 in New York


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (asked(number=PhoneNumber("withheld:CA1")), "number withheld"),
        (asked(number=PhoneNumber("+442079460018")), "a landline"),
        (asked(number=PhoneNumber("nonsense")), "a landline"),
        (asked(refused=frozenset({"said no"})), "asked not to be asked"),
        (asked(refused=frozenset({"cannot read"})), "texts do not reach them"),
        (asked(complained=True), "complained: a person speaks with them"),
        (asked(last_asked=DAY - timedelta(days=6)), "asked lately"),
        (asked(ended_at=DAY - timedelta(hours=25)), "too long ago"),
    ],
)
def test_who_is_never_asked(one: Asked, reason: str) -> None:
    verdict = after_session.may_ask(one, DAY, RULES)
    assert (verdict.now, verdict.at, verdict.reason) == (False, None, reason)


def test_who_is_asked_and_who_later() -> None:
    assert after_session.may_ask(asked(last_asked=DAY - timedelta(days=8)), DAY, RULES).now
    assert after_session.may_ask(asked(busy=True), DAY, RULES).at == DAY + after_session.LOOK_AGAIN
    assert after_session.may_ask(asked(), DAY, QualityRules(ask=False)).reason == "ratings are switched off"


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        (datetime(2026, 3, 5, 3, 0, tzinfo=UTC), datetime(2026, 3, 5, 13, 0, tzinfo=UTC)),  # 22:00 in New York
        (datetime(2026, 3, 5, 12, 59, tzinfo=UTC), datetime(2026, 3, 5, 13, 0, tzinfo=UTC)),  # a minute too early
        (datetime(2026, 3, 8, 5, 0, tzinfo=UTC), datetime(2026, 3, 8, 12, 0, tzinfo=UTC)),  # the clocks change
    ],
)
def test_quiet_hours_put_it_off_to_the_morning_where_the_agency_is(at: datetime, morning: datetime) -> None:
    verdict = after_session.may_ask(asked(ended_at=at), at, RULES)
    assert (verdict.now, verdict.at) == (False, morning)
    assert after_session.may_ask(asked(ended_at=at), morning, RULES).now


def test_volunteers_are_thanked_by_their_own_clock_and_nobody_else_is() -> None:
    volunteer = interpreter(1, tier=3)
    assert after_session.may_thank(volunteer, frozenset(), NOON, DAY, RULES).now
    assert after_session.may_thank(interpreter(1, tier=2), frozenset(), NOON, DAY, RULES).reason == "not a volunteer"
    assert not after_session.may_thank(volunteer, frozenset({"said no"}), NOON, DAY, RULES).now
    everywhere = QualityRules(quiet=QuietHours(time(0), time(0)))
    assert after_session.may_thank(volunteer, frozenset(), NOON, NOON, everywhere).now


def test_ratings_are_told_by_language_and_few_of_them_among_others() -> None:
    rated = [Rated("spa", 5)] * 30 + [Rated("spa", 1)] * 12 + [Rated("mam", 2)] * 3 + [Rated("hat", 4)] * 11
    told = ratings.by_language(rated)
    assert [(one.languages, one.answers) for one in told] == [(("spa",), 42), (("hat", "mam"), 14)]
    assert told[0].average == pytest.approx(3.9)
    assert [(group.members, group.count) for group in told[0].spread] == [(("5",), 30), (("1",), 12)]
    assert told[1].spread == []
    assert ratings.by_language([Rated("spa", 1)] * 10) == []
