"""The web process: carrier webhooks, prompt audio and the console in one Starlette application."""

import socket
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from dispatch import api, calendar_feed, console
from dispatch.api.operations import Parts
from dispatch.clock import SystemClock
from dispatch.console.watching import Watching
from dispatch.errors import StoreError
from dispatch.settings import Settings
from voice import check_webhooks, recordings_page, webhooks
from voice.streams import VendorStreams
from workers.wiring import Service, build, vendor_ear


def create_app(service: Service) -> Starlette:
    """The application for one wired service."""

    async def health(request: HTTPRequest) -> JSONResponse:
        """What works now; 503 while the store does not answer."""
        store, queue = await run_in_threadpool(_health, service)
        return JSONResponse({"store": store, "queue": queue}, status_code=200 if store else 503)

    routes: list[BaseRoute] = [Route("/health", health)]
    hooks = webhooks.Webhooks(service.intake, service.in_force, service.prompt_audio)
    routes += check_webhooks.routes(hooks, service.intake) + hooks.routes()
    routes += VendorStreams(service.intake, service.settings, lambda: vendor_ear(service.settings)).routes()
    watching = Watching(service.store, SystemClock(), service.intake)
    routes += console.routes(
        service.store,
        service.settings,
        SystemClock(),
        service.intake,
        service.queue.healthy,
        [partial(recordings_page.routes, prompt_audio=service.prompt_audio)],
        service.in_force,
        watching,
    )
    parts = Parts(
        service.store,
        service.in_force,
        SystemClock(),
        service.intake,
        service.appointments,
        service.queue.healthy,
    )
    routes += api.routes(parts)
    routes += calendar_feed.routes(service.store, service.in_force, SystemClock())
    return Starlette(routes=routes, lifespan=console.reading_the_board(watching))


def server_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How the application is served; who asks is taken from a reverse proxy only where that one is trusted."""
    return uvicorn.Config(
        app,
        host=settings.bind_host,
        port=settings.bind_port,
        log_level="warning",
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
    )


def serve(settings: Settings, inherited: int = -1) -> None:
    """Run the web process until told to stop, on an inherited listening socket where there is one (its descriptor)."""
    config = server_config(create_app(build(settings)), settings)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=inherited)] if inherited >= 0 else None)


def _health(service: Service) -> tuple[bool, bool]:
    try:
        with service.store.reading() as tx:
            tx.last_seq()
    except StoreError:
        return False, service.queue.healthy()
    return True, service.queue.healthy()
