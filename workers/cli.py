"""`interpreter-dispatch`: the one door for people and scripts. Errors go to standard error, with exit status 1."""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.progress import track

from dispatch.errors import DispatchError
from dispatch.settings import Settings
from workers.account_commands import account_app, audit_app
from workers.arrival_commands import arrivals_app
from workers.integration_commands import integration_app
from workers.policy_cli import policy_app
from workers.request_commands import requests_app
from workers.shift_commands import appointments_app, shifts_app

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
identify_app = typer.Typer(no_args_is_help=True, help="Work out a language from speech or from writing.")
roster_app = typer.Typer(no_args_is_help=True, help="Bring interpreters and officers in, or take them out.")
app.add_typer(identify_app, name="identify")
app.add_typer(roster_app, name="roster")
prompts_app = typer.Typer(no_args_is_help=True, help="The sentences callers hear: what there is, and your recordings.")
app.add_typer(prompts_app, name="prompts")
app.add_typer(policy_app, name="policy")
app.add_typer(requests_app, name="requests")

app.add_typer(shifts_app, name="shifts")
app.add_typer(appointments_app, name="appointments")
app.add_typer(arrivals_app, name="arrivals")

app.add_typer(account_app, name="account")
app.add_typer(audit_app, name="audit")
app.add_typer(integration_app, name="integration")

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


@app.callback()
def _with_settings() -> None:
    try:
        Settings()
    except ValidationError as error:
        for one in error.errors():
            _refuse_setting(str(one["loc"][0]) if one["loc"] else "", one["msg"].removeprefix("Value error, "))
        raise typer.Exit(1) from error
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        _refuse_setting(field[1] if field else "", 'cannot be read; lists are written like ["eng", "spa"]')
        raise typer.Exit(1) from error


def _refuse_setting(field: str, words: str) -> None:
    _errors.print(f"DISPATCH_{field.upper()}: {words}", style="red", markup=False, soft_wrap=True)


@app.command()
def demo(
    leave: Annotated[bool, typer.Option("--exit", help="Stop everything after the scenarios.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play both scenarios on this machine with the local carrier, then stay up until Ctrl-C."""
    from workers.demo import run_demo

    logging.getLogger("stamina").setLevel(logging.ERROR)  # waiting for processes to come up is no news
    with _told():
        raise typer.Exit(run_demo(Settings(), leave=leave, as_json=as_json))


@app.command()
def serve(
    local_carrier: Annotated[bool, typer.Option(help="Start the local carrier too, instead of the real one.")] = False,
) -> None:
    """Run the service: web, workers, ticker and, where no Redis is configured, an embedded queue server."""
    from workers.demo import run_service

    with _told():
        run_service(Settings(), local_carrier)


@app.command(hidden=True)
def web(fd: Annotated[int, typer.Option(help="An inherited listening socket.")] = -1) -> None:
    """The web process."""
    from workers.web import serve as serve_web

    _log()
    with _told():
        serve_web(Settings(), fd)


@app.command(hidden=True)
def work(
    speech: Annotated[bool, typer.Option(help="Listen to recordings; loads the speech model.")] = False,
    webhooks: Annotated[bool, typer.Option(help="Send webhooks, and nothing else.")] = False,
) -> None:
    """A worker process."""
    from workers import jobs, queue, wiring
    from workers.webhook_sending import WebhookSender

    _log()
    with _told():
        settings = Settings()
        if webhooks:
            jobs.install_sender(WebhookSender(wiring.build(settings).webhooks, settings))
            queue.work(settings.redis_url, [queue.WEBHOOKS])
            return
        jobs.install(wiring.build_performer(wiring.build(settings)))
        if speech:
            wiring.listener(settings)
        queue.work(settings.redis_url, [queue.SPEECH] if speech else [queue.CALLS, queue.TEXTS])


@app.command(hidden=True)
def tick() -> None:
    """The ticker process."""
    from workers import ticker, wiring

    _log()
    with _told():
        ticker.run(wiring.build(Settings()))


@app.command()
def migrate() -> None:
    """Bring the store up to date."""
    from workers.roster import opened

    with _told():
        opened(Settings()).close()


@identify_app.command("audio")
def identify_audio(files: list[Path], as_json: AsJson = False) -> None:
    """Language of recorded speech: WAV or any format ffmpeg reads."""
    from voice.language import AudioUnreadable
    from workers.wiring import listener, prior_of

    failed = False
    with _told():
        settings = Settings()
        listening = listener(settings)
        for path in track(files, console=_errors, description="listening", disable=not sys.stderr.isatty()):
            try:
                heard = listening.identify(path.read_bytes(), prior_of(settings))
            except (OSError, AudioUnreadable) as error:
                _errors.print(f"{path}: {error}", markup=False, soft_wrap=True)
                failed = True
                continue
            found = {
                "file": str(path),
                "language": heard.language,
                "confidence": round(heard.confidence, 4),
                "decision": heard.decision,
                "seconds": round(heard.seconds, 3),
            }
            _print(found, as_json, "{file}: {language} ({confidence}, {decision}) in {seconds} s")
    raise typer.Exit(1 if failed else 0)


@identify_app.command("text")
def identify_text_lines(as_json: AsJson = False) -> None:
    """Language of each line of standard input."""
    from voice.textid import identify_text

    def guess(line: str) -> dict[str, object]:
        found = identify_text(line)
        told = {"language": found.language, "confidence": round(found.confidence, 4), "decision": found.decision}
        return {"text": line, **told}

    _each_line(guess, as_json, "{language} ({confidence}, {decision})  {text}")


@app.command("understand")
def understand_lines(as_json: AsJson = False) -> None:
    """What each line of standard input, read as an officer's text, asks for."""
    from dispatch.understanding import understand

    _each_line(lambda line: dict(understand(line).to_json()), as_json, "{languages} {alternatives} {urgency} {place}")


@roster_app.command("import")
def roster_import(file: Path) -> None:
    """Import interpreters (code,name,phone,languages,...) or officers (name,phone,unit) from CSV."""
    from workers.roster import import_file

    with _told():
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            _errors.print(f"{file}: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(1) from error
        print(import_file(Settings(), text, str(file)))


@roster_app.command("export")
def roster_export() -> None:
    """Print the interpreters as CSV."""
    from workers.roster import export

    with _told():
        sys.stdout.write(export(Settings()))


@prompts_app.command("report")
def prompts_report(as_json: AsJson = False) -> None:
    """How each language is spoken, what it lacks, and whether its sentences are drafts."""
    from dataclasses import asdict

    from rich.table import Table

    from dispatch import languages
    from voice.prompt_audio import PromptAudio
    from voice.recordings import report

    settings = Settings()
    found = report(settings.recordings_dir, PromptAudio(settings.recordings_dir, settings.cache_dir / "prompts"))
    if as_json:
        for one in found:
            print(json.dumps(asdict(one) | {"draft": not one.reviewed_by}, ensure_ascii=False))
        return
    table = Table("language", "own recordings", "otherwise spoken by", "missing", "reviewed by")
    for one in found:
        reviewed = one.reviewed_by or "draft: no speaker has reviewed it"
        missing = ", ".join(one.missing) or "nothing"
        table.add_row(languages.get(one.language).english, str(one.recorded), one.otherwise, missing, reviewed)
    Console().print(table)


@prompts_app.command("add")
def prompts_add(
    language: str, phrase: str, file: Path, digit: Annotated[str, typer.Option(help="Of a menu line, 1 to 9.")] = ""
) -> None:
    """Keep your own recording of a sentence; it is heard instead of any voice from then on."""
    from voice.recordings import add

    with _told():
        try:
            audio = file.read_bytes()
        except OSError as error:
            _errors.print(f"{file}: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(1) from error
        print(add(Settings().recordings_dir, language, phrase, audio, digit))


def _each_line(work: Callable[[str], dict[str, object]], as_json: bool, plain: str) -> None:
    for line in sys.stdin:
        _print(work(line.rstrip("\r\n")), as_json, plain)


def _print(found: Mapping[str, object], as_json: bool, plain: str) -> None:
    print(json.dumps(found, ensure_ascii=False) if as_json else plain.format(**found), flush=True)


def _log() -> None:
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(level=logging.INFO, format="%(asctime)sZ %(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "httpcore", "faster_whisper", "rq.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
