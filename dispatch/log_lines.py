"""What the event log keeps of an event: plain fields and the change of state."""

from dataclasses import fields

from dispatch import events
from dispatch.announcing import MISSED, SETTLED
from dispatch.request import Request

_NOT_LOGGED = frozenset(
    {"text", "need", "recording_sid", "call_sid", "place", "danger", "chances", "groups", "through", "reasons"}
)


def account(before: Request, after: Request, event: events.Event) -> dict[str, str]:
    """What the event log keeps: the event's plain fields and the change of state; never words, numbers or audio."""
    told = {field.name: str(getattr(event, field.name)) for field in fields(event) if field.name not in _NOT_LOGGED}
    if isinstance(event, events.LanguageHeard):
        told["guesses"] = ", ".join(f"{guess.language} {guess.confidence:.2f}" for guess in event.guesses[:3])
    if after.state is not before.state:
        told["state"] = f"{before.state} > {after.state}"
    if after.language is not None and after.language != before.language:
        told[SETTLED] = after.language
    if after.miss and not before.miss:
        told[MISSED] = "target"
    return told
