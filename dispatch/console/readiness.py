"""What is still missing before the number can be given out: the list on the first-run page."""

from collections.abc import Collection
from dataclasses import dataclass

from dispatch.settings import Settings


@dataclass(frozen=True)
class Point:
    """One thing that has to be so."""

    done: bool
    what: str
    how: str
    """What to do about it; an address of the console where it begins with a slash."""


def missing(
    settings: Settings, interpreters: int, has_accounts: bool, decided: Collection[str] = (), no_pdf: str = ""
) -> tuple[Point, ...]:
    """Every point, done or not, in the order in which to see to it. `decided`: settings that somebody has looked at
    on the console, though they may have left them as they were. `no_pdf`: what this machine lacks for PDF files."""
    return (
        Point(has_accounts, "Somebody has an account", "/console/first-run?step=account"),
        Point(
            "agency" in decided or settings.agency != Settings.model_fields["agency"].default,
            "The agency's own name is set",
            "/console/first-run?step=agency",
        ),
        Point(
            "languages" in decided or settings.languages != Settings.model_fields["languages"].default,
            "The agency's own top languages are set",
            "/console/first-run?step=languages",
        ),
        Point(interpreters > 0, f"The roster has interpreters ({interpreters})", "/console/first-run?step=roster"),
        Point(
            not settings.local_carrier,
            "Calls and texts go through the real carrier",
            "Leave DISPATCH_CARRIER_URL unset to use it.",
        ),
        Point(
            bool(settings.signing_token) and not settings.local_carrier,
            "The carrier's own token signs its webhooks",
            "Set DISPATCH_ACCOUNT_SID and DISPATCH_AUTH_TOKEN; until then no webhook of the real carrier is taken.",
        ),
        Point(
            settings.public_url.startswith("https:"),
            "The carrier reaches us by HTTPS",
            "Set DISPATCH_PUBLIC_URL to the public address.",
        ),
        Point(not no_pdf, "This machine makes PDF files", no_pdf),
        Point(bool(settings.desk), "There is a duty desk to bring into calls", "/console/first-run?step=agency"),
    )
