"""Counts that may be published: small ones are put together with others until none of the sums is small.

A small count hidden as "fewer than 11" can often be worked out: from the total, from a second table, from a rate. Here
nothing is hidden. What is small is merged with its neighbours, so that every number that is shown, and every number
that follows from those that are shown, counts at least `smallest` people or none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMALLEST_SHOWN = 11
"""Counts below this are not published: the cell size suppression policy of the US Centers for Medicare & Medicaid
Services, which many agencies follow for people who could be known again."""
NAMED_ABOVE = 5
"""Members of a group are named only where the group counts that many more than it has members: of a group with as many
people as members, each would have one."""


@dataclass(frozen=True)
class Group:
    """One published row: one name, or several together."""

    members: tuple[str, ...]
    """By name, so that their order tells nothing."""
    count: int

    @property
    def named(self) -> bool:
        """Whether its members may be named."""
        return len(self.members) == 1 or self.count - len(self.members) >= NAMED_ABOVE


def merged(counts: Mapping[str, int], smallest: int = SMALLEST_SHOWN) -> list[Group]:
    """The counts as they may be published, most first, groups last; empty where even all together are too few.

    The rows add up to the total. Zero is left out.
    """
    found = {name: count for name, count in counts.items() if count > 0}
    if sum(found.values()) < smallest:
        return []
    few = sorted(name for name, count in found.items() if count < smallest)
    # Who joins them is chosen by name: chosen by size, it would tell that it is no larger than the next.
    rest = sorted(name for name, count in found.items() if count >= smallest)
    while few and rest and (len(few) == 1 or sum(found[name] for name in few) < smallest):
        few.append(rest.pop(0))
    alone = [Group((name,), found[name]) for name in sorted(rest, key=lambda name: (-found[name], name))]
    return alone + ([Group(tuple(sorted(few)), sum(found[name] for name in few))] if few else [])


def whole(pair: tuple[int, int], smallest: int = SMALLEST_SHOWN) -> bool:
    """Whether both parts of a total may be shown."""
    return sum(pair) >= smallest and all(part == 0 or part >= smallest for part in pair)


def divisible(parts: Iterable[tuple[int, int]], smallest: int = SMALLEST_SHOWN) -> bool:
    """Whether of rows that each fall into two parts (connected or not) the parts may be shown: of all rows or of none.

    Which rows are left out would tell of those that are: it was chosen by what they hide.
    """
    return all(whole(pair, smallest) for pair in parts)
