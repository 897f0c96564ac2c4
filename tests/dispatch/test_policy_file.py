"""An agency's policy file: what it may say, what is refused, and what stays in force."""

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.errors import PolicyError
from dispatch.people import Certificate
from dispatch.policy import Do, Policy
from dispatch.policy_file import PolicyFile, read_policy, write_policy
from dispatch.request import Urgency
from dispatch.ring_plan import FixedRing

SAMPLE = Path(__file__).parents[2] / "workers" / "sample" / "policy.toml"


def test_the_commented_sample_is_exactly_the_defaults() -> None:
    assert read_policy(SAMPLE.read_text(encoding="utf-8"), "policy.toml") == Policy()


def test_what_is_written_out_reads_back_the_same() -> None:
    text = """
        version = "2026-03"
        timezone = "America/New_York"
        ring = { strategy = "fixed", size = 4, offer_seconds = 60 }
        credentials = { victim = "certified" }
        weights = { cost = 0.0 }
        [urgency.urgent]
        chance = 0.97
        milestones = [{ within = 5.0, worth = 6.0 }, { within = 7.0, worth = 18.0 }]
        [escalation]
        emergency = [{ after = 3, do = "vendor" }, { after = 5, do = "alert" }]
        [targets.languages]
        Somali = 45.0
        [[vendors]]
        name = "Acme"
        number = "(800) 555-0100"
        digits = "ww12#"
        languages = ["som"]
    """
    policy = read_policy(text, "policy.toml")
    assert policy.strategy == FixedRing(size=4)
    assert policy.credentials["victim"] is Certificate.CERTIFIED
    assert policy.credentials["custodial"] is Certificate.CERTIFIED  # what is not said is as in the defaults
    assert policy.aims[Urgency.URGENT].chance == 0.97
    assert policy.aims[Urgency.URGENT].milestones == ((5.0, 6.0), (7.0, 18.0))
    assert [step.do for step in policy.escalation[Urgency.EMERGENCY]] == [Do.VENDOR, Do.ALERT]
    assert policy.target("som") == 45
    assert policy.target("spa") == 60
    (line,) = policy.vendors
    assert (line.number, line.takes("som"), line.takes("spa")) == ("+18005550100", True, False)
    shown = write_policy(policy)
    assert "ww12#" not in shown
    assert read_policy(shown, "shown") == replace(policy, vendors=(replace(line, digits=""),))


REFUSED = [
    ("version = ", "policy.toml: this is not TOML"),
    ("[ring]\n", "policy.toml: version: is missing"),
    (
        'version = "1"\n[ring]\nofer_seconds = 4',
        "ring.ofer_seconds: there is no such field; did you mean offer_seconds?",
    ),
    ('version = "1"\n[ring]\noffer_seconds = 20', "ring.offer_seconds: an offer of 20 s would expire while the phone"),
    ('version = "1"\n[ring]\nstrategy = "loud"', "ring.strategy: 'loud' will not do"),
    ('version = "1"\n[ring]\nsize = 3', 'ring.size: only the strategy "fixed" has one'),
    ('version = "1"\n[urgency.urgent]\nchance = 1.5', "urgency.urgent.chance: 1.5 will not do"),
    (
        'version = "1"\n[urgency.emergency]\nfirst_tier = 1',
        "urgency.emergency.first_tier: 1 is lower than that of urgent",
    ),
    ('version = "1"\n[urgency.routine]\nahead = 400.0', "urgency.urgent.ahead: 300 s is less than that of routine"),
    ('version = "1"\n[urgency.routine]\nseconds = 5.0', "urgency.urgent.seconds: 15 s is more than that of routine"),
    ('version = "1"\n[urgency.routine]\nchance = 0.97', "urgency.urgent.chance: 0.95 is less than that of routine"),
    ('version = "1"\n[urgency.emergency]\nmost = 5', "urgency.emergency.most: 5 is less than that of urgent"),
    (
        'version = "1"\n[ring]\nstrategy = "fixed"\nsize = 12',
        "ring.size: 12 phones, but urgency.routine.most allows 10",
    ),
    (
        'version = "1"\n[urgency.urgent]\nmilestones = [{ within = 0, worth = 2 }]',
        "urgency.urgent.milestones[0].within: 0 will not do",
    ),
    ('version = "1"\n[urgency.soon]\nahead = 4', "urgency.soon: 'soon' will not do"),
    ('version = "1"\n[credentials]\nroutine = "certified"', "credentials.interview: asks for less than routine"),
    ('version = "1"\n[credentials]\ncourt = "certified"', "credentials.court: 'court' will not do"),
    (
        'version = "1"\n[escalation]\nroutine = [{ after = 9, do = "alert" }, { after = 3, do = "relay" }]',
        "escalation.routine[1].after: 3 s, but the step before it comes after 9 s",
    ),
    (
        'version = "1"\n[escalation]\nurgent = [{ after = 9, do = "pray" }]',
        "escalation.urgent[0].do: 'pray' will not do",
    ),
    ('version = "1"\n[targets.languages]\nspanich = 20', "targets.languages.spanich: 'spanich' is not a language"),
    ('version = "1"\n[[vendors]]\nname = "A"\nnumber = "12"', "vendors[0].number: This number has too many or too few"),
    (
        'version = "1"\n[[vendors]]\nname = "A"\nnumber = "+18005550100"\nlanguages = ["qqq"]',
        "vendors[0].languages: 'qqq' is not a language",
    ),
    (
        'version = "1"\n[[vendors]]\nname = "A"\nnumber = "+18005550100"\ndigits = "call me"',
        "vendors[0].digits: may hold 0-9",
    ),
    ('version = "1"\ntimezone = "Mars/Olympus"', "timezone: 'Mars/Olympus' is not a time zone"),
    (
        'version = "1"\n[weights]\n'
        + "\n".join(f"{w} = 0" for w in ("tier", "proficiency", "continuity", "rest"))
        + "\nload = 0\nanswers = 0\ncost = 0",
        "weights: all are 0",
    ),
]


@pytest.mark.parametrize(("text", "problem"), REFUSED, ids=[problem[:40] for _, problem in REFUSED])
def test_a_bad_file_is_refused_naming_file_and_field(text: str, problem: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read_policy(text, "policy.toml")
    assert any(problem in one for one in refused.value.problems), refused.value.problems
    assert all(one.startswith("policy.toml: ") for one in refused.value.problems)


class Kept:
    """Stands where the store does."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.versions: list[str] = []
        self.told: list[str] = []

    def of(self, path: Path) -> PolicyFile:
        """The file, with this as its memory."""
        return PolicyFile(path, Policy(), lambda: self.text, lambda v, _: self.versions.append(v), self.told.append)


def test_a_file_that_goes_bad_leaves_the_previous_policy_in_force(tmp_path: Path) -> None:
    path, kept = tmp_path / "policy.toml", Kept()
    path.write_text('version = "one"\n[ring]\nwrap_up_seconds = 60')
    in_force = kept.of(path)
    assert (in_force().version, in_force().wrap_up_seconds) == ("one", 60)
    path.write_text('version = "two"\n[ring]\nwrap_up_seconds = "a minute"')
    assert (in_force().version, in_force().wrap_up_seconds) == ("one", 60)
    in_force.tell()
    in_force.tell()
    assert len(kept.told) == 1  # once for each change, not for each question
    assert "ring.wrap_up_seconds" in kept.told[0]
    path.unlink()
    assert in_force().version == "one"
    path.write_text('version = "three"')
    assert (in_force().version, in_force().wrap_up_seconds) == ("three", 120)
    in_force.tell()
    assert kept.versions == ["one", "three"]


def test_a_service_that_starts_with_a_bad_file_takes_the_policy_last_in_force(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("nonsense")
    with pytest.raises(PolicyError, match="not TOML"):
        Kept().of(path)
    kept = Kept('version = "last"')
    assert kept.of(path)().version == "last"
    assert len(kept.told) == 1
