"""An invitation to be on call: sent politely, answered, taken back, and what its hours do."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import phrases
from dispatch.appointment import Rules
from dispatch.effects import AlertDispatcher, SendText
from dispatch.invitation import (
    TRANSITIONS,
    AddShifts,
    Due,
    DueKind,
    DuePassed,
    Happened,
    Invitation,
    InvitationState,
    Made,
    RemoveShifts,
    Said,
    SignOff,
    SignOn,
    Withdrawn,
    said_hours,
    step,
)
from dispatch.people import QuietHours
from dispatch.shifts import Hours, instant, weekly
from tests.dispatch.test_phrases import segments

ZONE = "America/New_York"
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""In the city."""
RULES = Rules()
WEDNESDAY = Hours(datetime(2026, 3, 4, 12), datetime(2026, 3, 4, 20), ZONE)
THURSDAY = Hours(datetime(2026, 3, 5, 9), datetime(2026, 3, 5, 13), ZONE)
DRAFT = Invitation("x1", "7KQM", "i101", "a1", (WEDNESDAY, THURSDAY), ZONE, ("mam", "spa"), "the north side")


def made(now: datetime = NOON, **changed: object) -> Invitation:
    """As it is when it has been written."""
    return step(replace(DRAFT, **changed), Made(), now, RULES)[0]  # type: ignore[arg-type]


def passed(one: Invitation, kind: DueKind, subject: str = "", **facts: bool) -> tuple[Invitation, list[str]]:
    """What is due of that kind passes; returns the kinds of effects too."""
    due = next(due for due in one.dues if due.kind is kind and due.subject.startswith(subject))
    after, effects = step(one, DuePassed(due, **facts), due.at, RULES)
    return after, [effect.key if isinstance(effect, SendText) else type(effect).__name__ for effect in effects]


def asked() -> Invitation:
    """Sent at noon."""
    return passed(made(), DueKind.SEND)[0]


def test_it_is_sent_at_once_by_day_and_in_the_morning_by_night() -> None:
    assert passed(made(), DueKind.SEND)[1] == ["interpreter_invitation_ask"]
    night = made(NOON + timedelta(hours=11))
    (due,) = [due for due in night.dues if due.kind is DueKind.SEND]
    assert due.at == instant(datetime(2026, 3, 3, 8), ZONE)


def test_their_own_quiet_hours_are_kept_even_where_it_is_urgent() -> None:
    own = QuietHours(time(10), time(14))
    soon = (Hours(datetime(2026, 3, 2, 14, 30), datetime(2026, 3, 2, 20), ZONE),)
    (due,) = [due for due in made(hours=soon, quiet=own).dues if due.kind is DueKind.SEND]
    assert due.at == instant(datetime(2026, 3, 2, 14), ZONE)
    night = (Hours(datetime(2026, 3, 3, 0, 30), datetime(2026, 3, 3, 6), ZONE),)
    late = instant(datetime(2026, 3, 2, 23), ZONE)
    (due,) = [due for due in made(late, hours=night).dues if due.kind is DueKind.SEND]
    assert due.at == late  # the morning would be too late


def test_a_yes_becomes_a_shift_and_a_later_no_takes_it_out_and_tells_the_dispatcher() -> None:
    yes, effects = step(asked(), Said(True), NOON, RULES)
    assert (yes.state, effects[0]) == (InvitationState.YES, AddShifts())
    assert [shift.uid for shift in yes.shifts] == ["extra-x1-0", "extra-x1-1"]
    no, effects = step(yes, Said(False), NOON, RULES)
    assert no.state is InvitationState.CANNOT
    assert effects[0] == RemoveShifts()
    assert any(isinstance(effect, AlertDispatcher) for effect in effects)
    again, effects = step(no, Said(True), NOON, RULES)
    assert (again.state, effects[0]) == (InvitationState.YES, AddShifts())


def test_the_same_answer_twice_changes_nothing_more() -> None:
    yes = step(asked(), Said(True), NOON, RULES)[0]
    same, effects = step(yes, Said(True), NOON + timedelta(hours=1), RULES)
    assert same == yes
    assert [type(effect) for effect in effects] == [SendText]
    no = step(asked(), Said(False), NOON, RULES)[0]
    assert step(no, Said(False), NOON, RULES)[0] == no


def test_only_who_said_yes_is_reminded_and_signed_on() -> None:
    assert passed(asked(), DueKind.REMIND, "0")[1] == []
    assert passed(asked(), DueKind.BEGIN, "0", off=True)[1] == []
    yes = step(asked(), Said(True), NOON, RULES)[0]
    assert passed(yes, DueKind.REMIND, "1")[1] == ["interpreter_invitation_reminder"]
    assert passed(yes, DueKind.BEGIN, "0", off=False)[1] == []


def test_who_was_off_is_signed_on_for_the_hours_and_off_again_unless_they_said_otherwise() -> None:
    yes = step(asked(), Said(True), NOON, RULES)[0]
    on, effects = passed(yes, DueKind.BEGIN, "0", off=True)
    assert effects == [SignOn.__name__]
    assert passed(on, DueKind.END, "0", untouched=True)[1] == [SignOff.__name__]
    assert passed(on, DueKind.END, "0", untouched=False)[1] == []


def test_a_yes_while_the_hours_run_signs_on_at_once() -> None:
    one = asked()
    begun = instant(datetime(2026, 3, 4, 13), ZONE)
    for due in [due for due in one.dues if due.at <= begun]:
        one = step(one, DuePassed(due), begun, RULES)[0]
    yes = step(one, Said(True), begun, RULES)[0]
    assert Due(DueKind.BEGIN, begun, "0") in yes.dues


def test_taken_back_it_tells_who_was_asked_and_frees_who_said_yes() -> None:
    assert step(made(), Withdrawn(), NOON, RULES)[1] == ()
    yes = step(asked(), Said(True), NOON, RULES)[0]
    gone, effects = step(yes, Withdrawn(), NOON, RULES)
    assert (gone.state, gone.dues, effects[0]) == (InvitationState.WITHDRAWN, (), RemoveShifts())
    assert step(gone, Said(True), NOON, RULES)[0] == gone


def test_when_the_hours_are_over_it_is_done_or_lapsed() -> None:
    yes = step(asked(), Said(True), NOON, RULES)[0]
    assert passed(yes, DueKind.CLOSE)[0].state is InvitationState.DONE
    assert passed(asked(), DueKind.CLOSE)[0].state is InvitationState.LAPSED


def test_a_weekly_yes_stays() -> None:
    nights = (weekly([5, 6], time(22), time(6), ZONE, datetime(2026, 3, 1)),)
    one = passed(made(hours=nights, extra=False), DueKind.SEND)[0]
    yes = step(one, Said(True), NOON, RULES)[0]
    assert passed(yes, DueKind.CLOSE)[0].state is InvitationState.YES
    assert yes.shifts[0].uid.startswith("invited-")
    assert said_hours(nights) == "every Sat/Sun 10:00 PM-6:00 AM"


def test_the_text_names_the_hours_by_their_own_clock_and_fits_three_segments() -> None:
    assert said_hours([WEDNESDAY]) == "Wed, Mar 4, 12:00 PM-8:00 PM"
    assert said_hours([WEDNESDAY], desk=True) == "Wed 04 Mar 12:00-20:00"
    _, (text,) = step(made(), DuePassed(made().dues[0]), NOON, RULES)
    assert isinstance(text, SendText)
    spoken = {**text.params, "language": "Cape Verdean Creole", "agency": "City Interpreter Line"}
    for key in phrases.all_keys():
        if key.startswith("interpreter_invitation_"):
            assert segments(phrases.sentence(key, "eng", **spoken).text) <= 3, key


happenings = st.lists(
    st.one_of(
        st.sampled_from([Made(), Said(True), Said(False), Withdrawn()]),
        st.tuples(st.integers(0, 12), st.booleans()),
    ),
    max_size=25,
)


@given(happenings)
@settings(max_examples=150, deadline=None)
def test_whatever_happens_in_whatever_order_the_calendar_holds_the_hours_exactly_while_it_is_yes(
    story: list[object],
) -> None:
    one, now, kept = made(), NOON, False
    for happened in story:
        event: Happened
        if isinstance(happened, tuple):
            if not one.dues:
                continue
            due = one.dues[happened[0] % len(one.dues)]
            now, event = max(now, due.at), DuePassed(due, off=happened[1], untouched=happened[1])
        else:
            event = happened  # type: ignore[assignment]
        before = one
        one, effects = step(one, event, now, RULES)
        assert one.state is before.state or one.state in TRANSITIONS[before.state]
        for effect in effects:
            kept = True if isinstance(effect, AddShifts) else False if isinstance(effect, RemoveShifts) else kept
        assert kept == (one.state in (InvitationState.YES, InvitationState.DONE))
