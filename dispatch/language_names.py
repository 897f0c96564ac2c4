"""Language names in what people write: every spelling, typos, groups; and the names that are something else here.

`mentions(text)` finds them with their places. Strict on purpose: a wrong language costs more than a question.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from dispatch import languages, varieties

GROUPS: dict[str, tuple[str, ...]] = {
    "chinese": ("cmn", "yue"),
    "kurdish": ("kmr", "ckb"),
    "serbo croatian": ("srp", "hrv", "bos"),
    "serbo-croatian": ("srp", "hrv", "bos"),
    "mayan": ("mam", "quc", "kjb"),
    "afghan": ("prs", "pus"),
    "afghani": ("prs", "pus"),
    "pakistani": ("urd", "pan"),
    "congolese": ("lin", "swh"),
    "nigerian": ("yor", "ibo", "hau"),
}
"""Names of several languages at once: any of them may be meant, so the person is asked or the likeliest is tried."""
_DEAF = ("deaf", "hearing impaired", "hard of hearing", "sign language", "sign")
_SHORT_WORDS = frozenset(
    "am an as at be by do go he hi id in is it me my no of oh ok on or so to up us we yes can may bus sit set let get"
    " man the and for not but any all out off now asap pls who how why was has had her his him she you our"
    " si da ja ne ha nah yo ta ur rn kk wo".split()
)
"""Everyday words that are also language codes: yes and no in other languages (si, da, ja, ne, ha) are not meant so."""
_NEVER_FUZZY = frozenset(
    "finish finished spinach francis frances korea somalia russia india china poland turkey france spain germany greece"
    " italy haiti brazil nepal vietnam cuba mexico person persons urgent please needs needed interpret later speak"
    " speaker romania armenia georgia albania bosnia serbia syria indian arabia parish perish danger manual mandarins"
    " roman romans swede japan ukraine tailor malls swish publish punish vanish banish thailand senegal nigeria"
    " ethiopia tamale malaria bangle general normal formal hotel motel thanks thank small mall male female think"
    " caller called canton germans leaving waiting morning".split()
)
_ALSO_SOMETHING_ELSE = frozenset(
    "karen mam mong shona ton patois span canto lao danish turkey indian sign man ful ga twi mah chk".split()
)
"""Names that are people, food or everyday words as well: they count only where a language is being talked about."""
_BEFORE = re.compile(
    r"(?:\b(?:need|needs|want|wants|send|get|speak|speaks|speaking|spoken|only"
    r"|in|for|is|it's|its|a|an|or|and|maybe|not|think"
    r"|language|lang|interpreter|interp|terp|translator|no|both|either|some|little|with|of)\s*:?|[/&,+?(\"-]|^)\s*$"
)
_AFTER = re.compile(
    r"^\s*(?:[/&,+?!.()\"-]|$|\b(?:speaker|speaking|speakers|interp\w*|terp|translat\w*|language|lang|guy|man|woman|lady"
    r"|male|female|person|family|or|and|but|please|pls|asap|urgent|now|at|only|not|needed|caller|victim|driver|subject)\b)"
)


@dataclass(frozen=True)
class Mention:
    """A name in a text: the languages it may mean (ISO 639-3), and where it stands."""

    codes: tuple[str, ...]
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case, one kind of apostrophe; as long as the text itself, so that places stay the same."""
    plain = text.replace("’", "'").replace("ʻ", "'").replace("ʼ", "'").replace("`", "'")
    lowered = plain.lower()
    return lowered if len(lowered) == len(plain) else plain


def mentions(folded: str) -> list[Mention]:
    """Every language named in a text that went through `fold`, in order."""
    whole = folded.strip(" .!?,:;-")
    if (code := _as_code(whole)) is not None:
        return [Mention((code,), 0, len(folded))]
    found = [
        Mention(names()[match.group()], match.start(), match.end())
        for match in _pattern().finditer(folded)
        if _is_meant(match.group(), whole, folded, match.start(), match.end())
    ]
    found += _misspelt(folded, found)
    if not found:
        found = _coded(folded)
    return _signed(folded, sorted(found, key=lambda mention: mention.start))


def _signed(text: str, found: list[Mention]) -> list[Mention]:
    """ "Spanish sign language" is a sign language: nobody is to speak Spanish."""
    spoken = {
        one
        for one, following in pairwise(found)
        if text.startswith("sign lang", following.start) and not text[one.end : following.start].strip()
    }
    return [one for one in found if one not in spoken]


@cache
def names() -> dict[str, tuple[str, ...]]:
    """Every name people write, folded, to the codes it means."""
    known: dict[str, tuple[str, ...]] = {}
    for language in languages.all_languages().values():
        for name in (language.english, language.native, *language.names):
            for written in {fold(name), bare(fold(name))}:
                known.setdefault(written, (language.code,))
    known.update(GROUPS)
    known.update(dict.fromkeys(_DEAF, ("ase",)))
    return known


def bare(name: str) -> str:
    """Without accents: "kreyòl" is typed "kreyol"."""
    decomposed = unicodedata.normalize("NFD", name)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(names(), key=len, reverse=True)
    spaced = "|".join(re.escape(name) for name in longest_first if not _unspaced(name))
    # Scripts without spaces between words have no word boundaries to rely on.
    joined = "|".join(re.escape(name) for name in longest_first if _unspaced(name))
    return re.compile(rf"(?<![\w'])(?:{spaced})(?!\w)|{joined}")


def _unspaced(name: str) -> bool:
    return any("\u0e00" <= c <= "\u0eff" or "\u1000" <= c <= "\u109f" or "\u1780" <= c <= "\u9fff" for c in name)


def _is_meant(name: str, whole: str, text: str, start: int, end: int) -> bool:
    if name not in _ALSO_SOMETHING_ELSE or whole == name:
        return True
    if not _BEFORE.search(text[:start]):
        return False
    # "mam from todos santos": a place where it is spoken says that the language is meant.
    return bool(_AFTER.search(text[end:])) or any(varieties.mentioned(text[end:], code) for code in names()[name])


def _misspelt(text: str, found: list[Mention]) -> list[Mention]:
    covered = [(mention.start, mention.end) for mention in found]
    nearly = []
    for match in re.finditer(r"[^\W\d_]{5,}", text):
        if any(start < match.end() and match.start() < end for start, end in covered):
            continue
        codes = _nearly(match.group())
        if codes:
            nearly.append(Mention(codes, match.start(), match.end()))
    return nearly


@cache
def _nearly(word: str) -> tuple[str, ...]:
    """The language a misspelt word means: one or two letters off, the first letter right."""
    if word in _NEVER_FUZZY or word in names():
        return ()
    best = process.extractOne(word, _fuzzy_names(), scorer=fuzz.ratio, score_cutoff=84)
    if best is None or best[0][0] != word[0] or abs(len(best[0]) - len(word)) > 2:
        return ()
    return names()[best[0]]


@cache
def _fuzzy_names() -> tuple[str, ...]:
    return tuple(
        name
        for name in names()
        if len(name) >= 5 and name.isascii() and " " not in name and name not in _ALSO_SOMETHING_ELSE - {"polish"}
    )


_AS_CODE = r"\b(?:lang|language|iso|code)\s*[:=]"


def _coded(text: str) -> list[Mention]:
    """ "lang: hat", "language=prs", "interp for fa"."""
    found = re.search(rf"{_AS_CODE}\s*(\w{{2,3}})\b", text)
    found = found or re.search(r"\b(?:need|speaks?|interp\w*|terp|translator)(?:\s+for)?\s+(\w{2,3})\b(?=\W*$)", text)
    code = _as_code(found.group(1), named_as_one=found.re.pattern.startswith(_AS_CODE)) if found else None
    return [Mention((code,), found.start(1), found.end(1))] if found and code else []


def _as_code(word: str, named_as_one: bool = False) -> str | None:
    if not re.fullmatch(r"[a-z]{2,3}(?:-[a-z]{2,4})?", word) or word in names():
        return None
    if word in _SHORT_WORDS and not named_as_one:
        return None
    try:
        return languages.normalise(word)
    except languages.UnknownLanguage:
        return None
