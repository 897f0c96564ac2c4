"""Run the local carrier: `python -m voice.local --port 4010 --number +16175550100=VOICE_URL,TEXT_URL`."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from starlette.applications import Starlette

from voice.local.callbacks import Callbacks
from voice.local.calling import Calling
from voice.local.control import Control
from voice.local.exchange import Exchange, Line, sid
from voice.local.rest import Rest
from voice.local.texting import Texting


def create_app(exchange: Exchange, samples: Path | None = None, names: dict[str, str] | None = None) -> Starlette:
    """The carrier as one application: REST API, control and phone page."""
    callbacks = Callbacks(exchange)
    calling = Calling(exchange, callbacks)
    texting = Texting(exchange, callbacks)

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        yield
        await calling.close()
        await exchange.close()
        await callbacks.close()

    control = Control(exchange, calling, texting, samples, names or {})
    return Starlette(routes=Rest(exchange, calling, texting).routes() + control.routes(), lifespan=living)


def run(
    port: Annotated[int, typer.Option(help="Where it listens on 127.0.0.1.")] = 4010,
    fd: Annotated[int, typer.Option(help="An inherited listening socket, instead.")] = -1,
    account_sid: Annotated[str, typer.Option()] = "AC00000000000000000000000000000000",
    auth_token: Annotated[str, typer.Option()] = "local-carrier-token",
    number: Annotated[list[str] | None, typer.Option(help="NUMBER=VOICE_URL,TEXT_URL[,STATUS_URL]")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="NUMBER=NAME, for the phone page.")] = None,
    samples: Annotated[Path | None, typer.Option(help="Folder of WAV files that phones can speak.")] = None,
    speed: Annotated[float, typer.Option(help="Above 1, simulated seconds pass faster.")] = 1.0,
    calls_per_second: Annotated[float, typer.Option(help="Pace of call starts; 0 for no limit.")] = 1.0,
) -> None:
    """Run the local carrier until told to stop."""
    exchange = Exchange(account_sid, auth_token, speed, calls_per_second)
    for told in number or []:
        hotline, _, urls = told.partition("=")
        voice_url, text_url, status_url = [*urls.split(","), ""][:3]
        exchange.lines[hotline] = Line(sid("PN"), hotline, voice_url, text_url, status_url)
    names = dict(told.split("=", 1) for told in phone or [])
    app = create_app(exchange, samples, names)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)] if fd >= 0 else None)


if __name__ == "__main__":
    typer.run(run)
