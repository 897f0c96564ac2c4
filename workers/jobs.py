"""RQ jobs. Each is a few lines: find the effect, perform it, say so."""

from typing import Protocol


class Performs(Protocol):
    """What a worker process is given: it performs effects by id."""

    def perform(self, effect_id: str) -> None:
        """Perform one effect; twice is harmless."""
        ...


_performer: Performs | None = None


def install(performer: Performs) -> None:
    """Give this worker process what its jobs work with. Called once at its start, by the wiring."""
    global _performer
    _performer = performer


def perform(effect_id: str) -> None:
    """Perform one effect from the outbox. Doing so twice is harmless."""
    if _performer is None:
        raise RuntimeError("This worker was not wired; start workers with `interpreter-dispatch serve`.")
    _performer.perform(effect_id)
