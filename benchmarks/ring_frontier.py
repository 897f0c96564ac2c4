"""How soon somebody accepts against how many phones ring: our plan beside every other way of ringing, one request each.

    python -m benchmarks.ring_frontier [--requests 200] [--seed 7] [--processes 2]

The model: 15 candidates; each accepts with a chance drawn from Beta(2, 2); who accepts does so after a lognormal delay
with median 7 s (spread 0.5) from the first ring; a phone rings for at most 22 s; 9 s of a request are not ringing.
Nothing is learned on the way but silence, so a strategy's whole course is known from asking `plan` again and again
while everybody stays silent; the distribution of the acceptance is then exact, and only the candidates are drawn.

Four runs: the planner is told the true chances, or knows 40 past offers of each interpreter (`answering`); calls start
at once, or one a second. Between two neighbouring settings of ours a request may take either, so ours is compared with
another strategy at exactly its rings. Draws docs/ring_frontier.png.
"""

import argparse
import math
import multiprocessing
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from dispatch.answering import Delay, PastOffer, Pool, learn
from dispatch.ring_plan import (
    Adaptive,
    Aim,
    AllAtOnce,
    FixedRing,
    OneByOne,
    Pace,
    Phone,
    Ringing,
    SimpleHedge,
    Strategy,
    plan,
)

Curve = npt.NDArray[np.float64]

CANDIDATES = 15
RINGS_FOR = 22.0
"""Seconds; with it one-by-one shows the p90 of 37 s that the model is known by."""
FIXED_SECONDS = 9.0
DELAY = Delay(7.0, 0.5)
_LEVEL = 0.01
AT_ONCE = 1e9
"""Calls a second where the carrier does not pace."""
_DT = 0.1
_TIMES: Curve = np.arange(0, 90, _DT)
_ACCEPTED: Curve = np.array([DELAY.by(min(t, RINGS_FOR)) for t in _TIMES])
_NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

NO_TARGET = Aim(1.0, 0.0)
WORTHS = tuple(240 / 1.3**n for n in range(32))
"""Prices of a ring in seconds of waiting."""
LOWEST = (0.05, 0.03, 0.02, 0.01, 0.003)
TARGETS = (5.0, 6.0, 7.0, 8.0, 12.0, 16.0, 20.0, 24.0)
MISSES = tuple(1.25**n for n in range(-2, 20))
"""What missing a target is worth in rings, with waiting itself cheap (6 or 30 s a ring): the frontier of targets."""


@dataclass(frozen=True)
class Setting:
    """One strategy with its numbers."""

    name: str
    strategy: Strategy
    aim: Aim = NO_TARGET


@dataclass(frozen=True)
class Candidates:
    """One request's candidates: the truth, and what the planner is told."""

    chances: tuple[float, ...]
    phones: tuple[Phone, ...]


@dataclass(frozen=True)
class Outcome:
    """What a setting did over all requests: the chance that nobody has accepted, at each moment, and phones rung."""

    name: str
    silent: Curve
    rings: float

    def quantile(self, share: float) -> float:
        """Seconds until the interpreter speaks for that share of requests; infinite where fewer get one at all."""
        if self.silent[-1] > 1 - share:
            return math.inf
        return FIXED_SECONDS + float(np.interp(-(1 - share), -self.silent, _TIMES))

    @property
    def mean(self) -> float:
        """Mean seconds, those who get nobody counted with the whole minute and a half."""
        return FIXED_SECONDS + float(self.silent.sum()) * _DT


def draw(count: int, seed: int, past_offers: int) -> list[Candidates]:
    """`count` requests; with `past_offers` of each interpreter the planner knows only those."""
    dice = random.Random(seed)
    drawn = [tuple(dice.betavariate(2, 2) for _ in range(CANDIDATES)) for _ in range(count)]
    if not past_offers:
        return [Candidates(p, tuple(Phone(str(n), chance, DELAY) for n, chance in enumerate(p))) for p in drawn]
    made = []
    for chances in drawn:
        history = [
            PastOffer(str(n), _NOON - timedelta(days=1 + k % 60), dice.random() < chance, 7.0)
            for n, chance in enumerate(chances)
            for k in range(past_offers)
        ]
        answers = learn(history, half_life=timedelta(days=10_000))
        pool = Pool(usual=DELAY)
        phones = tuple(Phone(str(n), pool.accepts(answers[str(n)], _NOON), DELAY) for n in range(CANDIDATES))
        made.append(Candidates(chances, phones))
    return made


def course(setting: Setting, candidates: Candidates, per_second: float) -> list[tuple[float, int]]:
    """When each phone starts while everybody stays silent: (seconds, number of the candidate)."""
    starts: list[tuple[float, int]] = []
    now, free_at = 0.0, 0.0
    rung: set[str] = set()
    while now < 60.0:
        ringing = [Ringing(candidates.phones[n], now - s) for s, n in starts if now - s < RINGS_FOR]
        left = [phone for phone in candidates.phones if phone.interpreter_id not in rung]
        queued = sum(one.seconds < 0 for one in ringing)
        planned = plan(setting.strategy, left, ringing, now, setting.aim, Pace(per_second, queued))
        for interpreter_id in planned.ring:
            at = max(now, free_at)
            free_at = at + 1 / per_second
            starts.append((at, int(interpreter_id)))
            rung.add(interpreter_id)
        if planned.look_again is None or len(rung) == CANDIDATES:
            break
        now += planned.look_again
    return starts


def evaluate(setting: Setting, requests: Sequence[Candidates], per_second: float) -> Outcome:
    """The exact outcome of one setting, averaged over the requests."""
    total = np.zeros_like(_TIMES)
    rings = 0.0
    for candidates in requests:
        silent = np.zeros_like(_TIMES)
        starts = course(setting, candidates, per_second)
        for at, number in starts:
            shift = round(at / _DT)
            if shift < len(_TIMES):
                silent[shift:] += np.log1p(-candidates.chances[number] * _ACCEPTED[: len(_TIMES) - shift])
        nobody = np.exp(silent)
        rings += sum(float(nobody[round(at / _DT)]) for at, _ in starts if round(at / _DT) < len(_TIMES))
        total += nobody
    return Outcome(setting.name, total / len(requests), rings / len(requests))


def others() -> list[Setting]:
    """The strategies to beat: ring-all, one by one, fixed sizes, and the simple hedge over its whole frontier."""
    fixed = [Setting(f"fixed {size}", FixedRing(size, RINGS_FOR)) for size in range(1, 9)]
    hedges = [
        Setting(f"hedge {chance:g}, every {every:g} s", SimpleHedge(chance, every))
        for chance in (0.0, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
        for every in (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0)
    ]
    return [Setting("ring all", AllAtOnce()), Setting("one by one", OneByOne(RINGS_FOR)), *fixed, *hedges]


def ours() -> list[Setting]:
    """The adaptive plan over its prices of a ring, without and with a target."""
    made = [Setting(f"{worth:g}", Adaptive(), Aim(1.0, 0.0, worth)) for worth in (*WORTHS, *LOWEST)]
    for seconds in TARGETS:
        cheap = 6.0 if seconds <= 8 else 30.0
        made += [
            Setting(f"{cheap:g}, miss {seconds:g} s {miss:.1f}", Adaptive(), Aim(seconds, 0.0, cheap, miss))
            for miss in MISSES
        ]
    return made


def at_rings(outcomes: Sequence[Outcome], rings: float) -> list[Outcome]:
    """Ours at exactly so many rings: every pair of settings around it, mixed."""
    mixed = []
    for low in outcomes:
        for high in outcomes:
            if low.rings <= rings < high.rings:
                share = (rings - low.rings) / (high.rings - low.rings)
                silent = (1 - share) * low.silent + share * high.silent
                mixed.append(Outcome(f"{low.name} / {high.name}", silent, rings))
    return mixed


def efficient(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that no other one beats in rings, p50 and p90 at once."""
    figures = [(one.rings, one.quantile(0.5), one.quantile(0.9)) for one in outcomes]
    return [
        one
        for one, own in zip(outcomes, figures, strict=True)
        if not any(other != own and all(a <= b for a, b in zip(other, own, strict=True)) for other in figures)
    ]


def best_against(other: Outcome, outcomes: Sequence[Outcome]) -> Outcome | None:
    """Of ours at the same rings, the one that is ahead of `other` most at p50 and p90 together; None out of range."""
    p50, p90 = other.quantile(0.5), other.quantile(0.9)

    def lead(one: Outcome) -> float:
        return min(p50 - one.quantile(0.5), (p90 - one.quantile(0.9)) if p90 < math.inf else math.inf)

    return max(at_rings(outcomes, other.rings), key=lambda one: (lead(one), -one.mean), default=None)


def run(requests: Sequence[Candidates], per_second: float, processes: int) -> tuple[list[Outcome], list[Outcome]]:
    """All settings over the same requests: the others', and ours."""
    job = partial(evaluate, requests=requests, per_second=per_second)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return pool.map(job, others(), chunksize=4), pool.map(job, ours(), chunksize=4)


def show(console: Console, title: str, rivals: Sequence[Outcome], mine: Sequence[Outcome]) -> None:
    """The table, and which aims are reached."""
    mine = efficient(mine)
    named = {one.name: one for one in rivals}
    table = Table("strategy", "rings", "p50 s", "p90 s", "p99 s", "ours at these rings: p50", "p90", "p99", title=title)
    shown = ["ring all", "one by one", *(f"fixed {n}" for n in range(2, 9)), "hedge 0.95, every 2 s"]
    for name in shown:
        one = named[name]
        best = best_against(one, mine)
        cells = [f"{one.rings:.2f}", *(f"{one.quantile(q):.2f}" for q in (0.5, 0.9, 0.99))]
        cells += [f"{best.quantile(q):.2f}" for q in (0.5, 0.9, 0.99)] if best else ["-"] * 3
        table.add_row(name, *cells)
    everybody = named["ring all"]
    cells = [f"{1 - float(everybody.silent[-1]):.2f}", *(f"{everybody.quantile(q):.2f}" for q in (0.5, 0.9, 0.99))]
    table.add_row("oracle (rings who will answer first)", *cells, "", "", "")
    console.print(table)
    _verdicts(console, named, rivals, mine)


def _verdicts(console: Console, named: dict[str, Outcome], rivals: Sequence[Outcome], mine: Sequence[Outcome]) -> None:
    everybody, single = named["ring all"], named["one by one"]
    third = Outcome("a third", everybody.silent, everybody.rings / 3)
    at_third = best_against(third, mine)
    if at_third:
        p50, p90 = at_third.quantile(0.5), at_third.quantile(0.9)
        console.print(
            f"at a third of ring-all's rings ({third.rings:.1f}): p50 {p50:.2f} s"
            f" ({p50 / everybody.quantile(0.5) - 1:+.1%} of ring-all), p90 {p90:.2f} s"
            f" ({p90 / everybody.quantile(0.9) - 1:+.1%});"
            f" one by one's p90 is {single.quantile(0.9) / p90:.2f} times ours"
        )
    for family in ("fixed", "hedge"):
        leads = []
        for rival in rivals:
            best = best_against(rival, mine) if rival.name.startswith(family) else None
            if best is not None:
                lead50 = rival.quantile(0.5) - best.quantile(0.5)
                leads.append((min(lead50, rival.quantile(0.9) - best.quantile(0.9)), rival, best))
        beaten = sum(lead >= 0 for lead, _, _ in leads)
        level = sum(lead >= -_LEVEL for lead, _, _ in leads)
        console.print(
            f"{family}: at equal rings ours is ahead at p50 and p90 of {beaten} of {len(leads)},"
            f" ahead or level (within {_LEVEL:g} s) of {level}"
        )
        for _, rival, best in sorted(leads, key=lambda one: one[0])[:4]:
            console.print(
                f"   narrowest: {rival.name} ({rival.rings:.2f} rings) p50 {rival.quantile(0.5):.3f}"
                f" p90 {rival.quantile(0.9):.3f}; ours {best.quantile(0.5):.3f} {best.quantile(0.9):.3f} ({best.name})"
            )


def picture(panels: Sequence[tuple[str, list[Outcome], list[Outcome]]]) -> None:
    """Rings against p50 and p90, one column a run."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, len(panels), figsize=(4.6 * len(panels), 7.4), sharex=True, squeeze=False)
    for column, (title, rivals, mine) in enumerate(panels):
        for row, share in enumerate((0.5, 0.9)):
            axis = axes[row][column]
            for family, colour, marker in (("hedge", "#c9a227", "."), ("fixed", "#c1440e", "s")):
                group = [one for one in rivals if one.name.startswith(family)]
                label = "simple hedge" if family == "hedge" else "fixed ring size"
                axis.scatter(
                    [one.rings for one in group],
                    [one.quantile(share) for one in group],
                    s=18,
                    color=colour,
                    marker=marker,
                    label=label,
                )
            line = sorted((one for one in mine if "miss" not in one.name), key=lambda one: one.rings)
            axis.plot(
                [one.rings for one in line],
                [one.quantile(share) for one in line],
                color="#1b6ca8",
                linewidth=1.6,
                label="adaptive",
            )
            for name, marker in (("ring all", "*"), ("one by one", "X")):
                one = next(rival for rival in rivals if rival.name == name)
                axis.scatter([one.rings], [one.quantile(share)], s=70, color="#333", marker=marker, label=name)
            best = next(rival for rival in rivals if rival.name == "ring all").quantile(share)
            axis.axhline(best, color="#999", linewidth=0.8, linestyle=":", label="oracle, with one ring")
            axis.set(ylabel=f"p{round(100 * share)} to connect, s", ylim=(best - 0.5, best + (6 if row == 0 else 26)))
            if row == 0:
                axis.set_title(title, fontsize=10)
        axes[1][column].set(xlabel="phones rung per request", xlim=(0.8, 16))
    axes[0][0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig("docs/ring_frontier.png", dpi=110)


def main() -> None:
    """Run all four and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--requests", type=int, default=200)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--only", type=int, help="one of the four runs, from 0")
    told = asked.parse_args()
    console = Console(width=150, file=sys.stdout)
    runs = [
        ("true chances, calls at once", 0, AT_ONCE),
        ("40 past offers, calls at once", 40, AT_ONCE),
        ("true chances, one call a second", 0, 1.0),
        ("40 past offers, one call a second", 40, 1.0),
    ]
    panels = []
    for title, past_offers, per_second in runs if told.only is None else [runs[told.only]]:
        rivals, mine = run(draw(told.requests, told.seed, past_offers), per_second, told.processes)
        show(console, f"{title}; {told.requests} requests", rivals, mine)
        panels.append((title, rivals, mine))
    if told.only is None:
        picture(panels)


if __name__ == "__main__":
    main()
