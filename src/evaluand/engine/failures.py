"""In which words and as which errors the end of a child process reaches the caller."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import Any

from evaluand.engine.child import Outcome
from evaluand.errors import DocumentUnreadable, EvaluandError, EvaluatorFailed, ReadingStopped

# How processes end for want of memory: the kernel kills what takes the machine's last, and C++
# libraries abort when an allocation fails. Segmentation faults are the library's own.
OUT_OF_MEMORY_SIGNALS = frozenset({-signal.SIGKILL, -signal.SIGABRT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The errors of one kind of work.

    ``stopped`` is raised for work ended from outside, ``crashed`` for work that failed by itself.
    ``work`` begins the messages, ``advice`` says what to do about the input, and the settings
    named are those that allow more.
    """

    stopped: type[EvaluandError]
    crashed: type[EvaluandError]
    work: str
    advice: str
    timeout_setting: str
    memory_setting: str

    def too_slow(self, timeout_s: float) -> EvaluandError:
        return self.stopped(
            f"{self.work} was stopped after {timeout_s:g} s: {self.advice},"
            f" or raise {self.timeout_setting}"
        )

    def too_large(self, memory_mb: int | None) -> EvaluandError:
        limit = "all memory there is" if memory_mb is None else f"{memory_mb} MB of memory"
        return self.stopped(
            f"{self.work} was stopped because it took more than {limit}: {self.advice},"
            f" or raise {self.memory_setting}"
        )

    def died(self, exit_code: int, memory_mb: int | None) -> EvaluandError:
        """The error for a child that ended by itself; negative codes are signals."""
        if exit_code in OUT_OF_MEMORY_SIGNALS:
            return self.too_large(memory_mb)
        how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
        return self.crashed(
            f"{self.work} crashed its process ({how}): {self.advice}; if it is a large one,"
            f" raising {self.memory_setting} may help"
        )

    def unpack(self, outcome: Outcome) -> Any:
        """The value of an outcome; raises its error."""
        if outcome.error is not None:
            raise outcome.error
        if outcome.surprise is not None:
            raise self.crashed(f"{self.work} failed ({outcome.surprise}): {self.advice}")
        return outcome.value


READING = Failures(
    stopped=ReadingStopped,
    crashed=DocumentUnreadable,
    work="Reading the document",
    advice="open it in its program and save or print it anew, or split it",
    timeout_setting="EVALUAND_DOCUMENT_TIMEOUT_S",
    memory_setting="EVALUAND_DOCUMENT_MEMORY_MB",
)

LOOKING = replace(
    READING, work="The first look at the file", timeout_setting="EVALUAND_UPLOAD_TIMEOUT_S"
)

MEASURING = Failures(
    stopped=EvaluatorFailed,
    crashed=EvaluatorFailed,
    work="Measuring",
    advice="look for an item whose output or expected output is very large",
    timeout_setting="EVALUAND_SCORING_TIMEOUT_S",
    memory_setting="EVALUAND_DOCUMENT_MEMORY_MB",
)
