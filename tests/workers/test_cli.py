"""The command line, as people and scripts use it: real files and speech, processes where a command starts some."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dispatch.people import Availability
from dispatch.store import Store
from tests.dispatch.requests import NOON
from workers.cli import app
from workers.supervisor import secret_key

ROOT = Path(__file__).parents[2]
SPEECH = ROOT / "workers" / "sample" / "speech"
PROMPTS = Path("/usr/share/asterisk/sounds")


BY_ITSELF = frozenset({"identify", "serve", "understand"})
"""Commands that start processes or load models: run as a process of their own. The others run here: Python alone takes
longer to begin than they take."""


def run(*arguments: str, folder: Path, text: str = "", seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """`interpreter-dispatch ...` with a state folder of its own."""
    state = {"DISPATCH_STATE_DIR": str(folder / "state")}
    if arguments[0] in BY_ITSELF:
        command = [str(Path(sys.executable).parent / "interpreter-dispatch"), *arguments]
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            env={**os.environ, **state},
            cwd=folder,
            timeout=seconds,
        )
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, list(arguments), input=text, env=state)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def test_speech_is_identified_one_json_object_a_line(tmp_path: Path) -> None:
    files = [str(SPEECH / f"{name}.wav") for name in ("spanish", "french", "english")]
    done = run("identify", "audio", *files, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["file"], one["language"]) for one in found] == list(zip(files, ("spa", "fra", "eng"), strict=True))
    assert all(set(one) == {"file", "language", "confidence", "decision", "seconds"} for one in found)


@pytest.mark.parametrize(("folder", "language"), [("es_MX_f_Allison", "spa"), ("fr_CA_f_June", "fra")])
def test_recorded_telephone_prompts_are_recognised(tmp_path: Path, folder: str, language: str) -> None:
    clips = [
        str(PROMPTS / folder / f"{name}.wav") for name in ("vm-mailboxfull", "vm-newuser", "dir-instr", "vm-review")
    ]
    clips = [clip for clip in clips if Path(clip).exists()]
    assert len(clips) >= 3
    done = run("identify", "audio", *clips, "--json", folder=tmp_path)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    accepted = [one for one in found if one["decision"] == "accept"]
    assert len(accepted) >= 2
    assert {one["language"] for one in accepted} == {language}


def test_unreadable_files_are_named_and_the_others_still_answered(tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF nothing of the kind")
    done = run(
        "identify",
        "audio",
        str(broken),
        str(tmp_path / "none.wav"),
        str(SPEECH / "spanish.wav"),
        "--json",
        folder=tmp_path,
    )
    assert done.returncode == 1
    assert "broken.wav" in done.stderr
    assert "none.wav" in done.stderr
    assert json.loads(done.stdout)["language"] == "spa"


def test_text_and_understanding_read_lines(tmp_path: Path) -> None:
    done = run("identify", "text", "--json", folder=tmp_path, text="mwen bezwen yon entèprèt\nhelp\n\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["decision"] for one in found] == ["accept", "ask", "ask"]
    assert found[0]["language"] == "hat"
    assert set(found[0]) == {"text", "language", "confidence", "decision"}
    done = run("understand", "--json", folder=tmp_path, text="farsi or dari, female, at 5th & Main\nnever mind\n")
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["alternatives"] == ["pes", "prs"]
    assert (first["languages"], first["constraints"], first["place"]) == ([], ["female"], "5th & Main")
    assert second["command"] == "drop"


def test_a_roster_goes_in_and_comes_out_the_same(tmp_path: Path) -> None:
    sample = ROOT / "workers" / "sample" / "interpreters.csv"
    assert run("roster", "import", str(sample), folder=tmp_path).stdout == "13 interpreters imported.\n"
    exported = run("roster", "export", folder=tmp_path).stdout
    again = tmp_path / "again.csv"
    again.write_text(exported)
    assert run("roster", "import", str(again), folder=tmp_path).returncode == 0
    assert run("roster", "export", folder=tmp_path).stdout == exported
    assert exported.count("\n") == 14


def test_a_roster_that_comes_again_leaves_what_people_have_said_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("code,name,phone,languages,gender\n7,Amina,+16175550107,som:5,female\n")
    assert run("roster", "import", str(file), folder=tmp_path).returncode == 0
    opened = Store(f"sqlite:///{tmp_path / 'state' / 'dispatch.sqlite3'}", secret_key(tmp_path / "state"))
    with opened.transaction() as tx:
        amina = tx.interpreter_by_code("7")
        tx.set_availability(amina.id, Availability.OFF, None, NOON)
        tx.touch_offered(amina.id, NOON)
    file.write_text("code,name,phone,languages\n7,Amina,+16175550107,som:5;swh:4\n8,Ben,+16175550108,spa\n")
    assert run("roster", "import", str(file), folder=tmp_path).stdout == "2 interpreters imported.\n"
    with opened.reading() as tx:
        after = tx.interpreter_by_code("7")
    assert (after.availability, after.gender, after.last_offered_at) == (Availability.OFF, "female", NOON)
    assert after.speaks("swh") is not None
    file.write_text("code,name,phone,languages\n9,Cleo,+16175550107,spa\n")
    done = run("roster", "import", str(file), folder=tmp_path)
    assert done.returncode == 1
    assert "row 2, phone: this number is 7's on the roster" in " ".join(done.stderr.split())
    opened.close()


def test_the_store_is_brought_up_to_date_with_the_installations_own_key(tmp_path: Path) -> None:
    assert run("migrate", folder=tmp_path).returncode == 0
    assert run("roster", "export", folder=tmp_path).returncode == 0


@pytest.mark.parametrize("command", [("migrate",), ("roster", "export"), ("account", "list")])
def test_a_store_of_another_key_is_not_worked_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    assert run("roster", "import", str(ROOT / "workers" / "sample" / "officers.csv"), folder=tmp_path).returncode == 0
    monkeypatch.setenv("DISPATCH_SECRET_KEY", "another key that is long enough")
    done = run(*command, folder=tmp_path)
    assert done.returncode == 1
    assert "sealed with another DISPATCH_SECRET_KEY" in " ".join(done.stderr.split())


def test_an_installation_keeps_the_first_key_it_made(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        keys = set(many.map(lambda _: secret_key(tmp_path), range(8)))
    assert len(keys) == 1
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.glob("secret.key*")] == ["secret.key"]


def test_a_bad_roster_changes_nothing_and_names_every_problem(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("code,name,phone,languages\n1,A,+16175550111,klingonish\n2,B,12,spa\n")
    done = run("roster", "import", str(bad), folder=tmp_path)
    assert done.returncode == 1
    assert "klingonish" in done.stderr
    assert "row 3" in done.stderr or "phone" in done.stderr
    assert run("roster", "export", folder=tmp_path).stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DISPATCH_TIME_ZONE", "Boston", "'Boston' is not a time zone"),
        ("DISPATCH_LANGUAGES", "eng,spa", 'lists are written like ["eng", "spa"]'),
        ("DISPATCH_LANGUAGES", '["spanich"]', "Did you mean Spanish"),
    ],
)
def test_a_setting_that_cannot_work_is_named_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    done = run("roster", "export", folder=tmp_path)
    assert done.returncode == 1
    told = " ".join(done.stderr.split())
    assert told.startswith(f"{name}: ")
    assert words in told
    assert "Traceback" not in told


def test_a_row_that_ends_early_is_told_by_its_field(tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    short.write_text("code,name,phone,languages\n1,Amina\n")
    done = run("roster", "import", str(short), folder=tmp_path)
    assert "row 2, phone: This is not a phone number" in " ".join(done.stderr.split())


def test_what_is_done_by_commands_is_in_the_audit_log(tmp_path: Path) -> None:
    people = str(ROOT / "workers" / "sample" / "interpreters.csv")
    commands = (
        ("roster", "import", people),
        ("roster", "export"),
        ("shifts", "set", "104", "mon-fri 09:00-17:00"),
        ("shifts", "feed", "104"),
    )
    assert [run(*command, folder=tmp_path).returncode for command in commands] == [0] * 4
    opened = Store(f"sqlite:///{tmp_path / 'state' / 'dispatch.sqlite3'}", secret_key(tmp_path / "state"))
    with opened.reading() as tx:
        told = [(one.account, one.action) for one in tx.audit_entries()]
    opened.close()
    actions = ("roster imported", "roster exported", "shifts set", "calendar address shown")
    assert told == [("command line", action) for action in actions]


def test_what_stands_in_brackets_is_told_as_it_was_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("code,name,phone,languages\n1,A,+16175550111,spa[bold] [/b]\n")
    done = run("roster", "import", str(bad), folder=tmp_path)
    assert done.returncode == 1
    assert "spa[bold] [/b]" in " ".join(done.stderr.split())


def test_prompts_are_reported_with_drafts_named(tmp_path: Path) -> None:
    done = run("prompts", "report", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {one["language"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert len(found) >= 30
    assert found["spa"]["draft"]
    assert not found["eng"]["draft"]
    assert found["tir"]["missing"] == []
    assert "draft" in run("prompts", "report", folder=tmp_path).stdout


def test_a_recording_is_kept_and_counted(tmp_path: Path) -> None:
    done = run("prompts", "add", "tigrinya", "goodbye", str(SPEECH / "french.wav"), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "recordings" / "tir" / "goodbye.wav").is_file()
    reported = run("prompts", "report", "--json", folder=tmp_path).stdout.splitlines()
    assert next(one for one in map(json.loads, reported) if one["language"] == "tir")["recorded"] == 1


@pytest.mark.parametrize(
    ("language", "phrase", "content", "told"),
    [
        ("klingon", "goodbye", None, "not a language"),
        ("spa", "nosuch", None, "no spoken sentence"),
        ("spa", "goodbye", b"not audio", "not a recording"),
        ("spa", "goodbye", b"", "not a recording"),
    ],
)
def test_what_is_no_recording_is_refused_with_words(
    tmp_path: Path, language: str, phrase: str, content: bytes | None, told: str
) -> None:
    file = SPEECH / "french.wav"
    if content is not None:
        file = tmp_path / "given.wav"
        file.write_bytes(content)
    done = run("prompts", "add", language, phrase, str(file), folder=tmp_path)
    assert done.returncode == 1
    assert told in done.stderr
    assert not (tmp_path / "recordings").exists()


def test_accounts_are_added_listed_disabled_and_reset_on_the_record(tmp_path: Path) -> None:
    password = "violet harbour lantern\n"
    assert run("account", "add", "amina", "--password-stdin", folder=tmp_path, text="short\n").returncode == 1
    added = run("account", "add", "amina", "--role", "admin", "--password-stdin", folder=tmp_path, text=password)
    assert added.stdout == "amina may sign in as admin.\n", added.stderr
    again = run("account", "add", "amina", "--password-stdin", folder=tmp_path, text=password)
    assert again.returncode == 1
    assert "account reset amina" in again.stderr
    assert run("account", "disable", "nobody", folder=tmp_path).returncode == 1
    assert run("account", "disable", "amina", folder=tmp_path).returncode == 0
    assert "disabled" in run("account", "list", folder=tmp_path).stdout
    assert run("account", "enable", "amina", folder=tmp_path).returncode == 0
    assert run("account", "reset", "amina", "--password-stdin", folder=tmp_path, text=password).returncode == 0


def test_a_changed_audit_log_is_found_out(tmp_path: Path) -> None:
    password = "violet harbour lantern\n"
    for name in ("amina", "luis"):
        run("account", "add", name, "--password-stdin", folder=tmp_path, text=password)
    verified = run("audit", "verify", folder=tmp_path)
    assert verified.stdout.startswith("2 lines, the chain holds."), verified.stderr
    head = verified.stdout.split()[-1]
    assert run("audit", "verify", "--expect", head, folder=tmp_path).returncode == 0
    with sqlite3.connect(tmp_path / "state" / "dispatch.sqlite3") as database:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM audit_log WHERE seq = 2")
        for trigger in ("update", "delete", "replace"):  # who owns the file can take the lock off, not mend the chain
            database.execute(f"DROP TRIGGER audit_log_no_{trigger}")
        database.execute("DELETE FROM audit_log WHERE seq = 2")
    cut = run("audit", "verify", "--expect", head, folder=tmp_path)
    assert cut.returncode == 1
    assert "lines at its end are missing" in cut.stderr
    with sqlite3.connect(tmp_path / "state" / "dispatch.sqlite3") as database:
        database.execute("UPDATE audit_log SET account = 'somebody else' WHERE seq = 1")
    changed = run("audit", "verify", folder=tmp_path)
    assert changed.returncode == 1
    assert "broken at line 1" in changed.stderr
