"""One request: what happened and why, who is on the line, who could be asked, and everything a dispatcher can do."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import board, eligibility, events, explaining, languages, override_events, timeline, varieties
from dispatch.accounts import May
from dispatch.console.guard import Guard
from dispatch.console.visits import HEADERS, Console, Visit, back_to
from dispatch.effects import To
from dispatch.errors import ChangedMeanwhile, Conflict, DispatchError, NotPossibleNow, RequestUnknown, StoreError
from dispatch.events import Event, RequestDropped, VarietyNamed
from dispatch.overrides import SEARCHING, WAITING
from dispatch.people import Interpreter
from dispatch.policy import ENCOUNTERS, Policy
from dispatch.possible_now import possible
from dispatch.request import Leg, LegRole, LegState, Request
from dispatch.store import Transaction
from dispatch.vendor_hold import SPOKE_WORDS, Spoke

LONGEST_MESSAGE = 320
"""Two text messages' worth."""
LONGEST_NOTE = 2000
LONGEST_REASON = 300
_LEG_WORDS = {
    LegState.DIALLING: "being rung",
    LegState.ON_LINE: "on the line, hears our prompts",
    LegState.IN_CONFERENCE: "in the conference",
    LegState.ENDED: "hung up",
}


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """A request's addresses."""
    pages = RequestPages(console)
    one = "/console/requests/{id}"
    return [
        Route(one, guard(pages.page, May.WATCH)),
        Route(f"{one}/live", guard(pages.page, May.WATCH)),
        Route(f"{one}/panel", guard(pages.panel, May.ACT)),
        Route(f"{one}/version", guard(pages.version, May.WATCH)),
        Route(f"{one}/why.json", guard(pages.why, May.WATCH)),
        Route(f"{one}/number", guard(pages.number, May.REVEAL), methods=["POST"]),
        Route(f"{one}/act", guard(pages.act, May.ACT), methods=["POST"]),
        Route(f"{one}/note", guard(pages.note, May.ACT), methods=["POST"]),
        Route(f"{one}/call-back", guard(pages.call_back, May.ACT), methods=["POST"]),
    ]


class RequestPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store
        self._draw = console.pages.draw

    def page(self, visit: Visit) -> Response:
        """The whole page."""
        return self._shown(visit, "request.html")

    def panel(self, visit: Visit) -> Response:
        """What can be done, for the board's dialog."""
        return self._shown(visit, "_panel.html")

    def version(self, visit: Visit) -> Response:
        """Which version it is by now: the open page asks, and says so when it is older."""
        with self._store.reading() as tx:
            request = tx.request(str(visit.request.path_params["id"]))
        told = {"version": request.version, "words": board.STATE_WORDS[request.state]} if request else {}
        return JSONResponse(told, status_code=200 if request else 404, headers=HEADERS)

    def why(self, visit: Visit) -> Response:
        """Who was considered for a request, in order, and why each was or was not rung."""
        with self._store.reading() as tx:
            told = board.why(tx, str(visit.request.path_params["id"]))
        return JSONResponse(told, headers=HEADERS)

    def number(self, visit: Visit) -> Response:
        """Show the requester's number, and write down that it was shown."""
        request_id = str(visit.request.path_params["id"])
        with self._store.transaction() as tx:
            request = tx.request(request_id)
            requester = tx.requester(request.requester_id) if request else None
            if requester is None:
                raise RequestUnknown("There is no such request here any more.")
            tx.audit(visit.visitor.name, "number revealed", f"request {request_id}", "requester", visit.now)
        shown = "number withheld" if requester.number.withheld else requester.number.e164
        if visit.by_script:
            return JSONResponse({"number": shown}, headers=HEADERS)
        return self._console.pages.say(visit, "Requester's number", shown, 200)

    def act(self, visit: Visit) -> Response:
        """Do it, if the request is still the one that was looked at."""
        request_id = str(visit.request.path_params["id"])
        version = int(visit.text("version")) if visit.text("version").isdigit() else -1
        template = "_panel.html" if visit.by_script else "request.html"
        try:
            self._console.intake.override(request_id, version, self._event(visit), visit.visitor.name)
        except ChangedMeanwhile as error:
            seen = int(visit.text("seq")) if visit.text("seq").isdigit() else 0
            return self._shown(visit, template, 409, problem=str(error), since=seen)
        except Conflict:
            problem = "This interpreter is held by another request by now. Choose somebody else."
            return self._shown(visit, template, 409, problem=problem)
        except StoreError:
            raise
        except DispatchError as error:
            return self._shown(visit, template, 409, problem=str(error))
        return Response(status_code=204) if visit.by_script else back_to(f"/console/requests/{request_id}")

    def note(self, visit: Visit) -> Response:
        """Write something down."""
        request_id, words = str(visit.request.path_params["id"]), visit.text("words")[:LONGEST_NOTE]
        with self._store.transaction() as tx:
            if tx.request(request_id) is None:
                raise RequestUnknown("There is no such request here any more.")
            if words:
                tx.add_note(request_id, visit.visitor.name, words, visit.now)
                tx.audit(visit.visitor.name, "note written", f"request {request_id}", "", visit.now)
        return back_to(f"/console/requests/{request_id}#notes")

    def call_back(self, visit: Visit) -> Response:
        """Ask again for somebody whose request is over."""
        again = self._console.intake.call_back(str(visit.request.path_params["id"]), visit.visitor.name)
        return back_to(f"/console/requests/{again.id}")

    # -- deciding ------------------------------------------------------------------------------------------------------

    def _event(self, visit: Visit) -> Event:
        by = visit.visitor.name
        ways: dict[str, Callable[[], Event]] = {
            "language": lambda: override_events.LanguageSet(languages.normalise(visit.text("language")), by),
            "variety": lambda: VarietyNamed(visit.text("variety"), by),
            "ring": lambda: override_events.InterpreterRung(
                visit.text("interpreter"), by, visit.text("reason")[:LONGEST_REASON]
            ),
            "vendor": lambda: override_events.HandedToVendor(visit.text("vendor")[:80] or "the vendor line", by),
            "call": lambda: override_events.RequesterCalled(by),
            "message": lambda: _message(visit, by),
            "take-over": lambda: override_events.TakenOver(by),
            "remove": lambda: override_events.LegRemoved(visit.text("leg"), by),
            "mute": lambda: override_events.MuteSet(visit.text("leg"), visit.text("on") == "yes", by),
            "hold": lambda: override_events.HoldSet(visit.text("leg"), visit.text("on") == "yes", by),
            "dial-vendor": lambda: override_events.VendorCalled(visit.text("vendor"), by),
            "speaks": lambda: events.InterpreterSpeaks(Spoke.DESK.value),
            "full": lambda: override_events.FullInterpreterNeeded(by),
            "another": lambda: _another(visit),
            "encounter": lambda: _encounter(visit, by),
            "waive": lambda: _waived(visit, by),
            "keep-out": lambda: events.KeptOut(visit.text("interpreter"), by),
            "also": lambda: events.AlsoSpeaks(languages.normalise(visit.text("language")), by),
            "cancel": lambda: RequestDropped("dispatcher"),
        }
        way = ways.get(visit.text("action"))
        if way is None:
            raise NotPossibleNow("There is no such action.")
        return way()

    # -- showing -------------------------------------------------------------------------------------------------------

    def _shown(
        self, visit: Visit, template: str, status: int = 200, problem: str = "", since: int | None = None
    ) -> Response:
        request_id = str(visit.request.path_params["id"])
        with self._store.reading() as tx:
            request = tx.request(request_id)
            if request is None:
                return self._console.pages.say(visit, "No such request", "It was never here, or its time is over.", 404)
            shown = self._view(tx, request, visit)
        changes = [moment for moment in shown["moments"] if since is not None and moment.seq > since]
        shown |= {
            "refused": problem,
            "changes": changes,
            "in_dialog": template == "_panel.html" and visit.asked("on") != "page",
        }
        return self._draw(template, visit, status=status, **shown)

    def _view(self, tx: Transaction, request: Request, visit: Visit) -> dict[str, Any]:
        people = {one.id: one for one in (*tx.roster(), *tx.retired())}
        policy, desk = self._console.intake.policy, bool(self._console.in_force().desk)
        known = {line.id: line for line in board.lines(list(people.values()))}
        card = board.card(request, known, tx.requesters([request.requester_id]), policy)
        names = _names(request, people, card["who"])
        return {
            "one": card,
            "request": request,
            "now": visit.now,
            "next_at": datetime.fromisoformat(card["next"]["at"]) if card["next"] else None,
            "reasons": explaining.reasons(request, policy, names),
            "legs": [(leg, names[leg.id], _leg_words(leg)) for leg in request.legs],
            "spoke": SPOKE_WORDS.get(request.reach.vendor_spoke, ""),  # type: ignore[call-overload]
            "wrong_varieties": [varieties.named(code) for code in request.need.not_varieties],
            "also_varieties": [varieties.named(code) for code in request.need.also_varieties],
            "candidates": self._console.intake.standings(tx, request) if request.state in SEARCHING else [],
            "can": possible(request, policy, desk, "withheld" in card["who"]),
            **_kept(tx, request, visit.now, policy, names),
            **_choices(request, policy, card["who"], names),
        }


def _names(request: Request, people: Mapping[str, Interpreter], who: str) -> dict[str, str]:
    """What everybody is called on the page, by interpreter or leg."""
    names = {interpreter_id: f"{one.code} {one.name}" for interpreter_id, one in people.items()}
    roles = {LegRole.REQUESTER: who, LegRole.AGENCY: "the duty desk", LegRole.VENDOR: request.reach.vendor}
    for leg in request.legs:
        offer = request.offer(leg.id)
        names[leg.id] = names.get(offer.interpreter_id, "an interpreter") if offer else roles.get(leg.role, leg.role)
    return names


def _kept(
    tx: Transaction, request: Request, now: datetime, policy: Policy, names: Mapping[str, str]
) -> dict[str, object]:
    """What the store knows beside the request itself."""
    states = {state.value: words for state, words in board.STATE_WORDS.items()}
    entries, waits = tx.log_of(request.id), request.state in WAITING
    return {
        "seq": entries[-1].seq if entries else 0,
        "moments": timeline.tell(entries, names, states),
        "place": explaining.places(tx.waiting_requests(), policy).get(request.id) if waits else None,
        "gist": tx.gists([request.id], now).get(request.id),
        "messages": tx.voicemails_of(request.id, now),
        "notes": tx.notes_of(request.id),
        "tasks": tx.tasks_of_request(request.id),
        "ratings": tx.ratings_of(request.id),
        "taken_by": tx.takers([request.id]).get(request.id, ""),
    }


def _choices(request: Request, policy: Policy, who: str, names: Mapping[str, str]) -> dict[str, object]:
    """What there is to choose from in the panel's forms."""
    spoken = languages.all_languages()
    active = [offer.interpreter_id for offer in request.offers if offer.active]
    return {
        "languages": sorted(spoken.values(), key=lambda language: language.english),
        "language_names": {code: one.english for code, one in spoken.items()},
        "varieties": varieties.of_language(request.language),
        "encounters": [
            (one, policy.credentials[one].value if one in policy.credentials else "none") for one in ENCOUNTERS
        ],
        "asks_for": eligibility.required(request, policy).value,
        "vendors": [line for line in policy.vendors if line.takes(request.language)],
        "seated": [(offer.id, names.get(offer.interpreter_id, "an interpreter")) for offer in request.seated],
        "rung": [(offer.interpreter_id, names.get(offer.interpreter_id, "")) for offer in request.open_offers],
        "recipients": [("requester", request.requester_id, who)]
        + [("interpreter", interpreter_id, names.get(interpreter_id, "")) for interpreter_id in active],
    }


def _leg_words(leg: Leg) -> str:
    if leg.held:
        return "on hold, hears the announcement" + (", muted" if leg.muted else "")
    return _LEG_WORDS[leg.state] + (", muted" if leg.muted and leg.live else "")


def _encounter(visit: Visit, by: str) -> Event:
    if visit.text("encounter") not in ENCOUNTERS:
        raise NotPossibleNow("Choose what the meeting is about.")
    return events.EncounterSet(visit.text("encounter"), by)


def _waived(visit: Visit, by: str) -> Event:
    reason = visit.text("reason")[:LONGEST_REASON]
    if not reason:
        raise NotPossibleNow("Write down why the credential is not asked for: the reason is kept.")
    return events.CredentialWaived(reason, by)


def _another(visit: Visit) -> Event:
    why = visit.text("why") if visit.text("why") in ("language", "full", "known", "other") else "other"
    named = visit.text("language")
    return events.AnotherWanted(
        "dispatcher", why, visit.text("leg"), languages.normalise(named) if named and why == "language" else ""
    )


def _message(visit: Visit, by: str) -> Event:
    to, _, person_id = visit.text("recipient").partition(":")
    words = visit.text("words")[:LONGEST_MESSAGE]
    if not words:
        raise NotPossibleNow("Write the message first.")
    return override_events.MessageWritten(To(to) if to in set(To) else To.REQUESTER, person_id, words, by)
