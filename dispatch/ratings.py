"""Ratings: reading the number a person texts, and what many of them come to.

Only the number is kept, and words where somebody wrote some. Figures are by language, never by interpreter.
"""

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dispatch.gist import Gist, danger
from dispatch.suppression import SMALLEST_SHOWN, Group, merged
from dispatch.understanding import understand

LOW = 2
"""Up to this a rating makes a task."""
LONGEST_WORDS = 500
LINE = {"A": 1, "B": 2, "C": 3}
"""What an interpreter says of the line: good, fair, bad."""
_STARS = re.compile(r"[★⭐🌟✭✮]")
_EMPTY = re.compile(r"[★⭐🌟✭✮☆\ufe0f\s]+")
_DIGIT = re.compile(
    r"\W*(?P<digit>\d)(?!\d|[.,:]\d)(?:\s*/\s*5|\s*(?:out of|de|sur|su|von)\s*5)?(?=\W|$)(?P<rest>.*)", re.DOTALL
)
_NUMBER = re.compile(r"\W*\d{1,3}(?:\s*/\s*\d{1,3})?\W*")
_LETTER = re.compile(r"\s*([abcABC])\s*[.!]?\s*")


@dataclass(frozen=True)
class Reading:
    """A text that answers "how was it?". `value` 1 to 5; None: a number, but none of these."""

    value: int | None
    words: str = ""
    """What they wrote besides; thanks are not kept."""


@dataclass(frozen=True)
class Rated:
    """One answer."""

    language: str
    value: int


@dataclass(frozen=True)
class LanguageRatings:
    """What the answers about one language come to; a language with few answers stands among others."""

    languages: tuple[str, ...]
    answers: int
    average: float
    spread: list[Group]
    """How often each number was given, small ones together; empty where that would show too little."""


def read(body: str, language: str) -> Reading | None:
    """What a text says as a rating; None where it is something else: a request, words alone, a sign of danger."""
    text = unicodedata.normalize("NFKC", body).strip()
    if _STARS.search(text) and _EMPTY.fullmatch(text):
        count = len(_STARS.findall(text))
        return Reading(count if count <= 5 else None)
    value: int | None
    found = _DIGIT.match(text)
    if found is not None:
        value, rest = unicodedata.digit(found["digit"]), found["rest"]
    elif _NUMBER.fullmatch(text):
        return Reading(None)
    else:
        value, rest = _in_words(text)
    if value is None or (found is None and _said(rest)):
        return None  # "two officers are here" is no rating
    words = _said(rest)
    if words and _is_more(words, language):
        return None
    return Reading(value if 1 <= value <= 5 else None, words[:LONGEST_WORDS])


def read_line(body: str) -> int | None:
    """What an interpreter says of the line: 1 good, 2 fair, 3 bad; None: nothing."""
    found = _LETTER.fullmatch(body)
    return LINE[found[1].upper()] if found else None


def by_language(rated: Iterable[Rated], smallest: int = SMALLEST_SHOWN) -> list[LanguageRatings]:
    """Average and spread by language, most answers first; groups of languages where one alone has too few."""
    answers: dict[str, list[int]] = defaultdict(list)
    for one in rated:
        answers[one.language].append(one.value)
    found = []
    for group in merged({code: len(values) for code, values in answers.items()}, smallest):
        values = [value for code in group.members for value in answers[code]]
        spread = merged({str(stars): count for stars, count in Counter(values).items()}, smallest)
        average = round(sum(values) / len(values), 1)
        shown = sorted(spread, key=lambda one: one.members, reverse=True) if len(spread) > 1 else []
        found.append(LanguageRatings(group.members, len(values), average, shown))
    return found


def _in_words(text: str) -> tuple[int | None, str]:
    """ "five stars": the number that the first word names, and the rest. Thanks may stand before it."""
    parts = text.split()
    while len(parts) > 1 and _fold(parts[0]) in _thanks():
        parts = parts[1:]
    if not parts:
        return None, ""
    first = _fold(parts[0])
    if first in _numbers():
        return _numbers()[first], " ".join(parts[1:])
    if len(first) == 1 and first.isdigit():
        return int(first), " ".join(parts[1:])
    return None, ""


def _said(rest: str) -> str:
    """The words beside the number, unless they only thank or name stars."""
    plain = [word for word in (_fold(part) for part in rest.split()) if word]
    return "" if all(word in _thanks() or word.isdigit() for word in plain) else rest.strip(" \t\n,.;:-–—/")


def _is_more(words: str, language: str) -> bool:
    """Whether the words ask for something, or tell of danger: then they are no comment."""
    asked = understand(words)
    if asked.languages or asked.alternatives or asked.command or asked.place or asked.encounter:
        return True
    if asked.urgency != "routine":
        return True
    return danger(Gist(words, words, language, 1.0)) is not None


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).strip('.,;:!?¡¿-–—()"”“*')


@cache
def _table() -> dict[str, dict[str, str]]:
    data = files("dispatch").joinpath("language_data/number_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(data)


@cache
def _numbers() -> dict[str, int]:
    return {_fold(word): at for one in _table().values() for at, word in enumerate(one["numbers"].split(), 1)}


@cache
def _thanks() -> frozenset[str]:
    return frozenset(_fold(word) for one in _table().values() for word in one["thanks"].split())
