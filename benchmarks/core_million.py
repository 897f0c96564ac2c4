"""A million synthetic requests through the core: rate, and memory that stays flat.

    python -m benchmarks.core_million [COUNT] [--processes 2]

Each request goes from the first text to the end of the session through the real `rank`, `step` and ring plan: language,
search, offers, an answer, two joined phones, goodbye. Nothing is stored. Printed at every tenth: requests and steps a
second of all processes together, and the most memory that one has held. Beside it, in one process, what gives scale:
`dataclasses.replace` of the same request once per step, and one committed SQLite insert per request.
"""

import argparse
import multiprocessing
import queue
import random
import resource
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from benchmarks.match_decision import SHARES, history
from benchmarks.town import LANGUAGES, START, Town
from dispatch import events
from dispatch.answering import Answers
from dispatch.people import Availability, Interpreter, Role
from dispatch.policy import Policy
from dispatch.request import Channel, LegRole, Need, Request, RequestState
from dispatch.ring_plan import Adaptive
from dispatch.routing import rank
from dispatch.steps import step

_TOLD_OF = 24
_MARKS = 10
_BASELINE = 20_000
"""Requests of each baseline: enough for a rate."""


class Mark(NamedTuple):
    """Where one process stands."""

    number: int
    requests: int
    steps: int
    megabytes: float


def run(console: Console, requests: int, processes: int) -> None:
    """Let the processes work, and print each tenth as the slowest of them reaches it."""
    context = multiprocessing.get_context("spawn")
    told: Queue[Mark] = context.Queue()
    workers = [context.Process(target=stream, args=(requests // processes, told)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    began, reached, at = time.perf_counter(), list[list[Mark]]([[] for _ in range(_MARKS + 1)]), 0.0
    while len(reached[_MARKS]) < processes:
        try:
            mark = told.get(timeout=60)
        except queue.Empty:
            if any(worker.exitcode for worker in workers):  # one that has done its share ends before the slower one
                raise SystemExit("a process ended early; see above") from None
            continue
        reached[mark.number].append(mark)
        if len(reached[mark.number]) == processes:
            at = _tell(console, reached[mark.number], began, at)
    for worker in workers:
        worker.join()


def _tell(console: Console, marks: list[Mark], began: float, at: float) -> float:
    if marks[0].number == 0:
        console.print(f"ready, {max(mark.megabytes for mark in marks):.0f} MB a process")
        return time.perf_counter() - began
    now, number = time.perf_counter() - began, marks[0].number
    done, steps = sum(mark.requests for mark in marks), sum(mark.steps for mark in marks)
    console.print(
        f"{number * 10:3d} %  {done:9,} requests, {steps:11,} steps; in this tenth "
        f"{done / number / (now - at):6,.0f} requests/s, {steps / number / (now - at):7,.0f} steps/s; "
        f"most memory {max(mark.megabytes for mark in marks):.0f} MB"
    )
    return now


def stream(requests: int, told: "Queue[Mark]") -> None:
    """So many requests one after the other; tells each tenth, and when it begins."""
    known, pool = history()
    policy = Policy(agency="Town", desk=False, strategy=Adaptive())
    roster = tuple(replace(one, availability=Availability.ON) for one in Town(1, 0.001, 1.0, interpreters=60).roster)
    people = {code: [one for one in roster if one.speaks(code)] for code in LANGUAGES}
    chances = {one.id: pool.accepts(known.get(one.id, Answers()), START) for one in roster}
    drawn = random.Random(9).choices(list(SHARES), list(SHARES.values()), k=1000)
    steps, done = 0, 0
    told.put(Mark(0, 0, 0, _memory()))
    for number in range(1, _MARKS + 1):
        until = requests * number // _MARKS
        for one in range(done, until):
            steps += whole(f"r{one}", drawn[one % 1000], people, chances, policy)
        done = until
        told.put(Mark(number, done, steps, _memory()))


def whole(
    request_id: str, language: str, people: dict[str, list[Interpreter]], chances: dict[str, float], policy: Policy
) -> int:
    """One request from text to goodbye; the second phone that rings accepts. Returns how many steps it took."""
    request = Request(request_id, "p1", Role.OFFICER, Channel.TEXT, RequestState.RECEIVED, START)
    now, steps = START, 0

    def happens(event: events.Event) -> None:
        nonlocal request, now, steps
        now += timedelta(seconds=1)
        request, _ = step(request, event, now, policy)
        steps += 1

    happens(events.TextReceived(Need(languages=(language,)), language))
    best = rank(request, people[language], now)[:_TOLD_OF]
    ids = tuple(one.interpreter_id for one in best)
    happens(events.CandidatesFound(ids, tuple(one.reason for one in best), tuple(chances[one] for one in ids)))
    for offer in request.open_offers:
        happens(events.CallPlaced(offer.id, f"CA{offer.id}"))
    last = request.open_offers[-1]
    happens(events.LegAnswered(last.id))
    happens(events.OfferAnswered(last.id, True))
    requester = request.leg_of(LegRole.REQUESTER)
    if requester is None:
        raise SystemExit("the requester's phone was not rung")
    happens(events.CallPlaced(requester.id, "CA0"))
    happens(events.LegAnswered(requester.id))
    happens(events.LegJoined(requester.id))
    happens(events.LegJoined(last.id))
    happens(events.CallEnded(requester.id, "completed"))
    happens(events.CallEnded(last.id, "completed"))
    if request.state is not RequestState.COMPLETED:
        raise SystemExit(f"a request ended as {request.state}")
    return steps


def _memory() -> float:
    """The most this process has held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def baselines(console: Console, requests: int, steps: float) -> None:
    """What gives scale: copies of a request, and rows."""
    request = Request("r1", "p1", Role.OFFICER, Channel.TEXT, RequestState.RECEIVED, START)
    began = time.perf_counter()
    for number in range(round(requests * steps)):
        request = replace(request, listens=number)
    console.print(f"`dataclasses.replace` once per step: {requests / (time.perf_counter() - began):,.0f} requests/s")
    with tempfile.TemporaryDirectory() as folder:
        store = sqlite3.connect(Path(folder) / "rows.sqlite3", isolation_level=None)
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("PRAGMA synchronous=NORMAL")
        store.execute("CREATE TABLE requests (id TEXT PRIMARY KEY, language TEXT, at TEXT)")
        began = time.perf_counter()
        for number in range(requests):
            store.execute("INSERT INTO requests VALUES (?, ?, ?)", (f"r{number}", "spa", "2026-11-25 12:00:00"))
        console.print(f"one SQLite insert, committed: {requests / (time.perf_counter() - began):,.0f} requests/s")
        store.close()


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("count", type=int, nargs="?", default=1_000_000)
    asked.add_argument("--processes", type=int, default=2)
    told = asked.parse_args()
    console = Console(width=120, file=sys.stdout)
    run(console, told.count, told.processes)
    baselines(console, min(told.count, _BASELINE), _STEPS)


_STEPS = 12.5
"""Of one request, in the mean."""


if __name__ == "__main__":
    main()
