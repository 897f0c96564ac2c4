"""The carrier's resources as JSON, with every field that its published OpenAPI file names."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from voice.local.exchange import Call, Conference, Line, Message, Participant, Recording

JSON = dict[str, Any]
API_VERSION = "2010-04-01"


def account_path(account_sid: str) -> str:
    """The account's address below the API's base."""
    return f"/{API_VERSION}/Accounts/{account_sid}"


def _date(at: datetime | None) -> str | None:
    return format_datetime(at.astimezone(UTC)) if at is not None else None


def call(one: Call, account_sid: str) -> JSON:
    """A call."""
    uri = f"{account_path(account_sid)}/Calls/{one.sid}"
    return {
        "sid": one.sid,
        "account_sid": account_sid,
        "date_created": _date(one.created),
        "date_updated": _date(one.ended or one.started or one.created),
        "parent_call_sid": one.parent,
        "to": one.to,
        "to_formatted": one.to,
        "from": one.from_,
        "from_formatted": one.from_,
        "phone_number_sid": None,
        "status": one.status,
        "start_time": _date(one.started),
        "end_time": _date(one.ended),
        "duration": str(one.seconds) if one.seconds is not None else None,
        "price": None,
        "price_unit": "USD",
        "direction": one.direction,
        "answered_by": one.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
    }


def message(one: Message, account_sid: str) -> JSON:
    """A text."""
    uri = f"{account_path(account_sid)}/Messages/{one.sid}"
    return {
        "sid": one.sid,
        "account_sid": account_sid,
        "body": one.body,
        "num_segments": str(max(1, -(-len(one.body) // 153))),
        "direction": one.direction,
        "from": one.from_,
        "to": one.to,
        "date_created": _date(one.created),
        "date_updated": _date(one.created),
        "date_sent": None if one.status == "queued" else _date(one.created),
        "price": None,
        "price_unit": "USD",
        "error_code": one.error,
        "error_message": None,
        "uri": f"{uri}.json",
        "num_media": "0",
        "status": one.status,
        "messaging_service_sid": None,
        "api_version": API_VERSION,
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def conference(one: Conference, account_sid: str) -> JSON:
    """A conference."""
    uri = f"{account_path(account_sid)}/Conferences/{one.sid}"
    return {
        "sid": one.sid,
        "account_sid": account_sid,
        "friendly_name": one.name,
        "status": one.status,
        "region": "us1",
        "date_created": _date(one.created),
        "date_updated": _date(one.created),
        "api_version": API_VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json"},
        "call_sid_ending_conference": one.ended_by,
        **({"reason_conference_ended": one.reason} if one.reason else {}),
    }


def participant(one: Participant, room: Conference, account_sid: str) -> JSON:
    """A call in a conference."""
    return {
        "account_sid": account_sid,
        "call_sid": one.call_sid,
        "label": one.label,
        "call_sid_to_coach": None,
        "coaching": False,
        "conference_sid": room.sid,
        "date_created": _date(one.joined),
        "date_updated": _date(one.joined),
        "end_conference_on_exit": one.ends,
        "start_conference_on_enter": one.starts,
        "muted": one.muted,
        "hold": one.hold,
        "status": "connected",
        "queue_time": None,
        "uri": f"{account_path(account_sid)}/Conferences/{room.sid}/Participants/{one.call_sid}.json",
    }


def recording(one: Recording, account_sid: str, base_url: str) -> JSON:
    """A recording; its sound is at `media_url`."""
    path = f"{account_path(account_sid)}/Recordings/{one.sid}"
    return {
        "sid": one.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": one.call_sid,
        "conference_sid": None,
        "date_created": _date(one.created),
        "date_updated": _date(one.created),
        "start_time": _date(one.created),
        "duration": str(round(one.seconds)),
        "price": None,
        "price_unit": "USD",
        "status": "completed",
        "channels": 1,
        "source": "RecordVerb",
        "error_code": None,
        "uri": f"{path}.json",
        "encryption_details": None,
        "subresource_uris": {},
        "media_url": base_url.rstrip("/") + path,
    }


def line(one: Line, account_sid: str) -> JSON:
    """A number of the account's own."""
    return {
        "sid": one.sid,
        "account_sid": account_sid,
        "friendly_name": one.number,
        "phone_number": one.number,
        "address_sid": None,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": _date(one.created),
        "date_updated": _date(one.created),
        "identity_sid": None,
        "origin": "twilio",
        "sms_application_sid": None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_url": one.text_url,
        "status_callback": one.status_url or None,
        "status_callback_method": "POST",
        "trunk_sid": None,
        "uri": f"{account_path(account_sid)}/IncomingPhoneNumbers/{one.sid}.json",
        "voice_receive_mode": "voice",
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": None,
        "voice_method": "POST",
        "voice_url": one.voice_url,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
    }


def page(name: str, items: Sequence[JSON], path: str) -> JSON:
    """A list as the carrier pages it; everything fits on one page here."""
    first = f"{path}?PageSize=50&Page=0"
    return {
        name: list(items),
        "first_page_uri": first,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": first,
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": max(len(items) - 1, 0),
    }
