"""Who may be asked at all, and the order of those who may."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dispatch.eligibility import Facts, consider
from dispatch.offer import Offer, OfferState
from dispatch.people import Availability, Certificate, Interpreter, QuietHours, Role, Skill, Terms
from dispatch.policy import Policy, Weights
from dispatch.request import Channel, Need, Reach, Request, RequestState, Urgency
from dispatch.routing import choose, rank
from tests.dispatch.people import interpreter
from tests.dispatch.requests import NOON

POLICY = Policy()


def wants(language: str = "spa", **need: object) -> Request:
    """A request for that language."""
    plain = Request("r1", "p1", Role.OFFICER, Channel.TEXT, RequestState.MATCHING, NOON, language=language)
    return replace(plain, need=Need((language,), **need))  # type: ignore[arg-type]


def rosa(**changed: object) -> Interpreter:
    """An interpreter of Spanish."""
    return replace(interpreter(1), **changed)  # type: ignore[arg-type]


def proven(certificate: str, expires: date | None = None) -> tuple[Skill, ...]:
    """Spanish with that certificate."""
    return (Skill("spa", 5, Certificate(certificate), expires),)


def at_home(*, quiet: tuple[time, time] | None = None, **terms: object) -> Terms:
    """Terms of somebody in New York."""
    return Terms(timezone="America/New_York", quiet=QuietHours(*quiet) if quiet else None, **terms)  # type: ignore[arg-type]


REFUSALS: list[tuple[str, Request, Interpreter, Facts, str]] = [
    ("another language", wants("hat"), rosa(), Facts(), "does not speak the language"),
    ("signed off", wants(), rosa(availability=Availability.OFF), Facts(), "signed off"),
    (
        "busy",
        wants(),
        rosa(availability=Availability.BUSY, busy_until=NOON + timedelta(hours=1)),
        Facts(),
        "busy until 13:00 UTC",
    ),
    ("wrap-up", wants(), rosa(wrap_up_until=NOON + timedelta(minutes=1)), Facts(), "in wrap-up after a session"),
    ("engaged", wants(), rosa(engaged=True), Facts(), "being rung or in a session"),
    ("own request", wants(), rosa(), Facts(own_request=True), "asked for this interpreter themselves"),
    ("kept out", wants(kept_out=("i1",)), rosa(), Facts(), "kept out of this request"),
    ("apart", wants(), rosa(), Facts(apart="complaint"), "kept apart from this requester: complaint"),
    ("off shift", wants(), rosa(), Facts(away="off shift until 18:00"), "off shift until 18:00"),
    (
        "quiet hours",
        wants(),
        rosa(terms=at_home(quiet=(time(22), time(7, 30)))),
        Facts(),
        "quiet hours until 07:30 where they live (07:00 there now)",
    ),
    (
        "daily limit",
        wants(),
        rosa(terms=at_home(daily_minutes=60)),
        Facts(minutes_today=60),
        "has reached the limit of 60 minutes today",
    ),
    (
        "weekly limit",
        wants(),
        rosa(terms=at_home(weekly_minutes=300)),
        Facts(minutes_week=301),
        "has reached the limit of 300 minutes this week",
    ),
    ("gender", wants(constraints=("female",)), rosa(gender="male"), Facts(), "a female interpreter was asked for"),
    (
        "kind of encounter",
        wants(encounter="custodial"),
        rosa(terms=Terms(not_for=("custodial",))),
        Facts(),
        "does not take custodial encounters",
    ),
    (
        "channel",
        wants(constraints=("in_person",)),
        rosa(terms=Terms(channels=("voice",))),
        Facts(),
        "does not work in person",
    ),
    (
        "untested",
        wants(encounter="interview"),
        rosa(),
        Facts(),
        "not tested in Spanish; interview asks for tested",
    ),
    (
        "tested only",
        wants(encounter="custodial"),
        rosa(skills=proven("tested")),
        Facts(),
        "only tested in Spanish; custodial asks for certified",
    ),
    (
        "expired",
        wants(encounter="custodial"),
        rosa(skills=proven("certified", date(2026, 3, 3))),
        Facts(),
        "certified until 2026-03-03 only in Spanish; custodial asks for certified",
    ),
    (
        "certified asked for",
        wants(constraints=("certified",)),
        rosa(skills=proven("tested")),
        Facts(),
        "only tested in Spanish; this request asks for certified",
    ),
    ("later tier", wants(), rosa(tier=3), Facts(), "volunteers are asked later"),
    (
        "relay only",
        wants(),
        rosa(terms=Terms(english=False)),
        Facts(),
        "works between their own languages only: for a relay",
    ),
]


@pytest.mark.parametrize(
    ("request_", "one", "facts", "reason"), [row[1:] for row in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_who_may_not_be_asked_and_why(request_: Request, one: Interpreter, facts: Facts, reason: str) -> None:
    found = consider(request_, one, facts, NOON, POLICY)
    assert (found.ok, found.reason) == (False, reason)


def test_a_credential_is_good_on_its_last_day_where_the_interpreter_lives() -> None:
    late = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)  # still the evening of the 3rd in New York
    one = rosa(skills=proven("certified", date(2026, 3, 3)), terms=at_home())
    assert consider(wants(encounter="custodial"), one, Facts(), late, POLICY).ok


def test_an_exception_on_record_opens_the_gate_and_nothing_else_does() -> None:
    request = wants(encounter="custodial", exception="nobody certified within 100 miles; sergeant Hale agreed")
    assert consider(request, rosa(), Facts(), NOON, POLICY).ok
    assert not consider(request, rosa(engaged=True), Facts(), NOON, POLICY).ok


def test_a_decline_is_remembered_for_the_request() -> None:
    request = wants()
    request = request.with_offer(Offer("r1-1", "i1", OfferState.DECLINED, NOON))
    assert consider(request, rosa(), Facts(), NOON, POLICY).reason == "declined this request"
    assert rank(request, [rosa(), interpreter(2)], NOON)[0].interpreter_id == "i2"


def test_dst_change_quiet_hours_follow_the_clock_on_the_wall() -> None:
    """New York: forward on 8 March 2026 at 02:00 (07:00 UTC), back on 1 November at 02:00 (06:00 UTC)."""
    one = rosa(terms=at_home(quiet=(time(22), time(7))))
    rung = [
        (datetime(2026, 3, 7, 11, 30, tzinfo=UTC), False),  # 06:30 before the change
        (datetime(2026, 3, 8, 11, 30, tzinfo=UTC), True),  # 07:30 after it: the night was an hour shorter
        (datetime(2026, 3, 8, 10, 59, tzinfo=UTC), False),  # 06:59
        (datetime(2026, 11, 1, 11, 30, tzinfo=UTC), False),  # 06:30 again: the night was an hour longer
        (datetime(2026, 11, 1, 12, 0, tzinfo=UTC), True),
    ]
    assert [consider(wants(), one, Facts(), at, POLICY).ok for at, _ in rung] == [may for _, may in rung]


def test_a_tier_is_asked_early_only_where_nobody_nearer_may_be() -> None:
    own, volunteer = interpreter(1, tier=1), interpreter(2, tier=3)
    both = choose(wants(), [own, volunteer], NOON, POLICY, {})
    assert [one.interpreter_id for one in both.candidates] == ["i1"]
    away = choose(wants(), [replace(own, availability=Availability.OFF), volunteer], NOON, POLICY, {})
    assert [one.interpreter_id for one in away.candidates] == ["i2"]
    assert "nobody nearer is free" in away.candidates[0].reason
    urgent = wants(urgency=Urgency.EMERGENCY)
    assert len(choose(urgent, [own, volunteer], NOON, POLICY, {}).candidates) == 2


def test_preferences_put_those_who_may_be_asked_in_order_with_words() -> None:
    facts = {"i1": Facts(answers=0.9), "i2": Facts(answers=0.2, served_before=True), "i3": Facts(offers_week=30)}
    people = [interpreter(number, tier=2) for number in (1, 2, 3)]
    found = choose(wants(), people, NOON, POLICY, facts)
    assert [one.interpreter_id for one in found.candidates] == ["i2", "i1", "i3"]
    assert "knows this requester" in found.candidates[0].reason
    assert "accepts 90% at this hour" in found.candidates[1].reason
    indifferent = replace(POLICY, weights=Weights(continuity=0, load=0, answers=9))
    assert choose(wants(), people, NOON, indifferent, facts).candidates[0].interpreter_id == "i1"


def test_why_names_everybody_and_when_nobody_may_be_asked_says_so_in_words() -> None:
    people = [
        rosa(availability=Availability.OFF),
        replace(interpreter(2), engaged=True),
        replace(interpreter(3), engaged=True),
    ]
    found = choose(wants(), people, NOON, POLICY, {})
    assert {one.interpreter_id for one in found.considered} == {"i1", "i2", "i3"}
    assert found.because == "2 being rung or in a session, 1 signed off"
    assert choose(wants(), [], NOON, POLICY, {}).because == "nobody on the roster speaks it"


def test_a_relay_takes_somebody_without_english_for_its_first_half_only() -> None:
    mam = Interpreter(
        "i9", "9", "Nine", interpreter(9).number, (Skill("mam"), Skill("spa")), terms=Terms(english=False)
    )
    request = replace(wants("mam"), reach=Reach(bridge="spa"))
    found = consider(request, mam, Facts(), NOON, POLICY)
    assert (found.ok, found.through) == (True, "spa")
    seated = request.with_offer(Offer("r1-1", "i9", OfferState.ACCEPTED, NOON, language="spa"))
    assert seated.open_seat == 2
    assert consider(seated, interpreter(1), Facts(), NOON, POLICY, seat=2).ok
    assert not consider(seated, replace(mam, id="i8"), Facts(), NOON, POLICY, seat=2).ok
