"""What an officer adds to a request that is open, as an event of `step`."""

from dataclasses import dataclass

from dispatch.request import Need


@dataclass(frozen=True)
class MoreSaid:
    """A later text says how urgent it is, where, what kind of meeting or what interpreter. Its languages are left out:
    they are chosen, not added."""

    need: Need


AskingEvent = MoreSaid
