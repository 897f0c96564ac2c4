"""`interpreter-dispatch requests ...`: what a dispatcher decides about one request, and why whom was rung.

Each command is an event through the one door, logged, audited and applied as a dispatcher's on the console. What it
causes goes out with the ticker's next round, within seconds.
"""

import json
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console

from dispatch import board, events, varieties
from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.errors import ConfigurationError, DispatchError, RequestUnknown
from dispatch.people import PhoneNumber
from dispatch.policy import ENCOUNTERS
from dispatch.settings import Settings
from dispatch.store import Store
from workers.command_line import BY
from workers.policies import read as read_policy
from workers.roster import opened

requests_app = typer.Typer(no_args_is_help=True, help="Decide about one request: its encounter, exceptions, conflicts.")
_errors = Console(stderr=True)
RequestId = Annotated[str, typer.Argument(help="As on the board.")]


@requests_app.command("why")
def why(request: RequestId) -> None:
    """Who was considered for a request, in order, and why each was or was not rung; JSON."""

    def told(store: Store, desk: Dispatching) -> str:
        with store.reading() as tx:
            if tx.request(request) is None:
                raise RequestUnknown(f"There is no request {request!r}.")
            return json.dumps(board.why(tx, request), ensure_ascii=False, indent=2)

    _do(told)


@requests_app.command("encounter")
def encounter(request: RequestId, kind: str) -> None:
    """Say what the meeting is about (routine, interview, custodial, victim, medical): it sets the credential."""

    def set_it(store: Store, desk: Dispatching) -> str:
        if kind not in ENCOUNTERS:
            raise ConfigurationError(f"{kind!r} is not one of {', '.join(ENCOUNTERS)}.")
        _decide(store, desk, request, events.EncounterSet(kind))
        return f"Request {request} is {kind}."

    _do(set_it)


@requests_app.command("variety")
def variety(
    request: RequestId, name: Annotated[str, typer.Argument(help='Like "Juchitán"; "" for not known.')]
) -> None:
    """Say which variety of the language it is; interpreters of others that are not understood are not rung."""

    def set_it(store: Store, desk: Dispatching) -> str:
        with store.reading() as tx:
            known = tx.request(request)
        if known is None or known.language is None:
            raise RequestUnknown(f"There is no request {request!r} whose language is known.")
        code = varieties.find(known.language, name).code if name.strip() else ""
        _decide(store, desk, request, events.VarietyNamed(code, "the dispatcher"))
        return f"Request {request} is {varieties.named(code or known.language)}."

    _do(set_it)


@requests_app.command("waive")
def waive(request: RequestId, reason: str) -> None:
    """Let somebody without the credential be asked, this once; the reason is kept with the request."""

    def let(store: Store, desk: Dispatching) -> str:
        if not reason.strip():
            raise ConfigurationError("An exception needs its reason, in words.")
        _decide(store, desk, request, events.CredentialWaived(reason))
        return f"An exception is on record for request {request}."

    _do(let)


@requests_app.command("keep-out")
def keep_out(request: RequestId, code: Annotated[str, typer.Argument(help="The interpreter's code.")]) -> None:
    """A conflict of interest: this interpreter is not asked for this request; if their phone rings, it stops."""

    def keep(store: Store, desk: Dispatching) -> str:
        with store.reading() as tx:
            one = tx.interpreter_by_code(code)
        _decide(store, desk, request, events.KeptOut(one.id))
        return f"Interpreter {code} is kept out of request {request}."

    _do(keep)


@requests_app.command("another")
def another(request: RequestId, why: Annotated[str, typer.Option(help="language, known or other.")] = "other") -> None:
    """Another interpreter for a session that goes on; the call stays up."""

    def ring(store: Store, desk: Dispatching) -> str:
        if why not in ("language", "known", "other"):
            raise ConfigurationError(f"--why {why!r} is not one of language, known, other.")
        _decide(store, desk, request, events.AnotherWanted("dispatcher", why))
        return f"Another interpreter is being looked for in request {request}."

    _do(ring)


@requests_app.command("keep-apart")
def keep_apart(code: str, phone: Annotated[str, typer.Argument(help="The requester's number.")], reason: str) -> None:
    """After a complaint: this interpreter is not asked for that requester any more. An empty reason lifts it."""

    def part(store: Store, desk: Dispatching) -> str:
        with store.transaction() as tx:
            one = tx.interpreter_by_code(code)
            requester = tx.requester_by_number(PhoneNumber.parse(phone, Settings().region))
            if requester is None:
                raise RequestUnknown("Nobody with that number has asked for an interpreter here.")
            if reason.strip():
                tx.keep_apart(one.id, requester.id, reason.strip(), desk.now())
                tx.audit(BY, "pair kept apart", f"interpreter {one.code}", "", desk.now())
            else:
                tx.reunite(one.id, requester.id)
                tx.audit(BY, "kept apart no more", f"interpreter {one.code}", "", desk.now())
        return f"Interpreter {code} is {'kept apart from' if reason.strip() else 'asked again for'} that requester."

    _do(part)


def _decide(store: Store, desk: Dispatching, request_id: str, event: events.Event) -> None:
    """Raises RequestUnknown, NotPossibleNow where it changes nothing."""
    with store.reading() as tx:
        known = tx.request(request_id)
    if known is None:
        raise RequestUnknown(f"There is no request {request_id!r}.")
    desk.override(request_id, known.version, event, BY)


def _do(act: Callable[[Store, Dispatching], str]) -> None:
    """Work on the installation's store; what goes wrong is told on standard error, with exit status 1."""
    try:
        settings = Settings()
        store = opened(settings)
        # Nothing is handed to the queue from here: the ticker finds it in the outbox.
        print(act(store, Dispatching(store, SystemClock(), read_policy(settings, None), lambda ids: None)))
    except DispatchError as error:
        _errors.print(str(error), soft_wrap=True, markup=False)
        raise typer.Exit(1) from error
