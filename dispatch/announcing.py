"""What other systems are told of by webhook, and when they are told again. Plain functions.

Announcements are made from the event log's own lines, in the transaction that writes them. They carry ids, states,
languages and times: no names, no numbers and nobody's words.
"""

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit


class Kind(StrEnum):
    """What a webhook tells."""

    REQUEST_CREATED = "request.created"
    LANGUAGE_KNOWN = "request.language_known"
    OFFERED = "request.offered"
    ACCEPTED = "request.accepted"
    CONNECTED = "request.connected"
    WAITING = "request.waiting"
    COMPLETED = "request.completed"
    HANDED_TO_VENDOR = "request.handed_to_vendor"
    CANCELLED = "request.cancelled"
    ABANDONED = "request.abandoned"
    FAILED = "request.failed"
    MISSED_TARGET = "request.missed_target"
    ALERT_RAISED = "alert.raised"
    ALERT_CLEARED = "alert.cleared"
    AVAILABILITY_CHANGED = "availability.changed"
    APPOINTMENT_CHANGED = "appointment.changed"


KIND_WORDS = {
    Kind.REQUEST_CREATED: "somebody asked for an interpreter",
    Kind.LANGUAGE_KNOWN: "the language is settled, or was corrected",
    Kind.OFFERED: "interpreters are being rung",
    Kind.ACCEPTED: "an interpreter accepted",
    Kind.CONNECTED: "requester and interpreter talk",
    Kind.WAITING: "nobody is free; it is tried again",
    Kind.COMPLETED: "they have hung up",
    Kind.HANDED_TO_VENDOR: "a commercial line has it",
    Kind.CANCELLED: "it was called off",
    Kind.ABANDONED: "the caller hung up first",
    Kind.FAILED: "it could not be done",
    Kind.MISSED_TARGET: "the target time was missed",
    Kind.ALERT_RAISED: "something needs a dispatcher",
    Kind.ALERT_CLEARED: "a dispatcher has seen to it",
    Kind.AVAILABILITY_CHANGED: "an interpreter signed on or off, or is busy",
    Kind.APPOINTMENT_CHANGED: "an appointment was made, or moved on",
}
_STATES = {
    "offering": Kind.OFFERED,
    "connecting": Kind.ACCEPTED,
    "connected": Kind.CONNECTED,
    "waiting": Kind.WAITING,
    "callback_scheduled": Kind.WAITING,
    "completed": Kind.COMPLETED,
    "vendor_handoff": Kind.HANDED_TO_VENDOR,
    "cancelled": Kind.CANCELLED,
    "abandoned": Kind.ABANDONED,
    "failed": Kind.FAILED,
}
_LINES = {
    "RequestReceived": Kind.REQUEST_CREATED,
    "Alert": Kind.ALERT_RAISED,
    "AlertCleared": Kind.ALERT_CLEARED,
    "AvailabilityChanged": Kind.AVAILABILITY_CHANGED,
}
SETTLED, MISSED = "settled", "missed"
"""Fields of a line of the event log: the language that is known from here on, and that the target was missed."""


def announced(line: str, detail: Mapping[str, str]) -> tuple[Kind, ...]:
    """What a line of the event log is to other systems, in order; mostly nothing."""
    if line in _LINES:
        return (_LINES[line],)
    after = detail.get("state", "").partition(" > ")[2]
    if line.startswith("Appointment"):
        return (Kind.APPOINTMENT_CHANGED,) if after else ()
    found = [Kind.LANGUAGE_KNOWN] if detail.get(SETTLED) else []
    found += [_STATES[after]] if after in _STATES else []
    found += [Kind.MISSED_TARGET] if detail.get(MISSED) else []
    return tuple(found)


# -- sending -----------------------------------------------------------------------------------------------------------

AGAIN_AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 7200, 5 * 3600, 8 * 3600, 8 * 3600)
)
"""After each failed try: a day in all, close together at first because most outages are restarts."""
IN_ORDER_TRIES = 4
"""For so many tries (three minutes) later news of the same request waits behind the one that cannot be delivered."""
LEASE = timedelta(minutes=2)
"""A try that was handed over and not heard of for so long was lost with its worker, and is made again."""
KEPT = timedelta(days=14)
"""How long the delivery log goes back."""


class Fate(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class Endpoint:
    """Where an integration wants to be told, and of what."""

    integration_id: str
    integration: str
    """Its name."""
    url: str
    kinds: frozenset[Kind]
    secret: str
    failing_since: datetime | None = None
    """Since when nothing has been delivered; None while things are."""
    disabled_at: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """One announcement to one integration."""

    seq: int
    id: str
    """The `webhook-id`: the same at every try, so that the receiver knows it again."""
    integration_id: str
    request_id: str | None
    kind: str
    payload: str
    created_at: datetime
    due_at: datetime | None
    tries: int
    fate: Fate
    answer: str
    """What came of the last try, in words."""
    answered_at: datetime | None


def new_delivery_id() -> str:
    """The `webhook-id` of a new delivery."""
    return f"msg_{secrets.token_hex(12)}"


@dataclass(frozen=True)
class Answer:
    """What came of a try. `gone`: the receiver says that it wants no more (410)."""

    delivered: bool
    words: str
    gone: bool = False


def after_try(tries: int, answer: Answer, now: datetime) -> tuple[Fate, datetime | None]:
    """Where a delivery stands after its `tries`th try, and when it is tried again."""
    if answer.delivered:
        return Fate.DELIVERED, None
    if answer.gone or tries > len(AGAIN_AFTER):
        return Fate.GIVEN_UP, None
    return Fate.WAITING, now + AGAIN_AFTER[tries - 1]


def is_dead(endpoint: Endpoint, answer: Answer, now: datetime, days: float) -> bool:
    """Whether an endpoint is to be told nothing any more until somebody has looked at it."""
    if answer.delivered or endpoint.disabled_at is not None:
        return False
    since = endpoint.failing_since or now
    return answer.gone or now - since >= timedelta(days=days)


def url_problem(url: str) -> str:
    """Why nothing can be sent to that address, in words; "" where it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not an address that can be read."
    if len(url) > 500 or any(sign.isspace() or not sign.isprintable() for sign in url):
        return "Write the address without blanks, at most 500 characters."
    if parts.scheme not in ("https", "http") or not host:
        return "Write the whole address, like https://cad.example.gov/hooks."
    if parts.username or parts.password or parts.fragment:
        return "Leave names, passwords and # out of the address; deliveries are signed instead."
    if parts.scheme == "http" and not _is_loopback(host):
        return "Use https: without it anybody on the way could read and change what is told."
    return ""


def is_inside(url: str) -> bool:
    """Whether an address that can be used names, by number or as localhost, a machine inside a network. What other
    names stand for is seen when something is sent there."""
    host = urlsplit(url).hostname or ""
    try:
        return is_private(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_private(address: str) -> bool:
    """Whether an IP address is inside somebody's network, this machine's or its neighbours', not on the internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_private(str(inner))
    return not found.is_global or found.is_multicast or found.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
