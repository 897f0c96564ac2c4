"""Where the parts meet: settings in, a wired service out. Nothing else constructs a store, a queue or a carrier."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from dispatch.after_session import QualityRules
from dispatch.agency_in_force import SettingsInForce
from dispatch.appointment import Rules
from dispatch.appointment_book import AppointmentBook
from dispatch.arrival_book import ArrivalBook
from dispatch.clock import SystemClock
from dispatch.dispatching import Dispatching
from dispatch.errors import ConfigurationError
from dispatch.people import QuietHours
from dispatch.policy import Policy
from dispatch.policy_file import PolicyFile
from dispatch.prior import prior
from dispatch.quality_book import QualityBook
from dispatch.settings import Settings
from dispatch.store import Store
from dispatch.webhook_outbox import WebhookOutbox
from voice.language import Calibration, LanguageListener
from voice.model_files import model_folder
from voice.prompt_audio import PromptAudio
from voice.speech import Ear
from voice.twilio import TwilioCarrier
from workers.performing import Performer
from workers.queue import EffectQueue

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """Everything a process needs, wired."""

    settings: Settings
    store: Store
    queue: EffectQueue
    intake: Dispatching
    carrier: TwilioCarrier
    prompt_audio: PromptAudio
    appointments: AppointmentBook
    arrivals: ArrivalBook
    quality: QualityBook
    policy: PolicyFile | None
    """The agency's policy file, where it has one."""
    in_force: SettingsInForce
    """The settings with what the console keeps of the agency laid over them."""
    webhooks: WebhookOutbox


def build(settings: Settings) -> Service:
    """Wire a process. Raises ConfigurationError where a setting is missing."""
    if not settings.secret_key.get_secret_value():
        raise ConfigurationError("DISPATCH_SECRET_KEY is not set; make one with `openssl rand -base64 32` and keep it.")
    if not settings.redis_url:
        raise ConfigurationError("DISPATCH_REDIS_URL is not set; `interpreter-dispatch serve` starts a server itself.")
    store = Store(settings.store_url, settings.secret_key.get_secret_value())
    queue = EffectQueue(settings.redis_url, store.effect_kinds)
    policy = policy_in_force(settings, store)
    in_force = SettingsInForce(settings, store)
    intake = Dispatching(store, SystemClock(), in_force.policy(policy or policy_of(settings)), queue.relay)
    carrier = TwilioCarrier(
        base_url=settings.carrier_url,
        account_sid=settings.account_sid,
        auth_token=settings.auth_token.get_secret_value(),
        from_number=settings.hotline_number.e164,
    )
    prompt_audio = PromptAudio(settings.recordings_dir, settings.cache_dir / "prompts")
    appointments = AppointmentBook(store, SystemClock(), appointment_rules(settings), queue.relay)
    arrivals = ArrivalBook(store, SystemClock(), settings, intake.hand_over)
    quality = QualityBook(store, SystemClock(), quality_rules(settings), queue.relay)
    webhooks = WebhookOutbox(store, SystemClock(), queue.relay_deliveries, settings.webhook_disable_days)
    return Service(
        settings=settings,
        store=store,
        queue=queue,
        intake=intake,
        carrier=carrier,
        prompt_audio=prompt_audio,
        appointments=appointments,
        arrivals=arrivals,
        quality=quality,
        policy=policy,
        in_force=in_force,
        webhooks=webhooks,
    )


def build_performer(service: Service) -> Performer:
    """A performer for a worker process; the speech model loads at its first use and then stays."""
    return Performer(
        service.store,
        service.intake,
        service.carrier,
        service.in_force,
        lambda: listener(service.settings),
    )


@cache
def listener(settings: Settings) -> LanguageListener:
    """The process's one speech model."""
    fitted = Calibration.fitted().asked(settings.speech_accept, settings.speech_confirm)
    return LanguageListener(
        settings.speech_model, settings.cache_dir, cpu_threads=settings.speech_threads, calibration=fitted
    )


@cache
def vendor_ear(settings: Settings) -> Ear:
    """The web process's speech model, for vendors' lines: loaded at the first of them, on one thread of its own."""
    return Ear(model_folder(settings.speech_model, settings.cache_dir), cpu_threads=1)


def policy_in_force(settings: Settings, store: Store) -> PolicyFile | None:
    """The agency's policy file; None where it has none. Raises PolicyError where no policy can be used."""
    if settings.policy_file is None:
        return None

    def previous() -> str | None:
        with store.reading() as tx:
            return tx.last_policy()

    def took(version: str, text: str) -> None:
        with store.transaction() as tx:
            tx.keep_policy(version, text, SystemClock().now())

    def trouble(words: str) -> None:
        log.error("%s", words)
        with store.transaction() as tx:
            if all(alert.reason != words for alert in tx.open_alerts()):
                tx.raise_alert(None, words, SystemClock().now())

    return PolicyFile(settings.policy_file, policy_of(settings), previous, took, trouble)


def policy_of(settings: Settings) -> Policy:
    """The policy as far as the settings alone say it."""
    return Policy(
        calls_per_second=settings.calls_per_second,
        timezone=settings.time_zone,
        agency=settings.agency,
        agency_languages=settings.languages,
        greeting_languages=settings.greeting_languages,
        desk=bool(settings.desk),
    )


def appointment_rules(settings: Settings) -> Rules:
    """How the agency keeps appointments."""
    return Rules(
        reminders=tuple(timedelta(minutes=minutes) for minutes in settings.appointment_reminder_minutes),
        asked_at_once=settings.appointment_asked_at_once,
        quiet_from=settings.quiet_from,
        quiet_to=settings.quiet_to,
    )


def quality_rules(settings: Settings) -> QualityRules:
    """How the agency follows sessions up."""
    return QualityRules(
        ask=settings.ask_ratings,
        every=timedelta(days=settings.rating_every_days),
        quiet=QuietHours(settings.quiet_from, settings.quiet_to),
        zone=settings.time_zone,
        thanked_tiers=settings.thanked_tiers,
        reminder_days=settings.certificate_reminder_days,
        words_kept=timedelta(days=settings.rating_words_days),
        task_words_kept=timedelta(days=settings.task_words_days),
    )


def prior_of(settings: Settings) -> dict[str, float]:
    """How likely each of the agency's languages is before anything is heard, by its own list alone."""
    return prior(settings.languages)
