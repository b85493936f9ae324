"""Every use case: what a role may do, and that another tenant's things are simply unknown."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import pytest

from evaluand.domain.ids import PublicId
from evaluand.domain.model import Principal, Purpose, Role, Suite, TargetKind
from evaluand.domain.paging import PageRequest
from evaluand.errors import EvaluandError, Forbidden, NotFound
from evaluand.ports import ExecutionFilter, RankFilter
from evaluand.services import Services
from evaluand.services.results import Results
from evaluand.store.sql import SqlStore
from evaluand.testing.belongings import Belongings, furnish, no_ids
from evaluand.testing.builders import some_content
from evaluand.testing.core import Core
from evaluand.testing.watching import everything

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


def acting(principal: Principal, role: Role) -> Principal:
    return dataclasses.replace(principal, role=role)


@pytest.fixture
def owned(core: Core, store: SqlStore, admin: Principal) -> Belongings:
    return furnish(store.workspace(admin.workspace), store.ledger, admin.workspace)


@pytest.fixture
def ids(core: Core, admin: Principal, owned: Belongings) -> Ids:
    """The ids of one of everything, with a run that was cancelled."""
    runs = core.services.runs
    cancelled = runs.start(admin, evaluation_set=owned.set.id)
    runs.cancel(admin, cancelled.id)
    places = runs.executions(admin, PAGE, ExecutionFilter(kind=EXTRACTOR, run=owned.run.id)).rows
    execution, still_open = (
        runs.execution_id(place) for place in sorted(places, key=lambda place: place.position)
    )
    more = {"cancelled": cancelled.id, "execution": execution, "open": still_open, "of": owned}
    return {**owned.ids, **more}


def nothing() -> dict[str, PublicId]:
    free = no_ids()
    return {**free, "cancelled": free["run"], "execution": free["file"], "open": free["item"]}


def test_every_use_case_is_looked_at() -> None:
    offered = {
        f"{field.name}.{method}"
        for field in dataclasses.fields(Services)
        for method, function in inspect.getmembers(
            inspect.get_annotations(Services, eval_str=True)[field.name], inspect.isfunction
        )
        if not method.startswith("_") and "principal" in inspect.signature(function).parameters
    }

    assert offered == set(CASES)


# ── Roles ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", WRITING)
def test_nobody_below_its_role_may_do_it(
    name: str, core: Core, store: SqlStore, admin: Principal, ids: Ids
) -> None:
    below = [role for role in Role if _rank(role) < _rank(CASES[name].role)]
    before = everything(store.database)

    for role in below:
        with pytest.raises(Forbidden, match=f"role {role}; the request needs {CASES[name].role}"):
            tried(name, core, acting(admin, role), ids)

    assert everything(store.database) == before
    assert core.http.sent == []
    assert core.uploads == []


@pytest.mark.parametrize("name", CASES)
def test_its_role_is_enough(name: str, core: Core, admin: Principal, ids: Ids) -> None:
    who = acting(admin, CASES[name].role)
    if name == "files.fetch":
        # There is nothing at the address: that it was asked for is enough.
        with pytest.raises(EvaluandError, match="could not be fetched"):
            tried(name, core, who, ids)
    else:
        tried(name, core, who, ids)


@pytest.mark.parametrize("name", [name for name in CASES if name not in WRITING])
def test_reading_changes_nothing(
    name: str, core: Core, store: SqlStore, admin: Principal, ids: Ids
) -> None:
    before = everything(store.database)

    tried(name, core, acting(admin, Role.VIEWER), ids)

    assert everything(store.database) == before


@pytest.mark.parametrize("name", WRITING)
def test_who_may_not_write_is_told_before_what_exists(
    name: str, core: Core, admin: Principal, ids: Ids
) -> None:
    unknown = {**ids, **nothing()}

    with pytest.raises(Forbidden):
        tried(name, core, acting(admin, Role.VIEWER), unknown)


# ── Walls ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMING)
def test_anothers_thing_is_as_unknown_as_one_that_never_was(
    name: str, core: Core, store: SqlStore, stranger: Principal, ids: Ids
) -> None:
    before = everything(store.database)
    told = list(core.engine.submitted), list(core.engine.cancelled)

    with pytest.raises(NotFound) as anothers:
        tried(name, core, stranger, ids)
    with pytest.raises(NotFound) as nobodys:
        tried(name, core, stranger, nothing())

    assert anothers.value.message == nobodys.value.message
    assert anothers.value.field == nobodys.value.field
    assert everything(store.database) == before
    assert (core.engine.submitted, core.engine.cancelled) == told


@pytest.mark.parametrize("name", NAMING)
def test_an_id_that_cannot_be_read_is_unknown_too(
    name: str, core: Core, stranger: Principal
) -> None:
    unreadable: Ids = dict.fromkeys(nothing())
    if name == "targets.version":
        # There a missing reference means the newest version.
        unreadable = {**nothing(), "version": None}

    with pytest.raises(NotFound):
        tried(name, core, stranger, unreadable)


@pytest.mark.parametrize("name", LISTS)
def test_lists_show_nothing_of_anothers(
    name: str, core: Core, admin: Principal, stranger: Principal, ids: Ids
) -> None:
    assert list(tried(name, core, stranger, ids)) == []
    assert list(tried(name, core, admin, ids)) != []


def test_a_link_made_for_anothers_file_leads_nowhere(
    core: Core, stranger: Principal, owned: Belongings
) -> None:
    link = core.services.files.link(stranger, owned.file)

    with pytest.raises(NotFound):
        core.services.files.follow(link)


def test_anothers_version_is_unknown_under_ones_own_target(
    core: Core, store: SqlStore, stranger: Principal, owned: Belongings
) -> None:
    own = furnish(store.workspace(stranger.workspace), store.ledger, stranger.workspace)
    targets, runs = core.services.targets, core.services.runs

    with pytest.raises(NotFound):
        targets.version(stranger, own.target.summary.id, owned.version.id)
    with pytest.raises(NotFound):
        runs.start(
            stranger,
            evaluation_set=own.set.id,
            target=own.target.summary.id,
            other_target=True,
            version=owned.version.id,
        )
    with pytest.raises(NotFound):
        runs.start(
            stranger,
            evaluation_set=own.set.id,
            target=owned.target.summary.id,
            other_target=True,
        )
    with pytest.raises(NotFound):
        runs.start(stranger, evaluation_set=own.set.id, items=[owned.item.id])


def test_anothers_results_are_empty(core: Core, stranger: Principal, owned: Belongings) -> None:
    results = Results(core.services.runs)

    assert list(results.items(stranger, owned.run)) == []
    assert results.compare(stranger, owned.run, owned.run).paired == 0
    with pytest.raises(NotFound):
        results.item(stranger, owned.run, 0)


def test_a_suite_given_does_not_open_the_wall(core: Core, stranger: Principal, ids: Ids) -> None:
    with pytest.raises(NotFound):
        core.services.runs.start(stranger, evaluation_set=ids["set"], suite=Suite())


def _rank(role: Role) -> int:
    return [Role.VIEWER, Role.MEMBER, Role.ADMIN].index(role)
