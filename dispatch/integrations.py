"""Other systems that work with this one by the API: who they are, what each may do, and how often.

Plain values and rules, with `now` passed in. A token is shown once; the store keeps its hash alone.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.errors import DispatchError


class Scope(StrEnum):
    """What a token is good for."""

    READ = "read"
    """See requests, alerts, appointments and the policy's preview; no whole number."""
    REQUEST = "request"
    """Ask for an interpreter, now or for an appointment."""
    ACT = "act"
    """Step in on requests, as dispatchers do; quality tasks."""
    ROSTER = "roster"
    """See and change the roster and its shifts; see interpreters' names."""
    REVEAL = "reveal"
    """See a whole phone number; every look is audited."""
    REPORTS = "reports"
    """See figures, coverage and expected arrivals."""
    WEBHOOKS = "webhooks"
    """Keep its own webhook: where it is told, of what, and the signing secret."""


SCOPE_WORDS = {
    Scope.READ: "see requests, alerts, appointments and settings",
    Scope.REQUEST: "ask for interpreters and book appointments",
    Scope.ACT: "step in on requests, as dispatchers do; quality tasks, callers' messages",
    Scope.ROSTER: "see and change the roster and shifts; enter arrivals, invite to them",
    Scope.REVEAL: "see whole phone numbers; every look is audited",
    Scope.REPORTS: "see figures, ratings, coverage and expected arrivals",
    Scope.WEBHOOKS: "keep its own webhook: address, what it is told of, signing secret, deliveries",
}


class KeyReused(DispatchError):
    """The Idempotency-Key was used before, for something else."""


@dataclass(frozen=True)
class Integration:
    """One other system."""

    id: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def signature(self) -> str:
        """What the audit log calls it."""
        return f"integration {self.name}"

    def refused(self, now: datetime) -> str:
        """Why its token is not good now, in words; "" while it is."""
        if self.revoked_at is not None:
            return "This token was revoked."
        if self.expires_at is not None and now >= self.expires_at:
            return "This token has expired."
        return ""


@dataclass(frozen=True)
class Once:
    """What makes a repeated request known again: whose key it is, and what was asked for with it."""

    integration_id: str
    key: str
    fingerprint: str
    """Hash of what was asked for: the same key with something else is refused."""


KEYS_KEPT = timedelta(hours=24)
"""How long an Idempotency-Key is known."""
TOUCHED_EVERY = timedelta(minutes=1)
"""How exact "last used" is: a write for every request would cost more than it tells."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
_TOKEN = re.compile(r"ida_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = "0" * 64


def name_problem(name: str) -> str:
    """Why an integration cannot be called that, in words; "" where it can."""
    if _NAME.fullmatch(name):
        return ""
    return "Use 1 to 40 letters, digits, spaces, dots, hyphens and underscores, beginning with a letter or digit."


def new_token() -> tuple[str, str, str]:
    """A token, the id within it, and the hash of its secret: 256 random bits need no slow hash."""
    integration_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return f"ida_{integration_id}_{secret}", integration_id, _hash(secret)


def read_token(text: str) -> tuple[str, str] | None:
    """The id and the secret of a token; None for what is none."""
    found = _TOKEN.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_its_secret(integration: Integration | None, secret: str) -> bool:
    """Whether the secret is the integration's; takes as long for one that does not exist."""
    known = integration.secret_hash if integration is not None else _NOBODY
    return hmac.compare_digest(known, _hash(secret)) and integration is not None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Bucket:
    """What is left of an integration's allowance: it fills evenly, and holds `burst` at most."""

    left: float
    at: datetime

    def take(self, now: datetime, per_minute: float, burst: float) -> tuple["Bucket", float]:
        """The bucket after one more request, and how many seconds it has to wait: 0 when it may go on now."""
        filled = min(burst, self.left + (now - self.at).total_seconds() * per_minute / 60)
        if filled >= 1:
            return Bucket(filled - 1, now), 0.0
        return Bucket(filled, now), (1 - filled) * 60 / per_minute
