"""Sending webhooks: signed, to the very address that was checked, without following anybody elsewhere.

Whoever sets an address could otherwise have this service call machines inside the agency's network for them. So the
name is resolved once, every address it has must be allowed, and the connection goes to one of these very addresses.
"""

import logging
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from dispatch.announcing import Answer, Delivery, Endpoint, is_private, url_problem
from dispatch.errors import DispatchError
from dispatch.settings import Settings
from dispatch.webhook_outbox import WebhookOutbox

log = logging.getLogger(__name__)
_AGENT = "interpreter-dispatch"


class AddressRefused(DispatchError):
    """Nothing is sent there; the message says why."""


class WebhookSender:
    """Makes deliveries."""

    def __init__(self, outbox: WebhookOutbox, settings: Settings) -> None:
        self._outbox = outbox
        self._private = settings.webhook_private_addresses
        # No proxy of the environment's: it would resolve the name again, and elsewhere. No connection is used twice:
        # the pool knows them by address alone, and two names may share one.
        self._client = httpx.Client(
            timeout=settings.webhook_timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def deliver(self, delivery_id: str) -> None:
        """Make one delivery that is still waiting. Twice is harmless: the receiver knows it by its id."""
        found = self._outbox.waiting(delivery_id)
        if found is None:
            return
        delivery, endpoint = found
        answer = self._tried(delivery, endpoint)
        if not answer.delivered:
            log.warning("a webhook to %s was not delivered: %s", endpoint.integration, answer.words)
        self._outbox.tried(delivery, answer)

    def close(self) -> None:
        """Let go of every connection."""
        self._client.close()

    def _tried(self, delivery: Delivery, endpoint: Endpoint) -> Answer:
        try:
            request = self._request(delivery, endpoint)
            response = self._client.send(request, stream=True)
            response.close()  # what they say is not read: a receiver could go on saying it for ever
        except AddressRefused as error:
            return Answer(False, str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answer(False, f"not reached: {type(error).__name__}")
        status = response.status_code
        if response.is_success:
            return Answer(True, f"answered {status}")
        if response.is_redirect:
            return Answer(False, f"answered {status}: it points elsewhere, which is not followed; set the new address")
        return Answer(False, f"answered {status}", gone=status == httpx.codes.GONE)

    def _request(self, delivery: Delivery, endpoint: Endpoint) -> httpx.Request:
        problem = url_problem(endpoint.url)
        if problem:
            raise AddressRefused(problem)
        url = httpx.URL(endpoint.url)
        address = allowed_address(url.host, url.port or (443 if url.scheme == "https" else 80), self._private)
        now = datetime.now(UTC)
        signature = Webhook(endpoint.secret).sign(delivery.id, now, delivery.payload)
        headers = {
            "Host": urlsplit(endpoint.url).netloc,
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        pinned = url.copy_with(host=address)
        extensions = {"sni_hostname": url.host} if url.scheme == "https" else {}
        body = delivery.payload.encode()
        return self._client.build_request("POST", pinned, content=body, headers=headers, extensions=extensions)


def allowed_address(host: str, port: int, private: bool) -> str:
    """The address to connect to for that name. Raises AddressRefused where any of its addresses is not allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("This name has no address now.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not private and any(is_private(address) for address in addresses):
        raise AddressRefused(
            "This is inside a network. DISPATCH_WEBHOOK_PRIVATE_ADDRESSES=true allows it, where that is meant."
        )
    return addresses[0]
