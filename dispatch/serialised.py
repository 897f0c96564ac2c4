"""Values to JSON and back: effects in the outbox, and the parts of a request that nothing searches for."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from dispatch import effects
from dispatch.effects import Effect
from dispatch.people import Terms
from dispatch.request import Guess, Need, Reach

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        effects.SendText,
        effects.PlaceCall,
        effects.HearSpeech,
        effects.ReadText,
        effects.FindInterpreters,
        effects.MoveCall,
        effects.SendGist,
        effects.MuteLeg,
        effects.HoldLeg,
        effects.HangUp,
        effects.DeleteRecording,
        effects.CheckCalls,
        effects.AlertDispatcher,
        effects.HearMessage,
        effects.MatchWaiting,
        effects.KeepApart,
        effects.TellOnSite,
        effects.PlaceCheckCall,
        effects.EndCheckCall,
        effects.FreeInterpreter,
    )
}
_EFFECTS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in _KINDS.items()}
_NEED = TypeAdapter(Need)
_GUESSES = TypeAdapter(tuple[Guess, ...])
_REACH = TypeAdapter(Reach)
_TERMS = TypeAdapter(Terms)


def effect_to_json(effect: Effect) -> str:
    """The effect's fields as JSON; its kind is kept beside it."""
    return _EFFECTS[type(effect).__name__].dump_json(effect).decode()


def effect_from_json(kind: str, text: str) -> Effect:
    """The effect again. Raises KeyError for a kind this version does not know."""
    effect: Effect = _EFFECTS[kind].validate_json(text)
    return effect


def need_to_json(need: Need) -> str:
    """A need as JSON."""
    return _NEED.dump_json(need).decode()


def need_from_json(text: str) -> Need:
    """A need again."""
    return _NEED.validate_json(text)


def guesses_to_json(guesses: tuple[Guess, ...]) -> str:
    """Guesses as JSON."""
    return _GUESSES.dump_json(guesses).decode()


def guesses_from_json(text: str) -> tuple[Guess, ...]:
    """Guesses again."""
    return _GUESSES.validate_json(text)


def reach_to_json(reach: Reach) -> str:
    """How far a search has been stretched, as JSON; what is as in the beginning is left out."""
    return _REACH.dump_json(reach, exclude_defaults=True).decode()


def reach_from_json(text: str) -> Reach:
    """The same again."""
    return Reach() if text == "{}" else _REACH.validate_json(text)


def terms_to_json(terms: Terms) -> str:
    """An interpreter's terms as JSON; what is not limited is left out."""
    return _TERMS.dump_json(terms, exclude_defaults=True).decode()


@cache
def terms_from_json(text: str) -> Terms:
    """The same again. Many interpreters have the same terms, so each text is read once."""
    return _TERMS.validate_json(text)
