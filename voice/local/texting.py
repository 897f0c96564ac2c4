"""Texts both ways: out to simulated phones, in to the product's webhook, and the words the carrier acts on itself."""

from xml.etree import ElementTree

from defusedxml import ElementTree as SafeTree

from voice.local.callbacks import Callbacks
from voice.local.exchange import Exchange, Message, sid

_OPT_OUT = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
_OPT_IN = frozenset({"START", "UNSTOP"})
_DELIVERY_SECONDS = 0.3


class Texting:
    """Carries texts."""

    def __init__(self, exchange: Exchange, callbacks: Callbacks) -> None:
        self._exchange = exchange
        self._callbacks = callbacks

    def send(self, to: str, from_: str, body: str, status_url: str) -> Message:
        """The product texts a phone."""
        message = Message(sid("SM"), from_, to, body, "outbound-api", "queued")
        self._exchange.messages[message.sid] = message
        self._exchange.soon(self._deliver(message, status_url))
        return message

    async def from_phone(self, phone: str, hotline: str, body: str) -> Message:
        """A phone texts the product."""
        message = Message(sid("SM"), phone, hotline, body, "inbound", "received")
        self._exchange.messages[message.sid] = message
        self._exchange.happened("texted", phone=phone, to=hotline, body=body, sid=message.sid)
        await self.tell(message)
        return message

    async def tell(self, message: Message) -> None:
        """The webhook about a text that came in, as often as this carrier was told to repeat itself."""
        line = self._exchange.lines[message.to]
        word = message.body.strip().upper()
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "AccountSid": self._exchange.account_sid,
            "From": message.from_,
            "To": message.to,
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
        }
        if word in _OPT_OUT | _OPT_IN:
            form["OptOutType"] = "STOP" if word in _OPT_OUT else "START"
            self._exchange.phone(message.from_).unsubscribed = word in _OPT_OUT
        for _ in range(self._exchange.deliveries):
            answer = await self._callbacks.ask(line.text_url, form)
            if answer is not None and answer.text:
                self._reply(message, answer.text)

    def _reply(self, message: Message, twiml: str) -> None:
        try:
            document = SafeTree.fromstring(twiml)
        except ElementTree.ParseError as error:
            self._exchange.happened("bad twiml", url=self._exchange.lines[message.to].text_url, why=str(error))
            return
        for verb in document.findall("Message"):
            body = "".join(verb.itertext()).strip()
            reply = Message(sid("SM"), message.to, message.from_, body, "outbound-reply", "delivered")
            self._exchange.messages[reply.sid] = reply
            self._arrive(reply)

    async def _deliver(self, message: Message, status_url: str) -> None:
        await self._exchange.sleep(_DELIVERY_SECONDS)
        phone = self._exchange.phone(message.to)
        if phone.behaviour.text_error:
            message.status, message.error = "undelivered", phone.behaviour.text_error
            self._exchange.happened("text lost", phone=message.to, sid=message.sid)
        else:
            message.status = "delivered"
            self._arrive(message)
        if status_url:
            form = {
                "MessageSid": message.sid,
                "SmsSid": message.sid,
                "AccountSid": self._exchange.account_sid,
                "From": message.from_,
                "To": message.to,
                "MessageStatus": message.status,
                "ApiVersion": "2010-04-01",
            }
            if message.error:
                form["ErrorCode"] = str(message.error)
            await self._callbacks.tell(status_url, form)
        if phone.behaviour.reply and message.status == "delivered" and message.from_ in self._exchange.lines:
            await self.from_phone(message.to, message.from_, phone.behaviour.reply)

    def _arrive(self, message: Message) -> None:
        told = {"from": message.from_, "body": message.body, "sid": message.sid}
        self._exchange.phone(message.to).texts.append(told)
        self._exchange.happened("text", phone=message.to, sender=message.from_, body=message.body, sid=message.sid)
