"""How fast the carrier is answered, beside a bare handler that only checks the signature and returns constant TwiML.

    python -m benchmarks.webhook_answer [--requests 1500] [--connections 8]

Both run under uvicorn in a process of their own and get the same signed form posts over kept-open connections, in turn.
"new call" stores a requester, a request, its history and its inbox row in one SQLite transaction; "next prompt" reads
the request and says what the phone hears now.
"""

import argparse
import asyncio
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
from rich.console import Console
from rich.table import Table
from twilio.request_validator import RequestValidator

from dispatch.settings import Settings
from dispatch.store import Store
from voice.signature import Signature, fields
from workers.running import complete, environment_of, wait_until_answers
from workers.supervisor import Supervisor, free_port, own_command

_TOKEN = "local-carrier-token"
_ROUNDS = 3


def serve_bare(port: int) -> None:
    """The yardstick: Starlette, the signature check, constant TwiML."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    signature = Signature(_TOKEN, f"http://127.0.0.1:{port}")

    async def answer(request: Request) -> Response:
        form = fields(await request.body())
        if not signature.genuine(request.url.path, form, request.headers.get("x-twilio-signature", "")):
            return Response(status_code=403)
        return Response("<Response><Say>Hello</Say></Response>", media_type="text/xml")

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route("/voice", answer, methods=["POST"]), Route("/health", health)])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def a_call(base: str, path: str = "/voice", **more: str) -> bytes:
    """One webhook as bytes on the wire, signed; each is a call of its own."""
    form = {
        "CallSid": "CA" + secrets.token_hex(16),
        "From": f"+1617{secrets.randbelow(8_000_000) + 2_000_000}",
        "To": "+16175550100",
        "CallStatus": "ringing",
        "Direction": "inbound",
    } | more
    body = urlencode(form)
    signed = RequestValidator(_TOKEN).compute_signature(base + path, form)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(base).netloc}\r\nX-Twilio-Signature: {signed}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def load(base: str, calls: list[bytes], connections: int) -> tuple[list[float], float]:
    """Send them all; returns each answer's milliseconds, and requests per second over all."""
    waiting = list(calls)
    took: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection(urlsplit(base).hostname, urlsplit(base).port)
        while waiting:
            told = waiting.pop()
            began = time.perf_counter()
            writer.write(told)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise SystemExit(f"not answered well: {head.decode()}")
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l")
            )
            await reader.readexactly(length)
            took.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return took, len(calls) / (time.perf_counter() - began)


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--requests", type=int, default=1500)
    asked.add_argument("--connections", type=int, default=8)
    asked.add_argument("--bare", type=int, default=0, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.bare:
        serve_bare(told.bare)
        return
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder))
        try:
            measure(supervisor, Path(folder), told.requests, told.connections)
        finally:
            supervisor.stop()


def measure(supervisor: Supervisor, folder: Path, requests: int, connections: int) -> None:
    """Bare, new call, next prompt; in turn, several times."""
    settings = complete(supervisor, Settings(_env_file=None, state_dir=folder, bind_port=0), local=True)  # type: ignore[call-arg]
    store = Store(settings.store_url, settings.secret_key.get_secret_value())
    store.migrate()
    web = supervisor.listening.pop("web")
    supervisor.add("web", own_command("web", "--fd", str(web.fileno())), environment_of(settings), (web,))
    port = free_port()
    supervisor.add("bare", [sys.executable, "-m", "benchmarks.webhook_answer", "--bare", str(port)])
    bare, ours = f"http://127.0.0.1:{port}", settings.public_url
    for base in (bare, ours):
        wait_until_answers(f"{base}/health")
    sid = "CA" + "1" * 32
    asyncio.run(load(ours, [a_call(ours, CallSid=sid)], 1))
    with store.reading() as tx:
        request = tx.open_requests()[0]
    store.close()
    prompt = f"/voice/{request.id}/{request.legs[0].id}/prompt?turn=1"
    kinds = {
        "bare handler": lambda: (bare, [a_call(bare) for _ in range(requests)]),
        "new call": lambda: (ours, [a_call(ours) for _ in range(requests)]),
        "next prompt": lambda: (ours, [a_call(ours, prompt, CallSid=sid) for _ in range(requests)]),
    }
    seen: dict[str, list[tuple[list[float], float]]] = {name: [] for name in kinds}
    for _ in range(_ROUNDS):
        for name, make in kinds.items():
            base, calls = make()
            seen[name].append(asyncio.run(load(base, calls, connections)))
    table = Table("webhook", "p50 ms", "p99 ms", "requests/s", "of the bare handler's rate")
    rates = {name: statistics.median(rate for _, rate in runs) for name, runs in seen.items()}
    for name, runs in seen.items():
        took = sorted(ms for times, _ in runs for ms in times)
        table.add_row(
            name,
            f"{statistics.median(took):.2f}",
            f"{took[len(took) * 99 // 100]:.2f}",
            f"{rates[name]:.0f}",
            f"{100 * rates[name] / rates['bare handler']:.0f} %",
        )
    Console(width=100).print(table)
    httpx.get(f"{ours}/health").raise_for_status()


if __name__ == "__main__":
    main()
