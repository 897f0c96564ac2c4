"""Who could be asked for a request, best first, and of everybody else who speaks the language why not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dispatch.people import Interpreter
from dispatch.routing import Considered


@dataclass(frozen=True)
class Standing:
    """One interpreter as seen from one request."""

    interpreter: Interpreter
    place: int | None
    """1 is asked next; None: the rules would not ask them now."""
    why: str
    can_ring: bool
    """Whether the dispatcher may ring them by hand all the same."""
    needs_reason: bool = False
    """Whether ringing them by hand takes a reason: a search would not."""
    rings: bool = False
    """Whether a search made now would ring them at once; the others wait for the next look."""


def standings(
    considered: Iterable[Considered],
    people: Iterable[Interpreter],
    rung: Sequence[str] = (),
    barred: Collection[str] = (),
) -> list[Standing]:
    """Everybody a search considered: those the rules would ask, in order, then the others.

    `rung` are those it would ring at once; those `barred` are not rung by hand either.
    """
    known = {one.id: one for one in people}
    found: list[Standing] = []
    for one in considered:
        place = sum(standing.place is not None for standing in found) + 1 if one.ok else None
        can_ring = not known[one.interpreter_id].engaged and one.interpreter_id not in barred
        rings = one.interpreter_id in rung
        found.append(Standing(known[one.interpreter_id], place, one.reason, can_ring, not one.ok, rings))
    return sorted(found, key=lambda standing: (standing.place is None, standing.place or 0, standing.interpreter.code))
