"""The test call: rings an interpreter's phone, and shows what happens on it while it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import languages, phone_check
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import Console, Visit, back_to
from dispatch.errors import NeedsConfirming, NotPossibleNow, StoreError
from dispatch.people import Interpreter
from dispatch.phone_check import NEXT, CheckState, PhoneCheck

_LOOK_SECONDS = 0.2
_SHOW_SECONDS = 200.0
"""A page that stays open longer than a test call can last is told so and ends its stream."""
SAID = {
    CheckState.QUEUED: "Handing the call to the carrier…",
    CheckState.RINGING: "The phone is ringing…",
    CheckState.ANSWERED: "Picked up: the announcement plays, waiting for the key…",
    CheckState.PRESSED: "Key 1 was pressed.",
    CheckState.NO_KEY: "Picked up, but no key was pressed.",
    CheckState.VOICEMAIL: "A mailbox picked up.",
    CheckState.NO_ANSWER: "Nobody picked up.",
    CheckState.BUSY: "The line is busy.",
    CheckState.FAILED: "The call failed.",
}


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of test calls."""
    pages = PhoneCheckPages(console)
    one = "/console/roster/one/{code}/test-call"
    return [
        Route("/console/test-call", guard(pages.begin, May.CHANGE_ROSTER), methods=["POST"]),
        Route(one, guard(pages.page, May.CHANGE_ROSTER)),
        Route(one, guard(pages.begin, May.CHANGE_ROSTER), methods=["POST"]),
        Route(f"{one}/events", guard.stream(pages.follow, May.CHANGE_ROSTER)),
    ]


class PhoneCheckPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    def page(self, visit: Visit) -> Response:
        """The last test call, live while it goes on."""
        return self._drawn(visit, str(visit.request.path_params["code"]))

    def begin(self, visit: Visit) -> Response:
        """Ring the phone, unless that has to wait or to be confirmed."""
        code = str(visit.request.path_params.get("code") or visit.text("code"))
        with self._store.reading() as tx:
            one = tx.interpreter_by_code(code)
        try:
            self._console.intake.begin_check(one.id, visit.visitor.name, visit.text("confirmed") == "yes")
        except NeedsConfirming as error:
            return self._drawn(visit, code, 409, confirm=str(error))
        except NotPossibleNow as error:
            return self._drawn(visit, code, 409, refused=str(error))
        return back_to(f"/console/roster/one/{one.code}/test-call")

    async def follow(self, visit: Visit) -> AsyncIterator[ServerSentEvent]:
        """The test call, now and at every change, until it is over."""
        code, said = str(visit.request.path_params["code"]), ""
        loop = asyncio.get_running_loop()
        until = loop.time() + _SHOW_SECONDS
        while loop.time() < until and not await visit.request.is_disconnected():
            try:
                told = await run_in_threadpool(self._told, code)
            except StoreError as error:
                told = {"said": str(error), "over": False}
            words = json.dumps(told, ensure_ascii=False)
            if words != said:
                said = words
                yield ServerSentEvent(words, event="check")
            if told["over"]:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _told(self, code: str) -> dict[str, Any]:
        now = self._console.clock.now()
        with self._store.reading() as tx:
            found = tx.phone_check_of(tx.interpreter_by_code(code).id)
        if found is None:
            return {"said": "No test call yet.", "over": True}
        return told_of(phone_check.as_of(found, now))

    def _drawn(self, visit: Visit, code: str, status: int = 200, confirm: str = "", refused: str = "") -> Response:
        with self._store.reading() as tx:
            one = tx.interpreter_by_code(code)
            found = tx.phone_check_of(one.id)
        check = phone_check.as_of(found, visit.now) if found is not None else None
        shown = {
            "one": one,
            "check": check,
            "told": told_of(check) if check is not None else None,
            "languages": _spoken(one),
            "confirm": confirm,
            "refused": refused,
            "phones": self._phones(),
        }
        return self._console.pages.draw("test_call.html", visit, status=status, **shown)

    def _phones(self) -> str:
        told = self._console.settings
        return told.carrier_url if told.local_carrier else ""


def told_of(check: PhoneCheck) -> dict[str, Any]:
    """A test call as the page and its stream show it."""
    told: dict[str, Any] = {
        "state": check.state.value,
        "said": SAID[check.state],
        "words": check.words,
        "over": check.over,
        "good": check.state is CheckState.PRESSED,
        "next": NEXT.get(check.state, ""),
        "steps": [{"said": SAID[state], "at": at.isoformat()} for state, at in check.steps],
    }
    return told


def _spoken(one: Interpreter) -> str:
    first = phone_check.first_language(one)
    return "English" if first == "eng" else f"English and {languages.get(first).english}"
