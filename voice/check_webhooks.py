"""The carrier's webhooks of test calls: what the interpreter hears, the key they press, how the call ends."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dispatch import phrases
from dispatch.errors import StoreError
from dispatch.phone_check import KeyPressed, MachineHeard, PhoneCheck, PickedUp, PutDown
from dispatch.phone_checking import PhoneChecking
from dispatch.prompts import Line
from voice.hook import Hook
from voice.webhooks import Webhooks


def routes(hooks: Webhooks, checking: PhoneChecking) -> list[BaseRoute]:
    """The addresses of test calls, signed like all others."""
    calls = CheckWebhooks(hooks, checking)
    ways = {"prompt": calls.prompt, "key": calls.key, "status": calls.status, "machine": calls.machine}
    return [Route(f"/check/{{check}}/{name}", hooks.signed(way), methods=["POST"]) for name, way in ways.items()]


class CheckWebhooks:
    """The handlers."""

    def __init__(self, hooks: Webhooks, checking: PhoneChecking) -> None:
        self._hooks = hooks
        self._checking = checking

    def prompt(self, hook: Hook) -> Response:
        """The phone was picked up: say what this is, in English and their first language, and wait for a key."""
        check = self._checking.report_check(hook.path["check"], PickedUp())
        if check is None:
            return self._hooks.voiced(lambda voicing: voicing.goodbye(()))
        lines = _both("interpreter_check", check, self._checking.policy.agency)
        return self._hooks.voiced(lambda voicing: voicing.key_wanted(lines, f"/check/{check.id}/key"))

    def key(self, hook: Hook) -> Response:
        """A key was pressed, or none: thank them and hang up."""
        check_id, digits = hook.path["check"], hook.form.get("Digits", "")
        try:
            check = self._checking.report_check(check_id, KeyPressed(digits))
        except StoreError:
            return self._hooks.voiced(lambda voicing: voicing.goodbye((Line("trouble", "eng"),)))
        pressed = check is not None and digits == "1"
        lines = _both("interpreter_check_thanks" if pressed else "interpreter_check_no_key", check)
        return self._hooks.voiced(lambda voicing: voicing.goodbye(lines))

    def status(self, hook: Hook) -> Response:
        """The call is over, or was never picked up."""
        self._checking.report_check(hook.path["check"], PutDown(hook.text("CallStatus")))
        return Response(status_code=204)

    def machine(self, hook: Hook) -> Response:
        """Whether a person or a mailbox picked up."""
        if hook.text("AnsweredBy").startswith(("machine", "fax")):
            self._checking.report_check(hook.path["check"], MachineHeard())
        return Response(status_code=204)


def _both(key: str, check: PhoneCheck | None, agency: str = "") -> tuple[Line, ...]:
    """The sentence in English, and in their first language where it has it."""
    spoken = ["eng"]
    if check is not None and check.language != "eng" and phrases.has(key, check.language):
        spoken.append(check.language)
    return tuple(Line(key, code, (("agency", agency),)) for code in spoken)
