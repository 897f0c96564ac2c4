"""The local carrier's own HTTP requests to the product: signed, retried as the address's fragment says."""

import re
import secrets
from urllib.parse import urldefrag

import httpx
from twilio.request_validator import RequestValidator

from voice.local.exchange import Call, Exchange

_TOTAL_SECONDS = 15.0


class Callbacks:
    """Sends webhooks and status callbacks."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._validator = RequestValidator(exchange.auth_token)
        self._http = httpx.AsyncClient(timeout=_TOTAL_SECONDS, limits=httpx.Limits(max_connections=200))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def ask(self, url: str, form: dict[str, str], method: str = "POST") -> httpx.Response | None:
        """One webhook; None when nobody answered well, after the retries that the address asks for."""
        address, fragment = urldefrag(url)
        told = re.search(r"\brc=(\d)", fragment)
        tries = 1 + (int(told.group(1)) if told else 1)
        token = secrets.token_hex(16)
        for attempt in range(tries):
            headers = {
                "X-Twilio-Signature": self._validator.compute_signature(address, form if method == "POST" else {}),
                "I-Twilio-Idempotency-Token": token,
                "User-Agent": "TwilioProxy/1.1",
            }
            try:
                if method == "POST":
                    answer = await self._http.post(address, data=form, headers=headers)
                else:
                    answer = await self._http.get(address, headers=headers)
            except httpx.HTTPError as error:
                self._exchange.happened("webhook failed", url=address, why=type(error).__name__)
            else:
                self._exchange.happened(
                    "webhook", url=address, status=answer.status_code, ms=answer.elapsed.total_seconds() * 1000
                )
                if answer.is_success:
                    return answer
                if answer.status_code < 500:
                    return None
            if attempt + 1 < tries:
                await self._exchange.sleep(0.2)
        return None

    async def tell(self, url: str, form: dict[str, str]) -> None:
        """A status callback, as often as this carrier was told to repeat itself."""
        for _ in range(self._exchange.deliveries):
            await self.ask(url, form)

    async def fetch(self, url: str) -> bytes | None:
        """A media file that TwiML names; None when there is none."""
        try:
            answer = await self._http.get(url)
        except httpx.HTTPError as error:
            self._exchange.happened("media failed", url=url, why=type(error).__name__)
            return None
        if not answer.is_success:
            self._exchange.happened("media failed", url=url, why=str(answer.status_code))
            return None
        return answer.content

    def call_fields(self, call: Call) -> dict[str, str]:
        """The fields that every voice webhook carries."""
        fields = {
            "CallSid": call.sid,
            "AccountSid": self._exchange.account_sid,
            "From": call.from_,
            "To": call.to,
            "Caller": call.from_,
            "Called": call.to,
            "CallStatus": call.status,
            "Direction": call.direction,
            "ApiVersion": "2010-04-01",
        }
        if call.parent:
            fields["ParentCallSid"] = call.parent
        return fields
