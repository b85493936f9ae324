"""Every use case that somebody asks for, with the least role it needs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from evaluand.domain.model import Principal, Purpose, Role, TargetKind
from evaluand.domain.paging import PageRequest
from evaluand.ports import ExecutionFilter, RankFilter
from evaluand.services import Services
from evaluand.testing.builders import some_content
from evaluand.testing.core import Core

EXTRACTOR = TargetKind.EXTRACTOR
PAGE = PageRequest(size=50)
EXPECTED = {"value": {"total": 7}}
Ids = Mapping[str, Any]


class Case(NamedTuple):
    """A use case that names things by their ids, and the least role it needs."""

    call: Callable[[Services, Principal, Ids], Any]
    role: Role = Role.VIEWER


async def _bytes(data: bytes) -> Any:
    yield data


def _upload(services: Services, who: Principal, ids: Ids) -> Awaitable[Any]:
    return services.files.upload(
        who, name="a.txt", content_type=None, chunks=_bytes(b"text"), password=None
    )


def _publish(services: Services, who: Principal, ids: Ids) -> Any:
    return services.targets.publish(
        who, EXTRACTOR, ids["target"], major=False, description=None, config=None
    )


def _process(services: Services, who: Principal, ids: Ids) -> Any:
    return services.runs.process(
        who, EXTRACTOR, [some_content()], purpose=Purpose.SINGLE, target=ids["target"]
    )


# Those that begin by naming a thing: for another tenant's the answer is that there is none.
NAMING: dict[str, Case] = {
    "files.get": Case(lambda s, p, x: s.files.get(p, x["file"])),
    "files.many": Case(lambda s, p, x: s.files.many(p, {"fileId": x["file"]})),
    "files.delete": Case(lambda s, p, x: s.files.delete(p, x["file"]), Role.MEMBER),
    "targets.get": Case(lambda s, p, x: s.targets.get(p, EXTRACTOR, x["target"])),
    "targets.any": Case(lambda s, p, x: s.targets.any(p, x["target"], "entityId")),
    "targets.clone": Case(
        lambda s, p, x: s.targets.clone(p, EXTRACTOR, name="copy", source=x["target"]), Role.MEMBER
    ),
    "targets.update": Case(
        lambda s, p, x: s.targets.update(p, EXTRACTOR, x["target"], name="new", config={}),
        Role.MEMBER,
    ),
    "targets.publish": Case(_publish, Role.MEMBER),
    "targets.version": Case(lambda s, p, x: s.targets.version(p, x["target"], x["version"])),
    "targets.versions": Case(lambda s, p, x: s.targets.versions(p, EXTRACTOR, x["target"], PAGE)),
    "sets.create": Case(
        lambda s, p, x: s.sets.create(p, name="a", description="", target=x["target"]), Role.MEMBER
    ),
    "sets.get": Case(lambda s, p, x: s.sets.get(p, x["set"])),
    "sets.delete": Case(lambda s, p, x: s.sets.delete(p, x["set"]), Role.ADMIN),
    "sets.add_items": Case(
        lambda s, p, x: s.sets.add_items(p, x["set"], [some_content()]), Role.MEMBER
    ),
    "sets.item": Case(lambda s, p, x: s.sets.item(p, x["set"], x["item"])),
    "sets.items": Case(lambda s, p, x: s.sets.items(p, x["set"], PAGE)),
    "sets.expect": Case(
        lambda s, p, x: s.sets.expect(p, x["set"], x["item"], EXPECTED), Role.MEMBER
    ),
    "sets.revise": Case(
        lambda s, p, x: s.sets.revise(p, x["set"], x["item"], some_content(3)), Role.MEMBER
    ),
    "sets.delete_item": Case(
        lambda s, p, x: s.sets.delete_item(p, x["set"], x["item"]), Role.MEMBER
    ),
    "runs.start": Case(lambda s, p, x: s.runs.start(p, evaluation_set=x["set"]), Role.MEMBER),
    "runs.process": Case(_process, Role.MEMBER),
    "runs.get": Case(lambda s, p, x: s.runs.get(p, x["run"])),
    "runs.cancel": Case(lambda s, p, x: s.runs.cancel(p, x["run"]), Role.MEMBER),
    "runs.resume": Case(lambda s, p, x: s.runs.resume(p, x["cancelled"]), Role.MEMBER),
    "runs.execution": Case(lambda s, p, x: s.runs.execution(p, EXTRACTOR, x["execution"])),
    "runs.cancel_execution": Case(
        lambda s, p, x: s.runs.cancel_execution(p, EXTRACTOR, x["open"]), Role.MEMBER
    ),
    "runs.delete_execution": Case(
        lambda s, p, x: s.runs.delete_execution(p, EXTRACTOR, x["execution"]), Role.MEMBER
    ),
}

# Those that name nothing, or hold a thing already: for another tenant there is nothing to see.
OTHERS: dict[str, Case] = {
    "files.upload": Case(_upload, Role.MEMBER),
    "files.fetch": Case(lambda s, p, x: s.files.fetch(p, "http://a/b.txt", name=None), Role.MEMBER),
    "files.from_text": Case(lambda s, p, x: s.files.from_text(p, "text", name=None), Role.MEMBER),
    "files.page": Case(lambda s, p, x: s.files.page(p, PAGE, name_contains=None).rows),
    "files.link": Case(lambda s, p, x: s.files.link(p, x["of"].file)),
    "targets.create": Case(
        lambda s, p, x: s.targets.create(p, EXTRACTOR, name="a", config=None), Role.MEMBER
    ),
    "targets.page": Case(lambda s, p, x: s.targets.page(p, EXTRACTOR, PAGE).rows),
    "sets.page": Case(lambda s, p, x: s.sets.page(p, PAGE, target=None).rows),
    "runs.page": Case(lambda s, p, x: s.runs.page(p, PAGE, purposes=None).rows),
    "runs.executions": Case(
        lambda s, p, x: s.runs.executions(p, PAGE, ExecutionFilter(kind=EXTRACTOR)).rows
    ),
    "runs.scores": Case(lambda s, p, x: s.runs.scores(p, x["of"].run, [0])[0]),
    "runs.worst": Case(
        lambda s, p, x: s.runs.worst(p, x["of"].run, RankFilter(metric=None), PAGE).rows
    ),
    "drafts.schema": Case(lambda s, p, x: s.drafts.schema(p, [x["of"].file]), Role.MEMBER),
}
CASES = NAMING | OTHERS
WRITING = [name for name, case in CASES.items() if case.role is not Role.VIEWER]
LISTS = [
    name
    for name, case in OTHERS.items()
    if name.endswith(("page", "executions", "scores", "worst"))
]


def tried(name: str, core: Core, who: Principal, ids: Ids) -> Any:
    async def call() -> Any:
        result = CASES[name].call(core.services, who, ids)
        return await result if inspect.isawaitable(result) else result

    return asyncio.run(call())
