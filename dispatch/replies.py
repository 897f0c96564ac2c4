"""What an interpreter's text means: on, off, busy, yes, no, done. Never a word that the carrier itself acts on."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_BUSY_DEFAULT = timedelta(hours=1)
_BUSY_LONGEST = timedelta(days=7)

_PATTERNS = (
    ("on", r"(?:on|available|i'?m on|back|signing? (?:on|in)|ready)"),
    ("off", r"(?:off|i'?m off|unavailable|not available|signing? (?:off|out))"),
    (
        "busy",
        r"(?:busy|break|need a break)"
        r"(?:\s+(?:for\s+)?(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>h|hr|hrs|hours?|m|min|mins|minutes?|d|days?)?)?",
    ),
    ("yes", r"(?:yes|y|yeah|yep|ok|okay|1|accept|si|sí|oui|sim|da|wi|i can)(?:\s+(?P<yes_code>[a-z0-9]{1,6}))?"),
    ("no", r"(?:no|n|nope|2|decline|can'?t|cannot|non|não|nyet|i can'?t)(?:\s+(?P<no_code>[a-z0-9]{1,6}))?"),
    ("done", r"(?:done|finished|over|complete|completed|all done)"),
    ("menu", r"(?:menu|info|commands|options|\?)"),
)
_COMPILED = tuple((kind, re.compile(rf"\s*{pattern}\s*[.!]*\s*", re.IGNORECASE)) for kind, pattern in _PATTERNS)
_UNITS = {"h": "hours", "m": "minutes", "d": "days"}


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


def _busy_for(amount: str | None, unit: str | None) -> timedelta:
    """ "2h", "30 min", "1.5 hours"; a bare number is hours up to 12 and minutes above; a week at most."""
    if amount is None:
        return _BUSY_DEFAULT
    number = float(amount)
    name = _UNITS[unit[0].lower()] if unit else "hours" if number <= 12 else "minutes"
    return min(timedelta(**{name: number}), _BUSY_LONGEST)
