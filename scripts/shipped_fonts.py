"""Cuts the fonts that are shipped from Debian's fonts-noto-core and fonts-noto-cjk.

dispatch/fonts has Latin, Greek and Cyrillic, for documents; dispatch/console/static/fonts has other scripts, for pages
and documents, beside those that Fontsource packs.

Run it when a phrase of the brief, or a language's own name, brings signs that no shipped font has; a test says so.
Scripts stay whole, but of Chinese, Japanese, Korean and Tibetan, whose fonts are large, only the signs of our own words
are kept. Names that people type in other signs are drawn with the fonts of the machine.
"""

import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from dispatch import languages

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "dispatch/console/static"
NOTO = Path("/usr/share/fonts/truetype/noto")
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LATIN = (
    (0x0020, 0x052F),
    (0x1AB0, 0x1AFF),
    (0x1C80, 0x1C8F),
    (0x1D00, 0x1FFF),
    (0x2000, 0x218F),
    (0x2190, 0x22FF),
    (0x25CC, 0x25CC),
    (0x2C60, 0x2C7F),
    (0x2DE0, 0x2E5F),
    (0xA640, 0xA69F),
    (0xA700, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0xFB00, 0xFB06),
    (0xFFFD, 0xFFFD),
)
"""Latin, Greek and Cyrillic, with their marks and punctuation."""
WHOLE = ("Hebrew", "Telugu", "Kannada", "Malayalam", "Sinhala")


def main() -> None:
    """Write the fonts, and their lines in fonts.css."""
    wanted = {sign for first, last in LATIN for sign in range(first, last + 1)}
    for weight in ("Regular", "Bold"):
        cut(NOTO / f"NotoSans-{weight}.ttf", wanted).save(ROOT / f"dispatch/fonts/NotoSans-{weight}.ttf")
    faces = {}
    for script in WHOLE:
        path = NOTO / f"NotoSans{script}-Regular.ttf"
        own = {sign for sign in TTFont(path).getBestCmap() if belongs(sign, script)}
        faces[f"noto-sans-{script.lower()}"] = pack(path, f"noto-sans-{script.lower()}", own)
    words = {ord(sign) for sign in our_words()}
    faces["noto-serif-tibetan"] = pack(
        NOTO / "NotoSerifTibetan-Regular.ttf", "noto-serif-tibetan", {sign for sign in words if 0xF00 <= sign < 0x1000}
    )
    east = {sign for sign in words if 0x1100 <= sign < 0x1200 or 0x2E80 <= sign < 0xFB00 or 0xFF00 <= sign < 0xFFF0}
    faces["noto-sans-cjk"] = pack(CJK, "noto-sans-cjk", east & set(TTFont(CJK, fontNumber=2).getBestCmap()), 2)
    write_lines(faces)


def belongs(sign: int, script: str) -> bool:
    """Whether the sign is one of the script's own, or joins and carries those."""
    return sign in (0x200C, 0x200D, 0x25CC) or unicodedata.name(chr(sign), "").startswith(script.upper())


def our_words() -> Iterator[str]:
    """Every text of ours that a brief or a report shows in another script than Latin."""
    for language in languages.all_languages().values():
        yield from language.native
    data = tomllib.loads((ROOT / "dispatch/language_data/brief_phrases.toml").read_text(encoding="utf-8"))
    for entry in data["phrases"].values():
        for told in entry.values():
            yield from "".join(told)


def pack(path: Path, name: str, signs: set[int], number: int = -1) -> list[int]:
    """Write those signs of the font as WOFF2. Returns the signs it has."""
    font = cut(path, signs, number)
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out, reorderTables=False)
    (STATIC / f"fonts/{name}.woff2").write_bytes(out.getvalue())
    return sorted(set(font.getBestCmap()) & signs)


def cut(path: Path, signs: set[int], number: int = -1) -> TTFont:
    """The font with those signs alone, in every form they take."""
    font = TTFont(path, fontNumber=number, recalcTimestamp=False)
    options = Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True, hinting=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=signs | {0x20, 0xA0})
    subsetter.subset(font)
    return font


def write_lines(faces: dict[str, list[int]]) -> None:
    """Put each face's line into fonts.css, in place of the one before."""
    sheet = STATIC / "fonts.css"
    text = sheet.read_text(encoding="utf-8")
    for name, signs in faces.items():
        line = (
            '@font-face { font-family: "Interpreter Scripts"; font-display: swap; font-weight: 400 700; '
            f'src: url("fonts/{name}.woff2") format("woff2"); unicode-range: {ranges(signs)}; }}\n'
        )
        text = re.sub(rf'@font-face [^\n]*fonts/{name}\.woff2"[^\n]*\n', "", text) + line
    sheet.write_text(text, encoding="utf-8")


def ranges(signs: Iterable[int]) -> str:
    """Signs as the style sheet writes them: U+0590-05FF, U+20AA."""
    runs: list[list[int]] = []
    for sign in signs:
        if runs and sign == runs[-1][1] + 1:
            runs[-1][1] = sign
        else:
            runs.append([sign, sign])
    return ", ".join(f"U+{first:04X}" + (f"-{last:04X}" if last > first else "") for first, last in runs)


if __name__ == "__main__":
    main()
