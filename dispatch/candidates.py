"""Who could be asked for a request, best first, and of everybody else who speaks the language why not."""

from collections.abc import Iterable, Sequence
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
    rings: bool = False
    """Whether a search made now would ring them at once; the others wait for the next look."""


def standings(
    considered: Iterable[Considered],
    people: Iterable[Interpreter],
    rung: Sequence[str] = (),
    kept_out: Sequence[str] = (),
) -> list[Standing]:
    """Everybody a search considered: those the rules would ask, in order, then the others.

    `rung` are those it would ring at once; those in `kept_out` are not rung by hand either.
    """
    known = {one.id: one for one in people}
    found: list[Standing] = []
    for one in considered:
        place = sum(standing.place is not None for standing in found) + 1 if one.ok else None
        can_ring = not known[one.interpreter_id].engaged and one.interpreter_id not in kept_out
        rings = one.interpreter_id in rung
        found.append(Standing(known[one.interpreter_id], place, one.reason, can_ring, rings))
    return sorted(found, key=lambda standing: (standing.place is None, standing.place or 0, standing.interpreter.code))
