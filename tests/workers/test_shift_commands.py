"""Shifts on the command line: real processes on a state folder of their own."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.dispatch.test_calendar_files import ON_CALL, file
from tests.workers.test_cli import ROOT, run
from workers.cli import app

NIGHTS = file(ON_CALL + "RRULE:FREQ=WEEKLY;BYDAY=MO,SA", "UID:o\nSUMMARY:Leave\nDTSTART;VALUE=DATE:20260310")

SAMPLE = ROOT / "workers" / "sample" / "interpreters.csv"
BACKWARDS = file(ON_CALL.replace("20260303T06", "20260302T06"))


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with the sample roster and a calendar file."""
    assert run("roster", "import", str(SAMPLE), folder=tmp_path).returncode == 0
    (tmp_path / "nights.ics").write_bytes(NIGHTS)
    return tmp_path


def refused(folder: Path, *arguments: str) -> str:
    """What is said on standard error about a command that fails; within this process, which is quicker."""
    environment = {"DISPATCH_STATE_DIR": str(folder / "state")}
    done = CliRunner().invoke(app, list(arguments), env=environment)
    assert done.exit_code == 1, done.output
    assert done.stdout == ""
    return done.stderr


def test_an_encounter_that_does_not_exist_is_refused_as_it_would_ask_for_no_credential(installed: Path) -> None:
    asked = ("appointments", "add", "--requester", "+16175550101", "--language", "spa", "--at", "2099-12-01 10:00")
    assert "two years ahead" in refused(installed, *asked)
    soon = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d} 10:00"
    told = refused(installed, *asked[:-1], soon, "--encounter", "custody")
    assert "'custody' is not one of routine, interview, custodial" in told


def code_of() -> str:
    """The code of some interpreter on the roster."""
    return SAMPLE.read_text().splitlines()[1].split(",")[0]


def test_a_calendar_is_previewed_imported_shown_and_exported(installed: Path) -> None:
    code = code_of()
    arguments = ("shifts", "import", "nights.ics", "--interpreter", code)
    previewed = run(*arguments, "--preview", "--zone", "America/New_York", folder=installed)
    assert previewed.returncode == 0, previewed.stderr
    assert "on call  Mon 2026-03-02 22:00 to Tue 2026-03-03 06:00 (America/New_York), repeats" in previewed.stdout
    assert previewed.stdout.endswith(
        f"1 shifts and 1 times off would replace those of interpreter {code}; nothing was changed.\n"
    )
    assert "VEVENT" not in run("shifts", "export", code, folder=installed).stdout

    imported = run(*arguments, "--zone", "America/New_York", folder=installed)
    assert imported.stdout.endswith(f"1 shifts and 1 times off imported for interpreter {code}.\n")
    exported = run("shifts", "export", code, folder=installed).stdout
    assert exported.count("BEGIN:VEVENT") == 2
    (installed / "again.ics").write_text(exported)
    assert run("shifts", "import", "again.ics", "--interpreter", code, folder=installed).returncode == 0

    week = run("shifts", "show", code, "--week", "2026-03-08", folder=installed).stdout.splitlines()
    assert week[0] == "Mon 2026-03-02  22:00 to 24:00"
    assert week[1] == "Tue 2026-03-03  00:00 to 06:00"
    assert week[2] == "Wed 2026-03-04  not on call"
    assert week[6] == "Sun 2026-03-08  00:00 to 06:00"
    assert week[7].startswith("All times in America/New_York. Now: ")
    following = run("shifts", "show", code, "--week", "2026-03-10", folder=installed).stdout.splitlines()
    assert following[1] == "Tue 2026-03-10  not on call; time off 00:00 to 24:00"


def test_a_week_is_set_in_words_and_time_off_stays(installed: Path) -> None:
    code = code_of()
    assert run("shifts", "import", "nights.ics", "--interpreter", code, folder=installed).returncode == 0
    done = run("shifts", "set", code, "mon-fri 09:00-17:00; sat 22:00-06:00", "--zone", "Asia/Tokyo", folder=installed)
    assert done.stdout == f"2 shifts set for interpreter {code}.\n"
    exported = run("shifts", "export", code, folder=installed).stdout
    assert exported.count("SUMMARY:On call") == 2
    assert exported.count("SUMMARY:Time off") == 1
    assert "DTSTART;TZID=Asia/Tokyo:" in exported


def test_a_calendar_address_is_printed_and_can_be_made_anew(installed: Path) -> None:
    code = code_of()
    first = run("shifts", "feed", code, folder=installed).stdout
    assert first.startswith("http://127.0.0.1:8000/calendar/")
    assert first.endswith(".ics\n")
    assert run("shifts", "feed", code, folder=installed).stdout == first
    assert run("shifts", "feed", code, "--new", folder=installed).stdout != first


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        (BACKWARDS, ("--interpreter", "CODE"), 'event 1 ("On call"), DTEND: 2026-03-02 06:00 is not after'),
        (NIGHTS, ("--interpreter", "nobody"), "No interpreter has the code 'nobody'"),
        (NIGHTS, ("--interpreter", "CODE", "--zone", "Mars"), "'Mars' is not a time zone"),
        (b"hello", ("--interpreter", "CODE"), "is not an iCalendar file"),
        (None, ("--interpreter", "CODE"), "bad.ics: No such file"),
    ],
)
def test_a_calendar_that_cannot_be_imported_changes_nothing(
    installed: Path, content: bytes | None, arguments: tuple[str, ...], told: str
) -> None:
    code = code_of()
    assert run("shifts", "import", "nights.ics", "--interpreter", code, folder=installed).returncode == 0
    if content is not None:
        (installed / "bad.ics").write_bytes(content)
    given = tuple(code if one == "CODE" else one for one in arguments)
    assert told in refused(installed, "shifts", "import", str(installed / "bad.ics"), *given)
    assert run("shifts", "export", code, folder=installed).stdout.count("BEGIN:VEVENT") == 2


def test_a_week_that_is_no_day_is_named(installed: Path) -> None:
    assert "'soon' is not a day" in refused(installed, "shifts", "show", code_of(), "--week", "soon")


def test_an_appointment_is_booked_listed_and_called_off(installed: Path) -> None:
    code = code_of()
    wish = ("--requester", "+1 617 555 0142", "--language", "spanish", "--at", "2027-01-12 10:00")
    zone = ("--zone", "America/New_York")
    done = run("appointments", "add", *wish, *zone, "--interpreter", code, folder=installed)
    assert done.returncode == 0, done.stderr
    name, _, told = done.stdout.partition(": ")
    assert told == f"Spanish, Tue, Jan 12, 10:00 AM (America/New_York), 30 minutes, phone; interpreter {code}.\n"
    (listed,) = run("appointments", "list", "--json", folder=installed).stdout.splitlines()
    found = json.loads(listed)
    assert (found["code"], found["starts"], found["state"]) == (name, "2027-01-12T15:00:00+00:00", "booked")
    assert f"{name}  Spanish, Tue, Jan 12" in run("appointments", "list", folder=installed).stdout
    assert run("appointments", "cancel", name.lower(), folder=installed).stdout == f"{name}: cancelled.\n"
    assert run("appointments", "list", folder=installed).stdout == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"--at": "2020-01-01 10:00"}, "a time to come"),
        ({"--at": "soon"}, "'soon' is not a time"),
        ({"--at": "2027-01-12T10:00Z"}, "by the wall clock"),
        ({"--language": "klingon"}, "not a language"),
        ({"--requester": "12"}, "number"),
        ({"--interpreter": "nobody"}, "No interpreter has the code 'nobody'"),
    ],
)
def test_an_appointment_that_cannot_be_says_why(installed: Path, changed: dict[str, str], told: str) -> None:
    wish = {"--requester": "+16175550142", "--language": "spanish", "--at": "2027-01-12 10:00"} | changed
    assert told in refused(installed, "appointments", "add", *(word for pair in wish.items() for word in pair))
    assert run("appointments", "list", folder=installed).stdout == ""
