"""A machine's gist of a caller's first words, and whether they suggest danger.

Written after the ring has gone out, kept for a short while, always shown as a machine's. It can make a request more
urgent, with the reason shown; it never makes one less urgent and never decides anything else.
"""

import re
import tomllib
import unicodedata
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
            heard = patterns[code].search(_plain(text)) if code in patterns else None
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
            {code: _pattern(words, code) for code, words in entry.items() if code != "urgency"},
        )
        for kind, entry in data.items()
    }


_OF_A_WORD = r"\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
"""Letters, and the marks that scripts write beside them."""
_JOINED_IN_FRONT = {
    "arb": "(?:[وف]?[بلكس]?(?:ال)?|[وف]?لل)",
    "amh": "[በከለየ]?",
    "tir": "[ብንክዝ]?",
}
"""What these languages write together with the word after it: "the", "and", "with", "of"."""


def _pattern(words: str, language: str) -> re.Pattern[str]:
    """Any of the expressions, which "|" separates: at the beginning of a word, and with a blank at its end as a whole
    word; anywhere in scripts that write no blanks between words."""
    parts = [_plain(word) for word in words.split("|") if word.strip()]
    return re.compile("|".join(_expression(part, _JOINED_IN_FRONT.get(language, "")) for part in parts))


def _expression(part: str, joined: str) -> str:
    written = re.escape(part.strip())
    if _without_blanks(part[0]):
        return written
    ends = rf"(?![{_OF_A_WORD}])" if part.endswith(" ") else ""
    return rf"(?<![{_OF_A_WORD}]){joined}{written}{ends}"


def _without_blanks(sign: str) -> bool:
    """Thai, Lao, Burmese, Khmer, kana and Chinese characters."""
    return any(
        first <= sign <= last for first, last in ("\u0e00\u0eff", "\u1000\u109f", "\u1780\u17ff", "\u3040\u9fff")
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold()).replace("’", "'")
