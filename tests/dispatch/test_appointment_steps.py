"""Appointments as values: reminders, replacement, the hour itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import languages, phrases
from dispatch.appointment import (
    TRANSITIONS,
    Answer,
    Appointment,
    AppointmentState,
    Due,
    DueKind,
    How,
    Rules,
)
from dispatch.appointment_steps import (
    CalledOff,
    DuePassed,
    Happened,
    InterpreterSaid,
    Made,
    OpenRequest,
    polite,
    said_when,
    step,
    suitable,
)
from dispatch.effects import AlertDispatcher, SendText
from dispatch.people import Role
from dispatch.shifts import Calendar
from tests.dispatch.people import interpreter, officer
from tests.dispatch.requests import NOON
from tests.dispatch.test_phrases import AGENCY, MOST_SEGMENTS, segments
from tests.dispatch.test_shifts import BOSTON, off, shift

RULES = Rules()
STARTS = NOON + timedelta(days=7, hours=3)  # 11:00 in Boston, where clocks have gone forward by then


class Booked:
    """An appointment told event by event; keeps the effects of the last step."""

    def __init__(self, interpreter_id: str | None = "i1", **changed: object) -> None:
        plain = Appointment("a1", "7KQM", "o9001", Role.OFFICER, "spa", STARTS, 30, BOSTON)
        self.now = NOON
        self.it = replace(plain, interpreter_id=interpreter_id, **changed)  # type: ignore[arg-type]
        self.effects: tuple[SendText | AlertDispatcher | OpenRequest, ...] = ()
        self.then(Made())

    def then(self, *happened: Happened) -> "Booked":
        """These things happen."""
        for one in happened:
            self.it, self.effects = step(self.it, one, self.now, RULES)
        return self

    def comes(self, kind: DueKind, suitable: tuple[str, ...] = (), **facts: object) -> "Booked":
        """The next due of that kind comes, with these facts."""
        due = min((one for one in self.it.dues if one.kind is kind), key=lambda one: one.at)
        self.now = max(self.now, due.at)
        return self.then(DuePassed(due, suitable, request_id="r1", **facts))  # type: ignore[arg-type]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Who was texted what in the last step."""
        return [(one.person_id, one.key) for one in self.effects if isinstance(one, SendText)]

    @property
    def alerts(self) -> list[str]:
        """What the dispatcher was told in the last step."""
        return [one.reason for one in self.effects if isinstance(one, AlertDispatcher)]


def cannot(who: str) -> InterpreterSaid:
    """They text CANT."""
    return InterpreterSaid(who, can=False)


def can(who: str) -> InterpreterSaid:
    """They text CAN."""
    return InterpreterSaid(who, can=True)


def test_booking_tells_both_sides_and_sets_the_reminders_and_the_hour() -> None:
    booked = Booked()
    assert booked.texts == [("o9001", "officer_appointment_booked"), ("i1", "interpreter_appointment_booked")]
    assert {(due.kind, due.at) for due in booked.it.dues} == {
        (DueKind.REMIND, STARTS - timedelta(hours=24)),
        (DueKind.REMIND, STARTS - timedelta(hours=1)),
        (DueKind.BEGIN, STARTS),
    }
    text = booked.effects[1]
    assert isinstance(text, SendText)
    assert text.params == {
        "language": "spa",
        "when": "Wed, Mar 11, 11:00 AM",
        "minutes": "30",
        "how": "by phone",
        "code": "7KQM",
    }


def test_reminders_that_would_lie_in_the_past_are_left_out() -> None:
    soon = Booked(starts=NOON + timedelta(hours=2))
    assert [due.subject for due in soon.it.dues if due.kind is DueKind.REMIND] == ["60"]


def test_both_are_reminded_and_a_yes_confirms() -> None:
    booked = Booked().comes(DueKind.REMIND)
    assert booked.texts == [("i1", "interpreter_appointment_reminder"), ("o9001", "officer_appointment_reminder")]
    assert booked.it.state is AppointmentState.REMINDED
    assert booked.then(can("i1")).it.state is AppointmentState.CONFIRMED
    assert booked.comes(DueKind.REMIND).it.state is AppointmentState.CONFIRMED
    assert len(booked.texts) == 2


def test_an_interpreter_who_cannot_is_replaced_by_the_first_who_can() -> None:
    booked = Booked().then(cannot("i1"))
    assert booked.it.state is AppointmentState.CANCELLED_BY_INTERPRETER
    assert booked.texts == [("i1", "interpreter_appointment_declined")]
    booked.now += timedelta(hours=3)  # eight in the morning has passed in Boston
    booked.comes(DueKind.SEEK, ("i1", "i2", "i3", "i4", "i5"))
    assert booked.texts == [(one, "interpreter_appointment_ask") for one in ("i2", "i3", "i4")]
    booked.then(can("i3"))
    assert (booked.it.state, booked.it.interpreter_id) == (AppointmentState.REPLACED, "i3")
    assert booked.texts == [
        ("i3", "interpreter_appointment_booked"),
        ("o9001", "officer_appointment_replaced"),
        ("i2", "interpreter_appointment_taken"),
        ("i4", "interpreter_appointment_taken"),
    ]
    assert all(due.kind is not DueKind.SEEK for due in booked.it.dues)


def test_two_who_say_yes_in_the_same_moment_only_one_has_it() -> None:
    booked = Booked(None)
    booked.now += timedelta(hours=3)
    booked.comes(DueKind.SEEK, ("i1", "i2")).then(can("i1"), can("i2"))
    assert booked.it.interpreter_id == "i1"
    assert booked.texts == [("i2", "interpreter_appointment_taken")]


def test_when_all_have_declined_the_next_are_asked_at_once_and_then_the_dispatcher_is_told() -> None:
    booked = Booked(None)
    booked.now += timedelta(hours=3)
    booked.comes(DueKind.SEEK, ("i1", "i2", "i3", "i4")).then(cannot("i1"), cannot("i2"))
    assert min(due.at for due in booked.it.dues if due.kind is DueKind.SEEK) > booked.now
    booked.then(cannot("i3"))
    assert [due.at for due in booked.it.dues if due.kind is DueKind.SEEK] == [booked.now]
    booked.comes(DueKind.SEEK, ("i1", "i4"))
    assert booked.texts == [("i4", "interpreter_appointment_ask")]
    booked.then(cannot("i4")).comes(DueKind.SEEK, ("i1",))
    assert booked.alerts == [
        "Nobody left to ask for Appointment 7KQM (Spanish, Wed, Mar 11, 11:00 AM): "
        "find somebody by hand, or it is rung like any request."
    ]
    assert booked.comes(DueKind.REMIND).alerts[0].endswith("has no interpreter yet.")
    assert booked.comes(DueKind.SEEK, ("i9",)).texts == [("i9", "interpreter_appointment_ask")]


def test_who_does_not_answer_is_not_waited_for_but_may_still_say_yes() -> None:
    booked = Booked(None)
    booked.now += timedelta(hours=3)
    booked.comes(DueKind.SEEK, ("i1",)).comes(DueKind.SEEK, ("i1", "i2"))
    assert booked.texts == [("i2", "interpreter_appointment_ask")]
    assert booked.it.answer_of("i1") is Answer.SILENT
    assert booked.then(can("i1")).it.interpreter_id == "i1"


def test_who_said_no_may_think_again_while_nobody_has_it() -> None:
    booked = Booked().then(cannot("i1"), can("i1"))
    assert (booked.it.state, booked.it.interpreter_id) == (AppointmentState.REPLACED, "i1")


def test_nobody_is_asked_at_night_unless_it_cannot_wait() -> None:
    midnight = datetime(2026, 3, 5, 5, 0, tzinfo=UTC)  # in Boston
    far = Booked(None)
    far.now = midnight
    far.it = far.it.due(DueKind.SEEK, midnight)
    far.comes(DueKind.SEEK, ("i2",))
    assert far.texts == []
    assert [due.at for due in far.it.dues if due.kind is DueKind.SEEK] == [midnight + timedelta(hours=8)]
    near = Booked(None, starts=midnight + timedelta(hours=9))
    near.now = midnight
    assert near.comes(DueKind.SEEK, ("i2",)).texts == [("i2", "interpreter_appointment_ask")]


def test_its_hour_opens_a_request_follows_it_and_ends_with_it() -> None:
    booked = Booked().comes(DueKind.BEGIN)
    assert booked.it.state is AppointmentState.RUNNING
    assert [one for one in booked.effects if isinstance(one, OpenRequest)] == [OpenRequest("r1")]
    assert booked.texts == [("o9001", "officer_appointment_begins")]
    assert booked.comes(DueKind.FOLLOW).it.state is AppointmentState.RUNNING
    done = booked.comes(DueKind.FOLLOW, request_over=True, spoke=True)
    assert (done.it.state, done.it.dues) == (AppointmentState.DONE, ())


def test_a_request_that_ended_without_a_word_is_a_missed_appointment() -> None:
    booked = Booked().comes(DueKind.BEGIN).comes(DueKind.FOLLOW, request_over=True)
    assert booked.it.state is AppointmentState.MISSED
    assert booked.alerts[0].endswith("did not take place: they were not connected.")


def test_without_an_interpreter_a_call_is_rung_anyway_and_a_meeting_is_missed() -> None:
    assert Booked(None).comes(DueKind.BEGIN).it.state is AppointmentState.RUNNING
    meeting = Booked(None, how=How.IN_PERSON, place="City Hall").comes(DueKind.BEGIN)
    assert meeting.it.state is AppointmentState.MISSED
    assert meeting.alerts[0].endswith("nobody could come.")


def test_a_meeting_in_person_opens_no_request_and_is_done_when_its_time_is_over() -> None:
    meeting = Booked(how=How.IN_PERSON, place="City Hall", note="ask for room 4").comes(DueKind.BEGIN)
    assert meeting.effects == ()
    assert meeting.comes(DueKind.END).it.state is AppointmentState.DONE
    assert meeting.now == STARTS + timedelta(minutes=30)


def test_the_note_is_for_who_comes_alone_and_not_for_all_who_are_asked() -> None:
    booked = Booked(note="a child is present")
    hows = [one.params["how"] for one in booked.effects if isinstance(one, SendText)]
    assert hows == ["by phone", "by phone (a child is present)"]
    booked.then(cannot("i1"))
    booked.now += timedelta(hours=3)
    booked.comes(DueKind.SEEK, ("i2",))
    assert [one.params["how"] for one in booked.effects if isinstance(one, SendText)] == ["by phone"]


def test_who_cannot_after_it_has_begun_is_told_so_and_so_is_the_dispatcher() -> None:
    booked = Booked().comes(DueKind.BEGIN).then(cannot("i1"))
    assert booked.texts == [("i1", "interpreter_appointment_began")]
    assert booked.alerts[0].endswith("has begun, and its interpreter now says that they cannot.")
    assert (booked.it.state, booked.it.interpreter_id) == (AppointmentState.RUNNING, "i1")


def test_who_says_that_they_can_when_it_has_begun_is_not_told_that_somebody_else_has_it() -> None:
    booked = Booked().comes(DueKind.BEGIN).then(can("i1"))
    assert booked.texts == [("i1", "interpreter_appointment_confirmed")]
    assert booked.it.state is AppointmentState.RUNNING


def test_an_hour_that_passed_while_the_service_was_down_is_missed_and_nobody_is_rung() -> None:
    booked = Booked()
    booked.now = STARTS + timedelta(hours=2)
    booked.comes(DueKind.BEGIN)
    assert booked.it.state is AppointmentState.MISSED
    assert booked.texts == []
    assert len(booked.alerts) == 1


def test_calling_it_off_tells_everybody_concerned_once() -> None:
    booked = Booked().then(CalledOff("requester"))
    assert booked.texts == [("o9001", "officer_appointment_off"), ("i1", "interpreter_appointment_off")]
    assert (booked.it.state, booked.it.dues) == (AppointmentState.CANCELLED, ())
    assert booked.then(CalledOff("requester")).effects == ()


def test_community_members_are_told_in_the_language_of_the_appointment() -> None:
    text = Booked(role=Role.COMMUNITY).effects[0]
    assert isinstance(text, SendText)
    assert (text.key, text.language, text.params["when"]) == ("appointment_booked", "spa", "mié, 11 mar, 11:00")
    assert said_when(STARTS, BOSTON, "mam") == "Wed, Mar 11, 11:00 AM"


@pytest.mark.parametrize(
    ("clock", "starts_in", "expected"),
    [
        ("2026-03-05T20:59", 48, "2026-03-05T20:59"),
        ("2026-03-05T21:00", 48, "2026-03-06T08:00"),
        ("2026-03-06T03:00", 48, "2026-03-06T08:00"),
        ("2026-03-06T08:00", 48, "2026-03-06T08:00"),
        ("2026-03-06T06:00", 2, "2026-03-06T06:00"),
        ("2026-03-07T23:00", 48, "2026-03-08T08:00"),  # clocks go forward that night
    ],
)
def test_texts_that_can_wait_keep_out_of_the_quiet_hours(clock: str, starts_in: int, expected: str) -> None:
    from tests.dispatch.test_shifts import boston

    booked = replace(Booked().it, starts=boston(clock) + timedelta(hours=starts_in))
    assert polite(boston(clock), booked, RULES) == boston(expected)


def test_those_are_asked_who_speak_it_are_on_call_then_and_are_free() -> None:
    here = Booked(None).it.answered("i7", Answer.NO)
    roster = [
        interpreter(1, "spa", tier=2),
        interpreter(2, "spa", tier=1),
        interpreter(3, "fra"),
        interpreter(4, "spa"),
        interpreter(5, "spa"),
        interpreter(6, "spa"),
        interpreter(7, "spa"),
        interpreter(8, "spa"),
    ]
    calendars = {
        "i1": Calendar((shift("09:00", "17:00"),)),
        "i4": Calendar((shift("09:00", "11:15"),)),
        "i5": Calendar(time_off=(off("2026-03-11T11:29", "2026-03-12T00:00"),)),
    }
    found = suitable(here, roster, calendars, {"i6"}, interpreter(8).number)
    assert found == ("i2", "i1")
    assert suitable(here, roster, calendars, {"i6"}, officer().number) == ("i2", "i8", "i1")


@pytest.mark.parametrize("language", phrases.languages_with("appointment_booked"))
def test_texts_about_appointments_can_be_written_and_are_at_most_three_segments(language: str) -> None:
    keys = [key for key in phrases.all_keys() if "appointment_" in key and phrases.has(key, language)]
    assert len([key for key in keys if key.startswith("appointment_")]) == 6
    community = Booked(role=Role.COMMUNITY, language=language).effects[0]
    assert isinstance(community, SendText)
    name = languages.name_in(language, language)
    params = community.params | {"language": name, "also": name, "agency": AGENCY}
    for key in keys:
        text = phrases.sentence(key, language, **params).text
        assert segments(text) <= MOST_SEGMENTS, f"{key}: {text}"


# -- anything, in any order --------------------------------------------------------------------------------------------

WHO = st.sampled_from(["i1", "i2", "i3", "i4"])
EVENTS = st.one_of(
    st.builds(InterpreterSaid, WHO, st.booleans()),
    st.just(Made()),
    st.sampled_from([CalledOff("requester"), CalledOff("dispatcher")]),
    st.tuples(st.integers(0, 5), st.lists(WHO, unique=True, max_size=4), st.booleans(), st.booleans()),
)


@settings(max_examples=300, deadline=None)
@given(
    told=st.lists(st.tuples(EVENTS, st.integers(0, 60 * 30)), max_size=40),
    named=st.booleans(),
    how=st.sampled_from(How),
)
def test_whatever_happens_an_appointment_keeps_its_promises(
    told: list[tuple[object, int]], named: bool, how: How
) -> None:
    here = Booked("i1" if named else None, how=how, place="City Hall").it
    opened = 0
    now = NOON
    for event, minutes in told:
        now += timedelta(minutes=minutes)
        happened = event
        if isinstance(event, tuple):
            which, who, over, spoke = event
            known = here.dues[which] if which < len(here.dues) else Due(DueKind.SEEK, NOON)
            happened = DuePassed(known, tuple(who), "r1", over, spoke)
        before = here
        here, effects = step(before, happened, now, RULES)  # type: ignore[arg-type]
        opened += sum(isinstance(effect, OpenRequest) for effect in effects)
        assert here.state is before.state or here.state in TRANSITIONS[before.state]
        assert len({one.interpreter_id for one in here.asked}) == len(here.asked)
        assert len({(due.kind, due.subject) for due in here.dues}) == len(here.dues)
        if here.over:
            assert here.dues == ()
        else:
            assert here.dues, "nothing would ever happen to it again"
        if here.state is AppointmentState.CANCELLED_BY_INTERPRETER:
            assert here.interpreter_id is None
        if here.state in (AppointmentState.CONFIRMED, AppointmentState.REPLACED, AppointmentState.REMINDED):
            assert here.interpreter_id is not None
        if before.over:
            assert here == before
        # The very same news again changes nothing more.
        again, more = step(here, happened, now, RULES)  # type: ignore[arg-type]
        assert (again.state, again.interpreter_id, again.dues) == (here.state, here.interpreter_id, here.dues)
        assert not any(isinstance(one, OpenRequest) for one in more)
    assert opened <= 1
