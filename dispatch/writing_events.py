"""What happens in a session in writing. Words are in `text`, which is never logged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WritingWanted:
    """The requester, who texts, cannot or would rather not talk on the phone."""


@dataclass(frozen=True)
class Wrote:
    """A text within a session in writing: `by` "requester", "interpreter" or "desk", `to` another of these."""

    by: str
    text: str
    to: str


WritingEvent = WritingWanted | Wrote
