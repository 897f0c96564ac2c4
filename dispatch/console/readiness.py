"""What is still missing before the number can be given out: the list on the first-run page."""

from dataclasses import dataclass

from dispatch.settings import Settings


@dataclass(frozen=True)
class Point:
    """One thing that has to be so."""

    done: bool
    what: str
    how: str
    """What to do about it; an address of the console where it begins with a slash."""


def missing(settings: Settings, interpreters: int, has_accounts: bool) -> tuple[Point, ...]:
    """Every point, done or not, in the order in which to see to it."""
    local = "api.twilio.com" not in settings.carrier_url
    return (
        Point(has_accounts, "Somebody has an account", "Make the first one here."),
        Point(
            settings.agency != "City Interpreter Line",
            "The agency's own name is set",
            "Set DISPATCH_AGENCY.",
        ),
        Point(
            settings.languages != Settings.model_fields["languages"].default,
            "The agency's own top languages are set",
            'Set DISPATCH_LANGUAGES, most asked for first, like ["eng","spa","hat"].',
        ),
        Point(interpreters > 0, f"The roster has interpreters ({interpreters})", "/console/roster/import"),
        Point(not local, "Calls and texts go through the real carrier", "Leave DISPATCH_CARRIER_URL unset to use it."),
        Point(
            settings.auth_token.get_secret_value() != "local-carrier-token",
            "The carrier's own token signs its webhooks",
            "Set DISPATCH_ACCOUNT_SID and DISPATCH_AUTH_TOKEN.",
        ),
        Point(
            settings.public_url.startswith("https:"),
            "The carrier reaches us by HTTPS",
            "Set DISPATCH_PUBLIC_URL to the public address.",
        ),
        Point(bool(settings.desk), "There is a duty desk to bring into calls", "Set DISPATCH_DESK."),
    )
