"""What the local carrier holds: numbers, phones, calls, messages, conferences, recordings, and what happened."""

import asyncio
import secrets
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
RATE = 8_000
"""Hz of every phone's audio, 16-bit mono."""


def sid(prefix: str) -> str:
    """A new carrier id: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def now() -> datetime:
    """The carrier's clock."""
    return datetime.now(UTC)


@dataclass
class Behaviour:
    """What a simulated phone does by itself. Seconds are simulated ones."""

    answers: str = "hand"
    """ "hand" (waits for the control API), "yes", "no" (rings out), "busy", "voicemail"."""
    after: float = 2.0
    """Seconds of ringing before it is answered by itself."""
    press: str = ""
    """Digits pressed, one for each question asked."""
    press_after: float = 2.0
    hang_up_after: float = 0.0
    """Seconds after being answered; 0 never."""
    says: list[dict[str, Any]] = field(default_factory=list)
    """What it plays once it is answered, one after the other: {"sample": name} of a recording, {"text": sentence} by
    espeak-ng, {"music": seconds}, {"silence": seconds}. A vendor's menu, hold music, and then a person."""
    reply: str = ""
    """Text sent back to every text that arrives."""
    text_error: int = 0
    """The carrier's error code for every text to this phone; 0 delivers."""


@dataclass
class Phone:
    """A simulated phone."""

    number: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    texts: list[dict[str, Any]] = field(default_factory=list)
    unsubscribed: bool = False
    current: str = ""
    """Sid of the call it is in or that rings it."""
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    decline: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Line:
    """A number of the account's own and where its webhooks go."""

    sid: str
    number: str
    voice_url: str
    text_url: str
    status_url: str = ""
    created: datetime = field(default_factory=now)


@dataclass
class Call:
    """One call: a phone on one end, TwiML on the other."""

    sid: str
    phone: str
    to: str
    from_: str
    direction: str
    """ "inbound", "outbound-api" or "outbound-dial"."""
    url: str = ""
    method: str = "POST"
    twiml: str = ""
    """The first document, where it came with the call instead of an address."""
    status: str = "queued"
    status_url: str = ""
    status_events: tuple[str, ...] = ("completed",)
    machine_url: str = ""
    send_digits: str = ""
    """Keys that the carrier presses once the call is answered; "w" waits half a second."""
    ring_seconds: float = 60.0
    parent: str | None = None
    answered_by: str | None = None
    created: datetime = field(default_factory=now)
    started: datetime | None = None
    ended: datetime | None = None
    seconds: int | None = None
    """How long it was talked, in simulated seconds; known once it is over."""
    heard: list[dict[str, Any]] = field(default_factory=list)
    digits: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    speech: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    """What the person says: 16-bit PCM at RATE, one piece each time they speak."""
    doing: str = ""
    """The TwiML verb being executed."""
    conference: str = ""
    task: asyncio.Task[None] | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    bridged: asyncio.Event = field(default_factory=asyncio.Event)
    stream_tasks: list[asyncio.Task[None]] = field(default_factory=list)
    stream_queues: list[asyncio.Queue[bytes]] = field(default_factory=list)


@dataclass
class Participant:
    """One call in a conference."""

    call_sid: str
    label: str | None
    starts: bool
    ends: bool
    muted: bool = False
    hold: bool = False
    joined: datetime = field(default_factory=now)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    hears: asyncio.Future[None] | None = None
    """What is played to them while they are on hold, or until the conference starts."""


@dataclass
class Conference:
    """Several calls in one room."""

    sid: str
    name: str
    status_url: str = ""
    status_events: frozenset[str] = frozenset()
    status: str = "init"
    participants: dict[str, Participant] = field(default_factory=dict)
    sequence: int = 0
    created: datetime = field(default_factory=now)
    reason: str | None = None
    ended_by: str | None = None


@dataclass
class Recording:
    """What a caller said, as WAV bytes."""

    sid: str
    call_sid: str
    wav: bytes
    seconds: float
    created: datetime = field(default_factory=now)


@dataclass
class Message:
    """One text."""

    sid: str
    from_: str
    to: str
    body: str
    direction: str
    status: str
    error: int | None = None
    created: datetime = field(default_factory=now)


class Exchange:
    """Everything the local carrier knows."""

    def __init__(self, account_sid: str, auth_token: str, speed: float, calls_per_second: float) -> None:
        """`speed` above 1 makes simulated seconds shorter; `calls_per_second` paces call starts, 0 does not."""
        self._beside: set[asyncio.Task[None]] = set()
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.speed = speed
        self.calls_per_second = calls_per_second
        self.deliveries = 1
        """How often each status callback is sent: more than once tests that repeats are harmless."""
        self.samples: dict[str, Path] = {}
        """Recordings that phones can speak, by name."""
        self.lines: dict[str, Line] = {}
        self.phones: dict[str, Phone] = {}
        self.calls: dict[str, Call] = {}
        self.conferences: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.messages: dict[str, Message] = {}
        self.queues: dict[str, deque[str]] = {}
        self.events: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._next_start = 0.0

    async def sleep(self, seconds: float) -> None:
        """Simulated seconds."""
        await asyncio.sleep(max(seconds, 0.0) / self.speed)

    def soon(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine beside everything else, and keep hold of it."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task

    async def close(self) -> None:
        """Drop whatever is still on its way."""
        left = list(self._beside)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def phone(self, number: str) -> Phone:
        """The phone with that number; every number has one."""
        if number not in self.phones:
            self.phones[number] = Phone(number)
        return self.phones[number]

    def happened(self, kind: str, **told: Any) -> None:
        """Note an event for whoever watches."""
        self.events.append({"n": len(self.events) + 1, "at": now().timestamp(), "kind": kind, **told})
        self._wake = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def events_after(self, number: int, wait_seconds: float) -> list[dict[str, Any]]:
        """Events later than `number`; waits (in real seconds) for one when there is none yet."""
        if len(self.events) > number or not wait_seconds:
            return self.events[number:]
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: len(self.events) > number), wait_seconds)
            except TimeoutError:
                return []
        return self.events[number:]

    async def turn_to_start(self) -> None:
        """Wait for this call's turn: the carrier starts so many a second and no more."""
        if not self.calls_per_second:
            return
        loop = asyncio.get_running_loop()
        start = max(loop.time(), self._next_start)
        self._next_start = start + 1.0 / self.calls_per_second / self.speed
        await asyncio.sleep(start - loop.time())

    def conference(self, name_or_sid: str) -> Conference | None:
        """The conference with that sid, or the newest of that name that goes on."""
        if name_or_sid in self.conferences:
            return self.conferences[name_or_sid]
        open_ones = [c for c in self.conferences.values() if c.name == name_or_sid and c.status != "completed"]
        return open_ones[-1] if open_ones else None
