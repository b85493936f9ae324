"""The inside of a child process: its limits, its end, and how it reports what went wrong."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

from evaluand.errors import EvaluandError

if sys.platform != "win32":
    import fcntl
    import resource

# How libraries in C and C++ word it when an allocation fails; Python has MemoryError.
OUT_OF_MEMORY = re.compile(r"bad.?alloc|insufficient memory|allocate memory|out of memory", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job: a value, an error to raise, words of an unforeseen one, no memory.

    Values, because exceptions of libraries often cannot be pickled or unpickled.
    """

    value: Any = None
    error: EvaluandError | None = None
    surprise: str | None = None
    out_of_memory: bool = False


def guarded(function: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    """The outcome of ``function(*args)``, whatever it raises."""
    try:
        return Outcome(value=function(*args))
    except EvaluandError as error:
        return Outcome(error=error)
    except MemoryError:
        return Outcome(out_of_memory=True)
    except Exception as error:  # the job's code and its libraries may raise anything
        words = f"{type(error).__name__}: {error}"
        return Outcome(surprise=words, out_of_memory=OUT_OF_MEMORY.search(words) is not None)


def prepare(memory_mb: int | None) -> None:
    """Makes this process a good child: mortal, bounded, and never without its parent."""
    # Python handlers wait for C code to return; the system's own end comes at once.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound(memory_mb)
    _end_with_parent()


def _bound(memory_mb: int | None) -> None:
    if sys.platform == "win32":
        return
    # A crash must not write the customer's document to a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_mb is not None:
        # Private writable memory. The address space (RLIMIT_AS) would count mapped libraries and
        # reserved arenas, of which onnxruntime has gigabytes it never touches.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * 2**20, memory_mb * 2**20))


def _end_with_parent() -> None:
    """Ends this process when its parent ends, even by SIGKILL and whatever this process is at.

    The system closes the parent's end of a pipe however the parent ends. Linux turns that into a
    signal, which ends even C code that never gives Python a turn; elsewhere a thread waits for it.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
        if connection.wait([parent.sentinel], timeout=0):  # it ended before the signal was set
            os._exit(1)
    else:
        threading.Thread(target=_wait_for, args=(parent.sentinel,), daemon=True).start()


def _wait_for(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
