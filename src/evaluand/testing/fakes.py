"""Fakes at the ports of the outside world: they remember what they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluand.domain.documents import FileFacts
from evaluand.domain.ids import PublicId
from evaluand.domain.model import (
    Answer,
    File,
    ItemContent,
    Json,
    TargetKind,
)
from evaluand.errors import InvalidConfig
from evaluand.ports import Caller, CallFailed, Request, Response


class EchoTarget:
    """Fits :class:`evaluand.ports.TargetEngine`: answers with what is expected of the item."""

    name = "echo"
    kinds = frozenset(TargetKind)
    lanes = 4

    def check(self, kind: TargetKind, config: Json) -> None:
        """Nothing is wrong with any configuration."""

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The configuration as it is."""
        return config

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        """The expected output."""
        return Answer(output=content.expected or {})


class PermissiveCatalog:
    """Fits :class:`evaluand.ports.Catalog`; only configurations with ``broken`` are refused."""

    def __init__(self) -> None:
        self._engine = EchoTarget()

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig for a configuration that says it is broken."""
        if "broken" in config:
            raise InvalidConfig("The configuration is broken. Path: broken", field="config")

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The configuration with the engine in it. Raises InvalidConfig as ``check`` does."""
        self.check(kind, config)
        return {**config, "engine": {"kind": self._engine.name}}

    def engine(self, kind: TargetKind, config: Json) -> EchoTarget:
        """The one engine there is."""
        return self._engine


class NotedEngine:
    """Fits :class:`evaluand.ports.Engine`: notes the runs it is told of and works on none."""

    def __init__(self) -> None:
        self.submitted: list[int] = []
        self.cancelled: list[int] = []

    def submit(self, run: int) -> None:
        """Notes the run as submitted."""
        self.submitted.append(run)

    def cancel(self, run: int) -> None:
        """Notes the run as cancelled."""
        self.cancelled.append(run)


class FixedProbe:
    """Fits :class:`evaluand.ports.DocumentProbe`: says the same of each file, or raises."""

    def __init__(self) -> None:
        self.facts = FileFacts(kind="TXT", page_count=1)
        self.failure: Exception | None = None
        self.asked: list[tuple[str, str | None, str | None]] = []

    async def probe(
        self, path: Path, *, name: str, content_type: str | None, password: str | None
    ) -> FileFacts:
        """The facts set, or the failure set."""
        self.asked.append((name, content_type, password))
        if self.failure is not None:
            raise self.failure
        return self.facts


class ScriptedHttp:
    """Fits :class:`evaluand.ports.Http`: answers by URL; an address not known fails."""

    def __init__(self) -> None:
        self.answers: dict[str, Response | CallFailed] = {}
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Response:
        """The answer set for the request's URL. Raises CallFailed where one is set, or none."""
        self.sent.append(request)
        unknown = CallFailed("unreachable", f"{request.url} cannot be reached", retryable=True)
        answer = self.answers.get(request.url, unknown)
        if isinstance(answer, CallFailed):
            raise answer
        return answer


class FixedDrafter:
    """Fits :class:`evaluand.ports.SchemaDrafter`: proposes one text field per file."""

    def __init__(self) -> None:
        self.asked: list[PublicId] = []

    async def draft(self, files: Sequence[File]) -> Json:
        """A schema with as many fields as there are files."""
        self.asked += [file.id for file in files]
        fields = {f"field_{place}": {"type": ["string", "null"]} for place in range(len(files))}
        return {"type": "object", "properties": fields}
