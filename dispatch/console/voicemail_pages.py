"""Callers' messages: a dispatcher who has read one and called back says so; then its words are forgotten."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import message_deeds
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The messages' address."""
    address = "/console/requests/{id}/messages/{message}/handled"
    return [Route(address, guard(VoicemailPages(console).handled, May.ACT), methods=["POST"])]


class VoicemailPages:
    """The handler."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    def handled(self, visit: Visit) -> Response:
        """The message is seen to: who said so is written down, and its words are gone. Twice is harmless."""
        request_id = str(visit.request.path_params["id"])
        message_id = str(visit.request.path_params["message"])
        with self._store.transaction() as tx:
            message_deeds.handled(tx, request_id, message_id, visit.visitor.name, visit.now)
        return back_to(f"/console/requests/{request_id}")
