"""Expected arrivals: entered, planned, interpreters invited, and the brief for officers."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dispatch import arrival_view, brief_pdf, languages
from dispatch.accounts import May
from dispatch.arrival import CONTACTS_PER_DAY, Arrival, ArrivalState, Shape, read_languages, write_languages
from dispatch.arrival_book import KEPT, ArrivalBook, zone_of
from dispatch.brief import Brief
from dispatch.console.coverage_pages import PLANNERS, may_plan
from dispatch.console.guard import Guard
from dispatch.console.visits import HEADERS, Console, Visit, as_file, back_to
from dispatch.credentials import qr_svg
from dispatch.errors import ArrivalInvalid, DispatchError
from dispatch.invitation import said_hours
from dispatch.inviting import Suggestion, as_hours, plan, suggest
from dispatch.people import PhoneNumber
from dispatch.shifts import Hours, instant, zone_named
from dispatch.store import Transaction
from dispatch.supply_facts import gather

_LONGEST_NOTE = 300
_SHAPES = {
    Shape.INTAKE: "half of the first day in the four hours after they come, then by day",
    Shape.DAYTIME: "by day, 8:00 to 20:00",
    Shape.EVEN: "around the clock",
}


def routes(console: Console, guard: Guard) -> list[BaseRoute]:
    """The addresses of arrivals."""
    pages = ArrivalPages(console)
    one, see = "/console/arrivals/{id}", May.REPORTS
    return [
        Route("/console/arrivals", guard(pages.page, see)),
        Route("/console/arrivals/new", guard(pages.new, see)),
        Route("/console/arrivals/new", guard(pages.add, see), methods=["POST"]),
        Route(one, guard(pages.one, see)),
        Route(f"{one}/live", guard(pages.one, see)),
        Route(f"{one}/version", guard(pages.version, see)),
        Route(f"{one}/edit", guard(pages.edit, see)),
        Route(f"{one}/edit", guard(pages.save, see), methods=["POST"]),
        Route(f"{one}/call-off", guard(pages.call_off, see), methods=["POST"]),
        Route(f"{one}/expect", guard(pages.expect_again, see), methods=["POST"]),
        Route(f"{one}/invite", guard(pages.invite, see), methods=["POST"]),
        Route(f"{one}/withdraw", guard(pages.withdraw, see), methods=["POST"]),
        Route(f"{one}/number", guard(pages.number, May.REVEAL), methods=["POST"]),
        Route(f"{one}/brief", guard(pages.brief, see)),
        Route(f"{one}/brief.pdf", guard(pages.brief_file, see)),
    ]


class ArrivalPages:
    """The handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store
        self._pages = console.pages
        self._zone = console.settings.time_zone

    @property
    def _book(self) -> ArrivalBook:
        """With the agency as it is called now."""
        console = self._console
        return ArrivalBook(console.store, console.clock, console.in_force(), console.intake.hand_over)

    # -- looking -------------------------------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        """What is expected, and what is over."""
        with self._store.reading() as tx:
            found = tx.arrivals_since(visit.now - KEPT)
            answered = {one.id: arrival_view.counted(tx.invitations_to(one.id)) for one in found}
        shown = [(one, arrival_view.when(one), write_languages(one), answered[one.id]) for one in found]
        return self._pages.draw(
            "arrivals.html",
            visit,
            ahead=[row for row in shown if row[0].ends > visit.now],
            over=[row for row in shown if row[0].ends <= visit.now],
            planners=bool(visit.visitor.may & PLANNERS),
        )

    def one(self, visit: Visit) -> Response:
        """One arrival: its plan, whom to invite, who was invited."""
        with self._store.reading() as tx:
            arrival = _known(tx, visit)
            town = gather(tx, visit.now, self._console.intake.policy, zone_named(self._zone))
            invitations = tx.invitations_to(arrival.id)
        found = plan(arrival, town)
        people = {one.id: one for one in town.people}
        suggestions = suggest(arrival, found, town, arrival_view.standing(invitations))
        past = arrival.ends <= visit.now
        over = past or arrival.state is ArrivalState.CALLED_OFF
        return self._pages.draw(
            "arrival.html",
            visit,
            one=arrival,
            when=arrival_view.when(arrival),
            shape=_SHAPES[arrival.shape],
            languages=write_languages(arrival),
            rows=arrival_view.rows(arrival, found),
            days=arrival_view.days(arrival, found),
            contacts=sum(float(some.sum()) for some in found.contacts.values()),
            missed=found.missed,
            by_hand=[languages.get(s.language).english for s in arrival.languages if _in_person(s.language)],
            suggestions=[(one, self._turns(one)) for one in suggestions],
            guests=[
                arrival_view.guest(one, people.get(one.interpreter_id), town.calendar(one.interpreter_id), visit.now)
                for one in invitations
            ],
            counted=arrival_view.counted(invitations),
            version=arrival_view.version(arrival, invitations),
            phone=str(PhoneNumber(arrival.liaison_phone)) if arrival.liaison_phone else "",
            over=over,
            past=past,
            planners=bool(visit.visitor.may & PLANNERS),
            done=visit.asked("done"),
        )

    def version(self, visit: Visit) -> Response:
        """Whether anything has changed since the page was drawn."""
        with self._store.reading() as tx:
            arrival = _known(tx, visit)
            told = arrival_view.version(arrival, tx.invitations_to(arrival.id))
        return JSONResponse({"version": told}, headers=HEADERS)

    def number(self, visit: Visit) -> Response:
        """The liaison's number, which the audit log says."""
        with self._store.transaction() as tx:
            arrival = _known(tx, visit)
            tx.audit(visit.visitor.name, "liaison number revealed", f"arrival {arrival.id}", "", visit.now)
        if visit.by_script:
            return JSONResponse({"number": arrival.liaison_phone}, headers=HEADERS)
        return self._pages.say(visit, arrival.liaison or "Liaison", arrival.liaison_phone or "no number", 200)

    # -- entering ------------------------------------------------------------------------------------------------------

    def new(self, visit: Visit) -> Response:
        """An empty form."""
        tomorrow = (visit.now + timedelta(days=1)).astimezone(zone_named(self._zone))
        cells = {
            "starts": f"{tomorrow:%Y-%m-%d}T12:00",
            "hours": "24",
            "contacts": f"{CONTACTS_PER_DAY:g}",
            "shape": "intake",
        }
        return self._form(visit, cells, "")

    def add(self, visit: Visit) -> Response:
        """Take it in."""
        may_plan(visit)
        try:
            made = self._book.add(self._read(visit, None), visit.visitor.name)
        except (DispatchError, ValueError) as error:
            return self._form(visit, _sent(visit), str(error), 422)
        return back_to(f"/console/arrivals/{made.id}")

    def edit(self, visit: Visit) -> Response:
        """The form as it is; the liaison's number is not in it."""
        with self._store.reading() as tx:
            one = _known(tx, visit)
        zone = zone_named(one.zone)
        cells = {
            "name": one.name,
            "starts": f"{one.starts.astimezone(zone):%Y-%m-%dT%H:%M}",
            "hours": f"{(one.ends - one.starts).total_seconds() / 3600:g}",
            "people": str(one.people),
            "languages": write_languages(one),
            "area": one.area,
            "place": one.place,
            "contacts": f"{one.contacts_per_day:g}",
            "shape": one.shape.value,
            "liaison": one.liaison,
            "note": one.note,
            "version": str(one.version),
        }
        return self._form(visit, cells, "", known=one)

    def save(self, visit: Visit) -> Response:
        """Write it anew, unless somebody else has since."""
        may_plan(visit)
        with self._store.reading() as tx:
            known = _known(tx, visit)
        try:
            if visit.text("version") != str(known.version):
                raise ArrivalInvalid("Somebody else has changed it meanwhile. Look at it again, then change it.")
            self._book.change(self._read(visit, known), visit.visitor.name)
        except (DispatchError, ValueError) as error:
            return self._form(visit, _sent(visit), str(error), 422, known)
        return back_to(f"/console/arrivals/{known.id}")

    def call_off(self, visit: Visit) -> Response:
        """They do not come: everybody who said yes is told."""
        may_plan(visit)
        arrival_id = str(visit.request.path_params["id"])
        self._book.call_off(arrival_id, visit.visitor.name)
        return back_to(f"/console/arrivals/{arrival_id}")

    def expect_again(self, visit: Visit) -> Response:
        """They come after all; a person says so, and nothing else makes it so."""
        may_plan(visit)
        arrival_id = str(visit.request.path_params["id"])
        self._book.expect_again(arrival_id, visit.visitor.name)
        return back_to(f"/console/arrivals/{arrival_id}?done=expected")

    # -- inviting ------------------------------------------------------------------------------------------------------

    def invite(self, visit: Visit) -> Response:
        """Ask those who were ticked, by text."""
        may_plan(visit)
        with self._store.reading() as tx:
            arrival = _known(tx, visit)
            people = {one.code: one for one in tx.roster()}
        if visit.text("version") not in ("", str(arrival.version)):
            # The hours that were ticked are those of the arrival as it was.
            raise ArrivalInvalid("Somebody has changed this arrival meanwhile. Look at its hours again, then invite.")
        chosen = [value for value in visit.form.getlist("ask") if isinstance(value, str) and value in people]
        if not chosen:
            raise ArrivalInvalid("Tick at least one interpreter to invite.")
        same = self._same_hours(visit, arrival)
        asked = {}
        for code in chosen:
            zone = zone_of(people[code], self._zone)
            asked[people[code].id] = _moved(same, zone) if same else _read_hours(visit.text(f"hours-{code}"))
        count = self._book.invite(arrival.id, asked, visit.visitor.name)
        return back_to(f"/console/arrivals/{arrival.id}?done={count}#invited")

    def withdraw(self, visit: Visit) -> Response:
        """Take one invitation back."""
        may_plan(visit)
        self._book.withdraw(visit.text("invitation"), visit.visitor.name)
        return back_to(f"/console/arrivals/{visit.request.path_params['id']}#invited")

    # -- the brief -----------------------------------------------------------------------------------------------------

    def brief(self, visit: Visit) -> Response:
        """One page for officers, to be printed."""
        arrival, made = self._made(visit)
        return self._pages.draw("brief.html", visit, one=arrival, brief=made, qr=qr_svg(made.text_address))

    def brief_file(self, visit: Visit) -> Response:
        """The same as PDF."""
        arrival, made = self._made(visit)
        return as_file(
            brief_pdf.draw(made, self._console.settings.region), f"brief-{arrival.id}.pdf", "application/pdf"
        )

    # -- what they share -----------------------------------------------------------------------------------------------

    def _made(self, visit: Visit) -> tuple[Arrival, Brief]:
        """The brief. It names the liaison's number to those who may see numbers."""
        with self._store.reading() as tx:
            arrival = _known(tx, visit)
        return arrival, self._book.brief(arrival.id, visit.visitor.name, May.REVEAL in visit.visitor.may)

    def _form(
        self, visit: Visit, cells: dict[str, str], problem: str, status: int = 200, known: Arrival | None = None
    ) -> Response:
        phone = str(PhoneNumber(known.liaison_phone)) if known and known.liaison_phone else ""
        return self._pages.draw(
            "arrival_form.html",
            visit,
            status=status,
            cells=cells,
            problem=problem,
            one=known,
            phone=phone,
            zone=known.zone if known else self._zone,
            shapes=_SHAPES,
            usual=CONTACTS_PER_DAY,
        )

    def _read(self, visit: Visit, known: Arrival | None) -> Arrival:
        """The form as an arrival. Raises ArrivalInvalid, UnknownLanguage, InvalidNumber."""
        zone = known.zone if known else self._zone
        try:
            starts = instant(datetime.fromisoformat(visit.text("starts")), zone)
            hours, people = float(visit.text("hours")), int(visit.text("people"))
            each = float(visit.text("contacts") or CONTACTS_PER_DAY)
        except ValueError as error:
            raise ArrivalInvalid("When, for how many hours, and how many people? Put in a time and numbers.") from error
        phone = visit.text("liaison_phone")
        number = PhoneNumber.parse(phone, self._console.settings.region).e164 if phone else ""
        return Arrival(
            id=known.id if known else "",
            name=visit.text("name")[:120],
            starts=starts,
            ends=starts + timedelta(hours=min(max(hours, 0.0), 10_000.0)),
            zone=zone,
            people=people,
            languages=read_languages(visit.text("languages"), people),
            area=visit.text("area")[:60],
            place=visit.text("place")[:120],
            contacts_per_day=each,
            shape=Shape(visit.text("shape") or "intake"),
            liaison=visit.text("liaison")[:80],
            liaison_phone=number or (known.liaison_phone if known else ""),
            note=visit.text("note")[:_LONGEST_NOTE],
            state=known.state if known else ArrivalState.EXPECTED,
            version=known.version if known else 0,
        )

    def _same_hours(self, visit: Visit, arrival: Arrival) -> Hours | None:
        """Hours for all who are ticked, where the dispatcher named some. Raises ArrivalInvalid, ShiftInvalid."""
        day, begin, end = visit.text("day"), visit.text("from"), visit.text("to")
        if not (day and begin and end):
            return None
        try:
            starts = datetime.combine(date.fromisoformat(day), time.fromisoformat(begin))
            ends = datetime.combine(date.fromisoformat(day), time.fromisoformat(end))
        except ValueError as error:
            raise ArrivalInvalid("Name the day and both times, or none of them.") from error
        return Hours(starts, ends if ends > starts else ends + timedelta(days=1), arrival.zone)

    def _turns(self, one: Suggestion) -> tuple[str, str]:
        """The hours that somebody would be asked for: in words, and as the form sends them."""
        hours = as_hours(one.turns, zone_of(one.interpreter, self._zone))
        sent = ";".join(f"{part.starts.isoformat()}/{part.ends.isoformat()}/{part.zone}" for part in hours)
        return (said_hours(hours, desk=True) if hours else "", sent)


def _known(tx: Transaction, visit: Visit) -> Arrival:
    found = tx.arrival(str(visit.request.path_params["id"]))
    if found is None:
        raise ArrivalInvalid("There is no such arrival; see the list of arrivals.")
    return found


def _in_person(code: str) -> bool:
    return not languages.get(code).voice_call


def _read_hours(sent: str) -> tuple[Hours, ...]:
    try:
        parts = [part.split("/", 2) for part in sent.split(";") if part]
        return tuple(Hours(datetime.fromisoformat(b), datetime.fromisoformat(e), zone) for b, e, zone in parts)
    except ValueError as error:
        raise ArrivalInvalid("These hours cannot be read; load the page again.") from error


def _moved(hours: Hours, zone: str) -> tuple[Hours, ...]:
    """The same instants by another clock."""
    local = zone_named(zone)
    starts, ends = (
        instant(wall, hours.zone).astimezone(local).replace(tzinfo=None) for wall in (hours.starts, hours.ends)
    )
    return (replace(hours, starts=starts, ends=ends, zone=zone),)


def _sent(visit: Visit) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str) and name != "form_token"}
