"""`interpreter-dispatch demo` and `serve`: a whole installation on this machine, with the scenarios or without."""

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from pydantic import SecretStr
from rich.console import Console

from dispatch import roster_files
from dispatch.settings import Settings
from workers import roster, scenarios
from workers.running import Addresses, complete, start
from workers.scenarios import Phones, Step, Timeline
from workers.supervisor import Supervisor, only_one

_SAMPLE = Path(__file__).parent / "sample"
_CALLER = "+16175550150"
_OFFICER = "+16175550101"

_told = Console(stderr=True)


def run_demo(settings: Settings, leave: bool, as_json: bool) -> int:
    """Play both scenarios; returns 0 when both connected, otherwise 1. Without `leave` it then stays until Ctrl-C."""
    settings = _demo_settings(settings)
    with only_one(settings.state_dir, "demo"), _supervised(settings.state_dir / "demo") as supervisor:
        settings = complete(supervisor, settings, local=True)
        for name in ("interpreters.csv", "officers.csv"):
            roster.import_file(settings, (_SAMPLE / name).read_text(encoding="utf-8"))
        with _told.status("starting the service and the local carrier; the first time also the speech model"):
            addresses = start(supervisor, settings, phone_page(settings))
        played = _play(settings, addresses, quiet=as_json)
        for timeline in played:
            if as_json:
                print(json.dumps(timeline.to_json(), ensure_ascii=False))
            elif timeline.missed:
                _told.print(f"[red]{timeline.name}: this did not happen: {timeline.missed}[/red]")
        connected = all(timeline.connected for timeline in played)
        if not leave:
            _stay(supervisor, addresses)
    return 0 if connected else 1


def run_service(settings: Settings, local_carrier: bool) -> None:
    """Run until told to stop."""
    with only_one(settings.state_dir), _supervised(settings.state_dir) as supervisor:
        settings = complete(supervisor, settings, local=local_carrier)
        addresses = start(supervisor, settings, phone_page(settings) if local_carrier else None)
        _stay(supervisor, addresses)


def _demo_settings(settings: Settings) -> Settings:
    """The demo has a store, a queue and an account of its own: it never touches a real installation's."""
    state = settings.state_dir.resolve()
    changed = {
        "state_dir": state,
        "database_url": f"sqlite:///{state / 'demo' / 'dispatch.sqlite3'}",
        "redis_url": "",
        "secret_key": SecretStr(""),
        "account_sid": "AC00000000000000000000000000000000",
        "auth_token": SecretStr("local-carrier-token"),
        "bind_host": "127.0.0.1",
        "console_password": SecretStr(""),
        "hotline": "+16175550100",
        "desk": "+16175550199",
    }
    return settings.model_copy(update=changed)


@contextmanager
def _supervised(folder: Path) -> Iterator[Supervisor]:
    """A supervisor that stops its processes whatever happens. A demo's folder begins empty."""
    if folder.name == "demo":
        shutil.rmtree(folder, ignore_errors=True)
    supervisor = Supervisor(folder)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    try:
        yield supervisor
    except KeyboardInterrupt:
        _told.print("stopping")
    finally:
        supervisor.stop()


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def phone_page(settings: Settings) -> list[str]:
    """What the local carrier's phone page knows: who has which number, and recorded speech to say."""
    people = {_CALLER: "Community member: caller", settings.desk: "Duty desk"}
    officers = roster_files.read_officers((_SAMPLE / "officers.csv").read_text(encoding="utf-8"))
    interpreters = roster_files.read_interpreters((_SAMPLE / "interpreters.csv").read_text(encoding="utf-8"))
    people |= {one.number.e164: f"Officer: {one.name}, {one.unit}" for one in officers}
    people |= {one.number.e164: f"Interpreter: {one.code} {one.name}" for one in interpreters}
    told = ["--samples", str(scenarios.SPEECH)]
    for number, name in people.items():
        told += ["--phone", f"{number}={name}"]
    return told


def _play(settings: Settings, addresses: Addresses, quiet: bool) -> list[Timeline]:
    phones = Phones(addresses.carrier)
    interpreters = roster_files.read_interpreters((_SAMPLE / "interpreters.csv").read_text(encoding="utf-8"))
    numbers = {
        code: [one.number.e164 for one in interpreters if one.speaks(code) is not None] for code in ("hat", "spa")
    }
    shown: set[str] = set()

    def tell(scenario: str, step: Step) -> None:
        if quiet:
            return
        if scenario not in shown:
            shown.add(scenario)
            print(f"\n{scenario}", flush=True)
        print(f"  {step.at:6.2f} s  {step.what}", flush=True)

    def board() -> dict[str, object]:
        answer: dict[str, object] = httpx.get(f"{addresses.console}board.json", timeout=10.0).raise_for_status().json()
        return answer

    hotline, desk = settings.hotline, settings.desk
    try:
        return [
            scenarios.officer_texts(phones, board, hotline, _OFFICER, numbers["hat"], tell),
            scenarios.caller_speaks(phones, board, hotline, _CALLER, desk, numbers["spa"], tell),
        ]
    finally:
        for number in {_OFFICER, _CALLER, desk, *numbers["hat"], *numbers["spa"]}:
            phones.behave(number, answers="hand", press="")
        phones.close()


def _stay(supervisor: Supervisor, addresses: Addresses) -> None:
    _told.print(f"\nConsole      {addresses.console}")
    if addresses.carrier:
        _told.print(f"Phones       {addresses.carrier}/   (be the officer, the caller and the interpreter by hand)")
    _told.print("Ctrl-C stops everything.")
    supervisor.watch()
