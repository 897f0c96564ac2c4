"""What follows a session: whether and when to ask for a rating, and to thank a volunteer.

Plain functions of what is known, `now` and the rules. Nobody is texted at night, on a telephone that cannot read, after
they said no, after a complaint, or too often.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import phonenumbers

from dispatch.people import Interpreter, PhoneNumber, QuietHours
from dispatch.shifts import zone_named

ASK_AFTER = timedelta(seconds=60)
"""The phone is still in the hand, and the text about the end of the call has been read."""
LOOK_AGAIN = timedelta(minutes=10)
COMPLAINT_COUNTS = timedelta(days=90)
"""Whoever complained hears from a person, not from a form, for that long."""
NO_TEXTS = frozenset({21211, 21214, 21610, 21612, 21614, 30005, 30006})
"""Carrier codes that mean: texts do not reach this number, or are not wanted there (Twilio's error dictionary)."""
_WITHOUT_TEXTS = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PAGER,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    }
)


@dataclass(frozen=True)
class QualityRules:
    """How the agency follows up. Settings, with reasons."""

    ask: bool = True
    every: timedelta = timedelta(days=7)
    """One person is asked at most that often: an officer has many sessions a week."""
    window: timedelta = timedelta(hours=24)
    """How long a bare number counts as the answer, and how old a session may be that is asked about."""
    quiet: QuietHours = field(default_factory=lambda: QuietHours(time(21), time(8)))
    zone: str = "UTC"
    """Where the agency is, for people whose own zone is not known."""
    thanked_tiers: tuple[int, ...] = (3,)
    """Volunteers: the others are paid."""
    reminder_days: tuple[int, ...] = (60, 30, 7)
    """Before a certificate ends: a test date takes weeks to get."""
    words_kept: timedelta = timedelta(days=90)
    """What people wrote is forgotten after that; the number stays."""
    task_words_kept: timedelta = timedelta(days=365)
    """The same for tasks, from their end on."""


@dataclass(frozen=True)
class Verdict:
    """Do it now, or later (`at`), or never; why, in words."""

    now: bool = False
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Asked:
    """What is known of somebody who could be asked."""

    number: PhoneNumber
    ended_at: datetime
    last_asked: datetime | None = None
    refused: frozenset[str] = frozenset()
    """Why they are not to be texted: "said no", "cannot read"."""
    complained: bool = False
    busy: bool = False
    """They have a request open."""


def may_ask(one: Asked, now: datetime, rules: QualityRules) -> Verdict:
    """Whether to ask this requester how the session was."""
    never = (
        (not rules.ask, "ratings are switched off"),
        (one.number.withheld, "number withheld"),
        (not takes_texts(one.number), "a landline"),
        ("said no" in one.refused, "asked not to be asked"),
        ("cannot read" in one.refused, "texts do not reach them"),
        (one.complained, "complained: a person speaks with them"),
        (one.last_asked is not None and now - one.last_asked < rules.every, "asked lately"),
        (now - one.ended_at > rules.window, "too long ago"),
    )
    against = next((reason for holds, reason in never if holds), "")
    if against:
        return Verdict(reason=against)
    if one.busy:
        return Verdict(at=now + LOOK_AGAIN, reason="they have another request open")
    return _by_day(now, rules.quiet, rules.zone)


def may_thank(
    one: Interpreter, refused: frozenset[str], ended_at: datetime, now: datetime, rules: QualityRules
) -> Verdict:
    """Whether to thank this interpreter for a session."""
    never = (
        (one.tier not in rules.thanked_tiers, "not a volunteer"),
        ("said no" in refused, "asked not to be texted"),
        (now - ended_at > rules.window, "too long ago"),
    )
    against = next((reason for holds, reason in never if holds), "")
    if against:
        return Verdict(reason=against)
    if one.engaged:
        return Verdict(at=now + LOOK_AGAIN, reason="they are in another session")
    return _by_day(now, one.terms.quiet or rules.quiet, one.terms.timezone or rules.zone)


def takes_texts(number: PhoneNumber) -> bool:
    """Whether texts may reach that number, as far as its digits say. North America's do not tell."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number.e164)) not in _WITHOUT_TEXTS
    except phonenumbers.NumberParseException:
        return False


def day_begins(now: datetime, quiet: QuietHours, zone: str) -> datetime:
    """`now`, or the next end of the quiet hours where it lies within them."""
    local = now.astimezone(zone_named(zone))
    if not quiet.hold(local.time()):
        return now
    day = local.date() if local.time() < quiet.end else local.date() + timedelta(days=1)
    return max(datetime.combine(day, quiet.end, zone_named(zone)).astimezone(now.tzinfo), now + timedelta(minutes=1))


def _by_day(now: datetime, quiet: QuietHours, zone: str) -> Verdict:
    at = day_begins(now, quiet, zone)
    return Verdict(now=True) if at == now else Verdict(at=at, reason="quiet hours")
