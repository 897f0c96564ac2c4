"""Where the parts meet: settings in, a wired service out. Nothing else constructs a store, a queue or a carrier."""

from dataclasses import dataclass
from functools import cache

from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.errors import ConfigurationError
from dispatch.policy import Policy
from dispatch.prior import prior
from dispatch.settings import Settings
from dispatch.store import Store
from voice.language import Calibration, LanguageListener
from voice.prompt_audio import PromptAudio
from voice.twilio import TwilioCarrier
from workers.performing import Performer
from workers.queue import EffectQueue


@dataclass(frozen=True)
class Service:
    """Everything a process needs, wired."""

    settings: Settings
    store: Store
    queue: EffectQueue
    intake: Dispatching
    carrier: TwilioCarrier
    prompt_audio: PromptAudio


def build(settings: Settings) -> Service:
    """Wire a process. Raises ConfigurationError where a setting is missing."""
    if not settings.secret_key.get_secret_value():
        raise ConfigurationError("DISPATCH_SECRET_KEY is not set; make one with `openssl rand -base64 32` and keep it.")
    if not settings.redis_url:
        raise ConfigurationError("DISPATCH_REDIS_URL is not set; `interpreter-dispatch serve` starts a server itself.")
    store = Store(settings.store_url, settings.secret_key.get_secret_value())
    queue = EffectQueue(settings.redis_url, store.effect_kinds)
    intake = Dispatching(store, SystemClock(), policy_of(settings), queue.relay)
    carrier = TwilioCarrier(
        base_url=settings.carrier_url,
        account_sid=settings.account_sid,
        auth_token=settings.auth_token.get_secret_value(),
        from_number=settings.hotline_number.e164,
    )
    prompt_audio = PromptAudio(settings.recordings_dir, settings.cache_dir / "prompts")
    return Service(settings, store, queue, intake, carrier, prompt_audio)


def build_performer(service: Service) -> Performer:
    """A performer for a worker process; the speech model loads at its first use and then stays."""
    return Performer(
        service.store,
        service.intake,
        service.carrier,
        service.settings,
        lambda: listener(service.settings),
    )


@cache
def listener(settings: Settings) -> LanguageListener:
    """The process's one speech model."""
    fitted = Calibration.fitted().asked(settings.speech_accept, settings.speech_confirm)
    return LanguageListener(
        settings.speech_model, settings.cache_dir, cpu_threads=settings.speech_threads, calibration=fitted
    )


def policy_of(settings: Settings) -> Policy:
    """The agency's policy."""
    return Policy(
        agency=settings.agency,
        agency_languages=settings.languages,
        greeting_languages=settings.greeting_languages,
        desk=bool(settings.desk),
    )


def prior_of(settings: Settings) -> dict[str, float]:
    """How likely each of the agency's languages is before anything is heard, by its own list alone."""
    return prior(settings.languages)
