"""`interpreter-dispatch account ...` and `audit ...`: what can be done about accounts without the console."""

import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dispatch import accounts, audit, credentials
from dispatch.accounts import Account, AccountRole
from dispatch.clock import SystemClock
from dispatch.errors import Conflict, DispatchError
from dispatch.settings import Settings
from dispatch.store import Store
from workers.command_line import BY
from workers.roster import opened

account_app = typer.Typer(no_args_is_help=True, help="Who may sign in to the console.")
audit_app = typer.Typer(no_args_is_help=True, help="The log of everything that was changed.")

_errors = Console(stderr=True)


@account_app.command("add")
def add(
    name: str,
    role: Annotated[AccountRole, typer.Option(help="What they are there for.")] = AccountRole.DISPATCHER,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from there.")] = False,
) -> None:
    """Give somebody an account; their second factor is set up at the first sign-in. Asks for a password."""
    name = name.lower()
    _refuse(accounts.name_problem(name))
    password = _password(name, password_stdin)
    now = SystemClock().now()
    account = Account(secrets.token_hex(8), name, role, credentials.hash_password(password), now)
    try:
        with _store().transaction() as tx:
            tx.add_account(account)
            tx.audit(BY, "account added", name, role.value, now)
    except Conflict:
        _refuse(f"There is an account {name!r} already; `account reset {name}` gives it a new password.")
    except DispatchError as error:
        _refuse(str(error))
    print(f"{name} may sign in as {role.value.replace('_', ' ')}.")


@account_app.command("list")
def list_accounts() -> None:
    """Everybody who has an account."""
    table = Table("name", "role", "second factor", "state")
    with _store().reading() as tx:
        for one in tx.account_names():
            factor = "set up" if one.enrolled else "at the next sign-in"
            table.add_row(one.name, one.role.value, factor, "disabled" if one.disabled else "active")
    Console().print(table)


@account_app.command("disable")
def disable(name: str) -> None:
    """Nobody signs in by that name any more; open sessions end at once."""
    _change(name, "disable", lambda account: replace(account, disabled=True))


@account_app.command("enable")
def enable(name: str) -> None:
    """They may sign in again."""
    _change(name, "enable", lambda account: replace(account, disabled=False))


@account_app.command("reset")
def reset_account(
    name: str,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from there.")] = False,
) -> None:
    """A new password, and the second factor set up again: for a lost phone or a forgotten password."""
    password = _password(name, password_stdin)
    _change(name, "reset", lambda account: account.reset(credentials.hash_password(password)))


@audit_app.command("verify")
def verify(
    expect: Annotated[str, typer.Option(help="A head hash noted earlier: it must be in the chain.")] = "",
) -> None:
    """Check every line's hash and its chain. Exit status 1 when a line was changed, taken out or put in."""
    seen = not expect
    with _store().reading() as tx:
        entries = list(tx.audit_entries())
        seen = seen or any(one.hash == expect for one in entries)
        verdict = audit.verify(entries, tx.audit_digest)
    if verdict.broken_at is not None:
        _refuse(f"The chain is broken at line {verdict.broken_at}: {verdict.reason}.")
    if not seen:
        _refuse("The chain holds, but the hash you noted is not in it: lines at its end are missing.")
    print(f"{verdict.entries} lines, the chain holds. Head: {verdict.head}")


def _change(name: str, action: str, changed: Callable[[Account], Account]) -> None:
    name = name.lower()
    with _store().transaction() as tx:
        account = tx.account_named(name)
        if account is None:
            _refuse(f"There is no account {name!r}.")
            return
        tx.change_account(changed(account))
        tx.close_sessions_of(account.id)
        tx.audit(BY, f"account: {action}", name, "", SystemClock().now())
    print(f"{name}: {action} done.")


def _password(name: str, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    _refuse(accounts.password_problem(password, name))
    return password


def _refuse(problem: str) -> None:
    if problem:
        _errors.print(problem, style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1)


def _store() -> Store:
    try:
        return opened(Settings())
    except DispatchError as error:
        _errors.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
