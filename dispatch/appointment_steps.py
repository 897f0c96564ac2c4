"""`step`: every change to an appointment, in one place, from booking to its end.

Like requests: events in, new state and effects out, nothing done here and no clock read. News that is late, repeated
or no longer matters changes nothing. When its hour comes, an appointment by phone becomes an ordinary request.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time

from dispatch import appointment_on_site as on_site
from dispatch import languages, varieties
from dispatch.appointment import AHEAD, Answer, Appointment, AppointmentState, Due, DueKind, How, Rules
from dispatch.effects import AlertDispatcher, SendText, TellOnSite, To
from dispatch.eligibility import fitting
from dispatch.people import Interpreter, PhoneNumber, Role
from dispatch.shifts import Calendar, zone_named
from dispatch.varieties import Fit

_MOST_NEAR = 2
"""Near varieties that a requester is asked about, as while somebody waits on the phone."""

# -- what happened -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """It was put into the book."""


@dataclass(frozen=True)
class InterpreterSaid:
    """An interpreter texted that they can, or cannot."""

    interpreter_id: str
    can: bool
    minutes: int | None = None
    """In how many they are there, for who is to come as soon as possible; None: they did not say."""


@dataclass(frozen=True)
class RequesterSaid:
    """The requester texted whether they understand the near variety that they were asked about."""

    yes: bool


@dataclass(frozen=True)
class CalledOff:
    """`by` "requester" or "dispatcher"."""

    by: str


@dataclass(frozen=True)
class KeptApart:
    """An interpreter and the requester are not to meet: somebody else is found."""

    interpreter_id: str


@dataclass(frozen=True)
class PlaceNamed:
    """Where somebody is to come now is known, or is elsewhere."""

    place: str


@dataclass(frozen=True)
class DuePassed:
    """Something was due, with the facts that deciding it takes."""

    due: Due
    suitable: tuple[str, ...] = ()
    """SEEK: interpreters who could come, best first."""
    request_id: str = ""
    """BEGIN: the id that the request will have."""
    request_over: bool = False
    """FOLLOW."""
    spoke: bool = False
    """FOLLOW: requester and interpreter were connected."""


Happened = Made | InterpreterSaid | RequesterSaid | CalledOff | KeptApart | PlaceNamed | DuePassed


@dataclass(frozen=True)
class OpenRequest:
    """Open an ordinary request for it, in the same transaction, ringing its interpreter first where it has one."""

    request_id: str


Outcome = tuple[Appointment, tuple[SendText | AlertDispatcher | OpenRequest | TellOnSite, ...]]


def step(appointment: Appointment, happened: Happened, now: datetime, rules: Rules) -> Outcome:
    """The appointment after what happened, and what is to be done. Never raises for news that comes late or twice."""
    if appointment.how is How.ON_SITE:
        return _on_site(appointment, happened, now, rules)
    match happened:
        case Made():
            return _made(appointment, now, rules)
        case InterpreterSaid(interpreter_id, can, _):
            return (_can if can else _cannot)(appointment, interpreter_id, now)
        case RequesterSaid(yes):
            return _understood(appointment, yes, now)
        case KeptApart(interpreter_id):
            return _kept_apart(appointment, interpreter_id, now)
        case PlaceNamed():
            return appointment, ()  # a booking is changed as a whole
        case CalledOff(by):
            return _called_off(appointment, by)
        case DuePassed():
            return _due_passed(appointment, happened, now, rules)


def _on_site(appointment: Appointment, happened: Happened, now: datetime, rules: Rules) -> Outcome:
    match happened:
        case Made():
            return on_site.made(appointment, now)
        case InterpreterSaid(interpreter_id, True, minutes):
            return on_site.can(appointment, interpreter_id, minutes, now)
        case InterpreterSaid(interpreter_id, _, _):
            return on_site.cannot(appointment, interpreter_id, now)
        case RequesterSaid():
            return appointment, ()  # they were asked about it as any request is
        case CalledOff(by):
            return on_site.called_off(appointment, by)
        case KeptApart(interpreter_id):
            return on_site.kept_apart(appointment, interpreter_id, now)
        case PlaceNamed(place):
            return on_site.place_named(appointment, place)
    due = happened.due
    if due not in appointment.dues or due.at > now:
        return appointment, ()
    appointment = appointment.without(due.kind, due.subject)
    if due.kind is DueKind.SEEK:
        return on_site.seek(appointment, happened.suitable, now, rules)
    return on_site.begin(appointment, now) if due.kind is DueKind.BEGIN else on_site.ended(appointment)


def suitable(
    appointment: Appointment,
    roster: Iterable[Interpreter],
    calendars: Mapping[str, Calendar],
    booked: Collection[str],
    requester: PhoneNumber | None,
) -> tuple[str, ...]:
    """Interpreters to ask, best first: their tier, then how well they know the language, then who rested longest. Of a
    variety that was asked for, first who speaks it or one that is understood; last who has not said which they speak.

    Only who speaks it (a variety that is not understood there is another language), is on call by their calendar for
    the whole time, has no other appointment then (`booked`), is not the requester and was not asked before. Whether
    they are ON now says nothing about then.
    """
    found = []
    for one in roster:
        skill = one.speaks(appointment.language)
        if skill is None or one.id in booked or one.number == requester or appointment.answer_of(one.id) is not None:
            continue
        fit = fitting(appointment.need, skill)
        if fit is Fit.OTHER:
            continue
        calendar = calendars.get(one.id)
        if calendar is not None and not calendar.covers(appointment.starts, appointment.ends):
            continue
        rested = one.last_offered_at.timestamp() if one.last_offered_at else 0.0
        found.append(((fit is Fit.NOT_SAID, one.tier, fit, -skill.proficiency, rested, one.code), one.id))
    return tuple(interpreter_id for _, interpreter_id in sorted(found))


def polite(moment: datetime, appointment: Appointment, rules: Rules) -> datetime:
    """That moment, or the end of the quiet hours it falls into, unless the text could not wait so long."""
    local = moment.astimezone(zone_named(appointment.zone))
    quiet = local.time() >= rules.quiet_from or local.time() < rules.quiet_to
    if not quiet:
        return moment
    day = local.date() + timedelta(days=1 if local.time() >= rules.quiet_from else 0)
    morning = datetime.combine(day, rules.quiet_to, local.tzinfo).astimezone(moment.tzinfo)
    return morning if appointment.starts - morning >= rules.cannot_wait else moment


def said_when(moment: datetime, zone: str, language: str) -> str:
    """A day and time as people of that language (ISO 639-3) write it; in English where CLDR does not know."""
    local = moment.astimezone(zone_named(zone))
    try:
        locale = Locale.parse(languages.tag(language), sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en", "US")
    day, clock = format_skeleton("MMMEd", local, locale=locale), format_time(local, "short", locale=locale)
    # CLDR's narrow spaces would double the price of a text: one of them, and all of it is sent as UCS-2.
    return re.sub(r"\s", " ", f"{day}, {clock}")


# -- events ------------------------------------------------------------------------------------------------------------


def _made(appointment: Appointment, now: datetime, rules: Rules) -> Outcome:
    if appointment.dues or appointment.over:
        return appointment, ()
    for before in rules.reminders:
        at = polite(appointment.starts - before, appointment, rules)
        if at > now:
            appointment = appointment.due(DueKind.REMIND, at, str(int(before.total_seconds() // 60)))
    appointment = appointment.due(DueKind.BEGIN, appointment.starts)
    told = _requester(appointment, "appointment_booked")
    if appointment.interpreter_id is None:
        return appointment.due(DueKind.SEEK, now), (told,)
    return appointment, (told, _interpreter(appointment, appointment.interpreter_id, "appointment_booked"))


def _can(appointment: Appointment, interpreter_id: str, now: datetime) -> Outcome:
    if appointment.interpreter_id == interpreter_id and not appointment.over:
        if appointment.state in (AppointmentState.BOOKED, AppointmentState.REMINDED):
            appointment = appointment.to(AppointmentState.CONFIRMED)
        return appointment, (_interpreter(appointment, interpreter_id, "appointment_confirmed"),)
    if appointment.state not in AHEAD or appointment.interpreter_id is not None:
        return appointment, (_interpreter(appointment, interpreter_id, "appointment_taken"),)
    others = [one.interpreter_id for one in appointment.asked if one.answer in (Answer.ASKED, Answer.SILENT)]
    replaced = appointment.state is AppointmentState.CANCELLED_BY_INTERPRETER
    appointment = replace(appointment, interpreter_id=interpreter_id).answered(interpreter_id, Answer.YES)
    if appointment.state in (
        AppointmentState.BOOKED,
        AppointmentState.REMINDED,
        AppointmentState.CANCELLED_BY_INTERPRETER,
    ):
        appointment = appointment.to(AppointmentState.REPLACED if replaced else AppointmentState.CONFIRMED)
    appointment = appointment.without(DueKind.SEEK)
    effects = [_interpreter(appointment, interpreter_id, "appointment_booked")]
    if replaced:
        effects.append(_requester(appointment, "appointment_replaced"))
    for other in others:
        if other != interpreter_id:
            appointment = appointment.answered(other, Answer.TAKEN)
            effects.append(_interpreter(appointment, other, "appointment_taken"))
    return appointment, tuple(effects)


def _cannot(appointment: Appointment, interpreter_id: str, now: datetime) -> Outcome:
    told = (_interpreter(appointment, interpreter_id, "appointment_declined"),)
    if appointment.state is AppointmentState.RUNNING and appointment.interpreter_id == interpreter_id:
        alert = AlertDispatcher(f"{_named(appointment)} has begun, and its interpreter now says that they cannot.")
        return appointment, (_interpreter(appointment, interpreter_id, "appointment_began"), alert)
    if appointment.state not in AHEAD:
        return appointment, told
    if appointment.interpreter_id == interpreter_id:
        appointment = replace(appointment, interpreter_id=None).answered(interpreter_id, Answer.CANNOT)
        return appointment.to(AppointmentState.CANCELLED_BY_INTERPRETER).due(DueKind.SEEK, now), told
    if appointment.answer_of(interpreter_id) in (Answer.ASKED, Answer.SILENT):
        appointment = appointment.answered(interpreter_id, Answer.NO)
        if appointment.interpreter_id is None and all(one.answer is not Answer.ASKED for one in appointment.asked):
            appointment = appointment.due(DueKind.SEEK, now)  # nobody is left to wait for
    return appointment, told


def _kept_apart(appointment: Appointment, interpreter_id: str, now: datetime) -> Outcome:
    """As if they could not, and they are told no more than that somebody else has it."""
    if appointment.state not in AHEAD:
        return appointment, ()
    after, _ = _cannot(appointment, interpreter_id, now)
    return after, (_interpreter(after, interpreter_id, "appointment_taken"),) if after != appointment else ()


def _called_off(appointment: Appointment, by: str) -> Outcome:
    if appointment.state not in AHEAD:
        return appointment, ()
    effects = [_requester(appointment, "appointment_off")]
    effects += [_interpreter(appointment, one, "appointment_off") for one in appointment.concerned]
    appointment = replace(appointment.to(AppointmentState.CANCELLED), dues=(), outcome=f"called off by the {by}")
    return appointment, tuple(effects)


def _due_passed(appointment: Appointment, happened: DuePassed, now: datetime, rules: Rules) -> Outcome:
    due = happened.due
    if due not in appointment.dues or due.at > now:
        return appointment, ()  # done already, or moved
    appointment = appointment.without(due.kind, due.subject)
    match due.kind:
        case DueKind.REMIND:
            return _remind(appointment, now)
        case DueKind.SEEK:
            return _seek(appointment, happened.suitable, now, rules)
        case DueKind.BEGIN:
            return _begin(appointment, happened.request_id, now)
        case DueKind.FOLLOW:
            if not happened.request_over:
                return appointment.due(DueKind.FOLLOW, now + rules.follow_every), ()
            return _ended(appointment, happened.spoke)
        case DueKind.END:
            return _ended(appointment, True)


def _remind(appointment: Appointment, now: datetime) -> Outcome:
    booked = appointment.interpreter_id
    if booked is None:
        # Nobody has it yet: people who came onto the roster since may be asked, and a person looks at it.
        alert = AlertDispatcher(f"{_named(appointment)} has no interpreter yet.")
        return appointment.due(DueKind.SEEK, now), (alert,)
    if appointment.state in (AppointmentState.BOOKED, AppointmentState.REPLACED):
        appointment = appointment.to(AppointmentState.REMINDED)
    told = _interpreter(appointment, booked, "appointment_reminder")
    return appointment, (told, _requester(appointment, "appointment_reminder"))


def _seek(appointment: Appointment, candidates: tuple[str, ...], now: datetime, rules: Rules) -> Outcome:
    """Ask the next ones. Who has not answered in the meantime is not waited for any longer."""
    if appointment.interpreter_id is not None or appointment.state not in AHEAD:
        return appointment, ()
    later = polite(now, appointment, rules)
    if later > now:
        return appointment.due(DueKind.SEEK, later), ()
    for before in appointment.asked:
        if before.answer is Answer.ASKED:
            appointment = appointment.answered(before.interpreter_id, Answer.SILENT)
    chosen = [one for one in candidates if appointment.answer_of(one) is None][: rules.asked_at_once]
    near = "" if chosen else _near(appointment)
    if near:
        appointment = replace(appointment, asked_variety=near).due(DueKind.SEEK, now + _wait(appointment, now, rules))
        return appointment, (_requester(appointment, "appointment_near"),)
    if not chosen:
        told = f"Nobody left to ask for {_named(appointment)}: find somebody by hand, or it is rung like any request."
        return appointment, (AlertDispatcher(told),)
    for one in chosen:
        appointment = appointment.answered(one, Answer.ASKED)
    appointment = appointment.due(DueKind.SEEK, now + _wait(appointment, now, rules))
    return appointment, tuple(_interpreter(appointment, one, "appointment_ask") for one in chosen)


def _wait(appointment: Appointment, now: datetime, rules: Rules) -> timedelta:
    """For an answer: less where the appointment is near."""
    return min(rules.answer_within, max((appointment.starts - now) / 4, timedelta(minutes=1)))


def _near(appointment: Appointment) -> str:
    """A near variety that the requester may understand and has not been asked about; "" where there is none left."""
    if not appointment.variety:
        return ""
    near = varieties.near(appointment.variety)
    asked = near.index(appointment.asked_variety) + 1 if appointment.asked_variety in near else 0
    return next(iter(near[asked:_MOST_NEAR]), "")


def _understood(appointment: Appointment, yes: bool, now: datetime) -> Outcome:
    """Who speaks the near variety is asked now; after a no, the next way out is tried."""
    near = appointment.asked_variety
    if not near or appointment.state not in AHEAD or appointment.interpreter_id is not None:
        return appointment, ()
    if near in appointment.also_varieties:
        return appointment, ()
    if yes:
        appointment = replace(appointment, also_varieties=(*appointment.also_varieties, near))
    return appointment.due(DueKind.SEEK, now), ()


def _begin(appointment: Appointment, request_id: str, now: datetime) -> Outcome:
    appointment = replace(appointment, dues=())
    if now >= appointment.ends:
        return _missed(appointment, "its hour passed while the service was not running")
    if appointment.how is How.IN_PERSON:
        if appointment.interpreter_id is None:
            return _missed(appointment, "nobody could come")
        return appointment.to(AppointmentState.RUNNING).due(DueKind.END, appointment.ends), ()
    appointment = replace(appointment.to(AppointmentState.RUNNING), request_id=request_id).due(DueKind.FOLLOW, now)
    return appointment, (OpenRequest(request_id), _requester(appointment, "appointment_begins"))


def _ended(appointment: Appointment, spoke: bool) -> Outcome:
    if not spoke:
        return _missed(appointment, "they were not connected")
    return replace(appointment.to(AppointmentState.DONE), dues=(), outcome="took place"), ()


def _missed(appointment: Appointment, why: str) -> Outcome:
    alert = AlertDispatcher(f"{_named(appointment)} did not take place: {why}.")
    return replace(appointment.to(AppointmentState.MISSED), dues=(), outcome=why), (alert,)


# -- words -------------------------------------------------------------------------------------------------------------


def _named(appointment: Appointment) -> str:
    when = said_when(appointment.starts, appointment.zone, "eng")
    return f"Appointment {appointment.code} ({varieties.named(appointment.spoken)}, {when})"


def _interpreter(appointment: Appointment, interpreter_id: str, key: str) -> SendText:
    """The note is for who comes, not for all who are asked, and never for the requester."""
    params = _params(appointment, "eng")
    if appointment.note and appointment.interpreter_id == interpreter_id:
        params["how"] += f" ({appointment.note})"
    return SendText(To.INTERPRETER, interpreter_id, f"interpreter_{key}", "eng", params)


def _requester(appointment: Appointment, key: str) -> SendText:
    """Officers are texted in English, everybody else in the language of the appointment: it is theirs."""
    officer = appointment.role is Role.OFFICER
    spoken = "eng" if officer else appointment.language
    params = _params(appointment, spoken)
    if officer:
        return SendText(To.REQUESTER, appointment.requester_id, f"officer_{key}", spoken, params)
    return SendText(To.REQUESTER, appointment.requester_id, key, spoken, params)


def _params(appointment: Appointment, spoken: str) -> dict[str, str]:
    asked = {"also": appointment.asked_variety} if appointment.asked_variety else {}
    return asked | {
        "language": appointment.spoken,
        "when": said_when(appointment.starts, appointment.zone, spoken),
        "minutes": str(appointment.minutes),
        "how": "by phone" if appointment.how is How.PHONE else f"at {appointment.place}",
        "code": appointment.code,
    }
