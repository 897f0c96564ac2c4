"""A request's history in words: every line of the event log with its cause. Plain functions; nothing is looked up."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from dispatch import languages, varieties
from dispatch.store import LogEntry
from dispatch.vendor_hold import SPOKE_WORDS, Spoke


@dataclass(frozen=True)
class Moment:
    """One thing that happened."""

    at: datetime
    what: str
    why: str
    """What brought it about: a person's key or words, a deadline, the carrier."""
    change: str
    """The change of state, in words; "" where it stayed."""
    seq: int


_WORDS: dict[str, tuple[str, str]] = {
    "TextReceived": ("A text came in", "the requester"),
    "RequestPlaced": ("An interpreter was asked for", "{by}"),
    "CallArrived": ("The hotline was called", "the requester"),
    "ListenByPhone": ("Their phone is rung to listen to the person beside them", "the requester"),
    "SpeechRecorded": ("Somebody spoke; the recording is being listened to", "the requester"),
    "LanguageHeard": ("The language was worked out: {decision} {guesses}", "speech or writing, on this machine"),
    "LanguageFailed": ("The language could not be worked out: {reason}", "the service"),
    "LanguageChosen": ("The language is {language}{which}", "{by}"),
    "LanguageSet": ("The language was set to {language}{which}", "{by}, at the console"),
    "VarietyNamed": ("The variety is {variety}", "{by}"),
    "LanguageWrong": ("Not this language", "the requester"),
    "OtherLanguageFirst": ("Another language comes first", "the requester"),
    "OriginChosen": ("They said where they are from", "the requester"),
    "PersonWanted": ("They want to speak with a person", "the requester, or silence at the menu"),
    "GistWritten": ("The first words were put into English", "this machine"),
    "GistKept": ("The gist is kept for a while", "this machine"),
    "VoicemailKept": ("A message of {seconds} s was written down", "this machine"),
    "VoicemailHandled": ("The message was handled, and its words are gone", "{by}, at the console"),
    "CandidatesFound": ("The roster was searched: {found}", "the ranking rules"),
    "InterpreterRung": ("{interpreter_id} was asked beside the others{because}", "{by}, at the console"),
    "CallPlaced": ("The phone of {leg_id} is being rung", "the carrier took our call"),
    "CallFailed": ("The phone of {leg_id} could not be rung: {reason}", "the carrier"),
    "LegAnswered": ("{leg_id} picked up", "the carrier"),
    "OfferAnswered": ("{offer_id} answered {accepted}", "the interpreter"),
    "LegJoined": ("{leg_id} is in the conference", "the carrier"),
    "LegLeft": ("{leg_id} left the conference", "the carrier"),
    "ParticipantChanged": ("{leg_id} is {sound}", "the carrier"),
    "MuteSet": ("{leg_id} is to be {mute}", "{by}, at the console"),
    "HoldSet": ("{leg_id} is to be {hold}", "{by}, at the console"),
    "EncounterSet": ("The encounter is {encounter}", "{by}"),
    "CredentialWaived": ("The credential is waived: {reason}", "{by}"),
    "KeptOut": ("{interpreter_id} is kept out: a conflict of interest", "{by}"),
    "AlsoSpeaks": ("They also speak {language}", "{by}"),
    "AnotherWanted": ("Another interpreter is wanted: {wanted} {varieties}", "the {by}"),
    "FullInterpreterNeeded": (
        "A full interpreter is needed: a basic command is not enough",
        "{by}, at the console",
    ),
    "InterpreterSpeaks": ("The vendor's interpreter speaks", "{how}"),
    "VendorCalled": ("{vendor} is dialled into the call", "{by}, at the console"),
    "MessageLeft": ("A message was left", "the requester"),
    "CallEnded": ("The call of {leg_id} is over ({how})", "the carrier"),
    "DeadlinePassed": ("Time was up: {kind} {subject}", "the clock"),
    "RequestDropped": ("The request was ended", "the {by}"),
    "VendorHolds": ("The vendor's hold goes on", "their announcement, heard on this machine"),
    "WritingWanted": ("They want to write instead of talking", "the requester"),
    "Wrote": ("A text of the {by} went on to the {to}", "the {by}"),
    "OnSiteNews": ("On site: {what}", "the interpreters who were asked to come"),
    "SessionDone": ("The interpreter texted DONE", "the interpreter"),
    "SupplyChanged": ("Somebody signed on or came free: searching again", "an interpreter"),
    "SendFailed": ("Something could not be sent: {reason}", "the carrier"),
    "Alert": ("The dispatcher was told: {reason}", "the service"),
    "HandedToVendor": ("Handed to {vendor}", "{by}, at the console"),
    "RequesterCalled": ("The requester's phone is rung now", "{by}, at the console"),
    "MessageWritten": ("A message was sent to the {to}", "{by}, at the console"),
    "TakenOver": ("Taken over: the duty desk speaks with them", "{by}, at the console"),
    "RatingAsked": ("The requester was asked by text how it was", "a minute after the session"),
    "Rated": ("The requester rated it", "the requester"),
    "ComplaintReceived": ("A complaint came in; it is a task", "the requester, or the interpreter"),
    "NoteReceived": ("A note came in from {interpreter_id}", "the interpreter"),
    "LegRemoved": ("{leg_id} was taken out of the call", "{by}, at the console"),
}


def tell(entries: list[LogEntry], names: Mapping[str, str], states: Mapping[str, str]) -> list[Moment]:
    """The history, oldest first. `names` tells leg, offer and interpreter ids; `states` words for states."""
    told = [_moment(entry, names, states) for entry in entries]
    # The carrier answers our request and then reports the same by itself: one line is enough.
    repeated = {
        late.seq
        for early, late, entry in zip(told, told[1:], entries[1:], strict=False)
        if entry.kind == "ParticipantChanged" and early.what == late.what
    }
    return [one for one in told if one.seq not in repeated]


def _moment(entry: LogEntry, names: Mapping[str, str], states: Mapping[str, str]) -> Moment:
    detail = {key: _named(key, value, names) for key, value in entry.detail.items() if key != "state"}
    detail |= {"found": _found(entry.detail, names), **_sound(entry.detail), "wanted": _wanted(entry.detail)}
    reason = entry.detail.get("reason", "")
    detail["because"] = f": {reason}" if reason else ""
    variety = entry.detail.get("variety", "")
    detail["which"] = f", {varieties.get(variety).name}" if varieties.known(variety) else ""
    known = _WORDS.get(entry.kind)
    if known is None:  # an event of a newer version: its own name, and what it carries
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in entry.kind).strip()
        told = ", ".join(
            f"{key.replace('_', ' ')} {value}" for key, value in detail.items() if value and key not in _WORKED_OUT
        )
        return Moment(
            entry.at, words.capitalize() + (f": {told}" if told else ""), "", _change(entry, states), entry.seq
        )
    what, why = (words.format_map(_Blank(detail)) for words in known)
    if detail.get("by", "").startswith("integration "):
        why = why.replace(", at the console", ", by the API")
    return Moment(entry.at, " ".join(what.split()), " ".join(why.split()), _change(entry, states), entry.seq)


class _Blank(dict[str, str]):
    """Older lines may lack a field that newer ones have."""

    def __missing__(self, key: str) -> str:
        return ""


def _found(detail: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Whom a search found, each with its reason. The log keeps tuples as Python writes them."""
    ids, reasons = (words_of(detail.get(key, "")) for key in ("interpreter_ids", "reasons"))
    told = [names.get(one, one) + (f" ({why})" if why else "") for one, why in zip_longest(ids, reasons, fillvalue="")]
    return "; ".join(told) or "nobody is free"


_WORKED_OUT = ("because", "found", "which", "sound", "mute", "hold", "wanted")


def _sound(detail: Mapping[str, str]) -> dict[str, str]:
    """Who is heard: the log keeps yes and no as Python writes them."""
    muted, held = detail.get("muted") == "True", detail.get("held") == "True"
    sound = (
        "on hold and muted" if muted and held else "muted" if muted else "on hold" if held else "in the conversation"
    )
    return {
        "sound": sound,
        "mute": "muted" if muted else "heard again",
        "hold": "put on hold" if held else "taken off hold",
    }


def _wanted(detail: Mapping[str, str]) -> str:
    why = {
        "language": "the language or dialect is wrong",
        "full": "a full interpreter is needed",
        "known": "they know each other",
    }.get(detail.get("why", ""), "no reason given")
    known = languages.all_languages().get(detail.get("language", ""))
    return f"{why}; they speak {known.english}" if known else why


def words_of(text: str) -> list[str]:
    """The words of a tuple as the log keeps it."""
    try:
        read = ast.literal_eval(text or "()")
    except (ValueError, SyntaxError):
        return [text]
    return [str(word) for word in read] if isinstance(read, tuple) else [text]


def _change(entry: LogEntry, states: Mapping[str, str]) -> str:
    before, arrow, after = entry.detail.get("state", "").partition(" > ")
    return f"{states.get(before, before)} → {states.get(after, after)}" if arrow else ""


def _named(key: str, value: str, names: Mapping[str, str]) -> str:
    if key == "accepted":
        return "yes" if value == "True" else "no"
    if key == "how" and value in set(Spoke):
        return SPOKE_WORDS[Spoke(value)]
    if key in ("language", "variety"):
        is_code = value in languages.all_languages() or varieties.known(value)
        return varieties.named(value) if is_code else value or "not known"
    if key == "varieties":
        return "; ".join(varieties.named(code) for code in words_of(value) if varieties.known(code))
    if key == "guesses" and value:
        return f"({value})"
    if key == "kind":
        return value.replace("_", " ")
    return names.get(value, value)
