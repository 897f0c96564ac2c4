"""The brief for officers as PDF: the page that the console shows and prints, on one sheet."""

from dispatch.brief import Brief
from dispatch.credentials import qr_svg
from dispatch.printing import Paper, printed

_LARGEST = 11.0
"""Of the text, in points. A usual brief takes 9 to 10; one with every field full, about 7."""


def draw(brief: Brief, region: str = "US") -> bytes:
    """The brief on one page, as a region's printers hold it, in the largest type that fits. Raises
    DocumentsUnavailable."""
    qr = qr_svg(brief.text_address, f"QR code that opens a text to {brief.number}")
    return printed("brief.html", Paper.of(region), _LARGEST, brief=brief, qr=qr)
