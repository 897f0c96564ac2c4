"""What an interpreter's text means: on, off, busy, yes, no, done; and who asks for another interpreter.

Never a word that the carrier itself acts on.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

_BUSY_DEFAULT = timedelta(hours=1)
_BUSY_LONGEST = timedelta(days=7)

_PATTERNS = (
    ("on", r"(?:on|available|i'?m on|back|signing? (?:on|in)|ready)"),
    ("off", r"(?:off|i'?m off|unavailable|not available|signing? (?:off|out))"),
    (
        "busy",
        r"busy"
        r"(?:\s+(?:for\s+)?(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>h|hr|hrs|hours?|m|min|mins|minutes?|d|days?)?)?",
    ),
    ("yes", r"(?:yes|y|yeah|yep|ok|okay|1|accept|si|sí|oui|sim|da|wi|i can)(?:\s+(?P<yes_code>[a-z0-9]{1,6}))?"),
    ("no", r"(?:no|n|nope|2|decline|can'?t|cannot|non|não|nyet|i can'?t)(?:\s+(?P<no_code>[a-z0-9]{1,6}))?"),
    ("done", r"(?:done|finished|over|complete|completed|all done)"),
    ("menu", r"(?:menu|info|commands|options|\?)"),
)
_COMPILED = tuple((kind, re.compile(rf"\s*{pattern}\s*[.!]*\s*", re.IGNORECASE)) for kind, pattern in _PATTERNS)
_UNITS = {"h": "hours", "m": "minutes", "d": "days"}


_PERSON = (
    r"(?:them|him|her|this (?:person|man|woman|caller|officer|guy|lady)|the (?:interpreter|caller|person)|each other)"
)
_SWAPS = tuple(
    (why, re.compile(pattern, re.IGNORECASE))
    for why, pattern in (
        (
            "known",
            rf"\b(?:knows?|related to|friend of|neighbou?r of|family of)\s+{_PERSON}|\bconflict(?: of interest)?\b",
        ),
        (
            "language",
            r"\b(?:wrong|not (?:the |my |his |her |their )?(?:right )?|different)\s*(?:language|dialect)\b"
            r"|\b(?:doesn'?t|does not|don'?t|do not|can'?t|cannot) (?:speak|understand) "
            r"(?:the (?:language|dialect)|them|him|her|each other|(?:his|her|their|my) (?:language|dialect))\b"
            r"|\b(?:language|dialect) is (?:wrong|different|not right)\b",
        ),
        (
            "other",
            r"^\s*(?:swap|switch|replace)\b.{0,30}$"
            r"|\b(?:another|other|different|new|second)\s+(?:interp\w*|terp|translator)\b",
        ),
    )
)


@dataclass(frozen=True)
class Reply:
    """A text from an interpreter, read."""

    kind: str
    """ "on", "off", "busy", "yes", "no", "done", "menu" or "unknown"."""
    code: str = ""
    """The short code after a yes or no, upper case."""
    busy_for: timedelta = _BUSY_DEFAULT

    def busy_until(self, now: datetime) -> datetime:
        """When a busy interpreter may be rung again."""
        return now + self.busy_for


def read_reply(text: str) -> Reply:
    """Read a command. Anything else is "unknown", never an error."""
    for kind, pattern in _COMPILED:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        groups = found.groupdict()
        code = (groups.get("yes_code") or groups.get("no_code") or "").upper()
        return Reply(kind, code, _busy_for(groups.get("amount"), groups.get("unit")))
    return Reply("unknown")


def read_swap(text: str, other_languages: bool = True) -> str | None:
    """Why somebody in a session asks for another interpreter: "known", "language" or "other"; None: they do not.

    In English, or unless told otherwise in the languages of language_data/another.toml.
    """
    plain = unicodedata.normalize("NFC", text).replace("’", "'")
    found = next((why for why, pattern in _SWAPS if pattern.search(plain)), None)
    if found is not None or not other_languages:
        return found
    lowered = plain.lower()
    return next((why for why, said in _in_other_languages() if any(words in lowered for words in said)), None)


@cache
def _in_other_languages() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Expressions of every language, by why; who knows the interpreter comes before everything else."""
    read = tomllib.loads(files("dispatch").joinpath("language_data/another.toml").read_text(encoding="utf-8"))
    return tuple(
        (why, tuple(words for told in read.values() for words in told[why].split("|")))
        for why in ("known", "language", "other")
    )


def _busy_for(amount: str | None, unit: str | None) -> timedelta:
    """ "2h", "30 min", "1.5 hours"; a bare number is hours up to 12 and minutes above; a week at most."""
    if amount is None:
        return _BUSY_DEFAULT
    number = float(amount)
    name = _UNITS[unit[0].lower()] if unit else "hours" if number <= 12 else "minutes"
    return min(timedelta(**{name: number}), _BUSY_LONGEST)
