"""Second languages: what a person may also speak, what a relay can go through. Data in language_data/related.toml."""

import tomllib
from functools import cache
from importlib.resources import files

from dispatch import languages


@cache
def _also() -> dict[str, tuple[str, ...]]:
    data = tomllib.loads(files("dispatch").joinpath("language_data/related.toml").read_text(encoding="utf-8"))
    known = languages.all_languages()
    return {
        code: tuple(other for other in others if other in known)
        for code, others in data["also"].items()
        if code in known
    }


def also_spoken(language: str | None) -> tuple[str, ...]:
    """Languages (ISO 639-3) that speakers of this one often understand too, likeliest first. For a question only."""
    return _also().get(language or "", ())


def bridges(language: str | None) -> tuple[str, ...]:
    """Languages a relay from this one can go through, best first; () where none is known."""
    return tuple(code for code in also_spoken(language) if code != "eng")
