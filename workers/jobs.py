"""RQ jobs. Each is a few lines: find the effect, perform it, say so."""

from typing import Protocol


class Performs(Protocol):
    """What a worker process is given: it performs effects by id."""

    def perform(self, effect_id: str) -> None:
        """Perform one effect; twice is harmless."""
        ...


class Delivers(Protocol):
    """What a process is given that sends webhooks: it makes deliveries by id."""

    def deliver(self, delivery_id: str) -> None:
        """Make one delivery; twice is harmless."""
        ...


_performer: Performs | None = None
_sender: Delivers | None = None


def install(performer: Performs) -> None:
    """Give this worker process what its jobs work with. Called once at its start, by the wiring."""
    global _performer
    _performer = performer


def install_sender(sender: Delivers) -> None:
    """Give this worker process what sends its webhooks."""
    global _sender
    _sender = sender


def deliver(delivery_id: str) -> None:
    """Make one delivery of a webhook. Doing so twice is harmless."""
    if _sender is None:
        raise RuntimeError("This worker does not send webhooks; start one with `interpreter-dispatch work --webhooks`.")
    _sender.deliver(delivery_id)


def perform(effect_id: str) -> None:
    """Perform one effect from the outbox. Doing so twice is harmless."""
    if _performer is None:
        raise RuntimeError("This worker was not wired; start workers with `interpreter-dispatch serve`.")
    _performer.perform(effect_id)
