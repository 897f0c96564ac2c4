"""An invitation to be on call in certain hours, by text: what it is, and what follows from what happens to it.

`step` is a plain function like that of requests: news that is late, repeated or no longer matters changes nothing. A
yes becomes a shift for these hours; a later no takes it out again. Nobody is reminded who has not said yes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.appointment import Rules
from dispatch.appointment_steps import said_when
from dispatch.effects import AlertDispatcher, SendText, To
from dispatch.people import QuietHours
from dispatch.shifts import Hours, Shift, instant, zone_named


class InvitationState(StrEnum):
    """Where an invitation stands."""

    WAITING = "waiting"
    """Not sent yet: it is night where they live."""
    ASKED = "asked"
    """Sent; no answer yet."""
    YES = "yes"
    """They said yes: the hours are a shift of theirs."""
    NO = "no"
    CANNOT = "cannot"
    """They had said yes, and then that they cannot: the shift is gone again."""
    WITHDRAWN = "withdrawn"
    """The agency does not need them any more."""
    DONE = "done"
    """They said yes and the hours are over."""
    LAPSED = "lapsed"
    """The hours are over, or the time to answer is, and they never answered."""


OVER = frozenset({InvitationState.WITHDRAWN, InvitationState.DONE, InvitationState.LAPSED})
_S = InvitationState
TRANSITIONS: dict[InvitationState, frozenset[InvitationState]] = {
    _S.WAITING: frozenset({_S.ASKED, _S.YES, _S.NO, _S.WITHDRAWN, _S.LAPSED}),
    _S.ASKED: frozenset({_S.YES, _S.NO, _S.WITHDRAWN, _S.LAPSED}),
    _S.YES: frozenset({_S.CANNOT, _S.WITHDRAWN, _S.DONE}),
    _S.NO: frozenset({_S.YES, _S.WITHDRAWN, _S.LAPSED}),
    _S.CANNOT: frozenset({_S.YES, _S.WITHDRAWN, _S.LAPSED}),
    **{state: frozenset() for state in OVER},
}
_OPEN_WEEKLY = timedelta(days=7)
"""How long an invitation to a weekly shift may be answered."""


_AFTERWARDS = timedelta(minutes=1)
"""Who was signed on for the hours is signed off before the invitation is closed."""


class DueKind(StrEnum):
    """What is to happen at a time."""

    SEND = "send"
    REMIND = "remind"
    BEGIN = "begin"
    """Their hours begin: who is OFF is signed on, as they said."""
    END = "end"
    """Their hours are over: who was signed on by us is signed off again."""
    CLOSE = "close"
    """Nothing more is expected."""


@dataclass(frozen=True)
class Due:
    """At `at`, this is due. `subject` tells those of one kind apart."""

    kind: DueKind
    at: datetime
    subject: str = ""


@dataclass(frozen=True)
class Invitation:
    """One interpreter asked to be on call in these hours. Holds no number and no name."""

    id: str
    code: str
    """What they put into their answer; no appointment has the same."""
    interpreter_id: str
    purpose: str
    """The arrival's id, or what names a draft shift: nobody is invited twice for the same."""
    hours: tuple[Hours, ...]
    zone: str
    """Where they live."""
    languages: tuple[str, ...]
    """ISO 639-3: what they are asked for."""
    area: str = ""
    quiet: QuietHours | None = None
    extra: bool = True
    """Whether the hours come beside those in which they are on call anyway (`shifts.EXTRA`)."""
    state: InvitationState = InvitationState.WAITING
    dues: tuple[Due, ...] = ()
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    signed_on: bool = False
    """Whether we signed them on for the hours that run now."""
    version: int = 0

    @property
    def weekly(self) -> bool:
        """Whether it is about hours of every week."""
        return any(one.rule for one in self.hours)

    @property
    def ends(self) -> datetime:
        """When the last hours are over that are not repeated."""
        return max(instant(one.ends, one.zone) for one in self.hours)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in OVER

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """What a yes adds to their calendar."""
        start = "extra-" if self.extra else "invited-"
        return tuple(Shift(f"{start}{self.id}-{number}", one) for number, one in enumerate(self.hours))

    def to(self, state: InvitationState) -> "Invitation":
        """In that state. Raises ValueError for a move that TRANSITIONS does not have."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"an invitation cannot go from {self.state} to {state}")
        return replace(self, state=state)

    def due(self, kind: DueKind, at: datetime, subject: str = "") -> "Invitation":
        """With that due then, in place of an earlier one like it."""
        return replace(self, dues=(*self.without(kind, subject).dues, Due(kind, at, subject)))

    def without(self, kind: DueKind, subject: str = "") -> "Invitation":
        """Without that due."""
        return replace(self, dues=tuple(one for one in self.dues if (one.kind, one.subject) != (kind, subject)))


# -- what happened, and what to do -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """It was written."""


@dataclass(frozen=True)
class Said:
    """The interpreter texted that they can, or cannot."""

    can: bool


@dataclass(frozen=True)
class Withdrawn:
    """The agency took it back."""


@dataclass(frozen=True)
class DuePassed:
    """Something was due, with what deciding it takes."""

    due: Due
    off: bool = False
    """BEGIN: they are signed off now."""
    untouched: bool = False
    """END: since we signed them on they have not said anything about that."""


@dataclass(frozen=True)
class AddShifts:
    """Put the hours into the interpreter's calendar."""


@dataclass(frozen=True)
class RemoveShifts:
    """Take them out again."""


@dataclass(frozen=True)
class SignOn:
    """Set them ON, and let waiting requests look again."""


@dataclass(frozen=True)
class SignOff:
    """Set them OFF."""


Happened = Made | Said | Withdrawn | DuePassed
Effect = SendText | AlertDispatcher | AddShifts | RemoveShifts | SignOn | SignOff
Outcome = tuple[Invitation, tuple[Effect, ...]]


def step(one: Invitation, happened: Happened, now: datetime, rules: Rules) -> Outcome:
    """The invitation after what happened, and what is to be done. Never raises for news that comes late or twice."""
    match happened:
        case Made():
            return _made(one, now, rules), ()
        case Said(can):
            return (_can if can else _cannot)(one, now)
        case Withdrawn():
            return _withdrawn(one)
        case DuePassed():
            return _due_passed(one, happened, now, rules)


def polite(moment: datetime, one: Invitation, rules: Rules) -> datetime:
    """That moment, or the end of the quiet hours it falls into: the agency's, by the clock where they live, and their
    own. The agency's give way where the hours asked for would come too soon after; their own never do."""
    begins = min(instant(hours.starts, hours.zone) for hours in one.hours)
    later = _after_quiet(moment, QuietHours(rules.quiet_from, rules.quiet_to), one.zone)
    if begins - later < rules.cannot_wait and not one.weekly:
        later = moment
    return _after_quiet(later, one.quiet, one.zone) if one.quiet else later


def said_hours(hours: Sequence[Hours], most: int = 3, desk: bool = False) -> str:
    """The hours in words, by the clock of their zone: "Sat, Nov 28, 2:00 PM-6:00 PM"; weekly ones by their days.

    For the `desk`, as its pages write times: "Sat 28 Nov 14:00-18:00".
    """
    told = []
    for one in hours[:most]:
        (day, begin), (last, end) = (_day_and_clock(at, one.zone, desk) for at in (one.starts, one.ends))
        if one.rule:
            days = "/".join(_DAY_NAMES[day] for day in one.rule.rpartition("BYDAY=")[2].split(","))
            told.append(f"every {days} {begin}-{end}")
        elif one.ends.date() == one.starts.date():
            told.append(f"{day}{begin}-{end}")
        else:
            told.append(f"{day}{begin} to {last}{end}")
    more = len(hours) - most
    return "; ".join(told) + (f" and {more} more" if more > 0 else "")


# -- how it is done ----------------------------------------------------------------------------------------------------

_DAY_NAMES = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}


def _made(one: Invitation, now: datetime, rules: Rules) -> Invitation:
    if one.dues or one.state is not InvitationState.WAITING:
        return one
    one = one.due(DueKind.SEND, polite(now, one, rules))
    if one.weekly:
        return one.due(DueKind.CLOSE, now + _OPEN_WEEKLY)
    for number, hours in enumerate(one.hours):
        begins = instant(hours.starts, hours.zone)
        for before in rules.reminders:
            at = polite(begins - before, one, rules)
            if now < at < begins:
                one = one.due(DueKind.REMIND, at, f"{number}-{int(before.total_seconds() // 60)}")
        one = one.due(DueKind.BEGIN, begins, str(number))
        one = one.due(DueKind.END, instant(hours.ends, hours.zone), str(number))
    return one.due(DueKind.CLOSE, one.ends + _AFTERWARDS)


def _can(one: Invitation, now: datetime) -> Outcome:
    if one.over or (not one.weekly and now >= one.ends):
        return one, (_text(one, "invitation_over"),)
    if one.state is InvitationState.YES:
        return one, (_text(one, "invitation_yes"),)
    one = replace(one.to(InvitationState.YES), answered_at=now).without(DueKind.SEND)
    for number, hours in enumerate(one.hours):
        if not one.weekly and instant(hours.starts, hours.zone) <= now < instant(hours.ends, hours.zone):
            one = one.due(DueKind.BEGIN, now, str(number))  # they say so while their hours run
    return one, (AddShifts(), _text(one, "invitation_yes"))


def _cannot(one: Invitation, now: datetime) -> Outcome:
    told = _text(one, "invitation_no")
    if one.state is InvitationState.YES:
        one = replace(one.to(InvitationState.CANNOT), answered_at=now)
        words = f"An interpreter who had said yes to {said_hours(one.hours, 1)} (code {one.code}) now cannot come."
        effects: tuple[Effect, ...] = (RemoveShifts(), told, AlertDispatcher(f"{words} See what is open."))
        if one.signed_on:
            return replace(one, signed_on=False), (SignOff(), *effects)
        return one, effects
    if one.state in (InvitationState.WAITING, InvitationState.ASKED):
        one = replace(one.to(InvitationState.NO), answered_at=now).without(DueKind.SEND)
    return one, (told,)


def _withdrawn(one: Invitation) -> Outcome:
    if one.over:
        return one, ()
    effects: tuple[Effect, ...] = ()
    if one.state in (InvitationState.ASKED, InvitationState.YES):
        effects = (_text(one, "invitation_withdrawn"),)
    if one.state is InvitationState.YES:
        effects = (RemoveShifts(), *((SignOff(),) if one.signed_on else ()), *effects)
    return replace(one.to(InvitationState.WITHDRAWN), dues=(), signed_on=False), effects


def _due_passed(one: Invitation, happened: DuePassed, now: datetime, rules: Rules) -> Outcome:
    due = happened.due
    if due not in one.dues or due.at > now:
        return one, ()  # done already, or moved
    one = one.without(due.kind, due.subject)
    match due.kind:
        case DueKind.SEND:
            return _send(one, now, rules)
        case DueKind.REMIND if one.state is InvitationState.YES:
            number = int(due.subject.partition("-")[0])
            return one, (_text(one, "invitation_reminder", one.hours[number : number + 1]),)
        case DueKind.BEGIN if one.state is InvitationState.YES and happened.off:
            return replace(one, signed_on=True), (SignOn(),)
        case DueKind.END if one.signed_on:
            effects: tuple[Effect, ...] = (SignOff(),) if happened.untouched else ()
            return replace(one, signed_on=False), effects
        case DueKind.CLOSE:
            return _close(one), ()
    return one, ()


def _send(one: Invitation, now: datetime, rules: Rules) -> Outcome:
    if one.state is not InvitationState.WAITING:
        return one, ()
    later = polite(now, one, rules)
    if later > now:
        return one.due(DueKind.SEND, later), ()
    one = replace(one.to(InvitationState.ASKED), asked_at=now)
    return one, (_text(one, "invitation_ask"),)


def _close(one: Invitation) -> Invitation:
    if one.over or (one.weekly and one.state is InvitationState.YES):
        return one
    state = InvitationState.DONE if one.state is InvitationState.YES else InvitationState.LAPSED
    return replace(one.to(state), dues=())


def _after_quiet(moment: datetime, quiet: QuietHours, zone: str) -> datetime:
    local = moment.astimezone(zone_named(zone))
    if quiet.start == quiet.end or not quiet.hold(local.time()):
        return moment
    day = local.date() + timedelta(days=1 if local.time() >= quiet.end else 0)
    return datetime.combine(day, quiet.end, local.tzinfo).astimezone(moment.tzinfo)


def _day_and_clock(at: datetime, zone: str, desk: bool) -> tuple[str, str]:
    """The day, with what stands between it and the time, and the time."""
    if desk:
        return f"{at:%a %d %b} ", f"{at:%H:%M}"
    day, between, clock = said_when(instant(at, zone), zone, "eng").rpartition(", ")
    return day + between, clock


def _text(one: Invitation, key: str, hours: Sequence[Hours] | None = None) -> SendText:
    # The first language is named by the sender's rules (language names are data); the others stand beside it.
    params = {
        "language": one.languages[0],
        "more": f" +{len(one.languages) - 1}" if len(one.languages) > 1 else "",
        "when": said_hours(hours or one.hours),
        "where": f" for people in {one.area}" if one.area else "",
        "code": one.code,
    }
    return SendText(To.INTERPRETER, one.interpreter_id, f"interpreter_{key}", "eng", params)
