"""What an officer's text asks for: languages named, alternatives, exclusions, urgency, place, constraints, commands.

Names come first; a text that names no language is left to text identification. Places, titles and everyday phrases that
happen to contain a language's name are set aside before names are looked for ("polish guy on 900 Polish Hill rd").
"""

import re
import unicodedata
from dataclasses import asdict, dataclass
from itertools import pairwise

from dispatch import varieties
from dispatch.language_names import GROUPS, Mention, fold, mentions
from dispatch.places import find_place, set_aside_streets

_TITLES = (
    r"officer|ofc|po|miss|sgt|sergeant|lt|lieutenant|capt|captain|chief|det|detective|mr|mrs|ms|dr|deputy|trooper|agent"
)
_THINGS = (
    r"toast|fries|press|doors?|horn|shepherd|bulldog|fork|food|restaurant|takeout|bakery|pastry|grocery|store|market"
    r"|embassy|consulate|church|delight|coffee|remover|cat|rug|tea|town|passport|sausage|deli|pizza|cuisine|teacher"
    r"|class|flag|plates?|movie|music|muffin|channel|club|center|centre|museum|quarter|garden|oranges?|cruise|festival"
)
_SET_ASIDE = re.compile(
    rf"\b(?:(?:{_TITLES})\b\.?\s+)+[a-z'-]+|\b\w+\s+(?:{_THINGS})\b"
    r"|\b(?:nail|shoe|eat|drink|this|to|floor|furniture)\s+(?:polish|danish)\b"
    r"|\b(?:yes|no|thanks|thank you|hi|hello|ok|sorry)\s+ma?'?a?m\b|\bpardon my french\b|\bin plain english\b",
    re.I,
)
_LANDMARK = re.compile(
    r"\b[a-z]{4,}(?:\s+(?:fort|creek|harlem|township|town|river|bend|hills?|lakes?|springs|village|heights|beach|bay"
    r"|island|valley|ridge|canyon|oaks?|woods|mills?|falls|colony|camp|mission)){1,2}\b",
    re.I,
)
"""Places named after a people ("Spanish Fort"): set aside where the text names another language beside them."""
_COMMANDS = (
    (
        "identify",
        re.compile(
            r"^\s*(?:id|identify)\s*[.!?]*$"
            r"|^\s*id\b[\s,:;-]+(?!like|love|need|want|prefer|say|card|check|number|theft|fraud|is|was|for)\w"
            r"|\b(?:don'?t|do not|dunno|not sure|no idea|unsure)\b.{0,25}\blanguage\b"
            r"|\b(?:unknown|unidentified) language\b|\bwh(?:at|ich)(?:'?s| is)?(?: the)? language\b"
            r"|\blanguage (?:is )?unknown\b|\bcan'?t tell what\b.{0,25}\b(?:language|speak\w*)\b",
            re.I,
        ),
    ),
    (
        "status",
        re.compile(
            r"^\s*(?:status|any updates?|update|eta|how (?:much )?long(?:er)?|where(?:'s| is) (?:my|the|our) interp\w*"
            r"|where are you|anyone coming|still waiting)\b.{0,25}$",
            re.I,
        ),
    ),
    ("menu", re.compile(r"^\s*(?:menu|languages|list|commands|options|info|how does this work)\s*[.!?]*$", re.I)),
    (
        "drop",
        re.compile(
            r"^\s*(?:drop(?: it)?|never\s?mind|nvm|nm|cancel|stop|end|quit|disregard|scratch that"
            r"|forget (?:it|about it)"
            r"|all set|all good now|we'?re good(?: now)?|no longer needed|not needed(?: anymore)?)\b.{0,30}$"
            r"|\b(?:never\s?mind|nvm)\b\W*$"
            r"|\bno longer need\b"
            r"|\b(?:don'?t|do not)\s+need\b.{0,25}\b(?:interp\w*|it|one|anymore|any more|you)\b",
            re.I,
        ),
    ),
)
_CALM = re.compile(
    r"\b(?:not|non|no|isn'?t|nothing)[\s-]+(?:an?\s+|really\s+|so\s+)?(?:urgent|emergency|rush|hurry|priority)\w*"
    r"|\bwhen(?:ever)? (?:you|possible)|\bno hurry\b|\btake your time\b"
    r"|\bemergency (?:room|dep\w*|exit|contact|shelter|housing)\b"
    r"|\b(?:rush hour|quick question|priority mail|low(?:est)? priority)\b"
    r"|\b(?:no|not|isn'?t|no longer|stopped)\s+(?:bleeding|shots? fired|unconscious|choking|suicid\w+|dying)\b",
    re.I,
)
_EMERGENCY = re.compile(
    r"\b(?:emergency|emerg|911|life[\s-]threatening|code 3|shots? fired|(?:been|got|was) shot|gunshot|stabb\w+"
    r"|not breathing|isn'?t breathing|unconscious|bleeding|dying|overdos\w+|hostage|active shooter|choking"
    r"|heart attack|cardiac arrest|cpr|drown\w+|strangl\w+|suicid\w+)\b",
    re.I,
)
_URGENT = re.compile(
    r"\b(?:urgent(?:ly)?|asap|a\.s\.a\.p|right (?:now|away)|immediately|hurry|stat|rush|quick(?:ly)?"
    r"|priority|now)\b|!!",
    re.I,
)
_PERSON_SPOKEN_OF = (
    r"(?!\s+(?:victim|caller|subject|suspect|driver|is|was|who|speaks?|speaking|in|on|at|with|party|patient|child"
    r"|passenger|witness|here|needs|and|says|refuses|crying|hurt|injured|down|not|\d)\b)"
)
_NOT_THE_SUBJECT = r"(?<!deaf )(?<!speaking )(?<!year old )(?<!yo )(?<!old )(?<!hearing )"
_ASKED_OF_THE_INTERPRETER = (
    r"(?=\W*(?:interp|terp|translator|only|preferred|pref\b|please|pls|if|required|one\b"
    r"|[a-z' ]{0,20}\b(?:interp|terp|translator)))"
)
_GENDERS = tuple(
    (
        constraint,
        re.compile(
            rf"{_NOT_THE_SUBJECT}\b(?:{bare}{_PERSON_SPOKEN_OF}(?:(?=\W*$|[,.;])|{_ASKED_OF_THE_INTERPRETER})"
            rf"|(?:{person}){_PERSON_SPOKEN_OF}{_ASKED_OF_THE_INTERPRETER})",
            re.I,
        ),
    )
    for constraint, bare, person in (
        ("female", r"female\b", r"(?:woman|women|lady)\b"),
        ("male", r"male\b", r"(?:man|men)\b"),
    )
)
_NOT_THAT = re.compile(
    r"(?:\b(?:not|no|non|without)|n'?t (?:need|want|be|have to be|send))(?:\s+(?:an?|any|be|to be))*[\s-]*$", re.I
)
"""Before a constraint: it is the other way round."""
_NOT_NEEDED = re.compile(r"^\s+(?:interp\w*\s+)?(?:is\s+|isn'?t\s+)?(?:not\s+)?(?:needed|required|necessary)\b", re.I)
_OPPOSITE = {"male": "female", "female": "male"}
_CONSTRAINTS = (
    *_GENDERS,
    ("certified", re.compile(r"\b(?:certified|cert|qualified|court[\s-]certified)\b", re.I)),
    ("in_person", re.compile(r"\b(?:in[\s-]?person|on[\s-]?site|face[\s-]to[\s-]face|f2f)\b", re.I)),
    ("text", re.compile(r"\b(?:by text|text only|via text|over text|texting only)\b", re.I)),
)
_ENCOUNTERS = (
    ("custodial", re.compile(r"\b(?:custod\w+|miranda|arrest\w*|booking|interrogat\w+)\b", re.I)),
    ("victim", re.compile(r"\b(?:victim|dv|domestic|sexual assault|rape|assault(?:ed)?)\b", re.I)),
    ("medical", re.compile(r"\b(?:medical|hospital|ambulance|ems|paramedics?|injur\w+|overdose)\b", re.I)),
    ("interview", re.compile(r"\b(?:interview\w*|statement)\b", re.I)),
)
_NOT = re.compile(
    r"(?:\b(?:cancel|scratch|forget|never\s?mind|nvm|not|no|isn'?t|aren'?t|never|without|except|but not|rather than"
    r"|instead of|anything but|other than"
    r"|no longer need"
    r"|(?:doesn'?t|does not|don'?t|can'?t|cannot|won'?t|didn'?t) (?:speak|understand|know|send|want|need|do))"
    r"(?:\s+(?:speak|a|an|any|the|much|from|in|about))*)\s*$"
)
_LITTLE = re.compile(
    r"\b(?:little|limited|some|broken|bit of|basic|poor|minimal|good|fluent|speaks?|understands?|knows|ok|okay"
    r"|zero|only"
    r"|barely any|hardly any|english)\s*$"
)
_SPOKEN_A_LITTLE = re.compile(
    r"\b(?:(?:speaks?|speaking|knows?|understands?|has|with)\s+(?:only\s+|just\s+|very\s+|a\s+)*some"
    r"|little|limited|broken|bit of|basic|poor|minimal|barely any|hardly any)\s*$"
)
_SPOKEN_SECOND = re.compile(
    r"^\s*(?:(?:is\s+not|isn'?t|not)\s+(?:(?:his|her|their|the|a)\s+)?(?:first|native|main|primary|own)\b"
    r"|(?:is\s+|as\s+)?(?:(?:only|his|her|their|the|a)\s+)*(?:second|2nd)\b"
    r"|is\s+(?:very\s+)?(?:limited|poor|weak|basic|broken|bad|not\s+(?:good|great|enough)))"
)
"""Beside another language it is not the one to interpret: "mam, speaks little spanish", "spanish is his second"."""
_NO_MORE = re.compile(r"\b(?:no longer|don'?t|do not)\s+need\b|^\s*(?:cancel|scratch|forget|never\s?mind|nvm)\b", re.I)
"""With nothing else asked for: the request is over ("no longer need spanish")."""
_OR = re.compile(r"^\s*(?:o|u|ou|oswa)\s*$|\b(?:or|either|maybe|perhaps|possibly|poss)\b|/|\?|\bnot sure\b")
_LIST = re.compile(r"[\s,]*")
_ANY_WILL_DO = re.compile(
    r"\b(?:either|any|whichever|whoever)\b\W*(?:one|of them|is|are|would|will|\s)*\W*(?:ok|okay|fine|works?|good|do)\b"
)
_SAME_NOT = re.compile(r"\s*(?:,|/|or|nor|and|&|,\s*or|,\s*nor|,\s*and)\s*")


@dataclass(frozen=True)
class Understanding:
    """A text, read. Language codes are ISO 639-3."""

    languages: tuple[str, ...] = ()
    """Wanted, each of them."""
    alternatives: tuple[str, ...] = ()
    """Any one of these will do."""
    excluded: tuple[str, ...] = ()
    variety: str = ""
    """Which variety (a code of `varieties`) of one of these languages; "" where the text does not say."""
    not_varieties: tuple[str, ...] = ()
    """Varieties that the text says it is not."""
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


def understand(text: str) -> Understanding:
    """Read an officer's text. Never fails: what is not understood is simply not there."""
    plain = unicodedata.normalize("NFKC", text)
    for apostrophe in "’`ʼʻ":
        plain = plain.replace(apostrophe, "'")
    place, rest = find_place(plain)
    folded, named = _named(_LANDMARK.sub(_blank, rest))
    if all(mention.codes == ("eng",) for mention in named):
        folded, named = _named(rest)
    wanted, alternatives, excluded = _sort_out(folded, named)
    variety, not_varieties = _which_variety(folded, (*wanted, *alternatives))
    command = next((name for name, pattern in _COMMANDS if pattern.search(plain)), None)
    if command in ("drop", "menu") and (wanted or alternatives):
        command = None
    elif command is None and excluded and not wanted and not alternatives and _NO_MORE.search(plain):
        command = "drop"
    return Understanding(
        languages=wanted,
        alternatives=alternatives,
        excluded=excluded,
        variety=variety,
        not_varieties=not_varieties,
        constraints=_constraints(rest),
        urgency=_urgency(plain),
        place=place,
        command=command,
        encounter=next((name for name, pattern in _ENCOUNTERS if pattern.search(plain)), None),
    )


def _constraints(text: str) -> tuple[str, ...]:
    """What the interpreter is to be: "no male interpreter" asks for a woman, "certified not needed" for nothing."""
    found: list[str] = []
    for name, pattern in _CONSTRAINTS:
        match = pattern.search(text)
        if match is None:
            continue
        after = _NOT_NEEDED.match(text[match.end() :])
        if after is not None and re.search(r"not|n't", after.group(), re.I):
            continue
        if _NOT_THAT.search(text[: match.start()]) is None:
            found.append(name)
        elif name in _OPPOSITE:
            found.append(_OPPOSITE[name])
    return tuple(dict.fromkeys(found))


def _named(text: str) -> tuple[str, list[Mention]]:
    """The text as names are looked for in it, and those found."""
    folded = fold(_SET_ASIDE.sub(_blank, set_aside_streets(text)))
    return folded, mentions(folded)


def _which_variety(text: str, codes: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The first variety named of these languages, and those named after "not"."""
    named = [(code, at) for language in codes for code, at in varieties.mentioned(text, language)]
    excluded = tuple(code for code, at in named if _NOT.search(text[:at]))
    return next((code for code, _ in named if code not in excluded), ""), excluded


def _blank(found: re.Match[str]) -> str:
    """As many blanks: what stands after keeps its place."""
    return " " * len(found.group())


def _urgency(text: str) -> str:
    text = _CALM.sub(" ", text)
    if _EMERGENCY.search(text):
        return "emergency"
    return "urgent" if _URGENT.search(text) else "routine"


def _sort_out(text: str, named: list[Mention]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Wanted, alternatives and excluded, from where the names stand and what stands between them."""
    kept, excluded = _without_excluded(text, named)
    wanted: list[str] = []
    alternatives: list[str] = []
    for run in _runs(text, kept):
        between = [text[one.end : other.start] for one, other in pairwise(run)]
        either = any(_OR.search(words) for words in between) or (len(run) > 1 and bool(_ANY_WILL_DO.search(text)))
        for mention in run:
            (alternatives if either or len(mention.codes) > 1 else wanted).extend(mention.codes)
    alternatives = _settled([code for code in alternatives if code not in excluded], [m.codes for m in kept])
    wanted = [code for code in wanted if code not in excluded and code not in alternatives]
    if len(set(alternatives)) == 1:
        wanted, alternatives = [*wanted, *alternatives], []
    return tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(alternatives)), tuple(dict.fromkeys(excluded))


def _runs(text: str, kept: list[Mention]) -> list[list[Mention]]:
    """Names strung together by commas, blanks and "or": one "or" among them makes all of them alternatives."""
    runs: list[list[Mention]] = []
    for mention in kept:
        between = text[runs[-1][-1].end : mention.start] if runs else ""
        if runs and (_LIST.fullmatch(between) or _OR.search(between)):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return runs


def _settled(alternatives: list[str], named: list[tuple[str, ...]]) -> list[str]:
    """ "Chinese, Mandarin": a group is settled by the member named beside it."""
    single = {codes[0] for codes in named if len(codes) == 1}
    for group in set(GROUPS.values()):
        members = single & set(group)
        if members and group in named:
            alternatives = [code for code in alternatives if code in members or code not in group]
    return alternatives


def _without_excluded(text: str, named: list[Mention]) -> tuple[list[Mention], list[str]]:
    """Names after "not", and those strung on to them; English beside another language is what they also speak."""
    excluded: list[str] = []
    kept: list[Mention] = []
    for position, mention in enumerate(named):
        last = named[position - 1] if position else None
        strung = (
            last is not None
            and last.codes[0] in excluded
            and _SAME_NOT.fullmatch(text[last.end : mention.start]) is not None
            and text[last.end : mention.start].strip() != ","
        )
        if _NOT.search(text[: mention.start]) or strung:
            excluded.extend(mention.codes)
        elif mention.codes == ("eng",) and (len(named) > 1 or _LITTLE.search(text[: mention.start].rstrip() + " ")):
            continue
        else:
            kept.append(mention)
    first = [one for one in kept if not _only_besides(text, one)]
    return first or kept, excluded


def _only_besides(text: str, mention: Mention) -> bool:
    """Whether the text says that they speak it a little, or as a second language."""
    before, after = text[: mention.start], text[mention.end :]
    return _SPOKEN_A_LITTLE.search(before) is not None or _SPOKEN_SECOND.match(after) is not None
