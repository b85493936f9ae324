"""Whoever holds the data folder acts without a key, in the workspace that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluand.domain.model import Role
from evaluand.errors import InvalidRequest, NotFound
from evaluand.services.access import Access
from evaluand.store.sql import SqlStore
from evaluand.testing.builders import a_workspace
from evaluand.testing.clock import SettableClock
from evaluand.testing.stores import memory_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with memory_store(tmp_path) as opened:
        yield opened


def _place(
    store: SqlStore,
    workspace: str | None = None,
    organization: str | None = None,
    *,
    create: bool = False,
) -> int:
    access = Access(store.access, SettableClock())
    owner = access.owner("ada", workspace=workspace, organization=organization, create=create)
    assert owner.role is Role.ADMIN
    assert owner.author.name == "ada"
    return owner.workspace


def test_the_only_workspace_is_meant_when_none_is_named(store: SqlStore) -> None:
    only = a_workspace(store, "invoices")

    assert _place(store) == only
    assert _place(store, create=True) == only


def test_among_several_the_default_one_is_meant(store: SqlStore) -> None:
    a_workspace(store, "invoices")
    default = a_workspace(store, "default")

    assert _place(store) == default


def test_among_several_without_a_default_one_must_be_named(store: SqlStore) -> None:
    a_workspace(store, "invoices")
    other = a_workspace(store, "orders")

    with pytest.raises(InvalidRequest, match="Several workspaces fit: acme/invoices, acme/orders"):
        _place(store)
    assert _place(store, "orders") == other


def test_one_name_in_two_organizations_needs_the_organization(store: SqlStore) -> None:
    a_workspace(store, "invoices", "acme")
    other = a_workspace(store, "invoices", "globex")

    with pytest.raises(InvalidRequest, match="--organization"):
        _place(store, "invoices")
    assert _place(store, "invoices", "globex") == other


def test_what_is_missing_is_made_only_when_asked_for(store: SqlStore) -> None:
    with pytest.raises(NotFound, match=r"no workspace 'default'\. There is none yet"):
        _place(store)
    with pytest.raises(NotFound, match="no workspace 'orders'"):
        _place(store, "orders")

    made = _place(store, "orders", create=True)

    assert _place(store, "orders") == _place(store) == made


def test_a_name_that_does_not_exist_is_told_with_those_that_do(store: SqlStore) -> None:
    a_workspace(store, "invoices")

    with pytest.raises(NotFound, match="There are: acme/invoices"):
        _place(store, "invoces")
