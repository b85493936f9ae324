"""A server at work stays quick to ask and small in memory."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import httpx
import psutil
import pytest
from tests.acceptance.engine_serving import (
    FINAL,
    PATIENCE_S,
    a_set_of_invoices,
    a_set_of_long_texts,
    counting_provider,
    run_of,
    served,
    started,
)

pytestmark = pytest.mark.slow

# Children and server share the processors of the machine, and other tests may too: a server that
# computes in its event loop answers after seconds, a hundred times later than an idle one.
SLOWER_AT_MOST = 30
NEVER_MIND_S = 0.1
SAMPLES = 30
MANY = 10_000
LARGEST_MB = 400


def timed(client: httpx.Client, run_id: str) -> tuple[float, str]:
    """How long a look at the run takes, and its status."""
    begun = time.perf_counter()
    status = run_of(client, run_id)["status"]
    return time.perf_counter() - begun, status


def test_polling_stays_quick_while_documents_are_read(tmp_path: Path) -> None:
    with served(tmp_path, EVALUAND_PROCESSES="2") as server, server.client() as client:
        run_id = started(client, a_set_of_long_texts(client, 6))
        busy: list[float] = []
        status = ""
        while status not in FINAL:
            took_s, status = timed(client, run_id)
            busy.append(took_s)
            time.sleep(0.05)
        idle = [timed(client, run_id)[0] for _ in range(SAMPLES)]
    assert status == "PROCESSED"
    assert len(busy) >= SAMPLES, "the documents were read too quickly to show anything"
    bound_s = max(NEVER_MIND_S, SLOWER_AT_MOST * statistics.median(idle))
    assert statistics.median(busy) < bound_s


def test_ten_thousand_items_stay_small_in_memory(tmp_path: Path) -> None:
    with (
        counting_provider(tmp_path, latency_ms=0) as witness,
        served(tmp_path) as server,
        server.client() as client,
    ):
        engine = {"kind": "http", "url": witness.endpoint}
        run_id = started(client, a_set_of_invoices(client, MANY, engine, files=1))
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        status, largest = "", 0
        end = time.monotonic() + 3 * PATIENCE_S
        while status not in FINAL and time.monotonic() < end:
            status = run_of(client, run_id)["status"]
            largest = max(largest, process.memory_info().rss)
            time.sleep(0.2)
    assert status == "PROCESSED"
    assert largest < LARGEST_MB * 2**20
