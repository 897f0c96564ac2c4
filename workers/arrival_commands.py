"""`interpreter-dispatch arrivals ...`: expected arrivals and their coverage plans."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dispatch.errors import ArrivalInvalid, DispatchError
from dispatch.settings import Settings
from dispatch.shifts import zone_named
from workers.command_line import BY

if TYPE_CHECKING:
    from dispatch.arrival import Arrival
    from dispatch.inviting import Plan
    from dispatch.shifts import Window

arrivals_app = typer.Typer(no_args_is_help=True, help="Expected arrivals of people, and who is missing for them.")
_errors = Console(stderr=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@contextmanager
def _told() -> Iterator[None]:
    """Errors raised on purpose become words on standard error and exit status 1."""
    try:
        yield
    except DispatchError as error:
        _errors.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


@arrivals_app.command("list")
def arrivals_list(as_json: AsJson = False) -> None:
    """List the arrivals that are not over, the next first."""
    from dispatch.arrival import write_languages
    from workers.roster import opened

    with _told(), opened(Settings()).reading() as tx:
        for one in tx.arrivals_since(datetime.now(UTC)):
            told = {
                "id": one.id,
                "name": one.name,
                "starts": one.starts.isoformat(),
                "ends": one.ends.isoformat(),
                "people": one.people,
                "languages": write_languages(one),
                "state": one.state.value,
            }
            when = f"{one.starts.astimezone(zone_named(one.zone)):%a %d %b %H:%M} ({one.zone})"
            state = one.state.value.replace("_", " ")
            print(json.dumps(told) if as_json else f"{one.id}  {when}  {one.people} people  {one.name}  {state}")


@arrivals_app.command("add")
def arrivals_add(
    name: Annotated[str, typer.Argument(help='What to call it, like "bus from the south".')],
    at: Annotated[str, typer.Option(help='Day and time, like "2026-12-01 14:00".')],
    people: Annotated[int, typer.Option(help="How many are expected.")],
    languages: Annotated[str, typer.Option(help='Like "Mam (Todos Santos) 40%, Spanish 30, French".')],
    hours: Annotated[float, typer.Option(help="For how long interpreters are needed.")] = 24.0,
    area: Annotated[str, typer.Option(help="The part of town, as interpreters are told.")] = "",
    place: Annotated[str, typer.Option(help="Where exactly; for officers.")] = "",
    contacts: Annotated[float | None, typer.Option(help="Conversations for each person a day.")] = None,
    shape: Annotated[str, typer.Option(help="intake, daytime or even.")] = "intake",
    zone: Annotated[str, typer.Option(help="Time zone of --at (IANA).")] = "",
) -> None:
    """Enter an expected arrival. Its liaison is entered on the console, where numbers are sealed and masked."""
    from dispatch.arrival import CONTACTS_PER_DAY, Arrival, Shape, read_languages
    from dispatch.arrival_book import ArrivalBook
    from dispatch.clock import SystemClock
    from dispatch.shifts import instant
    from workers.roster import opened

    with _told():
        settings = Settings()
        zone = zone or settings.time_zone
        try:
            starts = instant(_by_the_wall(at), zone)
            ends = starts + timedelta(hours=hours)
            spread = Shape(shape)
        except (ValueError, OverflowError) as error:
            told = f'{error}; write --at like "2026-12-01 14:00", --shape intake, daytime or even'
            raise ArrivalInvalid(told) from error
        draft = Arrival(
            "",
            name,
            starts,
            ends,
            zone,
            people,
            read_languages(languages, people),
            area,
            place,
            CONTACTS_PER_DAY if contacts is None else contacts,
            spread,
        )
        made = ArrivalBook(opened(settings), SystemClock(), settings, lambda ids: None).add(draft, BY)
        print(f"{made.id}: entered. `arrivals plan {made.id}` shows who is missing; invite on the console.")


@arrivals_app.command("plan")
def arrivals_plan(arrival_id: str, as_json: AsJson = False) -> None:
    """Show how many conversations to expect, who is missing when, and whom to invite."""
    from dispatch.inviting import plan, suggest
    from dispatch.supply_facts import gather
    from workers.roster import opened
    from workers.wiring import policy_in_force, policy_of

    with _told():
        settings = Settings()
        store = opened(settings)
        file = policy_in_force(settings, store)
        policy = file() if file else policy_of(settings)
        with store.reading() as tx:
            one = tx.arrival(arrival_id)
            if one is None:
                raise ArrivalInvalid(f"There is no arrival {arrival_id!r}; `arrivals list` shows those there are.")
            town = gather(tx, datetime.now(UTC), policy, zone_named(settings.time_zone))
            invited = {known.interpreter_id for known in tx.invitations_to(one.id)}
        found = plan(one, town)
        if as_json:
            _print_json(one, found)
            return
        _print_table(one, found)
        for suggestion in suggest(one, found, town, invited):
            told = _turns(suggestion.turns, one.zone) if suggestion.ask else suggestion.against
            print(f"{suggestion.interpreter.code}  {suggestion.why}: {told}")


def _by_the_wall(at: str) -> datetime:
    """The time as written. Raises ValueError, also where it names a zone of its own: that is what --zone is for."""
    read = datetime.fromisoformat(at)
    if read.tzinfo is not None:
        raise ValueError(f"{at!r} names a zone; give the time by the wall clock, and its zone with --zone")
    return read


def _print_json(one: "Arrival", found: "Plan") -> None:
    for code, line in found.lines.items():
        told = {
            "language": code,
            "contacts": round(float(found.contacts[code].sum()), 2),
            "missed": round(float((found.contacts[code] * line.miss).sum()), 2),
            "hours": [
                {"at": hour.isoformat(), "contacts": round(float(some), 3), "miss": round(float(miss), 3)}
                for hour, some, miss in zip(found.hours, found.contacts[code], line.miss, strict=True)
            ],
        }
        print(json.dumps(told))


def _print_table(one: "Arrival", found: "Plan") -> None:
    from dispatch import languages
    from dispatch.coverage import spells

    table = Table("language", "contacts", "missed", "open hours")
    zone = zone_named(one.zone)
    for code, line in found.lines.items():
        worst = [
            f"{found.hours[spell.first].astimezone(zone):%a %H:%M}, {spell.hours} h{' nobody' if spell.nobody else ''}"
            for spell in spells(line, 3)
        ]
        contacts = found.contacts[code]
        missed = float((contacts * line.miss).sum())
        table.add_row(languages.get(code).english, f"{contacts.sum():.1f}", f"{missed:.1f}", "; ".join(worst) or "none")
    Console(width=100).print(table)


def _turns(turns: "Sequence[Window]", zone: str) -> str:
    from dispatch.invitation import said_hours
    from dispatch.inviting import as_hours

    return said_hours(as_hours(turns, zone))
