"""Where the bars of a chart stand. Numbers only: the template draws them as SVG, the style sheet colours them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 220.0
_LEFT, _BOTTOM, _TOP = 44.0, 26.0, 10.0
_SIGN = 7.0
"""About as wide as a letter of a label, so that the last one ends within the picture."""


@dataclass(frozen=True)
class Bar:
    """One bar of a column chart."""

    x: float
    y: float
    width: float
    height: float
    second: bool
    told: str
    """What it stands for, read out and shown beside the pointer."""


@dataclass(frozen=True)
class Label:
    """A word on an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Columns:
    """A column chart."""

    bars: list[Bar]
    below: list[Label]
    beside: list[Label]
    lines: list[float]
    """Heights of the grid's lines."""
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT


@dataclass(frozen=True)
class Row:
    """One bar of a chart of rows."""

    label: str
    value: float
    share: float
    """Of the longest, 0 to 100."""
    told: str
    """The value, with its unit."""


def rows(values: Sequence[tuple[str, float | None]], unit: str, most: int = 12) -> list[Row]:
    """The first `most` of them as bars, the longest reaching all the way; None has none."""
    shown = [(label, value) for label, value in values[:most] if value is not None]
    top = max((value for _, value in shown), default=0.0) or 1.0
    return [Row(label, value, round(100 * value / top, 2), f"{value:,.0f}{unit}") for label, value in shown]


def columns(
    labels: Sequence[str], series: Sequence[Sequence[float | None]], names: Sequence[str], unit: str
) -> Columns:
    """One or two values over each label, side by side; None draws nothing."""
    top = nice_top(max((value for row in series for value in row if value is not None), default=0.0))
    room = (WIDTH - _LEFT) / max(len(labels), 1)
    tall = HEIGHT - _BOTTOM - _TOP
    thick = min(room * 0.8 / max(len(series), 1), 46.0)
    bars = []
    for row, (values, name) in enumerate(zip(series, names, strict=True)):
        for at, value in enumerate(values):
            if value is None:
                continue
            height = tall * value / top
            x = _LEFT + room * at + (room - thick * len(series)) / 2 + thick * row
            told = f"{labels[at]}: {name} {value:g}{unit}"
            bars.append(
                Bar(round(x, 2), round(_TOP + tall - height, 2), round(thick, 2), round(height, 2), row > 0, told)
            )
    every = max(-(-len(labels) // 12), 1)
    below = [
        Label(round(min(_LEFT + room * (at + 0.5), WIDTH - _SIGN * len(text) / 2), 2), HEIGHT - 8, text)
        for at, text in enumerate(labels)
        if at % every == 0
    ]
    marks = [(top * share, _TOP + tall * (1 - share)) for share in (0, 0.5, 1)]
    beside = [Label(_LEFT - 6, y + 4, f"{value:g}{unit}") for value, y in marks]
    return Columns(bars, below, beside, [y for _, y in marks])


def nice_top(largest: float) -> float:
    """The next round number at or above: 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten."""
    if largest < 1e-9:  # nothing that could be seen
        return 1.0
    power = 1.0
    while power * 10 <= largest:
        power *= 10
    while power > largest:
        power /= 10
    return next(power * step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if power * step >= largest)
