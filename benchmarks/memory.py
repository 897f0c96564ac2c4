"""Resident memory of the processes that know languages, each measured in a fresh process of its own.

    python -m benchmarks.memory

The speech worker's is read after it has listened to three recordings and written a gist of each; text identification's
after a hundred texts. Beside them: Python with the same libraries' own defaults. Aims: 600 MB and 250 MB.
"""

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

_CLIPS = sorted(str(path) for path in (Path(__file__).parents[1] / "workers" / "sample" / "speech").glob("*.wav"))
_SAID = "import psutil; print(int(psutil.Process().memory_info().rss / 1e6))"
_MEASURED = {
    "bare Python": ("", None),
    "faster-whisper's detect_language": (
        "from faster_whisper import WhisperModel, decode_audio\n"
        "from dispatch.settings import Settings\n"
        "from voice.model_files import model_folder\n"
        "s = Settings()\n"
        "m = WhisperModel(str(model_folder(s.speech_model, s.cache_dir)), device='cpu', compute_type='int8')\n"
        f"for clip in {_CLIPS!r}: m.detect_language(decode_audio(clip))\n",
        None,
    ),
    "speech worker": (
        "from dispatch.settings import Settings\n"
        "from workers import wiring, jobs, performing\n"
        "s = Settings()\n"
        "l = wiring.listener(s)\n"
        f"for clip in {_CLIPS!r}:\n"
        "    heard = l.identify(open(clip, 'rb').read(), wiring.prior_of(s))\n"
        "    l.gist(heard, heard.language)\n",
        600,
    ),
    "speech worker, every clip read in words": (
        "from dispatch.settings import Settings\n"
        "from workers import wiring, jobs, performing\n"
        "s = Settings(speech_accept=1.0)\n"
        "l = wiring.listener(s)\n"
        f"for clip in {_CLIPS!r}:\n"
        "    heard = l.identify(open(clip, 'rb').read(), wiring.prior_of(s))\n"
        "    l.gist(heard, heard.language)\n",
        600,
    ),
    "text identification": (
        "from voice.textid import identify_text\n"
        "said = ['necesito ayuda con mi casa', 'mwen bezwen yon moun', 'tôi cần giúp']\n"
        "for n in range(100): identify_text(said[n % 3])\n",
        250,
    ),
}


def main() -> None:
    """Run it."""
    table = Table("process", "resident MB", "aim")
    for name, (code, aim) in _MEASURED.items():
        done = subprocess.run([sys.executable, "-c", code + _SAID], capture_output=True, text=True, check=True)
        table.add_row(name, done.stdout.strip().splitlines()[-1], f"under {aim}" if aim else "")
    Console().print(table)


if __name__ == "__main__":
    main()
