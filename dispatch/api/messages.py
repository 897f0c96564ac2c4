"""Messages that callers left, by the API: read, and said to be seen to."""

from pydantic import Field

from dispatch import message_deeds
from dispatch.api import requests
from dispatch.api.operations import Call, Operation
from dispatch.api.shapes import LanguageOut, Moment, Out, language_out
from dispatch.integrations import Scope
from dispatch.store import Transaction


class MessageOut(Out):
    """One message, as far as the machine could write it down; the sound is not kept."""

    id: str
    at: Moment
    seconds: float = Field(description="Of speech.")
    language: LanguageOut | None
    words: str = Field(description='In the caller\'s language; "" where the machine cannot write it.')
    english: str = Field(description="The machine's English.")
    certainty: float = Field(ge=0, le=1)
    unsure: bool = Field(description="More guess than hearing.")


class MessagesOut(Out):
    """A request's messages that nobody has seen to, oldest first."""

    request_id: str
    messages: list[MessageOut]


def listed(call: Call) -> MessagesOut:
    """Those that nobody has seen to."""
    with call.store.reading() as tx:
        return _told(tx, call)


def handled(call: Call) -> MessagesOut:
    """Say that one was seen to. Twice is harmless."""
    with call.store.transaction() as tx:
        request = requests.known(tx, call)
        message_deeds.handled(tx, request.id, call.path["message_id"], call.by, call.now)
        return _told(tx, call)


def _told(tx: Transaction, call: Call) -> MessagesOut:
    request = requests.known(tx, call)
    return MessagesOut(
        request_id=request.id,
        messages=[
            MessageOut(
                id=one.id,
                at=one.at,
                seconds=one.seconds,
                language=language_out(one.written.language),
                words=one.written.words,
                english=one.written.english,
                certainty=one.written.certainty,
                unsure=one.written.unsure,
            )
            for one in tx.voicemails_of(request.id, call.now)
        ],
    )


_MESSAGES = "/requests/{request_id}/messages"
OPERATIONS = (
    Operation(
        "list_messages",
        "GET",
        _MESSAGES,
        Scope.ACT,
        listed,
        MessagesOut,
        "Read the messages that a caller left",
        "Those that nobody has seen to; forgotten after some days.",
    ),
    Operation(
        "handle_message",
        "POST",
        f"{_MESSAGES}/{{message_id}}/handled",
        Scope.ACT,
        handled,
        MessagesOut,
        "Say that a message was seen to",
        "Its words are gone at once. Answers with those that are left. Doing so twice is harmless.",
    ),
)
