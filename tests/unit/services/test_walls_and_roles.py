"""Every use case: what a role may do, and that another tenant's things are simply unknown."""

from __future__ import annotations

import dataclasses
import inspect

import pytest
from tests.unit.services.use_cases import CASES, EXTRACTOR, LISTS, NAMING, PAGE, WRITING, Ids, tried

from evaluand.domain.ids import PublicId
from evaluand.domain.model import Principal, Role, Suite
from evaluand.errors import EvaluandError, Forbidden, NotFound
from evaluand.ports import ExecutionFilter
from evaluand.services import Services
from evaluand.services.results import Results
from evaluand.store.sql import SqlStore
from evaluand.testing.belongings import Belongings, furnish, no_ids
from evaluand.testing.core import Core
from evaluand.testing.watching import everything


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
