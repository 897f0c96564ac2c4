"""A message that a caller left because nobody could be found: the machine's transcript, never the sound."""

from dataclasses import dataclass
from datetime import datetime

from dispatch.gist import Gist


@dataclass(frozen=True)
class Voicemail:
    """One message, as far as the machine could write it down."""

    id: str
    """The carrier's id of the recording, which is deleted there once it has been heard."""
    request_id: str
    at: datetime
    seconds: float
    """Of speech."""
    written: Gist
    """The caller's words, the machine's English, and how sure. Both are empty where it cannot write the language."""

    @property
    def readable(self) -> bool:
        """Whether there are words to read."""
        return bool(self.written.words or self.written.english)
