"""Every setting, read once from the environment (prefix `DISPATCH_`) or a `.env` file, then frozen."""

from datetime import time
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field, PositiveInt, SecretStr, computed_field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dispatch.errors import ShiftInvalid
from dispatch.people import PhoneNumber
from dispatch.retention import Keep
from dispatch.shifts import zone_named

_LOCAL_TOKEN = "local-carrier-token"
"""Of the local carrier; everybody knows it."""


class Settings(BaseSettings):
    """The agency's configuration. Durations are seconds, numbers E.164, languages ISO 639-3."""

    model_config = SettingsConfigDict(env_prefix="DISPATCH_", env_file=".env", extra="ignore", frozen=True)

    agency: str = "City Interpreter Line"
    languages: tuple[str, ...] = ("eng", "spa", "fra", "hat", "por", "cmn", "vie", "arb", "rus")
    """The agency's languages, most asked for first: greeting, spoken menu, prior. Shorter codes and names will do."""
    greeting_languages: int = 3
    """How many of `languages` the greeting is spoken in before the tone."""
    region: str = "US"
    """Where numbers without a country code are from."""
    time_zone: str = "UTC"
    """IANA name, like America/New_York: of times in calendars and on the command line that name no zone."""
    emergency_number: str = "911"

    hotline: str = "+16175550100"
    """The number people text and call."""
    desk: str = "+16175550199"
    """The duty desk: the agency's own leg in calls from community members. "" for none."""

    state_dir: Path = Path("state")
    cache_dir: Path = Field(default_factory=lambda: user_cache_path("interpreter-dispatch"))
    database_url: str = ""
    """Empty: SQLite in `state_dir`."""
    redis_url: str = ""
    """Empty: the supervisor starts an embedded server and passes its address on."""
    secret_key: SecretStr = SecretStr("")
    """Encrypts phone numbers at rest. Empty: the supervisor makes one and keeps it in `state_dir`."""

    public_url: str = "http://127.0.0.1:8000"
    """How the carrier reaches us; signatures are checked against it."""
    bind_host: str = "127.0.0.1"
    bind_port: int = 8000
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.1"), ip_network("::1"))
    """Reverse proxies, addresses or networks, whose X-Forwarded-For tells who asks: wrong passwords and tokens are
    counted by that address. Anybody else's is not believed."""
    account_sid: str = "AC00000000000000000000000000000000"
    auth_token: SecretStr = SecretStr(_LOCAL_TOKEN)
    carrier_url: str = "https://api.twilio.com"
    """Another address here is the only difference between the local carrier and the real one."""

    speech_model: str = "bundled"
    """`bundled`, a folder with a CTranslate2 model, or a faster-whisper model name."""
    speech_threads: int = 2
    speech_accept: float | None = Field(default=None, ge=0.5, le=1.0)
    """Probability from which a heard language is acted on; the fitted one (voice/calibration.toml) where not set."""
    speech_confirm: float | None = Field(default=None, ge=0.0, le=1.0)
    """Probability from which the person is asked about the likeliest languages instead of the whole menu."""
    gist_minutes: int = Field(default=60, ge=0, le=10_080)
    """How long the machine's gist of a caller's first words is kept; 0: it is never written."""
    keep_inbox_days: int = Field(default=Keep.inbox, ge=1)
    """How long things are kept, and why, stands in `retention.Keep`; the ticker forgets what is older."""
    keep_outbox_days: int = Field(default=Keep.outbox, ge=3)
    keep_request_details_days: int = Field(default=Keep.request_details, ge=1)
    keep_decisions_days: int = Field(default=Keep.decisions, ge=1)
    keep_event_log_days: int = Field(default=Keep.event_log, ge=1)
    keep_numbers_days: int = Field(default=Keep.numbers, ge=1)
    keep_alerts_days: int = Field(default=Keep.alerts, ge=1)
    keep_appointments_days: int = Field(default=Keep.appointments, ge=1)
    keep_answers_days: int = Field(default=Keep.answers, ge=1)
    voicemail_days: int = Field(default=7, ge=0, le=30)
    """How long a caller's message, written down by the machine, is kept at most: until a dispatcher has handled it, and
    no longer than that. 0: it is never written down, and only the alert says that there was one."""
    appointment_reminder_minutes: tuple[PositiveInt, ...] = (1440, 60)
    """How long before an appointment interpreter and requester are reminded."""
    appointment_asked_at_once: int = Field(default=3, ge=1, le=20)
    """How many interpreters are asked together when the booked one cannot come; the first yes has it."""
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    """Texts about appointments keep out of these hours (in `time_zone`) unless they cannot wait; questions about
    ratings, thanks and reminders of certificates always do."""
    ask_ratings: bool = True
    """Whether officer and caller are asked by text, a minute after a session, how it was."""
    rating_every_days: int = Field(default=7, ge=0, le=365)
    """One person is asked at most that often."""
    rating_words_days: int = Field(default=90, ge=1, le=3650)
    """How long words beside a rating are kept; the number stays."""
    task_words_days: int = Field(default=365, ge=1, le=3650)
    """How long the words of a closed task, and the notes on it, are kept."""
    thanked_tiers: tuple[int, ...] = (3,)
    """Tiers whose interpreters are thanked by text after a session, once a day at most; none: nobody is."""
    certificate_reminder_days: tuple[PositiveInt, ...] = (60, 30, 7)
    """How long before a certificate ends its interpreter and the roster's keeper are told."""
    policy_basis: str = "Title VI of the Civil Rights Act of 1964 and this agency's language access policy"
    """What the published language-access report names as its basis; "" names none."""
    webhook_threads: int = 2
    """Webhooks answered side by side in one web process; more of them only get in each other's way."""
    speech_workers: int = 1
    workers: int = 1
    recordings_dir: Path = Path("recordings")
    """The agency's own recorded prompts: <language>/<phrase>.wav."""
    policy_file: Path | None = None
    """The agency's own policy (TOML); the defaults are written out in workers/sample/policy.toml."""
    calls_per_second: float = Field(default=1.0, ge=0, le=100)
    """Calls that the carrier starts for the account: one, unless it has raised that. 0 for no limit."""
    api_per_minute: int = Field(default=600, ge=1, le=1_000_000)
    """Calls of the API that one token may make a minute, in each web process, evenly."""
    api_burst: int = Field(default=120, ge=1, le=1_000_000)
    """How many of these at once, after a quiet time."""
    api_origins: tuple[str, ...] = ()
    """Web pages of other addresses (like https://cad.example.gov) that may call the API from a browser. None."""
    webhook_private_addresses: bool = False
    """Whether webhooks may go to addresses inside a network, this machine's own too. Off: only to the internet."""
    webhook_timeout_seconds: float = Field(default=10.0, ge=0.5, le=60)
    """How long a receiver of webhooks may take to connect, and to answer."""
    webhook_disable_days: float = Field(default=5.0, ge=0.01, le=60)
    """A receiver that has taken nothing for so long is told nothing more until somebody enables it."""
    console_password: SecretStr = SecretStr("")
    """Asked for by the console (user `dispatcher`) until the first account exists; then accounts are asked for.
    Empty is allowed on loopback addresses only."""
    console_idle_minutes: int = Field(default=15, ge=1, le=30)
    """After that long without a key or click the console is locked; the CJIS Security Policy allows 30 (AC-11)."""

    @field_validator("languages")
    @classmethod
    def _are_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from dispatch import languages  # CLDR takes a while to load, and most commands keep the default

        try:
            return tuple(dict.fromkeys(languages.normalise(one) for one in value))
        except languages.UnknownLanguage as error:
            raise ValueError(str(error)) from error

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            return zone_named(value).key
        except ShiftInvalid as error:
            raise ValueError(error.words) from error

    @field_validator("policy_basis")
    @classmethod
    def _claims_nothing(cls, value: str) -> str:
        if "complian" in value.casefold():
            raise ValueError("name the law or policy itself; a report does not certify that anything complies with it")
        return value

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{self.state_dir.resolve() / 'dispatch.sqlite3'}"

    @cached_property
    def keep(self) -> Keep:
        """How long things are kept, as a value."""
        return Keep(
            self.keep_inbox_days,
            self.keep_outbox_days,
            self.keep_request_details_days,
            self.keep_decisions_days,
            self.keep_event_log_days,
            self.keep_numbers_days,
            self.keep_alerts_days,
            self.keep_appointments_days,
            self.keep_answers_days,
        )

    @cached_property
    def hotline_number(self) -> PhoneNumber:
        """The hotline as a value."""
        return PhoneNumber.parse(self.hotline, self.region)

    @property
    def local_carrier(self) -> bool:
        """Whether calls and texts go through another carrier than the real one."""
        return "api.twilio.com" not in self.carrier_url

    @property
    def signing_token(self) -> str:
        """What the carrier signs its webhooks with; "" where that is no secret: then no webhook is taken."""
        token = self.auth_token.get_secret_value()
        return "" if token == _LOCAL_TOKEN and not self.local_carrier else token

    @cached_property
    def desk_number(self) -> PhoneNumber | None:
        """The duty desk as a value, if there is one."""
        return PhoneNumber.parse(self.desk, self.region) if self.desk else None
