"""The carrier client: Twilio's REST API (version 2010-04-01) over httpx.

Only the base URL tells the real carrier from the local one. Short troubles (no connection, 429, 5xx) are retried here;
longer ones come back as `CarrierError` and are retried from the outbox.
"""

from collections.abc import Mapping
from typing import Any

import httpx
import stamina

from voice.carrier import PATIENCE, CarrierError, Participant

_OVER = frozenset({20404, 21220})
"""The carrier's codes for "there is no such call (any more)"."""


class _Unready(CarrierError):
    """Worth asking again within seconds."""


class TwilioCarrier:
    """Implements `voice.carrier.Carrier`. Keeps its connections; safe to share between threads."""

    def __init__(
        self, base_url: str, account_sid: str, auth_token: str, from_number: str, patience_seconds: float = 4.0
    ) -> None:
        """`patience_seconds`: how long one call here goes on retrying before it raises."""
        self._account = f"/2010-04-01/Accounts/{account_sid}"
        self._from = from_number
        self._http = httpx.Client(
            base_url=base_url,
            auth=(account_sid, auth_token),
            timeout=httpx.Timeout(8.0, connect=2.0),
            follow_redirects=True,
        )
        self._retry = stamina.RetryingCaller(
            attempts=None, timeout=patience_seconds, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
        ).on(_Unready)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def send_text(self, to: str, body: str, status_url: str) -> str:
        """See `Carrier.send_text`."""
        form = {"To": to, "From": self._from, "Body": body, "StatusCallback": status_url + PATIENCE}
        return str(self._post("/Messages.json", form)["sid"])

    def place_call(
        self, to: str, url: str, status_url: str, ring_seconds: int, machine_url: str = "", send_digits: str = ""
    ) -> str:
        """See `Carrier.place_call`. Detection runs beside the call: waiting for it would cost seconds of silence."""
        form = {
            "To": to,
            "From": self._from,
            "Url": url + PATIENCE,
            "StatusCallback": status_url + PATIENCE,
            "Timeout": str(ring_seconds),
        }
        if machine_url:
            form |= {"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallback": machine_url + PATIENCE}
        if send_digits:
            form["SendDigits"] = send_digits
        return str(self._post("/Calls.json", form)["sid"])

    def move_call(self, call_sid: str, url: str) -> None:
        """See `Carrier.move_call`."""
        self._update_call(call_sid, {"Url": url + PATIENCE})

    def end_call(self, call_sid: str) -> None:
        """See `Carrier.end_call`."""
        self._update_call(call_sid, {"Status": "completed"})

    def mute(self, conference: str, call_sid: str, muted: bool) -> Participant | None:
        """See `Carrier.mute`."""
        return self._update_participant(conference, call_sid, {"Muted": str(muted).lower()})

    def hold(self, conference: str, call_sid: str, held: bool, url: str) -> Participant | None:
        """See `Carrier.hold`."""
        form = {"Hold": str(held).lower()}
        return self._update_participant(
            conference, call_sid, form | ({"HoldUrl": url + PATIENCE, "HoldMethod": "POST"} if held else {})
        )

    def call_status(self, call_sid: str) -> str:
        """See `Carrier.call_status`."""
        try:
            return str(self._retry(self._json, "GET", f"/Calls/{call_sid}.json")["status"])
        except CarrierError as error:
            if error.code in _OVER:
                return "completed"
            raise

    def recording(self, recording_sid: str) -> bytes:
        """See `Carrier.recording`."""
        return self._retry(self._fetch, f"/Recordings/{recording_sid}.wav")

    def delete_recording(self, recording_sid: str) -> None:
        """See `Carrier.delete_recording`."""
        try:
            self._retry(self._ask, "DELETE", f"/Recordings/{recording_sid}.json")
        except CarrierError as error:
            if error.code not in _OVER:
                raise

    def configure_number(self, number: str, voice_url: str, text_url: str, status_url: str) -> None:
        """Point one of the account's own numbers at us. Raises CarrierError 21210 where the account has no such number.

        The fragments shorten the carrier's own waiting and make it try a second time before it gives up on us.
        """
        found = self._retry(self._json, "GET", "/IncomingPhoneNumbers.json", params={"PhoneNumber": number})
        if not found["incoming_phone_numbers"]:
            raise CarrierError(21210, retryable=False)
        sid = found["incoming_phone_numbers"][0]["sid"]
        form = {
            "VoiceUrl": voice_url + PATIENCE,
            "VoiceMethod": "POST",
            "SmsUrl": text_url + PATIENCE,
            "SmsMethod": "POST",
            "StatusCallback": status_url + PATIENCE,
            "StatusCallbackMethod": "POST",
        }
        self._post(f"/IncomingPhoneNumbers/{sid}.json", form)

    # -- HTTP ----------------------------------------------------------------------------------------------------------

    def _update_call(self, call_sid: str, form: Mapping[str, str]) -> None:
        try:
            self._post(f"/Calls/{call_sid}.json", form)
        except CarrierError as error:
            if error.code not in _OVER:
                raise

    def _update_participant(self, conference: str, call_sid: str, form: Mapping[str, str]) -> Participant | None:
        """The name of a conference is ours; the carrier knows it by an id: that of the one which is up."""
        found = self._retry(self._json, "GET", "/Conferences.json", params={"FriendlyName": conference})
        up = [room["sid"] for room in found["conferences"] if room["status"] != "completed"]
        if not up:
            return None
        try:
            told = self._post(f"/Conferences/{up[0]}/Participants/{call_sid}.json", form)
        except CarrierError as error:
            if error.code in _OVER:
                return None
            raise
        return Participant(bool(told["muted"]), bool(told["hold"]))

    def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        return self._retry(self._json, "POST", path, form=form)

    def _json(
        self, method: str, path: str, form: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        answer = self._ask(method, path, form, params)
        found: dict[str, Any] = answer.json()
        return found

    def _fetch(self, path: str) -> bytes:
        """A media file; 404 means that it is not ready yet (the callback overtakes the storage)."""
        try:
            return self._ask("GET", path).content
        except CarrierError as error:
            if error.code == 20404:
                raise _Unready(20404, retryable=True) from error
            raise

    def _ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, self._account + path, data=form, params=params)
        except httpx.ConnectError as error:
            raise _Unready(0, retryable=True) from error
        except httpx.HTTPError as error:
            # It may have been done: only harmless requests are repeated at once, the rest by the outbox.
            raise (CarrierError if method == "POST" else _Unready)(0, retryable=True) from error
        if answer.is_success:
            return answer
        raise _error(answer)


def _error(answer: httpx.Response) -> CarrierError:
    """The carrier's refusal, typed. Bodies are JSON with `code` and `message`; anything else is named by its status."""
    told: dict[str, Any] = {}
    if answer.headers.get("content-type", "").startswith("application/json"):
        told = answer.json()
    code = int(told.get("code") or (20404 if answer.status_code == 404 else answer.status_code))
    said = str(told.get("message", f"HTTP {answer.status_code}"))
    if answer.status_code == 429:
        return _Unready(20429, retryable=True, said=said)
    if answer.status_code >= 500:
        return _Unready(code, retryable=True, said=said)
    return CarrierError(code, retryable=False, said=said)
