"""An appointment: who comes, who was asked, what is due when. Values only; `step` lives in appointment_steps.py."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from dispatch.people import Role
from dispatch.request import Need


class AppointmentState(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    """In the book. Where no interpreter is named yet, some are being asked."""
    REMINDED = "reminded"
    """Interpreter and requester have been reminded."""
    CONFIRMED = "confirmed"
    """The interpreter has said that they come."""
    CANCELLED_BY_INTERPRETER = "cancelled_by_interpreter"
    """The interpreter cannot; others are being asked."""
    REPLACED = "replaced"
    """Another interpreter has taken it over."""
    RUNNING = "running"
    """Its hour has come."""
    DONE = "done"
    """They spoke, or the hour of a meeting in person is over."""
    MISSED = "missed"
    """Its hour came and they did not speak; the dispatcher was told."""
    CANCELLED = "cancelled"
    """The requester or the dispatcher called it off."""


OVER = frozenset({AppointmentState.DONE, AppointmentState.MISSED, AppointmentState.CANCELLED})
AHEAD = frozenset(AppointmentState) - OVER - {AppointmentState.RUNNING}
"""Its hour has not come yet."""

_S = AppointmentState
TRANSITIONS: dict[AppointmentState, frozenset[AppointmentState]] = {
    _S.BOOKED: frozenset({_S.REMINDED, _S.CONFIRMED, _S.CANCELLED_BY_INTERPRETER, _S.RUNNING, _S.MISSED, _S.CANCELLED}),
    _S.REMINDED: frozenset({_S.CONFIRMED, _S.CANCELLED_BY_INTERPRETER, _S.RUNNING, _S.MISSED, _S.CANCELLED}),
    _S.CONFIRMED: frozenset({_S.CANCELLED_BY_INTERPRETER, _S.RUNNING, _S.MISSED, _S.CANCELLED}),
    _S.CANCELLED_BY_INTERPRETER: frozenset({_S.REPLACED, _S.RUNNING, _S.MISSED, _S.CANCELLED}),
    _S.REPLACED: frozenset({_S.REMINDED, _S.CANCELLED_BY_INTERPRETER, _S.RUNNING, _S.MISSED, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.DONE, _S.MISSED}),
    **{state: frozenset() for state in OVER},
}


class How(StrEnum):
    """How they meet."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    ON_SITE = "on_site"
    """In person, as soon as possible: it belongs to a request, and its hour is when the interpreter says."""


class Answer(StrEnum):
    """What an interpreter who was asked, or booked, has said."""

    ASKED = "asked"
    """Nothing yet."""
    SILENT = "silent"
    """Nothing for so long that others were asked; a late yes still counts while nobody has it."""
    NO = "no"
    YES = "yes"
    CANNOT = "cannot"
    """They had it, and cannot."""
    TAKEN = "taken"
    """Somebody else was quicker."""


class DueKind(StrEnum):
    """What is to happen at a time. Rows in the store; the ticker turns them into events."""

    REMIND = "remind"
    SEEK = "seek"
    """Ask the next interpreters."""
    BEGIN = "begin"
    FOLLOW = "follow"
    """See how the request stands that was opened for it."""
    END = "end"


@dataclass(frozen=True)
class Due:
    """At `at`, this is due. `subject` tells reminders apart: minutes before the appointment."""

    kind: DueKind
    at: datetime
    subject: str = ""


@dataclass(frozen=True)
class Asked:
    """One interpreter who was asked to come, and what they said."""

    interpreter_id: str
    answer: Answer = Answer.ASKED


@dataclass(frozen=True)
class Appointment:
    """Everything `step` needs to know about one appointment. Holds no phone numbers and no names."""

    id: str
    code: str
    """What interpreters and requesters put into a text about it."""
    requester_id: str
    role: Role
    language: str
    """ISO 639-3."""
    starts: datetime
    minutes: int
    zone: str
    """IANA name, for times in texts and for the hours when nobody is texted."""
    how: How = How.PHONE
    place: str = ""
    encounter: str = ""
    note: str = ""
    """For the interpreter. Place and note are sealed in the store, and forgotten when it is over."""
    state: AppointmentState = AppointmentState.BOOKED
    interpreter_id: str | None = None
    asked: tuple[Asked, ...] = ()
    dues: tuple[Due, ...] = ()
    request_id: str | None = None
    outcome: str = ""
    version: int = 0
    variety: str = ""
    """The variety (a code of `varieties`) of the language that is needed; "" where nobody has said which."""
    also_varieties: tuple[str, ...] = ()
    """Near ones that the requester says they understand too."""
    asked_variety: str = ""
    """The near variety that the requester was asked about last."""

    @property
    def spoken(self) -> str:
        """What is to be interpreted, as exactly as is known: a code of `varieties`, or a language (ISO 639-3)."""
        return self.variety or self.language

    @property
    def need(self) -> Need:
        """The same as a request asks for it."""
        return Need(
            languages=(self.language,),
            constraints=() if self.how is How.PHONE else ("in_person",),
            place=self.place,
            encounter=self.encounter,
            variety=self.variety,
            also_varieties=self.also_varieties,
        )

    @property
    def ends(self) -> datetime:
        """When it is planned to be over."""
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in OVER

    def answer_of(self, interpreter_id: str) -> Answer | None:
        """What this interpreter has said; None: never asked."""
        return next((one.answer for one in self.asked if one.interpreter_id == interpreter_id), None)

    def to(self, state: AppointmentState) -> "Appointment":
        """In that state. Raises ValueError for a move that TRANSITIONS does not have."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"an appointment cannot go from {self.state} to {state}")
        return replace(self, state=state)

    def due(self, kind: DueKind, at: datetime, subject: str = "") -> "Appointment":
        """With that due then, in place of an earlier one like it."""
        kept = tuple(one for one in self.dues if (one.kind, one.subject) != (kind, subject))
        return replace(self, dues=(*kept, Due(kind, at, subject)))

    def without(self, kind: DueKind, subject: str = "") -> "Appointment":
        """Without that due."""
        return replace(self, dues=tuple(one for one in self.dues if (one.kind, one.subject) != (kind, subject)))

    @property
    def concerned(self) -> list[str]:
        """Interpreters who were asked and have not answered, and who has it; by id."""
        waiting = {one.interpreter_id for one in self.asked if one.answer in (Answer.ASKED, Answer.SILENT)}
        return sorted(waiting | ({self.interpreter_id} if self.interpreter_id is not None else set()))

    def answered(self, interpreter_id: str, answer: Answer) -> "Appointment":
        """With what this interpreter has said."""
        others = tuple(one for one in self.asked if one.interpreter_id != interpreter_id)
        return replace(self, asked=(*others, Asked(interpreter_id, answer)))


@dataclass(frozen=True)
class Rules:
    """How appointments are kept. Settings, with reasons."""

    reminders: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=1))
    """A day leaves time to find somebody else; an hour catches who forgot."""
    asked_at_once: int = 3
    """Asked together for a replacement: the first yes has it."""
    answer_within: timedelta = timedelta(hours=2)
    """Then the next are asked too; sooner where the appointment is near: after a quarter of the time left."""
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    """Nobody is texted in between, by the appointment's zone, unless it cannot wait."""
    cannot_wait: timedelta = timedelta(hours=2)
    """Texts that would otherwise come later than this before the appointment are sent in quiet hours too."""
    follow_every: timedelta = timedelta(seconds=10)
