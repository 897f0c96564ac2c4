"""Imports go workers -> voice -> dispatch and never back; the core does no I/O."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "dispatch": {"dispatch"},
    "voice": {"voice", "dispatch"},
    "workers": {"workers", "voice", "dispatch"},
}
CORE = (
    "accounts",
    "after_session",
    "agency",
    "answering",
    "appointment",
    "appointment_steps",
    "arrival",
    "audit",
    "by_hand",
    "calendar_files",
    "causes",
    "certificates",
    "coming_free",
    "contacts",
    "coverage",
    "coverage_view",
    "coverage_week",
    "effects",
    "eligibility",
    "escalation",
    "events",
    "invitation",
    "inviting",
    "ladder",
    "language_access",
    "occupancy",
    "language_rows",
    "offer",
    "outcomes",
    "override_events",
    "overrides",
    "pacing",
    "people",
    "phone_check",
    "policy",
    "prompts",
    "quality_tasks",
    "ratings",
    "reports",
    "request",
    "retention",
    "ring_plan",
    "ringing",
    "roster_search",
    "routing",
    "sessions",
    "shift_form",
    "shifts",
    "start_times",
    "steps",
    "supply",
    "suppression",
    "values",
    "waiting",
    "what_if",
    "week_grid",
    "writing",
    "writing_events",
    "written_sessions",
    "written_texts",
)
WITH_IO = {
    "os",
    "socket",
    "subprocess",
    "httpx",
    "redis",
    "rq",
    "sqlalchemy",
    "starlette",
    "time",
    "logging",
    "pathlib",
}


def imported(path: Path) -> set[str]:
    """Top-level names of the modules a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_downwards(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        ours = imported(path) & set(MAY_IMPORT)
        assert ours <= MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {ours - MAY_IMPORT[package]}"


@pytest.mark.parametrize("module", CORE)
def test_the_core_does_no_io_and_reads_no_clock(module: str) -> None:
    path = ROOT / "dispatch" / f"{module}.py"
    assert not imported(path) & WITH_IO
    assert ".now(" not in path.read_text()


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 420
    }
    assert not long
