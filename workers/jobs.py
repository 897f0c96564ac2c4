"""RQ jobs. Each is a few lines: find the effect, perform it, say so."""

from workers.performing import Performer

_performer: Performer | None = None


def install(performer: Performer) -> None:
    """Give this worker process what its jobs work with. Called once at its start, by the wiring."""
    global _performer
    _performer = performer


def perform(effect_id: str) -> None:
    """Perform one effect from the outbox. Doing so twice is harmless."""
    if _performer is None:
        raise RuntimeError("This worker was not wired; start workers with `interpreter-dispatch serve`.")
    _performer.perform(effect_id)
