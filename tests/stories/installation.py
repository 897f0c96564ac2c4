"""A whole installation for stories: real processes, real queue, real store, real speech model, the local carrier."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from dispatch.clock import SystemClock
from dispatch.settings import Settings
from dispatch.store import Store
from workers import roster
from workers.demo import phone_page
from workers.running import complete, start
from workers.scenarios import Happening, Phones
from workers.supervisor import Supervisor

HOTLINE = "+16175550100"
DESK = "+16175550199"
OFFICER = "+16175550101"
OTHER_OFFICER = "+16175550102"
CALLER = "+16175550150"
ROSA, JEAN, MARIE, LUIS = "+16175550111", "+16175550112", "+16175550113", "+16175550114"
CLAIRE, SAMIRA, YUSUF = "+16175550119", "+16175550122", "+16175550121"
SPEED = 12.0
ROSTER = ("interpreters.csv", "officers.csv")
SAMPLE = Path(__file__).parents[2] / "workers" / "sample"


class Installation:
    """Everything started; `stop` ends it."""

    def __init__(
        self, folder: Path, roster_files: Sequence[str] = ROSTER, speed: float = SPEED, **settings: Any
    ) -> None:
        self.supervisor = Supervisor(folder)
        settings = {"calls_per_second": 0, "policy_file": Path(__file__).parent / "policy.toml"} | settings
        plain = Settings(_env_file=None, state_dir=folder, bind_port=0, **settings)
        self.settings = complete(self.supervisor, plain, local=True)
        for name in roster_files:
            roster.import_file(self.settings, (SAMPLE / name).read_text(encoding="utf-8"))
        told = [*phone_page(self.settings), "--speed", str(speed), "--calls-per-second", "0"]
        self.addresses = start(self.supervisor, self.settings, told)
        self.phones = Phones(self.addresses.carrier, patience_seconds=25.0)
        self.store = Store(self.settings.store_url, self.settings.secret_key.get_secret_value())
        self.console = httpx.Client(base_url=self.addresses.console, timeout=10.0)
        """Where accounts exist it needs the cookies of somebody who is signed in."""
        self._watching = threading.Thread(target=self.supervisor.watch, daemon=True)
        self._watching.start()
        self.quiet_phones()

    def quiet_phones(self) -> None:
        """Every phone back to being used by hand, nobody in wrap-up, events counted from here."""
        for number in (DESK, OFFICER, OTHER_OFFICER, CALLER, ROSA, JEAN, MARIE, LUIS, CLAIRE, SAMIRA, YUSUF):
            self.phones.behave(number, answers="hand", press="", reply="", after=1.0, press_after=1.0, text_error=0)
        self.phones.behave(DESK, answers="yes")
        with self.store.transaction() as tx:
            for one in tx.roster():
                tx.start_wrap_up(one.id, SystemClock().now())
        self.phones.mark()

    def free(self, *numbers: str) -> None:
        """These interpreters' wrap-up is over."""
        with self.store.transaction() as tx:
            for one in tx.roster():
                if one.number.e164 in numbers:
                    tx.start_wrap_up(one.id, SystemClock().now())

    def accepts(self, *numbers: str) -> None:
        """These phones answer by themselves and press 1."""
        for number in numbers:
            self.phones.behave(number, answers="yes", press="1")

    def answers(self, *numbers: str) -> None:
        """These phones answer by themselves and press nothing."""
        for number in numbers:
            self.phones.behave(number, answers="yes", press="")

    def saw(self, kind: str, number: str, **with_: object) -> Happening:
        """Wait for an event of a phone since the story began; `with_` are fields it must have."""

        def found(event: Happening) -> bool:
            fits = all(event.get(name) == value for name, value in with_.items())
            return event["kind"] == kind and event.get("phone") == number and fits

        return self.phones.wait(f"{kind} at {number} {with_ or ''}", found)

    def heard(self, number: str, part: str) -> Happening:
        """Wait until a phone is told something that holds `part`."""
        return self.phones.wait(
            f"{number} hears {part!r}",
            lambda e: (
                e["kind"] in ("said", "text") and e.get("phone") == number and part in e.get("text", e.get("body"))
            ),
        )

    def happened(self, kind: str, number: str) -> list[Happening]:
        """Events of a phone so far in this story, without waiting."""
        return [e for e in self.phones.so_far() if e["kind"] == kind and e.get("phone") == number]

    def board(self) -> dict[str, Any]:
        """What the console shows."""
        return dict(self.console.get("board.json").raise_for_status().json())

    def eventually(self, what: str, holds: Callable[[dict[str, Any]], Any], seconds: float = 30.0) -> Any:
        """Wait until something holds on the board; returns it. The board is looked at, not guessed at."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = holds(self.board())
            except httpx.HTTPError:
                found = None
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"this did not come to hold: {what}; the board: {self.board()}")

    def ends_the_talk(self, number: str) -> None:
        """Hang up, once the service knows that the two talk: it learns so a moment after their phones do."""
        self.eventually("they talk", lambda board: [one for one in board["open"] if one["state"] == "connected"])
        self.phones.do(number, "hang-up")

    def ended(self, state: str) -> dict[str, Any]:
        """Wait until nothing is open any more; the last request must have ended in that state."""
        board = self.eventually("nothing is open", lambda b: b if not b["open"] and b["recent"] else None)
        assert board["recent"][0]["state"] == state, board["recent"][0]
        engaged = [one for one in board["roster"] if one["status"] in ("in a session", "being rung")]
        assert not engaged
        return dict(board["recent"][0])

    def kill(self, name: str) -> None:
        """`kill -9` of one process; the supervisor notices by itself."""
        child = next(child for child in self.supervisor.children if child.name == name)
        assert child.process is not None
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()

    def clear(self) -> None:
        """End what is open, so that the next story begins from nothing."""
        with self.store.reading() as tx:
            opened = tx.open_requests()
            requesters = tx.requesters([request.requester_id for request in opened])
        for request in opened:
            self.phones.do(requesters[request.requester_id].number.e164, "text", to=HOTLINE, body="drop")
        self.eventually("nothing is open", lambda b: not b["open"])

    def stop(self) -> None:
        """End every process."""
        self.supervisor.request_stop()
        self._watching.join()
        self.phones.close()
        self.console.close()
        self.supervisor.stop()
        self.store.close()
