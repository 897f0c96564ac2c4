"""Settings that cannot work are refused with words, before anybody calls."""

import pytest
from pydantic import ValidationError

from dispatch.settings import Settings


def test_languages_are_known_by_shorter_codes_and_names_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_LANGUAGES", '["en", "es", "Haitian Creole", "spa"]')
    assert Settings(_env_file=None).languages == ("eng", "spa", "hat")  # type: ignore[call-arg]


def test_a_language_that_nobody_knows_is_named_with_what_may_be_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_LANGUAGES", '["eng", "spanich"]')
    with pytest.raises(ValidationError, match="Did you mean Spanish"):
        Settings(_env_file=None)  # type: ignore[call-arg]
