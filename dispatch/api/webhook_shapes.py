"""An integration's webhook and its deliveries, as the API takes and tells them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch.announcing import Kind
from dispatch.api.shapes import In, Moment, Out, Words

Address = Annotated[
    Words,
    Field(
        min_length=8,
        max_length=500,
        description="Whole, https; nothing is sent to addresses inside a network.",
        examples=["https://cad.example.gov/hooks"],
    ),
]
Kinds = Annotated[list[Kind], Field(min_length=1, max_length=len(Kind), description="What it is told of.")]


class NewWebhook(In):
    """Where to be told, and of what."""

    url: Address
    kinds: Kinds


class ChangedWebhook(In):
    """What is changed; fields that are left out stay."""

    url: Address | None = None
    kinds: Kinds | None = None


class WebhookOut(Out):
    """The integration's webhook."""

    url: str
    kinds: list[Kind]
    state: Literal["on", "failing", "off"] = Field(
        description="`failing`: nothing gets through, and it is tried again. `off`: paused, or given up after days."
    )
    failing_since: Moment | None
    off_since: Moment | None


class RemovedOut(Out):
    """It is gone."""

    removed: bool


class SecretOut(WebhookOut):
    """The webhook with the secret that its deliveries are signed with."""

    secret: str | None = Field(
        description="Shown this once: keep it. Null where the same Idempotency-Key was answered before; make another.",
        examples=["whsec_..."],
    )


class DeliveryOut(Out):
    """One announcement, and what became of it."""

    id: str = Field(description="Its `webhook-id`, the same at every try.")
    kind: str = Field(examples=["request.connected", "test"])
    request_id: str | None
    made_at: Moment
    state: Literal["waiting", "delivered", "given_up"]
    tries: int
    answer: str = Field(description='What came of the last try; "" before the first.', examples=["answered 204"])
    answered_at: Moment | None
    next_try_at: Moment | None


class OneDeliveryOut(DeliveryOut):
    """The same with what it carries."""

    payload: dict[str, Any]


class DeliveriesPage(Out):
    """Deliveries, newest first."""

    deliveries: list[DeliveryOut]
    next: str | None = Field(description="`cursor` of the next page; null on the last.")
