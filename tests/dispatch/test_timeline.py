"""A request's history in words."""

from dataclasses import fields

from dispatch import override_events, timeline
from dispatch.store import LogEntry
from tests.dispatch.requests import NOON


def line(kind: str, **detail: str) -> timeline.Moment:
    """One line of the log, told."""
    names, states = {"i1": "101 Rosa", "r1-2": "101 Rosa"}, {"matching": "looking", "offering": "ringing"}
    (moment,) = timeline.tell([LogEntry(1, NOON, "r1", kind, detail)], names, states)
    return moment


def test_a_search_names_everybody_with_the_reason() -> None:
    reasons = "('tier 1, 5 of 5', 'tier 2')"
    found = line("CandidatesFound", interpreter_ids="('i1', 'i2')", reasons=reasons, state="matching > offering")
    assert found.what == "The roster was searched: 101 Rosa (tier 1, 5 of 5); i2 (tier 2)"
    assert found.change == "looking → ringing"
    assert line("CandidatesFound", interpreter_ids="()", reasons="()").what.endswith("nobody is free")
    assert line("CandidatesFound", interpreter_ids="('i1',)", reasons="odd (").what.endswith("101 Rosa (odd ()")


def test_people_and_languages_are_named() -> None:
    assert line("OfferAnswered", offer_id="r1-2", accepted="True").what == "101 Rosa answered yes"
    assert line("LanguageSet", language="mam", by="dana").what == "The language was set to Mam"
    assert line("LanguageSet", language="mam", by="dana").why == "dana, at the console"


def test_an_event_of_a_newer_version_is_told_in_its_own_words() -> None:
    told = line("VendorRang", vendor="Line 9", state="matching > odd")
    assert told.what == "Vendor rang: vendor Line 9"
    assert told.change == "looking → odd"


def test_what_a_dispatcher_did_names_the_dispatcher() -> None:
    for event in override_events.OverrideEvent.__args__:
        detail = {field.name: "x" for field in fields(event)} | {"by": "dana"}
        (told,) = timeline.tell([LogEntry(1, NOON, "r1", event.__name__, detail)], {}, {})
        assert told.why == "dana, at the console", event
