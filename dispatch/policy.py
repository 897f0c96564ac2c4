"""Waves, waits and escalation steps, as data. Durations are seconds."""

from dataclasses import dataclass, field

from dispatch.request import Urgency
from dispatch.ring_plan import AIMS, Aim, Strategy


@dataclass(frozen=True)
class Policy:
    """How hard and how long to try. Every number is a setting with a reason."""

    ring_at_once: dict[Urgency, int] = field(
        default_factory=lambda: {Urgency.ROUTINE: 2, Urgency.URGENT: 3, Urgency.EMERGENCY: 5}
    )
    """Phones rung together. Two: one missed call does not cost a whole ring; more wears volunteers out."""
    strategy: Strategy | None = None
    """How many are rung at a time, decided by `ring_plan.plan`; None: `ring_at_once`."""
    aims: dict[Urgency, Aim] = field(default_factory=lambda: dict(AIMS))
    """What `strategy` aims at, by urgency."""
    ring_seconds: int = 25
    """About five rings: mailboxes usually pick up after 25 to 30 s."""
    offer_seconds: int = 40
    """Ringing, plus hearing the question twice."""
    identify_seconds: int = 12
    """Speech that has not been worked out by then is asked for through the menu instead."""
    match_again_seconds: int = 20
    """While nobody is free; a new sign-on is noticed at once in any case."""
    connect_seconds: int = 45
    """From acceptance to everybody in the conference; then we ring the requester again, once."""
    check_calls_seconds: int = 60
    """How often a session's calls are compared with the carrier's list, in case its word was lost."""
    check_left_seconds: int = 4
    """The same, after somebody has left the conference."""
    wrap_up_seconds: int = 120
    """Between an interpreter's sessions."""
    hold_music_seconds: int = 12
    """Between announcements; nobody waits more than 20 s without hearing a voice."""
    listens: int = 2
    """How often a caller is asked to speak before the spoken menu."""
    menu_languages: int = 8
    menu_rounds: int = 3
    """How often the spoken menu is read out before a person is brought in."""
    listen_languages: int = 6
    """In how many languages the person beside an officer is asked; each takes about three seconds."""
    requester_calls: int = 2
    """How often an officer who asked by text is rung."""
    agency_languages: tuple[str, ...] = ("eng", "spa", "fra")
    greeting_languages: int = 3
    agency: str = ""
    desk: bool = True
    """Whether there is a duty desk to bring into community calls."""
