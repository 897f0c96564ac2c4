"""Languages the product can route: codes, names, what people call them. Data in language_data/languages.toml.

Codes are ISO 639-3 throughout. Names come from the data first, otherwise from CLDR (through `babel` and `langcodes`).
"""

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import langcodes
from babel import Locale, UnknownLocaleError
from rapidfuzz import fuzz, process

from dispatch.errors import DispatchError


class UnknownLanguage(DispatchError):
    """Not a language this product can route; the message names the nearest one."""


@dataclass(frozen=True)
class Language:
    """One language."""

    code: str
    """ISO 639-3."""
    english: str
    native: str
    names: tuple[str, ...] = ()
    """Other names people write for it, lower case."""
    whisper: str | None = None
    """Its code in the speech model, None where the model cannot name it."""
    signed: bool = False
    called: tuple[tuple[str, str], ...] = ()
    """What speakers of another language (ISO 639-3) call it, where CLDR does not say."""

    @property
    def voice_call(self) -> bool:
        """Whether it can be interpreted on a telephone at all."""
        return not self.signed


@cache
def all_languages() -> dict[str, Language]:
    """Every language that can be routed, by code."""
    data = tomllib.loads(files("dispatch").joinpath("language_data/languages.toml").read_text(encoding="utf-8"))
    return {
        code: Language(
            code,
            entry["english"],
            entry.get("native", entry["english"]),
            tuple(entry.get("names", ())),
            entry.get("whisper"),
            entry.get("signed", False),
            tuple(entry.get("called", {}).items()),
        )
        for code, entry in data.items()
    }


def get(code: str) -> Language:
    """The language with that ISO 639-3 code. Raises UnknownLanguage."""
    try:
        return all_languages()[code]
    except KeyError:
        raise UnknownLanguage(f"{code!r} is not a language this service can route.{_nearest(code)}") from None


_MEANT = {
    "zho": "cmn",
    "fas": "pes",
    "kur": "kmr",
    "ara": "arb",
    "swa": "swh",
    "fil": "tgl",
    "hbs": "srp",
    "nob": "nor",
}
"""Macrolanguages and the member we mean when somebody names only the macrolanguage."""


@lru_cache(maxsize=4096)
def normalise(tag: str) -> str:
    """The ISO 639-3 code for a code (639-1, 639-3), a BCP 47 tag or an English name. Raises UnknownLanguage."""
    written = tag.strip()
    named = {language.english.lower(): code for code, language in all_languages().items()}
    if written.lower() in named:
        return named[written.lower()]
    if written in all_languages():
        return written
    try:
        parsed = langcodes.Language.get(written)
        code = parsed.to_alpha3() if parsed.is_valid() else ""
    except (ValueError, LookupError):
        code = ""
    if code == "fas" and parsed.territory == "AF":
        code = "prs"
    code = _MEANT.get(code, code)
    if code in all_languages():
        return code
    raise UnknownLanguage(f"{written!r} is not a language this service can route.{_nearest(written)}")


@cache
def from_whisper(code: str) -> str | None:
    """The ISO 639-3 code of a language the speech model names; None where we cannot route it."""
    return next((one.code for one in all_languages().values() if one.whisper == code), None)


def tag(code: str) -> str:
    """The shortest BCP 47 tag for an ISO 639-3 code."""
    return langcodes.standardize_tag(code)


@cache
def name_in(code: str, display_code: str) -> str:
    """What the language `code` is called in `display_code` (both ISO 639-3); its own name where nobody knows."""
    language = get(code)
    if display_code == "eng":
        return language.english
    if display_code in dict(language.called):
        return dict(language.called)[display_code]
    for own in (tag(code), code):
        for display in (tag(display_code), display_code):
            try:
                found = Locale.parse(display, sep="-").languages.get(own)
            except (UnknownLocaleError, ValueError):
                continue
            if found and display_code != code:
                return str(found)
            if found and found.lower() == language.native.lower():
                return str(found)  # as written within a sentence: "español", not "Español"
    return language.native


def _nearest(written: str) -> str:
    names = {language.english: code for code, language in all_languages().items()}
    found = process.extractOne(written, names.keys(), scorer=fuzz.WRatio, score_cutoff=70)
    return f" Did you mean {found[0]} ({names[found[0]]})?" if found else ""
