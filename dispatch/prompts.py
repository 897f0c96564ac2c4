"""What a phone hears next, worked out from stored state alone: asking twice gives the same answer.

`next_prompt(request, leg_id, turn, policy)` is a plain function. `voice.twiml` turns its value into TwiML.
"""

from dataclasses import dataclass

from dispatch.request import LegRole


@dataclass(frozen=True)
class Line:
    """One sentence: phrase `key` in `language` (ISO 639-3) with `params`."""

    key: str
    language: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AskLanguage:
    """Say the lines, then record what the caller says."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class ChooseLanguage:
    """Say each language's line in its own voice; digit i+1 chooses `languages[i]`."""

    lines: tuple[Line, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Hold:
    """Say the lines, play music for `music_seconds`, and come back with `turn + 1`. Key 9 corrects the language."""

    lines: tuple[Line, ...]
    turn: int
    correctable: bool
    music_seconds: int


@dataclass(frozen=True)
class OfferQuestion:
    """Ask the interpreter: 1 accepts, 2 declines. Says the line up to `repeats` times."""

    line: Line
    repeats: int = 2


@dataclass(frozen=True)
class Join:
    """Say the lines, then enter the conference. `ends` : the conference is over when this phone leaves."""

    lines: tuple[Line, ...]
    conference: str
    role: LegRole
    starts: bool
    ends: bool


@dataclass(frozen=True)
class Farewell:
    """Say the lines and hang up."""

    lines: tuple[Line, ...]


Prompt = AskLanguage | ChooseLanguage | Hold | OfferQuestion | Join | Farewell
