"""A process of its own for setting type: seconds of work for the processor, while this one answers calls.

It is started for the first document, gives way to everything else on the machine (`os.nice`), and ends with the process
that it works for. What it is asked and what it answers are pickled.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from dispatch.errors import DocumentsUnavailable

_Made = TypeVar("_Made")
_LONGEST = 120.0
"""Seconds that a document may take; a year told by day takes about a tenth of them on a quiet machine."""
_SHEETS = 50
"""Documents until the process is replaced by a new one, with the memory that it holds."""
_NICE = 3
"""Half of what calls get where both want all there is: they come first, and a document is still made."""


class Press:
    """One process, one document at a time. Safe between threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: Callable[..., _Made], *told: object) -> _Made:
        """What `work` makes of these, over there; what it raises is raised here.

        Raises DocumentsUnavailable where that process ended, or took too long.
        """
        pool = self._started()
        try:
            return pool.submit(work, *told).result(timeout=_LONGEST)
        except TimeoutError as error:
            self._replace(pool)
            raise DocumentsUnavailable("This PDF file takes too long. Ask for a shorter time.") from error
        except (BrokenProcessPool, RuntimeError) as error:
            self._replace(pool)
            raise DocumentsUnavailable("The program that makes PDF files has stopped. Try again.") from error

    def stop(self) -> None:
        """End the process; the next document starts another."""
        with self._turn:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        with self._turn:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1, multiprocessing.get_context("spawn"), initializer=_begin, max_tasks_per_child=_SHEETS
                )
            return self._pool

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        """Not waited for: it may hang."""
        with self._turn:
            if self._pool is broken:
                self._pool = None
        broken.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """In the new process: be nice, leave Ctrl-C to the one it works for, and end when that one does."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
