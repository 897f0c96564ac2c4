"""What an officer's text asks for: languages named, alternatives, exclusions, urgency, place, constraints, commands.

Names come first; a text that names no language is left to text identification. Places, titles and everyday phrases that
happen to contain a language's name are set aside before names are looked for ("polish guy on 900 Polish Hill rd").
"""

import re
import unicodedata
from dataclasses import asdict, dataclass
from functools import cache

from rapidfuzz import fuzz, process

from dispatch import languages

_STREET = (
    r"(?:st|street|rd|road|ave|avenue|blvd|boulevard|ln|lane|dr|drive|ct|court|way|pl|place|hwy|highway|sq|square"
    r"|pkwy|parkway|ter|terrace|hill|hl|bridge|park|plaza|center|mall|station|school|hospital)"
)
_END = r"(?=$|[,;.!?\n]|\s(?:urgent|asap|emergency|now|please|pls|need|for|female|male|certified|thanks)\b)"
_PLACES = (
    re.compile(
        rf"(?:\b(?:at|near|on|by|outside|corner of)\s+|@\s*)(\d+\w*\s+[^,;!?\n]*?\b{_STREET}\b\.?(?:\s+(?:apt|unit|#)\s*\w+)?)",
        re.I,
    ),
    re.compile(
        rf"(?:\b(?:at|near|on|by|outside|corner of)\s+|@\s*)([\w.'-]+(?:\s+[\w.'-]+)?\s*(?:&|\band\b|/)\s*[\w.'-]+(?:\s+{_STREET}\b)?)",
        re.I,
    ),
    re.compile(rf"\b(\d+\s+(?:[\w.'-]+\s+){{1,4}}{_STREET}\b\.?(?:\s+(?:apt|unit|#)\s*\w+)?)", re.I),
    re.compile(rf"\b((?:\w+(?:st|nd|rd|th)|\w+\s+{_STREET})\s*&\s*\w+(?:\s+{_STREET}\b)?)", re.I),
    re.compile(rf"\b(?:at|near|outside|on|@)\s+((?:the\s+)?(?:[\w.'-]+\s+){{0,3}}{_STREET}\b)", re.I),
    re.compile(
        rf"(?:\bat\s+|@\s*)((?!once\b|least\b|all\b|the moment\b|night\b|home\b)[\w.'-]+(?:\s+[\w.'#&-]+){{0,4}}?){_END}",
        re.I,
    ),
)
_SET_ASIDE = re.compile(
    rf"\b(?:officer|ofc|sgt|sergeant|lt|capt|captain|chief|det|detective|mr|mrs|ms|dr|deputy|trooper)\b\.?\s+\w+"
    rf"|\b\w+\s+{_STREET}\b"
    r"|\b\w+\s+(?:toast|fries|press|doors?|horn|shepherd|bulldog|fork|food|restaurant|takeout|bakery|pastry|grocery"
    r"|store|market|embassy|consulate|church|delight|coffee|remover|cat|rug|tea|town|passport)\b"
    r"|\b(?:nail|shoe|eat|drink|a|this|to)\s+(?:polish|danish)\b(?!\s+(?:speak|interp|guy|man|woman|person|male|female|lady))"
    r"|\b(?:yes|no|thanks|thank you|hi|hello|ok|sorry)\s+ma?'?a?m\b",
    re.I,
)
_COMMANDS = (
    ("identify", re.compile(r"^\s*(?:id|identify)\s*[.!?]*$|\b(?:don'?t|do not|dunno|not sure|no idea)\b.{0,20}\blanguage\b"
                            r"|\bunknown language\b|\bwhat(?:'s| is)? (?:the )?language\b|\blanguage unknown\b", re.I)),
    ("status", re.compile(r"^\s*(?:status|any updates?|update|eta|how long|where is (?:my|the) interpreter)\b.{0,20}$", re.I)),
    ("menu", re.compile(r"^\s*(?:menu|languages|list|commands|options|info)\s*[.!?]*$", re.I)),
    ("drop", re.compile(r"^\s*(?:drop|never ?mind|nvm|nm|cancel|stop|end|quit|disregard|forget (?:it|about it)|scratch that"
                        r"|all set|no longer needed|not needed(?: anymore)?)\b.{0,30}$"
                        r"|\b(?:no longer|don'?t|do not)\s+need\b.{0,25}\b(?:interpreter|it|one|anymore|any more|you)\b", re.I)),
)  # fmt: skip
_CALM = re.compile(
    r"\b(?:not|non|no|isn'?t)[\s-]+(?:an?\s+)?(?:urgent|emergency|rush|hurry)\w*|\bwhen(?:ever)? (?:you|possible)", re.I
)
_EMERGENCY = re.compile(
    r"\b(?:emergency|emerg|911|life[\s-]threatening|code 3|shots fired|shot|stabb\w+|not breathing|unconscious|bleeding|dying"
    r"|overdose|hostage|active shooter)\b", re.I)  # fmt: skip
_URGENT = re.compile(
    r"\b(?:urgent(?:ly)?|asap|a\.s\.a\.p|right (?:now|away)|immediately|hurry|stat|rush|quick(?:ly)?|priority)\b", re.I
)
_WHO = (
    r"(?!\s+(?:victim|caller|subject|suspect|driver|is|was|who|speaks?|in|on|at|with|party|patient|child|here|needs))"
)
_CONSTRAINTS = (
    ("female", re.compile(rf"\b(?:female|woman|women|lady)\b{_WHO}", re.I)),
    ("male", re.compile(rf"(?<!fe)\b(?:male interpreter|male preferred|man interpreter|a male)\b{_WHO}", re.I)),
    ("certified", re.compile(r"\b(?:certified|cert|qualified)\b", re.I)),
    ("in_person", re.compile(r"\b(?:in[\s-]person|on[\s-]?site|face[\s-]to[\s-]face)\b", re.I)),
    ("text", re.compile(r"\b(?:by text|text only|via text|over text)\b", re.I)),
)
_ENCOUNTERS = (
    ("custodial", re.compile(r"\b(?:custod\w+|miranda|arrest\w*|booking|interrogat\w+|in custody)\b", re.I)),
    ("victim", re.compile(r"\b(?:victim|dv|domestic|sexual assault|rape|assault(?:ed)?)\b", re.I)),
    ("medical", re.compile(r"\b(?:medical|hospital|ambulance|ems|paramedics?|injur\w+|overdose)\b", re.I)),
    ("interview", re.compile(r"\b(?:interview\w*|statement)\b", re.I)),
)
_NOT = re.compile(r"(?:\b(?:not|no|isn'?t|aren'?t|never|without|except|but not|doesn'?t (?:speak|understand)|won'?t speak|don'?t (?:send|want|need))"
                  r"(?:\s+(?:speak|a|an|any|the|much))?|\bn't)\s*$", re.I)  # fmt: skip
_LITTLE = re.compile(
    r"\b(?:little|limited|some|broken|bit of|basic|poor|minimal|good|fluent|speaks?|understands?)\s*$", re.I
)
_OR = re.compile(r"^\W*(?:or|/|either|maybe|perhaps|possibly)\b|^\s*/|\bor\b\s*$|^\s*\?+\s*(?:or)?", re.I)
_SHORT_CODES = frozenset(
    [
        "am",
        "an",
        "as",
        "at",
        "be",
        "by",
        "do",
        "go",
        "he",
        "hi",
        "id",
        "in",
        "is",
        "it",
        "me",
        "my",
        "no",
        "of",
        "oh",
        "ok",
        "on",
        "or",
        "so",
        "to",
        "up",
        "us",
        "we",
        "yes",
        "can",
        "may",
        "bus",
    ]
)
_GROUPS = {"chinese": ("cmn", "yue"), "kurdish": ("kmr", "ckb"), "serbo croatian": ("srp", "hrv", "bos"),
           "serbo-croatian": ("srp", "hrv", "bos"), "mayan": ("mam", "quc", "kjb")}  # fmt: skip
_NEVER_FUZZY = frozenset(
    [
        "finish",
        "finished",
        "spinach",
        "francis",
        "frances",
        "korea",
        "somalia",
        "russia",
        "india",
        "china",
        "poland",
        "turkey",
        "france",
        "spain",
        "germany",
        "greece",
        "italy",
        "haiti",
        "brazil",
        "nepal",
        "vietnam",
        "cuba",
        "mexico",
        "person",
        "persons",
        "urgent",
        "please",
        "needs",
        "needed",
        "interpret",
        "french's",
        "later",
        "speak",
        "speaker",
        "english-speaking",
        "romania",
        "armenia",
        "georgia",
        "albania",
        "bosnia",
        "serbia",
        "syria",
        "indian",
        "arabia",
        "parish",
        "perish",
        "danger",
        "manual",
        "mandarins",
        "roman",
        "romans",
        "swede",
        "japan",
        "ukraine",
        "tailor",
        "malls",
        "swish",
        "publish",
        "punish",
        "vanish",
        "banish",
        "spanking",
        "thailand",
        "senegal",
        "nigeria",
        "ethiopia",
        "tamale",
        "malaria",
        "bangle",
        "general",
        "normal",
        "formal",
    ]
)
_NEEDS_CONTEXT = {"karen", "mam", "mong", "shona", "ton", "patois", "span", "canto", "lao", "polish"}
_CONTEXT = re.compile(r"\b(?:need|needs|speaks?|speaking|speaker|language|interpreter|interp|terp|translator|guy|man|woman|lady|family"
                      r"|female|male|person|caller|for|and|or|not|want|send)\b|[/&]", re.I)  # fmt: skip


@dataclass(frozen=True)
class Understanding:
    """A text, read. Language codes are ISO 639-3."""

    languages: tuple[str, ...] = ()
    """Wanted, each of them."""
    alternatives: tuple[str, ...] = ()
    """Any one of these will do."""
    excluded: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    """Of "female", "male", "certified", "in_person", "text"."""
    urgency: str = "routine"
    """ "routine", "urgent" or "emergency"."""
    place: str | None = None
    command: str | None = None
    """ "status", "drop", "menu", "identify" or None."""
    encounter: str | None = None
    """ "interview", "custodial", "victim", "medical" or None for routine."""

    def to_json(self) -> dict[str, object]:
        """The fields as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Mention:
    codes: tuple[str, ...]
    start: int
    end: int
    negated: bool


def understand(text: str) -> Understanding:
    """Read an officer's text. Never fails: what is not understood is simply not there."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("`", "'").replace("ʼ", "'").strip()
    place, rest = _place(plain)
    mentions = _mentions(_SET_ASIDE.sub(lambda found: " " * len(found.group()), rest))
    wanted, alternatives, excluded = _sort_out(rest, mentions)
    command = next((name for name, pattern in _COMMANDS if pattern.search(plain)), None)
    if command in ("status", "menu", "drop") and (wanted or alternatives):
        command = None
    return Understanding(
        languages=wanted,
        alternatives=alternatives,
        excluded=excluded,
        constraints=tuple(name for name, pattern in _CONSTRAINTS if pattern.search(rest)),
        urgency=_urgency(plain),
        place=place,
        command=command,
        encounter=next((name for name, pattern in _ENCOUNTERS if pattern.search(plain)), None),
    )


def _place(text: str) -> tuple[str | None, str]:
    """The place named, and the text with it blanked out. A "place" that is only a language's name is none."""
    for pattern in _PLACES:
        found = pattern.search(text)
        if found is None:
            continue
        place = found.group(1).strip(" .,")
        if not place or (not re.search(r"\d|&", place) and _only_names(place)):
            continue
        start, end = found.span()
        return place, text[:start] + " " * (end - start) + text[end:]
    return None, text


def _only_names(place: str) -> bool:
    words = re.findall(r"[\w']+", place.lower())
    return all(word in _names() or word in ("or", "and") for word in words)


def _urgency(text: str) -> str:
    text = _CALM.sub(" ", text)
    if _EMERGENCY.search(text):
        return "emergency"
    return "urgent" if _URGENT.search(text) else "routine"


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every name people write, lower case, to the codes it means."""
    names: dict[str, tuple[str, ...]] = {}
    for language in languages.all_languages().values():
        for name in (language.english, language.native, *language.names):
            names.setdefault(_fold(name), (language.code,))
    names.update(_GROUPS)
    names["deaf"] = names["hearing impaired"] = names["hard of hearing"] = ("ase",)
    return names


@cache
def _fuzzy_names() -> tuple[str, ...]:
    return tuple(name for name in _names() if len(name) >= 5 and name.isascii() and " " not in name)


@cache
def _name_pattern() -> re.Pattern[str]:
    longest_first = sorted(_names(), key=len, reverse=True)
    # Scripts without spaces between words have no word boundaries to rely on.
    spaced = "|".join(
        re.escape(name) for name in longest_first if name[0].isascii() or (name[0].isalpha() and len(name) > 2)
    )
    return re.compile(
        rf"(?<![\w'])(?:{spaced})(?![\w])|{'|'.join(re.escape(n) for n in longest_first if not n.isascii())}"
    )


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace("’", "'").replace("ʻ", "'").lower()


def _mentions(text: str) -> list[_Mention]:
    folded = _fold(text)
    whole = folded.strip(" .!?")
    if (code := _as_code(whole)) is not None:
        return [_Mention((code,), 0, len(folded), False)]
    found = [
        _Mention(_names()[match.group()], match.start(), match.end(), bool(_NOT.search(folded[: match.start()])))
        for match in _name_pattern().finditer(folded)
        if _in_context(match.group(), folded, match.start(), match.end())
    ]
    covered = [(mention.start, mention.end) for mention in found]
    for match in re.finditer(r"[^\W\d_]{5,}", folded):
        if any(start < match.end() and match.start() < end for start, end in covered):
            continue
        codes = _nearly(match.group())
        if codes:
            found.append(_Mention(codes, match.start(), match.end(), bool(_NOT.search(folded[: match.start()]))))
    coded = re.search(r"\b(?:lang|language|iso)\s*[:=]\s*(\w{2,3})\b", folded)
    if coded and not found and (code := _as_code(coded.group(1), trusted=True)) is not None:
        found.append(_Mention((code,), coded.start(), coded.end(), False))
    return sorted(found, key=lambda mention: mention.start)


def _in_context(name: str, text: str, start: int, end: int) -> bool:
    """Names that are also people or everyday words count only where a language is being talked about."""
    if name not in _NEEDS_CONTEXT or text.strip(" .!?") == name:
        return True
    return bool(_CONTEXT.search(text[max(0, start - 25) : start]) or _CONTEXT.search(text[end : end + 15]))


def _as_code(word: str, trusted: bool = False) -> str | None:
    if not re.fullmatch(r"[a-z]{2,3}", word) or (word in _SHORT_CODES and not trusted):
        return None
    if word in _names():
        return None
    try:
        return languages.normalise(word)
    except languages.UnknownLanguage:
        return None


@cache
def _nearly(word: str) -> tuple[str, ...]:
    """The language a misspelt word means; strict, because a wrong language costs more than a question."""
    if word in _NEVER_FUZZY:
        return ()
    best = process.extractOne(word, _fuzzy_names(), scorer=fuzz.ratio, score_cutoff=84)
    if best is None or best[0][0] != word[0] or abs(len(best[0]) - len(word)) > 2:
        return ()
    return _names()[best[0]]


def _sort_out(text: str, mentions: list[_Mention]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Wanted, alternatives and excluded, from where the names stand and what stands between them."""
    folded = _fold(text)
    excluded: list[str] = []
    kept: list[_Mention] = []
    for position, mention in enumerate(mentions):
        carried = (
            position > 0
            and mentions[position - 1].codes[0] in excluded
            and bool(re.fullmatch(r"\W*(?:or|nor|and|/|,)?\W*", folded[mentions[position - 1].end : mention.start]))
            and not re.fullmatch(r"\W*,\W*(?:but)?\W*", folded[mentions[position - 1].end : mention.start])
        )
        if mention.negated or carried:
            excluded.extend(mention.codes)
        elif mention.codes == ("eng",) and (len(mentions) > 1 or _LITTLE.search(folded[: mention.start])):
            continue
        else:
            kept.append(mention)
    wanted: list[str] = []
    alternatives: list[str] = []
    for position, mention in enumerate(kept):
        before = folded[kept[position - 1].end : mention.start] if position else ""
        after = folded[mention.end : kept[position + 1].start] if position + 1 < len(kept) else ""
        either = len(mention.codes) > 1 or bool(_OR.search(before)) or bool(_OR.search(after))
        (alternatives if either else wanted).extend(mention.codes)
    chosen = [code for code in alternatives if code not in excluded]
    wanted = [code for code in wanted if code not in excluded and code not in chosen]
    if len(set(chosen)) == 1 or (chosen and _named_closer(chosen, wanted)):
        wanted, chosen = wanted + [code for code in chosen if code not in wanted], []
    return tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(chosen)), tuple(dict.fromkeys(excluded))


def _named_closer(chosen: list[str], wanted: list[str]) -> bool:
    """ "Chinese, Mandarin": the group is settled by the member named beside it."""
    return any(set(chosen) == set(group) and set(group) & set(wanted) for group in _GROUPS.values()) and bool(
        [chosen.clear()]
    )
