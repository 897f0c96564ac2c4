"""The two scenarios of the demo, played on the local carrier's phones with real speech, and timed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from dispatch.errors import DispatchError

SPEECH = Path(__file__).parent / "sample" / "speech"
_PATIENCE_SECONDS = 60.0
_TALK_SECONDS = 3.0

Happening = dict[str, Any]


class StepMissed(DispatchError):
    """A step of a scenario did not happen in time; the message names it."""


@dataclass(frozen=True)
class Step:
    """One line of a timeline: what happened, and when (seconds since the scenario began)."""

    what: str
    at: float


@dataclass
class Timeline:
    """What happened in one scenario."""

    name: str
    steps: list[Step] = field(default_factory=list)
    missed: str = ""

    @property
    def connected(self) -> bool:
        """Whether every step happened."""
        return not self.missed

    def to_json(self) -> dict[str, object]:
        """As plain values; `seconds` since the step before."""
        before = [0.0, *(step.at for step in self.steps)]
        return {
            "scenario": self.name,
            "connected": self.connected,
            "missed": self.missed or None,
            "steps": [
                {"what": step.what, "at": round(step.at, 2), "seconds": round(step.at - earlier, 2)}
                for step, earlier in zip(self.steps, before, strict=False)
            ],
        }


class Phones:
    """The simulated phones, by the local carrier's control API."""

    def __init__(self, carrier_url: str, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """`patience_seconds`: how long `wait` waits for a step."""
        self._patience = patience_seconds
        self._http = httpx.Client(base_url=carrier_url, timeout=40.0)
        self._seen = self.newest()

    def newest(self) -> int:
        """The number of the newest event."""
        events = self._http.get("/events", params={"after": 0}).raise_for_status().json()
        return int(events[-1]["n"]) if events else 0

    def do(self, number: str, act: str, **told: object) -> None:
        """Make a phone do something."""
        self._http.post(f"/phones/{quote(number)}/{act}", json=told).raise_for_status()

    def behave(self, number: str, **told: object) -> None:
        """Set what a phone does by itself."""
        self._http.post(f"/phones/{quote(number)}", json=told).raise_for_status()

    def speak(self, number: str, wav: bytes) -> None:
        """Say a recording into a phone."""
        self._http.post(
            f"/phones/{quote(number)}/speak", content=wav, headers={"content-type": "audio/wav"}
        ).raise_for_status()

    def faults(self, **told: object) -> None:
        """Make the carrier misbehave."""
        self._http.post("/faults", json=told).raise_for_status()

    def mark(self) -> None:
        """Look only at what happens from here on."""
        self._seen = self.newest()

    def so_far(self) -> list[Happening]:
        """Everything since the mark."""
        answer = self._http.get("/events", params={"after": self._seen}).raise_for_status()
        return [dict(event) for event in answer.json()]

    def wait(self, what: str, found: Callable[[Happening], bool], after: float = 0.0) -> Happening:
        """The first event since the mark that `found` accepts. Raises StepMissed naming `what`."""
        deadline = time.monotonic() + self._patience
        seen = self._seen
        while time.monotonic() < deadline:
            for event in self._http.get("/events", params={"after": seen, "wait": 5}).raise_for_status().json():
                seen = event["n"]
                if event["at"] >= after and found(event):
                    return dict(event)
        raise StepMissed(what)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


class Play:
    """One scenario as it runs: every step is a line of its timeline."""

    def __init__(self, name: str, phones: Phones, tell: Callable[[str, Step], None]) -> None:
        self.timeline = Timeline(name)
        self._phones = phones
        self._tell = tell
        self._began = time.time()

    def did(self, what: str) -> None:
        """Note what we just did ourselves."""
        self._note(what, time.time())

    def expect(self, what: str, found: Callable[[Happening], bool]) -> Happening:
        """Wait for something to happen, and note when it did. Raises StepMissed."""
        event = self._phones.wait(what, found)
        self._note(what, float(event["at"]))
        return event

    def _note(self, what: str, at: float) -> None:
        step = Step(what, at - self._began)
        self.timeline.steps.append(step)
        self._tell(self.timeline.name, step)


@contextmanager
def _played(play: Play) -> Iterator[None]:
    try:
        yield
    except StepMissed as missed:
        play.timeline.missed = str(missed)


def officer_texts(
    phones: Phones,
    board: Callable[[], Happening],
    hotline: str,
    officer: str,
    interpreters: list[str],
    tell: Callable[[str, Step], None],
) -> Timeline:
    """An officer texts for Haitian Creole; both are brought together; the request completes when the officer leaves."""
    for number in interpreters:
        phones.behave(number, answers="yes", after=2.0, press="1", press_after=3.0)
    phones.behave(officer, answers="yes", after=2.0)
    phones.mark()
    play = Play("An officer texts", phones, tell)
    with _played(play):
        phones.do(officer, "text", to=hotline, body="need haitian creole at 5th & Main, urgent")
        play.did("the officer texts: need haitian creole at 5th & Main, urgent")
        play.expect("an interpreter's phone rings", lambda e: e["kind"] == "ringing" and e["phone"] in interpreters)
        play.expect(
            "the officer reads which language it is and what happens next",
            lambda e: _is(e, "text", officer) and "Haitian Creole" in e["body"] and "5th & Main" in e["body"],
        )
        play.expect("an interpreter presses 1", lambda e: e["kind"] == "pressed" and e["digits"] == "1")
        play.expect("the officer's phone rings", lambda e: _is(e, "ringing", officer))
        room, interpreter = _both_in(play, interpreters, officer)
        time.sleep(_TALK_SECONDS)
        phones.do(officer, "hang-up")
        play.did("the officer hangs up")
        play.expect("the interpreter's call ends", lambda e: _is(e, "ended", interpreter))
        _completed(play, board, room)
    return play.timeline


def caller_speaks(
    phones: Phones,
    board: Callable[[], Happening],
    hotline: str,
    caller: str,
    desk: str,
    interpreters: list[str],
    tell: Callable[[str, Step], None],
) -> Timeline:
    """A community member calls and speaks Spanish; caller, interpreter and duty desk are brought together."""
    for number in interpreters:
        phones.behave(number, answers="yes", after=2.0, press="1", press_after=3.0)
    phones.behave(desk, answers="yes", after=2.0)
    phones.mark()
    play = Play("A community member calls", phones, tell)
    with _played(play):
        phones.do(caller, "call", to=hotline)
        play.did("the caller dials the hotline")
        play.expect("the caller is greeted", lambda e: e["kind"] in ("said", "playing") and e["phone"] == caller)
        play.expect("the hotline listens", lambda e: _is(e, "recording", caller))
        phones.speak(caller, (SPEECH / "spanish.wav").read_bytes())
        play.expect("the caller has spoken (Spanish, 6.6 s)", lambda e: _is(e, "spoke", caller))
        recorded = play.expect("silence ends the recording", lambda e: _is(e, "recorded", caller))
        play.expect(
            "the caller hears Spanish",
            lambda e: _is(e, "said", caller) and e["language"].startswith("es") and e["at"] > recorded["at"],
        )
        play.expect("an interpreter's phone rings", lambda e: e["kind"] == "ringing" and e["phone"] in interpreters)
        play.expect("an interpreter presses 1", lambda e: e["kind"] == "pressed" and e["digits"] == "1")
        play.expect("the duty desk's phone rings", lambda e: _is(e, "ringing", desk))
        room, interpreter = _both_in(play, interpreters, caller)
        play.expect("the duty desk is in the conference", lambda e: _is(e, "joined", desk) and e["conference"] == room)
        time.sleep(_TALK_SECONDS)
        phones.do(caller, "hang-up")
        play.did("the caller hangs up")
        play.expect("the interpreter's call ends", lambda e: _is(e, "ended", interpreter))
        _completed(play, board, room)
    return play.timeline


def _both_in(play: Play, interpreters: list[str], requester: str) -> tuple[str, str]:
    """The conference, and which interpreter is in it: of several who press 1 at once the one whose key came first."""
    joined = play.expect(
        "the interpreter is in the conference", lambda e: e["kind"] == "joined" and e["phone"] in interpreters
    )
    room = str(joined["conference"])
    play.expect(
        f"{play.timeline.name.split()[1]} and interpreter are in one conference",
        lambda e: _is(e, "joined", requester) and e["conference"] == room,
    )
    return room, str(joined["phone"])


def _completed(play: Play, board: Callable[[], Happening], room: str) -> None:
    """The conference is named after its request; the console's own board says how that stands."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        shown = board()
        done = any(one["id"] == room and one["state"] == "completed" for one in shown["recent"])
        if done and not any(one["status"] == "in a session" for one in shown["roster"]):
            play.did("the request is completed and the interpreter free")
            return
        time.sleep(0.05)
    raise StepMissed("the request is completed and the interpreter free")


def _is(event: Happening, kind: str, number: str) -> bool:
    return event["kind"] == kind and event.get("phone") == number
