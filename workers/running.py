"""Brings a whole installation up on this machine, with or without the local carrier, and waits until it answers."""

import json
import sys
from dataclasses import dataclass

import httpx
import stamina
from pydantic import SecretStr

from dispatch.settings import Settings
from voice.carrier import PATIENCE
from workers import roster
from workers.supervisor import StartFailed, Supervisor, listen, own_command, secret_key, start_queue_server


@dataclass(frozen=True)
class Addresses:
    """Where a running installation answers."""

    console: str
    carrier: str
    """The local carrier's phone page; "" with a real carrier."""


def start(supervisor: Supervisor, settings: Settings, local_carrier: list[str] | None = None) -> Addresses:
    """Start every process for completed `settings` and wait until all answer; `local_carrier` holds its arguments.

    The store is brought up to date first. Raises StartFailed when something does not come up, and ConfigurationError
    where the store belongs to another key.
    """
    roster.opened(settings).close()
    if local_carrier is not None:
        phones = supervisor.listening.pop("carrier")
        supervisor.add("carrier", _carrier_command(settings, phones.fileno(), local_carrier), sockets=(phones,))
    environment = environment_of(settings)
    listening = supervisor.listening.pop("web", None) or listen(settings.bind_host, settings.bind_port)
    supervisor.add("web", own_command("web", "--fd", str(listening.fileno())), environment, (listening,))
    for number in range(settings.workers):
        supervisor.add(f"worker-{number + 1}", own_command("work"), environment)
    for number in range(settings.speech_workers):
        supervisor.add(f"speech-{number + 1}", own_command("work", "--speech"), environment)
    supervisor.add("webhooks", own_command("work", "--webhooks"), environment)
    supervisor.add("ticker", own_command("tick"), environment)
    wait_until_answers(f"http://{settings.bind_host}:{settings.bind_port}/health")
    carrier = settings.carrier_url if local_carrier is not None else ""
    if carrier:
        wait_until_answers(carrier + "/")
    return Addresses(f"{settings.public_url}/console/", carrier)


def environment_of(settings: Settings) -> dict[str, str]:
    """Every setting as an environment variable, for child processes."""
    told: dict[str, str] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None:
            text = json.dumps(value, default=str) if isinstance(value, tuple) else str(value)
            told[f"DISPATCH_{name.upper()}"] = text
    told["DISPATCH_DATABASE_URL"] = settings.store_url
    return told


def wait_until_answers(url: str, seconds: float = 60.0) -> None:
    """Return once `url` answers with success. Raises StartFailed after `seconds`."""
    try:
        for attempt in stamina.retry_context(
            on=httpx.HTTPError, attempts=None, timeout=seconds, wait_initial=0.05, wait_max=0.3
        ):
            with attempt:
                httpx.get(url, timeout=5.0).raise_for_status()
    except httpx.HTTPError as error:
        raise StartFailed(f"{url} does not answer; the log files are in the state folder's logs/.") from error


def complete(supervisor: Supervisor, settings: Settings, local: bool) -> Settings:
    """The settings with what is missing: ports, addresses, a key, and an embedded queue server."""
    state = settings.state_dir.resolve()
    changed: dict[str, object] = {"state_dir": state}
    changed |= {name: getattr(settings, name).resolve() for name in ("cache_dir", "recordings_dir")}
    if local:
        web = listen(settings.bind_host, settings.bind_port, or_any=True)
        phones = listen("127.0.0.1", 4010, or_any=True)
        supervisor.listening |= {"web": web, "carrier": phones}
        changed["bind_port"] = port = web.getsockname()[1]
        changed["public_url"] = f"http://{settings.bind_host}:{port}"
        changed["carrier_url"] = f"http://127.0.0.1:{phones.getsockname()[1]}"
    if not settings.secret_key.get_secret_value():
        changed["secret_key"] = secret_key(state)
    if not settings.redis_url:
        changed["redis_url"] = start_queue_server(supervisor, state)
    return Settings.model_validate({**settings.model_dump(exclude={"store_url"}), **changed})


def _carrier_command(settings: Settings, inherited: int, extra: list[str]) -> list[str]:
    url = settings.public_url
    addresses = [f"{url}{path}{PATIENCE}" for path in ("/voice", "/text", "/voice/status")]
    number = f"{settings.hotline}={','.join(addresses)}"
    told = ["--fd", str(inherited), "--account-sid", settings.account_sid, "--number", number]
    token = ["--auth-token", settings.auth_token.get_secret_value()]
    return [sys.executable, "-m", "voice.local", *told, *token, *extra]
