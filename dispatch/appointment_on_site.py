"""An appointment "as soon as possible": interpreters are asked to come now, and say in how many minutes they are there.

The steps of such an appointment, plain functions in the service of `appointment_steps.step`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from dispatch import languages
from dispatch.appointment import AHEAD, Answer, Appointment, AppointmentState, DueKind, Rules
from dispatch.effects import AlertDispatcher, SendText, TellOnSite, To

Outcome = tuple[Appointment, tuple[SendText | AlertDispatcher | TellOnSite, ...]]
MINUTES = 60
"""Planned length, from the arrival; the interpreter is free again earlier by texting ON."""
ANSWER_WITHIN = timedelta(minutes=2)
"""Then the next are asked too: somebody waits."""
LOOK_AGAIN = timedelta(minutes=5)
"""With nobody left to ask: people sign on."""


def made(appointment: Appointment, now: datetime) -> Outcome:
    """Ask at once; there is no hour to remind anybody of."""
    if appointment.dues or appointment.over:
        return appointment, ()
    if appointment.interpreter_id is not None:
        return appointment.due(DueKind.BEGIN, max(appointment.starts, now)), ()
    return appointment.due(DueKind.SEEK, now), ()


def seek(appointment: Appointment, candidates: tuple[str, ...], now: datetime, rules: Rules) -> Outcome:
    """Ask the next ones, quiet hours or not. With nobody left the requester and the dispatcher are told, once."""
    if appointment.interpreter_id is not None or appointment.state not in AHEAD:
        return appointment, ()
    for before in appointment.asked:
        if before.answer is Answer.ASKED:
            appointment = appointment.answered(before.interpreter_id, Answer.SILENT)
    chosen = [one for one in candidates if appointment.answer_of(one) is None][: rules.asked_at_once]
    if not chosen:
        told = appointment.outcome == _NOBODY
        appointment = replace(appointment, outcome=_NOBODY).due(DueKind.SEEK, now + LOOK_AGAIN)
        alert = AlertDispatcher(f"Nobody is left to ask to come for {_named(appointment)}: find somebody, or a video.")
        return appointment, () if told else (_news(appointment, "nobody"), alert)
    for one in chosen:
        appointment = appointment.answered(one, Answer.ASKED)
    asked = tuple(_tell(appointment, one, "ask") for one in chosen)
    return replace(appointment, outcome="").due(DueKind.SEEK, now + ANSWER_WITHIN), asked


def can(appointment: Appointment, interpreter_id: str, minutes: int | None, now: datetime) -> Outcome:
    """They can come; who says so without saying when is asked that first."""
    if appointment.interpreter_id == interpreter_id and not appointment.over:
        if minutes is None:
            return appointment, (_tell(appointment, interpreter_id, "go"),)
        return _comes(appointment, minutes, now), (_news(appointment, "coming", minutes),)
    if appointment.state not in AHEAD or appointment.interpreter_id is not None:
        return appointment, (_tell(appointment, interpreter_id, "taken"),)
    if minutes is None:
        return appointment, (_tell(appointment, interpreter_id, "when"),)
    others = [one.interpreter_id for one in appointment.asked if one.answer in (Answer.ASKED, Answer.SILENT)]
    replaced = appointment.state is AppointmentState.CANCELLED_BY_INTERPRETER
    appointment = replace(appointment, interpreter_id=interpreter_id).answered(interpreter_id, Answer.YES)
    appointment = appointment.to(AppointmentState.REPLACED if replaced else AppointmentState.CONFIRMED)
    appointment = _comes(replace(appointment, outcome=""), minutes, now)
    effects: list[SendText | AlertDispatcher | TellOnSite] = [
        _tell(appointment, interpreter_id, "go"),
        _news(appointment, "coming", minutes),
    ]
    for other in others:
        if other != interpreter_id:
            appointment = appointment.answered(other, Answer.TAKEN)
            effects.append(_tell(appointment, other, "taken"))
    return appointment, tuple(effects)


def cannot(appointment: Appointment, interpreter_id: str, now: datetime) -> Outcome:
    """They cannot, or cannot after all: then others are asked at once and the requester is told."""
    told = _tell(appointment, interpreter_id, "declined")
    if appointment.interpreter_id == interpreter_id and appointment.state in AHEAD:
        appointment = replace(appointment, interpreter_id=None).answered(interpreter_id, Answer.CANNOT)
        appointment = appointment.without(DueKind.BEGIN).to(AppointmentState.CANCELLED_BY_INTERPRETER)
        return appointment.due(DueKind.SEEK, now), (told, _news(appointment, "cannot"))
    if appointment.interpreter_id == interpreter_id and not appointment.over:
        alert = AlertDispatcher(f"Who was to come for {_named(appointment)} now says that they cannot.")
        return appointment, (told, alert)
    if appointment.state in AHEAD and appointment.answer_of(interpreter_id) in (Answer.ASKED, Answer.SILENT):
        appointment = appointment.answered(interpreter_id, Answer.NO)
        if appointment.interpreter_id is None and all(one.answer is not Answer.ASKED for one in appointment.asked):
            appointment = appointment.due(DueKind.SEEK, now)
    return appointment, (told,)


def kept_apart(appointment: Appointment, interpreter_id: str, now: datetime) -> Outcome:
    """They and the requester are not to meet: as if they could not, and they hear only that somebody else goes."""
    if appointment.state not in AHEAD:
        return appointment, ()
    after, (_, *news) = cannot(appointment, interpreter_id, now)
    return after, (_tell(after, interpreter_id, "taken"), *news) if after != appointment else ()


def place_named(appointment: Appointment, place: str) -> Outcome:
    """They have said where, or that it is elsewhere: whoever was asked, or is on the way, must know."""
    if appointment.over or place in ("", appointment.place):
        return appointment, ()
    appointment = replace(appointment, place=place)
    return appointment, tuple(_tell(appointment, one, "place") for one in appointment.concerned)


def called_off(appointment: Appointment, why: str) -> Outcome:
    """The request is over: who was asked, or is on the way, is told. The requester knows."""
    if appointment.over:
        return appointment, ()
    if appointment.state is AppointmentState.RUNNING:
        return replace(appointment.to(AppointmentState.DONE), dues=(), outcome="took place"), ()
    effects = tuple(_tell(appointment, one, "off") for one in appointment.concerned)
    return replace(appointment.to(AppointmentState.CANCELLED), dues=(), outcome=f"called off: {why}"), effects


def begin(appointment: Appointment, now: datetime) -> Outcome:
    """They said that they would be there by now."""
    if appointment.interpreter_id is None or appointment.state not in AHEAD:
        return appointment, ()
    appointment = replace(appointment.to(AppointmentState.RUNNING), dues=())
    return appointment.due(DueKind.END, max(appointment.ends, now)), (_news(appointment, "here"),)


def ended(appointment: Appointment) -> Outcome:
    """The planned time is over."""
    done = replace(appointment.to(AppointmentState.DONE), dues=(), outcome="took place")
    return done, (_news(done, "done"),)


_NOBODY = "nobody could be found yet"


def _comes(appointment: Appointment, minutes: int, now: datetime) -> Appointment:
    arrives = now + timedelta(minutes=minutes)
    if appointment.state is AppointmentState.RUNNING:
        # They are late: the time that was planned begins when they are there.
        appointment = replace(appointment, starts=arrives)
        return appointment.due(DueKind.END, appointment.ends)
    return replace(appointment, starts=arrives).without(DueKind.SEEK).due(DueKind.BEGIN, arrives)


def _news(appointment: Appointment, what: str, minutes: int = 0) -> TellOnSite:
    return TellOnSite(appointment.request_id or "", what, minutes)


def _named(appointment: Appointment) -> str:
    return f"{languages.get(appointment.language).english} at {appointment.place or 'a place not named'}"


def _tell(appointment: Appointment, interpreter_id: str, key: str) -> SendText:
    params = {
        "language": appointment.spoken,
        "place": appointment.place or "a place that dispatch tells you",
        "code": appointment.code,
    }
    return SendText(To.INTERPRETER, interpreter_id, f"interpreter_on_site_{key}", "eng", params)
