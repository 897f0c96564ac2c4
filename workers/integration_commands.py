"""`interpreter-dispatch integration ...`: other systems that work with this one by the API."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dispatch import integration_keeping
from dispatch.clock import SystemClock
from dispatch.errors import DispatchError
from dispatch.integrations import Scope
from dispatch.settings import Settings
from workers.command_line import BY
from workers.roster import opened

integration_app = typer.Typer(no_args_is_help=True, help="Other systems that use the API, each with its token.")

_errors = Console(stderr=True)


@integration_app.command("add")
def add(
    name: str,
    scope: Annotated[list[Scope], typer.Option(help="What the token is good for; give it several times.")],
    days: Annotated[int | None, typer.Option(help="Expires after so many days; without it, never.")] = None,
) -> None:
    """Make a token and print it, alone on its line; it is never shown again."""
    try:
        token, made = integration_keeping.make(opened(Settings()), name, scope, days, BY, SystemClock().now())
    except DispatchError as error:
        raise _told(error) from error
    _errors.print(f"{made.name} may {', '.join(sorted(made.scopes))}. This token is shown once:", soft_wrap=True)
    print(token)


@integration_app.command("list")
def list_integrations() -> None:
    """Every integration."""
    now = SystemClock().now()
    table = Table("name", "good for", "last used", "token")
    try:
        with opened(Settings()).reading() as tx:
            listed = tx.integrations()
    except DispatchError as error:
        raise _told(error) from error
    for one in listed:
        used = f"{one.last_used_at:%Y-%m-%d %H:%M} UTC" if one.last_used_at else "never"
        until = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "good until revoked"
        table.add_row(one.name, ", ".join(sorted(one.scopes)), used, one.refused(now) or until)
    Console().print(table)


@integration_app.command("revoke")
def revoke(name: str) -> None:
    """Its token is worth nothing from now on, and no webhook goes out to it."""
    try:
        integration_keeping.revoke(opened(Settings()), name, BY, SystemClock().now())
    except DispatchError as error:
        raise _told(error) from error
    print(f"{name}: revoked.")


def _told(error: DispatchError) -> typer.Exit:
    _errors.print(str(error), style="red", markup=False, soft_wrap=True)
    return typer.Exit(1)
