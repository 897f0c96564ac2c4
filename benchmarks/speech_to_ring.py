"""From the end of what a caller says to the first ring of an interpreter, on a whole installation on this machine.

    python -m benchmarks.speech_to_ring [--calls 12]

The clock starts when the carrier has the whole recording and asks what comes next, and stops when it begins to ring the
interpreter. Recording ends after 2 s of silence, which comes on top. Beside it: what faster-whisper's own
`detect_language` (30 s window) takes for the same recordings on the same machine.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from faster_whisper import WhisperModel
from rich.console import Console
from rich.table import Table

from dispatch.clock import SystemClock
from dispatch.settings import Settings
from dispatch.store import Store
from voice.audio import at_16k, decode
from voice.model_files import model_folder
from workers import roster
from workers.running import complete, start
from workers.scenarios import SPEECH, Phones
from workers.supervisor import Supervisor

_SAMPLE = SPEECH.parent
_CALLER, _HOTLINE = "+16175550150", "+16175550100"
_CLIPS = ("spanish.wav", "french.wav")


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--calls", type=int, default=12)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder))
        try:
            took = calls(supervisor, Path(folder), told.calls)
        finally:
            supervisor.stop()
    default = detect_language_alone(told.calls)
    table = Table("from the end of the recording", "median s", "longest s")
    for name, times in (
        ("to the first ring, everything included", took),
        ("detect_language alone (30 s window)", default),
    ):
        table.add_row(name, f"{statistics.median(times):.2f}", f"{max(times):.2f}")
    Console(width=100).print(table)


def calls(supervisor: Supervisor, folder: Path, count: int) -> list[float]:
    """Seconds of each call."""
    settings = complete(supervisor, Settings(_env_file=None, state_dir=folder, bind_port=0), local=True)  # type: ignore[call-arg]
    for name in ("interpreters.csv", "officers.csv"):
        roster.import_file(settings, (_SAMPLE / name).read_text(encoding="utf-8"))
    addresses = start(supervisor, settings, ["--speed", "10", "--calls-per-second", "0"])
    phones = Phones(addresses.carrier)
    store = Store(settings.store_url, settings.secret_key.get_secret_value())
    took = []
    for number in range(count + 1):
        phones.mark()
        phones.do(_CALLER, "call", to=_HOTLINE)
        phones.wait("the tone", lambda e: e["kind"] == "recording")
        phones.speak(_CALLER, (SPEECH / _CLIPS[number % 2]).read_bytes())
        recorded = phones.wait("the recording", lambda e: e["kind"] == "recorded")
        ringing = phones.wait("the ring", lambda e: e["kind"] == "ringing")
        if number:  # the first call warms the model up
            took.append(ringing["at"] - recorded["at"])
        phones.do(_CALLER, "hang-up")
        phones.wait(
            "the end of the ring", lambda e, phone=ringing["phone"]: e["kind"] == "ended" and e["phone"] == phone
        )
        with store.transaction() as tx:
            for one in tx.roster():
                tx.start_wrap_up(one.id, SystemClock().now())
    phones.close()
    store.close()
    return took


def detect_language_alone(count: int) -> list[float]:
    """The library's own way, the same model and threads."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    model = WhisperModel(
        str(model_folder(settings.speech_model, settings.cache_dir)),
        device="cpu",
        compute_type="int8",
        cpu_threads=settings.speech_threads,
    )
    took = []
    for number in range(count + 1):
        clip = at_16k(decode((SPEECH / _CLIPS[number % 2]).read_bytes()))
        began = time.perf_counter()
        model.detect_language(clip)
        if number:
            took.append(time.perf_counter() - began)
    return took


if __name__ == "__main__":
    main()
