"""The text of a document beside its glyphs, so that it can be read aloud, found and copied.

In Arabic, Burmese, Khmer and many other scripts a word is drawn from parts of letters in another order than they are
written in; what a reader of PDF makes of those parts is not the word. Each piece of such a text carries the text itself
(ActualText) and its language.

WeasyPrint writes a structure element for each piece of text, in the order of its boxes; that order is all that is
relied on here, and where the two do not agree the page is left as it was.
"""

import importlib
import logging
from collections import defaultdict
from itertools import pairwise
from typing import Any

_LOG = logging.getLogger(__name__)
_SIMPLE = 0x0530
"""Signs below, Latin, Greek and Cyrillic, are drawn one by one."""


def add_text(document: Any, pdf: Any) -> None:
    """WeasyPrint's finisher: called when everything is drawn, before the file is written."""
    pydyf = importlib.import_module("pydyf")
    box_of_text = importlib.import_module("weasyprint.formatting_structure.boxes").TextBox
    written = _pieces(pdf)
    for number, page in zip(pdf.pages["Kids"][::3], document.pages, strict=True):
        boxes = [box for box in page._page_box.descendants() if isinstance(box, box_of_text)]
        pieces = written[f"{number} 0 R".encode()]
        if len(boxes) != len(pieces):
            _LOG.error("a PDF page has %d pieces of text and marks for %d: text is not added", len(boxes), len(pieces))
            continue
        marks = _marks(pdf, number)
        for box, piece in zip(boxes, pieces, strict=True):
            if any(ord(sign) >= _SIMPLE for sign in box.text):
                marks[piece]["ActualText"] = pydyf.String(box.text)
                marks[piece]["Lang"] = pydyf.String(box.style["lang"] or "und")


def _pieces(pdf: Any) -> dict[bytes, list[int]]:
    """The marks of each page's pieces of text, in the order of its structure."""
    found: dict[bytes, list[int]] = defaultdict(list)
    for one in pdf.objects:
        if isinstance(one, dict) and one.get("S") == "/Span":
            kept = one["K"]
            if len(kept) == 1 and isinstance(kept[0], int):
                found[one["Pg"]].append(kept[0])
    return found


def _marks(pdf: Any, page: int) -> dict[int, Any]:
    """What is said of each marked part of a page's drawing, by its number."""
    drawing = pdf.objects[int(pdf.objects[page]["Contents"].split()[0])].stream
    return {said["MCID"]: said for said, end in pairwise(drawing) if end == b"BDC" and "MCID" in said}
