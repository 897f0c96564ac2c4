"""The policy file for the command line: what is wrong with it, what it says, and whom it would ask."""

from pathlib import Path

from dispatch import policy_preview
from dispatch.clock import SystemClock
from dispatch.errors import ConfigurationError, PolicyError
from dispatch.policy import ENCOUNTERS, Policy
from dispatch.policy_file import read_policy
from dispatch.policy_preview import Line
from dispatch.request import Urgency
from dispatch.settings import Settings
from workers.roster import opened
from workers.wiring import policy_of


def read(settings: Settings, file: Path | None) -> Policy:
    """The policy in a file on top of the settings; without a file, that which the settings name. Raises PolicyError."""
    path = file or settings.policy_file
    if path is None:
        return policy_of(settings)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError([f"{path}: cannot be read: {error}"]) from error
    return read_policy(text, str(path), policy_of(settings))


def preview(settings: Settings, policy: Policy, language: str, urgency: str, encounter: str) -> list[Line]:
    """Whom that policy would ask now for a language, in order, and who would not be asked, each with the reason.

    Raises UnknownLanguage, and ConfigurationError for an urgency or encounter that does not exist.
    """
    if encounter and encounter not in ENCOUNTERS:
        raise ConfigurationError(f"--encounter {encounter!r} is not one of {', '.join(ENCOUNTERS)}.")
    if urgency not in set(Urgency):
        raise ConfigurationError(f"--urgency {urgency!r} is not one of {', '.join(Urgency)}.")
    with opened(settings).reading() as tx:
        return policy_preview.preview(tx, policy, language, Urgency(urgency), encounter, SystemClock().now())
