"""What is done about a message that a caller left: the same by the console and by the API."""

from datetime import datetime

from dispatch.escalation import MESSAGE_LEFT
from dispatch.store import Transaction


def handled(tx: Transaction, request_id: str, message_id: str, by: str, now: datetime) -> bool:
    """It is seen to: who said so is written down, and its words are gone. False: it was gone already."""
    if not tx.voicemail_handled(message_id, request_id, MESSAGE_LEFT, now):
        return False
    tx.audit(by, "message handled", f"request {request_id}", "its words were removed", now)
    tx.log(request_id, "VoicemailHandled", {"by": by}, now)
    return True
