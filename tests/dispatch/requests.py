"""Requests in the states that tests start from, made through `step` itself."""

from datetime import UTC, datetime, timedelta

from dispatch import events
from dispatch.effects import Effect
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Channel, Need, Request, RequestState
from dispatch.ring_plan import AllAtOnce
from dispatch.steps import step

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
POLICY = Policy(agency="Town", agency_languages=("eng", "spa", "fra"), strategy=AllAtOnce(), calls_per_second=0)
"""Everybody a search finds is rung, and at once: stories say themselves who that is."""


class Story:
    """A request told event by event, a second apart; keeps the effects of every step."""

    def __init__(self, role: Role = Role.OFFICER, channel: Channel = Channel.TEXT) -> None:
        self.request = Request("r1", "p1", role, channel, RequestState.RECEIVED, NOON)
        self.now = NOON
        self.effects: tuple[Effect, ...] = ()

    @classmethod
    def a_call(cls, withheld: bool = False) -> "Story":
        """A community member has called."""
        story = cls(Role.COMMUNITY, Channel.VOICE)
        return story.then(events.CallArrived("r1-1", "CA1", withheld=withheld))

    def then(self, *happened: events.Event) -> "Story":
        """These things happen, a second apart."""
        for event in happened:
            self.now += timedelta(seconds=1)
            self.request, self.effects = step(self.request, event, self.now, POLICY)
        return self

    def did(self, kind: type[Effect]) -> list[Effect]:
        """Effects of that kind in the last step."""
        return [effect for effect in self.effects if isinstance(effect, kind)]


def officer_wants(*languages: str) -> Story:
    """An officer has named the languages in a text."""
    return Story().then(events.TextReceived(Need(languages=languages), " ".join(languages)))


def caller_speaks(language: str = "spa", confidence: float = 0.97, decision: str = "accept") -> Story:
    """A community member has called, spoken, and been heard."""
    from dispatch.request import Guess

    story = Story(Role.COMMUNITY, Channel.VOICE)
    story.then(events.CallArrived("r1-1", "CA1"), events.SpeechRecorded("r1-1", "RE1"))
    return story.then(events.LanguageHeard(decision, (Guess(language, confidence),), "heard"))
