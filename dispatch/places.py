"""Where an officer is, as written in a text: addresses, corners, named places."""

import re

from dispatch.language_names import names

_STREET = (
    r"(?:st|street|rd|road|ave|avenue|av|blvd|boulevard|ln|lane|dr|drive|ct|court|way|pl|place|hwy|highway|sq|square"
    r"|pkwy|parkway|ter|terrace|hill|hl|bridge|park|plaza|center|mall|station|school|hospital|circle|cir|row|alley)"
)
_NAMED = (
    r"(?:hospital|station(?:\s+\d+)?|school|mall|plaza|park|center|court|courthouse|airport|church|library|shelter|clinic"
    r"|precinct|jail|lobby|desk|campus|bridge|market|walmart|target|cvs|hotel|motel|exit \d+\w?|mile \d+|emergency room"
    r"|room (?!needs?\b|for\b|pl[sz]\b|please\b|urgent\b|asap\b|with\b|and\b)\w+"
    r"|gate \w+|apt \w+|er|hq|headquarters)"
)
_AT = r"(?:\b(?:at|near|outside|by|on|corner of|loc|location|addr|address)\b:?\s+|@\s*)"
_NOT_A_PLACE = (
    r"(?!once\b|least\b|all\b|the moment\b|night\b|home\b|risk\b|work\b|this\b|first\b|last\b"
    r"|the same\b|\d{1,2}(?::?\d\d)?\s*(?:am|pm|hrs?|hours|h|o'?clock)\b)"
)
_STOP = (
    r"(?=\s*(?:$|[,;!?\n]|\.(?:\s|$))|\s+(?:urgent|asap|emergency|now|please|pls|need|needs|for|female|male|certified"
    r"|thanks|ty|with|who|caller|subject|victim|right|immediately|speaks?|speaking|wants?|is|has|interp\w*)\b)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # 900 Polish Hill rd apt 3
        rf"(?:{_AT})?\b(\d+[a-z]?\s+(?:[\w.'-]+\s+){{0,4}}?{_STREET}\b\.?(?:\s+{_STREET}\b\.?)*"
        rf"(?:,?\s+(?:apt|unit|#|suite|floor|fl)\.?\s*\w+)?)",
        # 5th & Main, Broadway and 3rd St
        rf"{_AT}([\w.'-]+(?:\s+{_STREET}\.?)?\s*(?:&|\band\b|/|\bx\b)\s*[\w.'-]+(?:\s+{_STREET}\b\.?)?)",
        rf"\b((?:\w+(?:st|nd|rd|th)|\w+\s+{_STREET})\s*(?:&|\band\b|/)\s*\w+(?:\s+{_STREET}\b\.?)?)",
        # at the Walmart, at Mercy Hospital ER
        rf"{_AT}{_NOT_A_PLACE}((?:the\s+)?(?:[\w.'-]+\s+){{0,4}}?{_NAMED}(?:\s+(?:er|lobby|room\s+\w+))?)\b",
        rf"{_AT}{_NOT_A_PLACE}((?:the\s+)?(?:[\w.'-]+\s+){{0,3}}?{_STREET}\b\.?(?:\s+{_STREET}\b\.?)*)",
        # at anything
        rf"(?:\bat\s+|@\s*){_NOT_A_PLACE}([\w.'-]+(?:\s+[\w.'#&-]+){{0,4}}?){_STOP}",
        # on/in a highway
        r"\bon\s+((?:i|us|rt|rte|route|hwy|sr)[\s-]?\d+(?:\s+(?:at|near|exit|mile|mm)\s+\w+)?)",
    )
)
_TELEPHONE = re.compile(
    r"\+\d[\d\s().-]{6,}\d|(?<![\w.-])(?:1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-])?\d{3}[\s.-]\d{4}(?![\w-])|\b\d{9,15}\b"
)
_HOUR = re.compile(r"(?:[01]?\d|2[0-3]):?[0-5]\d")
""" "at 1430": a time of the day."""
_STREETS = re.compile(rf"\b[\w'-]+\s+{_STREET}\b", re.I)


def find_place(text: str) -> tuple[str | None, str]:
    """The place named, and the text with it blanked out. A "place" that is only a language's name is none, and so is
    a telephone number: places are kept as they are written, numbers never."""
    sought = _TELEPHONE.sub(lambda found: ";" * len(found.group()), text)
    for pattern in _PATTERNS:
        for found in pattern.finditer(sought):
            place = found.group(1).strip(" .,")
            if not place or _HOUR.fullmatch(place) or (not re.search(r"\d|&", place) and _only_names(place)):
                continue
            start, end = found.span()
            return place, text[:start] + " " * (end - start) + text[end:]
    return None, text


def set_aside_streets(text: str) -> str:
    """Blanks for what is a street by its second word ("french st"), so that its name is no language."""
    return _STREETS.sub(lambda found: " " * len(found.group()), text)


def _only_names(place: str) -> bool:
    words = re.findall(r"[\w']+", place.lower())
    return any(word in names() for word in words) and all(word in names() or word in ("or", "and") for word in words)
