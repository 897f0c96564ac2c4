"""`interpreter-dispatch policy ...`: check, show and preview an agency's policy. Errors go to standard error."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dispatch.errors import DispatchError
from dispatch.settings import Settings

policy_app = typer.Typer(
    no_args_is_help=True, help="Who is asked, in what order, and what happens when nobody says yes."
)
_errors = Console(stderr=True)


@policy_app.command("check")
def check(file: Path) -> None:
    """Say what is wrong with a policy file, each problem with its field; exit status 1 where anything is."""
    from workers import policies

    try:
        policy = policies.read(Settings(), file)
    except DispatchError as error:
        raise _told(error) from error
    print(f"{file}: version {policy.version!r} can be used.")


@policy_app.command("show")
def show(file: Annotated[Path | None, typer.Argument(help="Another file than the one in use.")] = None) -> None:
    """Print the whole policy, defaults included, as TOML. Access codes are left out."""
    from dispatch.policy_file import write_policy
    from workers import policies

    try:
        print(write_policy(policies.read(Settings(), file)), end="")
    except DispatchError as error:
        raise _told(error) from error


@policy_app.command("preview")
def preview(
    file: Annotated[Path | None, typer.Argument(help="Another file than the one in use.")] = None,
    language: Annotated[str, typer.Option(help="ISO 639-3 code or English name.")] = "spa",
    urgency: Annotated[str, typer.Option(help="routine, urgent or emergency.")] = "routine",
    encounter: Annotated[str, typer.Option(help="routine, interview, custodial, victim or medical.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Whom this policy would ask now for a language, in order, with scores and words; nobody is rung."""
    from workers import policies

    try:
        settings = Settings()
        lines = policies.preview(settings, policies.read(settings, file), language, urgency, encounter)
    except DispatchError as error:
        raise _told(error) from error
    if as_json:
        for line in lines:
            print(json.dumps(asdict(line), ensure_ascii=False))
        return
    table = Table("", "code", "name", "score", "why")
    for line in lines:
        score = "" if line.score is None else f"{line.score:.1f}"
        table.add_row(str(line.place or ""), line.code, line.name, score, line.words)
    Console().print(table)


def _told(error: DispatchError) -> typer.Exit:
    _errors.print(str(error), soft_wrap=True, markup=False)
    return typer.Exit(1)
