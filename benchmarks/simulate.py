"""Days of a town's requests through the real core, for every ring strategy side by side.

    python -m benchmarks.simulate [--days 4] [--seed 7] [--scale 1] [--processes 2] [--town "long tail"]

A discrete-event simulation: `steps.step`, `routing.choose` and `ring_plan` decide, on a virtual clock; what is around
them is in `benchmarks.world`, the people in `benchmarks.town`. The same people ask and the same phones would
be answered in the same way under every strategy. Deterministic by seed. Two towns (`town.TOWNS`), both unless one is
named. Draws docs/simulation.png and docs/simulation_long_tail.png.

Columns: time to connect in seconds, of those who were connected, from the first text or word to both in the conference
(callers' own first sentences, about 7 s, included); shares of all who asked; abandoned before an interpreter was there;
interpreters' phones rung for each connected request; share of on-call time spent in sessions; Gini coefficients over
interpreters of offers and of session time for each hour on call (0: all alike).
"""

import argparse
import math
import multiprocessing
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from rich.console import Console
from rich.table import Table

from benchmarks.town import START, TOWNS, Town
from benchmarks.world import Contender, Told, World, policy
from dispatch.request import RequestState, Urgency
from dispatch.ring_plan import Adaptive, AllAtOnce, FixedRing, OneByOne, SimpleHedge

CONTENDERS = (
    Contender("skills-based FIFO, one by one", OneByOne(20.0), urgent_first=False, longest_idle=True),
    Contender("one by one, ranked", OneByOne(20.0)),
    Contender("fixed ring of 3", FixedRing(3, 20.0)),
    Contender("simple hedge 95 %, every 2 s", SimpleHedge(0.95, 2.0)),
    Contender("ring all", AllAtOnce(), urgent_first=False),
    Contender("adaptive", Adaptive()),
    Contender("adaptive, a ring weighs a quarter", Adaptive(), eager=4.0),
    Contender("adaptive, rung lately last", Adaptive(), rest=timedelta(minutes=30)),
    Contender("oracle", OneByOne(20.0), oracle=True),
)


@dataclass(frozen=True)
class Figures:
    """What one contender did."""

    name: str
    seconds: tuple[float, ...]
    """Time to connect of everybody connected, sorted."""
    emergencies: tuple[float, ...]
    asked: int
    abandoned: int
    rings: int
    occupancy: float
    gini_offers: float
    gini_talk: float
    steps: int
    unfinished: int

    def quantile(self, share: float) -> float:
        """Seconds to connect for that share of those connected."""
        return self.seconds[min(int(share * len(self.seconds)), len(self.seconds) - 1)] if self.seconds else math.inf

    def within(self, limit: float) -> float:
        """The share of all who asked that were connected by then."""
        return sum(seconds <= limit for seconds in self.seconds) / max(self.asked, 1)


def simulate(contender: Contender, seed: int, days: float, scale: float, place: str = "city") -> Figures:
    """Run one contender through the town's days."""
    town = Town(seed, days, scale, **TOWNS[place])
    world = World(town, contender, policy())
    world.run()
    connected = [told for told in world.told if told.connected is not None]
    hours = {one.id: town.hours_on_call(one.id) for one in town.roster}
    grave = [told for told in connected if told.asking.urgency is Urgency.EMERGENCY]
    return Figures(
        contender.name,
        _sorted(connected),
        _sorted(grave),
        len(world.told) + len(world.left),
        sum(told.connected is None and told.state is not RequestState.FAILED for told in world.told),
        sum(told.rings for told in world.told),
        sum(world.talked.values()) / 3600 / max(sum(hours.values()), 1e-9),
        gini([world.offers.get(one, 0) / time for one, time in hours.items() if time]),
        gini([world.talked.get(one, 0.0) / time for one, time in hours.items() if time]),
        world.steps,
        len(world.left),
    )


def _sorted(told: Sequence[Told]) -> tuple[float, ...]:
    return tuple(sorted(one.connected for one in told if one.connected is not None))


def gini(values: Sequence[float]) -> float:
    """0 where all have the same, towards 1 where one has everything."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    ranked = sum((2 * (place + 1) - len(ordered) - 1) * value for place, value in enumerate(ordered))
    return ranked / (len(ordered) * total)


def erlang_c(load: float, servers: int) -> float:
    """The chance that somebody who calls must wait: offered load in erlangs, M/M/c (A. K. Erlang 1917)."""
    if load >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def bound(town: Town, limit: float) -> tuple[float, float]:
    """Erlang C for each language and hour of the week, weighted by demand: (must wait, served within `limit` seconds).

    As if everybody on call took the next request at once, and in one language only.
    """
    handling = statistics.fmean(asking.talk for asking in town.asking) + policy().wrap_up_seconds
    waits = served = total = 0.0
    for hour in range(24 * 7):
        at = START + timedelta(hours=hour)
        for code, share in town.share.items():
            rate = town.rate(at) * share
            on = sum(one.skills[0].language == code and town.present(one.id, at) for one in town.roster)
            must_wait = erlang_c(rate * handling, on) if on else 1.0
            drains = max(on / handling - rate, 0.0)
            waits += rate * must_wait
            served += rate * (1 - must_wait * math.exp(-drains * limit))
            total += rate
    return waits / total, served / total


def show(console: Console, figures: Sequence[Figures], town: Town, title: str) -> None:
    """The table."""
    heads = "p50", "p90", "p99", "<=30 s", "<=60 s", "abandoned", "rings", "occupancy", "Gini offers", "Gini talk"
    table = Table("strategy", *heads, "emergencies p90", title=title)
    for one in figures:
        grave = Figures("", one.emergencies, (), len(one.emergencies), 0, 0, 0, 0, 0, 0, 0)
        table.add_row(
            one.name,
            *(f"{one.quantile(share):.1f}" for share in (0.5, 0.9, 0.99)),
            f"{one.within(30):.1%}",
            f"{one.within(60):.1%}",
            f"{one.abandoned / one.asked:.1%}",
            f"{one.rings / max(len(one.seconds), 1):.2f}",
            f"{one.occupancy:.1%}",
            f"{one.gini_offers:.2f}",
            f"{one.gini_talk:.2f}",
            f"{grave.quantile(0.9):.1f}",
        )
    console.print(table)
    for limit in (30.0, 60.0):
        wait, served = bound(town, limit - 9.0)
        console.print(
            f"Erlang C, everybody on call answering at once, 9 s for the rest: {wait:.1%} must wait,"
            f" {served:.1%} within {limit:.0f} s"
        )
    console.print(f"{figures[0].asked} requests; steps through the core: {sum(one.steps for one in figures)}")


def picture(figures: Sequence[Figures], file: str) -> None:
    """Time to connect as curves, and the interruptions beside p90."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.6))
    colours = ("#777777", "#c9a227", "#8e6c8a", "#d98032", "#c1440e", "#1b6ca8", "#7fb2d9", "#0b3c5d", "#2a9d5c")
    for one, colour in zip(figures, colours, strict=True):
        shares = [(place + 1) / one.asked for place in range(len(one.seconds))]
        wide = 2.2 if one.name == "adaptive" else 1.2
        left.plot(one.seconds, shares, color=colour, linewidth=wide, label=one.name)
        rings = one.rings / max(len(one.seconds), 1)
        right.scatter([rings], [one.quantile(0.9)], color=colour, s=70)
    left.set(xlim=(5, 90), ylim=(0, 1), xlabel="seconds to connect", ylabel="share of all who asked")
    left.axvline(30, color="#bbb", linewidth=0.8, linestyle=":")
    left.axvline(60, color="#bbb", linewidth=0.8, linestyle=":")
    left.legend(fontsize=8, loc="lower right")
    right.set(xlabel="phones rung per connected request", ylabel="p90 to connect, s", ylim=(0, None), xlim=(0, None))
    right.set(title="the same colours", xlim=(0, 1.1 * max(one.rings / max(len(one.seconds), 1) for one in figures)))
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    """Run every contender and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--days", type=float, default=4.0)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--scale", type=float, default=1.0, help="of demand; 1 is 500 requests a day")
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--town", choices=[*TOWNS], help="one of the towns; both where none is named")
    told = asked.parse_args()
    for place in [told.town] if told.town else TOWNS:
        job = partial(simulate, seed=told.seed, days=told.days, scale=told.scale, place=place)
        with multiprocessing.get_context("spawn").Pool(told.processes) as pool:
            figures = pool.map(job, CONTENDERS, chunksize=1)
        town = Town(told.seed, told.days, told.scale, **TOWNS[place])
        title = f"{place}: {told.days:g} days, seed {told.seed}, x {told.scale:g}"
        show(Console(width=170, file=sys.stdout), figures, town, title)
        picture(figures, "docs/simulation.png" if place == "city" else f"docs/simulation_{place.replace(' ', '_')}.png")


if __name__ == "__main__":
    main()
