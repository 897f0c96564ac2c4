"""A machine's gist of a caller's first words, and whether they suggest danger.

Written after the ring has gone out, kept for a short while, always shown as a machine's. It can make a request more
urgent, with the reason shown; it never makes one less urgent and never decides anything else.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dispatch.request import Urgency

_RANK = {Urgency.ROUTINE: 0, Urgency.URGENT: 1, Urgency.EMERGENCY: 2}
UNSURE = 0.5
"""Certainty under which the gist is shown as unsure: about one word in two is a guess."""


@dataclass(frozen=True)
class Gist:
    """What the model made of the first words."""

    words: str
    """In the caller's language."""
    english: str
    language: str
    """ISO 639-3 of `words`."""
    certainty: float
    """Geometric mean probability of a token, 0 to 1, the lower of both readings."""

    @property
    def unsure(self) -> bool:
        """Whether it is more guess than hearing."""
        return self.certainty < UNSURE


@dataclass(frozen=True)
class Danger:
    """Why a request became more urgent."""

    reason: str
    """For the dispatcher, in English: the kind of danger and the word that was heard."""
    urgency: Urgency


def danger(gist: Gist) -> Danger | None:
    """The gravest danger that the words suggest, or None. Looked for in the caller's own words and in English."""
    found: Danger | None = None
    for kind, (urgency, patterns) in _signs().items():
        for code, text in ((gist.language, gist.words), ("eng", gist.english)):
            heard = patterns[code].search(text.casefold()) if code in patterns else None
            if heard and (found is None or _RANK[urgency] > _RANK[found.urgency]):
                found = Danger(f"{kind} (heard: {heard.group().strip()!r})", urgency)
    return found


def graver(told: Urgency, now: Urgency) -> bool:
    """Whether `told` is more urgent than `now`."""
    return _RANK[told] > _RANK[now]


@cache
def _signs() -> dict[str, tuple[Urgency, dict[str, re.Pattern[str]]]]:
    data = tomllib.loads(files("dispatch").joinpath("language_data/danger.toml").read_text(encoding="utf-8"))
    return {
        kind.replace("_", " "): (
            Urgency(entry["urgency"]),
            {code: _pattern(words) for code, words in entry.items() if code != "urgency"},
        )
        for kind, entry in data.items()
    }


def _pattern(words: str) -> re.Pattern[str]:
    """Any of the expressions, which "|" separates: at the beginning of a word, where the script has such."""
    parts = [re.escape(word.strip().casefold()) for word in words.split("|") if word.strip()]
    return re.compile("|".join(rf"\b{part}" if part[0].isascii() else part for part in parts))
