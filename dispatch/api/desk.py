"""What a desk looks at by the API: alerts, whom the policy would ask, and whether all works."""

from typing import Literal

from pydantic import Field

from dispatch import languages, policy_preview
from dispatch.api.operations import Call, Operation
from dispatch.api.problems import ApiProblem
from dispatch.api.reports import MonthQuery, month_asked
from dispatch.api.request_shapes import Encounter
from dispatch.api.shapes import In, LanguageOut, Moment, Out, Tongue, language_out
from dispatch.integrations import Scope
from dispatch.ratings import by_language
from dispatch.request import Urgency
from dispatch.suppression import SMALLEST_SHOWN


class AlertOut(Out):
    """Something that needs a person."""

    id: int
    request_id: str | None
    reason: str
    at: Moment


class AlertsOut(Out):
    """Alerts that nobody has seen to, newest first."""

    alerts: list[AlertOut]


class PreviewQuery(In):
    """For whom the policy is previewed."""

    language: Tongue
    urgency: Literal["routine", "urgent", "emergency"] = "routine"
    encounter: Encounter = "routine"


class PreviewLine(Out):
    """Somebody who would, or would not, be asked."""

    place: int | None = Field(description="1 is asked first; null: would not be asked.")
    code: str
    score: float | None
    reason: str


class PreviewOut(Out):
    """Whom the policy in force would ask now."""

    policy: str
    language: LanguageOut | None
    candidates: list[PreviewLine]


class SpreadOut(Out):
    """How often these numbers were given; small ones stand together."""

    ratings: list[int]
    answers: int


class LanguageRatingsOut(Out):
    """What the answers about a language, or several with few answers, come to."""

    languages: list[LanguageOut]
    answers: int
    average: float = Field(description="1 to 5.")
    spread: list[SpreadOut] = Field(description="Empty where it would tell of few people.")


class RatingsOut(Out):
    """What people's ratings come to."""

    month: str = Field(examples=["2026-03"])
    asked: int = Field(description="People who were asked.")
    answered: int
    smallest_count: int = Field(description="Smaller counts are not told apart.")
    languages: list[LanguageRatingsOut]


class SettingsOut(Out):
    """What the agency has set."""

    agency: str
    number: str = Field(description="To call and text, E.164.")
    time_zone: str
    region: str = Field(description="Of numbers without a country code.", examples=["US"])
    languages: list[LanguageOut] = Field(description="Its top languages, most asked for first.")
    greeting_languages: int = Field(description="In how many of them callers are greeted.")
    duty_desk: bool = Field(description="Whether there is a desk to bring into calls.")
    policy: str = Field(description="The policy in force.")


class HealthOut(Out):
    """What works now."""

    store: bool
    queue: bool = Field(description="False: work waits in the outbox, nothing is lost.")
    policy: str = Field(description="The policy in force.")
    now: Moment


def alerts(call: Call) -> AlertsOut:
    """What nobody has seen to."""
    with call.store.reading() as tx:
        found = tx.open_alerts()
    return AlertsOut(
        alerts=[AlertOut(id=one.id, request_id=one.request_id, reason=one.reason, at=one.at) for one in found]
    )


def clear_alert(call: Call) -> AlertsOut:
    """It was seen to."""
    number = int(call.path["alert_id"])
    with call.store.transaction() as tx:
        if tx.open_alert(number) is None:
            raise ApiProblem("not-found", "There is no such alert, or somebody has seen to it.")
        tx.clear_alert(number, call.now)
        tx.audit(call.by, "alert seen to", f"alert {number}", "", call.now)
    return alerts(call)


def preview(call: Call) -> PreviewOut:
    """Whom the policy would ask now."""
    asked: PreviewQuery = call.query
    policy = call.parts.intake.policy
    encounter = asked.encounter if asked.encounter != "routine" else ""
    with call.store.reading() as tx:
        found = policy_preview.preview(tx, policy, asked.language, Urgency(asked.urgency), encounter, call.now)
    lines = [PreviewLine(place=one.place, code=one.code, score=one.score, reason=one.words) for one in found]
    return PreviewOut(policy=policy.version, language=language_out(asked.language), candidates=lines)


def health(call: Call) -> HealthOut:
    """What works now; the store does, or nothing could be answered."""
    return HealthOut(
        store=True, queue=call.parts.queue_answers(), policy=call.parts.intake.policy.version, now=call.now
    )


class LanguagesOut(Out):
    """Every language that can be routed."""

    languages: list[LanguageOut]


def all_languages(call: Call) -> LanguagesOut:
    """Every language that can be routed, by name."""
    found = sorted(languages.all_languages().values(), key=lambda one: one.english)
    return LanguagesOut(languages=[told for one in found if (told := language_out(one.code)) is not None])


def ratings(call: Call) -> RatingsOut:
    """What people's ratings of a month come to. Raises ApiProblem while it is not over."""
    book, first = month_asked(call)
    if not book.month_over(first, call.now):
        # Read day by day, what a month comes to would tell each person's answer.
        raise ApiProblem("invalid", f"{first:%B %Y} is not over: ratings are told by month, when it is.")
    rated, sent = book.rated_in_month(first)
    return RatingsOut(
        month=f"{first:%Y-%m}",
        asked=sent,
        answered=len(rated),
        smallest_count=SMALLEST_SHOWN,
        languages=[
            LanguageRatingsOut(
                languages=[told for code in one.languages if (told := language_out(code)) is not None],
                answers=one.answers,
                average=one.average,
                spread=[
                    SpreadOut(ratings=[int(value) for value in row.members], answers=row.count) for row in one.spread
                ],
            )
            for one in by_language(rated)
        ],
    )


def settings(call: Call) -> SettingsOut:
    """What the agency has set, as it is in force."""
    told = call.parts.settings
    return SettingsOut(
        agency=told.agency,
        number=told.hotline_number.e164,
        time_zone=told.time_zone,
        region=told.region,
        languages=[known for code in told.languages if (known := language_out(code)) is not None],
        greeting_languages=told.greeting_languages,
        duty_desk=bool(told.desk),
        policy=call.parts.intake.policy.version,
    )


OPERATIONS = (
    Operation(
        "read_ratings",
        "GET",
        "/ratings",
        Scope.REPORTS,
        ratings,
        RatingsOut,
        "Read what ratings come to",
        "Of one month that is over: by language, never by interpreter; languages with few answers stand together.",
        query=MonthQuery,
    ),
    Operation(
        "read_settings",
        "GET",
        "/settings",
        Scope.READ,
        settings,
        SettingsOut,
        "Read the agency's settings",
        "As they are in force; changed on the console alone.",
    ),
    Operation("list_alerts", "GET", "/alerts", Scope.READ, alerts, AlertsOut, "List alerts", "Newest first."),
    Operation(
        "clear_alert",
        "POST",
        "/alerts/{alert_id}/clear",
        Scope.ACT,
        clear_alert,
        AlertsOut,
        "Say that an alert was seen to",
        "Answers with the alerts that are left.",
    ),
    Operation(
        "preview_policy",
        "GET",
        "/policy/preview",
        Scope.READ,
        preview,
        PreviewOut,
        "See whom the policy would ask now",
        "In order, with the reasons; nobody is rung.",
        query=PreviewQuery,
    ),
    Operation(
        "list_languages",
        "GET",
        "/languages",
        None,
        all_languages,
        LanguagesOut,
        "List languages",
        "Every language that can be asked for.",
    ),
    Operation(
        "read_health",
        "GET",
        "/health",
        None,
        health,
        HealthOut,
        "See whether all works",
        "503: no store.",
    ),
)
