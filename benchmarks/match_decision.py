"""What one match decision costs: the search of the roster in the store, and the step with its ring plan.

    python -m benchmarks.match_decision [--large 100000] [--decisions 300]

First a roster of 1,000 and one of 100,000 interpreters, over 37 languages with a long tail and each with a history of
answers of their own, each on an embedded SQLite store of its own: the same decisions on both, in turn, median and p90
in ms. Counted are

- read: a page of the roster by index, with what is known of each and the chance that they accept
- rank: hard constraints, scores and reasons
- write: the record of why, and how many calls wait at the carrier
- plan: the step with its ring plan
- decision: `searching.look` and `step` as the service calls them, from inside an open transaction: the four above
- its CPU time: the same without what other processes take on a busy machine
- whole transaction: `Intake.find_interpreters`, from loading the request to the commit of offers, calls and log;
  afterwards, on the same requests

The core alone, without a store, is measured by `benchmarks.core_million`.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, insert

from benchmarks.town import LANGUAGES, START, Town
from dispatch import events, rows, schema
from dispatch.answering import Answers, Pool, learn
from dispatch.eligibility import wanted
from dispatch.intake import Intake
from dispatch.people import Interpreter, PhoneNumber, Requester, Role, Skill
from dispatch.policy import Policy
from dispatch.request import Channel, Need, Request, RequestState, Urgency
from dispatch.routing import choose
from dispatch.sealing import Seal
from dispatch.searching import Chances, look
from dispatch.steps import step
from dispatch.store import Store

_KEY = "a key for benchmarks only, 32 chars!"
_OFFICERS = 100
_ROOM = Policy().ring_at_once[Urgency.ROUTINE]
SHARES = Town(1, 0.001, 1.0, interpreters=60).share


def fill(path: Path, size: int, known: dict[str, Answers]) -> Store:
    """A migrated store with `size` interpreters, their languages drawn by demand, each with a history of answers."""
    store = Store(f"sqlite:///{path}", _KEY)
    store.migrate()
    dice, seal = random.Random(size), Seal(_KEY)
    codes, weights = list(SHARES), list(SHARES.values())
    people: list[dict[str, object]] = []
    skills: list[dict[str, object]] = []
    for number in range(size):
        spoken = dict.fromkeys(dice.choices(codes, weights, k=dice.choice((1, 1, 1, 2))))
        one = Interpreter(
            f"i{number}",
            f"{number}",
            f"Interpreter {number}",
            PhoneNumber(f"+1{2_000_000_000 + number}"),
            tuple(Skill(code, dice.randint(2, 5)) for code in spoken),
            dice.randint(1, 4),
            dice.choice((None, "female", "male")),
            last_offered_at=START - timedelta(seconds=dice.randrange(10**6)),
        )
        people.append(dict(rows.interpreter_row(one, seal)))
        copied = {"interpreter_id": one.id, "tier": one.tier, "rested_since": one.last_offered_at}
        skills += [{**copied, "language": s.language, "proficiency": s.proficiency} for s in one.skills]
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for first in range(0, size, 5000):
            connection.execute(insert(schema.interpreters), people[first : first + 5000])
        for first in range(0, len(skills), 5000):
            connection.execute(insert(schema.skills), skills[first : first + 5000])
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    told = list(known.values())
    with store.transaction() as tx:
        for number in range(size):
            tx.keep_answers(f"i{number}", _alike(told[number % len(told)], dice))
        for number in range(_OFFICERS):
            phone = PhoneNumber(f"+1617555{number:04d}")
            tx.add_requester(Requester(f"p{number}", phone, Role.OFFICER, "Officer"))
    return store


def _alike(answers: Answers, dice: random.Random) -> Answers:
    """Somebody with a history of their own, so that nothing read of one helps with another."""
    hours = {hour: tally.times(dice.uniform(0.5, 2)) for hour, tally in answers.hours.items()}
    return replace(answers, hours=hours)


def wanting(language: str, number: int) -> Request:
    """A request whose language is settled."""
    request = Request(f"r{number}", f"p{number % _OFFICERS}", Role.OFFICER, Channel.TEXT, RequestState.RECEIVED, START)
    need = Need(languages=(language,))
    return step(request, events.TextReceived(need, language), START, Policy(agency="Town", desk=False))[0]


_PARTS = ("read", "rank", "write", "plan", "decision", "its CPU time")


def decide(store: Store, request: Request, pool: Pool, policy: Policy) -> tuple[float, ...]:
    """Milliseconds of one decision in parts, and of the whole as the service makes it, each on a request of its own.

    The whole comes first: what it reads nobody has read just before. Both are committed, outside what is timed:
    rolling back would empty the connection's cache before the next.
    """
    twin = replace(request, id=f"{request.id}-twin")
    with store.transaction() as tx:
        tx.create_request(request)
        tx.create_request(twin)
    with store.transaction() as tx:
        busy, at = time.process_time(), [time.perf_counter()]
        best = look(tx, request, (_ROOM, 1), pool, START, policy).first(_ROOM)
        at.append(time.perf_counter())
        step(request, best, START, policy)
        at.append(time.perf_counter())
        busy = time.process_time() - busy
    spent = (at[2] - at[1], at[2] - at[0], busy)
    return *_parts(store, twin, pool, policy), *(1000 * seconds for seconds in spent)


def _parts(store: Store, request: Request, pool: Pool, policy: Policy) -> list[float]:
    """Milliseconds of read, rank and write."""
    with store.transaction() as tx:
        at = [time.perf_counter()]
        found = tx.meet(request, wanted(request), START, policy.timezone, 0, Chances(pool, START, policy.timezone).of)
        at.append(time.perf_counter())
        choice = choose(request, [one for one, _ in found], START, policy, {one.id: known for one, known in found})
        at.append(time.perf_counter())
        tx.keep_decision(request.id, 1, policy.version, choice.considered, START)
        tx.calls_waiting()
        at.append(time.perf_counter())
    return [1000 * (after - before) for before, after in pairwise(at)]


def search(intake: Intake, request_id: str) -> float:
    """Milliseconds of the whole transaction; the request is over afterwards, so that nobody stays held."""
    began = time.perf_counter()
    intake.find_interpreters(request_id, _ROOM)
    spent = time.perf_counter() - began
    intake.report(request_id, events.RequestDropped("benchmark"))
    return 1000 * spent


def compare(console: Console, large: int, decisions: int) -> None:
    """Both rosters, in turn."""
    known, pool = history()
    policy = Policy(agency="Town", desk=False)
    dice = random.Random(5)
    warming = dice.choices(list(SHARES), list(SHARES.values()), k=20)  # fills the caches of both
    drawn = dice.choices(list(SHARES), list(SHARES.values()), k=decisions)
    spent: dict[int, list[tuple[float, ...]]] = {1000: [], large: []}
    with tempfile.TemporaryDirectory() as folder:
        stores = {size: fill(Path(folder) / f"{size}.sqlite3", size, known) for size in spent}
        intakes = {size: Intake(store, _Still(), policy, lambda ids: None) for size, store in stores.items()}
        for number, language in enumerate([*warming, *drawn]):
            for size, store in stores.items():
                cost = decide(store, wanting(language, number), pool, policy)
                if number >= len(warming):
                    spent[size].append(cost)
        whole = {size: [search(intakes[size], f"r{number}") for number in range(decisions)] for size in stores}
        for store in stores.values():
            store.close()
    table = Table("roster", *_PARTS, "its p90", "whole transaction", title="one match decision, median ms")
    medians: dict[int, list[float]] = {}
    for size, costs in spent.items():
        medians[size] = [statistics.median(parts) for parts in zip(*costs, strict=True)]
        p90 = statistics.quantiles([cost[4] for cost in costs], n=10)[-1]
        figures = [*medians[size], p90, statistics.median(whole[size])]
        table.add_row(f"{size:,}", *(f"{figure:.2f}" for figure in figures))
    console.print(table)
    console.print(f"at {large:,} interpreters {medians[large][4] / medians[1000][4]:.2f} times the cost at 1,000")
    usual = [cost[4] for cost, code in zip(spent[large], drawn, strict=True) if code == LANGUAGES[0]]
    console.print(f"{LANGUAGES[0]} alone at {large:,}: {statistics.median(usual):.2f} ms")


class _Still:
    """A clock that stands: decisions are made at one moment."""

    def now(self) -> datetime:
        """That moment."""
        return START


def history() -> tuple[dict[str, Answers], Pool]:
    """Forty past offers each for some interpreters; the others are strangers."""
    known = learn(Town(1, 0.001, 1.0, interpreters=60).history())
    return known, Pool.of(known.values())


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--large", type=int, default=100_000)
    asked.add_argument("--decisions", type=int, default=300)
    told = asked.parse_args()
    console = Console(width=120, file=sys.stdout)
    compare(console, told.large, told.decisions)


if __name__ == "__main__":
    main()
