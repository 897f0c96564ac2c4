"""The demo, as the README starts it: both scenarios, at people's own pace, and nothing left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_connects_both_scenarios_and_stops_what_it_started(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "interpreter-dispatch"), "demo", "--exit", "--json"]
    state = {**os.environ, "DISPATCH_STATE_DIR": str(tmp_path / "state")}
    done = subprocess.run(command, capture_output=True, text=True, env=state, cwd=tmp_path, timeout=240)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["connected"], first
    assert second["connected"], second
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True)
    assert left.stdout == ""
