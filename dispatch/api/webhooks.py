"""An integration's own webhook by the API: where it is told and of what, the signing secret, and the deliveries.

A token keeps the webhook of its own integration and sees no other's. It can have itself told of what it may see.
"""

import json
from collections.abc import Sequence
from typing import Any

from dispatch.announcing import Delivery, Endpoint, Fate, Kind, new_delivery_id
from dispatch.api.operations import Call, Created, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.shapes import Page, read_cursor, write_cursor
from dispatch.api.webhook_shapes import (
    ChangedWebhook,
    DeliveriesPage,
    DeliveryOut,
    NewWebhook,
    OneDeliveryOut,
    RemovedOut,
    SecretOut,
    WebhookOut,
)
from dispatch.integrations import Scope
from dispatch.store import Transaction
from dispatch.webhook_outbox import (
    DeliveryForgotten,
    pause,
    resume,
    send_again,
    send_test,
    set_endpoint,
    with_new_secret,
)

_SEEN_BY = {Kind.AVAILABILITY_CHANGED: Scope.ROSTER}
"""The scope that what is told needs, where it is not `read`."""


def read(call: Call) -> WebhookOut:
    """Its webhook."""
    with call.store.reading() as tx:
        return _shown(_mine(tx, call))


def add(call: Call) -> Created:
    """Set it for the first time."""
    sent: NewWebhook = call.body
    with call.store.transaction() as tx:
        if call.once.key and tx.claim_key(call.once, call.caller.id, call.now) is not None:
            return Created(_with_secret(_mine(tx, call), None), "/webhook", again=True)
        if tx.endpoint(call.caller.id) is not None:
            raise ApiProblem("in-use", "There is a webhook already; change it, or delete it first.")
        _permitted(call, sent.kinds)
        made = set_endpoint(tx, call.caller, sent.url, sent.kinds, _inside(call))
        _audit(tx, call, "set")
        return Created(_with_secret(made, made.secret), "/webhook")


def change(call: Call) -> WebhookOut:
    """Another address, or other news; the secret stays, and so does whether it is paused."""
    sent: ChangedWebhook = call.body
    with call.store.transaction() as tx:
        before = _mine(tx, call)
        _permitted(call, [kind for kind in sent.kinds or () if kind not in before.kinds])
        kinds = sent.kinds or sorted(before.kinds)
        made = set_endpoint(tx, call.caller, sent.url or before.url, kinds, sent.url is None or _inside(call))
        _audit(tx, call, "set")
        return _shown(made)


def paused(call: Call) -> WebhookOut:
    """Tell it nothing for now."""
    with call.store.transaction() as tx:
        pause(tx, _mine(tx, call), call.now)
        _audit(tx, call, "pause")
        return _shown(_mine(tx, call))


def resumed(call: Call) -> WebhookOut:
    """Tell it again."""
    with call.store.transaction() as tx:
        resume(tx, _mine(tx, call))
        _audit(tx, call, "enable")
        return _shown(_mine(tx, call))


def new_secret(call: Call) -> Created:
    """Another signing secret; the former is worth nothing from now on."""
    with call.store.transaction() as tx:
        found = _mine(tx, call)
        if call.once.key and tx.claim_key(call.once, call.caller.id, call.now) is not None:
            return Created(_with_secret(found, None), "/webhook", again=True)
        made = with_new_secret(found)
        tx.put_endpoint(made)
        _audit(tx, call, "secret")
        return Created(_with_secret(made, made.secret), "/webhook")


def remove(call: Call) -> RemovedOut:
    """It is told nothing any more."""
    with call.store.transaction() as tx:
        _mine(tx, call)
        tx.remove_endpoint(call.caller.id)
        _audit(tx, call, "remove")
    return RemovedOut(removed=True)


def test(call: Call) -> Created:
    """Have something delivered that tells nothing."""
    with call.store.transaction() as tx:
        found = _on(tx, call)
        delivery_id = new_delivery_id()
        earlier = tx.claim_key(call.once, delivery_id, call.now) if call.once.key else None
        if earlier is not None:
            return _made(tx, call, earlier, again=True)
        send_test(tx, found, call.now, delivery_id)
        _audit(tx, call, "test")
        return _made(tx, call, delivery_id)


def deliveries(call: Call) -> DeliveriesPage:
    """What was delivered in the last two weeks, or was not."""
    asked: Page = call.query
    with call.store.reading() as tx:
        found = tx.deliveries_of(call.caller.id, _before(asked.cursor), asked.limit + 1)
    page = found[: asked.limit]
    more = write_cursor(page[-1].seq) if len(found) > len(page) else None
    return DeliveriesPage(deliveries=[DeliveryOut(**_told(one)) for one in page], next=more)


def delivery(call: Call) -> OneDeliveryOut:
    """One of them, with what it carries."""
    with call.store.reading() as tx:
        return _whole(tx, call, call.path["delivery_id"])


def redeliver(call: Call) -> Created:
    """Try one anew, now."""
    delivery_id = call.path["delivery_id"]
    with call.store.transaction() as tx:
        _whole(tx, call, delivery_id)
        _on(tx, call)
        if call.once.key and tx.claim_key(call.once, delivery_id, call.now) is not None:
            return _made(tx, call, delivery_id, again=True)
        try:
            send_again(tx, call.caller, delivery_id, call.now)
        except DeliveryForgotten as error:
            raise ApiProblem("not-found", str(error)) from error
        tx.audit(call.by, "webhook: sent again", call.caller.signature, delivery_id, call.now)
        return _made(tx, call, delivery_id)


# -- how it is done ----------------------------------------------------------------------------------------------------


def _mine(tx: Transaction, call: Call) -> Endpoint:
    found = tx.endpoint(call.caller.id)
    if found is None:
        raise ApiProblem("not-found", "This integration has no webhook yet; set one first.")
    return found


def _on(tx: Transaction, call: Call) -> Endpoint:
    """The webhook, where something can be sent to it."""
    found = _mine(tx, call)
    if found.disabled_at is not None:
        raise ApiProblem("not-possible", "The webhook is off; resume it first.")
    return found


def _inside(call: Call) -> bool:
    return call.parts.settings.webhook_private_addresses


def _permitted(call: Call, kinds: Sequence[Kind]) -> None:
    """Raises ApiProblem where it asks to be told of what its token may not see."""
    for kind in kinds:
        needed = _SEEN_BY.get(kind, Scope.READ)
        if not call.may(needed):
            raise ApiProblem("not-allowed", f"To be told of {kind}, this token needs the scope {needed.value!r}.")


def _audit(tx: Transaction, call: Call, action: str) -> None:
    tx.audit(call.by, f"webhook: {action}", call.caller.signature, "", call.now)


def _shown(one: Endpoint) -> WebhookOut:
    return WebhookOut(**_fields(one))


def _with_secret(one: Endpoint, secret: str | None) -> SecretOut:
    return SecretOut(**_fields(one), secret=secret)


def _fields(one: Endpoint) -> dict[str, Any]:
    state = "off" if one.disabled_at is not None else "failing" if one.failing_since is not None else "on"
    return {
        "url": one.url,
        "kinds": sorted(one.kinds),
        "state": state,
        "failing_since": one.failing_since,
        "off_since": one.disabled_at,
    }


def _told(one: Delivery) -> dict[str, Any]:
    same = ("id", "kind", "request_id", "tries", "answer", "answered_at")
    return {name: getattr(one, name) for name in same} | {
        "made_at": one.created_at,
        "state": one.fate.value.replace(" ", "_"),
        "next_try_at": one.due_at if one.fate is Fate.WAITING else None,
    }


def _whole(tx: Transaction, call: Call, delivery_id: str) -> OneDeliveryOut:
    found = tx.delivery(delivery_id)
    if found is None or found.integration_id != call.caller.id:
        raise ApiProblem("not-found", "There is no such delivery, or it is older than two weeks.")
    return OneDeliveryOut(**_told(found), payload=json.loads(found.payload))


def _made(tx: Transaction, call: Call, delivery_id: str, again: bool = False) -> Created:
    return Created(_whole(tx, call, delivery_id), f"/webhook/deliveries/{delivery_id}", again)


def _before(cursor: str) -> int | None:
    try:
        read = read_cursor(cursor)
        return min(int(read[0]), 2**31) if read else None
    except (ValueError, IndexError) as error:
        raise ApiProblem("invalid", "This is no cursor of ours; begin with the first page.") from error


_WEBHOOK = "/webhook"
_DELIVERY = f"{_WEBHOOK}/deliveries/{{delivery_id}}"
OPERATIONS = (
    Operation(
        "read_webhook",
        "GET",
        _WEBHOOK,
        Scope.WEBHOOKS,
        read,
        WebhookOut,
        "Read this integration's webhook",
        "404 while it has none. The secret is not told again.",
    ),
    Operation(
        "set_webhook",
        "POST",
        _WEBHOOK,
        Scope.WEBHOOKS,
        add,
        SecretOut,
        "Set this integration's webhook",
        "One for each integration. It can be told of what its token may see: `read`, and `roster` for "
        "`availability.changed`. Keep the secret: it is shown this once.",
        body=NewWebhook,
        status=201,
        examples={
            "what becomes of requests": {
                "url": "https://cad.example.gov/hooks",
                "kinds": ["request.connected", "request.completed", "request.failed"],
            }
        },
    ),
    Operation(
        "change_webhook",
        "PATCH",
        _WEBHOOK,
        Scope.WEBHOOKS,
        change,
        WebhookOut,
        "Change the webhook",
        "Fields that are left out stay, and so do the secret and whether it is paused.",
        body=ChangedWebhook,
        examples={"another address": {"url": "https://cad.example.gov/hooks/2"}},
    ),
    Operation(
        "delete_webhook",
        "DELETE",
        _WEBHOOK,
        Scope.WEBHOOKS,
        remove,
        RemovedOut,
        "Delete the webhook",
        "Nothing more is told; what waits is given up.",
    ),
    Operation(
        "pause_webhook",
        "POST",
        f"{_WEBHOOK}/pause",
        Scope.WEBHOOKS,
        paused,
        WebhookOut,
        "Pause the webhook",
        "What waits is given up, and what happens meanwhile is not told; read it when you resume. Twice is harmless.",
    ),
    Operation(
        "resume_webhook",
        "POST",
        f"{_WEBHOOK}/resume",
        Scope.WEBHOOKS,
        resumed,
        WebhookOut,
        "Resume the webhook",
        "Also after it was switched off because nothing got through. Twice is harmless.",
    ),
    Operation(
        "make_webhook_secret",
        "POST",
        f"{_WEBHOOK}/secret",
        Scope.WEBHOOKS,
        new_secret,
        SecretOut,
        "Make another signing secret",
        "The former is worth nothing from now on. Shown this once.",
        status=201,
    ),
    Operation(
        "test_webhook",
        "POST",
        f"{_WEBHOOK}/test",
        Scope.WEBHOOKS,
        test,
        OneDeliveryOut,
        "Have a test delivered",
        "Of the type `test`. Read the delivery to see what came of it.",
        status=201,
    ),
    Operation(
        "list_deliveries",
        "GET",
        f"{_WEBHOOK}/deliveries",
        Scope.WEBHOOKS,
        deliveries,
        DeliveriesPage,
        "List deliveries",
        "Of the last two weeks, newest first.",
        query=Page,
    ),
    Operation(
        "read_delivery",
        "GET",
        _DELIVERY,
        Scope.WEBHOOKS,
        delivery,
        OneDeliveryOut,
        "Read a delivery",
        "With what it carries.",
    ),
    Operation(
        "resend_delivery",
        "POST",
        f"{_DELIVERY}/resend",
        Scope.WEBHOOKS,
        redeliver,
        OneDeliveryOut,
        "Send a delivery again",
        "Now, however it stood, under the same `webhook-id`.",
        status=201,
    ),
)
