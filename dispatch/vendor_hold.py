"""Is that the vendor's menu, their hold, or at last an interpreter? Decided from words, by the vendor's own phrases.

A plain function of one sentence and the vendor's lists in the policy file. What neither list knows decides nothing: a
clock that stops too early would make a vendor look faster than they are.
"""

import re
from enum import StrEnum

from rapidfuzz import fuzz

from dispatch.policy import Vendor


class Heard(StrEnum):
    """What a sentence on a vendor's line is."""

    HOLD = "hold"
    """Their menu, their operator, or an announcement while one waits."""
    HUMAN = "human"
    """An interpreter speaks."""
    UNCLEAR = "unclear"


class Spoke(StrEnum):
    """How it is known that a vendor's interpreter spoke, kept with the request."""

    HEARD = "heard"
    """The service heard it on the vendor's line."""
    KEY = "key"
    """The requester said so, by key or by text."""
    DESK = "desk"
    """The dispatcher noticed it."""
    ASSUMED = "assumed"
    """Nobody said so: their hold is taken to have lasted as long as usual."""


SPOKE_WORDS = {
    Spoke.HEARD: "heard on the vendor's line",
    Spoke.KEY: "said by the requester",
    Spoke.DESK: "noticed by the dispatcher",
    Spoke.ASSUMED: "assumed after the vendor's usual hold",
}

_ALIKE = 86
"""Of 100, by rapidfuzz: one wrong letter in seven, as a small model hears telephone speech."""


def judge(words: str, vendor: Vendor) -> Heard:
    """What a sentence in the agency's first language is. The likelier list wins; alike, it is still the hold."""
    said = _plain(words)
    hold, human = _best(said, vendor.hold_phrases), _best(said, vendor.human_phrases)
    if max(hold, human) < _ALIKE:
        return Heard.UNCLEAR
    return Heard.HUMAN if human > hold else Heard.HOLD


def _best(said: str, listed: tuple[str, ...]) -> float:
    """How well the best of these phrases is found in what was said; a phrase longer than it cannot be."""
    fits = [phrase for phrase in map(_plain, listed) if len(phrase) <= len(said) + 2]
    return max((fuzz.partial_ratio(phrase, said) for phrase in fits), default=0.0)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.casefold()))
