"""Somebody is to come as soon as possible: a request that no telephone serves, and the appointment that serves it.

Handlers of `steps.step`, plain functions. Interpreters are asked by text, and answer with the minutes until they are
there; the appointment book asks, replaces and reminds (`appointment_on_site`), and tells the request what came of it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from dispatch import events, languages, ringing
from dispatch.effects import AlertDispatcher, ArrangeOnSite, Effect, SendText, To
from dispatch.people import Role
from dispatch.policy import Policy
from dispatch.request import Request, RequestState

Outcome = tuple[Request, tuple[Effect, ...]]
NEWS = ("coming", "cannot", "nobody", "here", "done")
"""What the appointment book tells: somebody comes; they cannot after all; nobody was found yet; they should be there by
now; the time is over."""

TARGET_SECONDS = 3600
"""Somebody on site within the hour is our aim; nobody drives to a street corner in the 60 s of a phone call."""


def begin(request: Request) -> Outcome:
    """The language is known and a person is needed on site: nobody's phone rings."""
    name = languages.get(request.language or "").english
    request = request.to(RequestState.WAITING)
    where = request.need.place or "a place they have not named"
    alert = AlertDispatcher(f"{name} is asked for on site at {where}: interpreters are asked to come now.")
    request = replace(request, reach=replace(request.reach, on_site="asked", arrives=None))
    return request, (ArrangeOnSite(), _tell(request, "onsite_asked", place=where), alert)


def news(request: Request, event: events.OnSiteNews, now: datetime, policy: Policy) -> Outcome:
    """What became of the search for somebody to come."""
    if not request.reach.on_site or event.what not in NEWS:
        return request, ()
    if event.what == "done":
        request = replace(request, reach=replace(request.reach, on_site="done"))
        return ringing.finish(request, RequestState.COMPLETED, "an interpreter came", now)
    if event.what == request.reach.on_site and event.what != "coming":
        return request, ()
    arrives = now + timedelta(minutes=event.minutes) if event.what == "coming" else request.reach.arrives
    if event.what in ("nobody", "cannot"):
        arrives = None
    request = replace(request, reach=replace(request.reach, on_site=event.what, arrives=arrives))
    if event.what == "here":
        return request, ()
    return request, (_tell(request, f"onsite_{event.what}", minutes=str(event.minutes)),)


def came(request: Request) -> bool:
    """Whether an interpreter has come, or is on the way."""
    return request.reach.on_site in ("coming", "here", "done")


def words(request: Request) -> str:
    """Where the search for somebody to come stands, for the dispatcher and officers; "" where a telephone serves."""
    if request.over or not request.reach.on_site:
        return ""
    arrives = request.reach.arrives
    at = f", there about {arrives:%H:%M} UTC" if arrives and request.reach.on_site == "coming" else ""
    return f"on site: {_WORDS[request.reach.on_site]}{at}"


def status(request: Request, now: datetime) -> SendText | None:
    """The answer to "how does it stand?"; None where a telephone serves."""
    if not words(request):
        return None
    arrives = request.reach.arrives
    if request.reach.on_site in ("coming", "here") and arrives:
        left = max(round((arrives - now).total_seconds() / 60), 1)
        return _tell(request, "onsite_coming", minutes=str(left))
    return _tell(request, "onsite_asked", place=request.need.place or "a place they have not named")


_WORDS = {
    "asked": "asking who can come",
    "cannot": "asking others to come",
    "nobody": "nobody found yet",
    "coming": "an interpreter is on the way",
    "here": "the interpreter should be there",
}


def _tell(request: Request, key: str, **params: str) -> SendText:
    """Officers in English; others in their language, where it has a draft of these rarer texts."""
    officer = request.role is Role.OFFICER
    spoken = "eng" if officer else request.language or "eng"
    named = {"language": request.spoken, **params}
    key = f"officer_{key}" if officer else key
    return SendText(To.REQUESTER, request.requester_id, key, spoken, named)
