"""Tasks: what is open, who has it, what was done; and what people's ratings come to."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import board, languages, quality_tasks, ratings, task_deeds
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import HEADERS, Console, Visit, back_to
from dispatch.errors import DispatchError, NotPossibleNow, RequestUnknown, StoreError, UnknownInterpreter
from dispatch.people import Interpreter
from dispatch.policy import ENCOUNTERS
from dispatch.quality_tasks import Outcome, Source, Task
from dispatch.store import Transaction
from dispatch.suppression import SMALLEST_SHOWN
from dispatch.task_deeds import LONGEST_NOTE

_DAYS = (30, 90, 365)


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of tasks and ratings."""
    pages = TaskPages(console)
    return [
        Route("/console/tasks", guard(pages.page, May.TASKS)),
        Route("/console/tasks/version", guard(pages.count, May.TASKS)),
        Route("/console/tasks/{id}", guard(pages.one, May.TASKS)),
        Route("/console/tasks/{id}/{deed}", guard(pages.act, May.TASKS), methods=["POST"]),
        Route("/console/requests/{id}/task", guard(pages.make, May.ACT), methods=["POST"]),
        Route("/console/ratings", guard(pages.ratings, May.REPORTS)),
    ]


class TaskPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store
        self._draw = console.pages.draw
        self._deeds: dict[str, Callable[[Transaction, Task, Visit], None]] = {
            "assign": _assign,
            "note": _note,
            "close": _close,
            "apart": _keep_apart,
            "hold": _hold,
            "clear": _clear,
        }

    # -- looking -------------------------------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        """What is open, or was."""
        closed, roster_only = visit.asked("show") == "closed", _roster_only(visit)
        with self._store.reading() as tx:
            found = tx.closed_tasks(roster_only) if closed else tx.open_tasks(roster_only)
        ordered = found if closed else quality_tasks.in_order(found, visit.visitor.name, visit.now)
        return self._draw("tasks.html", visit, tasks=ordered, closed=closed, now=visit.now)

    def count(self, visit: Visit) -> Response:
        """How many are open, for the number beside the page's name."""
        with self._store.reading() as tx:
            found = tx.open_tasks(_roster_only(visit))
        told = {"open": len(found), "overdue": sum(task.overdue(visit.now) for task in found)}
        return JSONResponse(told, headers=HEADERS)

    def one(self, visit: Visit) -> Response:
        """A task with everything about it."""
        return self._shown(visit)

    def ratings(self, visit: Visit) -> Response:
        """By language, small counts told together."""
        days = int(visit.asked("days")) if visit.asked("days") in map(str, _DAYS) else 90
        since = visit.now - timedelta(days=days)
        with self._store.reading() as tx:
            rated, asked = tx.rated_between(since, visit.now), tx.asked_between(since, visit.now)
        rows = [(_names(row.languages), row) for row in ratings.by_language(rated)]
        shown: dict[str, Any] = {
            "rows": rows,
            "asked": asked,
            "given": len(rated),
            "days": days,
            "smallest": SMALLEST_SHOWN,
        }
        return self._draw("ratings.html", visit, **shown)

    # -- doing ---------------------------------------------------------------------------------------------------------

    def act(self, visit: Visit) -> Response:
        """Do it, unless somebody else was quicker."""
        deed, task_id = str(visit.request.path_params["deed"]), str(visit.request.path_params["id"])
        try:
            if deed == "call-back":
                return self._call_back(visit)
            way = self._deeds.get(deed)
            if way is None:
                raise NotPossibleNow("There is no such action.")
            with self._store.transaction() as tx:
                way(tx, _known(tx, visit), visit)
        except StoreError:
            raise
        except DispatchError as error:
            return self._shown(visit, problem=str(error), status=409)
        return back_to(f"/console/tasks/{task_id}")

    def _call_back(self, visit: Visit) -> Response:
        with self._store.reading() as tx:
            task = _known(tx, visit)
        if task.request_id is None:
            raise NotPossibleNow("This task is about no request; there is nobody to call back.")
        again = self._console.intake.call_back(task.request_id, visit.visitor.name)
        with self._store.transaction() as tx:
            tx.note_task(task.id, visit.visitor.name, "Called back.", visit.now)
        return back_to(f"/console/requests/{again.id}")

    def make(self, visit: Visit) -> Response:
        """A dispatcher asks for a request to be looked into."""
        request_id, words = str(visit.request.path_params["id"]), visit.text("words")[:LONGEST_NOTE]
        if not words:
            raise NotPossibleNow("Write down what somebody has to see to.")
        with self._store.transaction() as tx:
            request = tx.request(request_id)
            if request is None:
                raise RequestUnknown("There is no such request here any more.")
            task = quality_tasks.make(
                Source.DISPATCHER,
                secrets.token_hex(6),
                f"dispatcher:{secrets.token_hex(8)}",
                visit.now,
                words=words,
                made_by=visit.visitor.name,
                request_id=request.id,
                requester_id=request.requester_id,
                interpreter_id=request.spoken_by,
            )
            tx.add_task(task)
            tx.audit(visit.visitor.name, "task made", f"task {task.id}", f"request {request_id}", visit.now)
        return back_to(f"/console/tasks/{task.id}")

    # -- showing -------------------------------------------------------------------------------------------------------

    def _shown(self, visit: Visit, problem: str = "", status: int = 200) -> Response:
        with self._store.reading() as tx:
            try:
                task = _known(tx, visit)
            except RequestUnknown as error:
                return self._console.pages.say(visit, "No such task", str(error), 404)
            asked = tx.requester(task.requester_id) if task.requester_id else None
            one = _interpreter(tx, task)
            request = tx.request(task.request_id) if task.request_id else None
            words = task_deeds.words_of(tx, task)
            held = sorted(tx.holds([one.id]).get(one.id, {}).items()) if one is not None else []
            apart = tx.apart_from(asked.id).get(one.id, "") if asked is not None and one is not None else ""
            people = [account.name for account in tx.account_names() if May.TASKS in account.may]
            notes = tx.notes_of_task(task.id)
        may = visit.visitor.may
        withheld = asked is not None and asked.number.withheld
        return self._draw(
            "task.html",
            visit,
            status=status,
            task=task,
            now=visit.now,
            problem=problem,
            asked=board.who(asked) if asked is not None else "",
            one=one,
            held=held,
            apart=apart,
            words=words,
            notes=notes,
            people=people or [visit.visitor.name],
            outcomes=list(Outcome),
            encounters=ENCOUNTERS,
            can={
                "call_back": May.ACT in may and request is not None and request.over and not withheld,
                "apart": one is not None and asked is not None and not apart,
                "hold": one is not None and not any(encounter == "" for encounter, _ in held),
            },
        )


def _roster_only(visit: Visit) -> bool:
    """Who keeps the roster sees no request, and no task about one."""
    return May.WATCH not in visit.visitor.may


def _known(tx: Transaction, visit: Visit) -> Task:
    found = tx.task(str(visit.request.path_params["id"]))
    if found is None or (_roster_only(visit) and not found.for_roster):
        raise RequestUnknown("There is no such task here, or it is not for your role.")
    return found


def _interpreter(tx: Transaction, task: Task) -> Interpreter | None:
    try:
        return tx.interpreter(task.interpreter_id) if task.interpreter_id else None
    except UnknownInterpreter:
        return None


def _names(codes: tuple[str, ...]) -> str:
    return ", ".join(sorted(languages.get(code).english for code in codes))


# -- deeds -------------------------------------------------------------------------------------------------------------


def _assign(tx: Transaction, task: Task, visit: Visit) -> None:
    task_deeds.assign(tx, task, visit.text("account"), visit.text("seen"), visit.visitor.name, visit.now)


def _note(tx: Transaction, task: Task, visit: Visit) -> None:
    task_deeds.note(tx, task, visit.text("words"), visit.visitor.name, visit.now)


def _close(tx: Transaction, task: Task, visit: Visit) -> None:
    task_deeds.close(tx, task, visit.text("outcome"), visit.text("words"), visit.visitor.name, visit.now)


def _keep_apart(tx: Transaction, task: Task, visit: Visit) -> None:
    task_deeds.keep_apart(tx, task, visit.visitor.name, visit.now)


def _hold(tx: Transaction, task: Task, visit: Visit) -> None:
    task_deeds.hold_back(tx, task, visit.text("encounter"), visit.visitor.name, visit.now)


def _clear(tx: Transaction, task: Task, visit: Visit) -> None:
    task_deeds.ask_again(tx, task, visit.text("encounter"), visit.visitor.name, visit.now)
