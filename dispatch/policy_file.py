"""An agency's policy as one TOML file: read, checked, written out, and read again when it changes.

What a file does not say is as in the defaults; `workers/sample/policy.toml` says them all, with comments. A file that
contradicts itself, or names what does not exist, is refused whole, each problem with its field.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatch import languages, ring_plan
from dispatch.errors import InvalidNumber, PolicyError, ShiftInvalid
from dispatch.people import Certificate, PhoneNumber
from dispatch.policy import HOLD_PHRASES, HUMAN_PHRASES, Do, Policy, Step, Vendor, Weights
from dispatch.request import Urgency
from dispatch.shifts import zone_named

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Weight = Annotated[float, Field(ge=0, le=1000)]
Phrase = Annotated[str, Field(min_length=5, max_length=120)]
"""Shorter ones would be found in anything."""
Encounter = Literal["routine", "interview", "custodial", "victim", "medical"]
_STRATEGIES: dict[str, ring_plan.Strategy] = {
    "adaptive": ring_plan.Adaptive(),
    "all_at_once": ring_plan.AllAtOnce(),
    "one_by_one": ring_plan.OneByOne(),
    "fixed": ring_plan.FixedRing(),
    "hedge": ring_plan.SimpleHedge(),
}
_DIGITS = re.compile(r"[0-9*#wW]{0,32}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Weights(_Part):
    tier: Weight | None = None
    proficiency: Weight | None = None
    continuity: Weight | None = None
    rest: Weight | None = None
    load: Weight | None = None
    answers: Weight | None = None
    cost: Weight | None = None
    busy_week: Annotated[int, Field(ge=1, le=10_000)] | None = None
    dear: Annotated[float, Field(gt=0)] | None = None


class _Milestone(_Part):
    within: Seconds
    worth: Weight


class _Aim(_Part):
    seconds: Seconds | None = None
    chance: Annotated[float, Field(gt=0, lt=1)] | None = None
    ring_worth: Annotated[float, Field(ge=0, le=1000)] | None = None
    miss_worth: Weight | None = None
    milestones: list[_Milestone] | None = None
    most: Annotated[int, Field(ge=1, le=200)] | None = None
    first_tier: Annotated[int, Field(ge=1, le=5)] | None = None
    ahead: Annotated[float, Field(ge=0, le=86_400)] | None = None


class _Ring(_Part):
    strategy: Literal["adaptive", "all_at_once", "one_by_one", "fixed", "hedge"] | None = None
    size: Annotated[int, Field(ge=1, le=200)] | None = None
    ring_seconds: Annotated[int, Field(ge=5, le=120)] | None = None
    offer_seconds: Annotated[int, Field(ge=5, le=300)] | None = None
    wrap_up_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    goodbye_seconds: Seconds | None = None
    match_again_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    relay_seconds: Annotated[int, Field(ge=10, le=3600)] | None = None
    writing_offer_seconds: Annotated[int, Field(ge=15, le=3600)] | None = None
    writing_first_seconds: Annotated[int, Field(ge=15, le=3600)] | None = None
    writing_quiet_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None


class _Step(_Part):
    after: Annotated[float, Field(ge=0, le=86_400)]
    do: Literal["widen", "next_tier", "related", "relay", "vendor", "callback", "voicemail", "alert"]


class _Targets(_Part):
    seconds: Seconds | None = None
    languages: dict[str, Seconds] | None = None


class _Vendor(_Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    number: str
    digits: str = ""
    languages: list[str] = []
    hold_seconds: Annotated[float, Field(ge=0, le=3600)] = 45.0
    listen: bool = True
    hold_phrases: list[Phrase] | None = None
    human_phrases: list[Phrase] | None = None


class _File(_Part):
    version: Annotated[str, Field(min_length=1, max_length=64)]
    timezone: str | None = None
    weights: _Weights = _Weights()
    credentials: dict[Encounter, Literal["none", "tested", "certified"]] = {}
    ring: _Ring = _Ring()
    urgency: dict[Literal["routine", "urgent", "emergency"], _Aim] = {}
    escalation: dict[Literal["routine", "urgent", "emergency"], list[_Step]] = {}
    targets: _Targets = _Targets()
    vendors: list[_Vendor] = []


def read_policy(text: str, file: str, base: Policy | None = None) -> Policy:
    """The policy in a file's text, on top of `base` (the defaults). Raises PolicyError naming each problem's field."""
    try:
        told = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"{file}: this is not TOML: {error}"]) from error
    except ValidationError as error:
        raise PolicyError([f"{file}: {_problem(dict(one))}" for one in error.errors()]) from error
    policy = _on_top(told, base or Policy())
    problems = [*_unknown(told), *_contradictions(policy, told)]
    if problems:
        raise PolicyError([f"{file}: {problem}" for problem in problems])
    return policy


def write_policy(policy: Policy) -> str:
    """The whole policy as TOML that `read_policy` reads back. Access codes are not shown."""
    name, size = _strategy_name(policy.strategy)
    lines = [f'version = "{policy.version}"', f'timezone = "{policy.timezone}"', "", "[weights]"]
    lines += [f"{key} = {value!r}" for key, value in asdict(policy.weights).items()]
    lines += ["", "[credentials]", *(f'{one} = "{policy.credentials[one]}"' for one in policy.credentials)]
    lines += ["", "[ring]", f'strategy = "{name}"', *([f"size = {size}"] if size else [])]
    lines += [f"{key} = {getattr(policy, key)!r}" for key in _TIMES]
    for urgency in Urgency:
        aim = policy.aims[urgency]
        lines += ["", f"[urgency.{urgency}]", f"seconds = {aim.seconds!r}", f"chance = {aim.chance!r}"]
        lines += [f"ring_worth = {aim.ring_worth!r}", f"miss_worth = {aim.miss_worth!r}"]
        told = ", ".join(f"{{ within = {float(at)!r}, worth = {float(worth)!r} }}" for at, worth in aim.milestones)
        lines += [f"milestones = [{told}]", f"most = {policy.ring_at_once[urgency]}"]
        lines += [f"first_tier = {policy.first_tiers[urgency]}", f"ahead = {policy.ahead[urgency]!r}"]
    lines += ["", "[escalation]"]
    for urgency in Urgency:
        steps = ",\n".join(
            f'  {{ after = {float(one.after)!r}, do = "{one.do}" }}' for one in policy.escalation[urgency]
        )
        lines += [f"{urgency} = [", steps + ",", "]"]
    lines += ["", "[targets]", f"seconds = {policy.target_seconds!r}", "", "[targets.languages]"]
    lines += [f"{code} = {float(seconds)!r}" for code, seconds in policy.targets.items()]
    for one in policy.vendors:
        lines += ["", "[[vendors]]", f'name = "{one.name}"', f'number = "{one.number}"']
        lines += [f"languages = {list(one.languages)!r}".replace("'", '"'), f"hold_seconds = {one.hold_seconds!r}"]
        lines += [f"listen = {str(one.listen).lower()}"]
        lines += [f"hold_phrases = {json.dumps(one.hold_phrases, ensure_ascii=False)}"]
        lines += [f"human_phrases = {json.dumps(one.human_phrases, ensure_ascii=False)}"]
    return "\n".join(lines) + "\n"


class PolicyFile:
    """The policy in force: the file's, read again when it changes. A file gone bad leaves the previous one in force."""

    def __init__(
        self,
        path: Path,
        base: Policy,
        previous: Callable[[], str | None],
        took: Callable[[str, str], None],
        trouble: Callable[[str], None],
    ) -> None:
        """`previous` gives the text last in force, `took(version, text)` keeps one, `trouble(words)` is told.

        Raises PolicyError where the file is bad and there is no previous one.
        """
        self._path = path
        self._base = base
        self._took = took
        self._trouble = trouble
        self._seen: tuple[int, int] | None = None
        self._policy = base
        self._news: list[Callable[[], None]] = []
        try:
            self._take()
        except PolicyError as error:
            kept = previous()
            if kept is None:
                raise
            self._policy = read_policy(kept, "the policy last in force", base)
            self._news.append(partial(trouble, str(error)))
        self.tell()

    def __call__(self) -> Policy:
        """The policy in force now. Asked within transactions too, so what is new is told of later, by `tell`."""
        if self._stamp() != self._seen:
            try:
                self._take()
            except PolicyError as error:
                self._news.append(partial(self._trouble, str(error)))
        return self._policy

    def tell(self) -> None:
        """Pass on what `took` and `trouble` have not been told; never within a transaction, they begin their own."""
        self()
        while self._news:
            self._news[0]()
            self._news.pop(0)

    def _take(self) -> None:
        self._seen = self._stamp()
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError([f"{self._path}: cannot be read: {error}"]) from error
        self._policy = read_policy(text, str(self._path), self._base)
        self._news.append(partial(self._took, self._policy.version, text))

    def _stamp(self) -> tuple[int, int]:
        """Changes whenever the file does; costs microseconds."""
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)


# -- from the file to the policy ---------------------------------------------------------------------------------------

_TIMES = (
    "ring_seconds",
    "offer_seconds",
    "wrap_up_seconds",
    "goodbye_seconds",
    "match_again_seconds",
    "relay_seconds",
    "writing_offer_seconds",
    "writing_first_seconds",
    "writing_quiet_minutes",
)


def _on_top(told: _File, base: Policy) -> Policy:
    aims, most = dict(base.aims), dict(base.ring_at_once)
    tiers, ahead = dict(base.first_tiers), dict(base.ahead)
    for name, one in told.urgency.items():
        urgency = Urgency(name)
        changed = one.model_dump(include={"seconds", "chance", "ring_worth", "miss_worth"}, exclude_none=True)
        aims[urgency] = replace(aims[urgency], **changed)
        if one.milestones is not None:
            milestones = tuple((each.within, each.worth) for each in one.milestones)
            aims[urgency] = replace(aims[urgency], milestones=milestones)
        most[urgency] = one.most or most[urgency]
        tiers[urgency] = one.first_tier or tiers[urgency]
        ahead[urgency] = one.ahead if one.ahead is not None else ahead[urgency]
    steps = {Urgency(name): tuple(Step(s.after, Do(s.do)) for s in ladder) for name, ladder in told.escalation.items()}
    strategy = _STRATEGIES[told.ring.strategy] if told.ring.strategy else base.strategy
    if isinstance(strategy, ring_plan.FixedRing) and told.ring.size:
        strategy = replace(strategy, size=told.ring.size)
    credentials: dict[str, Certificate] = {name: Certificate(value) for name, value in told.credentials.items()}
    targets = {_code(name): seconds for name, seconds in (told.targets.languages or {}).items()}
    vendors = tuple(_vendor(one) for one in told.vendors)
    return replace(
        base,
        version=told.version,
        timezone=told.timezone or base.timezone,
        weights=Weights(**{**asdict(base.weights), **told.weights.model_dump(exclude_none=True)}),
        credentials={**base.credentials, **credentials},
        strategy=strategy,
        aims=aims,
        ring_at_once=most,
        first_tiers=tiers,
        ahead=ahead,
        escalation={**base.escalation, **steps},
        target_seconds=told.targets.seconds or base.target_seconds,
        targets=targets if told.targets.languages is not None else base.targets,
        vendors=vendors,
        **told.ring.model_dump(include=set(_TIMES), exclude_none=True),
    )


def _vendor(told: _Vendor) -> Vendor:
    return Vendor(
        told.name,
        _e164(told.number),
        told.digits,
        tuple(_code(name) for name in told.languages),
        told.hold_seconds,
        told.listen,
        HOLD_PHRASES if told.hold_phrases is None else tuple(told.hold_phrases),
        HUMAN_PHRASES if told.human_phrases is None else tuple(told.human_phrases),
    )


def _strategy_name(strategy: ring_plan.Strategy) -> tuple[str, int]:
    name = next(name for name, one in _STRATEGIES.items() if type(one) is type(strategy))
    return name, strategy.size if isinstance(strategy, ring_plan.FixedRing) else 0


def _code(name: str) -> str:
    try:
        return languages.normalise(name)
    except languages.UnknownLanguage:
        return name  # named by `_unknown`


def _e164(text: str) -> str:
    try:
        return PhoneNumber.parse(text).e164
    except InvalidNumber:
        return text


# -- what is wrong with it ---------------------------------------------------------------------------------------------


def _problem(error: Mapping[str, Any]) -> str:
    """One of pydantic's problems, with the field as it stands in the file."""
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    field = field.replace(".[key]", "")
    if error["type"] == "extra_forbidden":
        known = [name for model in _PARTS for name in model.model_fields]
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        return f"{field}: there is no such field" + (f"; did you mean {near[0]}?" if near else "")
    if error["type"] == "missing":
        return f"{field}: is missing"
    return f"{field}: {error['input']!r} will not do: {str(error['msg'])[:1].lower()}{str(error['msg'])[1:]}"


_PARTS: tuple[type[_Part], ...] = (_File, _Weights, _Aim, _Milestone, _Ring, _Step, _Targets, _Vendor)


def _unknown(told: _File) -> list[str]:
    """Names of things that do not exist outside the file: languages, time zones, phone numbers."""
    problems = [_language(f"targets.languages.{name}", name) for name in told.targets.languages or {}]
    for n, one in enumerate(told.vendors):
        problems += [_language(f"vendors[{n}].languages", name) for name in one.languages]
        try:
            PhoneNumber.parse(one.number)
        except InvalidNumber as error:
            problems.append(f"vendors[{n}].number: {error}")
        if not _DIGITS.fullmatch(one.digits):
            problems.append(f"vendors[{n}].digits: may hold 0-9, * and #, and w to wait half a second; 32 at most")
        if one.name in [other.name for other in told.vendors[:n]]:
            problems.append(f"vendors[{n}].name: {one.name!r} is taken by the line before")
    if told.timezone is not None:
        try:
            zone_named(told.timezone)
        except ShiftInvalid as error:
            problems.append(f"timezone: {error.words}")
    return [problem for problem in problems if problem]


def _language(field: str, name: str) -> str:
    try:
        languages.normalise(name)
    except languages.UnknownLanguage as error:
        return f"{field}: {error}"
    return ""


def _contradictions(policy: Policy, told: _File) -> list[str]:
    """What cannot hold together, each with the field to change."""
    problems = []
    if policy.offer_seconds < policy.ring_seconds:
        problems.append(
            f"ring.offer_seconds: an offer of {policy.offer_seconds} s would expire while the phone still rings "
            f"(ring.ring_seconds is {policy.ring_seconds})"
        )
    if told.ring.size is not None and told.ring.strategy != "fixed":
        problems.append('ring.size: only the strategy "fixed" has one')
    if isinstance(policy.strategy, ring_plan.FixedRing):
        problems += [
            f"ring.size: {policy.strategy.size} phones, but urgency.{urgency}.most allows {most}"
            for urgency, most in policy.ring_at_once.items()
            if most < policy.strategy.size
        ]
    if not any(asdict(policy.weights)[name] for name in _PREFERENCES):
        problems.append("weights: all are 0, so nobody would be preferred to anybody")
    for urgency, steps in policy.escalation.items():
        for n, (one, after) in enumerate(pairwise(steps), 1):
            if after.after < one.after:
                told_at = f"{after.after:g} s, but the step before it comes after {one.after:g} s"
                problems.append(f"escalation.{urgency}[{n}].after: {told_at}")
    for calm, graver in ((Urgency.ROUTINE, Urgency.URGENT), (Urgency.URGENT, Urgency.EMERGENCY)):
        told_of = f"than that of {calm} requests"
        if policy.first_tiers[graver] < policy.first_tiers[calm]:
            problems.append(f"urgency.{graver}.first_tier: {policy.first_tiers[graver]} is lower {told_of}")
        if policy.ahead[graver] < policy.ahead[calm]:
            problems.append(f"urgency.{graver}.ahead: {policy.ahead[graver]:g} s is less {told_of}")
        if policy.aims[graver].chance < policy.aims[calm].chance:
            problems.append(f"urgency.{graver}.chance: {policy.aims[graver].chance:g} is less {told_of}")
        if policy.ring_at_once[graver] < policy.ring_at_once[calm]:
            problems.append(f"urgency.{graver}.most: {policy.ring_at_once[graver]} is less {told_of}")
        if policy.aims[graver].seconds > policy.aims[calm].seconds:
            problems.append(f"urgency.{graver}.seconds: {policy.aims[graver].seconds:g} s is more {told_of}")
    strict = list(Certificate)
    for name, certificate in policy.credentials.items():
        if strict.index(certificate) < strict.index(policy.credentials["routine"]):
            problems.append(f"credentials.{name}: asks for less than routine encounters do")
    return problems


_PREFERENCES = ("tier", "proficiency", "continuity", "rest", "load", "answers", "cost")
