"""What the values within a sentence are called in the language in which it is said: languages, varieties, urgency."""

from dispatch import languages, phrases, varieties

_LANGUAGES = ("language", "first", "second", "also", "bridge")


def said_in(language: str, params: dict[str, str]) -> dict[str, str]:
    """The same values; codes of languages and varieties become names, the urgency its word in that language."""
    return {name: _said(name, value, language) for name, value in params.items()}


def _said(name: str, value: str, language: str) -> str:
    if name == "urgency" and phrases.has(key := f"interpreter_urgency_{value}", language):
        return phrases.text(key, language)
    if name not in _LANGUAGES or not (value in languages.all_languages() or varieties.known(value)):
        return value
    return varieties.named(value, language)
