"""Why requests missed their target, ended without an interpreter, or had their language put right: kinds of causes."""

import re
from collections import Counter
from collections.abc import Iterable

from dispatch.outcomes import Result
from dispatch.reports import Ended

CORRECTIONS = {
    "LanguageWrong": "The person said that it was another language",
    "OtherLanguageFirst": "The person speaks another language first",
    "LanguageChosen": "The right language was named or chosen afterwards",
    "LanguageSet": "A dispatcher set it",
    "AnotherWanted": "It was noticed in the session",
}
CORRECTING = tuple(CORRECTIONS)
"""Kinds of events that put a language right."""
RESULTS = {
    Result.CONNECTED: "Connected",
    Result.INTERPRETER_NOT_REACHED: "Interpreter not reached",
    Result.REQUESTER_NOT_REACHED: "Requester's phone not answered",
    Result.LANGUAGE_NOT_FOUND: "Language not found out",
    Result.IN_PERSON: "Arranged in person or by video",
    Result.WITHDRAWN: "Withdrawn in time",
    Result.ABANDONED: "Caller hung up in time",
}
_UNTOLD = "Ended without an interpreter"
_MISSES = (
    (re.compile(r"vendor line"), "The vendor line had to be called"),
    (re.compile(r"language was settled"), "The language was settled late"),
    (re.compile(r"nobody was free"), "Nobody was free"),
    (
        re.compile(r"did not answer|declined|could not be reached|no interpreter accepted"),
        "Interpreters did not take it",
    ),
    (re.compile(r"was lost again"), "An interpreter was lost again"),
    (re.compile(r"rung twice"), "The requester's phone had to be rung twice"),
    (re.compile(r"accepted after|joining the phones"), "Joining the phones took long"),
    (re.compile(r"accepted only after"), "The interpreter accepted late"),
)


def outcomes(ended: Iterable[Ended]) -> list[tuple[str, int]]:
    """How requests ended, most first; who got an interpreter stands first."""
    counted = Counter(_outcome(one) for one in ended)
    first = RESULTS[Result.CONNECTED]
    return sorted(counted.items(), key=lambda row: (row[0] != first, -row[1], row[0]))


def misses(ended: Iterable[Ended]) -> list[tuple[str, int]]:
    """Why the target was missed, most often first."""
    return Counter(miss(one.miss) for one in ended if one.miss).most_common()


def corrections(ended: Iterable[Ended]) -> list[tuple[str, int]]:
    """What put a wrong language right, most often first."""
    return Counter(CORRECTIONS.get(kind, kind) for one in ended for kind in one.corrected_by).most_common()


def miss(words: str) -> str:
    """The kind of cause that these words (`outcomes`) name, the weightiest first."""
    return next((kind for pattern, kind in _MISSES if pattern.search(words)), "Trouble in the service")


def _outcome(one: Ended) -> str:
    if one.connected_at is not None:
        return RESULTS[Result.CONNECTED]
    return RESULTS[Result(one.result)] if one.result in set(Result) else _UNTOLD
