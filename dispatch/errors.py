"""Every error this product raises on purpose. Each message says what to do next.

DispatchError
├── InvalidNumber          a phone number nobody could be reached on
├── RequestUnknown         a webhook or link for a request we do not have
├── UnknownInterpreter     a roster entry that does not exist
├── RosterError            a roster file with problems, each naming its row and field
├── PolicyError            a policy file with problems, each naming its field
├── SettingsInvalid        the agency's settings with problems, each naming its field
├── ShiftInvalid           hours that cannot be: a shift that ends before it starts, an unknown time zone
├── CalendarError          a calendar file with problems, each naming its file, event and field
├── AppointmentInvalid     an appointment that cannot be booked or changed like that
├── ArrivalInvalid         an expected arrival, or an invitation to it, that cannot be
├── StoreError
│   ├── Conflict           somebody else changed the same row first; load again and retry
│   └── StoreUnavailable   the database did not answer
├── ChangedMeanwhile       a dispatcher decided on a state of a request that is no more
├── NotPossibleNow         a dispatcher asked for what the request cannot do as it stands
├── NeedsConfirming        it can be done, but somebody asked not to be disturbed: confirm it
├── DocumentsUnavailable   a PDF cannot be made on this machine, or not now
├── QueueUnavailable       Redis did not answer; work waits in the outbox
└── ConfigurationError     a setting that cannot work, with its name
"""


class DispatchError(Exception):
    """Base of everything raised on purpose."""


class InvalidNumber(DispatchError):
    """The text is not a phone number that can be dialled."""


class RequestUnknown(DispatchError):
    """No request with that id; it was never ours, or its retention time is over."""


class UnknownInterpreter(DispatchError):
    """No interpreter with that id or number is on the roster."""


class RosterError(DispatchError):
    """A roster file has problems; `problems` lists each with its row and field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The roster was not imported; nothing was changed.\n" + "\n".join(problems))
        self.problems = problems


class PolicyError(DispatchError):
    """A policy file has problems; `problems` lists each with the file and the field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("This policy cannot be used; the previous one stays in force.\n" + "\n".join(problems))
        self.problems = problems


class SettingsInvalid(DispatchError):
    """What was said of the agency will not do; `problems` lists each with its field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Nothing was changed.\n" + "\n".join(problems))
        self.problems = problems


class ShiftInvalid(DispatchError):
    """These hours cannot be; `field` names what is wrong: starts, ends, zone, rule, also."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field = field
        self.words = words


class CalendarError(DispatchError):
    """A calendar file has problems; `problems` lists each with its file, event and field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The calendar was not imported; nothing was changed.\n" + "\n".join(problems))
        self.problems = problems


class AppointmentInvalid(DispatchError):
    """The appointment cannot be booked or changed like that; the message says why and what to do."""


class ArrivalInvalid(DispatchError):
    """The arrival or the invitation cannot be like that; the message says why and what to do."""


class StoreError(DispatchError):
    """Base of what can go wrong with the store."""


class Conflict(StoreError):
    """Somebody else changed the same row first. Load again and decide anew."""


class StoreUnavailable(StoreError):
    """The database did not answer in time."""


class ChangedMeanwhile(DispatchError):
    """The request is not in the version that was looked at. See what is new, then decide again."""


class NotPossibleNow(DispatchError):
    """What was asked for makes no sense for the request as it stands; nothing was changed."""


class NeedsConfirming(DispatchError):
    """It can be done, but somebody asked not to be disturbed now: do it again, confirmed."""


class DocumentsUnavailable(DispatchError):
    """A PDF cannot be made on this machine, or not now; the message says what to install or do."""


class QueueUnavailable(DispatchError):
    """Redis did not answer. Effects stay in the outbox and are sent when it is back."""


class ConfigurationError(DispatchError):
    """A setting is missing or cannot work; the message names it."""
