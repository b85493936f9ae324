"""Waiting for runs the way users of the SDK do, only less patiently."""

from __future__ import annotations

import time
from typing import Any

from extend_ai import Extend

FINAL = ("PROCESSED", "FAILED", "CANCELLED")
_PATIENCE_S = 60.0
_PAUSE_S = 0.1


def evaluated(client: Extend, set_id: str, **options: Any) -> Any:
    """A finished evaluation run of the set."""
    run = client.evaluation_set_runs.create(evaluation_set_id=set_id, **options)
    return wait(client.evaluation_set_runs, run)


def wait(resource: Any, run: Any) -> Any:
    """The run once its status is final."""
    end = time.monotonic() + _PATIENCE_S
    while run.status not in FINAL:
        if time.monotonic() > end:
            raise TimeoutError(f"{run.id} is still {run.status}")
        time.sleep(_PAUSE_S)
        run = resource.retrieve(run.id)
    return run


def every(fetch: Any, **options: Any) -> list[Any]:
    """All rows of a list, page after page."""
    rows: list[Any] = []
    token: str | None = None
    while True:
        page = fetch(next_page_token=token, **options) if token else fetch(**options)
        rows += page.data
        token = page.next_page_token
        if not token:
            return rows
        assert page.data
