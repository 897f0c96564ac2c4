"""The settings in force: the environment's, with what the console keeps of the agency laid over them.

Every process asks here, so a change on the console holds everywhere within LOOK_SECONDS, without a restart.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from pydantic import ValidationError

from dispatch.agency import Profile
from dispatch.errors import StoreError
from dispatch.policy import Policy
from dispatch.settings import Settings
from dispatch.store import Store

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks at the store: one read of one row."""


def in_force(settings: Settings | Callable[[], Settings]) -> Callable[[], Settings]:
    """Gives the settings in force; plain settings are always in force."""
    if isinstance(settings, Settings):
        fixed = settings
        return lambda: fixed
    return settings


class SettingsInForce:
    """Gives the settings in force. Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        self._told = settings
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._next = float("-inf")
        self._profile = Profile()
        self._settings = settings

    def __call__(self) -> Settings:
        """The settings now. While the store does not answer, those known last."""
        if self._clock() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._next = self._clock() + LOOK_SECONDS
                self._look()
            finally:
                self._lock.release()
        return self._settings

    @property
    def told(self) -> Settings:
        """What the environment, or failing it the default, says."""
        return self._told

    def refresh(self) -> None:
        """Look at the store at the next question: this process has just changed it."""
        self._next = float("-inf")

    def policy(self, policy: Policy | Callable[[], Policy]) -> Callable[[], Policy]:
        """That policy, with the agency's own name, languages, greeting and desk as they are in force."""
        known: tuple[Policy, Settings, Policy] | None = None

        def in_force() -> Policy:
            nonlocal known
            base, settings = policy() if callable(policy) else policy, self()
            if known is None or known[0] is not base or known[1] is not settings:
                known = (base, settings, _overlaid(base, settings))
            return known[2]

        return in_force

    def _look(self) -> None:
        try:
            with self._store.reading() as tx:
                profile = tx.agency_profile()
        except StoreError as error:
            log.warning("the agency's settings stay as they were: %s", error)
            return
        if profile != self._profile:
            told = self._told.model_dump(exclude={"store_url"})
            self._profile = profile
            try:
                self._settings = Settings.model_validate({**told, **profile.overlay()})
            except ValidationError as error:  # a language that this version does not know any more: calls go on
                words = "; ".join(str(one["msg"]) for one in error.errors())
                log.error("what the console keeps of the agency cannot be used: %s", words)


def _overlaid(policy: Policy, settings: Settings) -> Policy:
    return replace(
        policy,
        agency=settings.agency,
        agency_languages=settings.languages,
        greeting_languages=settings.greeting_languages,
        desk=bool(settings.desk),
    )
