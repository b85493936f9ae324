"""The few requests the measurements need, over the Extend face."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

_AT_ONCE = 8
_ITEMS_PER_REQUEST = 100
_FINAL = frozenset({"PROCESSED", "FAILED", "CANCELLED"})

CLASSES = [
    {"id": "invoice", "type": "invoice", "description": "A bill for goods or services"},
    {"id": "letter", "type": "letter", "description": "A letter from one person to another"},
    {"id": "other", "type": "other", "description": "None of the other classes"},
]


class Client:
    """An HTTP client with a key."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"authorization": f"Bearer {key}", "x-extend-api-version": "2026-02-09"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=120)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a POST."""
        return _checked(self.http.post(path, json=body))

    def get(self, path: str) -> dict[str, Any]:
        """The answer to a GET."""
        return _checked(self.http.get(path))

    def upload(self, texts: Iterable[tuple[str, str]]) -> list[str]:
        """The ids of text files with these names and contents, in order."""

        def one(named: tuple[str, str]) -> str:
            form = {"file": (named[0], named[1].encode(), "text/plain")}
            uploaded: str = _checked(self.http.post("/files/upload", files=form))["id"]
            return uploaded

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(one, texts))

    def classifier_set(self, files: Sequence[str], engine: dict[str, Any]) -> str:
        """A set of files that are all said to be invoices, for a new classifier."""
        config = {"classifications": CLASSES, "engine": engine}
        classifier = self.post("/classifiers", {"name": "Bench", "config": config})
        made = self.post("/evaluation_sets", {"name": "Bench", "entityId": classifier["id"]})
        expected = {"id": "invoice", "type": "invoice"}
        for start in range(0, len(files), _ITEMS_PER_REQUEST):
            chunk = files[start : start + _ITEMS_PER_REQUEST]
            items = [{"fileId": file, "expectedOutput": expected} for file in chunk]
            self.post(f"/evaluation_sets/{made['id']}/items", {"items": items})
        set_id: str = made["id"]
        return set_id

    def start(self, set_id: str) -> str:
        """The id of a new run of a set."""
        run: str = self.post("/evaluation_set_runs", {"evaluationSetId": set_id})["id"]
        return run

    def wait(self, run: str, patience_s: float) -> dict[str, Any]:
        """The run once its status is final."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            found = self.get(f"/evaluation_set_runs/{run}")
            if found["status"] in _FINAL:
                return found
            time.sleep(0.2)
        raise TimeoutError(f"run {run} was not done within {patience_s:g} s")


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise RuntimeError(f"{answer.request.url}: {answer.status_code} {answer.text}")
    body: dict[str, Any] = answer.json()
    return body
