"""Whom to ask, waits, waves and escalation steps, as data; durations are seconds. `policy_file` reads an agency's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dispatch.people import Certificate
from dispatch.request import Urgency
from dispatch.ring_plan import AIMS, Adaptive, Aim, Strategy

ENCOUNTERS = ("routine", "interview", "custodial", "victim", "medical")
"""What the meeting is about. It sets which credential the interpreter must have."""

TIERS = {1: "own staff", 2: "contractors", 3: "volunteers", 4: "partner agencies", 5: "vendors' own interpreters"}


@dataclass(frozen=True)
class Weights:
    """What a preference counts when interpreters who all may be asked are put in order. Each measures 0 to 1.

    The defaults: one tier (2.5) outweighs everything but two smaller reasons together, because an agency pays its own
    staff in any case; then who knows the language well; then rest, load and the chance that they pick up at all.
    """

    tier: float = 10.0
    proficiency: float = 4.0
    continuity: float = 3.0
    """Served this requester before."""
    rest: float = 2.0
    """Time since the last offer, full after a day."""
    load: float = 2.0
    """Few offers this week, none left at `busy_week` offers."""
    answers: float = 3.0
    """The chance that they accept, learned from their own history by hour."""
    cost: float = 1.0
    """Cheap, none left at `dear` a minute."""
    busy_week: int = 20
    dear: float = 3.0


class Do(StrEnum):
    """What a step of the escalation does."""

    WIDEN = "widen"
    """Ring more phones at once."""
    NEXT_TIER = "next_tier"
    """Ask the next tier too."""
    RELATED = "related"
    """Ask the person whether they also speak a related language. Only ever a question."""
    RELAY = "relay"
    """Look for two interpreters through a bridge language."""
    VENDOR = "vendor"
    """Call the commercial line."""
    CALLBACK = "callback"
    """Tell them that they may hang up and keep their place."""
    VOICEMAIL = "voicemail"
    """Ask for a message; the dispatcher reads the machine's gist of it."""
    ALERT = "alert"
    """Tell the dispatcher."""


@dataclass(frozen=True)
class Step:
    """One step of the escalation, so many seconds after the search began."""

    after: float
    do: Do


HOLD_PHRASES = (
    "thank you for calling",
    "please hold",
    "please wait",
    "please stay on the line",
    "one moment please",
    "your call is important",
    "all interpreters are",
    "next available interpreter",
    "connecting you",
    "being connected",
    "connect your call",
    "estimated wait",
    "which language",
    "what language",
    "access code",
    "account number",
    "press one",
    "press 1",
    "press zero",
    "press 0",
    "this call may be recorded",
)
"""What commercial lines commonly say before an interpreter is on: common knowledge of their menus, to be adapted."""
HUMAN_PHRASES = (
    "interpreter number",
    "interpreter id",
    "this is interpreter",
    "this is your interpreter",
    "i will be your interpreter",
    "i'll be your interpreter",
    "interpreter speaking",
    "how may i help",
    "how can i help",
    "my name is",
)
"""How interpreters commonly begin: with their number (domain practice), an offer to help, or a name."""


@dataclass(frozen=True)
class Vendor:
    """A commercial interpreting line."""

    name: str
    number: str
    """E.164."""
    digits: str = ""
    """Access code sent as keys once they answer; "w" waits half a second."""
    languages: tuple[str, ...] = ()
    """ISO 639-3; none named: every language."""
    hold_seconds: float = 45.0
    """How long their own hold usually lasts until an interpreter speaks; it counts towards the time to connect. The
    fall-back where nobody has said, and nothing was heard, that an interpreter speaks."""
    listen: bool = True
    """Whether the service listens to their line, in memory, until an interpreter speaks, so that the clock is right."""
    hold_phrases: tuple[str, ...] = HOLD_PHRASES
    """What their menu, operator and announcements say; found in a sentence, it is not an interpreter's."""
    human_phrases: tuple[str, ...] = HUMAN_PHRASES
    """What their interpreters say first."""

    def takes(self, language: str | None) -> bool:
        """Whether this line has that language."""
        return not self.languages or language in self.languages


def _ladder(*steps: tuple[float, Do]) -> tuple[Step, ...]:
    return tuple(Step(after, do) for after, do in steps)


_ESCALATION: dict[Urgency, tuple[Step, ...]] = {
    Urgency.ROUTINE: _ladder(
        (15, Do.WIDEN),
        (30, Do.NEXT_TIER),
        (45, Do.RELATED),
        (60, Do.NEXT_TIER),
        (75, Do.RELAY),
        (90, Do.VENDOR),
        (120, Do.CALLBACK),
        (150, Do.ALERT),
        (600, Do.VOICEMAIL),
    ),
    Urgency.URGENT: _ladder(
        (10, Do.WIDEN),
        (20, Do.NEXT_TIER),
        (30, Do.RELATED),
        (35, Do.NEXT_TIER),
        (45, Do.RELAY),
        (60, Do.VENDOR),
        (75, Do.ALERT),
        (90, Do.CALLBACK),
    ),
    Urgency.EMERGENCY: _ladder(
        (5, Do.WIDEN),
        (8, Do.NEXT_TIER),
        (15, Do.RELAY),
        (20, Do.RELATED),
        (30, Do.VENDOR),
        (30, Do.ALERT),
        (60, Do.CALLBACK),
    ),
}
"""Somebody on call should speak within 30 to 60 s (docs/decisions), so each way out is tried before the next target
time is over; emergencies go through the same ways about twice as fast and never end in a mailbox."""


@dataclass(frozen=True)
class Policy:
    """How hard and how long to try. Every number is a setting with a reason."""

    version: str = "defaults"
    """The agency's own name for this version of its policy; kept with every decision."""
    weights: Weights = Weights()
    credentials: Mapping[str, Certificate] = field(
        default_factory=lambda: {
            "routine": Certificate.NONE,
            "interview": Certificate.TESTED,
            "custodial": Certificate.CERTIFIED,
            "victim": Certificate.TESTED,
            "medical": Certificate.TESTED,
        }
    )
    """What each encounter type asks for: statements taken through untested interpreters have been suppressed in court
    (State v. A.M., New Jersey 2018); custody is where that costs most."""
    first_tiers: Mapping[Urgency, int] = field(
        default_factory=lambda: {Urgency.ROUTINE: 2, Urgency.URGENT: 3, Urgency.EMERGENCY: 5}
    )
    """The last tier that is asked at the beginning; a tier whose betters are all away is asked at once."""
    escalation: Mapping[Urgency, tuple[Step, ...]] = field(default_factory=lambda: dict(_ESCALATION))
    vendors: tuple[Vendor, ...] = ()
    target_seconds: float = 60.0
    """From the first word to an interpreter speaking, for a language with somebody on call."""
    targets: Mapping[str, float] = field(default_factory=lambda: {"spa": 30.0})
    """The same by language (ISO 639-3) where it differs. Calls for tender ask for 30 s in Spanish."""
    ahead: Mapping[Urgency, float] = field(
        default_factory=lambda: {Urgency.ROUTINE: 0.0, Urgency.URGENT: 300.0, Urgency.EMERGENCY: 3600.0}
    )
    """While waiting: how many seconds of waiting an urgency is worth. Nobody starves: an hour outweighs anything."""
    timezone: str = "UTC"
    """IANA name of the agency's own zone, for interpreters without one of their own."""
    calls_per_second: float = 1.0
    """Calls the carrier starts for the whole account; 0 for no limit. One, unless the carrier has raised it."""
    strategy: Strategy = Adaptive()  # noqa: RUF009 (frozen)
    """How many phones ring at once, and when one more (`ring_plan`)."""
    aims: Mapping[Urgency, Aim] = field(default_factory=lambda: dict(AIMS))
    """How soon somebody should have accepted, how surely, and what an interruption is worth."""
    ring_at_once: Mapping[Urgency, int] = field(
        default_factory=lambda: {Urgency.ROUTINE: 10, Urgency.URGENT: 15, Urgency.EMERGENCY: 25}
    )
    """Most phones rung together for one request, whatever the strategy asks for: at one call a second the eleventh
    would begin to ring when the first has stopped being news."""
    ring_seconds: int = 25
    """About five rings: mailboxes usually pick up after 25 to 30 s."""
    offer_seconds: int = 40
    """Ringing, plus hearing the question twice."""
    identify_seconds: int = 12
    """Speech that has not been worked out by then is asked for through the menu instead."""
    match_again_seconds: int = 20
    """While nobody is free; a new sign-on is noticed at once in any case."""
    nobody_left_seconds: float = 2.0
    """With no phone left to ring, the next step of the escalation is taken this soon instead of at its time."""
    writing_offer_seconds: int = 90
    """For the answer to a question by text whether they take a session in writing; then the next are asked."""
    writing_first_seconds: int = 120
    """From their yes to their first words; then somebody else is asked."""
    writing_quiet_minutes: int = 30
    """Without a word from anybody a session in writing is taken to be over."""
    relay_seconds: int = 120
    """How long the first interpreter of a relay is kept while the second is looked for."""
    connect_seconds: int = 45
    """From acceptance to everybody in the conference; then we ring the requester again, once."""
    vendor_quiet_seconds: float = 25.0
    """After a vendor's announcement was heard, their hold is not taken to be over before that long without another:
    announcements on hold usually come every 15 to 20 s."""
    check_calls_seconds: int = 60
    """How often a session's calls are compared with the carrier's list, in case its word was lost."""
    check_left_seconds: int = 4
    """The same, after somebody has left the conference."""
    goodbye_seconds: float = 8.0
    """After a goodbye everybody hangs up within a few seconds; a requester who is still there then was left alone."""
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

    def target(self, language: str | None) -> float:
        """Seconds within which an interpreter of that language should speak."""
        return self.targets.get(language or "", self.target_seconds)

    def late(self, language: str | None, seconds: float | None) -> bool:
        """Whether a request that connected after so many seconds, or never (None), missed its language's target."""
        return seconds is None or seconds > self.target(language)

    def vendor(self, name: str) -> Vendor | None:
        """The vendor line of that name, or None."""
        return next((vendor for vendor in self.vendors if vendor.name == name), None)
