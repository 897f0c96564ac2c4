"""What an operation of the API is: its address, who may do it, what goes in and comes out, and the function behind it.

Adding one is a function and one `Operation` in its area's `OPERATIONS`: routes, checks, the OpenAPI document and the
documentation page are made from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from dispatch.agency_in_force import in_force
from dispatch.appointment_book import AppointmentBook
from dispatch.clock import Clock
from dispatch.dispatching import Dispatching
from dispatch.integrations import Integration, Once, Scope
from dispatch.settings import Settings
from dispatch.store import Store


@dataclass(frozen=True)
class Parts:
    """What the operations work with."""

    store: Store
    told: Settings | Callable[[], Settings]
    """The settings, or what gives those in force now."""
    clock: Clock
    intake: Dispatching
    appointments: AppointmentBook
    queue_answers: Callable[[], bool]

    @property
    def settings(self) -> Settings:
        """The settings in force now."""
        return in_force(self.told)()


@dataclass(frozen=True)
class Call:
    """One call of an operation, checked: `query` and `body` are instances of the operation's own models.

    The body of an operation that takes a file is its bytes.
    """

    parts: Parts
    caller: Integration
    now: datetime
    path: Mapping[str, str]
    query: Any
    body: Any
    once: Once

    @property
    def store(self) -> Store:
        """The store."""
        return self.parts.store

    @property
    def by(self) -> str:
        """What the audit log calls the caller."""
        return self.caller.signature

    def may(self, scope: Scope) -> bool:
        """Whether its token has that scope."""
        return scope in self.caller.scopes


@dataclass(frozen=True)
class Created:
    """An answer that says so with 201, and where the new thing is; `again`: it was made at an earlier try."""

    answer: BaseModel
    location: str
    again: bool = False


@dataclass(frozen=True)
class File:
    """An answer that is a file; what kind it is, the operation says."""

    content: bytes
    name: str


Handler = Callable[[Call], BaseModel | Created | File]
JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """One operation."""

    id: str
    """Its name for generated clients, like `read_request`."""
    method: str
    path: str
    """Below /api/v1, like `/requests/{request_id}`; the names in it are those of `PATH_PARTS`."""
    scope: Scope | None
    """None: any token will do."""
    handle: Handler
    answer: type[BaseModel] | None
    """None: a file (`sends`)."""
    summary: str
    description: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    """Beside those that every operation can meet."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """Of what is sent, by what they show."""
    largest: int = 64 << 10
    """Bytes of a body at most."""
    takes: str = JSON
    """The content type of the body; of any other than JSON `Call.body` is the bytes as they came."""
    sends: str = JSON
    """The content type of the answer."""
    keyed: bool = True
    """Whether what answers with 201 knows a repeated Idempotency-Key again."""

    @property
    def has_body(self) -> bool:
        """Whether a body has to be sent."""
        return self.body is not None or self.takes != JSON


@dataclass(frozen=True)
class PathPart:
    """A value in an address."""

    pattern: str
    words: str
    example: str


PATH_PARTS = {
    "request_id": PathPart(r"^[0-9a-z]{1,32}$", "The request's id.", "5f0c1a2b3c4d"),
    "code": PathPart(r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$", "The interpreter's own number, as on the roster.", "101"),
    "appointment": PathPart(r"^[0-9A-Za-z]{1,8}$", "The appointment's code.", "7KQM"),
    "alert_id": PathPart(r"^[0-9]{1,9}$", "The alert's number.", "12"),
    "arrival_id": PathPart(r"^[0-9a-f]{12}$", "The arrival's id.", "0123456789ab"),
    "invitation_id": PathPart(r"^[0-9a-f]{12}$", "The invitation's id.", "0123456789ab"),
    "task_id": PathPart(r"^[0-9a-z]{1,32}$", "The task's id.", "0123456789ab"),
    "delivery_id": PathPart(r"^msg_[0-9a-f]{24}$", "The delivery's id: its `webhook-id`.", "msg_" + "0a" * 12),
    "message_id": PathPart(r"^[0-9A-Za-z_-]{1,64}$", "The message's id.", "0123456789ab"),
    "draft": PathPart(r"^[0-9a-f]{24}$", "The id of a previewed import.", "0123456789abcdef01234567"),
    "uid": PathPart(r"^[0-9A-Za-z][0-9A-Za-z@._-]{0,99}$", "The entry's id.", "api-0123456789ab"),
}
