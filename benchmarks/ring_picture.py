"""The picture of benchmarks/ring_frontier.py: rings against p50 and p90, one column a run."""

from collections.abc import Sequence

from benchmarks.ring_model import Outcome

Panel = tuple[str, list[Outcome], list[Outcome], list[tuple[float, Outcome]]]
"""Title, the others, ours, and ours priced for one other way of ringing at its rings."""


def picture(panels: Sequence[Panel]) -> None:
    """Draw docs/ring_frontier.png."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, len(panels), figsize=(4.4 * len(panels), 7.4), sharex=True, squeeze=False)
    for column, (title, rivals, mine, priced) in enumerate(panels):
        for row, share in enumerate((0.5, 0.9)):
            axis = axes[row][column]
            for family, colour, marker, label in (
                ("hedge", "#c9a227", ".", "simple hedge"),
                ("roster", "#b9a0c9", "s", "fixed ring size, roster's order"),
                ("fixed", "#c1440e", "s", "fixed ring size, lent our order"),
            ):
                group = [one for one in rivals if one.name.startswith(family)]
                figures = [one.rings for one in group], [one.quantile(share) for one in group]
                axis.scatter(*figures, s=18, color=colour, marker=marker, label=label)
            line = sorted((one for one in mine if "miss" not in one.name), key=lambda one: one.rings)
            axis.plot(
                [one.rings for one in line],
                [one.quantile(share) for one in line],
                color="#1b6ca8",
                linewidth=1.6,
                label="adaptive, one price of waiting",
            )
            axis.scatter(
                [rings for rings, _ in priced],
                [one.quantile(share) for _, one in priced],
                s=22,
                color="#0b3c5d",
                marker="+",
                label="adaptive, milestones",
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
    axes[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig("docs/ring_frontier.png", dpi=100)
