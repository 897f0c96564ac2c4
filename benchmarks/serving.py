"""An application on a port of this machine, for as long as somebody looks at it: benchmarks, pictures and tests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette


@contextmanager
def serving(app: Starlette, goodbye_seconds: int = 1) -> Iterator[str]:
    """Serve it on a free loopback port from a thread; gives its address, without a slash at the end.

    Connections still open at the end have `goodbye_seconds` to finish.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=goodbye_seconds))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
