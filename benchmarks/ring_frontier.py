"""How soon somebody accepts against how many phones ring: our plan beside every other way of ringing, one request each.

    python -m benchmarks.ring_frontier [--requests 150] [--seed 7] [--processes 2] [--only 0 3]

The model stands in benchmarks/ring_model.py. Five runs, each over the same draws for every way of ringing: the planner
is told the true chances, or knows 40 past offers of each interpreter (`answering`); calls start at once, or one a
second; and 40 past offers where requests come at hours at which people are likelier or less likely to answer.

Hedges and fixed rings are lent our order, the likelier first: a real ring group has the roster's, shown beside. Each
fixed ring, and each hedge of fewer than two rings that comes close, meets the plan with its p50 and p90 as milestones;
their prices come from other draws (benchmarks/ring_bound.py). Between two settings of ours a request may take either,
so ours is compared at exactly the other's rings. "saved" is what the plan costs less, request by request, in rings,
with silence at the other's p50 and p90 at the prices where the bound lies, and its standard error; "most" is
that bound: no plan whatever saves more, even one that knows the true chances. Draws docs/ring_frontier.png.
"""

import argparse
import math
import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.ring_bound import Bound, bound
from benchmarks.ring_model import (
    AT_ONCE,
    CANDIDATES,
    DT,
    RINGS_FOR,
    Candidates,
    Curve,
    Each,
    Outcome,
    Setting,
    draw,
    evaluate,
)
from benchmarks.ring_picture import picture
from dispatch.ring_plan import Adaptive, Aim, AllAtOnce, FixedRing, OneByOne, SimpleHedge

_LEVEL = 0.01
_EQUAL = 1e-4
"""Seconds: within the first two ways of ringing count as level, below the second nothing is told apart."""
_TRAINED_ON = 80
"""Other draws, from which the milestones' prices come."""
_CHEAP, _CHEAPER = 30.0, 1000.0
"""Seconds of waiting that weigh as much as a ring, besides the milestones: it looks after the longest waits. The second
against who rings fewer than two, and leaves those to themselves."""
_BESIDE = (
    *((factor, factor) for factor in (1.0, 0.97, 1.03, 0.92, 1.09, 0.8, 1.25)),
    *((0.95, 1.05), (1.05, 0.95)),
)
_FURTHER_BESIDE = (
    *((factor, factor) for factor in (1.0, 0.01, 0.2, 0.3, 0.7, 0.9, 1.1, 1.5)),
    *((1.25, 0.8), (0.85, 1.18), (1.9, 1.2), (1.1, 0.3), (1.2, 0.1), (0.5, 1.0), (0.1, 1.0), (0.1, 0.5), (0.1, 2.0)),
)
"""Factors of the prices of p50 and of p90: what is mixed lies a little to either side of the bound's. The second where
hardly anybody's second phone rings: whoever waits 20 s before it buys p90 dearly, and leaves room at p50."""
WORTHS = tuple(240 / 1.6**n for n in range(18))
"""Prices of a ring in seconds of waiting."""
LOWEST = (0.05, 0.03, 0.02, 0.01, 0.003)
TARGETS = (5.0, 6.0, 7.0, 8.0, 12.0, 16.0)
MISSES = tuple(2.0**n for n in range(0, 7))
"""What missing a target is worth in rings, with waiting itself cheap (6 or 30 s a ring): the frontier of targets."""


@dataclass(frozen=True)
class Duel:
    """One other way of ringing against ours with its p50 and p90 as milestones."""

    rival: Outcome
    best: Outcome
    """Ours at exactly the same rings."""
    saved: float
    error: float
    """Standard error of `saved`, both over the same requests."""
    most: float

    @property
    def lead(self) -> float:
        """Seconds at p50 or at p90, whichever is less."""
        return lead(self.rival, self.best)


def others() -> list[Setting]:
    """The strategies to beat: ring-all, one by one, fixed sizes, and the simple hedge over its whole frontier."""
    fixed = [Setting(f"fixed {size}", FixedRing(size, RINGS_FOR)) for size in range(1, 9)]
    groups = [
        Setting(f"roster order, fixed {size}", FixedRing(size, RINGS_FOR), roster_order=True) for size in range(1, 9, 2)
    ]
    hedges = [
        Setting(f"hedge {chance:g}, every {every:g} s", SimpleHedge(chance, every))
        for chance in (0.0, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
        for every in (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0)
    ]
    return [Setting("ring all", AllAtOnce()), Setting("one by one", OneByOne(RINGS_FOR)), *fixed, *groups, *hedges]


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


def against(rival: Bound, cheaply: bool) -> list[Setting]:
    """The plan with another one's p50 and p90 as milestones, at the bound's prices and somewhat beside."""
    cheap = _CHEAPER if cheaply else _CHEAP
    made = []
    for usual, longest in _FURTHER_BESIDE if cheaply else _BESIDE:
        prices = (rival.prices[0] * usual, rival.prices[1] * longest)
        milestones = tuple(zip(rival.moments, prices, strict=True))
        aim = Aim(1.0, 0.0, cheap, 0.0, milestones)
        made.append(Setting(f"milestones {usual:g} {longest:g}", Adaptive(), aim))
    return made


def at_rings(outcomes: Sequence[Outcome], rings: float) -> list[Outcome]:
    """Ours at exactly so many rings: every pair of settings around it, mixed."""
    mixed = []
    for low in outcomes:
        for high in outcomes:
            if low.rings <= rings < high.rings:
                share = (rings - low.rings) / (high.rings - low.rings)
                silent = (1 - share) * low.silent + share * high.silent
                each = None
                if low.each and high.each:
                    curves = (1 - share) * low.each.silent + share * high.each.silent
                    each = Each(curves, (1 - share) * low.each.rings + share * high.each.rings)
                mixed.append(Outcome(f"{low.name} / {high.name}", silent, rings, each))
    return mixed


def efficient(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that no other one beats in rings, p50 and p90 at once."""
    figures = [(one.rings, one.quantile(0.5), one.quantile(0.9)) for one in outcomes]
    return [
        one
        for one, own in zip(outcomes, figures, strict=True)
        if not any(other != own and all(a <= b for a, b in zip(other, own, strict=True)) for other in figures)
    ]


def lead(other: Outcome, one: Outcome) -> float:
    """Seconds by which `one` is ahead at p50 or at p90, whichever is less."""
    p90 = other.quantile(0.9)
    return min(other.quantile(0.5) - one.quantile(0.5), (p90 - one.quantile(0.9)) if p90 < math.inf else math.inf)


def _furthest(other: Outcome, one: Outcome) -> float:
    """The same, whichever is more."""
    return max(other.quantile(share) - one.quantile(share) for share in (0.5, 0.9))


def best_against(other: Outcome, outcomes: Sequence[Outcome]) -> Outcome | None:
    """Of ours at the same rings, the one that is ahead of `other` most at p50 and p90 together; None out of range."""
    mixed = at_rings(outcomes, other.rings)
    return max(mixed, key=lambda one: (round(lead(other, one), 4), -one.quantile(0.9), -one.mean), default=None)


def duel(
    setting: Setting, requests: Sequence[Candidates], trained_on: Sequence[Candidates], per_second: float
) -> Duel | None:
    """One other way of ringing against the plan that is priced for it; None where the plan cannot ring as few."""
    prices = bound(evaluate(setting, trained_on, per_second), trained_on, per_second)
    rival = evaluate(setting, requests, per_second, keep=True)
    settings = against(prices, cheaply=rival.rings < 2)
    mine = [evaluate(one, requests, per_second, keep=True) for one in settings]
    best = best_against(rival, mine)
    if best is None:
        return None
    least = bound(rival, requests, per_second)
    saved = _saved(rival, best, least)
    return Duel(rival, best, float(saved.mean()), float(saved.std()) / math.sqrt(len(saved)), rival.rings - least.rings)


def _saved(rival: Outcome, mine: Outcome, prices: Bound) -> Curve:
    """For each request: rings, and silence at the milestones at their prices, of the rival less ours."""
    assert rival.each
    assert mine.each
    saved = rival.each.rings - mine.each.rings
    for moment, price in zip(prices.moments, prices.prices, strict=True):
        before, between = divmod(moment / DT, 1)
        less = (rival.each.silent - mine.each.silent)[:, int(before) : int(before) + 2]
        saved = saved + price * (less @ np.array([1 - between, between]))
    return saved


def show(
    console: Console, title: str, rivals: Sequence[Outcome], mine: Sequence[Outcome], duels: Sequence[Duel]
) -> None:
    """The table, and which aims are reached."""
    mine = efficient(mine)
    named = {one.name: one for one in rivals}
    fought = {one.rival.name: one for one in duels}
    heads = "strategy", "rings", "p50 s", "p90 s", "p99 s", "ours at these rings: p50", "p90", "p99"
    table = Table(*heads, "rings saved at equal p50, p90", "most that could be", title=title)
    shown = ["ring all", "one by one", *(f"fixed {n}" for n in range(2, 9)), "hedge 0.95, every 2 s"]
    for name in [*shown, *(f"roster order, fixed {n}" for n in (1, 3, 5))]:
        one = named[name]
        won = fought.get(name)
        best = won.best if won else best_against(one, mine)
        cells = [f"{one.rings:.2f}", *(f"{one.quantile(q):.3f}" for q in (0.5, 0.9, 0.99))]
        cells += [f"{best.quantile(q):.3f}" for q in (0.5, 0.9, 0.99)] if best else ["-"] * 3
        table.add_row(name, *cells, *([f"{won.saved:.4f} +- {won.error:.4f}", f"{won.most:.4f}"] if won else ["", ""]))
    everybody = named["ring all"]
    cells = [f"{1 - float(everybody.silent[-1]):.2f}", *(f"{everybody.quantile(q):.3f}" for q in (0.5, 0.9, 0.99))]
    table.add_row("oracle (rings who will answer first)", *cells, *[""] * 5)
    console.print(table)
    _thirds(console, named, mine)
    for family in ("fixed", "roster order", "hedge"):
        _family(console, family, rivals, mine, fought)


def _thirds(console: Console, named: dict[str, Outcome], mine: Sequence[Outcome]) -> None:
    everybody, single = named["ring all"], named["one by one"]
    for rings, told in (
        (CANDIDATES / 3, "a third of the 15 phones"),
        (everybody.rings / 3, "a third of ring-all's rings"),
    ):
        best = best_against(Outcome("", everybody.silent, rings), mine)
        if best:
            p50, p90 = best.quantile(0.5), best.quantile(0.9)
            console.print(
                f"at {told} ({rings:.1f}): p50 {p50:.2f} s ({p50 / everybody.quantile(0.5) - 1:+.1%} of ring-all),"
                f" p90 {p90:.2f} s ({p90 / everybody.quantile(0.9) - 1:+.1%});"
                f" one by one's p90 is {single.quantile(0.9) / p90:.2f} times ours"
            )
    enough = [one.rings for one in mine if 2 * one.quantile(0.9) <= single.quantile(0.9)]
    console.print(
        f"twice as soon as one by one at p90: from {min(enough, default=math.inf):.2f} rings on;"
        f" ring-all, which nobody can pass, is {single.quantile(0.9) / everybody.quantile(0.9):.2f} times as soon"
    )


def _family(
    console: Console, family: str, rivals: Sequence[Outcome], mine: Sequence[Outcome], fought: dict[str, Duel]
) -> None:
    found = [
        (fought[one.name].best if one.name in fought else best_against(one, mine), one)
        for one in rivals
        if one.name.startswith(family)
    ]
    leads = sorted(((lead(rival, best), rival, best) for best, rival in found if best), key=lambda one: one[0])
    beaten = sum(ahead > _EQUAL for ahead, _, _ in leads)
    half = sum(-_EQUAL <= ahead <= _EQUAL < _furthest(rival, best) for ahead, rival, best in leads)
    level = sum(-_LEVEL <= ahead <= _EQUAL for ahead, _, _ in leads) - half
    duels = [fought[rival.name] for _, rival, _ in leads if rival.name in fought]
    console.print(
        f"{family}: ahead at p50 and p90 of {beaten} of {len(leads)} at equal rings"
        f", ahead at one and equal at the other of {half}, level with {level} more;"
        " fewer rings at equal p50 and p90, by more than two standard errors,"
        f" than {sum(one.saved > 2 * one.error for one in duels)} of {len(duels)} met by themselves"
    )
    for ahead, rival, best in leads[:3]:
        console.print(
            f"   narrowest: {rival.name} ({rival.rings:.2f} rings) p50 {rival.quantile(0.5):.3f}"
            f" p90 {rival.quantile(0.9):.3f}; ours {best.quantile(0.5):.3f} {best.quantile(0.9):.3f} ({ahead:+.4f} s)"
        )


def run(
    requests: Sequence[Candidates], trained_on: Sequence[Candidates], per_second: float, processes: int
) -> tuple[list[Outcome], list[Outcome], list[Duel]]:
    """All settings over the same requests: the others', ours, and ours priced for each fixed ring and rare hedge."""
    job = partial(evaluate, requests=requests, per_second=per_second)
    fight = partial(duel, requests=requests, trained_on=trained_on, per_second=per_second)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        rivals = pool.map(job, others(), chunksize=4)
        mine = pool.map(job, ours(), chunksize=4)
        close = [
            setting
            for setting, one in zip(others(), rivals, strict=True)
            if setting.name.startswith("fixed") or (one.rings < 2 and _narrow(setting, one, efficient(mine)))
        ]
        return rivals, mine, [one for one in pool.map(fight, close, chunksize=1) if one]


def _narrow(setting: Setting, rival: Outcome, mine: Sequence[Outcome]) -> bool:
    best = best_against(rival, mine)
    return setting.name.startswith("hedge") and (best is None or lead(rival, best) < 2 * _LEVEL)


def main() -> None:
    """Run all five and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--requests", type=int, default=150)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--only", type=int, nargs="+", help="some of the five runs, from 0")
    told = asked.parse_args()
    console = Console(width=170, file=sys.stdout)
    runs = [
        ("true chances, calls at once", 0, AT_ONCE, 0.0),
        ("40 past offers, calls at once", 40, AT_ONCE, 0.0),
        ("true chances, one call a second", 0, 1.0, 0.0),
        ("40 past offers, one call a second", 40, 1.0, 0.0),
        ("hours differ, 40 past offers, at once", 40, AT_ONCE, 1.2),
    ]
    panels = []
    for title, past_offers, per_second, hours_differ in [runs[n] for n in told.only] if told.only else runs:
        requests = draw(told.requests, told.seed, past_offers, hours_differ)
        trained_on = draw(_TRAINED_ON, told.seed + 1000, past_offers, hours_differ)
        rivals, mine, duels = run(requests, trained_on, per_second, told.processes)
        show(console, f"{title}; {told.requests} requests", rivals, mine, duels)
        panels.append((title, rivals, mine, [(one.rival.rings, one.best) for one in duels]))
    picture(panels)


if __name__ == "__main__":
    main()
