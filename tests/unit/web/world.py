"""The pages over a real store in memory, with runs that were measured by the real metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from evaluand.domain.documents import PageSize
from evaluand.domain.ids import to_base62
from evaluand.domain.lifecycle import final_status, outcome_of
from evaluand.domain.model import (
    Answer,
    Counters,
    Execution,
    Failure,
    File,
    ItemContent,
    Json,
    Role,
    Run,
    Score,
    TargetKind,
    Usage,
)
from evaluand.engine.scoring import Answered, fold_chunk, measure_batch, summarise
from evaluand.errors import CorruptFile
from evaluand.evaluators.registry import evaluator
from evaluand.ports import ItemResult, ItemTally
from evaluand.services.page_images import DocumentPages
from evaluand.services.results import Results
from evaluand.services.sessions import Sessions
from evaluand.testing.builders import (
    a_file,
    a_flush,
    a_run,
    a_snapshot,
)
from evaluand.testing.clock import START
from evaluand.testing.core import Core
from evaluand.testing.ledger import commit, take
from evaluand.web.application import build_pages
from evaluand.web.parts import Parts

ORIGIN = "http://pages.test"
SECRET = b"what signs sessions in tests"
# One pixel; what it shows does not matter here.
PICTURE = b"RIFF....WEBP"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "vendor": {"type": ["string", "null"]},
        "total": {"type": ["number", "null"]},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": ["string", "null"]},
                    "amount": {"type": ["number", "null"]},
                },
            },
        },
    },
}
CLASSES = {"classifications": [{"id": kind, "type": kind} for kind in ("bill", "letter", "other")]}


class FakeImages:
    """Fits :class:`evaluand.ports.PageImages`: A4 pages, all alike."""

    def __init__(self) -> None:
        self.drawn: list[tuple[str, int, int]] = []

    async def sizes(self, file: File) -> Sequence[PageSize]:
        """As many pages as the file says it has; a broken file says why it is one."""
        if file.name.startswith("broken"):
            raise CorruptFile(f"'{file.name}' is broken")
        return [PageSize(595.0, 842.0)] * (file.page_count or 0)

    async def image(self, file: File, number: int, dpi: int) -> bytes:
        """Always the same picture."""
        self.drawn.append((file.name, number, dpi))
        return PICTURE


class Browser:
    """What a browser does: keeps cookies, names the origin of its forms."""

    def __init__(self, pages: Any) -> None:
        self._pages = pages
        self.cookies = httpx.Cookies()

    def get(self, path: str, **headers: str) -> httpx.Response:
        """A page, redirects not followed."""
        return self._send("GET", path, headers=headers)

    def post(
        self, path: str, data: dict[str, str] | None = None, origin: str | None = ORIGIN
    ) -> httpx.Response:
        """A form sent from the page at ``origin``."""
        headers = {} if origin is None else {"origin": origin}
        return self._send("POST", path, data=data or {}, headers=headers)

    def sign_in(self, token: str) -> None:
        """Opens a session."""
        assert self.post("/sign-in", {"key": token}).status_code == 303

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._pages)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                client.cookies = self.cookies
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(send())


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The pages, and what they are about."""

    core: Core
    workspace: int
    images: FakeImages = field(default_factory=FakeImages)
    sessions: Sessions

    def browser(self, role: Role | None = Role.MEMBER, workspace: str = "invoices") -> Browser:
        """A browser, signed in with a key of this role; not signed in for None."""
        browser = Browser(build_pages(self.parts()))
        if role is not None:
            browser.sign_in(self.token(role, workspace))
        return browser

    def token(self, role: Role = Role.MEMBER, workspace: str | None = "invoices") -> str:
        """A new key."""
        made = self.core.services.access.create_key(
            workspace=workspace, organization="acme", role=role, name="tester"
        )
        return made.token

    def parts(self, public_url: str = "") -> Parts:
        """What the pages are made of."""
        services = self.core.services
        return Parts(
            services=services,
            sessions=self.sessions,
            results=Results(services.runs),
            documents=DocumentPages(files=services.files, images=self.images),
            now=self.core.clock.now,
            public_url=public_url,
        )

    def upload(self, name: str = "invoice.pdf", pages: int = 1, **other: Any) -> File:
        """A stored file."""
        file = a_file(name, page_count=pages, **other)
        return self.core.store.workspace(self.workspace).files.add(file)

    def run(
        self,
        items: Sequence[tuple[ItemContent, Json | Failure]],
        kind: TargetKind = TargetKind.EXTRACTOR,
        config: Json | None = None,
        *,
        finished: bool = True,
    ) -> Run:
        """A run whose items were answered like that, measured by the kind's own metric."""
        snapshot = a_snapshot(kind, config or {"schema": SCHEMA})
        contents = [content for content, _ in items]
        door, ledger = self.core.store.workspace(self.workspace), self.core.store.ledger
        run = a_run(door, snapshot=snapshot, contents=contents)
        take(ledger, run)
        answers = [answer for _, answer in items]
        outputs = [None if isinstance(each, Failure) else each for each in answers]
        answered = [Answered(*pair) for pair in zip(contents, outputs, strict=True)]
        scores = measure_batch(evaluator, snapshot.config, snapshot.suite, answered)
        results = [
            self._result(run, place, answer, measured)
            for place, (answer, measured) in enumerate(zip(answers, scores, strict=True))
        ]
        commit(ledger, a_flush(results=results if finished else results[:-1]))
        if finished:
            self._finish(run, results)
        found = door.runs.get(run.id)
        assert found is not None
        return found

    def _result(
        self, run: Run, place: int, answer: Json | Failure, scores: tuple[Score, ...]
    ) -> ItemResult:
        failed = isinstance(answer, Failure)
        execution = Execution(
            position=place,
            outcome=outcome_of(failed, scores),
            answer=Answer(failure=answer) if isinstance(answer, Failure) else Answer(output=answer),
            usage=Usage(),
            started_at=START,
            finished_at=START,
            latency_ms=1_500 + place,
        )
        return ItemResult(run=run.key, workspace=self.workspace, execution=execution, scores=scores)

    def _finish(self, run: Run, results: Sequence[ItemResult]) -> None:
        config, suite = run.snapshot.config, run.snapshot.suite
        tallies = [
            ItemTally(
                outcome=result.execution.outcome,
                latency_ms=result.execution.latency_ms,
                pages=None,
                details={score.metric: score.detail for score in result.scores},
            )
            for result in results
        ]
        fold = fold_chunk(evaluator, config, suite, tallies)
        summary = summarise(evaluator, config, suite, [fold])
        errors = sum(result.execution.outcome == "error" for result in results)
        counters = Counters(error=errors, passed=len(results) - errors)
        status = final_status(counters, len(results))
        self.core.store.ledger.finish(run.key, status, summary, None, START)


def address(run: Run, rest: str = "") -> str:
    """The path of a run's page."""
    return f"/runs/{to_base62(run.id)}{rest}"
