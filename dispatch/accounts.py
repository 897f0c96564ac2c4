"""Who may use the console: roles and what each may do, how long a session stays open, how often one may guess.

Plain rules over values, with `now` passed in. Passwords and codes themselves are checked in credentials.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class AccountRole(StrEnum):
    """What somebody at the agency is there for."""

    DISPATCHER = "dispatcher"
    """Watches the board and steps in."""
    ROSTER_MANAGER = "roster_manager"
    """Keeps the roster; sees no request."""
    AUDITOR = "auditor"
    """Reads everything that is kept, changes nothing, sees no number."""
    ADMIN = "admin"
    """All of it, and other people's accounts."""


class May(StrEnum):
    """One thing that can be done on the console."""

    WATCH = "watch requests"
    ACT = "step in on requests"
    SEE_ROSTER = "see the roster"
    CHANGE_ROSTER = "change the roster"
    PROMPTS = "keep recorded prompts"
    REVEAL = "see a phone number"
    TASKS = "see to tasks"
    REPORTS = "see reports"
    AUDIT = "read the audit log"
    ACCOUNTS = "manage accounts"
    SETTINGS = "change the agency's settings"
    INTEGRATIONS = "manage integrations"


ALLOWED: dict[AccountRole, frozenset[May]] = {
    AccountRole.DISPATCHER: frozenset({May.WATCH, May.ACT, May.SEE_ROSTER, May.REVEAL, May.TASKS, May.REPORTS}),
    AccountRole.ROSTER_MANAGER: frozenset(
        {May.SEE_ROSTER, May.CHANGE_ROSTER, May.PROMPTS, May.REVEAL, May.TASKS, May.REPORTS}
    ),
    AccountRole.AUDITOR: frozenset({May.WATCH, May.SEE_ROSTER, May.REPORTS, May.AUDIT}),
    AccountRole.ADMIN: frozenset(May),
}


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in. `name` is what they type and what the audit log calls them."""

    id: str
    name: str
    role: AccountRole
    password_hash: str
    created_at: datetime
    totp_secret: str = ""
    """Base32; "" until a second factor has been set up."""
    enrolled: bool = False
    """Whether the second factor has been proved once."""
    last_step: int = 0
    """The 30 s step of the newest code that was taken: no code is taken twice (RFC 6238, 5.2)."""
    recovery: tuple[str, ...] = ()
    """Keyed hashes of the recovery codes that are left."""
    disabled: bool = False

    @property
    def may(self) -> frozenset[May]:
        """What this account may do."""
        return frozenset() if self.disabled else ALLOWED[self.role]

    def reset(self, password_hash: str) -> "Account":
        """With a new password and no second factor: it is set up again at the next sign-in."""
        return replace(self, password_hash=password_hash, totp_secret="", enrolled=False, last_step=0, recovery=())


class Stage(StrEnum):
    """How far somebody has come with signing in."""

    SECOND_FACTOR = "second_factor"
    """The password was right; the code is still to come."""
    ENROLLING = "enrolling"
    """The password was right; a second factor has to be set up first."""
    IN = "in"


class Standing(StrEnum):
    """What a session is good for now."""

    OPEN = "open"
    LOCKED = "locked"
    """Idle for too long: the password opens it again."""
    OVER = "over"
    """Sign in anew."""


@dataclass(frozen=True)
class ConsoleSession:
    """One browser that has given a password. Known by the hash of its token; the token is in the browser alone."""

    token_hash: str
    account_id: str
    stage: Stage
    created_at: datetime
    seen_at: datetime
    """When its person last did something."""


SESSION_HOURS = 13
"""A twelve-hour shift and its handover; then the second factor is asked for again."""
HALFWAY_MINUTES = 10
"""A password without its code is forgotten after that."""


def standing(session: ConsoleSession, now: datetime, idle_minutes: int) -> Standing:
    """Whether the session is open, locked or over."""
    if now - session.created_at >= timedelta(hours=SESSION_HOURS):
        return Standing.OVER
    if session.stage is not Stage.IN:
        return Standing.OVER if now - session.created_at >= timedelta(minutes=HALFWAY_MINUTES) else Standing.OPEN
    return Standing.LOCKED if now - session.seen_at >= timedelta(minutes=idle_minutes) else Standing.OPEN


FREE_GUESSES = {"account": 5, "address": 20}
"""Wrong guesses before waiting begins. A whole shift may sit behind one address, so that one is wider."""
REMEMBERED = timedelta(hours=1)
_LONGEST_WAIT = timedelta(minutes=15)


def wait_after(failures: Sequence[datetime], now: datetime, free: int) -> timedelta:
    """How long the next guess has to wait: nothing for the first `free`, then 15 s, doubling, at most 15 minutes.

    Only failures of the last hour count. Waiting slows guessing to under a hundred a day and never locks anybody out
    for good, so that nobody can lock a dispatcher out on purpose (NIST SP 800-63B, 5.2.2).
    """
    recent = sorted(at for at in failures if now - at < REMEMBERED)
    if len(recent) < free:
        return timedelta(0)
    doublings = min(len(recent) - free, 10)
    pause = min(timedelta(seconds=15 * (1 << doublings)), _LONGEST_WAIT)
    return max(recent[-1] + pause - now, timedelta(0))


SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
"""Hashing takes time that grows with length."""


def password_problem(password: str, name: str) -> str:
    """Why this password will not do, in words; "" when it will. Length counts, odd signs do not (NIST SP 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters; a few unrelated words are easiest to keep in mind."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if name and name.casefold() in password.casefold():
        return "Leave your account's name out of the password."
    if len(set(password)) < 5:
        return "Use more different characters."
    return ""


def name_problem(name: str) -> str:
    """Why nobody can have this account name, in words; "" when they can."""
    plain = name.replace(".", "").replace("-", "").replace("_", "")
    if not 2 <= len(name) <= 60 or not plain.isalnum() or name != name.strip().lower():
        return "Use 2 to 60 lower-case letters, digits, dots, hyphens or underscores."
    return ""
