"""Which languages the speech model takes for which: it forces what it cannot name into what it can, often confidently.

Data in language_data/confusions.toml, each with its ground.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CLEAR_READING = -0.45
"""Mean log probability of a token from which a reading counts as clear: speech that the model merely forces into a
language reads worse (benchmarks/speech_language prints both)."""
CLEAR_TEXT = 0.7
"""How surely the words of a clear reading must look like the language."""


@dataclass(frozen=True)
class Risk:
    """What hearing one language may mean instead."""

    others: tuple[str, ...] = ()
    """ISO 639-3, likeliest first."""
    always: bool = False
    """The model cannot tell them apart at all: ask, however clear the reading."""


@cache
def _all() -> dict[str, Risk]:
    data = tomllib.loads(files("dispatch").joinpath("language_data/confusions.toml").read_text(encoding="utf-8"))
    return {code: Risk(tuple(entry["others"]), entry.get("always", False)) for code, entry in data.items()}


def taken_for(heard: str) -> Risk:
    """The languages that are usually taken for `heard`; none for most."""
    return _all().get(heard, Risk())
